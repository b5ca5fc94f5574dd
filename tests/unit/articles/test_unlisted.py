"""Whether the site shows a post, and why not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digests.articles.fields.unlisted import calls_itself_advertisement
from digests.articles.hexo.listing import ListingRules
from digests.articles.hexo.site import SiteRules, read_site_config
from digests.articles.options import PostOptions
from digests.articles.reading import read_post
from digests.model.article import ParsedPost, Unreadable
from digests.model.gaps import CAUSES, Gap, GapKind
from tests.unit.articles.writing import read, write, write_raw

NOW = datetime(2026, 11, 26, tzinfo=UTC)
DRAFTS = SiteRules(url="https://x.example", render_drafts=True)


@pytest.mark.parametrize(
    "line",
    [
        "published: false",
        "published: FALSE",
        "published: 'false'",
        "published: 0",
        "published: '0'",
        "published: ''",
        "published: false # not yet",
        "draft: true",
        "draft: yes",
        "hidden: true",
        "hidden: 'true'",
        "hidden: 1",
        "hide: true",
        "hide: all",
        "private: true",
        "unlisted: true",
        "Draft: True",
        "status: draft",
        "status: private",
        "visibility: private",
        "visible: false",
        "visible: hide",
        "public: no",
        "publish: false",
    ],
)
def test_what_the_site_does_not_show(line: str) -> None:
    key = line.partition(":")[0].lower()
    assert read(write_raw(f"title: x\n{line}")).unlisted_because.startswith(f"{key}: ")


def test_what_hugo_does_not_list() -> None:
    assert read(write_raw("title: x\nbuild: {list: never}")).unlisted_because == "build.list: never"
    assert read(write_raw("title: x\n_build:\n  list: false")).unlisted_because == "_build.list: false"


@pytest.mark.parametrize(
    "line",
    [
        "published: true",
        "published:",
        "published: ~",
        "published: no",
        "published: 'no'",
        "published: 2026-11-25",
        "published: 10",
        "draft: false",
        "draft:",
        "draft: 'false'",
        "hidden: false",
        "hide: index",
        "hide: 0",
        "archive: true",
        "comments: false",
        "layout: false",
        "sitemap: false",
        "noindex: true",
        "sticky: 100",
        "status: published",
        "visible: true",
        "password:",
        "password: ''",
        "password: false",
        "build: {list: always}",
    ],
)
def test_what_the_site_shows(line: str) -> None:
    assert read(write_raw(f"title: x\n{line}")).unlisted_because == ""


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("source/_drafts/x.md", "_drafts"),
        ("_drafts/a/x.md", "_drafts"),
        ("source/_posts/_x.md", "begins with _"),
        ("source/_posts/_old/x.md", "begins with _"),
        ("source/_posts/.x.md", "begins with _"),
    ],
)
def test_files_that_hexo_does_not_read(path: str, reason: str) -> None:
    assert reason in read(write(), path).unlisted_because


@pytest.mark.parametrize(
    "path", ["source/_posts/x.md", "source/_posts/a/.md", "source/_posts/a/x_y.md", "_old/x.md", ".x.md", "drafts/x.md"]
)
def test_other_paths(path: str) -> None:
    assert read(write(), path).unlisted_because == ""


def test_a_site_that_shows_drafts() -> None:
    assert read(write(), "_drafts/x.md", site=DRAFTS).unlisted_because == ""
    assert read(write_raw("title: x\npublished: false"), "_posts/x.md", site=DRAFTS).unlisted_because == ""
    assert read(write_raw("title: x\nhidden: true"), "_posts/x.md", site=DRAFTS).unlisted_because == "hidden: true"


def test_the_folder_of_a_sites_posts_follows_hexo_too() -> None:
    assert read(write(), "_x.md", site=SiteRules(url="https://x.example")).unlisted_because != ""


def test_heads_of_other_kinds() -> None:
    assert read(b"+++\ntitle = 'x'\ndraft = true\n+++\nbody").unlisted_because == "draft: true"
    assert read(b';;;\n"title": "x", "published": false\n;;;\nbody').unlisted_because == "published: false"
    assert read(b';;;\n"title": "x", "published": null\n;;;\nbody').unlisted_because == ""


PLUGINS = """
url: https://x.example
hide_posts:
  filter: Secret_Post
encrypt:
  abstract: Enter the password.
  tags:
    - {name: Diary, password: abc}
    - {name: clients, password: def}
"""


def test_what_plugins_of_the_site_hide() -> None:
    site = read_site_config(PLUGINS)
    assert read(write_raw("title: x\nsecret_post: true"), site=site).unlisted_because == "secret_post: true"
    assert read(write_raw("title: x\nsecret_post: true")).unlisted_because == ""
    assert read(write_raw("title: x\ntags: [sea, diary]"), site=site).unlisted_because == "it has a password"
    assert read(write_raw("title: x\ntags: [sea, diary]\npassword: ''"), site=site).unlisted_because == ""
    assert read(write_raw("title: x\ntags: [sea]"), site=site).unlisted_because == ""


@pytest.mark.parametrize(
    "section",
    ["hide_posts: true", "hide_posts: {enable: false, filter: x}", "encrypt: [a]", "encrypt:\n  tags: {a: b}"],
)
def test_options_of_plugins_that_say_nothing(section: str) -> None:
    assert read_site_config(f"url: https://x.example\n{section}").listing == ListingRules()


PROTECTED = write_raw(
    "title: x\npassword: correct-horse\nabstract: Only for <b>members</b>.\nmessage: Enter it.\n"
    "description: The boathouse",
    "<p>The meeting place is the boathouse.</p><img src='https://x.example/secret.jpg'>",
)


@pytest.mark.parametrize("rule", ["hide", "abstract"])
def test_a_protected_post_keeps_its_secrets(rule: str) -> None:
    parsed = read(PROTECTED, protected=rule)
    assert "boathouse" not in parsed.summary + parsed.text
    assert parsed.thumbnail is None
    assert "correct-horse" not in repr(parsed)
    assert parsed.unlisted_because == ("it has a password" if rule == "hide" else "")
    if rule == "abstract":
        assert parsed.summary == "Only for members."


def test_the_message_stands_in_for_the_abstract() -> None:
    post = write_raw("title: x\npassword: 1234\nmessage: Members, enter the password.")
    assert read(post, protected="abstract").summary == "Members, enter the password."


@pytest.mark.parametrize(
    "line", ["password: 1234", "password: '0'", "password:\n  - a", "encrypt: true", "encrypted: true"]
)
def test_a_post_that_tells_nothing_without_its_password_is_not_listed(line: str) -> None:
    assert read(write_raw(f"title: x\n{line}"), protected="abstract").unlisted_because == "it has a password"


def test_posts_of_the_future() -> None:
    post = write_raw("title: x\ndate: 2026-11-27 10:00:00")
    waits, shows = SiteRules(url="https://x.example", future=False), SiteRules(url="https://x.example")
    assert "future" in read(post, site=waits, now=NOW).unlisted_because
    assert read(post, site=waits, now=datetime(2026, 11, 28, tzinfo=UTC)).unlisted_because == ""
    assert read(post, site=waits).unlisted_because == ""
    assert read(post, site=shows, now=NOW).unlisted_because == ""
    assert read(post, now=NOW).unlisted_because == ""


@pytest.mark.parametrize(
    "title",
    [
        "【广告】新款手机",
        "【廣告】新款手機",
        "【広告】新しい靴",
        "【PR】新しい靴",
        "[广告] 新款手机",
        "「广告」新款手机",
        "（广告）新款手机",
        "(AD) New shoes",
        "[Sponsored] New shoes",
        "[Sponsored Post] New shoes",
        "[Anzeige] Neue Schuhe",
        "Sponsored: New shoes",
        "[광고] 새 신발",
        "新款手机【广告】",
        "New shoes [sponsored]",
        "New shoes #ad",
    ],
)
def test_titles_that_call_themselves_an_advertisement(title: str) -> None:
    assert calls_itself_advertisement(title)
    post = write_raw(f"title: '{title}'")
    assert read(post, advertisements=False).unlisted_because == "it calls itself an advertisement"
    assert read(post).unlisted_because == ""


@pytest.mark.parametrize(
    "title",
    [
        "广告的历史",
        "【广告法】修订了",
        "Einführung in Active Directory (AD)",
        "[PR] Fix the build",
        "AD 79: the volcano",
        "Sponsored by nobody",
        "Why ads are everywhere",
        "Issue #ad5",
        "「广告人」剧评",
        "",
    ],
)
def test_titles_about_advertisements(title: str) -> None:
    assert not calls_itself_advertisement(title)


def test_gaps_of_an_empty_post_have_a_sentence_and_a_fix() -> None:
    parsed = read_post(b"---\nauthor: me\n---\n", "x.md")
    assert isinstance(parsed, ParsedPost)
    found = {gap.kind: gap.cause for gap in parsed.gaps}
    assert found == {**dict.fromkeys(GapKind, "none"), GapKind.LINK: "no site"}
    for gap in (*parsed.gaps, Gap(GapKind.TITLE, "file name"), Gap(GapKind.DATE, "unreadable", "x")):
        cause = CAUSES[gap.kind, gap.cause]
        assert cause.sentence.format(detail=gap.detail)
        assert cause.fix.format(detail=gap.detail)


def test_a_full_post_has_no_gaps() -> None:
    post = write(thumbnail="https://x.example/p.jpg", link="https://x.example/a")
    assert read(post).gaps == ()


@pytest.mark.parametrize("data", [b"", b"One line that was only begun.", b"\xff\xfe\x00", b"---\ntitle: [a\n---\n"])
@pytest.mark.parametrize("path", ["_drafts/begun.md", "source/_posts/_private/begun.md"])
def test_a_file_that_no_reader_may_see_is_not_put_aside(data: bytes, path: str) -> None:
    draft = read(data, path)
    assert draft.unlisted_because
    assert draft.url is None


def test_an_empty_file_among_the_posts_is_put_aside_still() -> None:
    for path in ("_posts/begun.md", "begun.md"):
        assert isinstance(read_post(b"", path), Unreadable)
    rendered = PostOptions(site=DRAFTS)
    assert isinstance(read_post(b"", "_drafts/begun.md", rendered), Unreadable)


@pytest.mark.parametrize(
    "lock", ["password:", "password: ''", "password: false", "encrypt: false", "message: Enter it."]
)
def test_what_is_written_for_a_lock_is_no_summary_of_an_open_post(lock: str) -> None:
    post = write_raw(
        f"title: x\n{lock}\nabstract: Welcome, enter the password to read.", "The ferry sails again today."
    )
    assert read(post).summary == "The ferry sails again today."
    assert read(post, protected="abstract").summary == "The ferry sails again today."


def test_an_abstract_without_any_lock_is_the_summary_still() -> None:
    post = write_raw("title: x\nabstract: We measure how ferries sail in storms.", "The ferry sails again today.")
    assert read(post).summary == "We measure how ferries sail in storms."
