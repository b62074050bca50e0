"""What is wrong with a rendered article, each a Problem at its place in the article's text."""

import re
from collections import Counter
from collections.abc import Iterator

from press import formulas, images, links, pairs, refused, sections, slots
from press.blocks import CODE_SPAN
from press.elements import TAG
from press.model import Fence, Fragment, Manuscript
from press.problems import Code, Problem

INDENTED_CODE = re.compile(r"<pre>.*?</pre>", re.DOTALL)
ELSEWHERE = re.compile(r"\s*(?:https?:|//)", re.IGNORECASE)
# Without one of these nothing in a text can be HTML of its author's.
HTML = re.compile(r"</?[a-zA-Z]|\{[^}\n]*=")


def find(article: Manuscript, fragment: Fragment) -> list[Problem]:
    """All that is wrong with the text of an article, but for its links."""
    return [
        *_not_shown(article, fragment),
        *_alone(article, fragment),
        *_formulas(article, fragment),
        *_elsewhere(article, fragment),
        *_sections(article, fragment),
        *_refused(article, fragment),
    ]


def _not_shown(article: Manuscript, fragment: Fragment) -> Iterator[Problem]:
    """The fences that Markdown put where no block can stand, or lost."""
    visible = TAG.sub("", INDENTED_CODE.sub("", fragment.html))
    shown = Counter(slots.fences(visible))
    message = "this fence can't be shown where it stands"
    hint = "put empty lines around it, or take it out of the block or HTML that holds it"
    for index, fence in enumerate(article.fences):
        if shown[index] != 1:
            yield _of_fence(article, fence, message, hint)


def _alone(article: Manuscript, fragment: Fragment) -> Iterator[Problem]:
    """The fences that have nothing to stand beside."""
    runs = [[article.fences[index] for index in run] for run in slots.runs(fragment.html)]
    message = "there is nothing that this fence could stand beside"
    hint = "put it right after another fence and its output, with nothing but empty lines between"
    for fence in pairs.alone(runs):
        yield _of_fence(article, fence, message, hint)


def _of_fence(article: Manuscript, fence: Fence, message: str, hint: str) -> Problem:
    return article.source.problem(Code.BAD_FENCE, fence.line, fence.column, message, hint)


def _formulas(article: Manuscript, fragment: Fragment) -> Iterator[Problem]:
    for fence in article.fences:
        if fence.language == "math" and (error := _error(fence.code, block=True)):
            before = fence.code.rstrip()[: error.at]
            line = fence.line + 1 + before.count("\n")
            column = fence.column + len(before) - (before.rfind("\n") + 1)
            yield _bad_formula(article, line, column, error)
    for source in fragment.formulas:
        if error := _error(source, block=False):
            first = source.split("\n")[0]
            places = _places(article, re.escape(f"$`{first}")) or [(article.body_line, 1)]
            for line, column in places:
                at = 2 + error.at if error.at < len(first) else 0
                yield _bad_formula(article, line, column + at, error)


def _error(source: str, *, block: bool) -> formulas.Wrong | None:
    try:
        formulas.mathml(source, block=block)
    except formulas.Wrong as error:
        return error
    return None


def _bad_formula(article: Manuscript, line: int, column: int, error: formulas.Wrong) -> Problem:
    message = f"this formula can't be shown: {error}"
    hint = "it is LaTeX, as in $`x^2`$ or a fence called `math`"
    return article.source.problem(Code.BAD_FORMULA, line, column, message, hint)


def _elsewhere(article: Manuscript, fragment: Fragment) -> Iterator[Problem]:
    """The images and films of other hosts, which a page's rules keep out."""
    message = "a page shows nothing that another host would have to send"
    hint = "put the file beside the article, and show that"
    for href in dict.fromkeys(images.embedded(fragment.html)):
        if ELSEWHERE.match(href):
            yield from links.problems_at(href, article, Code.BAD_IMAGE, message, hint)


def _sections(article: Manuscript, fragment: Fragment) -> Iterator[Problem]:
    for one in sections.wrong(fragment.html):
        places = _places(article, sections.pattern(one.level), spans=False)
        line, column = (*places, *[(article.body_line, 1)] * (one.index + 1))[one.index]
        yield article.source.problem(Code.BAD_SECTION, line, column, one.message, one.hint)


def _refused(article: Manuscript, fragment: Fragment) -> Iterator[Problem]:
    if not (article.raw or HTML.search(article.markdown)):
        return
    for one in refused.find(fragment.html):
        code = Code.UNCLOSED_HTML if one.tag else Code.REFUSED_HTML
        places = _places(article, rf"(?i){one.pattern}", spans=False)
        if one.tag:
            places = _unbalanced(article, places) or places
        for line, column in places or [(article.body_line, 1)]:
            yield article.source.problem(code, line, column, one.what, one.hint)


def _places(article: Manuscript, pattern: str, *, spans: bool = True) -> list[tuple[int, int]]:
    """Where an article's text has something outside of its fences; `spans`: of code as well."""
    inside = {n for fence in article.fences for n in range(fence.line, fence.end + 1)}
    return [
        (number, match.start() + 1)
        for number, line in enumerate(article.source.text.split("\n"), 1)
        if number >= article.body_line and number not in inside
        for match in re.finditer(pattern, line if spans else CODE_SPAN.sub(_masked, line))
    ]


def _masked(span: re.Match[str]) -> str:
    return "`" * len(span.group())


def _unbalanced(article: Manuscript, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of the tags of one element, those that have no other end."""
    lines = article.source.text.split("\n")
    opened: list[tuple[int, int]] = []
    closes_nothing = []
    for line, column in places:
        if not lines[line - 1].startswith("</", column - 1):
            opened.append((line, column))
        elif opened:
            opened.pop()
        else:
            closes_nothing.append((line, column))
    return closes_nothing + opened
