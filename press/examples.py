"""A body -> its fences, with lines and options, and the examples among them.

The prover and the page both take their fences from here, so what is proven is what is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from press.fences import Scanner
from press.model import Example, Fence, Language
from press.problems import Code, Problem, SourceText


@dataclass(frozen=True, slots=True)
class Body:
    """The text of an article, taken apart."""

    fences: tuple[Fence, ...]
    markdown: str
    """With a slot for each fence and for what hides."""
    raw: tuple[str, ...]
    """Comments and elements with raw content that have several lines, to be copied as they are."""


def find(
    source: SourceText, first_line: int, languages: Sequence[Language]
) -> tuple[Body, list[Problem]]:
    """The body of a text from `first_line` on, and what is wrong with its fences."""
    scanner = Scanner(source, languages)
    for number, line in enumerate(source.text.split("\n")[first_line - 1 :], first_line):
        scanner.read(number, line)
    scanner.finish()
    body = Body(tuple(scanner.fences), "\n".join(scanner.lines), tuple(scanner.raw))
    return body, scanner.problems


def examples(
    source: SourceText, fences: Sequence[Fence], languages: Sequence[Language]
) -> tuple[tuple[Example, ...], list[Problem]]:
    """The examples among the fences, each with the `output` fence right after it, if any."""
    proven = {language.name for language in languages}
    found: list[Example] = []
    problems: list[Problem] = []
    previous: Fence | None = None
    for fence in fences:
        if fence.language in proven:
            found.append(Example(source, fence))
        elif fence.language == "output":
            if previous in [e.fence for e in found[-1:]] and _adjoin(source, previous, fence):
                found[-1] = Example(source, found[-1].fence, fence)
            else:
                problems.append(_stray_output(source, fence))
        previous = fence
    return tuple(found), problems


def _adjoin(source: SourceText, example: Fence | None, output: Fence) -> bool:
    if example is None or example.nesting != output.nesting:
        return False
    between = source.text.split("\n")[example.end : output.line - 1]
    return all(not line.strip(" \t>") for line in between)


def _stray_output(source: SourceText, fence: Fence) -> Problem:
    message = "this output stands under no example"
    hint = "put it right after its example, or call the fence `text`"
    return source.problem(Code.BAD_FENCE, fence.line, fence.column, message, hint)
