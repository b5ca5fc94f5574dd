"""Languages are detected well enough to filter by."""

from __future__ import annotations

import pytest

from digests.articles.language import detect_language


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
