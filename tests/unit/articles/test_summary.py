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


@pytest.mark.parametrize(
    "lead",
    [
        "By 2031 every ferry on the strait will run on batteries, the operator said on Monday.",
        "By design the ferry stops at every pier.",
        "Downloads of the hiking app tripled after the storm.",
        "Source maps let a browser show the code that people wrote.",
        "Photo paper is back in fashion.",
        "Image search now works offline.",
        "Related work shows that crows count to four.",
        "Updates to the tide driver fix three leaks.",
        "Share prices fell by a third.",
        "Follow the river and you find the mill.",
        "Authors of crime novels drink more tea.",
        "Copyright law has not changed since the flood.",
        "Subscribers of the library fell asleep.",
        "Reading more is what doctors recommend.",
        "Published authors live longer.",
        "Via the old bridge it takes nine minutes.",
        "来源于山谷的泉水被装进了十万个瓶子。",
        "作者之死并不意味着读者的胜利。",
        "下載量突破一百萬次，開發團隊昨日宣布推出平板版。",
        "图灵奖得主昨天在港口大学演讲。",
        "记者了解到，新桥将于明年三月通车。",
        "原文件被删除后，系统会自动恢复。",
        "本文作者认为，灯塔应该保留。",
        "编辑部今天搬进了新楼。",
        "关注海洋的人越来越多。",
        "推荐系统为什么总推荐同一首歌？",
        "点击率下降了三成。",
        "扫码支付在小镇普及了。",
        "长按键的新设计让老人更容易拨号。",
        "版权归属之争昨天有了结果。",
        "视频平台宣布取消广告。",
        "声明变量之前不能使用它。",
        "写真集の売り上げが三年ぶりに伸びた。",
        "出典を示さない記事が増えている。",
        "사진 속 인물은 아직 확인되지 않았다.",
        "기자회견은 오늘 오후에 열린다.",
        "Von Hamburg nach Kiel fährt ab Montag ein Nachtzug.",
        "Anzeigen in Zeitungen werden seltener gelesen.",
        "Foto-Automaten kehren in die Bahnhöfe zurück.",
        "Par temps de brume, le bac ne part pas.",
        "约翰·史密斯与玛丽·布朗将合演新片",
    ],
)
def test_the_first_word_of_a_lead_decides_nothing(lead: str) -> None:
    assert summary(f"<p>{lead}</p><p>另一段话。</p>") == lead


@pytest.mark.parametrize(
    "noise",
    [
        # Chinese.
        "<p>图/海鸥社</p>",
        "<p>文｜张三 编辑｜李四</p>",
        '<img src="x.jpg"><p>船只出港的壮观一幕</p>',
        "<p>甲队球员庆祝进球。图/社交平台</p>",
        "<p>发布会现场</p>",
        "<p>港务社记者 王五</p>",
        "<p>时间: null:null</p>",
        "<p>undefined</p>",
        "<p>导演: 张三<br>编剧: 李四 / 王五<br>主演: 赵六 / 钱七 / 孙八 / 周九 / 吴十 / 约翰·史密斯<br>"
        "类型: 剧情 / 家庭<br>片长: 120分钟</p>",
        "<p>本文来自微信公众号：海鸥网（ID：haiou），作者：张三，未经授权不得转载。</p>",
        "<p>著作权归作者所有。商业转载请联系作者获得授权，非商业转载请注明出处。</p>",
        "<p>大家好：</p>",
        "<p>声明：本文只代表作者的观点。</p>",
        '<div class="note warning"><p>这篇文章写于两年前，内容可能已经不对了。</p></div>',
        "<blockquote><p>凡是过往，皆为序章。——莎士比亚</p></blockquote>",
        "<ul><li>修复了登录的问题。</li><li>新增了夜间模式。</li></ul>",
        "<table><tr><td>这是表格里的一句话。</td></tr></table>",
        '<ul><li><a href="#a">一、从前的事情是怎样的？</a></li><li><a href="#b">二、后来的事情是怎样的？</a></li></ul>',
        "<p>$$E = mc^2$$</p>",
        "<p>12 赞 · 3 评论 · 1.2万 阅读</p>",
        "<p>感谢海鸥银行对本期节目的赞助。</p>",
        "<p>阅读全文</p>",
        # Traditional Chinese, Japanese, Korean.
        "<p>（記者王小明／台北報導）</p>",
        "<p>▲燈塔夜景。（圖／市府提供）</p>",
        "<p>文・写真＝山田花子</p>",
        "<p>写真は改装前の図書館</p>",
        "<p>※本記事には広告が含まれます。</p>",
        "<p>皆さん、こんにちは。</p>",
        "<p>続きを読む</p>",
        "<p>홍길동 기자 hong@news.example</p>",
        "<p>사진=항구통신</p>",
        "<p>안녕하세요, 여러분!</p>",
        "<p>무단 전재 및 재배포 금지</p>",
        # German, French, English.
        "<p>Von Anna Müller und Jens-Peter Groß</p>",
        "<p>Foto: Anna Müller / dpa</p>",
        "<p>Lesen Sie auch: Wie es dazu kam.</p>",
        "<p>Par Jean Dupont</p>",
        "<p>Publié le 25 novembre 2026</p>",
        "<p>À lire aussi : le port</p>",
        "<p>By Jane Doe, Harbour Post</p>",
        "<p>Published 25 Nov 2026 at 10:00</p>",
        "<p><em>This article was originally published in The Lantern.</em></p>",
        "<p>(Image credit: Jane Doe/Getty Images)</p>",
        "<p>4 min read · 1.2k views</p>",
        "<p>7 likes<br>3 saves<br>12 views</p>",
        "<p>This week's issue is sponsored by Acme Ovens.</p>",
        "<p>Disclaimer: we own a goat.</p>",
        "<p>Listen to this article. 3 minutes</p>",
        "<p>Aktualisiert am 25. November 2026</p>",
        "<p>Temps de lecture : 3 min.</p>",
        "<p>预计阅读时间：3 分钟。</p>",
        "<p>[서울=항구통신] 홍길동 기자</p>",
        "<p>LONDON, Nov 25 (Reuters) -</p>",
        "<p>This post may contain affiliate links.</p>",
        "<p>The post Bees in the belfry appeared first on Belfry.</p>",
        "<p>Hello everyone,</p>",
        "<p>Home | About | Contact</p>",
        '<p><a href="a">Sound Design</a> <a href="b">Motion Capture Production</a> <a href="c">Colour</a></p>',
        '<p><a href="a">Who did it?</a> <a href="b">Where is she?</a> <a href="c">Why now?</a></p>',
        "<p>Full Changelog: https://e.com/compare/1...2</p>",
        "<p>TL;DR</p>",
        '<span class="img_descr">A loaf, seen from above. It is brown.</span>',
        '<div class="wp-caption"><img src="x.jpg"><p class="wp-caption-text">A loaf, seen from above.</p></div>',
        '<p><img src="x.jpg"><br>Bread rises in the old oven of the mill on Friday</p>',
    ],
)
def test_what_stands_around_a_text_is_passed_over(noise: str) -> None:
    assert summary(f"{noise}<p>{SAYS}</p><p>另一段话。</p>") == SAYS
    assert summary(f"{noise}<p>{SAYS}</p><!-- more --><p>另一段话。</p>") == SAYS


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("<ul><li>• 修复了登录的问题。</li></ul>", "修复了登录的问题。"),
        ("<p>- 修复了登录的问题。</p>", "修复了登录的问题。"),
        (
            "<ol><li>1. We fixed the lamp that blinked.</li><li>2. We fixed the door.</li></ol>",
            "We fixed the lamp that blinked.",
        ),
        ("<p>[ ] 把登录的问题修好。</p>", "把登录的问题修好。"),
        # No marks of lists.
        ("<p>1. FC Hafen gewinnt das Spiel.</p><p>Es war spät.</p>", "1. FC Hafen gewinnt das Spiel."),
        ("<p>3.14 is not a number of a list.</p>", "3.14 is not a number of a list."),
        ("<p>— Привет, — сказал он.</p>", "— Привет, — сказал он."),
        ("<p>-5 Grad waren es heute früh.</p>", "-5 Grad waren es heute früh."),
    ],
)
def test_marks_of_lists_are_not_shown(body: str, line: str) -> None:
    assert summary(body) == line


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("<p>Three owls were counted [&#8230;]</p>", "Three owls were counted…"),
        ("<p>Three owls were counted last night. [...]</p>", "Three owls were counted last night."),
        ("<p>A storm closed the pass. (more&#8230;)</p>", "A storm closed the pass."),
        ('<p>Bees moved in. <a href="/x">Read more &raquo;</a></p>', "Bees moved in."),
        ("<p>Bees moved in. Continue reading Bees in the belfry &rarr;</p>", "Bees moved in."),
        ("<p>Bees moved in&#8230; Continue reading</p>", "Bees moved in…"),
        ('<p>蜜蜂搬进来了。<a href="/x">阅读全文</a></p>', "蜜蜂搬进来了。"),
        ('<p>ハチが越してきた。<a href="/x">続きを読む</a></p>', "ハチが越してきた。"),
        ("<p>Bees moved in. The post Bees appeared first on Belfry.</p>", "Bees moved in."),
        # These belong to the text.
        ("<p>The minister wants us to read more.</p>", "The minister wants us to read more."),
        ("<p>He said it (more or less).</p>", "He said it (more or less)."),
        ("<p>They kept on reading until dawn.</p>", "They kept on reading until dawn."),
        ("<p>He quotes: “it is […] so”.</p>", "He quotes: “it is […] so”."),
    ],
)
def test_a_summary_ends_where_its_text_does(body: str, line: str) -> None:
    assert summary(body) == line


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (
            "<pre>Hello all,\n\nthe driver is ready for tests. Please try it.\n\nRegards</pre>",
            "the driver is ready for tests. Please try it.",
        ),
        (
            "<pre>A keeper finds a letter from his brother and sails off in winter.</pre>",
            "A keeper finds a letter from his brother and sails off in winter.",
        ),
        ("<pre>灯塔的看守人收到了弟弟的信。</pre>", "灯塔的看守人收到了弟弟的信。"),
        ("<pre>$ make test\nAll tests passed.</pre>", ""),
        ("<pre>for (int i = 0; i < 10; i++) {\n  print(i);\n}</pre>", ""),
        ("<pre>10:29:12 started run 1 of 3. 10:29:40 started run 2 of 3.</pre>", ""),
        ("<pre>A letter in this box is prose too.</pre><p>短句。</p>", "短句。"),
        ("<pre><code>SELECT name FROM ships WHERE port = 1;</code></pre><p>短句。</p>", "短句。"),
    ],
)
def test_prose_in_preformatted_text_is_prose_and_code_is_not(body: str, line: str) -> None:
    assert summary(body) == line


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (
            f"<h2>导语</h2><p>作者：张三</p><p>{SAYS}</p><pre>code</pre><p>就这样。</p><!-- more --><p>正文。</p>",
            f"{SAYS} 就这样。",
        ),
        (f"<ul><li>一项说了话。</li></ul><!-- more --><p>{SAYS}</p>", SAYS),
        (f"<blockquote>引文也是一句话。</blockquote><p>{SAYS}</p><!-- more --><p>正文。</p>", SAYS),
        (f"<img src='x.jpg'><!-- more --><p>{SAYS}</p>", SAYS),
        ("<p>没有句号的前言也是作者要给人看的话</p><!-- more --><p>正文。</p>", "没有句号的前言也是作者要给人看的话"),
    ],
)
def test_before_the_mark_the_same_is_passed_over(body: str, line: str) -> None:
    assert summary(body) == line


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (r"<p>有 $N$ 个人，$1\le N\leq 10^9$，求和。</p>", "有 N 个人，1≤N≤10⁹，求和。"),
        (r"<p>已知 $\sqrt[3]{x^{a+b}}$。</p><p>另一句话在此。</p>", "另一句话在此。"),
        (r"<p>解如下。$$\sum_{i=1}^n i$$</p>", "解如下。"),
        ("<p>It costs $5 today and $10 tomorrow.</p>", "It costs $5 today and $10 tomorrow."),
        ("<p>A $100m deal, and a $20m one.</p>", "A $100m deal, and a $20m one."),
    ],
)
def test_formulas_are_read_as_plain_text_or_not_at_all(body: str, line: str) -> None:
    assert summary(body) == line


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (f"作者：王五<br>链接：https://e.com/1<br>来源：海鸥网<br><br>{SAYS}", SAYS),
        (f"<p>文/张三<br>{SAYS}<br>原文链接</p>", SAYS),
        ("<p>2026-11-25<br>一行说了话，<br>又一行。</p>", "一行说了话， 又一行。"),
    ],
)
def test_lines_that_say_nothing_are_cut_off_a_paragraph(body: str, line: str) -> None:
    assert summary(body) == line
