"""The fences of an article as they stand on its page: highlighted, labelled, with their proof."""

from collections.abc import Callable, Sequence
from html import escape

from press import formulas, highlight, marks, pairs, proofwords
from press.model import Fence, Proof, Verdict
from press.words import ENGLISH, Words

ProofOf = Callable[[Fence], Proof | None]


def blocks(run: Sequence[Fence], proof: ProofOf = lambda _: None, words: Words = ENGLISH) -> str:
    """Fences that nothing stands between, as blocks of a page."""
    return "\n".join(_group(sides, proof, words) for sides in pairs.groups(run))


def _group(sides: Sequence[pairs.Side], proof: ProofOf, words: Words) -> str:
    if len(sides) == 1:
        return _example(sides[0], proof, words)
    return f'<div class="pair">{"".join(_side(side, proof, words) for side in sides)}</div>'


def _side(side: pairs.Side, proof: ProofOf, words: Words) -> str:
    language = pairs.proven_as(side[0].language)
    return (
        f'<div class="side" data-language="{escape(language)}">'
        f'<p class="language">{escape(highlight.name(language, words))}</p>'
        f"{_example(side, proof, words)}</div>"
    )


def _example(side: pairs.Side, proof: ProofOf, words: Words) -> str:
    """Code, its output, and what was done to prove it, as one unit."""
    if side[0].language == "math":
        return _formula(side[0])
    shown = "".join(_figure(fence, words) for fence in side)
    proven = proof(side[0])
    return f'<div class="example"{_to_run(proven)}>{shown}{_mark(proven, words)}</div>'


def _to_run(proof: Proof | None) -> str:
    """For a script that runs it: its line, and those of the examples that it goes on from.

    Empty for what needs more than the language, which a browser does not have.
    """
    if proof is None or proof.verdict is not Verdict.PROVEN:
        return ""
    example, setting = proof.example, proof.example.setting
    needs = (example.written, setting.files, setting.packages, "stdin" in example.options)
    if example.fence.language != "python" or any(needs):
        return ""
    lines = " ".join(str(one.fence.line) for one in example.before)
    return f' data-line="{example.fence.line}" data-run="{lines}"'


def _formula(fence: Fence) -> str:
    return f'<div class="formula" tabindex="0">{formulas.shown(fence.code, block=True)}</div>'


def _figure(fence: Fence, words: Words) -> str:
    """A figure of code that can be scrolled by keyboard."""
    name = escape(fence.language or "text")
    kinds = marks.lines(fence)
    pre = '<pre class="diff"' if {"ins", "del"} & set(kinds.values()) else "<pre"
    return (
        f'<figure class="code {name}">{_caption(fence, words)}{pre} tabindex="0">'
        f'<code class="language-{name}">{_code(fence, kinds)}</code></pre></figure>'
    )


def _caption(fence: Fence, words: Words) -> str:
    caption = pairs.caption(fence, words)
    return f"<figcaption>{escape(caption)}</figcaption>" if caption else ""


def _code(fence: Fence, kinds: dict[int, str]) -> str:
    return "\n".join(marks.marked(highlight.lines(fence.shown, fence.language), kinds))


def _mark(proof: Proof | None, words: Words) -> str:
    """What was done to prove an example, and with which version; or why nothing was."""
    if proof is None or proof.verdict is Verdict.FAILED:
        return ""
    if proof.verdict is Verdict.PROVEN:
        said = escape(proofwords.done(proof.how, words))
        return f'<p class="proof"><a href="proofs.html">{said}</a></p>'
    said = escape(proofwords.not_done(proof, words))
    return f'<p class="proof none">{said}</p>'
