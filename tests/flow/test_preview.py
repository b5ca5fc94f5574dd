"""`digestbot preview`: every layout in every form, as an operator asks for it."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from bot.i18n import LANGUAGES
from digests.model.layout import Layout
from digests.storage.schema.article_tables import articles
from tests.browser.chromium import find_chromium, is_required
from tests.factories.articles import post
from tests.factories.drawn_pictures import keep_pictures, striped
from tests.program import PROGRAM, RunCommand, program_environment

_ASKED = ("preview", "--categories", "Science")


@pytest.fixture
def preview(run: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunCommand:
    """Return `preview` on two articles, of which the newer has a kept picture."""
    monkeypatch.setenv("DIGESTBOT_POSTS__MAX_AGE_DAYS", "0")
    monkeypatch.setenv("DIGESTBOT_DIGEST__LAYOUT", "gallery")
    for number, title in enumerate(("The far side of the moon", "Gulls <return> @home"), 1):
        text = post(title, categories=("Science", "Tidewater"), thumbnail=f"https://p.example/{number}.jpg")
        (tmp_path / "posts" / f"{number}.md").write_text(text)
    assert run("ingest").status == 0
    (key,) = keep_pictures(tmp_path / "data" / "pictures", striped())
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'data' / 'digestbot.db'}")
    with engine.begin() as connection:
        connection.execute(sa.update(articles).where(articles.c.title.like("Gulls%")).values(picture=key))
    engine.dispose()
    return lambda *arguments, **environment: run(*_ASKED, *arguments, **environment)


class _Page(HTMLParser):
    """The addresses that a page makes a browser fetch, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.text = ""
        self.pictures = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "iframe")
        source = dict(attrs).get("src") or ""
        self.pictures += source.startswith("data:image/jpeg;base64,")
        if source and not source.startswith("data:"):
            self.fetched.append(source)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_each_layout_is_printed_in_each_form(preview: RunCommand, layout: Layout, language: str) -> None:
    asked = ("--layout", layout)
    text = preview(*asked, DIGESTBOT_CHAT__LANGUAGE=language)
    assert text.status == 0
    assert "The far side of the moon" in text.out
    assert "Gulls <return> @\u2060home" in text.out
    shown: dict[str, Any] = json.loads(preview(*asked, "--format", "json", DIGESTBOT_CHAT__LANGUAGE=language).out)
    assert shown["layout"] == layout
    assert shown["language"] == language
    page = _Page(preview(*asked, "--format", "html", DIGESTBOT_CHAT__LANGUAGE=language).out)
    assert page.fetched == []
    assert "The far side of the moon" in page.text
    assert page.pictures == (0 if layout is Layout.HEADLINES else 1)


def test_json_tells_all_that_would_be_sent(preview: RunCommand) -> None:
    gallery = json.loads(preview("--format", "json").out)
    assert gallery["layout"] == "gallery", "as digest.layout says"
    (message,) = gallery["messages"]
    (tile,) = message["mosaic"]["tiles"]
    assert tile["picture"] in [item["picture"] for item in gallery["groups"][0]["items"]]
    assert (message["is_caption"], message["mosaic"]["cover"], message["rich"]) == (True, None, None)
    above = json.loads(preview("--format", "json", DIGESTBOT_WEB__PUBLIC_URL="https://news.example").out)
    assert above["messages"][0]["is_caption"] is False
    magazine = json.loads(preview("--layout", "magazine", "--format", "json").out)
    (message,) = magazine["messages"]
    assert message["html"] == ""
    assert message["rich"]["pictures"] == [tile["picture"]]
    assert 'src="tg://photo?id=p1"' in message["rich"]["html"]
    assert all(set(told) == {"html", "picture", "is_caption", "mosaic", "rich"} for told in magazine["messages"])


def test_a_picture_that_is_gone_is_said_and_leaves_a_place(preview: RunCommand, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data" / "pictures")
    ran = preview("--format", "html")
    assert ran.status == 0
    assert "The mosaic is not shown: " in ran.err
    page = _Page(ran.out)
    assert (page.pictures, page.fetched) == (0, [])
    assert "🖼" in page.text


def test_a_layout_that_there_is_not_is_wrong_use(preview: RunCommand) -> None:
    ran = preview("--layout", "poster")
    assert ran.status == 2
    assert "gallery" in ran.err


def test_a_chat_has_its_own_layout(preview: RunCommand, run: RunCommand, tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    file.write_text(json.dumps({"id": 5, "categories": ["Science"], "layout": "headlines"}))
    assert run("chats", "import", str(file)).status == 0
    asked = ("preview", "--chat", "5", "--at", "2026-12-01T08:00")
    assert json.loads(run(*asked, "--format", "json").out)["layout"] == "headlines"
    assert json.loads(run(*asked, "--layout", "list", "--format", "json").out)["layout"] == "list"


def test_without_a_browser_a_picture_is_refused_in_a_sentence(
    preview: RunCommand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ran = preview("--format", "png", PATH=str(tmp_path))
    assert (ran.status, ran.out) == (1, "")
    assert "Chromium is not installed" in ran.err
    assert "--format html" in ran.err
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    ran = preview("--format", "png")
    assert (ran.status, ran.out) == (1, "")
    assert "Playwright is not installed" in ran.err


@pytest.mark.browser
@pytest.mark.usefixtures("preview")
def test_a_picture_shows_what_a_telephone_would(tmp_path: Path) -> None:
    if find_chromium() is None and not is_required():
        pytest.skip("Chromium is not installed")
    environment = program_environment(tmp_path, posts__max_age_days=0)
    done = subprocess.run([PROGRAM, *_ASKED, "--format", "png"], env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    image = Image.open(io.BytesIO(done.stdout))
    image.load()
    assert image.width == 780
    assert image.height > 600
    colours = image.convert("RGB").resize((8, 8)).getcolors()
    assert colours is not None
    assert len(colours) > 8, "a mosaic and text"
