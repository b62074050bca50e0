"""Code -> highlighted HTML, by Pygments. Emits classes; `stylesheet` gives their colours."""

from functools import cache
from html import escape
from typing import Any

from pygments import highlight as pygmentize
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from press.model import Fence, Proof, Verdict

# Both keep 4.5:1 on all ordinary tokens.
LIGHT, DARK = "default", "github-dark"
# Pygments knows these by other names, or would colour what is plain text.
LEXERS = {"": "text", "output": "text", "pycon": "pycon", "console": "console"}


@cache
def _formatter() -> Any:
    return HtmlFormatter(nowrap=True)


@cache
def _lexer(language: str) -> Any:
    try:
        return get_lexer_by_name(LEXERS.get(language, language), stripnl=False)
    except ClassNotFound:
        return get_lexer_by_name("text", stripnl=False)


def code(fence: Fence, proof: Proof | None = None) -> str:
    """A figure of the code, with its title and the mark of its proof if it has them.

    It can be scrolled by keyboard.
    """
    name = escape(fence.language or "text")
    inner = pygmentize(fence.shown, _lexer(fence.language), _formatter())
    title = fence.options.get("title") or fence.options.get("file", "")
    caption = f"<figcaption>{escape(title)}</figcaption>" if title else ""
    return (
        f'<figure class="code {name}">{caption}<pre tabindex="0"><code class="language-{name}">'
        f"{inner}</code></pre>{_mark(proof)}</figure>"
    )


def _mark(proof: Proof | None) -> str:
    """What was done to prove an example, and with which version; or why nothing was."""
    if proof is None or proof.verdict is Verdict.FAILED:
        return ""
    if proof.verdict is Verdict.PROVEN:
        return f'<p class="proof">{escape(_capital(proof.how))}</p>'
    words = f"{proof.verdict}: {proof.reason}"
    return f'<p class="proof none">{escape(_capital(words))}</p>'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def stylesheet() -> str:
    """The colours of the classes, light and dark."""
    light, dark = (_colours(style) for style in (LIGHT, DARK))
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"


def _colours(style: str) -> str:
    formatter: Any = HtmlFormatter(style=style, nobackground=True)  # style.css has the background
    return str(formatter.get_style_defs("pre code"))
