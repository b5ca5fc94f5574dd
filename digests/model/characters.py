"""Characters that nobody sees, by what they do: ranges for the character classes of regular expressions (pure)."""

from __future__ import annotations

CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
"""All but the tab and the line feed, which texts of several lines need."""
DIRECTION_MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Turn the direction of what follows: a title must not rearrange its neighbours."""
BYTE_ORDER_MARK = "\ufeff"
JOINERS = "\u200c\u200d"
"""Persian and emoji need them."""
NO_TEXT = "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
"""Marks of annotations, non-characters, surrogates."""
INVISIBLE = (
    f"\t\n{CONTROLS}\u00ad\u180e\u200b\u2028\u2029{DIRECTION_MARKS}\u2060-\u2065\u206a-\u206f{BYTE_ORDER_MARK}{NO_TEXT}"
)
"""Everything that has no place on a line of text: soft hyphens, zero-width spaces and separators too."""
