"""Chats move from one bot to another unchanged, and nobody who left is written to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa

from tests.factories.articles import post
from tests.program import Ran, RunCommand

LATER = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds").replace("+00:00", "Z")
EVERYBODY: tuple[dict[str, Any], ...] = (
    {"id": 1, "language": "en", "categories": ["Science"], "time": "07:30", "timezone": "Asia/Tokyo"},
    {"id": 2, "state": "stopped", "categories": ["Science"]},
    {"id": 3, "state": "unreachable", "reason": "blocked", "categories": ["Science"], "resume_at": LATER},
    {"id": 4, "state": "new"},
    {"id": 5, "state": "paused", "resume_at": LATER, "categories": ["Science"]},
    {"id": 6, "state": "paused", "reason": "for ever"},
    {
        "id": 7,
        "days": [1, 3, 7],
        "quiet": "22:00-07:00",
        "silent": True,
        "min_items": 4,
        "layout": "magazine",
        "title": "Robin\u2028B.",
    },
    {"id": -1000000000008, "kind": "channel", "title": "News", "categories": ["Networks", ["Networks", "TCP/IP"]]},
    {"id": -1000000000008, "thread": 9, "language": "zh_CN", "active_at": "2026-01-01T00:00:00Z"},
    {"id": -10},
)


@pytest.fixture
def bots(run: RunCommand, tmp_path: Path) -> Callable[..., Ran]:
    """Run commands of several bots, called like their data folders."""

    def call(bot: str, *arguments: str) -> Ran:
        return run(*arguments, DIGESTBOT_DATA_DIR=str(tmp_path / bot))

    return call


def import_lines(bots: Callable[..., Ran], bot: str, tmp_path: Path, *lines: dict[str, Any] | str) -> Ran:
    file = tmp_path / "in.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    file.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return bots(bot, "chats", "import", str(file))


def chats_of(bots: Callable[..., Ran], bot: str) -> list[dict[str, Any]]:
    ran = bots(bot, "chats", "export")
    assert ran.status == 0, ran
    return [json.loads(line) for line in ran.out.split("\n") if line]


def rows(tmp_path: Path, bot: str) -> list[tuple[Any, ...]]:
    engine = sa.create_engine(f"sqlite:///{tmp_path / bot / 'digestbot.db'}")
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT * FROM places ORDER BY id").all()
        wanted = connection.exec_driver_sql("SELECT place_id, category_id FROM subscriptions ORDER BY 1, 2").all()
    engine.dispose()
    return [tuple(row) for row in (*found, *wanted)]


def test_everything_about_a_chat_is_exported_and_imported(bots: Callable[..., Ran], tmp_path: Path) -> None:
    assert import_lines(bots, "one", tmp_path, *EVERYBODY).status == 0
    told = chats_of(bots, "one")
    plain = {"language": "en", "categories": [], "time": "08:00", "timezone": "UTC", "layout": "gallery"}
    for line, exported_line in zip(EVERYBODY, told, strict=True):
        assert exported_line == plain | line
    assert bots("one", "chats", "export", str(tmp_path / "out.jsonl")).status == 0
    assert bots("two", "chats", "import", str(tmp_path / "out.jsonl")).status == 0
    assert chats_of(bots, "two") == told
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600


def test_an_import_onto_the_same_bot_changes_nothing(bots: Callable[..., Ran], tmp_path: Path) -> None:
    import_lines(bots, "one", tmp_path, *EVERYBODY)
    told = chats_of(bots, "one")
    before = rows(tmp_path, "one")
    old = [
        {name: line[name] for name in ("id", "thread", "language", "categories", "time", "timezone") if name in line}
        for line in told
    ]
    for lines in (told, old, [{"id": line["id"], "thread": line.get("thread", 0)} for line in told]):
        assert import_lines(bots, "one", tmp_path, *lines).status == 0
        assert rows(tmp_path, "one") == before


def reached(bots: Callable[..., Ran], bot: str) -> int:
    said = bots(bot, "announce", "--text", "Hello", "--yes").out
    return int(said.partition(" chats")[0].rpartition(" ")[2])


def test_after_a_move_announcements_reach_nobody_who_had_left(bots: Callable[..., Ran], tmp_path: Path) -> None:
    import_lines(bots, "one", tmp_path, *EVERYBODY)
    import_lines(bots, "two", tmp_path, *chats_of(bots, "one"))
    assert reached(bots, "two") == reached(bots, "one") == 6


@pytest.mark.parametrize(
    ("there", "told", "then"),
    [
        ("stopped", None, "stopped"), ("stopped", "active", "stopped"), ("stopped", "paused", "stopped"),
        ("stopped", "new", "stopped"), ("active", "stopped", "stopped"), ("paused", "stopped", "stopped"),
        ("unreachable", "stopped", "stopped"), ("new", "stopped", "stopped"), ("unreachable", None, "unreachable"),
        ("unreachable", "active", "unreachable"), ("paused", None, "paused"), ("paused", "active", "paused"),
        ("active", "paused", "paused"), ("active", "unreachable", "active"), ("active", "new", "active"),
        ("active", None, "active"), ("new", "new", "new"), ("new", "active", "active"), ("new", "paused", "paused"),
        ("new", "unreachable", "unreachable"), ("new", None, "active"),
    ],
)  # fmt: skip
def test_of_two_states_the_quieter_one_wins(
    bots: Callable[..., Ran], tmp_path: Path, there: str, told: str | None, then: str
) -> None:
    import_lines(bots, "one", tmp_path, {"id": 5, "state": there, "time": "06:00", "title": "Robin"})
    state = {"state": told} if told else {}
    assert (
        import_lines(bots, "one", tmp_path, {"id": 5, "categories": ["Science"], "time": "09:00", **state}).status == 0
    )
    (after,) = chats_of(bots, "one")
    assert after.get("state", "active") == then
    left_alone = there == "stopped"
    assert (after["time"], after["categories"]) == (("06:00", []) if left_alone else ("09:00", ["Science"]))
    assert after["title"] == "Robin"
    (row, *_) = rows(tmp_path, "one")
    assert (row[10] is None) == (then != "active")


@pytest.mark.parametrize(
    ("written", "language"),
    [("zh", "zh_CN"), ("zh-hans", "zh_CN"), ("zh-CN", "zh_CN"), ("zh_TW", "zh_TW"), ("ZH", "zh_CN"), ("zh_cn", "zh_CN"),
     ("en", "en"), ("en-GB", "en"), ("en_US", "en"), ("EN", "en"), ("zh-Hant-TW", "zh_TW")],
)  # fmt: skip
def test_languages_are_read_as_people_write_them(
    bots: Callable[..., Ran], tmp_path: Path, written: str, language: str
) -> None:
    assert import_lines(bots, "one", tmp_path, {"id": 5, "language": written}).status == 0
    assert chats_of(bots, "one")[0]["language"] == language


def test_a_category_with_a_slash_in_its_name_is_kept(bots: Callable[..., Ran], run: RunCommand, tmp_path: Path) -> None:
    names = (
        ("TCP/IP",),
        ("Networks", "TCP/IP"),
        ("A > B",),
        ("a", "b"),
        ("x", "a", "b"),
        ("science",),
        ("Science",),
        ("/",),
        ("a/b",),
    )
    for number, names_of in enumerate(names):
        (tmp_path / "posts" / f"{number}.md").write_text(post(f"Title {number}", categories=names_of))
    assert bots("one", "ingest").status == 0
    lines = [{"id": 5, "categories": [list(path) for path in names]}]
    assert import_lines(bots, "one", tmp_path, *lines).status == 0
    told = chats_of(bots, "one")
    before = rows(tmp_path, "one")
    assert import_lines(bots, "one", tmp_path, *told).status == 0
    assert rows(tmp_path, "one") == before
    assert import_lines(bots, "two", tmp_path, *told).status == 0
    assert sorted(map(str, chats_of(bots, "two")[0]["categories"])) == sorted(map(str, told[0]["categories"]))
    # Spellings of one category are one.
    assert {tuple(name.split("/")) if isinstance(name, str) else tuple(name) for name in told[0]["categories"]} == {
        *names
    } - {("Science",)}


def test_categories_in_the_old_form_are_still_read(bots: Callable[..., Ran], tmp_path: Path) -> None:
    import_lines(bots, "one", tmp_path, {"id": 5, "categories": ["Science/Tidewater/Oceans"]})
    import_lines(
        bots,
        "one",
        tmp_path,
        {"id": 6, "categories": ["oceans", "tidewater/Oceans", "New/Thing", "新媒体/36kr - 资讯"]},
    )
    assert chats_of(bots, "one")[1]["categories"] == ["New/Thing", "Science/Tidewater/Oceans", "新媒体/36kr/资讯"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": 5, "x": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        ('{"id": ' + "9" * 5000 + "}", "too long"),
        ({"id": 2**63}, "id"),
        ({"id": -(2**63)}, "id"),
        ({"id": 2**52}, "id"),
        ({"id": 5, "thread": 2**63}, "thread"),
        ({"id": 5, "thread": -1}, "thread"),
        ({"id": True}, "id"),
        ({"id": 1.0}, "id"),
        ({"id": None}, "id"),
        ({}, "id"),
        ('{"id": 5, "categories": ["\\ud800"]}', "categories"),
        ('{"id": 5, "title": "\\udfff"}', "title"),
        ('{"id": 5, "time": "\\ud800"}', "time"),
        ('{"id": 5, "timezone": "\\ud800"}', "timezone"),
        ('{"id": 5, "\\ud800": 1}', "unknown"),
        ('{"id": 5, "reason": "\\u0000"}', "reason"),
        ({"id": 5, "categories": ["////"]}, "names nothing"),
        ({"id": 5, "categories": ["/"]}, "names nothing"),
        ({"id": 5, "categories": [" "]}, "categories"),
        ({"id": 5, "categories": [[]]}, "categories"),
        ({"id": 5, "categories": [[""]]}, "categories"),
        ({"id": 5, "categories": [["a", 1]]}, "categories"),
        ({"id": 5, "categories": [[["a"]]]}, "categories"),
        ({"id": 5, "categories": ["a\x1fb"]}, "categories"),
        ({"id": 5, "categories": "a"}, "categories"),
        ({"id": 5, "language": "klingon"}, "language"),
        ({"id": 5, "language": ""}, "language"),
        ({"id": 5, "language": 1}, "language"),
        ({"id": 5, "state": "gone"}, "state"),
        ({"id": 5, "state": None}, "state"),
        ({"id": 5, "kind": "bot"}, "kind"),
        ({"id": 5, "days": []}, "days"),
        ({"id": 5, "days": [0]}, "days"),
        ({"id": 5, "days": [8]}, "days"),
        ({"id": 5, "days": [True]}, "days"),
        ({"id": 5, "days": "someday"}, "days"),
        ({"id": 5, "quiet": "22:00"}, "quiet"),
        ({"id": 5, "quiet": None}, "quiet"),
        ({"id": 5, "resume_at": "9999-12-31T23:59:59-14:00"}, "resume_at"),
        ({"id": 5, "resume_at": "soon"}, "resume_at"),
        ({"id": 5, "resume_at": "2026-06-07T18:00"}, "resume_at"),
        ({"id": 5, "resume_at": None}, "resume_at"),
        ({"id": 5, "active_at": "0001-01-01T00:00+14:00"}, "active_at"),
        ({"id": 5, "silent": 1}, "silent"),
        ({"id": 5, "min_items": 0}, "min_items"),
        ({"id": 5, "min_items": 51}, "min_items"),
        ({"id": 5, "min_items": 2**63}, "min_items"),
        ({"id": 5, "layout": "newspaper"}, "layout"),
        ({"id": 5, "layout": None}, "layout"),
        ({"id": -5, "layout": "magazine"}, "layout"),
        ({"id": -1000000000005, "kind": "channel", "layout": "magazine"}, "private chats"),
        ({"id": 5, "time": "1,2,3,4,5,6,7"}, "time"),
        ({"id": 5, "timezone": "../../etc/passwd"}, "timezone"),
        ("[]", "object"),
        ("5", "object"),
        ("NaN", "object"),
        ("{}}", "not JSON"),
        ("\x00", "not JSON"),
        ({"id": 1}, "same chat as line 1"),
        ('{"id": 5, "id": 6}', "twice"),
        ('{"id": 5, "categories": ["a"], "categories": []}', "twice"),
        ('{"id": 5, "state": "stopped", "\\u0073tate": "active"}', "twice"),
        ({"id": 777000}, "Telegram"),
        ({"id": 1087968824, "categories": ["a"]}, "GroupAnonymousBot"),
        ({"id": 136817688, "state": "stopped"}, "Channel_Bot"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_imported(
    bots: Callable[..., Ran], tmp_path: Path, line: dict[str, Any] | str, said: str
) -> None:
    ran = import_lines(bots, "one", tmp_path, {"id": 1}, line)
    assert ran.status == 2
    assert "in.jsonl, line 2:" in ran.err
    assert said in ran.err
    assert len(ran.err) < 1000
    assert chats_of(bots, "one") == []


def test_lines_end_only_at_line_feeds(bots: Callable[..., Ran], tmp_path: Path) -> None:
    odd = "a\u2028b\u2029c\u0085d"
    file = tmp_path / "in.jsonl"
    text = json.dumps({"id": 5, "title": odd, "categories": ["x"]}, ensure_ascii=False)
    file.write_bytes(b"\xef\xbb\xbf" + f'{text}\r\n\r\n{{"id": 6}}\r\n'.encode())
    assert bots("one", "chats", "import", str(file)).status == 0
    assert [line.get("title") for line in chats_of(bots, "one")] == [odd, None]


def test_overlong_texts_are_cut(bots: Callable[..., Ran], tmp_path: Path) -> None:
    assert import_lines(bots, "one", tmp_path, {"id": 5, "title": "t" * 5_000_000, "reason": "r" * 100_000}).status == 0
    (line,) = chats_of(bots, "one")
    assert (line["title"], line["reason"]) == ("t" * 1000, "r" * 1000)


@pytest.mark.parametrize("name", ["pipe", "link", "/dev/zero", "/dev/null", "/dev/full", "."])
def test_a_list_that_is_not_a_file_is_refused(bots: Callable[..., Ran], tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    ran = bots("one", "chats", "import", str(tmp_path / name))
    assert ran.status == 2
    assert "is not a file" in ran.err


def test_five_thousand_new_categories_are_imported_in_seconds(bots: Callable[..., Ran], tmp_path: Path) -> None:
    lines = [{"id": number, "categories": [f"A{number % 50}/B{number % 500}/C{number}"]} for number in range(1, 5001)]
    bots("one", "stats")
    for _ in range(2):
        started = monotonic()
        assert import_lines(bots, "one", tmp_path, *lines).status == 0
        assert monotonic() - started < 3
    assert [line["categories"] for line in chats_of(bots, "one")] == [line["categories"] for line in lines]
