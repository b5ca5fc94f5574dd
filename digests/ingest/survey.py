"""Surveying a site whose links depend on all its posts: what each takes, and whose link differs now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digests.articles.hexo.neighbours import Footprint, Neighbours
from digests.articles.reading import footprint_in
from digests.ingest.files import bytes_of, in_batches
from digests.ingest.parsing import ReadingOptions
from digests.model.article import Unreadable
from digests.offload import in_own_thread
from digests.ports import File, Origin
from digests.storage.articles.write import IngestStore

_SURVEYED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Survey:
    """What each post of a site takes of it, and with that which links are contested."""

    footprints: Mapping[str, Footprint] = field(default_factory=dict)
    neighbours: Neighbours | None = None


async def survey_site(
    origin: Origin, store: IngestStore, files: Sequence[File], waiting: Sequence[File], reading: ReadingOptions
) -> tuple[Survey, frozenset[str]]:
    """Return the footprints of all posts, and the unchanged ones whose link may differ now that others have changed."""
    before = await store.footprints(origin.name)
    fresh: dict[str, Footprint] = {}
    for some in in_batches(waiting, _SURVEYED_AT_ONCE):
        fresh |= await in_own_thread(_footprints, origin, some, reading)
    after = {file.path: fresh.get(file.path) or before.get(file.path, Footprint()) for file in files}
    neighbours = Neighbours(after.values())
    survey = Survey(after, neighbours)
    if after == before:
        return survey, frozenset()
    old = Neighbours(before.values())
    return survey, frozenset(
        path for path, footprint in after.items() if path not in fresh and _differs(footprint, old, neighbours)
    )


def _differs(footprint: Footprint, before: Neighbours, after: Neighbours) -> bool:
    if footprint.number is not None and before.is_contested(footprint.number) != after.is_contested(footprint.number):
        return True
    return any(before.is_shared(path) != after.is_shared(path) for path in footprint.categories)


def _footprints(origin: Origin, files: Sequence[File], reading: ReadingOptions) -> dict[str, Footprint]:
    site = reading.post.site
    assert site is not None
    found: dict[str, Footprint] = {}
    for file in files:
        data = bytes_of(origin, file, reading.max_bytes)
        found[file.path] = Footprint() if isinstance(data, Unreadable) else footprint_in(data, file.path, site)
    return found
