"""Our table of parameters, compared with the Bot API's machine-readable description."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.simulator.botapi.methods.table import METHODS

API = Path(__file__).resolve().parents[4] / "shared" / "botapi" / "api-10.2.json"
LETTERS = {
    "Integer": "i",
    "String": "s",
    "Boolean": "b",
    "Integer or String": "c",
    "InputFile": "f",
    "InputFile or String": "m",
}


@pytest.mark.shared
@pytest.mark.skipif(not API.exists(), reason="needs the description of the Bot API beside the checkout")
@pytest.mark.parametrize("name", sorted(method.name for method in METHODS.values()))
def test_parameters_match_the_bot_api(name: str) -> None:
    described: dict[str, Any] = json.loads(API.read_text())["methods"]
    ours = METHODS[name.lower()]
    fields = described[name].get("fields", [])
    assert ours.types == {field["name"]: LETTERS.get(field["type"], "j") for field in fields}
    assert set(ours.required) == {field["name"] for field in fields if field["required"]}
