"""Articles that hold anything at all, as hypothesis makes them up."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.factories.articles import article

LIVE = (
    "@name", "/stop", "/stop@bot", "#tag", "#标签", "#tag@name", "$USD", "$1INCH", "example.com", "新闻.中国", "a.рф",
    "127.0.0.1", "a@b.com", "https://example.com/a?b=c#d", "http://localhost", "tg://resolve?domain=x", "ton://x",
    "mailto:a@b.com", "+12345678901", "+1 212 555 0123", "+(44) 20 7946 0958", "4242 4242 4242 4242",
    "4242424242424242", "4242-4242-4242-4242", "t.me/joinchat", "😀.com", "x\u200c.com", "ex.xn--p1ai", "foo.c\u0301om",
)  # fmt: skip
"""What Telegram would make links, mentions, tags, commands or numbers of."""
NASTY = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("@/#$.+<>&\"'/=&;\u202e\u200d🇩🇪👩‍👩‍👧é\u0301\n\t\x00\ufeff"),
    ),
    max_size=300,
)
URLS = st.one_of(
    st.none(),
    NASTY,
    st.sampled_from(
        ["https://a.example/?a=1&b=\"'<x>", "javascript:alert(1)", "//x", "http://[::1", "https://新闻.example/路"]
    ),
    st.sampled_from(["https://a.example/?" + "&" * 2000, "https://a.example/" + "路" * 2000]),
)
ARTICLES = st.builds(
    lambda number, title, summary, source, categories, url, thumbnail, picture: article(
        number,
        title=title,
        summary=summary,
        source=source,
        categories=categories,
        url=url,
        thumbnail=thumbnail,
        picture=picture,
    ),
    st.integers(1, 10**9),
    NASTY
    | st.lists(st.sampled_from(LIVE), max_size=4).map(" ".join)
    | st.just("long " * 60)
    | st.just("@a" * 150)
    | st.just("#c $D " * 60),
    st.text(max_size=2000) | NASTY,
    NASTY | st.sampled_from(LIVE),
    st.lists(NASTY.filter(bool), max_size=3).map(tuple),
    URLS,
    URLS,
    st.sampled_from(["", "a" * 40, "b" * 40]),
)
