"""Reads a text line by line: its fences, and around them Markdown in one dialect.

Fences stand where CommonMark sees them. The text around them is for Python-Markdown, whose
containers are indented by four and begin after an empty line; so its containers are CommonMark's
too, and each fence is shown in the block where its author sees it.
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from press.blocks import (
    BULLET,
    CODE_SPAN,
    NUMBER,
    OPENING,
    Container,
    bears,
    descend,
    ends_paragraph,
    hides_from,
    indent,
    nesting,
    opened,
    outdent,
    starts_block,
    untab,
)
from press.infostring import names_language, parse_info
from press.model import Fence, Language
from press.problems import Code, Problem, SourceText
from press.slots import COMMENT, FENCE, RAW, slot

SPAN = re.compile(rf"{CODE_SPAN.pattern}|<!--.*?-->")
# Marks of a fence that are none: in the middle of a line, or indented as code.
LOOKALIKE = re.compile(r"(?:`{3,}|~{3,})(?P<info>[^`~]*)$")


class _OpenFence(Struct):
    """The fence being read."""

    line: int
    column: int
    marks: str
    info: str
    indent: int
    before: str
    """What stands before its slot."""
    code: list[str] = field(default_factory=list)


class _OpenRaw(Struct):
    """The comment or raw element being read."""

    line: int
    column: int
    closing: str
    text: list[str]


class Scanner:
    """Keeps the stack of open containers. Call `read` for each line, then `finish`."""

    def __init__(self, source: SourceText, languages: Sequence[Language]) -> None:
        self.source = source
        self.languages = languages
        self.fences: list[Fence] = []
        self.raw: list[str] = []
        self.lines: list[str] = []
        self.problems: list[Problem] = []
        self._containers: list[Container] = []
        self._fence: _OpenFence | None = None
        self._raw: _OpenRaw | None = None
        self._in_paragraph = False
        self._in_code = False

    def read(self, number: int, line: str) -> None:
        if not self._containers and self._read_plain(line):
            return
        depth, rest = descend(line, self._containers)
        if self._fence and depth < len(self._containers):
            self._never_closed(self._fence, "closed by the end of the block that it stands in")
            self._fence = None
        if self._fence:
            self._read_code(self._fence, number, rest)
        elif self._raw:
            self._read_raw(self._raw, number, line, rest)
        elif not rest.strip():
            self._in_paragraph = False
            self._blank(nesting(self._containers[:depth]))
        elif depth < len(self._containers) and self._in_paragraph and not starts_block(rest):
            # A lazy continuation: the paragraph and its containers go on.
            self._text(number, line, nesting(self._containers[:depth]), rest.lstrip())
        else:
            self._read_block(number, line, rest, depth)

    def finish(self) -> None:
        if self._fence:
            self._never_closed(self._fence, "never closed")
        if self._raw:
            message = f"what begins here is never closed by `{self._raw.closing}`"
            self._report(Code.UNCLOSED_HTML, self._raw.line, self._raw.column, message)
            self.raw.append("\n".join(self._raw.text))

    def _read_plain(self, line: str) -> bool:
        """Read a line of code, or of words, as most are: whether it is one where no block is open.

        What closes a fence has its marks in it. No mark of a block begins with a letter, and a line
        that does not bear one is all text.
        """
        if self._fence:
            if self._fence.marks in line:
                return False
            self._fence.code.append(outdent(line, self._fence.indent))
            return True
        if self._raw or not line[:1].isalpha() or bears(line):
            return False
        self._in_code = False
        self._in_paragraph = True
        self.lines.append(line)
        return True

    def _report(self, code: Code, line: int, column: int, message: str, hint: str = "") -> None:
        self.problems.append(self.source.problem(code, line, column, message, hint))

    def _never_closed(self, fence: _OpenFence, how: str) -> None:
        message = f"this fence is {how}"
        hint = f"close it with a line of {fence.marks}, as far to the right as its first"
        self._report(Code.UNCLOSED_FENCE, fence.line, fence.column, message, hint)

    def _read_code(self, fence: _OpenFence, number: int, rest: str) -> None:
        closing = rest.strip(" \t")
        ends = len(closing) >= len(fence.marks) and set(closing) == {fence.marks[0]}
        if ends and indent(rest) <= 3:
            self._close(fence, number)
        else:
            fence.code.append(outdent(rest, fence.indent))

    def _close(self, fence: _OpenFence, number: int) -> None:
        self._fence = None
        language, options, problems = parse_info(
            self.source, fence.line, fence.column + len(fence.marks), fence.info, self.languages
        )
        self.problems += problems
        self.lines.append(fence.before + slot(FENCE, len(self.fences)))
        code = "".join(f"{line}\n" for line in fence.code)
        where = nesting(self._containers)
        self.fences.append(
            Fence(fence.line, fence.column, number, language, options, code, where)
        )  # fmt: skip
        self._blank(where)

    def _read_raw(self, raw: _OpenRaw, number: int, line: str, rest: str) -> None:
        end = re.search(re.escape(raw.closing), rest, re.IGNORECASE)
        if not end:
            raw.text.append(rest)
            return
        self._raw = None
        self.raw.append("\n".join([*raw.text, rest[: end.end()]]))
        after = rest[end.end() :]
        self._in_paragraph = bool(after.strip())
        self._text(number, line, self.lines.pop(), after)

    def _read_block(self, number: int, line: str, rest: str, depth: int) -> None:
        in_paragraph = self._in_paragraph and depth == len(self._containers)
        closed = self._containers[depth:]
        del self._containers[depth:]
        outer = nesting(self._containers)
        if indent(rest) > 3 and not in_paragraph:
            self._look_for_lookalike(number, line, rest)
            self.lines.append(outer + rest)
            self._in_code = True
            return
        self._in_code = False
        if indent(rest) > 3:
            self._text(number, line, outer, rest.lstrip())
            return
        new, markers, inner = opened(untab(rest), in_paragraph)
        if self._stands_apart(closed, new, inner, in_paragraph):
            self._blank(outer)
        self._containers += new
        if opening := OPENING.match(inner):
            self._open_fence(number, line, opening, outer, markers)
        else:
            self._in_paragraph = bool(inner.strip()) and not ends_paragraph(inner)
            code = inner if indent(inner) > 3 else inner.lstrip()
            self._text(number, line, outer + markers, code)

    def _stands_apart(
        self, closed: list[Container], new: list[Container], inner: str, in_paragraph: bool
    ) -> bool:
        """Whether Python-Markdown needs an empty line to see that a block begins here."""
        if closed:
            return closed[0].spread or [closed[0].kind] != [c.kind for c in new[:1]]
        if not in_paragraph:
            return False
        inside = self._containers[-1:]
        if new and new[0].kind in (BULLET, NUMBER):
            return not (inside and inside[0].kind in (BULLET, NUMBER) and not inside[0].spread)
        return bool(inside) and (bool(new) or starts_block(inner))

    def _open_fence(
        self, number: int, line: str, opening: re.Match[str], outer: str, markers: str
    ) -> None:
        marks, info = opening["marks"], opening["info"]
        column = len(line) - len(marks + info) + 1
        depth = indent(opening.group())
        self._fence = _OpenFence(number, column, marks, info, depth, outer + markers)
        self._in_paragraph = False
        if not markers:
            self._blank(outer)

    def _blank(self, where: str) -> None:
        """An empty line; to Python-Markdown a second one ends a footnote."""
        for container in self._containers:
            container.spread = True
        if self._in_code or self.lines[-1:] != [where.rstrip()]:
            self.lines.append(where.rstrip())

    def _text(self, number: int, line: str, before: str, text: str) -> None:
        """Keep a line of text, up to where something begins that hides the lines after it."""
        if not bears(text):
            self.lines.append(before + text)
            return
        start, closing = hides_from(text) or (len(text), "")
        self._look_for_lookalike(number, line, text[:start] + " " * (len(text) - start))
        if not closing:
            self.lines.append(before + text)
            return
        column = max(1, len(line) - len(text) + start + 1)
        self._raw = _OpenRaw(number, column, closing, [text[start:]])
        kind = COMMENT if closing == "-->" else RAW
        self.lines.append(before + text[:start] + slot(kind, len(self.raw)))

    def _look_for_lookalike(self, number: int, line: str, text: str) -> None:
        """Report what an author takes for an example, and CommonMark does not."""
        masked = SPAN.sub(lambda span: " " * len(span.group()), text)
        marks = LOOKALIKE.search(masked)
        column = max(1, len(line) - len(text) + (marks.start() if marks else 0) + 1)
        if marks and names_language(marks["info"], self.languages):
            message = "this is no fence, so its code would not be proven"
            hint = "begin its line with it, in the column of the text around it"
            self._report(Code.BAD_FENCE, number, column, message, hint)
