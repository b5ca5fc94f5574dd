"""Hexo's tag plugins (`{% note %}`, `{% asset_img x.jpg %}`), written as the Markdown that a reader would see.

Hexo hands a post to Nunjucks beside the Markdown renderer; a theme may add tags of its own. Here every tag becomes its
text, its link or its picture, before the Markdown is parsed. Sources of the arguments: hexo.io/docs/tag-plugins,
theme-next.js.org/docs/tag-plugins, butterfly.js.org (标签外挂), hexo.fluid-dev.com/docs/guide (Tag 插件),
volantis.js.org (标签插件), xaoxuu.com/wiki/stellar/tag-plugins, the documentation of Icarus' message and tabs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Final

from digests.articles.hexo.tag_arguments import (
    button_link,
    label_text,
    last_part,
    link_beside,
    note_text,
    picture,
    styled_text,
    title_after_at,
    title_of_block,
    words,
)

_SEPARATOR: Final = r"\s|::|[,@]"
_MARK = re.compile(
    r"^[ \t]*+(?:(?:>|[*+-](?=[ \t])|[0-9]{1,9}[.)](?=[ \t]))[ \t]*+)*+(?P<fence>`{3,}+(?=[^`\n]*+$)|~{3,}+)"
    r"|(?P<ticks>`++)"
    rf"|\{{%[-\s]*+(?P<tag>[A-Za-z_][\w-]*+)(?P<args>(?:{_SEPARATOR})(?:[^%{{]|%(?!\}})|\{{(?!%)){{0,5000}}+)?-?%\}}"
    r"|(?P<variable>\{\{(?!%)[^{}\n]{0,300}+\}\})"
    r"|\$\$(?P<display>(?:[^$]|\$(?!\$)){1,5000}+)\$\$"
    r"|\\\\[\[(](?P<brackets>(?:[^\\]|\\(?!\\)){1,2000}+)\\\\[\])]"
    r"|\\begin\{(?P<environment>[A-Za-z]{1,20}+\*?)\}"
    r"|^(?P<macro>\\(?:DeclareMathOperator|(?:re)?newcommand|providecommand)\*?\{[^\n]*+)"
    r"|(?<![\\$A-Za-z0-9_])\$(?P<formula>(?![\s$])[^$\n]{1,300}+)(?<![\s\\])\$(?![A-Za-z0-9_${])",
    re.MULTILINE,
)
_INTERESTING = re.compile(
    r"\{[{%]|\$[^$\n]*+\$|\\\\[\[(]|\\(?:begin|DeclareMathOperator|(?:re)?newcommand|providecommand)\*?\{"
)
_END = re.compile(r"\{%[-\s]*+end([A-Za-z_][\w-]*+)\s*+-?%\}")
_RAW = re.compile(r"\{%[-\s]*+(?:end)?raw\s*+-?%\}")
_LATEX = re.compile(r"[\\^_{}=<>\u0370-\u03ff\u2190-\u22ff]")
_NUMBER = re.compile(r"[0-9.]++(?: ?[+*/-] ?[A-Za-z0-9]++)*+[A-Za-z]?")
_SIMPLE = re.compile(r"[A-Za-z0-9 ()\[\]+\-*/,.|'!:%…]{1,20}")
_WORDS = re.compile(r"[A-Za-z]{3,}\s+[A-Za-z]{2,}\s|[\u3040-\u30ff\u4e00-\u9fff]")
_STASHED = re.compile("\x1a([0-9]{1,7})\x1a")

_SPAN_LIMIT = re.compile(r"\n[ \t>]*+(?:\n|```|~~~|\{%)")
_MAX_SPAN = 1_000
_MAX_FORMULA = 5_000

# `highlight` and `comment` are Jekyll's, in posts that were moved.
_CODE = frozenset({"code", "codeblock", "highlight"})
# What is between these is data for a script: a diagram, a score, a list of links.
_DATA = frozenset(
    (
        *(
            "abcjs",
            "albums",
            "aplayerlist",
            "aplayerlrc",
            "chartjs",
            "comment",
            "dplayer",
            "echarts",
            "echarts3",
            "echarts4",
        ),
        *("flink", "flow", "friends", "ghcodeblock", "graphviz", "hbe", "lg", "linkgrid", "links", "markmap"),
        *(
            "mermaid",
            "mindmap",
            "okr",
            "plantuml",
            "playlist",
            "posters",
            "puml",
            "score",
            "sequence",
            "sites",
            "users",
        ),
        *("wavedrom", "wordcloud", "xiami"),
    )
)
_FORMULAS = frozenset({"katex", "latex", "math", "mathjax"})
# Inline tags, by how their text is found among their arguments.
_INLINE: Final[dict[str, Callable[[str], str]]] = {
    **dict.fromkeys(
        ("asset_img", "fi", "fullimage", "galleryGroup", "image", "img", "inlineImg", "inlineimage"), picture
    ),
    **dict.fromkeys(("btn", "button", "cell"), button_link),
    **dict.fromkeys(("asset_link", "post_link"), lambda args: words(args, skip=1) or words(args)),
    **dict.fromkeys(("asset_path", "post_path", "asset_url"), words),
    **dict.fromkeys(("extlink", "exturl", "link", "linkcard"), link_beside),
    **dict.fromkeys(("bubble", "cb", "hideInline", "nota"), lambda args: styled_text(args, first=True)),
    **dict.fromkeys(("checkbox", "radio"), last_part),
    **dict.fromkeys(("blur", "copy", "emp", "hashtag", "kbd", "mark", "psw", "quot", "sub", "sup", "tag", "u"), words),
    **dict.fromkeys(("wavy", "spoiler", "heimu"), words),
    **dict.fromkeys(("p", "span"), styled_text),
    "del": lambda args: f"<del>{words(args)}</del>",
    "s": lambda args: f"<del>{words(args)}</del>",
    "label": label_text,
    "note": note_text,
    "ruby": lambda args: words(args).partition("|")[0],
}
# Tags around a passage that show a title of their own above it.
_TITLED: Final[dict[str, Callable[[str], str]]] = {
    **dict.fromkeys(("fold", "spoiler"), title_after_at),
    **dict.fromkeys(
        (
            *("box", "collapse", "detail", "details", "folding", "hideBlock", "hideToggle", "message", "noteblock"),
            *("poetry", "timeline", "timenode"),
        ),
        title_of_block,
    ),
}
_PARAGRAPHS = frozenset({"note", "p", "checkbox", "radio", "quot"})
"""Inline in their syntax, but shown as a paragraph."""


class Stash:
    """HTML that Markdown must not touch; a mark stands for it until it is put back."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def keep(self, html: str) -> str:
        """Return the mark that stands for the HTML."""
        self._pieces.append(html)
        return f"\x1a{len(self._pieces) - 1}\x1a"

    def restore(self, html: str, *, only_text: bool = False) -> str:
        """Put back everything, or only what is text."""

        def piece(mark: re.Match[str]) -> str:
            number = int(mark[1])
            kept = self._pieces[number] if number < len(self._pieces) else ""
            return "" if only_text and kept.startswith("<") else kept

        return _STASHED.sub(piece, html) if self._pieces else html


def expand_tags(body: str, stash: Stash) -> str:
    """Replace tags, variables and formulas outside code by what readers see of them; linear in the body's length."""
    if _INTERESTING.search(body) is None:
        return body
    return _Expansion(body.replace("\x1a", ""), stash).run()


class _Expansion:
    """One pass over a body; `_ends` has the last end of each tag, so that a missing one is never looked for."""

    def __init__(self, body: str, stash: Stash) -> None:
        self._body, self._stash = body, stash
        self._ends = {match[1]: match.start() for match in _END.finditer(body)}
        self._out: list[str] = []

    def run(self) -> str:
        body, position, search = self._body, 0, _MARK.search
        while (match := search(body, position)) is not None:
            self._out.append(body[position : match.start()])
            position = self._take(match)
        self._out.append(body[position:])
        return "".join(self._out)

    def _take(self, match: re.Match[str]) -> int:
        """Write what stands for the match, and return where the rest begins."""
        kind, end = match.lastgroup, match.end()
        if match["fence"]:
            indent = match.start("fence") - match.start() + 3
            closing = re.compile(rf"^[ \t>]{{0,{indent}}}+{match['fence']}[`~]*+[ \t]*+$", re.MULTILINE).search(
                self._body, end
            )
            end = len(self._body) if closing is None else closing.end()
            self._out.append(self._body[match.start() : end])
        elif match["ticks"]:
            end = self._code_span(match["ticks"], end)
            # Nunjucks knows no code spans: that is why people write {% raw %} in them.
            self._out.append(_RAW.sub("", self._body[match.start() : end]))
        elif match["tag"]:
            args = match["args"] or ""
            return self._tag(match["tag"], args.removesuffix("-") if match[0].endswith("-%}") else args, match)
        elif match["environment"]:
            end = self._environment(match)
        elif match["display"] or match["brackets"] or match["macro"]:
            self._out.append(self._stash.keep(f"<math>{escape(match[0])}</math>"))
        elif match["formula"]:
            self._out.append(self._formula(match))
        elif kind == "variable":
            pass
        return end

    def _code_span(self, ticks: str, start: int) -> int:
        """Return where the code span ends that begins with these backticks, or where the backticks end."""
        # Bounded, so that many odd backticks stay linear; code spans are short, and end with their paragraph.
        limit = start + _MAX_SPAN
        if (end := _SPAN_LIMIT.search(self._body, start, limit)) is not None:
            limit = end.start()
        closing = re.compile(rf"(?<!`){ticks}(?!`)").search(self._body, start, limit) if len(ticks) < 10 else None
        return start if closing is None else closing.end()

    def _environment(self, match: re.Match[str]) -> int:
        r"""Write LaTeX's `\begin{x} ... \end{x}` as a formula, and return where it ends; without an end it is text."""
        closing = f"\\end{{{match['environment']}}}"
        end = self._body.find(closing, match.end(), match.end() + _MAX_FORMULA)
        if end < 0:
            self._out.append(match[0])
            return match.end()
        end += len(closing)
        self._out.append(self._stash.keep(f"<math>{escape(self._body[match.start() : end])}</math>"))
        return end

    def _formula(self, match: re.Match[str]) -> str:
        """Return what stands for `$...$`: a price or a shell variable stays, `$n$` is read as n."""
        text = match["formula"]
        if _LATEX.search(text) and not _WORDS.search(text.partition("\\")[0]):
            return self._stash.keep(f"<math>{escape(text)}</math>")
        simple = _NUMBER.fullmatch(text) if text[0].isdigit() else _SIMPLE.fullmatch(text)
        if simple is not None and not _WORDS.match(text):
            return self._stash.keep(escape(text))
        return match[0]

    def _tag(self, name: str, args: str, match: re.Match[str]) -> int:
        end = match.end()
        closed = self._ends.get(name, -1) >= end
        if closed and (name in _CODE or name in _DATA or name in _FORMULAS or name == "raw"):
            return self._skip(name, end)
        if not closed and (inline := _INLINE.get(name)) is not None:
            text = self._picture(inline(args.strip()))
            self._out.append(f"\n\n{text}\n\n" if name in _PARAGRAPHS and self._alone(match) else text)
        elif closed and (titled := _TITLED.get(name)) is not None:
            title = titled(args.strip())
            self._out.append(f"\n\n<summary>{escape(title)}</summary>\n\n" if title else "\n\n")
        elif closed or (name.startswith("end") and name[3:] in self._ends):
            self._out.append("\n\n")
        else:
            self._out.append(" ")
        return end

    def _skip(self, name: str, start: int) -> int:
        closing = re.compile(rf"\{{%[-\s]*+end{re.escape(name)}\s*+-?%\}}").search(self._body, start)
        if closing is None:
            return start
        inside = self._body[start : closing.start()]
        if name == "raw":
            self._out.append(inside)
        elif name in _CODE:
            self._out.append(f"\n\n{self._stash.keep(f'<pre>{escape(inside)}</pre>')}\n\n")
        else:
            self._out.append("\n\n" if name in _DATA else self._stash.keep(f"<math>{escape(inside)}</math>"))
        return closing.end()

    def _picture(self, text: str) -> str:
        return self._stash.keep(text) if text.startswith("<img") else text

    def _alone(self, match: re.Match[str]) -> bool:
        """Return whether the tag has its line for itself."""
        before = self._body.rfind("\n", max(0, match.start() - 200), match.start())
        after = self._body.find("\n", match.end(), match.end() + 200)
        begins = self._body[max(before + 1, match.start() - 200) : match.start()].strip() == ""
        return begins and self._body[match.end() : after if after >= 0 else match.end() + 200].strip() == ""
