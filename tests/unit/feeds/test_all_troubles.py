"""The real kinds of trouble that feeds make, and the test that shows each."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
SAID = "unit/feeds/test_reading_troubles.py"
SERVED = "flow/test_feed_trouble.py"
REPLACED = "test_what_is_no_feed_is_named_and_a_feed_that_comes_back_is_read"

TROUBLES: dict[str, tuple[str, str, str]] = {
    # What: where its test is, what that is called, and with which of its cases.
    "relative links": (SAID, "test_relative_links_and_pictures", ""),
    "relative links below xml:base": (SAID, "test_relative_links_below_xml_base", ""),
    "bumped dates": (SERVED, "test_dates_that_are_bumped_make_nothing_new", ""),
    "doubled guids": (SAID, "test_doubled_guids", ""),
    "new guids of what is known": (SERVED, "test_new_guids_of_what_is_known_make_nothing_new", ""),
    "an edited title": (SERVED, "test_an_edited_title_updates_the_article", ""),
    "moved to https": (SERVED, "test_a_feed_that_moved_to_https_is_asked_there", ""),
    "moved to where another feed is": (SERVED, "test_a_feed_that_moved_to_another_that_is_there_ends", ""),
    "moved, as it says itself": (SAID, "test_a_feed_that_says_where_it_is_now", "https://new.example/feed"),
    "replaced by a page": (SERVED, REPLACED, "a page"),
    "a parked domain": (SERVED, REPLACED, "a parked domain"),
    "an empty file": (SERVED, REPLACED, "nothing"),
    "a feed without items": (SERVED, "test_a_feed_that_is_empty_is_well", ""),
    "5,000 items": (SAID, "test_five_thousand_items", ""),
    "a date in the future": (SAID, "test_dates_that_cannot_be_true", "In the far future"),
    "the year 1970": (SAID, "test_dates_that_cannot_be_true", "In the year 1970"),
    "no date": (SAID, "test_no_date", ""),
    "a Chinese date": (SAID, "test_dates_of_no_standard", "In Chinese"),
    "a date in seconds": (SAID, "test_dates_of_no_standard", "In seconds"),
    "CDATA twice": (SAID, "test_cdata_twice", ""),
    "HTML in titles": (SAID, "test_html_in_titles", ""),
    "emoji": (SAID, "test_emoji", ""),
    "right to left": (SAID, "test_right_to_left", ""),
    "a podcast": (SAID, "test_a_podcast", ""),
    "YouTube": (SAID, "test_a_video_of_youtube", ""),
    "Mastodon": (SAID, "test_a_toot_of_mastodon", ""),
    "WeChat": (SAID, "test_an_article_of_wechat", ""),
    "RSSHub's error page": (SERVED, REPLACED, "RSSHub's error page"),
    "Cloudflare's challenge": (SERVED, REPLACED, "Cloudflare's challenge"),
    "a charset that is wrong": (SERVED, "test_a_charset_that_is_wrong_harms_no_title", ""),
    "links that count visitors": (SAID, "test_tracking_links", ""),
    "FeedBurner": (SAID, "test_feedburner", ""),
    "Google News": (SAID, "test_google_news", ""),
    "two feeds with one article": (SERVED, "test_two_feeds_with_an_article_have_it_once_in_both_categories", ""),
    "a feed and crawled posts": (SERVED, "test_whoever_has_crawled_posts_and_the_feed_has_each_article_once", ""),
    "links that lead inside": (SAID, "test_hostile_links", ""),
}


@cache
def functions_of(path: str) -> tuple[dict[str, ast.AST], str]:
    source = (TESTS / path).read_text(encoding="utf-8")
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node for node in ast.parse(source).body if isinstance(node, kinds)}, source


@pytest.mark.parametrize("trouble", TROUBLES)
def test_each_kind_of_trouble_has_a_test_of_its_own(trouble: str) -> None:
    path, name, case = TROUBLES[trouble]
    found, source = functions_of(path)
    assert name in found
    assert f'"{case}"' in source or not case


def test_no_test_stands_for_two_kinds() -> None:
    assert len(TROUBLES) == len(set(TROUBLES.values())) == 36
