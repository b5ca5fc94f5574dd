"""Formulas in LaTeX, as MathJax and KaTeX read them between dollar signs: as plain text, or not at all."""

from __future__ import annotations

import re

_DISPLAYED = re.compile(
    r"\$\$[^$]{1,2000}\$\$|\\\[(?:[^\\]|\\[^\[\]]){1,2000}+\\\]|\\begin\{(\w{1,20}\*?)\}.{1,2000}?\\end\{\1\}",
    re.DOTALL,
)
# As in Pandoc: no space after the first dollar sign or before the second, and no digit after it, so that prices stay.
_INLINE = re.compile(r"\$(?=[^\s$])([^$]{1,200}?)(?<=\S)\$(?![0-9])|\\\(([^$]{1,200}?)\\\)")
_COMMAND = re.compile(r"\\([A-Za-z]{1,20}|[{}%$&#_,;:! |])\s?")
_GROUP = re.compile(
    r"\\(?:text|mathrm|mathbf|mathit|mathbb|mathcal|operatorname|overline|bar|hat|vec|boldsymbol)\s?\{([^{}]{0,60})\}"
)
_FRACTION = re.compile(r"\\[dt]?frac\s?\{([^{}]{1,30})\}\s?\{([^{}]{1,30})\}")
_SCRIPT = re.compile(r"([\^_])(?:\{([0-9+\-ni]{1,6})\}|([0-9ni]))")
_RAISED = str.maketrans("0123456789+-ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-ni", "₀₁₂₃₄₅₆₇₈₉₊₋ₙᵢ")
_SIGNS_BY_NAME = (
    ("alpha beta gamma delta epsilon theta lambda mu pi rho sigma tau phi omega", "αβγδεθλμπρστφω"),
    ("Delta Sigma Omega Pi", "ΔΣΩΠ"),
    ("times cdot div pm le leq ge geq ne neq approx equiv in notin infty", "×·÷±≤≤≥≥≠≠≈≡∈∉∞"),
    ("to rightarrow leftarrow Rightarrow sum prod int sqrt cup cap subset forall exists", "→→←⇒∑∏∫√∪∩⊂∀∃"),
    ("ldots dots cdots", "………"),
)
_FUNCTIONS = "log ln exp sin cos tan min max gcd lim mod"
_SIGNS = {
    **{name: sign for names, signs in _SIGNS_BY_NAME for name, sign in zip(names.split(), signs, strict=True)},
    **{name: name for name in (*_FUNCTIONS.split(), "{", "}", "%", "$", "&", "#", "_", "|")},
    **dict.fromkeys(("left", "right", "displaystyle", "limits", ",", ";", ":", "!"), ""),
    **dict.fromkeys(("quad", "qquad", " "), " "),
    "bmod": " mod ",
}


def without_formulas(text: str) -> str | None:
    """Return the text with its formulas in plain signs, or None where a formula needs more than that.

    Formulas on lines of their own are left out.
    """
    if "$" not in text and "\\" not in text:
        return text
    text = " ".join(_DISPLAYED.sub(" ", text).split())
    plain = _INLINE.sub(lambda match: _plain(match[1] or match[2]), text)
    return None if "\0" in plain else plain


def _plain(formula: str) -> str:
    for _ in range(3):
        formula = _FRACTION.sub(r"\1/\2", _GROUP.sub(r"\1", formula))
    formula = _SCRIPT.sub(_small, formula)
    formula = _COMMAND.sub(lambda match: _SIGNS.get(match[1], "\0"), formula)
    return "\0" if "^{" in formula or "_{" in formula else formula.strip()


def _small(match: re.Match[str]) -> str:
    return (match[2] or match[3]).translate(_RAISED if match[1] == "^" else _LOWERED)
