"""Mosaics as JSON: in the parts of renderings, and beside what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from digests.model.mosaic import COVER_LANGUAGE, CoverText, Mosaic


def mosaic_row(mosaic: Mosaic) -> dict[str, Any]:
    """Return a mosaic as JSON."""
    row: dict[str, Any] = {"key": mosaic.key, "recipe": mosaic.recipe}
    if (cover := mosaic.cover) is not None:
        row["cover"] = [cover.title, cover.day, *cover.headlines]
        row["language"] = cover.language
    return row


def mosaic_of(row: Mapping[str, Any]) -> Mosaic:
    """Return the mosaic of a `mosaic_row`."""
    title, day, *headlines = row.get("cover") or ("", "")
    cover = CoverText(title, day, tuple(headlines), row.get("language", COVER_LANGUAGE))
    return Mosaic(row["key"], row["recipe"], cover if "cover" in row else None)
