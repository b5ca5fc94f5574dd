"""Markdown for measuring, with everything that people's posts on Hexo have in them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import accumulate
from typing import Final, Literal

Tongue = Literal["zh", "en", "ja"]

_WORD: Final = re.compile(r"\S+")
_FUNCTION_WORDS: Final = _WORD.findall("the of and to a in is it that for on with as by at from this we are was be")
_PARTICLES: Final = _WORD.findall("は が を に で と も の へ から まで です ます した")
_SYLLABLES: Final = _WORD.findall(
    "mar ten lo vi ser an cor del fin gar hel jor kel mor nar per qui ran sol ter ver wen"
)
_CHINESE: Final = _WORD.findall(
    "数据 系统 我们 时间 问题 方法 文件 配置 使用 可以 需要 这个 一个 进行 如果 因为 所以 但是 就是 没有 服务 请求 "
    "线程 对象 函数 返回 参数 代码 版本 安装 启动 测试 部署 缓存 索引 查询 结果 目录 页面 用户 网络 接口 协议 端口 "
    "日志 今天 早上 山路 河边 火车 车站 城市 朋友 照片 天气 故事 书店 咖啡 晚上 的 了 在 和 是 也 都 很 再 把 从 到 对"
)
_JAPANESE: Final = _WORD.findall(
    "設定 関数 時間 問題 方法 確認 実装 画面 記事 写真 散歩 電車 天気 環境 開発 変更 追加 結果 今日 本"
)
_CODE: Final = (
    ("bash", "docker run -d --name web -p 8080:80 nginx\ncurl -s http://localhost:8080 | head -n 3"),
    (
        "java",
        "public class Main {\n    public static void main(String[] args) {\n        System.out.println(1);\n    }\n}",
    ),
    ("python", "def add(a: int, b: int) -> int:\n    # not prose\n    return a + b * 2 ** 3"),
    ("", "$ git log --oneline\n1a2b3c4 first\n5d6e7f8 second"),
)


class Prose:
    """Sentences of made-up texts; words are drawn by their rank, as in natural ones (Zipf)."""

    def __init__(self, chance: random.Random) -> None:
        made = ("".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3)))) for _ in range(6_000))
        self._words = {
            "zh": self._mixed(chance, _CHINESE, "", 3_000),
            "en": [*_FUNCTION_WORDS, *dict.fromkeys(made)],
            "ja": self._mixed(chance, _JAPANESE, "の", 1_000),
        }
        self._weights = {
            tongue: list(accumulate(1 / (rank + 5) for rank in range(len(words))))
            for tongue, words in self._words.items()
        }

    @staticmethod
    def _mixed(chance: random.Random, words: list[str], join: str, many: int) -> list[str]:
        return [*words, *dict.fromkeys(join.join(chance.sample(words, 2)) for _ in range(many))]

    def title(self, chance: random.Random, tongue: Tongue) -> str:
        """Return words without a mark between them."""
        return (" " if tongue == "en" else "").join(self._draw(chance, tongue, chance.randint(4, 7))).capitalize()

    def sentence(self, chance: random.Random, tongue: Tongue) -> str:
        """Return a sentence with its full stop."""
        words = self._draw(chance, tongue, chance.randint(8, 24))
        if tongue == "en":
            return " ".join(words).capitalize() + "."
        if tongue == "ja":
            words = [word + chance.choice(_PARTICLES) for word in words]
        return "，".join("".join(words[at : at + 7]) for at in range(0, len(words), 7)) + "。"

    def paragraph(self, chance: random.Random, tongue: Tongue) -> str:
        """Return some sentences."""
        return (" " if tongue == "en" else "").join(self.sentence(chance, tongue) for _ in range(chance.randint(1, 6)))

    def _draw(self, chance: random.Random, tongue: Tongue, many: int) -> list[str]:
        return chance.choices(self._words[tongue], cum_weights=self._weights[tongue], k=many)


class Bodies:
    """Bodies of posts, made of blocks."""

    def __init__(self, prose: Prose) -> None:
        self._prose = prose
        self._blocks: tuple[tuple[float, Callable[[random.Random, Tongue, str], str]], ...] = (
            (0.44, self._marked_up),
            (0.13, self._heading),
            (0.09, self._code),
            (0.08, self._list),
            (0.07, self._picture),
            (0.05, self._quote),
            (0.04, self._table),
            (0.04, self._tag_plugin),
            (0.03, self._math),
            (0.03, self._html),
        )

    def markdown(self, chance: random.Random, tongue: Tongue, size: int, slug: str) -> str:
        """Return a body of about so many bytes, for the post with this slug."""
        weights, kinds = zip(*self._blocks, strict=True)
        blocks = [self._prose.paragraph(chance, tongue)]
        if chance.random() < 0.5:
            blocks.append("<!-- more -->")
        left = size - len(blocks[0].encode())
        notes = 0
        while left > 0:
            block: str = chance.choices(kinds, weights)[0](chance, tongue, slug)
            if chance.random() < 0.03:
                notes += 1
                block += f"[^{notes}]"
            blocks.append(block)
            left -= len(block.encode()) + 2
        blocks.extend(f"[^{note}]: {self._prose.sentence(chance, tongue)}" for note in range(1, notes + 1))
        blocks.append("[home]: https://foothill.example/ 'Home'")
        return "\n\n".join(blocks) + "\n"

    def _marked_up(self, chance: random.Random, tongue: Tongue, slug: str) -> str:
        text, more = self._prose.paragraph(chance, tongue), self._prose.title(chance, tongue)
        return chance.choice(
            (
                text,
                text,
                f"{text} **{more}** {text}",
                f"{text} [{more}](https://more.example/{slug}_(part)?a=1&b=2) {self._prose.sentence(chance, tongue)}",
                f"`{slug}.service` {text} *{more}*, [{more}][home] ~~{more}~~",
                f"{text} https://docs.example/{slug}/_index_page {text}",
            )
        )

    def _heading(self, chance: random.Random, tongue: Tongue, _: str) -> str:
        title = self._prose.title(chance, tongue)
        return chance.choice((f"## {title}", f"### 1.2 {title}", f"##{title}", f"{title}\n------"))

    def _code(self, chance: random.Random, _tongue: Tongue, _slug: str) -> str:
        language, code = chance.choice(_CODE)
        lines = "\n".join(code for _ in range(chance.randint(1, 5)))
        return f"```{language}\n{lines}\n```"

    def _list(self, chance: random.Random, tongue: Tongue, _: str) -> str:
        mark = chance.choice(("- ", "* ", "1. ", "- [ ] ", "- [x] "))
        items = [mark + self._prose.sentence(chance, tongue) for _ in range(chance.randint(2, 6))]
        items.insert(1, f"    - {self._prose.title(chance, tongue)}")
        return "\n".join(items)

    def _picture(self, chance: random.Random, tongue: Tongue, slug: str) -> str:
        name = self._prose.title(chance, tongue)
        return chance.choice(
            (
                f"![{name}](figure.png)",
                f"![{name}](https://img.example/{slug}/{chance.randrange(99)}.jpg '{name}')",
                f"{{% asset_img figure.png {name} %}}",
                f'<img src="{slug}/figure.png" alt="{name}" style="zoom:50%;" />',
            )
        )

    def _quote(self, chance: random.Random, tongue: Tongue, _: str) -> str:
        return f"> {self._prose.sentence(chance, tongue)}\n> {self._prose.sentence(chance, tongue)}"

    def _table(self, chance: random.Random, tongue: Tongue, _: str) -> str:
        rows = [[self._prose.title(chance, tongue) for _ in range(3)] for _ in range(chance.randint(3, 8))]
        rows.insert(1, ["---", ":---:", "---"])
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)

    def _tag_plugin(self, chance: random.Random, tongue: Tongue, slug: str) -> str:
        text, name = self._prose.sentence(chance, tongue), self._prose.title(chance, tongue)
        return chance.choice(
            (
                f"{{% note info %}}\n{text}\n{{% endnote %}}",
                f"{{% label {name}@primary %}} {text}",
                f"{{% post_link {slug} '{name}' %}} {text}",
                f"{{% tabs {slug} %}}\n<!-- tab {name} -->\n{text}\n<!-- endtab -->\n{{% endtabs %}}",
            )
        )

    def _math(self, chance: random.Random, tongue: Tongue, _: str) -> str:
        text = self._prose.sentence(chance, tongue)
        return chance.choice(
            (r"$$\sum_{i=1}^{n} x_i^2 = \frac{a_1}{b_2}$$", rf"{text} $O(n \log n)$ {text} $\mathbf{{x}}_i * y_j$")
        )

    def _html(self, chance: random.Random, tongue: Tongue, _: str) -> str:
        text = self._prose.sentence(chance, tongue)
        return chance.choice(
            (
                f'<div class="tip">\n\n{text}\n\n</div>',
                f"<details><summary>{self._prose.title(chance, tongue)}</summary>\n<p>{text}</p>\n</details>",
                f'<center><font color="red">{text}</font></center>',
            )
        )
