"""Every text exists in every language, with the same placeholders, and is markup that Telegram accepts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import bot
from bot.i18n import LANGUAGES, supported_language, translator
from bot.text.markup import Html
from tests.telegram_markup import read_html

ROOT = Path(bot.__file__).parent
FIELDS = re.compile(r"\{(\w+)\}")


def _said() -> Iterator[str | tuple[str, str]]:
    """Yield the texts that the sources hand to `say`, `html`, `count` and `count_html`."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [text.value for text in node.args if isinstance(text, ast.Constant) and isinstance(text.value, str)]
            if called in ("t", "html", "gettext_noop") and texts:
                yield texts[0]
            elif called in ("count", "count_html") and len(texts) >= 2:
                yield texts[0], texts[1]


SAID = sorted(set(_said()), key=str)
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def test_texts_are_found_in_the_sources() -> None:
    assert len(SAID) > 100


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_has_every_text_and_no_other(language: str) -> None:
    with (ROOT / "locales" / language / "LC_MESSAGES" / "digestbot.po").open("rb") as file:
        catalogue = read_po(file)
    ids = {message.id for message in catalogue if message.id}
    assert ids == set(SAID)
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(texts), f"{message.id} has no translation"
        assert not message.fuzzy
        wanted = set(FIELDS.findall(message.id if isinstance(message.id, str) else message.id[1]))
        for text in texts:
            assert set(FIELDS.findall(str(text))) == wanted, message.id


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_telegram_accepts_every_text(language: str) -> None:
    t = translator(language)
    for said in SAID:
        ids = (said,) if isinstance(said, str) else said
        names = {name for text in ids for name in FIELDS.findall(text)} - {"n"}
        for value in ("1 < 2 & 3", Html("<b>x</b>")):
            values = dict.fromkeys(names, value)
            if isinstance(said, str):
                html = t.html(said, **values) if "{n}" not in said else t.html(said, n=3, **values)
            else:
                html = t.count_html(*said, 3, **values)
            answer = read_html(html)
            assert answer["@type"] == "formattedText", (html, answer)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("zh-hans", "zh_CN"),
        ("zh", "zh_CN"),
        ("zh-SG", "zh_CN"),
        ("zh-hans-raw", "zh_CN"),
        ("zh_Hans_HK", "zh_CN"),
        ("zh-TW", "zh_TW"),
        ("zh-hant", "zh_TW"),
        ("zh_HK", "zh_TW"),
        ("zh-mo", "zh_TW"),
        ("zh-hant-raw", "zh_TW"),
        ("en-GB", "en"),
        ("EN", "en"),
        ("de", "en"),
        (None, "en"),
        ("", "en"),
        ("-", "en"),
        ("e", "en"),
        ("😀" * 99, "en"),
    ],
)
def test_the_language_of_an_app(code: str | None, expected: str) -> None:
    assert supported_language(code) == expected


def test_another_default_language() -> None:
    assert supported_language("de", "zh_CN") == "zh_CN"


def test_values_are_escaped_and_numbers_grouped() -> None:
    t = translator("en")
    assert t.html("Which <b>{name}</b> do you mean?", name="<i>&") == "Which <b>&lt;i&gt;&amp;</b> do you mean?"
    assert t.html("Which <b>{name}</b> do you mean?", name=Html("<i>x</i>")) == "Which <b><i>x</i></b> do you mean?"
    assert t.count("Show {n} more", "Show {n} more", 1234) == "Show 1,234 more"
    assert translator("zh_CN").count("Show {n} more", "Show {n} more", 3) == "再看 3 篇"
