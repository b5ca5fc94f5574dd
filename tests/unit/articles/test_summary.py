"""The summary line: the marked one, else the first paragraph that says something."""

from __future__ import annotations

import pytest

from tests.unit.articles.writing import read, write, write_raw

SAYS = "松果汽车今天公布了四月份的交付数据。"


def summary(body: str, **fields: str) -> str:
    return read(write(body=body, **fields)).summary


@pytest.mark.parametrize(
    "noise",
    [
        "<h1>四月交付</h1>",
        "<p>原标题：松果汽车公布四月交付数据</p>",
        '<div class="otitle">原標題：松果</div>',
        "<p>松果汽车公布四月交付数据</p>",
        "<p>作者：张三</p>",
        "<p>文 | 张三</p>",
        "<p>By Jane Doe</p>",
        "<p>责任编辑：李四</p>",
        "<p>（记者 王五 通讯员 赵六）</p>",
        "<p>2021-05-03 10:20</p>",
        "<p>2021年5月3日 上午</p>",
        "<p>阅读 1,234 · 评论 5</p>",
        "<p>12,345 views</p>",
        "<p>#松果 #汽车</p>",
        "<p>#松果汽车#</p>",
        "<p>https://example.com/a?b=c</p>",
        '<p><a href="https://example.com/x.pdf">Download PDF</a></p>',
        '<p><a href="https://example.com/all">See All Games</a></p>',
        "<p>书名：松果</p>",
        "<p><strong>Clients:</strong> gnet, id Software</p>",
        "<p>本文要点：</p>",
        "<p>图片来源：海鸥网</p>",
        "<p>▲ 松果一号</p>",
        "<p>关注微信公众号：海鸥网，更多干货</p>",
        "<p>原文链接：<a href='https://e.com/x'>https://e.com/x</a></p>",
        "<figure><img src='https://e.com/x.jpg'><figcaption>松果一号今天下线，众人欢呼。</figcaption></figure>",
        "<pre>git clone ssh://git@example.com/x.git # 一行很长很长的代码。</pre>",
        "<script>var x = '一段脚本。';</script>",
        "<style>p { color: red }</style>",
        "<div style='display: none'>隐藏的导语，不该看到。</div>",
        "<iframe src='https://e.com'>您的浏览器不支持。</iframe>",
        "<table><tr><th>月份</th><th>交付</th></tr></table>",
        "<div>leetcode 257 | lintcode 480 | 易 | 树 | DFS</div>",
        "<br><br>",
        "<p>&nbsp;</p>",
    ],
)
def test_what_says_nothing_is_passed_over(noise: str) -> None:
    assert summary(f"{noise}<p>{SAYS}</p><p>另一段话。</p>") == SAYS


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (f"<p>{SAYS}</p>", SAYS),
        (f"{SAYS}<br>\n<br>第二段。", SAYS),
        ("第一行\n第二行，没有标签", "第一行 第二行，没有标签"),
        ("第一段在这里。\n\n第二段在这里。", "第一段在这里。"),
        ("上一行，<br>下一行。", "上一行， 下一行。"),
        ("<p>从<b>根</b>到<a href='https://e.com'>叶</a>的路径。</p>", "从根到叶的路径。"),
        ("<p>一&nbsp;二   三\n四。</p>", "一 二 三 四。"),
        ("<p>AT&amp;T &#123;x&#125; said so.</p>", "AT&T {x} said so."),
        ("<ul><li>第一项说了很多话，足够长了。</li></ul>", "第一项说了很多话，足够长了。"),
        ("<table><tr><td>表格里的一句话，也算。</td></tr></table>", "表格里的一句话，也算。"),
        ("<p>Piękne miejsca</p>", "Piękne miejsca"),
        ("<p>短句。</p><p>后面一段更长更长更长更长更长更长更长更长更长。</p>", "短句。"),
        ("<blockquote><p>引文也是段落。</p></blockquote>", "引文也是段落。"),
        ("<p>未闭合<b>的<i>标签。", "未闭合的标签。"),
        ("<p>坏属性<img alt 黄蜂女\"伊万\" src='x'>没关系。</p>", "坏属性没关系。"),
        ("", ""),
        ("<img src='https://e.com/x.jpg'>", ""),
        ("松果汽车公布四月交付数据", ""),
        ("<p>松果汽车 公布四月交付数据！</p>", ""),
        ("#css #beginners", ""),
        ("via <a href='https://e.com/user/x'>@x</a><br><a href='https://e.com/item/1'>Comments</a>", ""),
    ],
)
def test_the_first_paragraph(body: str, line: str) -> None:
    assert summary(body) == line


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ('<p>先说别的事情。</p><p class="text-description">标明的。</p>', {}),
        ('<p>先说别的事情。</p><div class="js-excerpt"><p>标明的。</p></div>', {}),
        ('<div class="post-excerpt x">标明的。</div><p>先说别的事情。</p>', {}),
        ("<p>先说别的事情。</p>", {"description": "标明的。"}),
        ("<p>先说别的事情。</p>", {"excerpt": "'<p>标明的。</p>'"}),
        ("<p>先说别的事情。</p>", {"summary": "|\n  标明\n  的。"}),
        ("<h2>标题</h2>标明的。<!-- more --><p>先说别的事情，很长很长。</p>", {}),
        ("<p>标明的。</p>\n<!--more-->\n<p>先说别的事情。</p>", {}),
        ('<p class="text-description">松果汽车公布四月交付数据</p><p>标明的。</p>', {}),
    ],
)
def test_the_marked_line_comes_first(body: str, fields: dict[str, str]) -> None:
    assert summary(body, **fields).replace(" ", "") == "标明的。"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("前言。\n\n<!-- more -->\n\n正文。", "前言。"),
        (
            "# 标题\n\n第一段**很重要**，见[这里](https://e.com/x)。\n第二行。\n\n第二段。",
            "第一段很重要，见这里。第二行。",
        ),
        ("![图](https://e.com/x.jpg)\n\n- 列表一项\n- 列表二项\n\n说明在此。", "说明在此。"),
        ("> 引用的话在正文之前。\n\n正文。", "正文。"),
        ("```\ncode here, with a long line of words.\n```\n\n正文`code`在此。", "正文code在此。"),
        ("snake_case_name stays 3 * 4 * 5.\n", "snake_case_name stays 3 * 4 * 5."),
        ("{% raw %}\n\nA sentence stands here.", "A sentence stands here."),
        ("一 < 二，二 > 一。", "一 < 二，二 > 一。"),
    ],
)
def test_bodies_in_markdown(body: str, line: str) -> None:
    assert read(write_raw("title: x", body)).summary == line


def test_in_a_body_of_html_the_marks_of_markdown_mean_nothing() -> None:
    assert summary("# 不是标题，*不是*强调。\n    也不是代码。") == "# 不是标题，*不是*强调。 也不是代码。"


def test_the_whole_text_is_for_the_search() -> None:
    parsed = read(
        write(body="<h2>小标题</h2><p>一<b>二</b>三</p><ul><li>四</li></ul><pre>五\n六</pre><script>x</script>")
    )
    assert parsed.text == "小标题 一二三 四 五 六"


def test_a_long_summary_is_kept_whole() -> None:
    long = "很长的一句话，" * 100
    assert summary(f"<p>{long}</p>") == long


@pytest.mark.parametrize("padding", ["", " ".join(f"class-{number}" for number in range(60))])
def test_hidden_text_is_hidden_in_every_post_however_long_its_class_or_style_is(padding: str) -> None:
    hidden = (
        f'<p class="sr-only {padding}">Only for screen readers, a whole sentence.</p>'
        f'<p style="display:none;{padding and "color:red;" * 40}">A sentence that nobody sees.</p>'
    )
    shown = f'<p class="lead-in {padding}">The ferry sails again on Monday morning.</p>'
    for _ in range(2):
        assert read(write(body=hidden + shown)).text == "The ferry sails again on Monday morning."
