"""Hexo's tag plugins and those of its themes: what readers see of them."""

from __future__ import annotations

import pytest

from digests.articles.hexo.tag_plugins import Stash, expand_tags
from digests.articles.markdown.convert import to_html
from digests.articles.markup.contents import Body
from digests.articles.markup.read import read_markup
from tests.unit.articles.writing import read, write_raw


def body_of(markdown: str) -> Body:
    return read_markup(to_html(markdown))


def lines(markdown: str) -> list[str]:
    return [paragraph.text for paragraph in body_of(markdown).paragraphs]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        # Hexo
        ("{% blockquote Ada, Notes https://e.example %}\n引用的**话**\n{% endblockquote %}", ["引用的话"]),
        ("{% pullquote right %}\n引用的话\n{% endpullquote %}", ["引用的话"]),
        ("{% raw %}\n<p>原样</p>\n{% endraw %}", ["原样"]),
        # NexT
        ("{% note info no-icon %}\n**注意**文字\n{% endnote %}", ["注意文字"]),
        ("{%note danger%}紧挨着{%endnote%}", ["紧挨着"]),
        ("{% centerquote %}居中{% endcenterquote %}\n\n{% cq %}居中二{% endcq %}", ["居中", "居中二"]),
        (
            "{% tabs 名, 2 %}\n<!-- tab 一 -->\n**内容一**\n<!-- endtab -->\n\n"
            "<!-- tab -->\n内容二\n<!-- endtab -->\n{% endtabs %}",
            ["内容一", "内容二"],
        ),
        ("{% subtabs x %}\n<!-- tab -->\n内容\n<!-- endtab -->\n{% endsubtabs %}", ["内容"]),
        # Butterfly
        ("{% hideToggle 点开看,#fff,#000 %}\n里面\n{% endhideToggle %}", ["点开看", "里面"]),
        ("{% hideBlock 查看答案 %}\n里面\n{% endhideBlock %}", ["查看答案", "里面"]),
        ("{% note blue 'fas fa-bullhorn' modern %}\n文字\n{% endnote %}", ["文字"]),
        (
            "{% timeline 2022,blue %}\n<!-- timeline 01-02 -->\n事件\n<!-- endtimeline -->\n{% endtimeline %}",
            ["2022", "事件"],
        ),
        # Fluid
        ("{% fold info @标题在此 %}\n里面\n{% endfold %}", ["标题在此", "里面"]),
        ("{%fold into@标题 在此%}\n里面\n{%endfold%}", ["标题 在此", "里面"]),
        # Volantis
        ("{% folding cyan, 查看代码 %}\n里面\n{% endfolding %}", ["查看代码", "里面"]),
        ("{% folding, 点击查看 %}\n里面\n{% endfolding %}", ["点击查看", "里面"]),
        ("{% folding cyan :: 点击查看 %}\n里面\n{% endfolding %}", ["点击查看", "里面"]),
        ("{% noteblock::什么是Git %}\n里面\n{% endnoteblock %}", ["什么是Git", "里面"]),
        ("{% timenode 2020-07-24 %}\n事件\n{% endtimenode %}", ["2020-07-24", "事件"]),
        ("{% note quote, 一句**引用**，带逗号 %}", ["一句引用，带逗号"]),
        ("{% note info::一句话 %}", ["一句话"]),
        ("{% p center large, 大字 %}\n\n{% p h4::小标题 %}", ["大字", "小标题"]),
        # Stellar, Icarus
        ("{% note 提示的文字 color:yellow %}", ["提示的文字"]),
        ("{% box 标题 color:red child:tabs %}\n里面\n{% endbox %}", ["标题", "里面"]),
        ("{% message color:danger 'title:小心' size:small %}\n里面\n{% endmessage %}", ["小心", "里面"]),
        ("{% poetry 静夜思 author:李白 %}\n床前明月光\n{% endpoetry %}", ["静夜思", "床前明月光"]),
        # Unknown
        ("{% whatever a b %}\n里面\n{% endwhatever %}", ["里面"]),
        ("前{% whatever a b %}后", ["前 后"]),
    ],
)
def test_passages(markdown: str, expected: list[str]) -> None:
    assert lines(markdown) == expected


@pytest.mark.parametrize(
    "markdown",
    [
        "{% mermaid sequenceDiagram %}\nA->>B: x\n{% endmermaid %}",
        "{% linkgrid %}\nname | https://e.example | text\n{% endlinkgrid %}",
        "{% flink %}\n- class_name: x\n{% endflink %}",
        "{% echarts 400 '85%' %}\n{ option: 1 }\n{% endecharts %}",
        "{% gist 123abc file.js %} {% jsfiddle x result %} {% iframe https://e.example 1 2 %} {% youtube abc %}",
        "{% include_code lang:js a.js %} {% video https://e.example/a.mp4 %} {% ghcard a/b, theme=x %}",
        "{% comment %}草稿{% endcomment %}",
        "{% katex %}\na_1\n{% endkatex %}",
        "{% asset_img a.jpg %}",
        "{{ page.title }}{{ '变量' | upper }}",
        "{% note %}{% endnote %}",
    ],
)
def test_what_is_no_text(markdown: str) -> None:
    assert lines(f"前文。\n\n{markdown}\n\n后文。") == ["前文。", "后文。"]


@pytest.mark.parametrize("tag", ["codeblock", "code", "highlight"])
def test_code(tag: str) -> None:
    body = body_of(f"前\n\n{{% {tag} 标题 lang:js %}}\nlet a = '**<b>**';\n\n# `x {{{{ y }}}}\n{{% end{tag} %}}\n\n后")
    assert [(paragraph.role, paragraph.text) for paragraph in body.paragraphs] == [
        ("p", "前"),
        ("pre", "let a = '**<b>**';"),
        ("pre", "# `x {{ y }}"),
        ("p", "后"),
    ]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("这是{% label primary@标签 %}。", "这是标签。"),
        ("这是{% label @标签 %}。", "这是标签。"),
        ("这是{% label 标签 blue %}。", "这是标签。"),
        ("这是{% label warning @两个 词 %}。", "这是两个 词。"),
        ("{% span red, 红字 %}与{% span blue::蓝字 %}", "红字与蓝字"),
        (
            "{% u 下划线 %}{% emp 着重 %}{% wavy 波浪 %}{% kbd Ctrl %}{% psw 密码 %}{% mark 高亮 color:red %}",
            "下划线着重波浪Ctrl密码高亮",
        ),
        ("{% checkbox red, checked, 已做 %}", "已做"),
        ("{% checkbox times blue checked:: 已做 %}", "已做"),
        ("{% checkbox checked:true 已做 %}", "已做"),
        ("{% radio checked 已选 %}", "已选"),
        ("{% cb 复选, true, false %}", "复选"),
        ("答案是{% hideInline 四十二,查看,#f00 %}", "答案是四十二"),
        ("{% ruby 漢字|かんじ %}", "漢字"),
        ("见{% post_link hello-world '另一篇 文章' %}。", "见另一篇 文章。"),
        ("见{% post_link hello-world 另一篇 true %}。", "见另一篇。"),
        ("见{% post_link hello-world %}。", "见hello-world。"),
        ("{% hashtag 标签 /tags/x %}", "标签 /tags/x"),
        ("{%- label primary@标签 -%}", "标签"),
    ],
)
def test_words_in_a_line(markdown: str, text: str) -> None:
    assert body_of(markdown).text == text


@pytest.mark.parametrize(
    ("markdown", "link"),
    [
        ("{% btn https://e.example/a, 按钮, download fa-lg, 提示 %}", ("按钮", "https://e.example/a")),
        ("{% button /a/, 按钮 %}", ("按钮", "/a/")),
        ("{% btn center large::下载::https://e.example/a fa-download %}", ("下载", "https://e.example/a")),
        ("{% btn 'https://e.example/a',按钮,far fa-hand-point-right,block %}", ("按钮", "https://e.example/a")),
        ("{% link 文字 https://e.example/a true 题 %}", ("文字", "https://e.example/a")),
        ("{% link https://e.example/a 文字 desc:true %}", ("文字", "https://e.example/a")),
        ("{% link 文字, https://e.example/a, /a.png %}", ("文字", "https://e.example/a")),
        ("{% link 文字::https://e.example/a %}", ("文字", "https://e.example/a")),
        ("{% cell 文字, https://e.example/a, fas fa-x %}", ("文字", "https://e.example/a")),
    ],
)
def test_links_with_their_text(markdown: str, link: tuple[str, str]) -> None:
    assert [(found.text, found.href) for found in body_of(f"点{markdown}吧").links] == [link]


@pytest.mark.parametrize(
    ("markdown", "picture"),
    [
        ("{% asset_img a.jpg %}", {"src": "a.jpg", "alt": ""}),
        (
            "{% asset_img left a.jpg 400 300 我的 图 %}",
            {"src": "a.jpg", "alt": "我的 图", "width": "400", "height": "300"},
        ),
        ("{% asset_img my-pic.png '标题' '说明' %}", {"src": "my-pic.png", "alt": "标题 说明"}),
        ('{% img cls /a.jpg 400 "标题" %}', {"src": "/a.jpg", "alt": "标题", "width": "400"}),
        ("{% image https://e.example/a.jpg, width=400px, alt=说明 %}", {"src": "https://e.example/a.jpg", "alt": ""}),
        ("{% image /a.jpg 说明 download:https://e.example/b.zip %}", {"src": "/a.jpg", "alt": "说明"}),
        ("{% inlineImg /a.png 20px %}", {"src": "/a.png", "alt": "", "width": "20px"}),
        (
            "{% galleryGroup '壁纸' '一些图' '/gallery/' https://e.example/a.png %}",
            {"src": "https://e.example/a.png", "alt": ""},
        ),
        ("{% fullimage /a.png, 说明, 标题 %}", {"src": "/a.png", "alt": "说明 标题"}),
    ],
)
def test_pictures(markdown: str, picture: dict[str, str]) -> None:
    assert body_of(f"文字\n\n{markdown}\n\n文字").images == [picture]


def test_pictures_in_a_gallery() -> None:
    for tag in ("gallery", "gp 3-2", "gi 2 1-1", "swiper"):
        body = body_of(f"{{% {tag} %}}\n![一](/1.png)\n![二](/2.png)\n{{% end{tag.split()[0]} %}}")
        assert [image["src"] for image in body.images] == ["/1.png", "/2.png"]
        assert body.text == ""


def test_tags_in_code_stay() -> None:
    markdown = "`{% note %}` 与 `{{ x }}`\n\n```\n{% note %}\n{{ x }}\n```\n\n> ~~~\n> {% img a %}\n> ~~~"
    assert body_of(markdown).text == "{% note %} 与 {{ x }} {% note %} {{ x }} {% img a %}"


def test_raw_in_a_code_span_goes_because_nunjucks_knows_no_code_spans() -> None:
    assert body_of("写成 `{% raw %}{{ x }}{% endraw %}` 即可").text == "写成 {{ x }} 即可"
    assert body_of("{% raw %}{{ x }} {% y %}{% endraw %}").text == "{{ x }} {% y %}"


def test_a_passage_with_code_that_holds_backticks() -> None:
    markdown = "一个 `` 没完\n{% folding 代码 %}\n```yaml\na: `b\n```\n{% endfolding %}\n\n后文`c`。"
    assert lines(markdown) == ["一个 `` 没完", "代码", "a: `b", "后文c。"]


@pytest.mark.parametrize(
    "markdown", ["{% codeblock %}\n文字", "{% raw %}文字", "{% mermaid %}文字", "文字{% endnote %}", "{% 文字 %}"]
)
def test_a_tag_without_its_other_half_loses_no_text(markdown: str) -> None:
    assert "文字" in body_of(markdown).text


def test_a_body_without_tags_is_not_touched() -> None:
    markdown = "价格 $5，{花括号}，100%，`x`"
    assert expand_tags(markdown, Stash()) is markdown


def test_marks_of_the_stash_in_a_post_stand_for_nothing() -> None:
    assert body_of("甲\x1a0\x1a乙{% asset_img a.png %}").text == "甲0乙"
    assert body_of("甲\x1a0\x1a乙").text == "甲0乙"


def test_a_whole_post_in_the_manner_of_a_theme() -> None:
    body = (
        "{% note info %}\n本文写于去年，部分内容可能过时。\n{% endnote %}\n\n{% asset_img cover.jpg 800 600 封面 %}\n\n"
        "这个周末我们把旧书架搬到了阳台上，又种了两盆薄荷。\n\n<!-- more -->\n\n{% btn https://e.example, 更多 %}"
    )
    parsed = read(write_raw("title: 书架与薄荷", body))
    assert parsed.text == "本文写于去年，部分内容可能过时。 这个周末我们把旧书架搬到了阳台上，又种了两盆薄荷。 更多"
