"""What Python's search for garbage may leave out."""

from __future__ import annotations

import gc


def keep_what_is_there() -> None:
    """The program itself, some 200,000 objects, is not searched again and again from here on."""
    gc.collect()
    gc.freeze()
