"""What is read of a body's HTML: what hides is left out, what replaces or marks text becomes text."""

from __future__ import annotations

from threading import Thread

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from digests.articles.markup.contents import Body
from digests.articles.markup.read import read_markup
from digests.articles.markup.unwrapping import unwrap
from tests.unit.articles.writing import read, write, write_raw

SEEN = "港口今天开来了一艘很大的船。"
UNSEEN = "预读的文字，谁也看不到它。"


def text(markup: str) -> str:
    return read_markup(markup).text


@pytest.mark.parametrize(
    "attributes",
    [
        'style="display:none"',
        'style="color: red; DISPLAY : NONE !important"',
        'style="visibility: hidden;"',
        'style="max-height:0px; overflow: hidden"',
        'style="opacity: 0"',
        'style="opacity:0.0;"',
        'style="font-size:0"',
        'style="font-size: 0px; line-height: 0"',
        'style="mso-hide:all"',
        'style="position:absolute;left:-9999px"',
        'style="text-indent: -99999px"',
        'style="clip: rect(1px,1px,1px,1px)"',
        "hidden",
        'hidden="until-found"',
        'class="screen-reader-text"',
        'class="sr-only"',
        'class="a Visually-Hidden b"',
        'class="preheader"',
    ],
)
@pytest.mark.parametrize("tag", ["div", "span", "p", "section"])
def test_what_is_hidden_is_not_read(attributes: str, tag: str) -> None:
    assert text(f"<{tag} {attributes}>{UNSEEN}</{tag}><p>{SEEN}</p>") == SEEN
    assert text(f"<p>{SEEN}</p><div><{tag} {attributes}><b>{UNSEEN}</b></{tag}></div>") == SEEN


@pytest.mark.parametrize(
    "attributes",
    [
        'style="opacity: 0.5"',
        'style="opacity: 1"',
        'style="font-size: 0.9em"',
        'style="max-height: 0.5em"',
        'style="max-height: 60px"',
        'style="display: block"',
        'style="margin-left: -20px"',
        'style="transition: opacity 0s"',
        'style="overflow: hidden"',
        'hidden="false"',
        'class="hidden-treasures"',
        'class="lead-in"',
        'data-hidden="1"',
    ],
)
def test_what_only_looks_like_hiding_is_read(attributes: str) -> None:
    assert text(f"<p {attributes}>{SEEN}</p><p>后来它走了。</p>") == f"{SEEN} 后来它走了。"


@pytest.mark.parametrize(
    "wrapper",
    [
        '<div id="js_content" style="visibility: hidden; opacity: 0;">{}</div>',
        '<div style="opacity:0">{}</div>',
        '<section style="visibility:hidden"><section style="visibility:hidden">{}</section></section>',
        '<p><img src="https://e.com/x.jpg"></p><div style="visibility:hidden">{}</div>',
    ],
)
def test_a_hidden_wrapper_of_the_whole_text_is_shown(wrapper: str) -> None:
    assert SEEN in text(wrapper.format(f"<p>{SEEN}</p>"))


def test_in_a_wrapper_what_is_hidden_stays_hidden() -> None:
    inner = f'<p style="display:none">{UNSEEN}</p><p>{SEEN}</p>'
    assert text(f'<div style="visibility: hidden; opacity: 0">{inner}</div>') == SEEN


def test_a_hidden_line_beside_a_picture_is_no_wrapper() -> None:
    body = read_markup(f'<p style="display:none">{UNSEEN}</p><img src="https://e.com/x.jpg">')
    assert (body.text, len(body.images)) == ("", 1)


def test_a_long_article_that_nothing_shows_is_read_after_all() -> None:
    long = SEEN * 30
    assert text(f'<p>相关</p><div style="display:none"><p>{long}</p></div>').endswith(long)


@pytest.mark.parametrize("name", ["preview-text", "credits", "photo-info", "note"])
def test_a_class_that_fits_no_long_text_says_nothing_of_one(name: str) -> None:
    assert (
        read(write(body=f'<div class="{name}"><p>{SEEN}</p>{"<p>后来它走了，很久没有回来。</p>" * 80}</div>')).summary
        == SEEN
    )


def test_what_fades_in_and_what_resets_a_size_is_read() -> None:
    long = SEEN * 20
    assert text(f'<p>{SEEN}</p><p style="opacity:0">{long}</p>') == f"{SEEN} {long}"
    resets = f'<div style="font-size:0"><p style="font-size:16px">{SEEN}</p></div><p>后来。</p>'
    assert text(resets) == f"{SEEN} 后来。"


def test_pictures_count_wherever_they_are() -> None:
    body = read_markup(
        '<div style="display:none"><img src="a.jpg"></div><noscript><img src="b.jpg"></noscript><p>x</p>'
    )
    assert [image["src"] for image in body.images] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("<p>Carts <del>may</del> <ins>must not</ins> stop.</p>", "Carts must not stop."),
        ("<p>Now <s>9</s> <strike>8</strike> 7 euros.</p>", "Now 7 euros."),
        ("<p>Text.<ins class='adsbygoogle x'>Buy!</ins></p>", "Text."),
        ("<ins><p>Whole paragraphs are new.</p></ins>", "Whole paragraphs are new."),
        ("<p><u>und</u> <b>fett</b> <small>klein</small></p>", "und fett klein"),
    ],
)
def test_what_was_deleted_is_gone_and_what_replaced_it_is_read(markup: str, line: str) -> None:
    assert text(markup) == line


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("10<sup>6</sup> cells", "10⁶ cells"),
        ("10<sup>-3</sup> m", "10⁻³ m"),
        ("5 km<sup>2</sup> of H<sub>2</sub>O and CO<sub>2</sub>", "5 km² of H₂O and CO₂"),
        ("Ca<sup>2+</sup> and SO<sub>4</sub><sup>2-</sup>", "Ca²⁺ and SO₄²⁻"),
        ("O(n<sup>2</sup>), 2<sup>n</sup>", "O(n²), 2ⁿ"),
        ("面积为3m<sup>2</sup>，", "面积为3m²，"),
        ("the 19<sup>th</sup> time, M<sup>me</sup> Tea<sup>®</sup>", "the 19th time, Mme Tea®"),
        ("x<sub>i</sub> and log<sub>10</sub> n", "xi and log₁₀ n"),
        ("It rained.<sup>1</sup> Then it<sup>[2]</sup> snowed<sup>3</sup>.", "It rained. Then it snowed."),
        ('It rained<sup><a href="#fn1">1</a></sup> again.', "It rained again."),
        ('He said so <sup id="r"><a href="#n">[4]</a></sup>.', "He said so."),
        ("据说<sup>[注]</sup>如此<sup>*</sup>。", "据说如此。"),
        ("E = mc<sup>2</sup>", "E = mc²"),
    ],
)
def test_small_numbers_are_read_and_marks_of_footnotes_are_not(markup: str, line: str) -> None:
    assert text(f"<p>{markup}</p>") == line


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("<ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>を読む", "漢字を読む"),
        ("<ruby><rb>明日</rb><rt>あす</rt></ruby>は晴れ", "明日は晴れ"),
        ("<ruby>你<rt>nǐ</rt>好<rt>hǎo</rt></ruby>！", "你好！"),
        ("Donau<wbr>dampf<wbr>schiff und Silben&shy;trennung", "Donaudampfschiff und Silbentrennung"),
        ("zero&#8203;width", "zerowidth"),
    ],
)
def test_readings_and_places_to_break_are_not_read(markup: str, line: str) -> None:
    assert text(f"<p>{markup}</p>") == line


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ('<img class="emoji" alt="⭐" src="https://s.w.org/images/core/emoji/15/72x72/2b50.png">', "⭐"),
        ('<img class="wp-smiley" alt=":)" src="/x/simple-smile.png">', "🙂"),
        ('<img class="emojione" alt=":heart:" src="/e/2764.png">', "❤️"),
        ('<img alt="👍🏽" src="https://cdn.example/twemoji/14/72x72/1f44d-1f3fd.png">', "👍🏽"),
        ('<img src="https://s.w.org/images/core/emoji/2/svg/1f680.svg">', "🚀"),
        ('<img class="emoji" alt=":octocat:" src="/images/octocat.png">', ""),
        ('<img class="photo" alt="⭐" src="https://e.com/star.jpg">', None),
        ('<img alt="a smile" src="https://e.com/emoji-museum.jpg">', None),
    ],
)
def test_pictures_of_emoji_are_emoji(image: str, shown: str | None) -> None:
    body = read_markup(f"<p>Good{image}!</p>")
    assert body.text == f"Good{shown or ''}!"
    assert len(body.images) == (shown is None)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("<![CDATA[<p>The pass is closed.</p><p>Second.</p>]]>", "The pass is closed."),
        ("<div>   \n<![CDATA[<p>The pass is closed.</p>]]>  \n</div>\n            ", "The pass is closed."),
        (
            '&lt;p&gt;Moss needs &lt;b&gt;shade&lt;/b&gt;.&lt;/p&gt;&lt;img src="https://e.com/m.jpg"&gt;',
            "Moss needs shade.",
        ),
        ("<div>\n&lt;div class=&quot;a&quot;&gt;Moss &amp;amp; fern.&lt;/div&gt;\n</div>", "Moss & fern."),
        ("<p>The baker&amp;#8217;s oven is warm &amp;amp; loud&amp;hellip;</p>", "The baker’s oven is warm & loud…"),
        # These speak of markup.
        ("<p>Write &lt;b&gt; for bold, and &lt;/b&gt; after it.</p>", "Write <b> for bold, and </b> after it."),
        ("<p><code>&amp;amp;</code> is the sign and.</p>", "&amp; is the sign and."),
        ("<p>Write &amp;lt; for a sign.</p>", "Write &lt; for a sign."),
    ],
)
def test_what_was_escaped_or_wrapped_too_often_is_unwrapped(body: str, line: str) -> None:
    parsed = read(write_raw("title: 长苔的园子", body))
    assert parsed.summary == line
    assert parsed.thumbnail == ("https://e.com/m.jpg" if "m.jpg" in body else None)


@given(st.text("<>&lt;gp/![]CDATA \n", max_size=40))
def test_unwrapping_changes_only_what_is_wrapped(body: str) -> None:
    if "<![CDATA[" not in body and "&lt;" not in body:
        assert unwrap(body) is body


def test_links_of_hidden_words_and_continuations_are_kept() -> None:
    body = read_markup('<p>It rained. <a class="more-link" href="https://e.com/a">Weiter <b>hier</b> →</a></p>')
    assert body.text == "It rained."
    assert [(link.href, link.text) for link in body.links] == [("https://e.com/a", "Weiter hier →")]


def test_paragraphs_say_what_they_are() -> None:
    markup = (
        "<h2>h</h2><p>p</p><ul><li><p>li</p></li></ul><blockquote><div>q</div></blockquote><table><tr><th>h</th>"
        "<td><p>td</p></td></tr></table><figure><p>f</p></figure><nav><ul><li>n</li></ul></nav><pre>code</pre>"
        '<span class="img_descr">c</span><div class="wp-caption-text">c</div><div class="note tip">a</div>'
    )
    roles = [(paragraph.text, paragraph.role) for paragraph in read_markup(markup).paragraphs]
    assert roles == [
        ("h", "heading"),
        ("p", "p"),
        ("li", "li"),
        ("q", "blockquote"),
        ("h", "dt"),
        ("td", "td"),
        ("f", "caption"),
        ("n", "nav"),
        ("code", "pre"),
        ("c", "caption"),
        ("c", "caption"),
        ("a", "aside"),
    ]


def test_a_paragraph_knows_its_lines_links_and_picture() -> None:
    markup = "<p>a<br>b <a href='x'>c</a></p><p><img src='x'></p><p>d</p><p>e</p><p><img src='x'><br>f</p>"
    found = [(each.lines, each.links, each.linked, each.under_picture) for each in read_markup(markup).paragraphs]
    assert found == [(["a", "b c"], 1, 1, False), ([], 0, 0, True), ([], 0, 0, False), (["f"], 0, 0, True)]


def test_prose_is_without_code() -> None:
    body = read_markup("<p>用<code>npm install</code>安装</p><pre>const a = 1;</pre><p>即可</p>")
    assert body.prose == "用 安装 即可"
    assert body.text == "用npm install安装 const a = 1; 即可"


def test_bodies_are_read_the_same_in_several_threads() -> None:
    markup = f'<p style="display:none" class="x">{UNSEEN}</p><p class="text-description">{SEEN}</p>' * 20
    expected, read_in_threads = read_markup(markup), []
    threads = [Thread(target=lambda: read_in_threads.append(read_markup(markup))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_in_threads == [expected] * 8


PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<div style='opacity:0'>",
            "<div hidden>",
            "</div>",
            "<span class='sr-only'>",
            "</span>",
            "<br>",
        ),
        *(
            "<sup>",
            "</sup>",
            "<sub>2",
            "</sub>",
            "<a href='x'>",
            "<a class='more-link' href='y'>",
            "</a>",
            "<code>",
            "</code>",
        ),
        *(
            "<img class='emoji' alt='⭐'>",
            "<img src='x'>",
            "<ruby>",
            "<rt>",
            "</ruby>",
            "<del>",
            "</del>",
            "<ins>",
            "<pre>",
            "\n\n",
        ),
        *(
            "</pre>",
            "<p class='excerpt'>",
            "<figure>",
            "</figure>",
            "<td>",
            "&amp;#8217;",
            "a",
            "字",
            "3",
            ". ",
            "\x02",
            "\x1e",
            "\x10",
        ),
    ]
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example("<br><code>&amp;#8217;")
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_markup_gives_paragraphs_that_can_be_shown(markup: str) -> None:
    body = read_markup(markup)
    assert isinstance(body, Body)
    for paragraph in body.paragraphs:
        assert paragraph.text
        assert paragraph.text.replace("\u200d", "").isprintable()
        assert " ".join(paragraph.lines) in ("", paragraph.text)
