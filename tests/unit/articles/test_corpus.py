"""The 40 real posts: every field as judged by hand, and a single identity for each article."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pytest

from digests.articles.reading import read_post
from digests.model.article import ParsedPost
from tests.unit.articles.shared import need, rows, unpack

pytestmark = pytest.mark.shared

FAMILIES = 5
ARTICLES = 33


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = unpack("corpus", tmp_path_factory.mktemp("corpus"))
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def parsed(posts: dict[str, bytes]) -> dict[str, ParsedPost]:
    read = {path: read_post(data, path) for path, data in posts.items()}
    return {path: post for path, post in read.items() if isinstance(post, ParsedPost)}


@pytest.fixture(scope="module")
def expected() -> list[dict[str, Any]]:
    return rows(need("corpus") / "expected.jsonl")


@pytest.fixture(scope="module")
def also_ok() -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows(need("corpus") / "expected_alternatives.jsonl"):
        found[row["path"], row["field"]] += row["also_ok"]
    return found


def shown(post: ParsedPost, field: str) -> Any:
    date = post.published_at
    values: dict[str, Any] = {
        "title": post.title or None,
        "categories": list(post.categories),
        "author": post.author,
        "date": date.strftime("%Y-%m-%dT%H:%M:%SZ") if date else None,
        "thumbnail": post.thumbnail,
        "summary": post.summary or None,
        "original_link": post.original_url,
    }
    return values[field]


def test_every_post_can_be_read(posts: dict[str, bytes], parsed: dict[str, ParsedPost]) -> None:
    assert parsed.keys() == posts.keys()


@pytest.mark.parametrize("field", ["title", "categories", "author", "date", "thumbnail", "original_link"])
def test_fields(
    field: str, expected: list[dict[str, Any]], parsed: dict[str, ParsedPost], also_ok: dict[tuple[str, str], list[Any]]
) -> None:
    wrong = [
        (row["path"], got)
        for row in expected
        if (got := shown(parsed[row["path"]], field)) not in [row[field], *also_ok[row["path"], field]]
    ]
    assert not wrong


def test_summaries(
    expected: list[dict[str, Any]], parsed: dict[str, ParsedPost], also_ok: dict[tuple[str, str], list[Any]]
) -> None:
    """A summary is right if it begins the expected one or begins with it."""
    wrong = []
    for row in expected:
        got = parsed[row["path"]].summary
        allowed = [" ".join((line or "").split()) for line in (row["summary"], *also_ok[row["path"], "summary"])]
        if not any((line.startswith(got) or got.startswith(line)) if got and line else got == line for line in allowed):
            wrong.append((row["path"], got))
    assert not wrong


def test_the_same_article_in_several_files_is_one(parsed: dict[str, ParsedPost]) -> None:
    families: dict[str, list[str]] = defaultdict(list)
    for path, post in parsed.items():
        families[post.identity].append(path)
    assert len(families) == ARTICLES
    assert sum(len(paths) > 1 for paths in families.values()) == FAMILIES
    for paths in families.values():
        assert len({parsed[path].title for path in paths}) == 1


def test_a_later_crawl_changes_nothing_that_is_shown(parsed: dict[str, ParsedPost]) -> None:
    later = [path for path in parsed if path.startswith("_recrawl/")]
    assert len(later) == 2
    for path in later:
        before = parsed[path.removeprefix("_recrawl/")]
        assert parsed[path].content_hash == before.content_hash


def rewrite(text: str, number: int) -> str:
    """Return the post as a later crawl in another layout would write it: date, thumbnail, quotes, list marks."""
    front, _, body = text.partition("\n---\n\n")
    lines = []
    for line in front.split("\n"):
        if line.startswith("date:"):
            line = "date: 2022-05-06 07:08:09"
        elif line.startswith(("thumbnail:", "headimg:")):
            line = f"{line.partition(':')[0]}: 'https://picsum.photos/400/300?random={number}'"
        elif match := re.fullmatch(r"title: '(.*)'", line):
            quote = '"' * 9 if number % 2 else ""
            safe = not re.match(r"[\"'#.@&*!|>%`\[\]{}-]|.*: | #", match[1])
            line = f"title: {quote}'{match[1]}'{quote}" if quote else f"title: {match[1] if safe else repr(match[1])}"
        elif re.match(r" {4}- ", line):
            line = " " + line.strip()
        lines.append(line)
    return "\n".join(lines) + "\n---\n\n" + body


def test_a_rewritten_corpus_holds_nothing_new(posts: dict[str, bytes], parsed: dict[str, ParsedPost]) -> None:
    new = []
    for number, (path, data) in enumerate(posts.items()):
        text = rewrite(data.decode(), number)
        assert text.encode() != data
        again = read_post(text.encode(), f"moved/{number}.md")
        assert isinstance(again, ParsedPost), (path, again)
        if again.identity != parsed[path].identity:
            new.append((path, again.title, parsed[path].title))
    assert not new


def test_layouts_with_two_and_three_levels_are_one(posts: dict[str, bytes], parsed: dict[str, ParsedPost]) -> None:
    for path, data in posts.items():
        text = data.decode()
        match = re.search(r"^( +- .*\n)( +- )(.+?) - (.+)$", text, re.MULTILINE)
        if match is None:
            continue
        deeper = text.replace(match[0], f"{match[1]}{match[2]}{match[3]}\n{match[2]}{match[4]}", 1)
        deeper = deeper.replace(f"author: {match[3]} - {match[4]}", f"author: {match[3]}", 1)
        again = read_post(deeper.encode(), path)
        assert isinstance(again, ParsedPost)
        assert len(again.categories) == 3
        assert again.identity == parsed[path].identity, path


def test_an_edited_text_is_the_same_article(posts: dict[str, bytes], parsed: dict[str, ParsedPost]) -> None:
    """Only where the title is distinctive; a title like `2019` identifies an article only with its text."""
    weak = {"2019", "12_00", "1.0.0", "..", "#", "", "3月21日新闻联播要闻精选"}
    for path, data in posts.items():
        edited = read_post(data.replace(b"</div>\n            ", "<p>更正：此处有误。</p></div>\n".encode()), path)
        assert isinstance(edited, ParsedPost)
        assert (edited.identity == parsed[path].identity) == (parsed[path].title not in weak), path
        assert edited.content_hash != parsed[path].content_hash
