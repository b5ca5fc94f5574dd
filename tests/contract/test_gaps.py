"""What posts lack, as operators are told."""

from __future__ import annotations

from digests.doctor.posts import commonest_causes, count_by_origin
from digests.model.article import Unreadable
from digests.model.gaps import Gap, GapKind
from digests.storage.articles.gaps import GapStore
from digests.storage.articles.write import IngestStore
from digests.storage.database import Database
from tests.factories.articles import parsed_post, read_post
from tests.factories.times import NOW

NO_SITE, UNDATED = Gap(GapKind.LINK, "no site"), Gap(GapKind.DATE, "unreadable", "Invalid Date")
NO_PICTURE, OF_ANOTHER_VERSION = Gap(GapKind.PICTURE, "none"), Gap(GapKind.LINK, "a word of another version")


async def filled(database: Database) -> GapStore:
    batch = [
        read_post("a.md", parsed_post("A", gaps=(NO_SITE, UNDATED))),
        read_post("b.md", parsed_post("B", gaps=(NO_SITE,))),
        read_post("c.md", parsed_post("C", gaps=(NO_SITE,))),
        read_post("d.md", parsed_post("D", gaps=(NO_SITE,), unlisted_because="hidden: true")),
        read_post("e.md", Unreadable("it is broken", "mend it", 3)),
        read_post("f.md", parsed_post("F")),
    ]
    store = IngestStore(database)
    await store.write("folder", batch, NOW)
    pictures = [read_post(f"{number}.md", parsed_post(f"P{number}", gaps=(NO_PICTURE,))) for number in range(9)]
    await store.write("more", [*pictures, read_post("x.md", parsed_post("X", gaps=(OF_ANOTHER_VERSION,)))], NOW)
    return GapStore(database)


async def test_posts_are_counted_by_origin_and_by_what_they_lack(database: Database) -> None:
    gaps = await filled(database)
    first, second = count_by_origin(await gaps.flawed_groups(), await gaps.counts())
    assert str(first) == "6 posts: 3 without a link, 1 without a date, 1 not for readers, 1 put aside"
    assert str(second) == "10 posts: 1 without a link, 9 without a picture"


async def test_the_commonest_causes_come_with_an_example_and_the_fix(database: Database) -> None:
    gaps = await filled(database)
    causes = commonest_causes(await gaps.flawed_groups())
    assert [(cause.what, cause.example.path) for cause in causes] == [
        ("3 posts without a link", "a.md"),
        ("1 post without a date", "a.md"),
        ("1 post without a link", "x.md"),
    ]
    assert "site_config" in causes[0].fix
    assert "Invalid Date" in causes[1].sentence
    assert [cause.may_be_right for cause in causes] == [False, False, False]


async def test_each_flawed_post_can_be_listed(database: Database) -> None:
    found = await (await filled(database)).flawed_posts()
    assert [(post.origin, post.path) for post in found[:4]] == [("folder", f"{name}.md") for name in "abcd"]
    assert found[0].gaps == (NO_SITE, UNDATED)
    assert found[3].unlisted_because == "hidden: true"
