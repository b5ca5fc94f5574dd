"""A language is a catalogue, and nothing else: what the bot offers, says, counts and dates follows from it."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from opencc import OpenCC

import bot
from bot.handlers.menus import menu_languages
from bot.i18n import LANGUAGES, closest_languages, has_dense_script, script_of, translator
from bot.i18n.catalogues import languages_in
from config.languages import spoken_languages
from config.load import ConfigError, load_settings
from tests.factories.times import NOW

ROOT = Path(bot.__file__).parents[1]
LOCALES = ROOT / "bot" / "locales"
GERMAN = """
msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Close"
msgstr "Schließen"

msgid "{n} category"
msgid_plural "{n} categories"
msgstr[0] "{n} Kategorie"
msgstr[1] "{n} Kategorien"
"""
# Run in a copy of the program in which one file was added.
SAYS = """
import json
from datetime import UTC, date, datetime
from bot.callbacks import ActionButton
from bot.handlers.commands import COMMANDS
from bot.handlers.announcements.choices import next_language
from bot.handlers.menus import group_menu, menu_languages
from bot.handlers.readers.layouts import layout_preview
from bot.i18n import LANGUAGES, supported_language, translator
from config.load import load_settings
from digests.model.announcement import Audience
from digests.model.layout import Layout

t = translator("de")
audience, audiences = Audience(), []
for _ in LANGUAGES:
    audience = next_language(audience)
    audiences += audience.languages
preview = layout_preview(Layout.LIST, "de")
print(json.dumps({
    "offered": LANGUAGES.get("de"),
    "languages": list(LANGUAGES),
    "apps": [supported_language(code) for code in ("de", "de-AT", "DE_de", "fr")],
    "close": t("Close"),
    "untranslated": t("Every day"),
    "counted": [t.count("{n} category", "{n} categories", n) for n in (1, 2, 1234)],
    "days": [t.day(date(2026, 6, 6)), t.short_day(date(2026, 6, 6)), t.weekdays("12345")],
    "moment": t.dated_moment(datetime(2026, 6, 6, 8, tzinfo=UTC), "Europe/Berlin"),
    "menus": menu_languages(LANGUAGES)["de"],
    "menu": len(group_menu(COMMANDS, t)),
    "audiences": audiences,
    "preview": preview.name if preview else None,
    "setting": load_settings(environ={}, chat={"language": "de"}).chat.language,
}))
"""


def _program() -> Any:
    spec = importlib.util.spec_from_file_location("traditional", ROOT / ".ci" / "traditional.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _add_catalogue(locales: Path, language: str, text: str = GERMAN) -> None:
    folder = locales / language / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "digestbot.po").write_text(text, encoding="utf-8")


def test_the_languages_are_english_and_the_catalogues() -> None:
    assert dict(LANGUAGES) == {"en": "English", "zh_CN": "简体中文", "zh_TW": "繁體中文"}
    assert list(LANGUAGES) == list(spoken_languages())


def test_a_catalogue_makes_a_language(tmp_path: Path) -> None:
    for language in ("de", "pt_BR", "nowhere", "zz"):
        _add_catalogue(tmp_path, language)
    (tmp_path / "fr").mkdir()
    assert languages_in(tmp_path) == {"en": "English", "de": "Deutsch", "pt_BR": "Português"}


def test_the_bot_speaks_a_language_whose_catalogue_is_put_there(tmp_path: Path) -> None:
    for name in ("bot", "digests", "config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "pictures", "page"))
    # In digests, a room is called pictures.
    shutil.copytree(ROOT / "digests", tmp_path / "digests", dirs_exist_ok=True)
    _add_catalogue(tmp_path / "bot" / "locales", "de")
    command = [sys.executable, "-c", SAYS]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said == {
        "offered": "Deutsch",
        "languages": ["en", "de", "zh_CN", "zh_TW"],
        "apps": ["de", "de", "de", "en"],
        "close": "Schließen",
        "untranslated": "Every day",
        "counted": ["1 Kategorie", "2 Kategorien", "1.234 Kategorien"],
        "days": ["Samstag, 6. Juni", "6. Juni", "Mo.–Fr."],
        "moment": "Sa., 6. Juni 2026, 10:00",
        "menus": "de",
        "menu": said["menu"],
        "audiences": ["en", "de", "zh_CN", "zh_TW"],
        "preview": "layout list.en",
        "setting": "de",
    }
    assert said["menu"] > 10


@pytest.mark.parametrize("language", ["de", "zh", "zh_tw", "EN", "", "../en", "zh_CN "])
def test_a_language_without_texts_is_a_mistake_in_the_settings(language: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_settings(environ={}, chat={"language": language})
    assert "one of 'en', 'zh_CN', 'zh_TW'" in str(error.value)
    with pytest.raises(ConfigError) as error:
        load_settings(environ={}, digest={"timezones": {"xx": "Europe/Berlin"}})
    assert "one of 'en', 'zh_CN', 'zh_TW'" in str(error.value)


def test_traditional_chinese_is_what_the_program_makes() -> None:
    simplified, traditional = (LOCALES / name / "LC_MESSAGES" / "digestbot.po" for name in ("zh_CN", "zh_TW"))
    assert _program().traditional_catalogue(simplified) == traditional.read_bytes(), "run `make messages`"


def test_corrections_are_needed_and_final() -> None:
    """Each row of the table changes something, and leaves nothing for another row."""
    program = _program()
    converter = program.Converter()
    for made, right in converter._corrections.items():
        assert made != right
        assert converter.convert(right) == right
        assert converter._corrected(made) == right
    kept = ("{words}", "<code>", "</code>", "https://example.com/搜索?a=发送", "&amp;")
    assert converter.convert(f"搜索 {' '.join(kept)} 周") == f"搜尋 {' '.join(kept)} 週"


def test_traditional_chinese_has_no_simplified_characters() -> None:
    to_traditional = OpenCC("s2t")
    with (LOCALES / "zh_TW" / "LC_MESSAGES" / "digestbot.po").open("rb") as file:
        texts = [str(text) for message in read_po(file) if message.id for text in _strings(message.string)]
    # Taiwan writes these otherwise than OpenCC's standard does.
    plain = str.maketrans("裏裡著着台臺為爲群羣說説", "裡裡著著台台為為群群說說")
    wrong = [text for text in texts if to_traditional.convert(text).translate(plain) != text.translate(plain)]
    assert wrong == []


def _strings(string: Any) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


def test_telegrams_codes_have_two_letters() -> None:
    assert menu_languages(LANGUAGES) == {None: "en", "zh": "zh_CN"}
    assert menu_languages(["en", "zh_TW", "yue", "pt_BR"], "zh_TW") == {None: "zh_TW", "en": "en", "pt": "pt_BR"}


@pytest.mark.parametrize(
    ("code", "languages", "best"),
    [("pt-br", ["pt_PT", "pt_BR"], "pt_BR"), ("pt", ["pt_PT", "pt_BR"], "pt_BR"), ("sr", ["sr_Latn", "sr"], "sr"),
     ("sr-latn", ["sr", "sr_Latn"], "sr_Latn"), ("zh-hant", ["en", "zh_CN"], "zh_CN"), ("fr", ["en", "zh_CN"], None)],
)  # fmt: skip
def test_who_reads_what(code: str, languages: list[str], best: str | None) -> None:
    assert next(iter(closest_languages(code, languages)), None) == best


def test_scripts() -> None:
    assert [script_of(name) for name in ("zh_CN", "zh-hk", "ja", "en_GB", "", "xx")] == [
        "Hans", "Hant", "Jpan", "Latn", "", "",
    ]  # fmt: skip
    assert [has_dense_script(name) for name in ("zh_CN", "zh_TW", "ko", "en")] == [True, True, True, False]


def test_dates_in_each_language() -> None:
    speaking = [translator(language) for language in LANGUAGES]
    shown = {t.language: (t.day(NOW.date()), t.weekdays("1235"), t.number(12345)) for t in speaking}
    assert shown == {
        "en": ("Saturday, 6 June", "Mon–Wed, Fri", "12,345"),
        "zh_CN": ("6月6日星期六", "周一–周三、周五", "12,345"),
        "zh_TW": ("6月6日 星期六", "週一–週三、週五", "12,345"),
    }


def test_no_language_and_no_form_of_numbers_is_written_into_what_readers_see() -> None:
    """Dates, times and numbers are the translator's, and no language is treated otherwise than the others."""
    written = re.compile(r"[\"'](?:en|zh_CN|zh_TW)[\"']|:,\}|%H:%M|strftime")
    rooms = ("handlers", "keyboards", "render", "telegram", "callbacks", "updates")
    sources = [path for room in rooms for path in (ROOT / "bot" / room).rglob("*.py")]
    assert len(sources) > 100
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sources
        for line in path.read_text(encoding="utf-8").splitlines()
        if written.search(line) and 'such as "zh_CN"' not in line
    ]
    assert found == []
