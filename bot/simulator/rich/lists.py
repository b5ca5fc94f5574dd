"""The labels of a rich message's lists."""

from __future__ import annotations

from bot.simulator.rich.tree import Element
from bot.simulator.text.attributes import MarkupError
from bot.simulator.text.formatted import Json

_LABEL_TYPES = ("a", "A", "i", "I", "1")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


def item_fields(parent: Element, item: Element, number: int) -> Json:
    """Return the fields of a RichBlockListItem but its blocks; `number` counts the list's items from 0."""
    shown: Json = {"label": "•"}
    boxes = [child for child in item.elements() if child.tag == "input"]
    if boxes:
        if len(boxes) > 1 or boxes[0].attributes.get("type") != "checkbox" or boxes[0] is not item.elements()[0]:
            raise MarkupError('Tag "input" must be the checkbox with which an item begins')
        shown["has_checkbox"] = True
        if "checked" in boxes[0].attributes:
            shown["is_checked"] = True
    if parent.tag == "ol":
        kind = item.attributes.get("type") or parent.attributes.get("type") or "1"
        if kind not in _LABEL_TYPES:
            raise MarkupError(f'Invalid type "{kind}" in the tag "ol"')
        value = _value(parent, item, number)
        shown |= {"value": value, "type": kind, "label": f"{format_label(value, kind)}."}
    return shown


def format_label(value: int, kind: str) -> str:
    """Return a number as an ordered list shows it: in digits, letters or Roman numerals."""
    match kind:
        case "a" | "A" if value > 0:
            letters = ""
            while value > 0:
                value, rest = divmod(value - 1, 26)
                letters = chr(ord("a") + rest) + letters
        case "i" | "I" if 0 < value < 4000:
            letters = ""
            for worth, numeral in _ROMAN:
                count, value = divmod(value, worth)
                letters += numeral * count
        case _:
            return str(value)
    return letters.upper() if kind.isupper() else letters


def _value(parent: Element, item: Element, number: int) -> int:
    step = -1 if "reversed" in parent.attributes else 1
    default = str(len(parent.elements()) if step < 0 else 1)
    given = item.attributes.get("value")
    if given is None:
        given = parent.attributes.get("start", default)
    else:
        number = 0
    if not given.removeprefix("-").isdecimal() or len(given) > 9:
        raise MarkupError(f'Invalid number "{given}" in the tag "{item.tag}"')
    return int(given) + step * number
