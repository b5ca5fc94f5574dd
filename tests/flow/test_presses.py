"""Who may press which button, where, and what they are told: the whole matrix, written out.

Nothing here is derived from the bot's own table: everybody presses everything, over HTTP, and what the bot answers is
compared with the rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import bot.callbacks as callbacks
from bot.callbacks import (
    TICK,
    ActionButton,
    AddFeedButton,
    AddTimeButton,
    AnnouncementsButton,
    ArticleButton,
    AskFeedButton,
    AskLettersButton,
    AskMuteButton,
    AskWishButton,
    AudienceButton,
    AudiencePageButton,
    AuditButton,
    BackToOwnButton,
    BrowseButton,
    Button,
    CapsButton,
    CardButton,
    CategorySourcesButton,
    ClockButton,
    ClocksButton,
    ConfirmButton,
    DeepLinkButton,
    DigestItemsButton,
    DiscardButton,
    EndWishButton,
    ExportFeedsButton,
    ExportSavedButton,
    FeedButton,
    FeedCategoriesButton,
    FeedsButton,
    FilterButton,
    FilteredButton,
    FinishButton,
    FollowAgainButton,
    FollowedButton,
    FollowPopularButton,
    FollowSourceButton,
    ForumTopicsButton,
    FoundButton,
    FullTextButton,
    HideButton,
    ImportFeedsButton,
    KeepZoneButton,
    LanguagesButton,
    ListingButton,
    LookAgainButton,
    ManageButton,
    MissedButton,
    MoreButton,
    MuteButton,
    MuteSourceButton,
    NarrowButton,
    OpenCategoryButton,
    PauseFeedButton,
    PickChatButton,
    PlaceFeedButton,
    PreviewButton,
    RemoveFeedButton,
    RemoveSavedButton,
    ResendButton,
    RestoreFeedButton,
    RestoreSavedButton,
    RestoreWishButton,
    SaveButton,
    SavedButton,
    SearchFeedsButton,
    SearchSavedButton,
    SeenMagazineButton,
    SetAtOnceButton,
    SetCapButton,
    SetDaysButton,
    SetEmptyButton,
    SetItemsButton,
    SetLanguageButton,
    SetLayoutButton,
    SetLeastButton,
    SetMuteButton,
    SetOrderButton,
    SetQuietButton,
    SetSoundButton,
    SetTasteButton,
    SetTimeButton,
    SettingsButton,
    SetZoneButton,
    ShowAgainButton,
    SimilarButton,
    SourcesButton,
    StatisticsButton,
    StoryButton,
    SubscribeButton,
    SubscriptionsButton,
    TasteButton,
    TastesButton,
    TimesButton,
    ToggleButton,
    ToggleFoundButton,
    TopButton,
    TopicsButton,
    TryFeedButton,
    TryMagazineButton,
    TypeCityButton,
    TypeFeedCategoryButton,
    UndoPopularButton,
    UnfollowButton,
    UnsubscribeButton,
    WatchButton,
    WhyButton,
    WishButton,
    WithdrawButton,
    ZonesButton,
    unpack,
)
from bot.callbacks.card_actions import CardAction
from bot.handlers.readers.actions import ACTIONS
from digests.model.announcement import Content
from tests.flow.everybody import IN_GROUP, PRIVATELY, Everybody, outcome

PRESSING = ("asker", *IN_GROUP)
"""In the group; the asker is a member, and the button is below the answer to their command."""
GONE = 999
_TEXTS, _RECALL = CardAction.TEXTS, CardAction.RECALL


@dataclass
class Case:
    """What the buttons of a chat are about: its newest digest, its search, and a draft of whoever presses there."""

    digest: int
    search: str
    draft: int


# The button, what its alert or the chat holds once it was pressed ("" where the message goes), and what that comes to
# for each of PRIVATELY, and of PRESSING.
PRESSED: list[tuple[Callable[[Case], Button], str, str, str]] = [
    (lambda _: BrowseButton(), "Tick what you want",            "– yes yes yes yes",    "yes list yes list list list"),
    (lambda _: ToggleButton(1, to=TICK), "Tick what you want",  "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: AskLettersButton(), "a part of", "– yes yes yes yes", "yes chat yes chat chat chat"),
    (lambda _: FilteredButton("sci"), "“sci”", "– yes yes yes yes", "yes list yes list list list"),
    (lambda _: ToggleFoundButton(1, "sci", to=TICK), "“sci”", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: FollowPopularButton(), "Tick what you want", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: UndoPopularButton(""), "Tick what you want", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: CategorySourcesButton(1), "📡", "– yes yes yes yes", "yes list yes list list list"),
    (lambda _: SetItemsButton(12), "At most 12 articles", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: SetOrderButton("newest"), "Order: Newest first", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: SetEmptyButton(), "When nothing is new", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: AddTimeButton("08:00", TICK), "times a day", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: CapsButton(), "Limits", "– yes yes yes yes", "yes chat yes chat chat chat"),
    (lambda _: SetCapButton(1, 3), "Limits", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: FinishButton(), "All set",                       "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: TimesButton(), "⏰",                              "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SetTimeButton("08:00"), "08:00",                 "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: ZonesButton(), "What time is it",                "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: ClocksButton(0), "What time is it",              "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: ClockButton.at(480), "Which city",            "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: KeepZoneButton(), "UTC",                         "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: TypeCityButton(), "city",                        "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: LanguagesButton(), "In which language",          "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SetLanguageButton("en"), "English",              "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: SetZoneButton("UTC"), "UTC",                     "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: SettingsButton(), "Your digest",                 "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SettingsButton("days"), "On which days",         "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SettingsButton("quiet"), "🌙",                    "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SettingsButton("least"), "📏",                    "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SetDaysButton("1", TICK), "On which days",       "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: SetQuietButton(), "Quiet hours: none",           "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: SetSoundButton(1), "Arrives with a sound",       "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: SetLeastButton(1), "at least 1 new article",     "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: SettingsButton("layout"), "How should your",     "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SettingsButton("times"), "⏰",                    "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SettingsButton("items"), "articles",             "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SettingsButton("order"), "What comes first",     "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SettingsButton("empty"), "new",                  "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: SetLayoutButton("list"), "One large picture",    "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda case: TryMagazineButton(case.digest), "magazine",   "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda _: SeenMagazineButton(1), "magazine",               "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: ManageButton(), "This is your own digest",       "– yes yes yes yes",    "old old old old old old"),
    (lambda _: ForumTopicsButton(), "This is your own digest",  "– yes yes yes yes",    "old old old old old old"),
    (lambda _: PickChatButton(), "Which chat shall I write to", "– yes yes yes yes",    "old old old old old old"),
    (lambda _: BackToOwnButton(), "your own digest again",      "– yes yes yes yes",    "old old old old old old"),
    (lambda _: TopicsButton(), "A topic for each category",     "– yes yes yes yes",    "old old old old old old"),
    (lambda _: ListingButton("l"), "Latest",                    "– yes yes yes yes",    "yes list yes list list list"),
    (lambda case: FoundButton(case.search), "6 articles",       "– yes yes yes yes",    "yes list yes list list list"),
    (lambda case: FilterButton(case.search, "l"), "6 articles", "– yes yes yes yes",    "yes list yes list list list"),
    (lambda case: NarrowButton(case.search), "6 articles",      "– yes yes yes yes",    "yes list yes list list list"),
    (lambda case: MoreButton(case.digest), "More of your digest", "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda case: SourcesButton(case.digest), "Who else covers", "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda case: MissedButton(case.digest), "Your digest from", "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda _: ArticleButton(1), "The moon",                    "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda case: DigestItemsButton(case.digest), "x",          "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda _: SaveButton(1, TICK), "/saved shows all",         "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda _: SimilarButton(1), "nothing else like this",      "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda _: StoryButton(1), "Only one source",               "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda _: OpenCategoryButton(1), "Science",                "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda _: DeepLinkButton("a", 1), "opens the article",     "– yes yes yes yes",    "yes yes yes yes yes yes"),
    (lambda _: SavedButton(), "1 article",                      "– yes yes yes yes",    "old old old old old old"),
    (lambda _: SearchSavedButton(), "Send me a word",           "– yes yes yes yes",    "old old old old old old"),
    (lambda _: ExportSavedButton(), "Take it with you",         "– yes yes yes yes",    "old old old old old old"),
    (lambda _: RemoveSavedButton(1), "Removed",                 "– yes yes yes yes",    "old old old old old old"),
    (lambda _: RestoreSavedButton(1, 0), "1 article",           "– yes yes yes yes",    "old old old old old old"),
    (lambda _: UnfollowButton(GONE), "no longer exists",        "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: SubscriptionsButton(), "What your digest",     "– yes yes yes yes",    "yes list yes list list list"),
    (lambda _: SubscribeButton(1), "already follow Science",    "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: UnsubscribeButton(GONE), "What your digest",  "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: FollowedButton(1), "Comes in your digest", "– yes yes yes yes", "yes list yes list list list"),
    (lambda _: FollowAgainButton(1), "follow it again", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: FollowSourceButton(1), "Articles of this source", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda case: WatchButton(case.search), "Watching", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda case: AskMuteButton("words", case.search), "Mute the", "– yes yes yes yes", "yes chat yes chat chat chat"),
    (lambda case: MuteButton("words", case.search, 24), "Muted", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: MuteSourceButton(1), "Muted", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: AskWishButton("watch"), "moon landing", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: WishButton(GONE), "ended already", "– yes yes yes yes", "yes list yes list list list"),
    (lambda _: SetAtOnceButton(GONE, 1), "ended already", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: SetMuteButton(GONE, 24), "ended already", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: EndWishButton(GONE), "ended already", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda case: RestoreWishButton(case.search), "too long ago", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: TasteButton(1), "More or less like this", "– yes yes yes yes", "yes yes yes yes yes yes"),
    (lambda _: SetTasteButton(1, "source"), "More or", "– yes yes yes yes", "chat chat yes chat chat chat"),
    (lambda _: TastesButton(), "More and less", "– yes yes yes yes", "yes list yes list list list"),
    (lambda _: PreviewButton(), "Nothing new since", "– yes yes yes yes", "yes list yes list list list"),
    (lambda _: WhyButton(1), "You follow", "– yes yes yes yes", "yes list yes list list list"),
    (lambda _: TopButton(), "Most covered", "– yes yes yes yes", "yes list yes list list list"),
    (lambda _: ActionButton("digest"), "Nothing new",           "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: ActionButton("latest"), "Latest",                "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: ActionButton("menu"), "You follow 1 category",   "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: ActionButton("settings"), "Your digest",         "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: ActionButton("pause"), "Paused",                 "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: ActionButton("resume"), "on again",              "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: ActionButton("cancel"), "Cancelled",             "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: ActionButton("close"), "",                       "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda case: CardButton(case.draft, _TEXTS), "Which one do", "– old yes yes yes",  "old old old old old old"),
    (lambda case: CardButton(case.draft, _RECALL), "no copies", "– old admin yes yes",  "old old old old old old"),
    (lambda case: AudienceButton(case.draft), "Readers of which", "– old yes yes yes",    "old old old old old old"),
    (lambda case: AudiencePageButton(case.draft), "which categories", "– old yes yes yes",  "old old old old old old"),
    (lambda case: ConfirmButton(case.draft), "Send to",         "– old admin yes yes",  "old old old old old old"),
    (lambda _: DiscardButton(GONE), "sent or discarded",        "– old yes yes yes",    "old old old old old old"),
    (lambda _: AnnouncementsButton(), "Announcements",          "– old yes yes yes",    "old old old old old old"),
    (lambda _: AuditButton(), "recorded",                       "– old old yes yes",    "old old old old old old"),
    (lambda _: StatisticsButton(7), "Readers now",              "– old old yes yes",    "old old old old old old"),
    (lambda _: ResendButton(), "Sending 0 messages again",      "– old old yes yes",    "old old old old old old"),
    (lambda _: HideButton("c", GONE), "no longer exists",       "– old old yes yes",    "old old old old old old"),
    (lambda _: ShowAgainButton("c", GONE), "no longer exists",  "– old old yes yes",    "old old old old old old"),
    (lambda _: WithdrawButton(1), "Withdraw it?",               "– old old yes yes",    "old old old old old old"),
    (lambda _: FeedsButton(), "None yet", "– old old yes yes", "old old old old old old"),
    (lambda _: SearchFeedsButton(), "a part of the name", "– old old yes yes", "old old old old old old"),
    (lambda _: FeedButton(GONE), "was removed", "– old old yes yes", "old old old old old old"),
    (lambda _: PauseFeedButton(GONE, TICK), "was removed", "– old old yes yes", "old old old old old old"),
    (lambda _: LookAgainButton(GONE), "was removed", "– old old yes yes", "old old old old old old"),
    (lambda _: FullTextButton(GONE, TICK), "was removed", "– old old yes yes", "old old old old old old"),
    (lambda _: RemoveFeedButton(GONE), "was removed", "– old old yes yes", "old old old old old old"),
    (lambda _: RestoreFeedButton("x"), "too long ago", "– old old yes yes", "old old old old old old"),
    (lambda _: AskFeedButton(), "Add a feed", "– old old yes yes", "old old old old old old"),
    (lambda _: TryFeedButton("x"), "too long ago", "– old old yes yes", "old old old old old old"),
    (lambda _: FeedCategoriesButton(GONE), "was removed", "– old old yes yes", "old old old old old old"),
    (lambda _: TypeFeedCategoryButton(GONE), "name of the category", "– old old yes yes", "old old old old old old"),
    (lambda _: PlaceFeedButton(GONE), "was removed", "– old old yes yes", "old old old old old old"),
    (lambda _: AddFeedButton("x"), "too long ago", "– old old yes yes", "old old old old old old"),
    (lambda _: ImportFeedsButton(), "OPML file", "– old old yes yes", "old old old old old old"),
    (lambda _: ExportFeedsButton(), "no feeds yet", "– old old yes yes", "old old old old old old"),
    (lambda _: ActionButton("export"), "All that I keep",       "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: ActionButton("list"), "That is done",            "– yes yes yes yes",    "yes chat yes chat chat chat"),
    (lambda _: ActionButton("erase"), "Delete everything",      "– yes yes yes yes",    "chat chat yes chat chat chat"),
    (lambda _: ActionButton("erase!"), "is deleted",            "– yes yes yes yes",    "chat chat yes chat chat chat"),
]  # fmt: skip


def test_every_button_is_tried() -> None:
    tried = [make(Case(1, "token", 1)) for make, *_ in PRESSED]
    assert {type(pressed) for pressed in tried} == set(callbacks.BUTTONS.values())
    assert {pressed.what for pressed in tried if isinstance(pressed, ActionButton)} == set(ACTIONS)


async def test_everybody_presses_every_button(everybody: Everybody) -> None:
    asker = everybody.people["asker"]
    asked = (await asker.say("/id", everybody.group))["message_id"]
    everybody.people["stranger"] = await everybody.harness.reader("stranger")
    await everybody.say("stranger", "/start")
    cases = {who: await case_of(everybody, who) for who in PRIVATELY[1:]}
    of_group = await case_of(everybody, "group admin", everybody.group)
    expected, happened = [], []
    for make, answer, *outcomes in PRESSED:
        said = await asyncio.gather(*(everybody.press(who, make(cases.get(who, of_group))) for who in PRIVATELY))
        in_group = [
            await everybody.press(who, make(of_group), everybody.group, asked if who == "asker" else 0)
            for who in PRESSING
        ]
        columns = [" ".join(outcome(answer, texts) for texts in column) for column in (said, in_group)]
        expected.append((make(of_group), outcomes))
        happened.append((make(of_group), columns))
    assert happened == expected
    assert {answer["text"] for answer in await asyncio.gather(*everybody.passed_over)} == {""}


async def case_of(everybody: Everybody, who: str, chat: int | None = None) -> Case:
    person, app, now = everybody.people[who], everybody.harness.app, everybody.harness.clock.now()
    buttons = [
        unpack(pressed["data"])
        for message in await person.messages(chat)
        for row in message["buttons"]
        for pressed in row
    ]
    digest = next(pressed.delivery for pressed in buttons if isinstance(pressed, MoreButton))
    search = await app.stores.people.keep_lookup(chat or person.id, "moon", now)
    draft = await app.stores.announcements.create(person.id, Content("A draft"), now)
    return Case(digest, search, draft.id)
