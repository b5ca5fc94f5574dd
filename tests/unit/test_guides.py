"""docs/getting-started.md and its Chinese page: what they say that you see, and what they have you write."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digests.articles.reading import read_post
from digests.model.article import ParsedPost
from digests.model.gaps import GapKind

ROOT = Path(__file__).resolve().parents[2]
GUIDES = [ROOT / "docs" / "getting-started.md", ROOT / "docs" / "getting-started.zh-CN.md"]
each_guide = pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
MESSAGES = {
    # As the guides show it: where it comes from, and how it is written there.
    "Python 3.11 or newer is needed": ("Makefile", "Python 3.11 or newer is needed"),
    "Port 8787 on 127.0.0.1 can't be listened on": ("bot/commands/demo.py", "on 127.0.0.1 can't be listened on"),
    "telegram.token … is needed": ("bot/commands/run.py", "is needed: the token"),
    "Telegram does not know this token (401)": ("bot/process/app.py", "Telegram does not know this token (401)"),
    "no such option; did you mean …?": ("config/mistakes.py", "; did you mean"),
    "Another bot is running on data": ("bot/runtime/lock.py", "Another bot is running on"),
    "Nobody is admin yet. Whoever opens this link first becomes the owner:": (
        "bot/commands/run.py",
        "Nobody is admin yet. Whoever opens this link first becomes the owner:",
    ),
    "The bot is ready. Chat with it in your browser:": (
        "bot/commands/demo.py",
        "The bot is ready. Chat with it in your browser:",
    ),
}


@each_guide
def test_what_a_guide_says_that_you_see_is_what_the_program_says(page: Path) -> None:
    text = page.read_text("utf-8")
    for shown, (file, words) in MESSAGES.items():
        assert shown in text
        assert words in (ROOT / file).read_text("utf-8")
    table = text.partition("| --- | --- |")[2].partition("\n\n")[0]
    quoted = {code for row in table.splitlines() for code in re.findall(r"^\| `([^`]+)`", row)}
    assert quoted <= MESSAGES.keys()


@each_guide
def test_the_post_of_a_guide_lacks_nothing_but_a_picture(page: Path) -> None:
    (example,) = re.findall(r"```markdown\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    post = read_post(example.encode(), "first.md", now=datetime(2026, 11, 26, 12, tzinfo=UTC))
    assert isinstance(post, ParsedPost)
    assert (len(post.categories), post.original_url or post.url) == (2, "https://news.example/lighthouse")
    assert post.title
    assert post.summary
    assert post.published_at
    assert {gap.kind for gap in post.gaps} <= {GapKind.PICTURE}


@each_guide
def test_git_ignores_what_the_guides_put_into_a_checkout(page: Path) -> None:
    named = [name for name in ("token.txt", "digestbot.toml", "posts/first.md") if name in page.read_text("utf-8")]
    assert len(named) == 3
    ignored = subprocess.run(
        ["git", "check-ignore", *named, "data/digestbot.db"], cwd=ROOT, capture_output=True, text=True
    )
    assert ignored.stdout.split() == [*named, "data/digestbot.db"]
