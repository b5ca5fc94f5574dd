"""What is wrong with a feed, for people: in a word, in a sentence, and with what to do (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.i18n import Translator, gettext_noop
from bot.text.markup import Html
from digests.model.feed import FeedTrouble
from digests.model.feed_refusal import FeedRefusal


@dataclass(frozen=True, slots=True)
class _TroubleWords:
    """Messages for the catalogues.

    `brief` fits into a line with others, `sentence` says what is wrong. `kept` is what to do about a feed that is
    looked at, and `added` about an address that is to be added.
    """

    brief: str
    sentence: str
    kept: str
    added: str


_TRY_LATER = gettext_noop("Please try it again later.")
_KEEP_TRYING = gettext_noop("I keep trying; there is nothing for you to do unless it lasts.")
_NEW_ADDRESS = gettext_noop("Look for the feed's new address on its site, add that one, and remove this one.")
_OTHER_FEED = gettext_noop("Perhaps the site has smaller feeds, for single topics.")

_TROUBLES: Mapping[FeedTrouble, _TroubleWords] = MappingProxyType(
    {
        FeedTrouble.UNREACHABLE: _TroubleWords(
            gettext_noop("no answer"),
            gettext_noop("The site does not answer."),
            gettext_noop(
                "I keep trying, less and less often. If it has moved, add its new address and remove this one."
            ),
            gettext_noop("Please check the address, or try it again later."),
        ),
        FeedTrouble.FORBIDDEN: _TroubleWords(
            gettext_noop("not a public address"),
            gettext_noop("This address is not public, and I read only public ones."),
            gettext_noop("Whoever runs me can allow its host in the settings (fetch.allow_hosts)."),
            gettext_noop("Whoever runs me can allow its host in the settings (fetch.allow_hosts)."),
        ),
        FeedTrouble.GONE: _TroubleWords(
            gettext_noop("gone for good"),
            gettext_noop("The site says that this feed is gone for good."),
            gettext_noop("I ask for it no more, and you can remove it: its articles stay."),
            gettext_noop("Perhaps the site has another feed: send me its address."),
        ),
        FeedTrouble.DUPLICATE: _TroubleWords(
            gettext_noop("here twice"),
            gettext_noop(
                "It has moved to the address of another feed that I read already, so I ask for it only there."
            ),
            gettext_noop("You can remove it: its articles stay."),
            gettext_noop("You need not add it."),
        ),
        FeedTrouble.NOT_FOUND: _TroubleWords(
            gettext_noop("not found"),
            gettext_noop("There is nothing at this address."),
            _NEW_ADDRESS,
            gettext_noop("Please check the address, or send me the one of the site: I'll look for its feeds."),
        ),
        FeedTrouble.REFUSED: _TroubleWords(
            gettext_noop("turns programs away"),
            gettext_noop("This site turns away programs such as me."),
            gettext_noop("Ask whoever runs it to let feed readers in, or look for a feed elsewhere."),
            gettext_noop("Ask whoever runs it to let feed readers in, or look for a feed elsewhere."),
        ),
        FeedTrouble.BUSY: _TroubleWords(
            gettext_noop("asks me to wait"),
            gettext_noop("The site asks me to come back later."),
            gettext_noop("I will; there is nothing for you to do."),
            _TRY_LATER,
        ),
        FeedTrouble.SERVER: _TroubleWords(
            gettext_noop("an error of the site"),
            gettext_noop("The site has an error of its own."),
            _KEEP_TRYING,
            _TRY_LATER,
        ),
        FeedTrouble.TOO_LARGE: _TroubleWords(
            gettext_noop("too large"),
            gettext_noop("This feed is larger than I may read."),
            _OTHER_FEED,
            _OTHER_FEED,
        ),
        FeedTrouble.NOT_A_FEED: _TroubleWords(
            gettext_noop("no feed there"),
            gettext_noop("There is no feed at this address, but something else, such as a page."),
            _NEW_ADDRESS,
            gettext_noop("Look for “RSS” or “feed” on the site, and send me what it leads to."),
        ),
    }
)

_REFUSALS: Mapping[FeedRefusal, str] = MappingProxyType(
    {
        FeedRefusal.NOT_WEB: gettext_noop(
            "That is not an address that I can open. Send me one such as https://example.org/feed."
        ),
        FeedRefusal.HAS_PASSWORD: gettext_noop(
            "I can't use an address with a name and a password in it, and have not kept it. Please delete your "
            "message, and send me the address without them."
        ),
        FeedRefusal.TOO_LONG: gettext_noop("That address is too long for a feed. Please send me a shorter one."),
        FeedRefusal.NOT_PUBLIC: gettext_noop(
            "That address is not a public one. Whoever runs me can allow its host in the settings (fetch.allow_hosts)."
        ),
        FeedRefusal.BAD_CATEGORY: gettext_noop(
            "I can't make a category of that. Write a short name, or several with a slash: Science / Space."
        ),
        FeedRefusal.CONFIGURED: gettext_noop("This feed is in the settings: whoever runs me can change it there."),
        FeedRefusal.NO_FEED: gettext_noop("That is a page without a feed. Send me its address, and I'll look for one."),
        FeedRefusal.OTHER_LIST: gettext_noop("That is another list of feeds. Please send me that list as a file."),
        FeedRefusal.NOT_OPML: gettext_noop(
            "I find no feeds in that file. Send me the OPML file that your feed reader exports."
        ),
        FeedRefusal.TOO_LARGE: gettext_noop("That file is too large. Please split it, and send me its parts."),
    }
)


def brief_trouble(trouble: FeedTrouble, t: Translator) -> str:
    """Return what is wrong in a few words."""
    return t(_TROUBLES[trouble].brief)


def trouble_html(trouble: FeedTrouble, t: Translator, *, is_kept: bool) -> Html:
    """Return what is wrong and what to do, for a feed that is looked at (`is_kept`) or an address to be added."""
    words = _TROUBLES[trouble]
    return t.html(
        "{wrong} {advice}", wrong=t.html(words.sentence), advice=t.html(words.kept if is_kept else words.added)
    )


def feed_refusal_text(reason: FeedRefusal, t: Translator) -> str:
    """Return why something can't be done with a feed, and what to do instead."""
    return t(_REFUSALS[reason])
