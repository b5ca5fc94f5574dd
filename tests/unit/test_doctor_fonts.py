"""The doctor says whether pictures can have words, also when a font was installed just now."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from digests.doctor import files as file_checks
from digests.media import fonts
from digests.model.check import Check
from tests.flow.harness import harness_settings


def fonts_found(tmp_path: Path, **settings: object) -> list[Check]:
    """Return what the doctor says of fonts."""
    made = harness_settings(tmp_path, "http://127.0.0.1:1", media=settings)
    return [check for check in file_checks._look_at_files(made) if check.what == "fonts"]


def test_a_missing_font_is_said_with_the_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(fonts, "_NOTO", tmp_path)
    (check,) = fonts_found(tmp_path)
    assert check.level == "warning"
    assert "fonts-noto-cjk" in check.text
    (tmp_path / "NotoSansCJK-Regular.ttc").touch()
    (check,) = fonts_found(tmp_path)
    assert (check.level, check.text) == ("ok", "NotoSansCJK-Regular.ttc has Chinese letters")


def test_fonts_matter_only_where_pictures_are_drawn(tmp_path: Path) -> None:
    assert fonts_found(tmp_path, pictures="lead") == fonts_found(tmp_path, pictures="none") == []
