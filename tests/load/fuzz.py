"""`make fuzz MINUTES=60`: atheris, guided by which lines are reached, looks for a post that breaks a promise.

It starts with the sample posts, the real ones beside the checkout, and what it found before in build/fuzz. A post that
breaks a promise stops it and is kept there as `crash-…`: fix it, and add it to
tests/unit/articles/test_fuzz_finds.py.
"""

from __future__ import annotations

import os
import sys
import tarfile
from pathlib import Path
from time import process_time

import atheris

ROOT = Path(__file__).resolve().parents[2]
_MOST_BYTES = 20_000
_MOST_SECONDS = 2.0

with atheris.instrument_imports(include=["digests", "bs4"]):
    from digests.articles.hexo.site import Abbrlink, SiteRules
    from digests.articles.options import PostOptions
    from digests.articles.reading import read_post
    from tests.unit.articles.promises import check_promises

_SITES = (
    None,
    SiteRules(
        url="https://a.example/b", permalink=":year/:month/:category/:post_title/:abbrlink/", abbrlink=Abbrlink(True)
    ),
    SiteRules(url="https://a.example", permalink=":category/:name/:hash.html"),
)
_BODY_ALONE = 128
_SOUND = "---\ntitle: 一篇 post\ncategories:\n - 新媒体\n - 36kr\ndate: 2021-06-01 12:00:00\n---\n".encode()


def one_post(data: bytes) -> None:
    """Read a post; the first byte chooses the site's rules, the second the path and whether only the body is random."""
    if len(data) < 2:
        return
    site = _SITES[data[0] % len(_SITES)]
    path = ("a.md", "新媒体/36kr/资讯/.md", "post/x/\"quoted: 'y'.md")[data[1] % 3]
    post = data[2:] if data[1] < _BODY_ALONE else _SOUND + data[2:]
    began = process_time()
    check_promises(read_post(post, path, PostOptions(site=site)))
    if process_time() - began > _MOST_SECONDS:
        raise AssertionError(f"a post took {process_time() - began:.1f} s")


def _seeds(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    posts = [file.read_bytes() for file in sorted((ROOT / "bot" / "demo" / "posts").rglob("*.md"))]
    real = ROOT.parent / "shared" / "corpus" / "posts.tar.gz"
    if real.is_file():
        with tarfile.open(real) as packed:
            files = [packed.extractfile(member) for member in packed if member.name.endswith(".md")]
            posts += [file.read() for file in files if file is not None]
    for number, post in enumerate(posts):
        kinds = number % 3, number // 3 % 3
        (folder / f"seed-{number}").write_bytes(bytes(kinds) + post)
        _, _, body = post.rpartition(b"\n---\n")
        (folder / f"body-{number}").write_bytes(bytes((kinds[0], kinds[1] + _BODY_ALONE + 1)) + body)


def main() -> None:
    """Fuzz until the time is up or a promise is broken."""
    work = ROOT / "build" / "fuzz"
    _seeds(work / "corpus")
    seconds = 60 * int(os.environ.get("MINUTES") or 10)
    options = [f"-max_total_time={seconds}", f"-max_len={_MOST_BYTES}", "-timeout=600", "-rss_limit_mb=2000"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={work}/", str(work / "corpus")], one_post)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
