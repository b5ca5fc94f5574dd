"""A link as a picture that telephones read (pure)."""

from __future__ import annotations

from io import BytesIO

import segno

_MODULE = 14
"""Pixels of a module: a link of the bot's makes a picture of some 500."""
_QUIET_ZONE = 4
"""Modules around it (ISO/IEC 18004): in white, or readers of a dark app could not scan it."""


def qr_png(text: str) -> bytes:
    """Return the QR code of a short text as a PNG file, black on white."""
    written = BytesIO()
    segno.make_qr(text, error="m").save(
        written, kind="png", scale=_MODULE, border=_QUIET_ZONE, dark="black", light="white"
    )
    return written.getvalue()
