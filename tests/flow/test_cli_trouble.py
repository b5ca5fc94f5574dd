"""Whatever goes wrong, operators read a sentence, and never a value that was being processed."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import cli
from bot.commands import maintenance, search
from config.load import load_settings
from digests.errors import InvalidInput
from digests.storage.engine.addresses import read_url
from tests.program import PROGRAM, RunCommand, program_environment

HUGE = str(2**63)


@pytest.mark.parametrize("command", ["stats", "doctor", "migrate", "ingest", "run"])
@pytest.mark.parametrize("folder", ["/proc/nowhere/data", "/dev/null/data", "a-file", "a-file/data", "x" * 300])
def test_a_data_folder_that_cannot_be_created(run: RunCommand, tmp_path: Path, command: str, folder: str) -> None:
    (tmp_path / "a-file").write_text("")
    ran = run(command, DIGESTBOT_DATA_DIR=folder, DIGESTBOT_TELEGRAM__TOKEN="1:abc")
    assert ran.status == 1
    assert "data_dir" in ran.err + ran.out


@pytest.mark.parametrize("command", ["stats", "doctor", "ingest", "search x", "reindex"])
@pytest.mark.parametrize("name", ["search.db", "digestbot.db", "search.db.new"])
def test_a_folder_where_a_database_should_be(run: RunCommand, tmp_path: Path, name: str, command: str) -> None:
    (tmp_path / "data" / name / "x").mkdir(parents=True)
    ran = run(*command.split())
    if name != "search.db.new" or command == "reindex":
        assert ran.status == 1
        assert "did not answer" in ran.err + ran.out or "can't be opened" in ran.err + ran.out
    assert "mistake of the program" not in ran.err


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter22@127.0.0.1:1/x?foo=hunter22",
        "postgresql://me:hunter22@127.0.0.1:1/x?connect_timeout=hunter22",
        "postgresql://me:hunter22@127.0.0.1:1/x?hunter22=1",
        "postgresql://me:hunter22@127.0.0.1:port/x",
        "postgresql://me:hunter22@127.0.0.1:99999999999999999999/x",
        "postgresql://me:hunter22@[::1/x",
        "postgresql://me:hunter%2@127.0.0.1/x#hunter22",
        "postgresql://me:hunter22%00@127.0.0.1/x",
        "postgresql://me:hunter22@127.0.0.1:1@hunter22/x",
        "postgresql://me:hunter22@" + "a" * 300 + "/x",
        "sqlite://me:hunter22@host/x.db",
        "sqlite:hunter22",
        "sqlite:////proc/nowhere/hunter2.db",
        "mysql://me:hunter22@127.0.0.1/x",
        "hunter22",
        "://hunter22@",
    ],
)
def test_a_database_url_that_cannot_be_used(run: RunCommand, url: str) -> None:
    ran = run("stats", DIGESTBOT_DATABASE__URL=url)
    assert ran.status in (1, 2)
    assert "hunter22" not in ran.err
    assert "mistake of the program" not in ran.err


@given(st.text(max_size=30).map("postgresql://127.0.0.1".__add__) | st.text(max_size=20))
def test_any_database_url_is_read_or_refused(url: str) -> None:
    # The settings do not let all of these pass; the database has to cope with each of them all the same.
    with contextlib.suppress(InvalidInput):
        assert read_url(url).drivername


def test_a_missing_driver_is_named(run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    ran = run("stats", DIGESTBOT_DATABASE__URL="postgresql://me:hunter22@127.0.0.1:1/x")
    assert ran.status == 1
    assert "install the extra `cluster`" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ["announcements", f"--{what}", number]
            for what in ("pause", "cancel", "csv", "recall")
            for number in (HUGE, f"-{HUGE}", "9" * 5000)
        ),
        ["announcements", "--edit", HUGE, "--text", "x"],
        ["preview", "--chat", HUGE],
        ["preview", "--chat", "-" + "9" * 100],
        ["announce", "--text", "x", "--yes", "--ids", HUGE],
        ["announce", "--text", "x", "--yes", "--ids", "9" * 5000],
        ["announce", "--text", "x", "--yes", "--active-days", "999999999999"],
        *(
            ["announce", "--text", "x", "--yes", option, moment]
            for option in ("--at", "--local-time")
            for moment in ("9999-12-31 23:59", "0001-01-01 00:00", "9999-12-31T23:59", "99999-01-01 00:00")
        ),
        ["announce", "--text", "x", "--yes", "--at", "0001-01-01T00:00+14:00"],
        ["announce", "--text", "x", "--yes", "--at", "9999-12-31T23:59-14:00"],
        ["announce", "--text", "x", "--yes", "--photo", "https://["],
        ["announce", "--text", "x", "--yes", "--button", "x=https://["],
        ["preview", "--categories", "x", "--at", "9999-12-31T23:59-14:00"],
        ["preview", "--categories", "x", "--at", "0001-01-01T00:00"],
        ["search", "x", "--limit", HUGE],
        ["--config", "~nobody-of-this-name/x.toml", "stats"],
        ["ingest", "~nobody-of-this-name/x"],
        ["chats", "import", "/"],
        ["chats", "export", "/proc/nowhere"],
    ],
)
def test_numbers_dates_and_names_out_of_bounds_are_refused(run: RunCommand, arguments: list[str]) -> None:
    ran = run(*arguments, DIGESTBOT_DIGEST__TIMEZONE="Pacific/Kiritimati")
    assert ran.status == 2, ran
    assert ran.err
    assert "mistake of the program" not in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "\udcff"],
        ["search", "cat:\udcff", "\udcff*"],
        ["parse", "\udcff.md"],
        ["ingest", "\udcff"],
        ["preview", "--categories", "\udcff"],
        ["announce", "--text", "\udcff x", "--yes"],
        ["announce", "--text", "x", "--text-in", "\udcff=x", "--yes"],
        ["announce", "--text", "x", "--text-in", "zh_CN=\udcffx", "--yes"],
        ["announce", "--text", "x", "--button", "\udcff=https://x.example", "--yes"],
        ["announce", "--text", "x", "--button", "x=https://x.example/\udcff", "--yes"],
        ["announce", "--text", "x", "--photo", "https://x.example/\udcff", "--yes"],
        ["announce", "--text", "x", "--at", "\udcff", "--yes"],
        ["announce", "--text", "x", "--categories", "\udcff", "--yes"],
        ["chats", "export", "\udcff.jsonl"],
        ["chats", "import", "\udcff"],
        ["\udcff"],
    ],
)  # fmt: skip
def test_arguments_that_are_not_valid_text(run: RunCommand, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.status in (0, 1, 2)
    assert "mistake of the program" not in ran.err
    assert "UnicodeEncodeError" not in ran.err


def test_an_unexpected_error_is_reported_without_its_value(run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OverflowError("too large: hunter22 123456789:AAH_secretsecretsecretsecret")

    monkeypatch.setattr(maintenance, "describe", broken)
    ran = run("config")
    assert ran.status == 1
    assert "OverflowError at bot/commands/maintenance.py:" in ran.err
    assert "hunter22" not in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "error",
    [
        RecursionError(),
        MemoryError(),
        UnicodeEncodeError("utf-8", "hunter22", 0, 1, "x"),
        OSError(28, "No space left on device", "/hunter22"),
    ],
)
def test_an_unexpected_error_of_any_class_is_reported_in_one_line(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(search, "open_stores", broken)
    ran = run("search", "x")
    assert ran.status == 1
    assert f"{type(error).__name__} at bot/commands/search.py:" in ran.err
    assert "hunter22" not in ran.err


def test_debug_shows_the_traceback_without_secrets(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OverflowError("near postgresql://me:hunter22@h/x 123456789:AAH_secretsecretsecretsecret")

    monkeypatch.setattr(maintenance, "describe", broken)
    monkeypatch.setattr(sys, "argv", ["digestbot", "--debug", "config"])
    with pytest.raises(SystemExit):
        cli.main()
    err = capfd.readouterr().err
    assert "Traceback" in err
    assert "near" in err
    assert "hunter22" not in err
    assert "AAH_secret" not in err


def test_an_interrupt_prints_no_traceback(run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(maintenance, "describe", interrupted)
    assert run("config").status == 1


@pytest.mark.parametrize(
    ("redirection", "status", "said"),
    [
        ("| true", 1, ""),
        ("| head -c1 >/dev/null", 1, ""),
        (">&-", 0, ""),
        ("2>&-", 0, ""),
        (">/dev/full", 1, "No space left on device"),
    ],
)
def test_a_broken_output_prints_no_traceback(tmp_path: Path, redirection: str, status: int, said: str) -> None:
    environment = program_environment(tmp_path)
    script = f"{PROGRAM} config --json {redirection}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    # A pipe may take all of the output before its reader leaves.
    assert done.returncode in ({0, status} if "|" in redirection else {status})
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert said in done.stderr
    assert done.stderr.count("\n") == bool(said)


def test_a_settings_file_that_is_nested_too_deeply(run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("x = " + "[" * 3000 + "]" * 3000)
    ran = run("--config", str(file), "stats")
    assert ran.status == 2
    assert "nested too deeply" in ran.err
    assert json.loads(run("config", "--json").out)["data_dir"] == str(load_settings().data_dir)


@pytest.mark.parametrize(
    "html",
    [
        "<p>x</p>",
        "x<br>",
        "<ul><li>x</li></ul>",
        "<b>x",
        "<b><i>x</b></i>",
        "<!-- x -->",
        "1 < 2",
        "<a href=http://x.example>x</a>",
        "&#xD800;",
        "<b> </b>",
    ],
)
def test_html_that_telegram_would_refuse_is_refused_before_anything_is_stored(run: RunCommand, html: str) -> None:
    for arguments in (
        ["--text", html],
        ["--text", "x", "--text-in", f"zh_CN={html}"],
        ["--text", html, "--photo", "https://x.example/a.jpg"],
    ):
        ran = run("announce", "--html", "--yes", *arguments)
        assert (ran.status, ran.out) == (2, "")
        assert "line 1, column " in ran.err or "1 to" in ran.err
    assert run("announcements").out == "There are no announcements yet.\n"
    assert run("announce", "--text", "<b>x</b> &amp; <tg-spoiler>y</tg-spoiler>", "--html", "--yes").status == 0
    ran = run("announcements", "--edit", "1", "--html", "--text", html)
    assert (ran.status, ran.out) == (2, "")
    assert json.loads(run("announcements", "--json").out)[0]["text"] == "<b>x</b> &amp; <tg-spoiler>y</tg-spoiler>"


@pytest.mark.parametrize("command", ["bot", "worker"])
def test_one_of_several_processes_is_refused_with_sqlite(run: RunCommand, command: str) -> None:
    ran = run(command, DIGESTBOT_TELEGRAM__TOKEN="123456:test-token")
    assert ran.status == 2
    assert "digestbot run" in ran.err
    assert "postgresql://" in ran.err


def test_a_worker_is_called_by_a_short_plain_name(run: RunCommand) -> None:
    for name in ("a b", "x" * 65, "a\nb", ""):
        assert run("worker", "--name", name).status == 2
