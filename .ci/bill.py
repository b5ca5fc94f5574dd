"""Write the bill of materials of a release: what is in the lock file, as CycloneDX JSON.

`python .ci/bill.py REQUIREMENTS VERSION PYTHON FILE` reads names, versions, hashes and who needs what from the lock
file, and licences from the metadata of what is installed beside PYTHON. It has no addresses: what is written there is
the same wherever packages were fetched from.
"""

# ruff: noqa: S603 - a script that runs the Python that it is told to
from __future__ import annotations

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_PINNED = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>.+))?"
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|www\.", re.IGNORECASE)
_LONGEST_LICENCE = 200
_OWN = "digestbot"
_READ_LICENCES = """
import importlib.metadata, json
found = {}
for each in importlib.metadata.distributions():
    meta = each.metadata
    named = [line for line in meta.get_all("Classifier") or [] if line.startswith("License ::")]
    found[meta["Name"]] = [meta.get("License-Expression") or "", named, meta.get("License") or ""]
print(json.dumps(found))
"""


class BillError(Exception):
    """The lock file can't be read; the message says which line."""


class Pinned(NamedTuple):
    """A package of the lock file: its version, the hashes of its files, when it is needed, and by which others."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    needed_by: tuple[str, ...]


class Licences(NamedTuple):
    """What a package's metadata says of its licence: an SPDX expression, classifiers, or words."""

    expression: str
    classifiers: Sequence[str]
    words: str


def main(arguments: Sequence[str]) -> int:
    """Write the bill that the command line asks for; return the exit status."""
    requirements, version, python, file = arguments
    done = subprocess.run([python, "-c", _READ_LICENCES], capture_output=True, text=True, check=True)
    licences = {_normal(name): Licences(*found) for name, found in json.loads(done.stdout).items()}
    bill = bill_of(read_lock(Path(requirements).read_text(encoding="utf-8")), version, licences)
    Path(file).write_text(json.dumps(bill, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def read_lock(text: str) -> list[Pinned]:
    """Return the packages of a lock file as uv and pip write it.

    Raises:
        BillError: There is a line that is neither a package, a hash nor a comment, or a package without a hash.
    """
    packages: list[Pinned] = []
    for number, line in enumerate(text.replace("\\\n", " ").splitlines(), 1):
        if (needed_by := re.fullmatch(r"\s+#\s+(?:via\s+)?(?P<who>\S+)?.*", line)) is not None and packages:
            who = needed_by["who"]
            if who and who != "via":
                packages[-1] = packages[-1]._replace(needed_by=(*packages[-1].needed_by, _normal(who)))
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _PINNED.fullmatch(_HASH.sub("", line).strip())
        hashes = tuple(_HASH.findall(line))
        if found is None or not hashes:
            raise BillError(f"line {number} of the lock file is no package with its hashes: {line.strip()[:80]}")
        packages.append(Pinned(_normal(found["name"]), found["version"], (found["marker"] or "").strip(), hashes, ()))
    return packages


def bill_of(packages: Sequence[Pinned], version: str, licences: Mapping[str, Licences]) -> dict[str, Any]:
    """Return the bill of a version: the same for the same lock file and licences."""
    own: dict[str, Any] = {"type": "application", "bom-ref": _purl(_OWN, version), "name": _OWN, "version": version}
    own |= {"purl": _purl(_OWN, version), "licenses": [{"expression": "MIT"}]}
    components = [_component(package, licences.get(package.name)) for package in packages]
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps([own, components], sort_keys=True))
    # One package may have several versions, for different systems.
    references: dict[str, list[str]] = {}
    for package in packages:
        references.setdefault(package.name, []).append(_purl(package.name, package.version))
    needs: dict[str, list[str]] = {own["purl"]: []}
    needs |= {each: [] for those in references.values() for each in those}
    for package in packages:
        for name in package.needed_by:
            for reference in references.get(name, [own["purl"]]):
                needs[reference].append(_purl(package.name, package.version))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": own},
        "components": components,
        "dependencies": [{"ref": reference, "dependsOn": sorted(set(on))} for reference, on in needs.items()],
    }


def _component(package: Pinned, licences: Licences | None) -> dict[str, Any]:
    reference = _purl(package.name, package.version)
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": reference,
        "name": package.name,
        "version": package.version,
        "purl": reference,
        "hashes": [{"alg": "SHA-256", "content": each} for each in package.hashes],
    }
    if licences is not None and (told := _told(licences)):
        component["licenses"] = told
    if package.marker:
        component["properties"] = [{"name": "needed where", "value": package.marker}]
    return component


def _told(licences: Licences) -> list[dict[str, Any]]:
    if licences.expression:
        return [{"expression": licences.expression}]
    names = [line.rpartition("::")[2].strip() for line in licences.classifiers]
    if not names:
        # Some write the whole text there.
        first = licences.words.strip().partition("\n")[0].strip()
        names = [first] if first and len(first) <= _LONGEST_LICENCE else []
    return [{"license": {"name": name}} for name in names if not _ADDRESS.search(name)]


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
