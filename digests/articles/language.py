"""Detecting an article's language by its scripts and common words, well enough to filter by.

No library is used: the small ones (langdetect, py3langid) need milliseconds and guess on ten words. The script settles
Chinese, Japanese, Korean and a dozen others beyond doubt, and common words settle the Latin ones within a sentence.
"""

from __future__ import annotations

import re
from collections import Counter

_SAMPLE = 400
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u31f0-\u31ff\uff66-\uff9d]+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
_WORD = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff']+")
_ACCENTED_WORD = re.compile(
    "(?<![A-Za-z\u00c0-\u024f\u1e00-\u1eff])[A-Za-z]*+[\u00a1\u00bf-\u024f\u1e00-\u1eff][A-Za-z\u00c0-\u024f\u1e00-\u1eff]*+"
)
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|(?<!\S)[^\s@]++@[^\s@]++")
_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]+")),
    ("ru", re.compile("[\u0400-\u052f]+")),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f]+")),
    ("el", re.compile("[\u0370-\u03ff]+")),
    ("he", re.compile("[\u0590-\u05ff]+")),
    ("th", re.compile("[\u0e00-\u0e7f]+")),
    ("hi", re.compile("[\u0900-\u097f]+")),
    ("bn", re.compile("[\u0980-\u09ff]+")),
    ("ta", re.compile("[\u0b80-\u0bff]+")),
    ("ka", re.compile("[\u10a0-\u10ff]+")),
    ("hy", re.compile("[\u0530-\u058f]+")),
    ("my", re.compile("[\u1000-\u109f]+")),
    ("km", re.compile("[\u1780-\u17ff]+")),
)
# Characters of everyday text that are written in one way only.
_SIMPLIFIED = re.compile(
    "[们这个来时说国会为学对发过还没动经问间见样关点无业长门东车话开书电头军员实现种线报际总给结亲设计认让应议论术条战进远运选边达连迟适气权极构标树欢汉汤沟济满灭热爱"
    "状独环画疗盘确礼离积称节药营获虽补规视觉觅观览誉订讯记讲许访证评识诉词译试诗该详语误请诸读课谁调谈谢贝负财责败账货质贩贪购贫贵贷费资赛赞轨转轮软轻载较输农迁邮邻"
    "郑释钟钢钱铁银销锁镇闪闭闻队阳阴阵阶难雾静须顺预领频题颜额风飞饭饮饰馆马驱验骑鱼鸟鸡麦黄齐龙]"
)
_TRADITIONAL = re.compile(
    "[們這個來時說國會為學對發過還沒動經問間見樣關點無業長門東車話開書電頭軍員實現種線報際總給結親設計認讓應議論術條戰進遠運選邊達連遲適氣權極構標樹歡漢湯溝濟滿滅熱愛"
    "狀獨環畫療盤確禮離積稱節藥營獲雖補規視覺覓觀覽譽訂訊記講許訪證評識訴詞譯試詩該詳語誤請諸讀課誰調談謝貝負財責敗賬貨質販貪購貧貴貸費資賽贊軌轉輪軟輕載較輸農遷郵鄰"
    "鄭釋鐘鋼錢鐵銀銷鎖鎮閃閉聞隊陽陰陣階難霧靜須順預領頻題顏額風飛飯飲飾館馬驅驗騎魚鳥雞麥黃齊龍機嗎麼]"
)
_JAPANESE = re.compile(
    "[発売対応図込検験実楽気広桜円経済価読駅鉄戦覚観権単変辺様続総絵緑県営厳巣帰恵悪択拡挙掲摂暁歳毎浄渋焼獣畑畳稲穂粋縦縄聴臓薬蔵訳豊軽転遅釈隣険雑霊顔髪竜亀児沢仮圧囲]"
)
_FUNCTION_CHARACTERS = re.compile("[的了是在和不这這我与與及はがをでにの]")
_COMMON = {
    "en": "a the of and to in is that for it with as was on are this by be at from have has not but or an your you",
    "de": "der die und das ist nicht mit den von ein eine für auf dem des sich auch wird im zu als wir bei nach"
    " oder über uns wie",
    "fr": "le la les et des est une dans pour que qui sur pas par avec au du ce sont plus cette nous vous aux ses",
    "es": "el los las y una es por con para del se lo como más pero sus este esta ha fue ser son entre también",
    "pt": "o os as uma é não com para do da dos das em que mais por foi ao pela pelo são também como ele",
    "it": "il la e lo ha suo di che è per un una con non del della sono si da dei le gli nel alla più anche come ma"
    " questo",
    "nl": "de het een van en niet met voor op zijn dat die aan ook als bij er naar door wordt worden",
    "pl": "i w na się nie z do że jest to o jak po przez dla od są oraz czy który w polsce świecie",
    "tr": "ve bir bu için ile de da olarak çok daha olan gibi en ne kadar sonra var ancak",
    "sv": "och så att det som en är på för av med till den har inte om ett men var sig från kan",
    "vi": "và của là có cho trong không được với các một những người này đã để khi từ đến về",
    "id": "yang dan di untuk dengan ini dari pada tidak itu dalam akan ke adalah oleh juga telah",
    "cs": "a se na je v že s z do to pro jako si o by ale jsem který není také než při",
}
_ENOUGH_WORDS = 3
_FEW = 8
_COMMON_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
# The languages by word: a text has some sixty words, and all languages together have three hundred.
_LANGUAGES_BY_WORD: dict[str, list[str]] = {}
for _language, _words in _COMMON_WORDS.items():
    for _word in _words:
        _LANGUAGES_BY_WORD.setdefault(_word, []).append(_language)
# Letters that one of these languages uses and the others hardly ever do.
_TYPICAL_LETTERS = {
    "pl": frozenset("ąęłńśźż"),
    "de": frozenset("ßäöü"),
    "tr": frozenset("ğışİ"),
    "vi": frozenset("ăđơưạảấầẩậắằếềệịọộớờởợụủứừửữự"),
    "es": frozenset("ñ¿¡"),
    "pt": frozenset("ãõ"),
    "it": frozenset("èìò"),
    "fr": frozenset("œèêç"),
    "cs": frozenset("ěřůč"),
    "sv": frozenset("å"),
}


def detect_language(title: str, text: str) -> str:
    """Return a BCP 47 tag such as zh-Hans, ja or en; '' if there is too little text to tell."""
    sample = f"{title} {text[:_SAMPLE]}"
    if "://" in sample or "www." in sample or "@" in sample:
        sample = _ADDRESS.sub(" ", sample)
    if sample.isascii():
        return _latin(sample) if _LATIN.search(sample) else ""
    han, kana, latin = _count(_HAN, sample), _count(_KANA, sample), _count(_LATIN, sample)
    # Chinese texts may hold names in kana too, but only a few.
    if kana and kana * 5 >= han:
        return "ja" if _outweighs(han + kana, latin, sample) or _is_quoting(title, sample) else _latin(sample)
    if han and (_outweighs(han, latin, sample) or _is_quoting(title, sample)):
        return _han(sample)
    other, count = max(((name, _count(script, sample)) for name, script in _SCRIPTS), key=lambda counted: counted[1])
    if count and count * 2 >= latin:
        return _cyrillic(sample) if other == "ru" else other
    return _latin(sample) if latin else ""


def _count(script: re.Pattern[str], sample: str) -> int:
    return sum(map(len, script.findall(sample)))


def _outweighs(characters: int, latin: int, sample: str) -> bool:
    """Return whether Chinese or Japanese characters are the text, and not names within a Latin one.

    A character says about as much as four letters. Beside code and the names of products it takes fewer of them, if no
    word is English, or few are and some of the characters make sentences.
    """
    if characters * 4 >= latin:
        return True
    if characters * 20 < latin:
        return False
    english = sum([word in _COMMON_WORDS["en"] for word in _WORD.findall(sample.lower())])
    if not english:
        return True
    return characters * 10 >= latin and english * 6 <= characters and _FUNCTION_CHARACTERS.search(sample) is not None


def _is_quoting(title: str, sample: str) -> bool:
    """Return whether a text with a Chinese or Japanese title quotes much of another language between its own words."""
    head, rest = sample[: len(title)], sample[len(title) :]
    own = [_count(_HAN, part) + _count(_KANA, part) for part in (head, rest)]
    return own[0] * 4 > _count(_LATIN, head) and own[1] * 10 > _count(_LATIN, rest)


def _han(sample: str) -> str:
    # Patterns, since looking at each character of a text would cost three times as much as everything else here.
    traditional, simplified = set(_TRADITIONAL.findall(sample)), set(_SIMPLIFIED.findall(sample))
    # Japanese shares many characters with traditional Chinese, and hardly any with simplified alone.
    if len(traditional) < _FEW and not simplified and 4 * len(set(_JAPANESE.findall(sample))) > len(traditional):
        return "ja"
    return "zh-Hant" if len(traditional) > len(simplified) else "zh-Hans"


def _cyrillic(sample: str) -> str:
    lower = sample.lower()
    if any(letter in lower for letter in "іїєґ"):
        return "be" if "ў" in lower else "uk"
    return "ru" if any(letter in lower for letter in "ыэё") or "ъ" not in lower else "bg"


def _latin(sample: str) -> str:
    """Return the language with the most common words and letters of its own; English if hardly any are found.

    A few words are no evidence, since titles and names borrow them ("Le Mans", "El Niño"): it takes three different
    ones, or letters of the language in words that are no names.
    """
    words = _WORD.findall(sample.lower())
    if not words or sum(map(len, words)) < 3:
        return ""
    counts = Counter(words)
    common: dict[str, list[str]] = {language: [] for language in _COMMON_WORDS}
    for word in counts:
        for language in _LANGUAGES_BY_WORD.get(word, ()):
            common[language].append(word)
    english = sum([counts[word] for word in common["en"]])
    own, named = (set(), set()) if sample.isascii() else _own_letters(sample)
    best, best_score = "en", max(english, 0.5)
    for language, found in common.items():
        letters = len(own.intersection(_TYPICAL_LETTERS.get(language, ())))
        if not english and len(found) > 1:
            letters += len(named.intersection(_TYPICAL_LETTERS.get(language, ())))
        if language != "en" and (letters or len(found) >= _ENOUGH_WORDS):
            score = sum([counts[word] for word in found]) + 2 * letters
            if score > best_score:
                best, best_score = language, score
    return best


def _own_letters(sample: str) -> tuple[set[str], set[str]]:
    """Return the letters beyond A to Z in the sample's words, and those in its names.

    Names are no evidence by themselves: Mötley Crüe, El Niño, Schrödinger's cat.
    """
    own: set[str] = set()
    named: set[str] = set()
    for word in _ACCENTED_WORD.findall(sample):
        (named if word[0].isupper() else own).update(word.lower())
    return own, named
