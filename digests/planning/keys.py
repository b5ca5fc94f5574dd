"""The keys of renderings, by which equal messages are stored once."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence

from digests.model.delivery import Part, Rendering
from digests.model.ids import ArticleId
from digests.storage.deliveries.plan import StoredRendering
from digests.storage.deliveries.rows import HASH_LENGTH, part_digest


def with_key(made: Rendering, fallback: Rendering | None = None) -> StoredRendering:
    """Return a rendering with its key and, where it has one, with its fallback, which gets a key too."""
    spare = None if fallback is None else with_key(fallback).text
    digests = [part_digest(part) for part in made.parts]
    # Messages that are equal now may differ when an article is withdrawn, or where the layout can't be shown.
    key = _key(made.parts, digests, made.rest, f"{made.layout} {spare.key if spare else ''}")
    spare_key = spare.key if spare else ""
    rendering = Rendering(key, made.parts, made.items, made.rest, made.layout, spare_key, made.watched, made.unnamed)
    return StoredRendering(key, tuple([digest[:HASH_LENGTH] for digest in digests]), rendering, spare)


def rendering_key(parts: Sequence[Part], rest: Sequence[ArticleId]) -> str:
    """Return a key that is equal for equal messages with equal articles behind their button."""
    return _key(parts, [part_digest(part) for part in parts], rest)


def _key(parts: Sequence[Part], digests: Sequence[str], rest: Sequence[ArticleId], form: str = "") -> str:
    said = form + "".join([f"{digest} {part.stories} " for digest, part in zip(digests, parts, strict=True)])
    return hashlib.sha256(said.encode() + array("q", rest).tobytes()).hexdigest()
