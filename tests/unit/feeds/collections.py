"""The feeds of other projects, which are beside the checkout, not in it."""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath

from tests.unit.articles.shared import need


def files_of(archive: str, *folders: str) -> dict[str, bytes]:
    """Return the files below some folders of an archive of `../shared/feeds` by their paths; skip without it."""
    path: Path = need("feeds") / archive
    found = {}
    with tarfile.open(path) as members:
        for member in members:
            name = str(PurePosixPath(member.name))
            if member.isfile() and name.startswith(folders) and (data := members.extractfile(member)):
                found[name] = data.read()
    return found


def gofeed(*folders: str) -> dict[str, bytes]:
    """Return files of gofeed's testdata, such as `parser/rss/…`."""
    files = files_of("gofeed-testdata.tar.gz", *(f"testdata/{folder}/" for folder in folders))
    return {name.removeprefix("testdata/"): data for name, data in files.items()}


def feedparser_tests(folder: str) -> dict[str, bytes]:
    """Return files of feedparser's tests, such as `encoding/…`."""
    files = files_of("feedparser-tests.tar.gz", f"tests/{folder}/")
    return {name.removeprefix("tests/"): data for name, data in files.items()}
