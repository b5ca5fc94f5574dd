"""Bodies in Markdown: what readers see of them. Hexo's tag plugins are in test_tag_plugins.py."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from digests.articles.markdown.coarse import coarse_html
from digests.articles.markdown.convert import is_html, linked_text, plain_markdown, to_html
from digests.articles.markup.contents import Body
from digests.articles.markup.read import read_markup
from tests.unit.articles.writing import read, write, write_raw

LIGHT = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def body_of(markdown: str) -> Body:
    return read_markup(to_html(markdown))


def lines(markdown: str) -> list[str]:
    return [paragraph.text for paragraph in body_of(markdown).paragraphs]


def headings(markdown: str) -> list[str]:
    return [paragraph.text for paragraph in body_of(markdown).paragraphs if paragraph.is_heading]


def links(markdown: str) -> list[tuple[str, str]]:
    return [(link.text, link.href) for link in body_of(markdown).links]


def pictures(markdown: str) -> list[tuple[str, str]]:
    return [(image["src"], image.get("alt", "")) for image in body_of(markdown).images]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        (
            "The file my\\_notes\\_final.txt costs 5 \\* 3 \\(about\\).",
            "The file my_notes_final.txt costs 5 * 3 (about).",
        ),
        ("\\# no heading, \\[no link\\](x), \\`no code\\`", "# no heading, [no link](x), `no code`"),
        ("\\&copy and &amp; and &lt;b&gt;", "&copy and & and <b>"),
        ("C:\\dir and a\\b", "C:\\dir and a\\b"),
        ("一 < 二，二 > 一，a<b", "一 < 二，二 > 一，a<b"),
        ("snake_case_name stays, so does 3 * 4 * 5", "snake_case_name stays, so does 3 * 4 * 5"),
        ("**strong** *soft* __strong__ _soft_ ***both*** ~~gone~~", "strong soft strong soft both"),
        ("`a*b*c` and ``code with ` in it`` and `<b>`", "a*b*c and code with ` in it and <b>"),
        ("==marked== but a == b and c == d", "marked but a == b and c == d"),
    ],
)
def test_marks_inside_a_line(markdown: str, text: str) -> None:
    assert lines(markdown) == [text]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**提示：**请先备份", "提示：请先备份"),
        ("这是**“重点”**吧", "这是“重点”吧"),
        ("请看**《手册》**第三章", "请看《手册》第三章"),
        ("これは**「大事」**です", "これは「大事」です"),
        ("이것은 **'중요'**합니다", "이것은 '중요'합니다"),
        ("** 安装方法：**", "安装方法："),
        ("**手机部分： **后面", "手机部分： 后面"),
        ("*** 带头结点 ***", "带头结点"),
        # Powers and patterns of paths are no emphasis.
        ("2 ** 53 和 2 ** 54", "2 ** 53 和 2 ** 54"),
        ("/api/** -> service1 /static/** -> service2", "/api/** -> service1 /static/** -> service2"),
    ],
)
def test_emphasis_beside_chinese_japanese_and_korean(markdown: str, text: str) -> None:
    assert lines(markdown) == [text]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("第一行，\n第二行", "第一行，第二行"),
        ("一行\n二行", "一行二行"),
        ("ひらがな\nカタカナ", "ひらがなカタカナ"),
        ("**粗体**\n[链接](/x)", "粗体链接"),
        ("中文\nEnglish\n中文", "中文 English 中文"),
        ("One line\nand another", "One line and another"),
        ("한국어는\n띄어쓰기를 한다", "한국어는 띄어쓰기를 한다"),
        ("硬换行  \n第二行", "硬换行 第二行"),
        ("硬换行\\\n第二行", "硬换行 第二行"),
    ],
)
def test_a_line_break_inside_a_paragraph(markdown: str, text: str) -> None:
    assert lines(markdown) == [text]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("见[手册](https://e.example/a)。", [("手册", "https://e.example/a")]),
        ("[wiki](https://e.example/A_(b))", [("wiki", "https://e.example/A_(b)")]),
        ("[a [b] c](/x)", [("a [b] c", "/x")]),
        ('[t](/x "title (with) brackets")', [("t", "/x")]),
        ("[t](</a b c.html>)", [("t", "/a b c.html")]),
        ("[t](/a b.html)", [("t", "/a b.html")]),
        (
            "[one][1], [two][], [three] and [Ref Äß]",
            [("one", "/1"), ("two", "/2"), ("three", "/3"), ("Ref Äß", "/4")],
        ),
        ("<https://e.example/a_b_c>", [("https://e.example/a_b_c", "https://e.example/a_b_c")]),
        ("见https://e.example/a_b_c?x=*y。后文", [("https://e.example/a_b_c?x=", "https://e.example/a_b_c?x=")]),
        ("(see https://e.example/_a_/(b)).", [("https://e.example/_a_/(b)", "https://e.example/_a_/(b)")]),
        ("**https://e.example/a**，", [("https://e.example/a", "https://e.example/a")]),
        ("[https://e.example](https://e.example/x)", [("https://e.example", "https://e.example/x")]),
        ("`https://e.example/code` http:// ftp://e.example", []),
    ],
)
def test_links(markdown: str, expected: list[tuple[str, str]]) -> None:
    definitions = "\n\n[1]: /1\n[two]: <http://no.example>\n[two]: /no\n[Three]: /3 'title'\n[REF ÄSS]: /4\n"
    found = links(markdown + definitions)
    assert [(text, href.replace("http://no.example", "/2")) for text, href in found] == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("![图](/a.png)", [("/a.png", "图")]),
        ('![图](/a.png "标题")', [("/a.png", "图")]),
        ("![a [b]](/a_(1).png)", [("/a_(1).png", "a [b]")]),
        ("![图](/my pictures/a b.png)", [("/my pictures/a b.png", "图")]),
        ('![图](/my pictures/a b.png "t")', [("/my pictures/a b.png", "图")]),
        ("![图](/a.png =300x200) ![图](/b.png =50%x)", [("/a.png", "图"), ("/b.png", "图")]),
        ("![[a b.png]] ![[c.png|300]] [[Prototype]]", [("a b.png", ""), ("c.png", "")]),
        ("![ref][pic] ![pic]\n\n[pic]: /p.png", [("/p.png", "ref"), ("/p.png", "pic")]),
        ("[![图](/small.png)](/large.png)", [("/small.png", "图")]),
        ("![](x.png){: .center width=600}", [("x.png", "")]),
        ("<center>![图](/a.png)</center>", [("/a.png", "图")]),
        ('<div align="center">\n![图](/a.png)\n</div>', [("/a.png", "图")]),
        ("`![code](/no.png)`\n\n```\n![code](/no.png)\n```\n\n<pre>![code](/no.png)</pre>", []),
        ("\\![no](/no.png) ![no]", []),
    ],
)
def test_pictures(markdown: str, expected: list[tuple[str, str]]) -> None:
    assert pictures(markdown) == expected


def test_the_marks_of_a_picture_are_no_text() -> None:
    assert lines("文字![图](/a b.png){: .center}后面\n\n![图](/a.png)") == ["文字后面"]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("# 一\n\n## 二 ##\n\n###### 六", ["一", "二", "六"]),
        ("Title\n=====\n\n标题\n---", ["Title", "标题"]),
        ("A heading that goes\nover two lines\n===", ["A heading that goes over two lines"]),
        ("##现象\n\n###1.原因###\n\n文字\n##办法", ["现象", "1.原因", "办法"]),
        ("#前言\n\n文字", ["前言"]),
        ("##Part one\n\n文字\n\n#Part two\n\n文字", ["Part one", "Part two"]),
        ("- ## 表内\n- 文字", ["表内"]),
        ("1. ##第一", ["第一"]),
        ("> ## 引用内", ["引用内"]),
        ("##C#语言", ["C#语言"]),
    ],
)
def test_headings(markdown: str, expected: list[str]) -> None:
    assert headings(markdown) == expected


@pytest.mark.parametrize(
    "markdown",
    [
        "#标签 #标签二 #标签三",
        "##标签 ##标签二",
        "正文里的 #标签 不是标题",
        "文字\n#标签",
        "#话题 今天去爬山了。",
        "#话题今天去爬山了，真好。",
        "#1 of the list",
        "#!/bin/sh",
        "####### 七",
        "#",
        "\\# 转义",
        "    ## 代码",
    ],
)
def test_what_is_no_heading(markdown: str) -> None:
    assert headings(markdown) == []


def test_lists_and_their_paragraphs() -> None:
    body = body_of("- 一\n- 二\n\n  二的第二段\n\n  > 引用\n- [ ] 待办\n- [x] 完成\n- [X] 完成二\n\n1) 甲\n2) 乙")
    assert [(paragraph.role, paragraph.text) for paragraph in body.paragraphs] == [
        *(("li", "一"), ("li", "二"), ("li", "二的第二段"), ("blockquote", "引用")),
        *(("li", "待办"), ("li", "完成"), ("li", "完成二"), ("li", "甲"), ("li", "乙")),
    ]


def test_a_box_outside_a_list_stays() -> None:
    assert lines("[ ] 不是任务\n\n- [ ]不是任务\n- [a] 链接") == ["[ ] 不是任务", "[ ]不是任务", "[a] 链接"]


def test_code_is_marked_as_code() -> None:
    body = body_of("文字\n\n    indented *code*\n\n```js\nlet a = '<b>' && `x`;\n```\n\n~~~\n# no heading\n~~~\n\n后文")
    assert [(paragraph.role, paragraph.text) for paragraph in body.paragraphs] == [
        *(("p", "文字"), ("pre", "indented *code*"), ("pre", "let a = '<b>' && `x`;")),
        *(("pre", "# no heading"), ("p", "后文")),
    ]


def test_tables() -> None:
    body = body_of("参数 | 含义\n:---|---:\n`a` | **甲**\nb \\| c | [乙](/x)\n\n|一|\n|-|\n|二|")
    assert [(paragraph.role, paragraph.text) for paragraph in body.paragraphs] == [
        *(("dt", "参数"), ("dt", "含义"), ("td", "a"), ("td", "甲"), ("td", "b | c"), ("td", "乙")),
        *(("dt", "一"), ("td", "二")),
    ]
    assert lines("a | b\n\n文字 | 不是表") == ["a | b", "文字 | 不是表"]


def test_footnotes_leave_no_mark_and_are_no_prose() -> None:
    body = body_of(
        "正文[^1]有注[^note]，行内^[内联的注]也有[^7]。\n\n[^1]: 注**一**\n[^note]: 注二\n\n    第二段\n\n后文。"
    )
    assert [(paragraph.role, paragraph.text) for paragraph in body.paragraphs] == [
        *(("p", "正文有注，行内也有。"), ("nav", "注一"), ("nav", "注二"), ("nav", "第二段"), ("p", "后文。")),
    ]
    assert read(
        write_raw("title: x", "[^1]: 这里是一条很长的脚注，不该成为摘要。\n\n正文在这里[^1]，说了一件事。")
    ).summary == ("正文在这里，说了一件事。")


def test_what_is_no_footnote() -> None:
    assert lines("字符类[^abc]与[^a-z]，`[^1]`，2^[3]^x") == ["字符类[^abc]与[^a-z]，[^1]，2^x"]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("> [!NOTE]\n> 请先备份。", ["请先备份。"]),
        ("> [!WARNING]\n>\n> 请先备份。", ["请先备份。"]),
        ("> [!tip]- 提示\n> 请先备份。", ["提示 请先备份。"]),
        ("::: warning 注意\n请先备份。\n:::", ["注意", "请先备份。"]),
        (":::info\n请先备份。\n:::\n后文", ["请先备份。", "后文"]),
        ("> [链接](/x)开头的引用", ["链接开头的引用"]),
        ("> [!]\n> 文字", ["[!] 文字"]),
        ("来自:::的说明", ["来自:::的说明"]),
    ],
)
def test_alerts_and_containers(markdown: str, expected: list[str]) -> None:
    assert lines(markdown) == expected


@pytest.mark.parametrize("mark", ["[TOC]", "[toc]", "[[toc]]", "@[TOC](目录)"])
def test_a_table_of_contents_is_no_text(mark: str) -> None:
    assert lines(f"{mark}\n\n正文。") == ["正文。"]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("质能方程 $E=mc^2$ 很有名。", "质能方程 很有名。"),
        ("$$\n\\sum_{i=1}^{n} x_i * y_i\n$$\n\n正文。", "正文。"),
        ("行内 $$a_1 * b_2$$ 公式", "行内 公式"),
        ("记作 \\\\(x_1 * x_2\\\\)，或 \\\\[a_1\\\\]。", "记作 ，或 。"),
        ("\\begin{equation}\na_1 * b\n\\end{equation}\n\n正文。", "正文。"),
        ("\\newcommand{\\im}{\\mathrm{Im}}\n\\DeclareMathOperator{\\rk}{rk}\n\n正文。", "正文。"),
        ("\\begin{align*}\na_1 \\begin{matrix}x\\end{matrix}\n\nb\n\\end{align*}正文。", "正文。"),
        ("\\begin{align}没有结尾\n\n正文。", "\\begin{align}没有结尾 正文。"),
        ("```math\na_1\n```\n\n正文。", "正文。"),
        ("有 $n$ 个点，复杂度 $O(n)$。", "有 n 个点，复杂度 O(n)。"),
        ("其中$n$是个数，$x^2$是平方，价格从$5到$10。", "其中n是个数，是平方，价格从$5到$10。"),
        ("被 $3$ 整除，从 $1 - N$ 取 $f[i]$，若 $Y⊆X$ 则 $a*b*c$。", "被 3 整除，从 1 - N 取 f[i]，若 则 a*b*c。"),
        ("It costs $5 and $10, or $5-$10.", "It costs $5 and $10, or $5-$10."),
        ("US$5, HK$10; 5$ and 10$", "US$5, HK$10; 5$ and 10$"),
        ("$HOME:$PATH and ${HOME}/${USER}", "$HOME:$PATH and ${HOME}/${USER}"),
        ("`$a_1$` stays", "$a_1$ stays"),
        ("The price went from $5 in May to $7 = too much", "The price went from $5 in May to $7 = too much"),
    ],
)
def test_formulas_are_no_prose(markdown: str, expected: str) -> None:
    assert body_of(markdown).text == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("<div align=center>\n<img src=a.png>\n</div>\n\n正文**重点**。", ["正文重点。"]),
        ("<br>\n正文**重点**。", ["正文重点。"]),
        ('<iframe src="//e.example/x"></iframe>\n<!-- more -->\n正文**重点**。', ["正文重点。"]),
        ("<details>\n<summary>展开</summary>\n\n里面**重点**\n\n</details>", ["展开", "里面重点"]),
        ("<p>a *b* c</p>\n\n*d*", ["a *b* c", "d"]),
        ("文字 <kbd>Ctrl</kbd> <font color=red>**红**</font>", ["文字 Ctrl 红"]),
        ("<script>\nvar a = '**';\n\nvar b;\n</script>\n\n正文", ["正文"]),
        ("文字\n\n<pre>\n**a**\n\n# b\n</pre>", ["文字", "**a**", "# b"]),
        ("<!-- 注释 **x** -->\n正文", ["正文"]),
    ],
)
def test_html_among_markdown(markdown: str, expected: list[str]) -> None:
    assert lines(markdown) == expected


@pytest.mark.parametrize("mark", ["<!-- more -->", "<!--more-->", "<!-- MORE -->"])
@pytest.mark.parametrize(
    "layout", ["前言。\n\n{}\n\n正文。", "前言。\n{}\n正文。", "前言。{}\n\n正文。", "前言。\n\n{}正文。"]
)
def test_the_end_of_the_lead(mark: str, layout: str) -> None:
    body = body_of(layout.format(mark))
    assert body.more == 1
    assert body.paragraphs[0].text == "前言。"


def test_a_lead_in_code_ends_nothing() -> None:
    assert body_of("```\n<!-- more -->\n```\n\n`<!-- more -->`").more is None


CRAWLED = "<div>   \n{}\n</div>\n            "


@pytest.mark.parametrize(
    "inside",
    [
        "<p>一</p>\n\n    # 不是代码\n\n*不是强调* **也不是**\n",
        "# 不是标题\n\n- 不是列表\n\n![不是](图)\n",
        "<p>一</p></div>\n\n多了一个结尾\n\n<div>二</div>",
        "<div>\n\n文字\n\n</div>\n\n文字",
        "<p>没有结尾\n\n文字\n\n<li>一\n\n文字",
        "文字\n\n\n\n文字<br>",
        "",
    ],
)
def test_the_crawlers_bodies_are_html_to_the_last_letter(inside: str) -> None:
    assert is_html(CRAWLED.format(inside))


@pytest.mark.parametrize(
    "body",
    [
        "<p>一</p>\n<p>二</p>",
        "<p>一</p>\n\n<p>二</p>\n\n<ul>\n<li>三</li>\n</ul>",
        "<div class='x'>\n<p>一</p>\n\n文字\n\n</div>",
        "<h2>一</h2>\n<pre>\n一\n\n二\n</pre>",
        "<table><tr><td>一</td></tr></table>",
        "\n\n<section>一</section>\n\n",
    ],
)
def test_other_bodies_of_html(body: str) -> None:
    assert is_html(body)


@pytest.mark.parametrize(
    "body",
    [
        "正文。",
        "<img src='a.png'>\n\n正文**重点**。\n\n<br>",
        "<img src='a.png'>\n\n<img src='b.png'>",
        "<div align=center>图</div>\n\n正文**重点**。\n\n<div>尾</div>",
        "<div>\n图\n</div>\n\n正文**重点**。\n\n<div>尾</div>",
        "<center>图</center>\n\n## 标题\n\n正文<br/>",
        "<div align=center>\n\n# 标题\n\n正文\n\n</div>",
        "<p>一</p>\n\n正文\n\n<p>二</p>",
        "<font color=red>红</font>的**字**<br>",
        "<https://e.example/a>\n\n正文 <https://e.example/b>",
        "<!-- more -->\n\n正文\n\n<!-- end -->",
        "<p>一</p>\n\n正文",
    ],
)
def test_posts_that_only_look_like_html(body: str) -> None:
    assert not is_html(body)


def test_a_crawled_body_that_is_cut_is_still_html() -> None:
    long = "<div>   \n" + "<p># 一句*话*。</p>" * 70_000 + "\n</div>"
    assert read(write_raw("title: x", long)).text.startswith("# 一句*话*。 # 一句*话*。")


def test_in_a_crawled_post_nothing_changes() -> None:
    inside = (
        "<p>第一段 *有* `标记` [不是](链接) 吗？</p>\n\n    四个空格\n\n# 不是标题\n\n{% note %}不是标签{% endnote %}"
    )
    parsed = read(write(body=inside))
    assert parsed.text == ("第一段 *有* `标记` [不是](链接) 吗？ 四个空格 # 不是标题 {% note %}不是标签{% endnote %}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("普通的文字，没有标记。", "普通的文字，没有标记。"),
        ("**重点**是[这里](https://e.example)和`代码`", "重点是这里和代码"),
        ("前![图](/a.png)后", "前后"),
        ("> 引用\n> 二行", "引用二行"),
        ("# 标题\n- 一项", "标题\n\n一项"),
        ("my\\_notes 与 snake_case 与 __init__.py", "my_notes 与 snake_case 与 __init__.py"),
        ("3 * 4 * 5, C++ -- a - b", "3 * 4 * 5, C++ -- a - b"),
        ("<b>粗</b> &amp; *斜*", "<b>粗</b> &amp; 斜"),
        ("`<b>` 元素 *x*", "&lt;b&gt; 元素 x"),
        ("{% label primary@标签 %}与{{ page.title }}文字", "标签与文字"),
        ("公式 $a^2$ 与 $n$，{% asset_img a.png %}图", "公式  与 n，图"),
        ("#1 of 2", "#1 of 2"),
        ("", ""),
    ],
)
def test_a_field_without_its_marks(text: str, expected: str) -> None:
    assert plain_markdown(text) == expected


def test_markdown_in_the_head() -> None:
    front = (
        "title: '*星号* 与 [括号](x) 的标题'\nauthor: '[Ada](https://ada.example)'\n"
        "categories: ['[技术](/tech)', 'C*']\n"
        "description: '**本文**讲[配置](/x)与 `my\\_file`。'"
    )
    parsed = read(write_raw(front, "正文。"))
    assert parsed.title == "*星号* 与 [括号](x) 的标题"
    assert (parsed.author, parsed.categories) == ("Ada", ("技术", "C*"))
    assert parsed.summary == "本文讲配置与 my\\_file。"


def test_a_name_that_is_no_link() -> None:
    assert [linked_text(name) for name in ("A_B_C", "*n*", "[x]", "a](b", "")] == ["A_B_C", "*n*", "[x]", "a](b", ""]


def test_no_text_is_lost_behind_the_part_that_is_parsed() -> None:
    markdown = "\n\n".join(f"第{number}段**文字**，见[这里][ref]。" for number in range(9_000)) + "\n\n[ref]: /r"
    body = body_of(markdown)
    assert len(body.paragraphs) == 9_000
    assert body.paragraphs[10].text == "第10段文字，见这里。"
    assert body.links[0].href == "/r"
    assert body.paragraphs[-1].text.startswith("第8999段文字，见")


def test_a_code_block_over_the_end_of_the_part_that_is_parsed() -> None:
    body = body_of("文字\n\n```\n" + "# code\n" * 20_000 + "```\n\n**后文**")
    assert [paragraph.role for paragraph in body.paragraphs] == ["p", "pre", "pre", "p"]
    assert body.paragraphs[-1].text == "后文"


def test_coarsely_converted() -> None:
    markdown = (
        "# 标题\n文字**重点**\n> 引用\n- 项[链接](/x)\n\n| a | b |\n|---|---|\n![图](/a.png)\n"
        "<!-- more -->\n[ref]: /no\n---\n尾"
    )
    body = read_markup(coarse_html(markdown))
    assert [paragraph.text for paragraph in body.paragraphs] == ["标题", "文字重点 引用", "项链接", "a", "b", "尾"]
    assert (body.links[0].href, body.images[0]["src"]) == ("/x", "/a.png")


def test_deep_quotes_and_lists_lose_no_text() -> None:
    assert lines(">" * 5_000 + "深处的话") == ["深处的话"]
    assert lines("- " * 5_000 + "深处的话") == ["深处的话"]
    stairs = "".join("  " * depth + f"- 第{depth}级\n" for depth in range(60))
    text = body_of(stairs).text
    assert [f"第{depth}级" in text for depth in range(60)] == [True] * 60


def test_the_parser_is_shared_by_threads() -> None:
    bodies = [f"[a][r] *第{number}段*[^1]\n\n[r]: /{number}\n\n[^1]: 注{number}" for number in range(200)]
    alone = [to_html(body) for body in bodies]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(to_html, bodies)) == alone


PIECES = st.sampled_from(
    [
        *(
            "*",
            "**",
            "_",
            "~~",
            "`",
            "```\n",
            "[",
            "]",
            "(",
            ")",
            "![",
            "](/x)",
            "[^1]",
            "[^1]: ",
            "[a]: /b\n",
            "<",
            ">",
            "<b>",
        ),
        *(
            "</div>",
            "<div>\n",
            "<!-- more -->",
            "<!--",
            "\n",
            "\n\n",
            "    ",
            "- ",
            "1. ",
            "> ",
            "# ",
            "##",
            "|",
            "|-|-|\n",
            "---\n",
        ),
        *(
            "{% note %}",
            "{% endnote %}",
            "{% raw %}",
            "{{ a }}",
            "{%",
            "%}",
            "$",
            "$$",
            "\\",
            "&amp;",
            ":::\n",
            "https://e.example/_a_",
        ),
        *("文字", "word ", "。", "\x1a0\x1a", "\t", "==", "[ ] ", "[!NOTE]\n"),
    ]
)


@LIGHT
@given(st.lists(PIECES, max_size=40).map("".join))
@example("[^1]: [^1]: [^1]")
@example("> - > - [ ] [!NOTE]\n[TOC]")
def test_any_markdown(markdown: str) -> None:
    body = body_of(markdown)
    assert "\x1a" not in body.text
    assert isinstance(plain_markdown(markdown), str)
    assert is_html(markdown) in (True, False)


@LIGHT
@given(st.lists(st.text(st.characters(categories=["Lo", "Ll"]), min_size=1, max_size=8), min_size=1, max_size=30))
def test_plain_words_stay_as_they_are(words: list[str]) -> None:
    assert body_of("\n\n".join(words)).text == " ".join(words)
