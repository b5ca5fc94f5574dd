"""The bill of materials says what the lock file says, and no address."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.txt"


def _load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bill = _load("bill")
SMALL = """\
aiohttp==3.14.5 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
    # via
    #   digestbot (pyproject.toml)
    #   aiohttp-socks
Aiohttp_Socks[x]==0.10 ; python_version < '3.14' \\
    --hash=sha256:{c}
    # via digestbot (pyproject.toml)
""".format(a="a" * 64, b="b" * 64, c="c" * 64)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the bill of the lock file as a release writes it."""
    file = tmp_path_factory.mktemp("bill") / "digestbot.cdx.json"
    assert bill.main([str(LOCK), "1.2.3", sys.executable, str(file)]) == 0
    read = json.loads(file.read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def test_every_package_of_the_lock_is_in_it_with_its_version_and_hashes(written: dict[str, Any]) -> None:
    text = LOCK.read_text(encoding="utf-8")
    pinned = [
        (re.sub(r"[-_.]+", "-", name).lower(), version)
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==(\S+)", text, re.MULTILINE)
    ]
    assert len(pinned) > 50
    assert [(each["name"], each["version"]) for each in written["components"]] == pinned
    hashes = [each["content"] for component in written["components"] for each in component["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", text))
    for component in written["components"]:
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"


def test_it_has_no_address(written: dict[str, Any]) -> None:
    text = json.dumps(written)
    assert "http" not in re.sub(r"aiohttp|httpx?tools|httpcore|httpx|otlp-proto-http", "", text)
    assert "://" not in text
    assert "www." not in text


def test_it_says_which_licences_packages_have(written: dict[str, Any]) -> None:
    licences = {each["name"]: each.get("licenses") for each in written["components"]}
    assert licences["pydantic"] == [{"expression": "MIT"}]
    here = [each for each in written["components"] if "properties" not in each]
    assert sum(1 for each in here if each.get("licenses")) > 0.9 * len(here)


def test_it_has_the_form_of_cyclonedx(written: dict[str, Any]) -> None:
    assert (written["bomFormat"], written["specVersion"], written["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", written["serialNumber"])
    assert written["metadata"]["component"]["version"] == "1.2.3"
    references = [each["bom-ref"] for each in written["components"]]
    assert len(set(references)) == len(references)
    own = written["metadata"]["component"]["bom-ref"]
    assert {each["ref"] for each in written["dependencies"]} == {own, *references}
    assert {on for each in written["dependencies"] for on in each["dependsOn"]} == set(references)


def test_a_lock_is_read_with_markers_and_who_needs_what() -> None:
    first, second = bill.read_lock(SMALL)
    assert first == bill.Pinned("aiohttp", "3.14.5", "", ("a" * 64, "b" * 64), ("digestbot", "aiohttp-socks"))
    assert second == bill.Pinned("aiohttp-socks", "0.10", "python_version < '3.14'", ("c" * 64,), ("digestbot",))
    made = bill.bill_of([first, second], "1.0.0", {})
    assert made["dependencies"][0]["dependsOn"] == ["pkg:pypi/aiohttp-socks@0.10", "pkg:pypi/aiohttp@3.14.5"]
    assert made == bill.bill_of([first, second], "1.0.0", {})
    assert made["serialNumber"] != bill.bill_of([first], "1.0.0", {})["serialNumber"]


@pytest.mark.parametrize(
    "line", ["aiohttp==1.0", "aiohttp>=1.0 --hash=sha256:" + "a" * 64, "-e .", "https://x.example/a.whl"]
)
def test_a_line_that_pins_nothing_is_refused(line: str) -> None:
    with pytest.raises(bill.BillError, match="line 1 of the lock file"):
        bill.read_lock(line + "\n")


def test_licences_with_addresses_or_whole_texts_are_left_out() -> None:
    told = bill.Licences("", [], "see https://x.example/licence"), bill.Licences("", [], "x" * 300)
    (package, _) = bill.read_lock(SMALL)
    for licences in told:
        assert "licenses" not in bill.bill_of([package], "1.0.0", {"aiohttp": licences})["components"][0]
