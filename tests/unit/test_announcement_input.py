"""What admins type, and what an announcement consists of."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.announcements.card import too_long
from bot.handlers.announcements.parse import (
    MOST_BUTTONS,
    MOST_IDS,
    InputError,
    parse_buttons,
    parse_ids,
    parse_local,
    parse_moment,
)
from bot.i18n import LANGUAGES, translator
from bot.keyboards.announcements import (
    audience_keyboard,
    audit_keyboard,
    card_keyboard,
    list_keyboard,
    report_keyboard,
    text_keyboard,
    trial_keyboard,
    when_keyboard,
)
from bot.render.announcement_draft import SendEstimate, audience_text, card_text, confirm_text, duration
from bot.render.announcement_report import bar, report_text
from bot.render.outcomes_csv import outcomes_csv
from bot.text.markup import Html, visible_length
from digests.announcements.broadcast import announcement_rendering
from digests.model.announcement import (
    AnnouncementState,
    Audience,
    AudienceKind,
    Content,
    LinkButton,
    Progress,
    Timing,
    When,
    earliest,
    local_time,
    too_many_fail,
)
from digests.model.category_tree import CategoryTree
from digests.model.delivery import DeliveryState, OutcomeRow, Part
from digests.model.ids import CategoryId, MessageRef
from digests.storage.announcements.encoding import (
    audience_json,
    audience_of,
    content_json,
    content_of,
    timing_json,
    timing_of,
)
from digests.storage.deliveries.renderings import part_of
from tests.factories.announcements import announcement
from tests.factories.categories import category
from tests.factories.times import NOW
from tests.telegram_markup import read_html

WORDS = translator("en")
HELLO = Content("<b>Hello</b>")


def test_buttons_are_written_one_per_line() -> None:
    text = "Read more = https://example.com/a?b=c=d\n\n 阅读全文＝http://例子.example/x \na = b = https://x.example"
    assert parse_buttons(text) == (
        LinkButton("Read more", "https://example.com/a?b=c=d"),
        LinkButton("阅读全文", "http://例子.example/x"),
        LinkButton("a = b", "https://x.example"),
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("no address", "form"),
        ("", "form"),
        ("x = javascript:alert(1)", "url"),
        ("x = tg://user?id=1", "url"),
        ("x = https://", "url"),
        ("x = https://localhost/", "url"),
        ("x = https://a b.example", "url"),
        (" = https://example.com", "label"),
        ("x" * 65 + " = https://example.com", "label"),
        ("x = https://example.com\n" * (MOST_BUTTONS + 1), "many"),
    ],
)
def test_invalid_buttons_are_refused(text: str, what: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_buttons(text)
    assert raised.value.what == what


@given(st.text())
def test_whatever_is_typed_is_understood_or_refused(text: str) -> None:
    reads: list[Callable[[], object]] = [
        lambda: parse_buttons(text),
        lambda: parse_ids(text),
        lambda: parse_moment(text, "Asia/Tokyo", NOW),
        lambda: parse_local(text, NOW),
    ]
    for read in reads:
        with suppress(InputError):
            assert read()


def test_ids_may_be_separated_by_anything() -> None:
    assert parse_ids("1, 2;3\n-100123，4、1") == (1, 2, 3, -100123, 4)
    for text, what in (("", "ids"), ("0", "ids"), ("@name", "ids"), ("9" * 25, "ids")):
        with pytest.raises(InputError) as raised:
            parse_ids(text)
        assert raised.value.what == what
    with pytest.raises(InputError, match="many"):
        parse_ids(" ".join(str(number) for number in range(1, MOST_IDS + 2)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18:00", datetime(2026, 6, 6, 10, 0, tzinfo=UTC)),
        ("15:00", datetime(2026, 6, 7, 7, 0, tzinfo=UTC)),
        ("2026-06-07 18:00", datetime(2026, 6, 7, 10, 0, tzinfo=UTC)),
        ("6月7日 18：00", datetime(2026, 6, 7, 10, 0, tzinfo=UTC)),
        ("1-5 9:00", datetime(2027, 1, 5, 1, 0, tzinfo=UTC)),
    ],
)
def test_dates_are_read_on_the_admins_clock(text: str, expected: datetime) -> None:
    assert parse_moment(text, "Asia/Shanghai", NOW) == expected


@pytest.mark.parametrize(("text", "what"), [("soon", "moment"), ("2026-02-30 10:00", "moment"), ("25:00", "moment"),
                                            ("2026-06-06 08:00", "past"), ("2020-01-01 10:00", "past")])  # fmt: skip
def test_invalid_dates_are_refused(text: str, what: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_moment(text, "Asia/Shanghai", NOW)
    assert raised.value.what == what


def test_local_times_are_read() -> None:
    assert parse_local("8:00", NOW) == (None, time(8))
    assert parse_local("2026-06-07 08:00", NOW) == (date(2026, 6, 7), time(8))
    with pytest.raises(InputError, match="past"):
        parse_local("2026-06-01 08:00", NOW)


def test_each_time_zone_is_due_at_its_own_moment() -> None:
    # 07:30 in UTC is 15:30 in Shanghai and 00:30 in Los Angeles.
    daily = local_time(time(8), None)
    dues = {zone: daily.due(zone, NOW) for zone in ("UTC", "Asia/Shanghai", "America/Los_Angeles")}
    assert dues == {
        "UTC": NOW.replace(hour=8, minute=0),
        "Asia/Shanghai": datetime(2026, 6, 7, 0, 0, tzinfo=UTC),
        "America/Los_Angeles": NOW.replace(hour=15, minute=0),
    }
    assert earliest(daily, dues, NOW) == NOW.replace(hour=8, minute=0)
    today = local_time(time(8), date(2026, 6, 6))
    assert today.due("Asia/Shanghai", NOW) == NOW, "a time that has passed on that day is due at once"
    assert Timing().due("Asia/Tokyo", NOW) == NOW
    assert Timing(When.AT, at=NOW + timedelta(hours=1)).due("Asia/Tokyo", NOW) == NOW + timedelta(hours=1)
    assert earliest(daily, (), NOW) == NOW.replace(hour=8, minute=0)


def test_stored_values_are_read_back_unchanged() -> None:
    contents = [HELLO, Content("x", (("photo", "a"), ("video", "b")), group="g"), Content(copy_of=MessageRef(1, 2))]
    assert [content_of(content_json(content)) for content in contents] == contents
    audience = Audience((CategoryId(1),), ("en",), 30, AudienceKind.CHATS, (5, -6))
    assert audience_of(audience_json(audience)) == audience
    assert audience_of({}) == Audience()
    for timing in (Timing(), Timing(When.AT, at=NOW), local_time(time(8), date(2026, 6, 7))):
        assert timing_of(timing_json(timing)) == timing
    part = Part("x", media=(("photo", "a"),), copy_of=MessageRef(1, 2), buttons=(("a", "b"),), silent=True)
    as_json = {"html": "x", "media": [["photo", "a"]], "copy_of": [1, 2], "buttons": [["a", "b"]], "silent": True}
    assert part_of(as_json) == part


def test_each_language_gets_its_text() -> None:
    bilingual = announcement(contents={"": HELLO, "zh_CN": Content("你好")})
    assert (bilingual.part("zh_CN").html, bilingual.part("en").html, bilingual.part("fr").html) == (
        "你好",
        "<b>Hello</b>",
        "<b>Hello</b>",
    )
    assert bilingual.own_languages == ("zh_CN",)
    assert announcement_rendering(bilingual, "en") == announcement_rendering(bilingual, "")
    assert announcement_rendering(bilingual, "zh_CN").key != announcement_rendering(bilingual, "").key
    only = announcement(contents={"zh_CN": Content("你好")})
    assert only.part("en").html == "你好"
    assert only.own_languages == ()


def test_parts_of_files_and_albums() -> None:
    buttons = (LinkButton("More", "https://example.com"),)
    photo = announcement(contents={"": Content("x", (("photo", "a"),))}, buttons=buttons).part("en")
    assert (photo.photo, photo.media, photo.buttons) == ("a", (), (("More", "https://example.com"),))
    document = announcement(contents={"": Content("x", (("document", "a"),))}, silent=True, pinned=True).part("en")
    assert (document.photo, document.media, document.silent, document.pinned) == (
        None,
        (("document", "a"),),
        True,
        True,
    )
    album = announcement(contents={"": Content("x", (("photo", "a"), ("photo", "b")))}, buttons=buttons)
    assert album.part("en").buttons == ()
    assert album.messages == 2


def test_captions_have_a_lower_limit_than_texts() -> None:
    assert too_long(Content("x" * 4096)) == 0
    assert too_long(Content("x" * 4097)) == 4096
    assert too_long(Content("<b>" + "x" * 1024 + "</b>", (("photo", "a"),))) == 0
    assert too_long(Content("x" * 1025, (("photo", "a"),))) == 1024


def test_when_an_announcement_pauses_by_itself() -> None:
    sent, failed = (DeliveryState.SENT, False), (DeliveryState.FAILED, False)
    unsure, blocked = (DeliveryState.UNCERTAIN, False), (DeliveryState.FAILED, True)
    assert not too_many_fail([], 20, 128)
    assert not too_many_fail([sent] * 81 + [failed] * 19, 20, 128)
    assert too_many_fail([sent] * 80 + [failed] * 20, 20, 128)
    assert not too_many_fail([sent] * 100 + [failed] * 20, 20, 128), "longer ago"
    assert not too_many_fail([blocked] * 100, 20, 128)
    assert not too_many_fail([failed] * 100, 0, 128), "never"
    assert not too_many_fail([failed] * 19, 20, 128), "too few to conclude from"
    # One cut connection leaves doubts about all that was under way; if it goes on like that, something is wrong.
    assert not too_many_fail([sent] * 20 + [unsure] * 128 + [sent] * 80, 20, 128)
    assert not too_many_fail([unsure] * 147 + [sent] * 81, 20, 128)
    assert too_many_fail([unsure] * 148 + [sent] * 80, 20, 128)
    assert too_many_fail([failed] * 10 + [unsure] * 138 + [sent] * 80, 20, 128)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (59, "59 s"), (60, "1 min"), (61, "2 min"), (3600, "1 h 0 min"), (7500, "2 h 5 min")],
)
def test_durations_in_words(seconds: float, said: str) -> None:
    assert duration(seconds, WORDS) == said


def test_a_bar_is_full_only_at_the_end() -> None:
    assert bar(0) == "░" * 12
    assert bar(0.999) == "▓" * 11 + "░"
    assert bar(1) == "▓" * 12


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_telegram_accepts_every_text_and_keyboard(language: str) -> None:
    t = translator(language)
    tree = CategoryTree([category(number, "长" * 200) for number in range(1, 9)])
    audience = Audience(
        (CategoryId(1), CategoryId(2), CategoryId(3)), ("en",), 30, AudienceKind.PEOPLE, tuple(range(1, 500))
    )
    buttons = tuple(LinkButton("<&>" * 20, "https://example.com") for _ in range(MOST_BUTTONS))
    drafts = [
        announcement(),
        announcement(contents={"": Content("<b>" + "&lt;" * 3000 + "</b>"), "zh_CN": HELLO}, audience=audience,
                     buttons=buttons, timing=Timing(When.AT, at=NOW), silent=True, pinned=True, paid=True,
                     despite_quiet=True),
        announcement(contents={"": Content("", (("photo", "a"), ("photo", "b")))}, buttons=buttons,
                     timing=local_time(time(8), date(2026, 6, 7))),
        announcement(contents={"": Content(copy_of=MessageRef(1, 2))}),
    ]  # fmt: skip
    estimate = SendEstimate(12_345, 400, 1234.5, 7)
    texts, keyboards = [], [list_keyboard([(2**60, "长" * 300)] * 8, 3, 9, t), audit_keyboard(0, 2)]
    for draft in drafts:
        texts.append(card_text(draft, estimate, ["<a>", "b"], "Asia/Shanghai", t))
        texts.append(confirm_text(draft, {"en": 5, "zh_CN": 6}, estimate, ["<a>"], "UTC", t, [Html("<b>x</b>")]))
        keyboards += [card_keyboard(draft, 12_345, t, may_send=may, paid=may) for may in (True, False)]
        keyboards += [audience_keyboard(draft, tree, t), when_keyboard(draft, t), text_keyboard(draft, t)]
        keyboards += [trial_keyboard(draft.id, 3, t)]
        for state in AnnouncementState:
            progress = Progress(dict.fromkeys(DeliveryState, 1000))
            texts.append(report_text(replace(draft, state=state, reason="<no>"), progress, t, rate=29, left=100))
            keyboards.append(report_keyboard(replace(draft, state=state), t, again=5))
    for text in texts:
        answer = read_html(text)
        assert answer["@type"] == "formattedText", (text, answer)
        assert visible_length(text) <= 4096
    for keyboard in keyboards:
        assert keyboard is not None
        rows = keyboard.inline_keyboard
        assert all(1 <= len(row) <= 8 for row in rows)
        assert all(0 < len(str(each.callback_data).encode()) <= 64 and each.text for row in rows for each in row)


def test_an_audience_in_words() -> None:
    assert audience_text(Audience(), (), WORDS) == "everybody"
    audience = Audience((CategoryId(1),), ("zh_CN",), 7, AudienceKind.PEOPLE, (1, 2))
    said = "followers of Science; speakers of 简体中文; active in the last 7 days; people; 2 chats from a list"
    assert audience_text(audience, ["Science"], WORDS) == said


def test_a_reason_cannot_become_a_formula() -> None:
    row = OutcomeRow(5, 0, "private", "en", DeliveryState.FAILED, "=cmd()", None, NOW)
    assert outcomes_csv([row]).splitlines() == [
        "chat,topic,kind,language,outcome,reason,message,at",
        "5,,private,en,failed,'=cmd(),,2026-06-06T07:30:00Z",
    ]


@pytest.mark.parametrize(
    "sign", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212", "\ufe62", "\u207c"]
)
@pytest.mark.parametrize(
    "before", ["", " ", "  ", "\t", "\r", "\n", "\r\n", "\xa0", "\u3000", "\u200b", "\ufeff", "\x00", "\x0b\u2028 "]
)
def test_no_blank_or_wide_sign_becomes_a_formula(before: str, sign: str) -> None:
    assert reason_of(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


@pytest.mark.parametrize(
    ("reason", "written"),
    [("\tx", "'\tx"), ("\rx", "'\rx"), ("a=b", "a=b"), ("x -1", "x -1"), ("", ""), ("403", "403")],
)
def test_harmless_reasons_are_written_unchanged(reason: str, written: str) -> None:
    assert reason_of(reason) == written


def reason_of(reason: str) -> str:
    """Return the reason as a spreadsheet reads it from the file."""
    row = OutcomeRow(5, 0, "private", "en", DeliveryState.FAILED, reason, None, NOW)
    _, read = csv.reader(io.StringIO(outcomes_csv([row]), newline=""))
    return read[5]
