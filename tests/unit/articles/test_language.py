"""Languages are detected well enough to filter by."""

from __future__ import annotations

import pytest

from digests.articles.language import detect_language
from tests.unit.articles.writing import read, write_raw


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("松果汽车今天公布了四月份的交付数据，毛利率再次下降。", "zh-Hans"),
        ("松果汽車今天公布了四月份的交付數據，毛利率再次下降。", "zh-Hant"),
        ("Firefox 87将默认修剪HTTP Referrers以保护用户", "zh-Hans"),
        ("アニメ映画「白蛇：縁起」大ヒット御礼舞台挨拶", "ja"),
        ("東京で新しい展示会が始まりました。", "ja"),
        ("日剧《半泽直树》のスタッフ来华，导演在上海与观众见面，谈到了这部剧的拍摄过程和以后的计划安排", "zh-Hans"),
        ("오늘 서울에서 새로운 전시회가 열렸습니다.", "ko"),
        ("The company said on Monday that it will open a new plant.", "en"),
        ("Nine Things I've Learned _ A talk by a retired lift engineer", "en"),
        ("Announcing Accounts Journal Club", "en"),
        ("Das Unternehmen hat am Montag ein neues Werk für Autos eröffnet.", "de"),
        ("Le gouvernement a annoncé une réforme des retraites pour les jeunes.", "fr"),
        ("El gobierno anunció una reforma para los jóvenes que buscan empleo.", "es"),
        ("O governo anunciou uma reforma para os jovens que não têm emprego.", "pt"),
        ("Il governo ha annunciato una riforma per i giovani che non sono al lavoro.", "it"),
        ("Piękne miejsca w Polsce", "pl"),
        ("Компания объявила о новых планах.", "ru"),
        ("Компанія оголосила про нові плани.", "uk"),
        ("أعلنت الشركة عن خطط جديدة", "ar"),
        ("บริษัทประกาศแผนใหม่", "th"),
        ("", ""),
        ("2019", ""),
        ("12_00 … #", ""),
        ("🎉🎉", ""),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert detect_language("", text) == language


@pytest.mark.parametrize(
    ("title", "language"),
    [
        # Names and brands, beside English words or alone, are no evidence.
        ("Mötley Crüe – Shout at the Devil", "en"),
        ("El Niño returns", "en"),
        ("Le Mans 2026 results", "en"),
        ("São Paulo Grand Prix", "en"),
        ("Schrödinger's cat explained", "en"),
        ("Bayern München beat Köln", "en"),
        ("Der Spiegel interview", "en"),
        ("La La Land", "en"),
        ("Citroën C3", "en"),
        ("A naïve résumé of the façade", "en"),
        ("Rust 1.80 released", "en"),
        # Letters of its own in common words, or three common words, are.
        ("Où est passée la forêt ?", "fr"),
        ("¿Dónde está la biblioteca?", "es"),
        ("Über uns", "de"),
        ("Neue Regeln für den Verkehr in der Stadt", "de"),
        ("Così è cambiata la città e il suo porto", "it"),
        ("De gemeente heeft een nieuw plan voor het park", "nl"),
        ("Żółw w Polsce", "pl"),
        ("İstanbul'da kar yağışı", "tr"),
        # Few Chinese or Japanese characters say it, where no word is English.
        ("Docker Compose 部署 MySQL", "zh-Hans"),
        ("解决 Error: Cannot find module 'webpack' 报错", "zh-Hans"),
        ("台灣的天氣", "zh-Hant"),
        ("iPhone 17 レビュー", "ja"),
        ("新型iPhone発売", "ja"),
        ("東京駅開業", "ja"),
        ("삼성 Galaxy S26 공개", "ko"),
        ("Xi'an (西安) is a city in the west of the country", "en"),
        # Addresses are in no language.
        ("见 https://example.com/the-history-of-the-world-and-all-that-is-in-it", "zh-Hans"),
    ],
)
def test_titles_and_names(title: str, language: str) -> None:
    assert detect_language(title, "") == language


CODE = "const the = of(a, in); // for it is as was on are this by be at from have has not but or an your you\n" * 9


@pytest.mark.parametrize(
    ("body", "language"),
    [
        (f"<p>这个脚本把日志写成日记。</p><pre>{CODE}</pre>", "zh-Hans"),
        (f"<p>{'用<code>npm install --save-dev the-thing</code>安装，' * 9}</p>", "zh-Hans"),
        (f"<p>このスクリプトはログを書きます。</p><pre><code>{CODE}</code></pre>", "ja"),
        (f"<p>이 스크립트는 로그를 씁니다.</p><pre>{CODE}</pre>", "ko"),
        (f"<p>Dieses Skript schreibt die Protokolle für den Betrieb und ist nicht neu.</p><pre>{CODE}</pre>", "de"),
        (f"<pre>{CODE}</pre>", "en"),
        ("<pre>灯塔的看守人收到了弟弟的信。</pre>", "zh-Hans"),
    ],
)
def test_the_language_is_that_of_the_prose(body: str, language: str) -> None:
    assert read(write_raw("title: '1.0'", body)).language == language


_QUOTED = (
    "We provide our models with a working interpreter in a sandboxed environment, along with some disk space. Code "
    "that is run by the plugin is evaluated in a session that is alive for the duration of a chat."
)


def test_a_text_that_quotes_at_length_is_in_the_language_of_its_title_and_its_own_words() -> None:
    own = "三月份的博客中介绍了插件功能，原文是这样说的"
    assert detect_language("代码解释器：数据分析与可视化", f"{own}：{_QUOTED}") == "zh-Hans"
    japanese = "三月のブログでプラグインの機能が紹介されました"
    assert detect_language("コードインタープリターの紹介", f"{japanese}。{_QUOTED}") == "ja"


def test_a_chinese_title_over_a_foreign_text_makes_it_no_chinese_one() -> None:
    assert detect_language("代码解释器：数据分析与可视化", _QUOTED) == "en"
    assert detect_language("Code Interpreter", f"北京。{_QUOTED}") == "en"
