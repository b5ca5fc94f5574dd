"""What a coverage-guided fuzzer (atheris, over the corpus and the sample posts) once found, kept as test cases."""

from __future__ import annotations

import pytest

from digests.articles.reading import read_post
from digests.model.article import ParsedPost
from tests.unit.articles.promises import check_promises

FINDS = [
    # An attribute name that XML does not allow made lxml refuse to look up its value.
    b"---\ntitle: x\n---\n<img a\x01b=1 src='http://a.example/c.jpg'>\n<p>hello</p>",
    # A problem names a key that is given twice, with the tabs inside it.
    b"---\ntitle: x\nda\t\tte: 1\nda\t\tte: 2\n---\n",
]


@pytest.mark.parametrize("data", FINDS)
def test_finds_of_the_fuzzer_are_read(data: bytes) -> None:
    post = read_post(data, "a.md")
    assert isinstance(post, ParsedPost)
    check_promises(post)
