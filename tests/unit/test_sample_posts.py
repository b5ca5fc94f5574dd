"""The demo's sample posts: enough of them, with every quirk of real posts, and dates that stay fresh."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.demo.posts import POSTS, later_days, lay_out

PICTURES = POSTS.parent / "pictures"
NOW = datetime(2027, 3, 9, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    path: str
    text: str
    front: str
    body: str

    def value(self, key: str) -> str:
        found = re.search(rf"^{key}: ?(.*)$", self.front, re.MULTILINE)
        return found[1] if found else ""

    @property
    def title(self) -> str:
        return self.value("title")

    @property
    def thumbnail(self) -> str:
        return self.value("thumbnail").strip("'")

    @property
    def categories(self) -> tuple[str, ...]:
        block = self.front.partition("categories: \n")[2]
        items = [line.strip()[1:] for line in block.splitlines() if line.startswith(" ")]
        return tuple(item.strip(" -—") if item.strip().startswith(("-", "—")) else item.strip() for item in items)

    @property
    def plain(self) -> str:
        return re.sub(r"<[^>]*>", "", self.body).strip()

    @property
    def broken(self) -> bool:
        try:
            yaml.safe_load(self.front)
        except yaml.YAMLError:
            return True
        return False

    @property
    def layout(self) -> str:
        if self.path.startswith("post/"):
            if self.path.count("/") == 2:
                return "A"
            return "B" if self.title.startswith('""') else "C"
        return "E" if "\nheadimg: " in self.front else "D"


def sample(file: Path) -> Sample:
    text = file.read_bytes().decode()
    start = "\n---\n"
    assert text.startswith(start), file
    front, _, body = text.removeprefix(start).partition("\n---\n")
    return Sample(str(file.relative_to(POSTS)).removeprefix("_recrawl/"), text, front + "\n", body)


@cache
def samples() -> tuple[Sample, ...]:
    return tuple(sample(file) for file in sorted(POSTS.rglob("*")) if file.is_file())


def yaml_title(post: Sample) -> object:
    return None if post.broken else yaml.safe_load(post.front)["title"]


def in_layout(letter: str) -> Callable[[Sample], object]:
    return lambda post: post.layout == letter


QUIRKS: dict[str, Callable[[Sample], object]] = {
    **{f"layout {letter}": in_layout(letter) for letter in "ABCDE"},
    "a letter replaced by _": lambda post: "_" in post.title,
    "a title that YAML takes for a number": lambda post: isinstance(yaml_title(post), int),
    "a title that YAML takes for nothing": lambda post: not post.broken and yaml_title(post) is None,
    "a title cut short by YAML's comment mark": lambda post: re.match(r"\w.* #", post.title) and not post.broken,
    "author with ' - '": lambda post: " - " in post.value("author"),
    "2 levels": lambda post: len(post.categories) == 2,
    "3 levels": lambda post: len(post.categories) == 3 and all(post.categories),
    "empty third category": lambda post: len(post.categories) == 3 and not post.categories[2],
    "third category with a dash": lambda post: re.search(r"^ - — \S", post.front, re.MULTILINE),
    "third category a nested list": lambda post: re.search(r"^ -  - \S", post.front, re.MULTILINE),
    "body of hash tags only": lambda post: re.search(r"<div>\s*(#\w+ ?)+\s*</div>", post.body),
    "body repeats the title": lambda post: post.plain and post.plain == post.title.strip("'\""),
    "body of a picture only": lambda post: not post.plain and "<img" in post.body,
    "body of nothing": lambda post: not post.plain and "<img" not in post.body,
    "braces in the body": lambda post: "&#123;" in post.body,
    "braces in a title": lambda post: "&#123;" in post.title,
    "code": lambda post: "<pre" in post.body,
    "Invalid Date": lambda post: post.value("date") == "Invalid Date",
    "date of RFC 822": lambda post: re.match(r"\w{3}, \d\d \w{3} 2026 [\d:]{8} GMT$", post.value("date")),
    "date of the crawl": lambda post: re.match(r"2026-\d\d-\d\d [\d:]{8}$", post.value("date")),
    "date of 1970": lambda post: " 1970 " in post.value("date"),
    "emoji": lambda post: re.search("[\U0001f300-\U0001faff]", post.title),
    "invalid YAML: many quote marks": lambda post: post.broken and re.match("\"{7,}'", post.title),
    "invalid YAML: both kinds of quote marks": lambda post: post.broken and re.match('".*\'.*".*"$', post.title),
    "invalid YAML: a quoted phrase that goes on": lambda post: post.broken and re.match(r"'[^']+'\S* \w", post.title),
    "invalid YAML: @": lambda post: post.broken and post.title.startswith("@"),
    "invalid YAML: `": lambda post: post.broken and post.title.startswith("`"),
    "invalid YAML: %": lambda post: post.broken and post.title.startswith("%"),
    "invalid YAML: - ": lambda post: post.broken and post.title.startswith("- "),
    "invalid YAML: &": lambda post: post.broken and post.title.startswith("&#123;"),
    "iframe": lambda post: "<iframe" in post.body,
    "video": lambda post: "<video" in post.body,
    "table": lambda post: "<table" in post.body,
    "line breaks without tags": lambda post: "<" not in post.body.strip().removeprefix("<div>").removesuffix("</div>"),
    "long title": lambda post: len(post.title) > 60,
    "very short title": lambda post: len(post.title.strip("'")) == 1,
    "malformed attribute": lambda post: re.search(r'="[^"<>]*"[\w ]+"', post.body),
    "no picture": lambda post: "<img" not in post.body,
    "link to the original": lambda post: re.search("原文链接|阅读原文|来自", post.body),
    "via that is no original": lambda post: re.search(r"via <a [^>]*/@", post.body),
    "original title line": lambda post: 'class="otitle"' in post.body,
    "quote marks of the title's own": lambda post: not post.broken and re.match(r"""'?".+"'?$""", post.title),
    "thumbnail empty": lambda post: post.value("thumbnail") in ("", "''"),
    "thumbnail a site's default": lambda post: "nopicture" in post.thumbnail,
    "thumbnail of two addresses": lambda post: post.thumbnail.count("://") == 2,
    "thumbnail plain http": lambda post: post.thumbnail.startswith("http://"),
    "thumbnail random": lambda post: "picsum.photos" in post.thumbnail,
    "thumbnail relative, picture loaded late": lambda post: post.thumbnail.startswith("/i") and "srcset=" in post.body,
    "picture loaded late": lambda post: "data-src=" in post.body,
    "thumbnail data:": lambda post: post.thumbnail.startswith("data:"),
    "thumbnail //": lambda post: post.thumbnail.startswith("//"),
    "thumbnail undefined": lambda post: post.thumbnail.endswith("/undefined"),
    "title cut by the feed": lambda post: post.title.endswith("..."),
    "title empty": lambda post: not post.title.strip(),
    "title of dots": lambda post: post.title == "'..'",
    "title over several lines": lambda post: "\n        " in post.front,
    "site's name after the title": lambda post: re.search(" – .+'$", post.title),
    "js-excerpt": lambda post: 'class="js-excerpt"' in post.body,
    "no-break spaces": lambda post: "\u00a0" in post.body,
    "paywall notice": lambda post: 'class="paywall"' in post.body,
    "summary line": lambda post: '<p class="text-description">' in post.body,
    "title 2019": lambda post: post.title == "'2019'",
    "title 12_00": lambda post: post.title == "12_00",
    "file called .md": lambda post: post.path.endswith("/.md"),
    "file called ' .md'": lambda post: post.path.endswith("/ .md"),
    "dots gone from the file name": lambda post: post.title == "1.0.0" and post.path.endswith("/100.md"),
    "script in the body": lambda post: "<script>" in post.body,
    "English": lambda post: re.match(r"[ -~]+$", post.title) and post.plain.isascii(),
    "Japanese": lambda post: re.search("[ぁ-ん]", post.title),
    "traditional Chinese": lambda post: re.search("[這燈霧單]", post.title),
}


@pytest.mark.parametrize("quirk", QUIRKS)
def test_every_quirk_of_the_catalogue_occurs(quirk: str) -> None:
    assert any(QUIRKS[quirk](post) for post in samples())


def test_there_are_enough_posts_in_enough_categories() -> None:
    assert len(samples()) >= 64
    assert len({post.categories[0] for post in samples()}) >= 12
    assert len({post.categories for post in samples()}) >= 30
    assert max(len(post.text.encode()) for post in samples()) < 60_000


def test_most_posts_are_presentable() -> None:
    good = [
        post
        for post in samples()
        if not post.broken and "pictures.example" in post.thumbnail and len(post.plain) > 80 and post.layout in "CDE"
    ]
    assert len(good) * 3 >= len(samples())
    assert sum("text-description" in post.body for post in samples()) >= 25


def test_there_are_enough_posts_in_chinese_and_in_english() -> None:
    chinese = sum(bool(re.search("[一-鿿]", post.title)) for post in samples())
    assert 0.45 <= chinese / len(samples()) <= 0.65
    assert sum(post.title.isascii() and bool(re.search("[a-z]{3}", post.title)) for post in samples()) >= 35


@pytest.mark.parametrize("post", samples(), ids=lambda post: post.path)
def test_each_post_is_written_as_the_crawler_writes(post: Sample) -> None:
    assert post.text.endswith("  \n</div>\n            ")
    assert "\n---\n\n<div>   \n" in post.text
    assert "\ncategories: \n" in post.text
    assert "\ncomments: false\n" in post.text
    assert "{" not in post.text
    assert "}" not in post.text
    if post.layout == "E":
        assert post.value("headimg") == post.value("thumbnail")
    if post.layout in "ABC":
        assert post.value("author") == post.categories[1]
    assert f"/{post.categories[0]}/" in f"/{post.path}"


def test_an_article_comes_in_several_files_and_layouts() -> None:
    layouts: defaultdict[str, set[str]] = defaultdict(set)
    for post in samples():
        layouts[post.title.strip("'\"")].add(post.layout)
    assert {"B", "C", "E"} in layouts.values()
    assert {"A", "B"} in layouts.values()


def test_a_recrawled_file_differs_in_its_time_and_random_picture_only() -> None:
    recrawled = list((POSTS / "_recrawl").rglob("*.md"))
    assert recrawled
    for file in recrawled:
        before = (POSTS / file.relative_to(POSTS / "_recrawl")).read_text()
        after = file.read_text()
        assert before != after
        changing = re.compile(r"^(date|thumbnail|headimg): .*$", re.MULTILINE)
        assert changing.sub("", before) == changing.sub("", after)


def test_every_picture_is_there_and_small() -> None:
    named = {name for post in samples() for name in re.findall(r"pictures\.example/([\w-]+\.jpg)", post.text)}
    there = {file.name: file.stat().st_size for file in PICTURES.iterdir()}
    assert named <= set(there)
    assert len(there) >= 14
    assert max(there.values()) <= 40_000


def moments(folder: Path) -> list[datetime]:
    found = []
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        written = re.search(r"^date: (.*)$", file.read_bytes().decode(), re.MULTILINE)
        assert written
        if re.match(r"\d{4}-", written[1]):
            found.append(datetime.strptime(written[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
        elif written[1] != "Invalid Date":
            found.append(parsedate_to_datetime(written[1]))
            assert found[-1].strftime("%a, %d %b %Y %H:%M:%S GMT") == written[1], "the weekday fits"
    return found


@pytest.mark.parametrize("hour", [0, 1, 2, 10, 23])
def test_dates_are_moved_to_yesterday_and_this_morning(tmp_path: Path, hour: int) -> None:
    now = NOW.replace(hour=hour)
    lay_out(tmp_path, now)
    recent = [moment for moment in moments(tmp_path) if moment > now - timedelta(days=30)]
    assert now - timedelta(days=1) < max(recent) <= now
    assert min(recent) > now - timedelta(days=5.5)
    days = {moment.date() for moment in recent}
    assert len(days) == 5
    assert {moment.year for moment in moments(tmp_path)} >= {1970, 2019, 2027}


def test_later_posts_come_later(tmp_path: Path) -> None:
    days = later_days()
    names = [name for day in days for name in day]
    assert [len(day) for day in days] == [12, 8, 6]
    assert len(names) == len(set(names))
    assert all((POSTS / name).is_file() for name in names)
    first = lay_out(tmp_path / "first", NOW, part="first")
    later = lay_out(tmp_path / "later", NOW, part="later")
    every = lay_out(tmp_path / "all", NOW)
    assert [str(name).startswith("_recrawl/") for name in names].count(True) == 1
    assert first + later - 1 == every == len(samples()) - 1
    assert len([file for file in (tmp_path / "first").rglob("*") if file.is_file()]) == first
    assert not (tmp_path / "all" / "_recrawl").exists()


@pytest.mark.parametrize("day", [0, 1, 2])
def test_each_later_day_has_news_of_the_night_before(tmp_path: Path, day: int) -> None:
    now = NOW.replace(hour=0, minute=0, second=1)
    assert lay_out(tmp_path, now, part="later", day=day) == len(later_days()[day])
    recent = [moment for moment in moments(tmp_path) if moment > now - timedelta(days=1)]
    assert len(recent) >= 6
    assert max(recent) <= now
    tops = {path.relative_to(tmp_path).parts[2] for path in tmp_path.rglob("*.md")}
    assert {"Science", "Space", "科技", "城市", "编程"} <= tops


def test_there_are_no_posts_after_the_last_day(tmp_path: Path) -> None:
    assert lay_out(tmp_path, NOW, part="later", day=3) == 0
    assert list(tmp_path.iterdir()) == []


def test_only_dates_and_pictures_change(tmp_path: Path) -> None:
    lay_out(tmp_path, NOW, "http://127.0.0.1:8081/pictures/")
    changed = 0
    for post in samples():
        copy = (tmp_path / post.path).read_bytes().decode()
        assert len(copy.splitlines()) == len(post.text.splitlines())
        changed += "http://127.0.0.1:8081/pictures/" in copy
        assert "https://pictures.example" not in copy
    assert changed > 40
    lay_out(tmp_path / "plain", NOW)
    assert "https://pictures.example/chip.jpg" in "".join(
        file.read_text() for file in (tmp_path / "plain" / "source/_posts/科技").rglob("*.md")
    )


def test_laying_out_twice_changes_nothing(tmp_path: Path) -> None:
    assert lay_out(tmp_path, NOW) == lay_out(tmp_path, NOW + timedelta(minutes=5))
