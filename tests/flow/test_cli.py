"""The program's commands, as an operator or a script calls them."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import sqlalchemy as sa

from digests.storage.migrate import migrate
from tests.factories.articles import post
from tests.program import PROGRAM, Ran, RunCommand, program_environment

ROOT = Path(__file__).resolve().parents[2]


class CliProgram:
    """The program's commands on one folder of posts.

    Calls run in this process: starting a process takes a second of CPU, and there are a hundred calls.
    """

    def __init__(self, folder: Path, run: RunCommand) -> None:
        self.posts = folder / "posts"
        self._environment = program_environment(folder, posts__max_age_days=0)
        self._run = run

    def __call__(self, *arguments: str, **environment: str) -> Ran:
        return self._run(*arguments, **environment)

    def json(self, *arguments: str) -> object:
        """Run a command in this process, and return the JSON that it prints."""
        ran = self(*arguments)
        assert ran.status == 0, ran
        return json.loads(ran.out)

    def start(self, *arguments: str, **environment: str) -> Ran:
        """Run a command in a process of its own, as a shell does."""
        done = subprocess.run(
            [PROGRAM, *arguments], env=self._environment | environment, capture_output=True, text=True, timeout=60
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: RunCommand) -> CliProgram:
    monkeypatch.setenv("DIGESTBOT_POSTS__MAX_AGE_DAYS", "0")
    return CliProgram(tmp_path, run)


def test_every_command_has_help_and_is_in_the_documentation(program: CliProgram) -> None:
    documented = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    listed = program.start("--help").out.partition("Commands:")[2]
    names = re.findall(r"^  (\w+)", listed, re.MULTILINE)
    assert len(names) >= 13
    for name in names:
        assert program(name, "--help").status == 0
        assert f"digestbot {name}" in documented, f"docs/commands.md does not name {name}"


def test_the_version_needs_no_settings(program: CliProgram, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ran = program.start("--version", "run", DIGESTBOT_CONFIG=str(tmp_path / "none.toml"))
    assert (ran.status, ran.out, ran.err) == (0, f"digestbot {project['version']}\n", "")


def test_the_version_loads_neither_settings_nor_telegram() -> None:
    script = (
        "import sys; sys.argv = ['digestbot', '--version']; from bot import cli\n"
        "try: cli.main()\n"
        "finally: print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    version, loaded = done.stdout.splitlines()
    assert version.startswith("digestbot ")
    assert not {"pydantic", "sqlalchemy", "telegram", "aiohttp"} & set(loaded.split())


def test_ingest_search_and_preview(program: CliProgram) -> None:
    (program.posts / "moon.md").write_text(post("The far side of the moon", categories=("Science", "Tidewater")))
    (program.posts / "again.md").write_text(post("The far side of the moon", categories=("Science", "Tidewater")))
    (program.posts / "broken.md").write_text("no front matter")
    counted = json.loads(program.start("ingest", "--json").out)
    assert {name: counted[name] for name in ("seen", "new", "changed", "duplicates", "quarantined")} == {
        "seen": 3,
        "new": 1,
        "changed": 0,
        "duplicates": 1,
        "quarantined": 1,
    }
    assert set(counted) == {"seen", "new", "changed", "duplicates", "quarantined", "unlisted", "seconds"}
    found = program.json("search", "moon", "--json")
    assert isinstance(found, list)
    assert [set(article) for article in found] == [{"title", "url", "published_at", "categories"}]
    assert found[0]["categories"] == ["Science", "Tidewater"]
    assert "The far side of the moon" in program("search", "moon", "--limit", "1").out
    assert "Did you mean: moon" in program("search", "moen").out
    checks = {check["what"]: check for check in program.json("doctor", "--json")}  # type: ignore[attr-defined]
    assert checks["last look at the posts"]["level"] == "ok"
    assert checks["last look at the posts"]["text"].endswith("UTC: 3 files, 1 new")
    assert "Your digest" in program("preview", "--categories", "Science").out
    shown = program.json("preview", "--categories", "science/tidewater", "--format", "json", "--at", "08:00")
    assert isinstance(shown, dict)
    assert shown["groups"][0]["items"][0]["title"] == "The far side of the moon"
    assert "<b>" in program("preview", "--categories", "Science", "--format", "html").out


def test_parse_prints_one_object_per_post(program: CliProgram) -> None:
    good, bad = program.posts / "good.md", program.posts / "bad.md"
    good.write_text(post("A title", thumbnail="https://p.example/1.jpg"))
    bad.write_text("nothing")
    ran = program("parse", str(good), str(bad))
    assert ran.status == 1
    first, second = map(json.loads, ran.out.splitlines())
    assert list(first) == [
        "path", "title", "categories", "author", "source", "published_at", "thumbnail", "summary", "url",
        "original_url", "branches", "tags", "listed", "unlisted_because", "problems",
    ]  # fmt: skip
    assert list(second) == list(first)
    assert first["branches"] == [first["categories"]]
    assert (first["listed"], first["unlisted_because"], second["listed"]) == (True, "", False)
    assert first["path"] == str(good)
    assert (first["title"], first["published_at"]) == ("A title", "2026-06-06T04:00:00Z")
    assert (second["title"], bool(second["problems"])) == (None, True)
    assert "Mend:" in ran.err
    assert len(program("parse", str(program.posts)).out.splitlines()) == 2
    assert program("parse", str(program.posts / "none.md")).status == 1


SITE = """title: The Harbour
url: https://harbour.example
permalink: :title/
skip_render: ["*.js"]
"""


@pytest.fixture
def site(program: CliProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the posts of a Hexo site as people keep it, from which the program reads."""
    posts = tmp_path / "site" / "source" / "_posts"
    posts.mkdir(parents=True)
    (tmp_path / "site" / "_config.yml").write_text(SITE)
    (tmp_path / "site" / "README.md").write_text("# How this site is built\n\nBy one command.")
    monkeypatch.setenv("DIGESTBOT_POSTS__FOLDER", str(tmp_path / "site"))
    monkeypatch.setenv("DIGESTBOT_POSTS__SITE_CONFIG", str(tmp_path / "site" / "_config.yml"))
    return posts


def test_a_site_is_read_as_its_readers_would(program: CliProgram, site: Path) -> None:
    head = "date: 2026-06-05 04:00:00"
    (site / "gulls.md").write_text(f"---\ntitle: Gulls return\n{head}\ntags: [birds]\n---\nThe gulls are *back* again.")
    (site / "locks.md").write_text(f"---\ntitle: New locks\n{head}\ncategories: [Work]\nhidden: true\n---\nSecret.")
    (site / "nets.md").write_text("---\ntitle: Nets\ncategories: [C/C++]\n---\nWe mend the nets.")
    rows = {
        row["path"].rpartition("/")[2]: row for row in map(json.loads, program("parse", str(site)).out.splitlines())
    }
    gulls = rows["gulls.md"]
    assert (gulls["categories"], gulls["tags"], gulls["source"]) == (["birds"], ["birds"], "The Harbour")
    assert (gulls["url"], gulls["summary"]) == ("https://harbour.example/gulls/", "The gulls are back again.")
    assert (rows["locks.md"]["listed"], rows["locks.md"]["unlisted_because"]) == (False, "hidden: true")
    counted = program.json("ingest", "--json")
    assert isinstance(counted, dict)
    assert (counted["new"], counted["unlisted"]) == (2, 1)
    left_out = site / "_old.md"
    left_out.write_text(f"---\ntitle: Old locks\n{head}\n---\nThe old locks are gone.")
    for site_config in (str(site.parents[1] / "_config.yml"), ""):
        alone = program("parse", str(left_out), DIGESTBOT_POSTS__SITE_CONFIG=site_config)
        assert json.loads(alone.out)["listed"] is False
    left_out.unlink()
    assert json.loads(program("parse", str(site / "gulls.md")).out)["url"] == gulls["url"]
    assert "Gulls return" in program("preview", "--categories", "Birds").out
    assert "Gulls return" in program("search", "tag:birds").out
    assert "Nets" in program("search", "cat:C/C++").out
    assert "Nothing found" in program("search", "locks").out
    doctor = program("doctor").out
    assert "3 posts" in doctor
    assert "1 without a date" in doctor
    assert "1 not for readers" in doctor
    lines = program("doctor", "--posts").out.splitlines()
    assert any("locks.md: not for readers (hidden: true)" in line for line in lines)
    assert any("nets.md: no date" in line and "Fix: " in line for line in lines)
    flawed = program.json("doctor", "--posts", "--json")
    assert isinstance(flawed, list)
    assert {"origin", "path", "listed", "unlisted_because", "gaps"} == set(flawed[0])


def test_exported_chats_can_be_imported_again(program: CliProgram, tmp_path: Path) -> None:
    lines = [
        {"id": 5, "language": "zh_CN", "categories": ["Science"], "time": "7:30", "timezone": "Asia/Shanghai"},
        {"id": -1001234567890, "categories": ["Science/Tidewater", "Books"]},
    ]
    file = tmp_path / "chats.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    assert program("chats", "import", str(file)).status == 0
    exported = [json.loads(line) for line in program("chats", "export").out.splitlines()]
    assert exported[0] == lines[0] | {"time": "07:30", "layout": "gallery"}
    assert exported[1]["categories"] == ["Books", "Science/Tidewater"]
    copy = tmp_path / "copy.jsonl"
    assert program("chats", "export", str(copy)).status == 0
    assert len(copy.read_text().splitlines()) == 2


def test_an_exported_chat_comes_back_as_it_was(program: CliProgram, tmp_path: Path) -> None:
    line = {
        "id": 5,
        "title": "Robin",
        "state": "paused",
        "resume_at": "2030-06-07T18:00:00Z",
        "language": "zh_CN",
        "categories": ["Science"],
        "time": "07:30",
        "timezone": "Asia/Shanghai",
        "days": [1, 2],
        "quiet": "22:00-07:00",
        "silent": True,
        "min_items": 3,
        "layout": "headlines",
        "max_items": 20,
        "order": "most_told",
        "says_empty": False,
        "language_chosen": True,
        "zone_known": False,
        "topic_of": "Science",
        "wishes": [
            {"kind": "watch", "words": "moon", "at_once": True},
            {"kind": "mute", "source": "Tidewater", "until": "2030-06-07T18:00:00Z"},
            {"kind": "less", "category": "Books"},
            {"kind": "cap", "category": ["Science", "Tidewater"], "most": 3},
        ],
        "active_at": "2026-06-07T18:00:00Z",
    }
    file = tmp_path / "chats.jsonl"
    file.write_text(json.dumps(line))
    assert program("chats", "import", str(file)).status == 0
    (exported,) = [json.loads(exported) for exported in program("chats", "export").out.splitlines()]
    for wish in exported["wishes"]:
        if wish["kind"] == "cap":
            wish["category"] = ["Science", "Tidewater"]
    assert {name: exported.get(name) for name in line} == line
    before = program("chats", "export").out
    assert program("chats", "import", str(file)).status == 0
    assert program("chats", "export").out == before


def test_who_was_on_a_break_when_they_blocked_the_bot_is_so_again(program: CliProgram, tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    line = {"id": 5, "state": "unreachable", "lost_from": "paused", "resume_at": "2030-06-07T18:00:00Z"}
    file.write_text(json.dumps(line))
    for _ in range(2):
        assert program("chats", "import", str(file)).status == 0
        (exported,) = [json.loads(exported) for exported in program("chats", "export").out.splitlines()]
        assert {name: exported.get(name) for name in line} == line
    file.write_text(json.dumps(line | {"lost_from": "nowhere"}))
    assert "lost_from" in program("chats", "import", str(file)).err


def test_a_wish_that_none_is_names_its_line(program: CliProgram, tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    wishes = (
        {"kind": "wish", "words": "moon"},
        {"kind": "watch"},
        {"kind": "watch", "words": "moon", "source": "Tidewater"},
        {"kind": "watch", "words": "-moon"},
        {"kind": "cap", "category": "Science"},
        {"kind": "cap", "category": "Science", "most": 0},
        {"kind": "mute", "source": "", "until": "soon"},
        {"kind": "mute", "words": "moon", "until": "2030-06-07T18:00:00"},
        "moon",
    )
    file.write_text("\n".join(json.dumps({"id": number, "wishes": [wish]}) for number, wish in enumerate(wishes, 1)))
    ran = program("chats", "import", str(file))
    assert ran.status == 2
    assert all(f"line {number}: wishes" in ran.err for number in range(1, len(wishes) + 1)), ran.err


def test_every_wrong_line_of_a_list_of_chats_is_named_and_nothing_imported(program: CliProgram, tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    file.write_text(
        '{"id": 1}\nnot json\n{"id": "2"}\n{"id": 3, "time": "25:00"}\n{"id": 4, "timezone": "Mars"}\n'
        '{"id": 5, "language": "xx"}\n{"id": 6, "categories": "Science"}\n{"id": 7, "colour": 1}\n[]\n{"id": 0}\n'
    )
    ran = program("chats", "import", str(file))
    assert ran.status == 2
    assert [number for number in range(1, 11) if f"line {number}:" in ran.err] == list(range(2, 11))
    assert program("chats", "export").out == ""
    assert program("chats", "import", str(tmp_path / "none")).status == 2


def test_an_announcement_waits_for_the_bot(program: CliProgram) -> None:
    ran = program("announce", "--text", "Hello", "--yes")
    assert ran.status == 0
    assert "The bot is not running" in ran.out
    assert program("announce", "--text", "Hello").status == 2
    assert program("announce", "--text", "  ", "--yes").status == 2
    assert program("announce", "--text", "x" * 4097, "--yes").status == 2
    unknown = program("announce", "--text", "Hello", "--categories", "Nowhere", "--yes")
    assert (unknown.status, "There is no category" in unknown.err) == (2, True)


def test_an_announcement_with_every_option(program: CliProgram, tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    chats = [{"id": 5, "categories": ["Science"]}, {"id": 6, "categories": ["Science"], "language": "zh_CN"}]
    file.write_text("\n".join(map(json.dumps, chats)))
    assert program("chats", "import", str(file)).status == 0
    assert program("announcements").out == "There are no announcements yet.\n"
    ran = program(
        "announce", "--text", "<b>Hello</b>", "--html", "--text-in", "zh_CN=你好", "--local-time", "2999-06-07 08:00",
        "--button", "More=https://example.com", "--silent", "--pin", "--in-quiet-hours", "--free", "--yes",
    )  # fmt: skip
    assert "2 chats" in ran.out
    assert "1 chats" in program("announce", "--text", "x", "--language", "zh_CN", "--yes").out
    assert "1 chats" in program("announce", "--text", "x", "--ids", "5,777", "--yes").out
    assert (
        "0 chats"
        in program("announce", "--text", "x", "--only", "chats", "--photo", "https://x.example/a", "--yes").out
    )
    assert program("announcements", "--cancel", "4").status == 0
    listed = program.json("announcements", "--json")
    assert isinstance(listed, list)
    assert [(announcement["id"], announcement["state"]) for announcement in listed[1:]] == [
        (3, "sending"),
        (2, "sending"),
        (1, "scheduled"),
    ]
    assert listed[3]["send_at"] == "2999-06-07T08:00:00Z"
    assert program("announcements", "--pause", "2").status == 0
    assert program("announcements", "--resume", "2").status == 0
    assert program("announcements", "--cancel", "1").status == 0
    assert "1 cancelled" in program("announcements").out
    assert program("announcements", "--csv", "1").out.startswith("chat,topic,kind,language,outcome")
    for arguments in (
        ["--recall", "1"],
        ["--edit", "99", "--text", "x"],
        ["--csv", "99"],
        ["--pause", "1"],
        ["--resume", "3"],
        ["--resend", "3"],
        ["--pause", "99"],
    ):
        ran = program("announcements", *arguments)
        assert (ran.status, bool(ran.err)) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [["--pause", "1", "--cancel", "1"], ["--edit", "1"], ["--text", "x"], ["--edit", "1", "--text", " "],
     ["--edit", "1", "--text", "x", "--language", "zh_CN"]],
)  # fmt: skip
def test_wrong_options_of_announcements_are_refused(program: CliProgram, arguments: list[str]) -> None:
    assert program("announce", "--text", "Hello", "--yes").status == 0
    ran = program("announcements", *arguments)
    assert (ran.status, ran.out, bool(ran.err)) == (2, "", True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--photo", "plan.png"], "--photo plan.png"),
        (["--paid"], "set telegram.paid_announcements first"),
        (["--button", "x=ftp://x.example"], "--button ftp://x.example"),
        (["--text-in", "xx=Hi"], "--text-in xx=Hi"),
        (["--language", "xx"], "--language xx"),
        (["--ids", "5,x"], "“x” is not a Telegram id"),
        (["--at", "soon"], "--at soon is not a time"),
        (["--at", "2020-01-01T10:00Z"], "is past"),
        (["--at", "2020-01-01 10:00"], "is past"),
        (["--at", "10:00", "--local-time", "10:00"], "either --at or --local-time"),
        (["--local-time", "2020-01-01 10:00"], "--local-time 2020-01-01 10:00 is past"),
    ],
)
def test_wrong_options_of_announce_are_refused(program: CliProgram, arguments: list[str], said: str) -> None:
    ran = program("announce", "--text", "x", "--yes", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert program("announcements").out == "There are no announcements yet.\n"


def test_doctor_stats_migrate_and_config(program: CliProgram) -> None:
    (program.posts / "broken.md").write_text("nothing")
    program("ingest")
    doctor = program("doctor")
    assert doctor.status == 0
    assert "broken.md:1" in doctor.out
    assert "Mend:" in doctor.out
    assert program("doctor", "--running").status == 1
    findings = program.json("doctor", "--json")
    assert isinstance(findings, list)
    assert {"level", "what", "text"} == set(findings[0])
    assert program.json("stats", "--json")["articles"]["put aside"] == 1  # type: ignore[index]
    assert "up to date" in program("migrate").out
    shown = program("config", DIGESTBOT_TELEGRAM__TOKEN="123:very-secret").out
    assert "********" in shown
    assert "very-secret" not in shown
    assert program("reindex").out.startswith("0 articles")


@pytest.mark.parametrize(
    ("arguments", "environment", "status", "said"),
    [
        (["run"], {}, 2, "@BotFather"),
        (["run"], {"DIGESTBOT_DIGEST__TIME": "noon"}, 2, "a time of day"),
        (["ingest"], {"DIGESTBOT_POSTS__FOLDER": "/nowhere"}, 1, "create it, or set posts.folder"),
        (["ingest"], {"DIGESTBOT_POSTS__SITE_CONFIG": "/nowhere.yml"}, 1, "set posts.site_config"),
        (["preview"], {}, 2, "either --chat ID or --categories"),
        (["preview", "--chat", "5"], {}, 1, "There is no chat 5"),
        (["preview", "--categories", "x", "--at", "soon"], {}, 2, "--at soon"),
        (["search"], {}, 2, "Missing argument"),
        (["nonsense"], {}, 2, "No such command"),
        (["stats"], {"DIGESTBOT_DATABASE__URL": "postgresql://me@127.0.0.1:1/x"}, 1, "did not answer"),
        (["stats"], {"DIGESTBOT_DATA_DIR": "/proc/nowhere"}, 1, "data_dir"),
    ],
)
def test_wrong_use_ends_with_a_sentence_and_an_exit_status(
    program: CliProgram, arguments: list[str], environment: dict[str, str], status: int, said: str
) -> None:
    ran = program(*arguments, **environment)
    assert said in ran.err
    assert ran.status == status


def test_a_port_in_use_is_named(program: CliProgram) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = program.start("demo", "--port", str(port), "--seconds", "1")
    assert ran.status == 1
    assert f"Port {port} on 127.0.0.1 can't be listened on" in ran.err
    assert "--port" in ran.err


def test_a_database_from_the_future_is_refused(program: CliProgram, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'data' / 'digestbot.db'}"
    migrate(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    ran = program("stats")
    assert ran.status == 1
    assert "newer version of the bot" in ran.err
    assert program("doctor").status == 1


def test_a_broken_site_config_names_its_line(program: CliProgram, tmp_path: Path) -> None:
    config = tmp_path / "_config.yml"
    config.write_text("url: https://x.example\npermalink: [\n")
    ran = program("ingest", DIGESTBOT_POSTS__SITE_CONFIG=str(config))
    assert ran.status == 1
    assert "line" in ran.err


def test_unreadable_posts_are_put_aside_and_the_others_ingested(program: CliProgram) -> None:
    (program.posts / "good.md").write_text(post("A title"))
    (program.posts / "latin.md").write_bytes(post("Caf\xe9").encode("latin-1"))
    (program.posts / "binary.md").write_bytes(bytes(range(256)) * 20)
    with (program.posts / "huge.md").open("wb") as huge:
        huge.truncate(50_000_000)
    counted = program.json("ingest", "--json")
    assert isinstance(counted, dict)
    assert (counted["new"], counted["quarantined"]) == (1, 3)
    out = program("doctor").out
    assert "posts.max_file_mb" in out
    assert "UTF-8" in out
    (program.posts / "latin.md").write_text(post("Café"))
    mended = program.json("ingest", "--json")
    assert isinstance(mended, dict)
    assert mended["new"] == 1


def test_the_command_counts_articles_by_their_pictures(program: CliProgram) -> None:
    (program.posts / "a.md").write_text(post("A", thumbnail="https://p.example/1.jpg"))
    (program.posts / "b.md").write_text(post("B"))
    assert program("ingest").status == 0
    shown = program.json("pictures", "--json")
    assert isinstance(shown, dict)
    assert list(shown) == ["pictures", "articles", "states", "hosts", "reasons", "folder"]
    assert (shown["pictures"], shown["articles"]) == ("mosaic", 2)
    assert shown["states"] == {
        "kept": 0,
        "waiting": 1,
        "none": 1,
        "dropped": 0,
        "failed": 0,
        "evicted": 0,
        "old": 0,
    }
    assert shown["hosts"] == [{"host": "p.example", "kept": 0, "waiting": 1, "without": 0}]
    assert shown["folder"]["limit_mb"] == 500
    out = program("pictures").out
    assert "still waiting for theirs" in out
    assert "p.example" in out
    off = program("pictures", DIGESTBOT_MEDIA__PICTURES="none")
    assert "No pictures are fetched" in off.out
