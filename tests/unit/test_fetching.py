"""How the bot fetches, by its settings."""

from __future__ import annotations

from bot.wiring.fetching import feed_fetch_options, fetch_options
from config.load import load_settings

ENVIRON = {
    "DIGESTBOT_TELEGRAM__TOKEN": "123456:test-token",
    "DIGESTBOT_FETCH__ALLOW_HOSTS": "rsshub.internal:1200,127.0.0.1:8480",
    "DIGESTBOT_FETCH__CONTACT": "https://bot.example",
    "DIGESTBOT_FEEDS__HOST_SECONDS": "2.5",
}


def test_hosts_that_are_allowed_are_allowed_for_pictures_and_feeds() -> None:
    settings = load_settings(environ=ENVIRON)
    for options in (fetch_options(settings), feed_fetch_options(settings)):
        assert options.allowed.allow("RSSHub.internal", 1200)
        assert options.allowed.allow("127.0.0.1", 8480)
        assert not options.allowed.allow("127.0.0.1", 8481)
        assert options.contact == "https://bot.example"


def test_feeds_are_fetched_more_politely_and_in_every_packing() -> None:
    settings = load_settings(environ=ENVIRON)
    pictures, feeds = fetch_options(settings), feed_fetch_options(settings)
    assert (pictures.host_seconds, feeds.host_seconds, feeds.per_host) == (0, 2.5, 1)
    assert (pictures.longest_wait, feeds.longest_wait) == (86_400, 172_800)
    assert (pictures.packings, feeds.packings) == (("gzip", "deflate"), ("gzip", "deflate", "br", "zstd"))
    assert (pictures.allows_downgrade, feeds.allows_downgrade) == (False, True)
    assert (feeds.max_bytes, feeds.seconds) == (5_000_000, 30)
    assert feeds.at_once > settings.feeds.at_once, "an admin who adds a feed waits for no looks"
