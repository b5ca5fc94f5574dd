"""The real posts and Hexo's own answers, which are beside the checkout, not in it."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared"


def need(folder: str) -> Path:
    """Return the folder; skip the test if it is missing, or fail it if TESTS_REQUIRE_SHARED=1."""
    path = SHARED / folder
    if not path.is_dir():
        reason = f"{path} is not there"
        if os.environ.get("TESTS_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def unpack(folder: str, into: Path) -> Path:
    with tarfile.open(need(folder) / "posts.tar.gz") as archive:
        archive.extractall(into, filter="data")
    return into


def rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
