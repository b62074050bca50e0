"""A body -> its fences, with lines and options. The only place that knows fence syntax.

The prover and the page both take their fences from here, so what is proven is what is shown.
Block structure follows CommonMark 0.31 (sections 4.5 fences, 4.6 HTML blocks, 5 containers), and
knows the containers of Python-Markdown besides: admonitions, definitions and footnotes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from press.infostring import parse_info
from press.model import Example, Fence, Language
from press.problems import Code, Problem, SourceText

QUOTE = re.compile(r" {0,3}> ?")
ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?=\s|$)")
RULE = re.compile(r" {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$")
# Their content is indented by four: admonitions, tabs, footnotes, definitions.
INDENTED = re.compile(r" {0,3}(?:!!! |\?\?\?\+? |===!? |\[\^[^\]]+\]:|: )")
OPENING = re.compile(r" {0,3}(?P<marks>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)")
RAW = re.compile(r" {0,3}<(?P<tag>pre|script|style|textarea)(?=[\s>]|$)", re.IGNORECASE)
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")
# An item can only interrupt a paragraph if it has content and, with a number, if that is 1.
INTERRUPTING_ITEM = re.compile(r" {0,3}(?:[-+*]|1[.)])(?=\s+\S)")
STARTS_BLOCK = re.compile(r" {0,3}(?:#{1,6}\s|>|(?:[-+*]|\d{1,9}[.)])(?=\s|$)|!!! |\?\?\?|<)")


@dataclass(frozen=True, slots=True)
class Container:
    """A block that holds others: a quote, or one whose content is indented."""

    indent: int
    """Columns of its content's indentation; 0 for a quote."""

    @property
    def marker(self) -> str:
        """What marks its content for Python-Markdown, which wants four columns each."""
        return "    " if self.indent else "> "


def find(
    source: SourceText, first_line: int, languages: Sequence[Language]
) -> tuple[tuple[Fence, ...], list[Problem]]:
    """The fences of a text from `first_line` on, in order, and what is wrong with them."""
    scanner = _Scanner(source, languages)
    for number, line in enumerate(source.text.split("\n")[first_line - 1 :], first_line):
        scanner.read(number, line)
    scanner.finish()
    return tuple(scanner.fences), scanner.problems


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


@dataclass(slots=True)
class _Open:
    """The fence being read."""

    line: int
    column: int
    marks: str
    info: str
    indent: int
    nesting: str
    opener: str
    code: list[str] = field(default_factory=list)


class _Scanner:
    """Reads a text line by line, keeping the stack of open containers."""

    def __init__(self, source: SourceText, languages: Sequence[Language]) -> None:
        self.source = source
        self.languages = languages
        self.fences: list[Fence] = []
        self.problems: list[Problem] = []
        self._containers: list[Container] = []
        self._fence: _Open | None = None
        self._hidden_until = ""
        self._hidden_at = (0, 0)
        self._in_paragraph = False

    def read(self, number: int, line: str) -> None:
        depth, rest = self._descend(line)
        if self._fence and depth < len(self._containers):
            self._never_closed(self._fence, "closed by the end of the block that it stands in")
            self._fence = None
        if self._fence:
            self._read_code(self._fence, number, rest)
        elif self._hidden_until:
            self._read_hidden(number, line, rest)
        elif not rest.strip():
            self._in_paragraph = False
        elif depth < len(self._containers) and self._in_paragraph and not _starts_block(rest):
            pass  # a lazy continuation: the paragraph and its containers go on
        else:
            self._read_block(number, line, rest, depth)

    def finish(self) -> None:
        if self._fence:
            self._never_closed(self._fence, "never closed")
        if self._hidden_until:
            message = f"what begins here is never closed by `{self._hidden_until}`"
            self.problems.append(self.source.problem(Code.UNCLOSED_HTML, *self._hidden_at, message))

    def _never_closed(self, fence: _Open, how: str) -> None:
        message = f"this fence is {how}"
        hint = f"close it with a line of {fence.marks}, as far to the right as its first"
        self.problems.append(
            self.source.problem(Code.UNCLOSED_FENCE, fence.line, fence.column, message, hint)
        )

    def _descend(self, line: str) -> tuple[int, str]:
        """How many of the open containers go on in this line, and what is left of it."""
        rest = line
        for depth, container in enumerate(self._containers):
            if not container.indent:
                quote = QUOTE.match(_untab(rest))
                if not quote:
                    return depth, rest
                rest = _untab(rest)[quote.end() :]
            elif not rest.strip():
                rest = ""
            elif _indent(rest) < container.indent:
                return depth, rest
            else:
                rest = _outdent(rest, container.indent)
        return len(self._containers), rest

    def _read_code(self, fence: _Open, number: int, rest: str) -> None:
        closing = rest.strip()
        if (
            len(closing) >= len(fence.marks)
            and set(closing) == {fence.marks[0]}
            and _indent(rest) <= 3
        ):
            self._close(fence, number)
        else:
            fence.code.append(_outdent(rest, fence.indent))

    def _close(self, fence: _Open, number: int) -> None:
        self._fence = None
        language, options, problems = parse_info(
            self.source, fence.line, fence.column + len(fence.marks), fence.info, self.languages
        )
        self.problems += problems
        code = "".join(f"{line}\n" for line in fence.code)
        self.fences.append(
            Fence(fence.line, fence.column, number, language, options, code,
                  fence.nesting, fence.opener)
        )  # fmt: skip

    def _read_hidden(self, number: int, line: str, rest: str) -> None:
        until = self._hidden_until
        _, found, after = rest.lower().partition(until)
        if found:
            self._hidden_until = ""
            self._in_paragraph = bool(after.strip())
            self._find_hidden(number, len(line) - len(after), after)

    def _read_block(self, number: int, line: str, rest: str, depth: int) -> None:
        in_paragraph = self._in_paragraph and depth == len(self._containers)
        del self._containers[depth:]
        if _indent(rest) > 3:
            return  # indented code, or a paragraph that goes on
        rest = _untab(rest)
        inner = self._open_containers(rest, in_paragraph)
        if opening := OPENING.match(inner):
            self._open_fence(number, line, opening, depth, rest[: len(rest) - len(inner)])
        else:
            ends = (
                inner.lstrip().startswith(("#", "<!--", "<pre"))
                or RULE.match(inner)
                or _indent(inner) > 3
            )
            self._in_paragraph = bool(inner.strip()) and not ends
            self._find_hidden(number, len(line) - len(inner), inner)

    def _open_containers(self, rest: str, in_paragraph: bool) -> str:
        while rest.strip() and not RULE.match(rest):
            if quote := QUOTE.match(rest):
                self._containers.append(Container(0))
                rest = rest[quote.end() :]
                in_paragraph = False
            elif item := (INTERRUPTING_ITEM if in_paragraph else ITEM).match(rest):
                gap = _indent(rest[item.end() :])
                gap = gap if gap <= 4 and rest[item.end() :].strip() else 1
                # Python-Markdown takes four columns for the content whatever the marker's width.
                self._containers.append(Container(min(item.end() + gap, 4)))
                rest = rest[item.end() + gap :]
            elif INDENTED.match(rest):
                self._containers.append(Container(4))
                return rest.lstrip()
            else:
                break
        return rest

    def _open_fence(
        self, number: int, line: str, opening: re.Match[str], outer: int, markers: str
    ) -> None:
        marks, info = opening["marks"], opening["info"]
        column = len(line) - len(marks + info) + 1
        nesting = [container.marker for container in self._containers]
        opener = "".join(nesting[:outer]) + markers
        indent = _indent(opening.group())
        self._fence = _Open(number, column, marks, info, indent, "".join(nesting), opener)
        self._in_paragraph = False

    def _find_hidden(self, number: int, offset: int, rest: str) -> None:
        """Notice a comment, or an element whose content is raw, that goes on past this line."""
        raw = RAW.match(rest)
        text = CODE_SPAN.sub(lambda span: "`" * len(span.group()), rest)
        if raw and f"</{raw['tag'].lower()}>" not in rest.lower():
            self._hide(f"</{raw['tag'].lower()}>", number, offset + raw.start("tag"))
            return
        start = text.rfind("<!--")
        if start >= 0 and "-->" not in text[start + 4 :]:
            self._hide("-->", number, offset + start + 1)

    def _hide(self, until: str, number: int, column: int) -> None:
        self._hidden_until = until
        self._hidden_at = (number, column)


def _starts_block(rest: str) -> bool:
    """Whether a line can't go on with the paragraph before it."""
    return any(mark.match(rest) for mark in (STARTS_BLOCK, OPENING, RULE))


def _untab(line: str) -> str:
    """The line with the tabs of its indentation as spaces."""
    text = line.lstrip(" \t")
    return line[: len(line) - len(text)].expandtabs(4) + text


def _indent(line: str) -> int:
    return len(_untab(line)) - len(line.lstrip(" \t"))


def _outdent(line: str, columns: int) -> str:
    """The line without up to so many columns of its indentation."""
    if not columns:
        return line
    spaces = _untab(line)
    return spaces[min(columns, _indent(line)) :]
