"""The rules of politeness, each a check over what servers of feeds were asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

from tests.feed_server.record import Exchange, RecordedLook, looks_by_url, looks_of

NAME = r"digestbot/\d+\.\d+\S* \(\+\S+\)"
TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "xml", "*/*")
PACKINGS = frozenset({"gzip", "deflate", "br", "zstd"})
HEADERS = frozenset({"host", "user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since"})


LEEWAY = 0.01
"""So much later than it was the server may notice that somebody has hung up."""


@dataclass(frozen=True, slots=True)
class PoliteLimits:
    """What is polite; `agents` are the names that are given to some addresses instead of ours."""

    least: timedelta = timedelta(minutes=15)
    host_seconds: float = 1.0
    at_once: int = 8
    longest_wait: timedelta = timedelta(days=2)
    back_off: tuple[timedelta, ...] = (timedelta(hours=1), timedelta(days=1), timedelta(days=2), timedelta(days=7))
    looks_to_move: int = 3
    time_to_move: timedelta = timedelta(days=2)
    agents: Mapping[str, str] = field(default_factory=dict)


Exchanges = Sequence[Exchange]
Check = Callable[[Exchanges, PoliteLimits], Iterator[str]]


def is_conditional(exchanges: Exchanges, _limits: PoliteLimits) -> Iterator[str]:
    """Hold that each look after the first has exactly the validators of the last body, and all redirects with it.

    From https to http they don't go: others could read them there.
    """
    for looks in looks_by_url(exchanges):
        known = ("", "")
        for look in looks:
            sent = _conditions(look.exchanges[0])
            if sent != known:
                yield f"{look.url} was asked with {sent} instead of {known}"
            for step in look.exchanges[1:]:
                is_downgrade = look.url.startswith("https:") and step.request.url.startswith("http:")
                wanted = ("", "") if is_downgrade else sent
                if _conditions(step) != wanted:
                    yield f"{step.request.url} was asked with {_conditions(step)} instead of {wanted}"
            last = look.last.answer
            if last.status == 200 and last.is_usable and not last.is_cut:
                known = (last.header("etag"), last.header("last-modified"))


def _conditions(exchange: Exchange) -> tuple[str, str]:
    request = exchange.request
    return request.header("if-none-match"), request.header("if-modified-since")


def leaves_time_between(exchanges: Exchanges, limits: PoliteLimits) -> Iterator[str]:
    """Hold that no address is looked at more often than allowed."""
    for looks in looks_by_url(exchanges):
        for before, after in pairwise(looks):
            if after.at - before.at < limits.least:
                yield f"{after.url} was asked again after {after.at - before.at}"


def holds_retry_after(exchanges: Exchanges, limits: PoliteLimits) -> Iterator[str]:
    """Hold that whoever asks to be left alone is, for two days at most."""
    for looks in looks_by_url(exchanges):
        for before, after in pairwise(looks):
            wait = min(_wait(before.last), limits.longest_wait)
            if after.at - before.at < wait:
                yield f"{after.url} was asked after {after.at - before.at}, though it wanted {wait}"


def _wait(exchange: Exchange) -> timedelta:
    text = exchange.answer.header("retry-after")
    if not text or exchange.answer.status not in (429, 503):
        return timedelta()
    if text.isdigit():
        return timedelta(seconds=int(text))
    return parsedate_to_datetime(text).astimezone(UTC) - exchange.request.at


def backs_off(exchanges: Exchanges, limits: PoliteLimits) -> Iterator[str]:
    """Hold that what fails is asked after an hour, a day, two days, a week."""
    for looks in looks_by_url(exchanges):
        failures = 0
        for before, after in pairwise(looks):
            failures = failures + 1 if before.has_failed else 0
            if failures and not _wait(before.last):
                least = limits.back_off[min(failures, len(limits.back_off)) - 1]
                if after.at - before.at < least:
                    yield f"{after.url} was asked {after.at - before.at} after failure {failures}"


def asks_a_host_for_one_thing(exchanges: Exchanges, limits: PoliteLimits) -> Iterator[str]:
    """Hold that a host has one request at a time, and is left alone between two."""
    by_host: dict[str, list[Exchange]] = {}
    for exchange in exchanges:
        by_host.setdefault(exchange.request.host, []).append(exchange)
    for host, asked in by_host.items():
        for before, after in pairwise(sorted(asked, key=lambda exchange: exchange.request.began)):
            apart = after.request.began - before.ended
            if apart < limits.host_seconds - LEEWAY:
                yield f"{host} was asked for {after.request.url} {apart:.3f} s after {before.request.url}"


def asks_few_at_once(exchanges: Exchanges, limits: PoliteLimits) -> Iterator[str]:
    """Hold that there are never more requests under way than the settings say."""
    moments = sorted(
        [(exchange.request.began, 1) for exchange in exchanges] + [(exchange.ended, -1) for exchange in exchanges]
    )
    under_way = 0
    for _, change in moments:
        under_way += change
        if under_way > limits.at_once:
            yield f"{under_way} requests were under way at once"


def says_nothing_more(exchanges: Exchanges, _limits: PoliteLimits) -> Iterator[str]:
    """Hold that there is no cookie, no Referer, no password, nothing twice, and nothing else that nobody wants."""
    for exchange in exchanges:
        names = [name for name, _ in exchange.request.headers]
        if more := set(names) - HEADERS:
            yield f"{exchange.request.url} was asked with {', '.join(sorted(more))}"
        if len(names) > len(set(names)):
            yield f"{exchange.request.url} was asked with headers twice"
        if exchange.request.method != "GET" or "#" in exchange.request.url or "@" in exchange.request.url:
            yield f"{exchange.request.method} {exchange.request.url} was asked"


def says_who_asks(exchanges: Exchanges, limits: PoliteLimits) -> Iterator[str]:
    """Hold that everybody sees our name, with whom to turn to; or the name that the feed was given."""
    for look in looks_of(exchanges):
        wanted = limits.agents.get(look.url)
        for exchange in look.exchanges:
            name = exchange.request.header("user-agent")
            if name != wanted if wanted else not re.fullmatch(NAME, name):
                yield f"{exchange.request.url} was asked by {name!r}"


def says_what_it_takes(exchanges: Exchanges, _limits: PoliteLimits) -> Iterator[str]:
    """Hold that feeds of all kinds are asked for, in every packing that can be opened."""
    for exchange in exchanges:
        accept = exchange.request.header("accept")
        if missing := [kind for kind in TYPES if kind not in accept]:
            yield f"{exchange.request.url} was asked without {missing}"
        packings = {part.strip() for part in exchange.request.header("accept-encoding").split(",")}
        if packings != PACKINGS:
            yield f"{exchange.request.url} was asked in {sorted(packings)}"


_FOR_NOW = {302, 303, 307}


def leaves_what_is_gone(exchanges: Exchanges, _limits: PoliteLimits) -> Iterator[str]:
    """Hold that nothing is asked after 410, unless that came from where a temporary redirect leads."""
    for looks in looks_by_url(exchanges):
        for before, after in pairwise(looks):
            ways = {exchange.answer.status for exchange in before.exchanges[:-1]}
            if before.last.answer.status == 410 and not ways & _FOR_NOW:
                yield f"{after.url} was asked again at {after.at:%d %b %H:%M}, though it is gone"


def moves_in_time(exchanges: Exchanges, limits: PoliteLimits) -> Iterator[str]:
    """Hold that a new address is begun with after three permanent redirects in a row over days, and then only that."""
    looks = looks_of(exchanges)
    for number, look in enumerate(looks):
        before = looks[:number]
        if any(each.url == look.url for each in before):
            continue
        old = {each.url for each in before if look.url in (each.moved_to, each.exchanges[-1].request.url)} - {look.url}
        for url in sorted(old):
            in_a_row = _last_in_a_row([each for each in before if each.url == url], look.url)
            if len(in_a_row) < limits.looks_to_move:
                yield f"{look.url} was begun with after {len(in_a_row)} redirects from {url}"
            elif in_a_row[-1].at - in_a_row[0].at < limits.time_to_move:
                yield f"{look.url} was begun with {in_a_row[-1].at - in_a_row[0].at} after {url} redirected there"
            if any(each.url == url for each in looks[number:]):
                yield f"{url} was asked after {look.url} had taken its place"


def stays_until_it_moves(exchanges: Exchanges, limits: PoliteLimits) -> Iterator[str]:
    """Hold that an address is not asked any more that has redirected for good often enough."""
    for looks in looks_by_url(exchanges):
        for number, look in enumerate(looks):
            in_a_row = _last_in_a_row(looks[:number], looks[number - 1].moved_to) if number else []
            is_enough = len(in_a_row) >= limits.looks_to_move
            if is_enough and in_a_row[-1].at - in_a_row[0].at >= limits.time_to_move:
                yield f"{look.url} was asked once more, though it has moved to {in_a_row[-1].moved_to}"


def _last_in_a_row(looks: Sequence[RecordedLook], moved_to: str) -> list[RecordedLook]:
    """Return the looks at the end that were redirected there for good; one without an answer says nothing."""
    found = list[RecordedLook]()
    for look in reversed(looks):
        if look.has_failed and not look.moved_to:
            continue
        if not moved_to or look.moved_to != moved_to:
            break
        found.append(look)
    return found[::-1]


RULES: tuple[Check, ...] = (
    is_conditional,
    leaves_time_between,
    holds_retry_after,
    backs_off,
    asks_a_host_for_one_thing,
    asks_few_at_once,
    says_nothing_more,
    says_who_asks,
    says_what_it_takes,
    leaves_what_is_gone,
    moves_in_time,
    stays_until_it_moves,
)


POLITE = PoliteLimits()
"""What is asked of the bot with the settings that it comes with."""


def breaches(
    exchanges: Exchanges, limits: PoliteLimits = POLITE, without: Sequence[Check] = ()
) -> dict[str, list[str]]:
    """Return what was asked against the rules, by the names of those."""
    found = {rule.__name__: list(rule(exchanges, limits)) for rule in RULES if rule not in without}
    return {name: words for name, words in found.items() if words}
