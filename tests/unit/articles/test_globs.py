"""Patterns of `skip_render` and `ignore`, as micromatch answered for these paths."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.articles.hexo.globs import matches


@pytest.mark.parametrize(
    ("pattern", "path", "found"),
    [
        ("*.js", "_posts/a.md", False),
        ("*.md", "_posts/a.md", False),
        ("README.md", "_posts/README.md", False),
        ("demo/**", "_posts/demo/a.md", False),
        ("_posts/demo/**", "_posts/demo/b/a.md", True),
        ("_posts/demo/*", "_posts/demo/b/a.md", False),
        ("**/README.md", "_posts/b/README.md", True),
        ("**/*.html", "_posts/a.md", False),
        ("**/*.{html,md}", "_posts/b/a.md", True),
        ("_posts/*/**", "_posts/b/c/a.md", True),
        ("_posts/**/x*.md", "_posts/xy.md", True),
        ("_posts/**/x*.md", "_posts/a/b/xy.md", True),
        ("_posts/?.md", "_posts/a.md", True),
        ("_posts/?.md", "_posts/ab.md", False),
        ("!**/*.md", "_posts/a.md", False),
        ("!*.js", "_posts/a.md", True),
        ("_posts/中*/**", "_posts/中文/a.md", True),
        ("_posts/a.md", "_posts/A.md", False),
        # What is not followed is uncertain for those alone whose beginning and end it has.
        ("_posts/*/**", "_posts/a.md", None),
        ("**.md", "_posts/b/a.md", None),
        ("_posts/[ab].md", "_posts/a.md", None),
        ("_posts/[ab].md", "_posts/a.html", False),
        ("demo/@(a|b).md", "_posts/a.md", False),
        ("_posts/{1..9}.md", "_posts/a.md", None),
        ("!(a|b)/*.md", "_posts/a.md", None),
        ("./_posts/a.md", "_posts/a.md", None),
    ],
)
def test_patterns(pattern: str, path: str, found: bool | None) -> None:
    assert matches(pattern, path) is found


@given(st.text("*?/ab.{},![]()\\ ", max_size=40), st.sampled_from(["_posts/a.md", "_posts/a/b/ab.md"]))
def test_any_pattern_has_an_answer(pattern: str, path: str) -> None:
    assert matches(pattern, path) in (True, False, None)


@pytest.mark.parametrize("pattern", ["*a" * 240 + "b", "**/" * 160 + "x", "{a,b}" * 90, "?" * 499])
def test_no_pattern_is_slow(pattern: str) -> None:
    start = time.process_time()
    matches(pattern, "_posts/" + "a" * 240)
    assert time.process_time() - start < 0.5
