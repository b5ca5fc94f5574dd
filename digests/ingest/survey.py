"""Surveying a site whose links depend on all its posts: what each claims, and whose link differs now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digests.articles.hexo.neighbours import Claim, Neighbours
from digests.articles.reading import claim
from digests.ingest.files import bytes_of, in_batches
from digests.ingest.parsing import ReadingOptions
from digests.model.article import Unreadable
from digests.offload import in_own_thread
from digests.ports import File, Origin
from digests.storage.articles.write import IngestStore

_SURVEYED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Survey:
    """What each post of a site claims of it, and with that which links are contested."""

    claims: Mapping[str, Claim] = field(default_factory=dict)
    neighbours: Neighbours | None = None


async def survey_site(
    origin: Origin, store: IngestStore, files: Sequence[File], waiting: Sequence[File], reading: ReadingOptions
) -> tuple[Survey, frozenset[str]]:
    """Return the claims of all posts, and the unchanged ones whose link may differ now that others have changed."""
    before = await store.claims(origin.name)
    fresh: dict[str, Claim] = {}
    for some in in_batches(waiting, _SURVEYED_AT_ONCE):
        fresh |= await in_own_thread(_claims, origin, some, reading)
    after = {file.path: fresh.get(file.path) or before.get(file.path, Claim()) for file in files}
    neighbours = Neighbours(after.values())
    survey = Survey(after, neighbours)
    if after == before:
        return survey, frozenset()
    old = Neighbours(before.values())
    return survey, frozenset(
        path for path, claimed in after.items() if path not in fresh and _differs(claimed, old, neighbours)
    )


def _differs(claimed: Claim, before: Neighbours, after: Neighbours) -> bool:
    if claimed.number is not None and before.is_contested(claimed.number) != after.is_contested(claimed.number):
        return True
    return any(before.is_shared(path) != after.is_shared(path) for path in claimed.categories)


def _claims(origin: Origin, files: Sequence[File], reading: ReadingOptions) -> dict[str, Claim]:
    site = reading.post.site
    assert site is not None
    found: dict[str, Claim] = {}
    for file in files:
        data = bytes_of(origin, file, reading.max_bytes)
        found[file.path] = Claim() if isinstance(data, Unreadable) else claim(data, file.path, site)
    return found
