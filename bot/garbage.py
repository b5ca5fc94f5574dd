"""What Python's search for garbage may leave out."""

from __future__ import annotations

import gc

# Objects that come before the young ones are searched. With Python's 700 a planning of 100,000 digests spends a
# tenth of its time on that, and next to nothing is found.
_YOUNG = 5000


def keep_what_is_there() -> None:
    """The program itself, some 200,000 objects, is not searched again and again from here on, and the rest less."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
