"""All that can be wrong with an author's input, in one shape."""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum

from msgspec import Struct


class Code(StrEnum):
    """The name of a kind of problem, stable across versions."""

    BAD_CHARACTER = "bad-character"
    BAD_CONFIG = "bad-config"
    BAD_FENCE = "bad-fence"
    BAD_FILE_NAME = "bad-file-name"
    BAD_FORMULA = "bad-formula"
    BAD_FRONT_MATTER = "bad-front-matter"
    BAD_IMAGE = "bad-image"
    BAD_INPUT = "bad-input"
    BAD_LEDGER = "bad-ledger"
    BAD_OUTPUT_FOLDER = "bad-output-folder"
    BAD_SECTION = "bad-section"
    BAD_WORDS = "bad-words"
    BROKEN_LINK = "broken-link"
    DUPLICATE = "duplicate"
    EXAMPLE_FAILED = "example-failed"
    EXAMPLE_NOT_PROVEN = "example-not-proven"
    EXAMPLE_OUTPUT_DIFFERS = "example-output-differs"
    MISSING_VALUE = "missing-value"
    NOT_BUILT = "not-built"
    NOT_DEPLOYED = "not-deployed"
    NOT_LIVE = "not-live"
    REFUSED = "refused"
    REFUSED_HTML = "refused-html"
    TEMPLATE_FAILED = "template-failed"
    UNCLOSED_FENCE = "unclosed-fence"
    UNCLOSED_HTML = "unclosed-html"
    UNKNOWN_KEY = "unknown-key"
    UNKNOWN_LANGUAGE = "unknown-language"
    UNKNOWN_OPTION = "unknown-option"
    UNREADABLE = "unreadable"
    WRONG_TYPE = "wrong-type"


EXCERPT = 120
"""Characters of a source line that are shown."""

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What could move the cursor of a terminal, or colour it; all but the tab and the line break."""


class Part(StrEnum):
    """A part of what is told of a problem, for who colours it."""

    PLACE = "place"
    CODE = "code"
    GUTTER = "gutter"
    CARET = "caret"
    HELP = "help"


Paint = Callable[[Part, str], str]
"""Gives a part its colour, and takes nothing away from it."""


def unpainted(_part: Part, text: str) -> str:
    return text


class Problem(Struct, frozen=True, order=True):
    """One thing to mend. Lines and columns count from 1; 0 means that there is none to name."""

    path: str
    line: int
    column: int
    code: Code
    message: str
    hint: str = ""
    excerpt: str = ""
    """The source line itself, without its line break."""

    @property
    def where(self) -> str:
        parts = [self.path, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)

    def __str__(self) -> str:
        return self.told(unpainted)

    def told(self, paint: Paint) -> str:
        """For people: place, code and message, the line with a caret, and what to do."""
        first, *more = visible(self.message).splitlines() or [""]
        place, code = paint(Part.PLACE, visible(self.where)), paint(Part.CODE, self.code)
        lines = [f"{place}: {code}: {first}"]
        lines += self.excerpt_lines(paint)
        lines += [f"      {line}".rstrip() for line in more]
        if self.hint:
            lines.append(f"      {paint(Part.HELP, 'help:')} {visible(self.hint)}")
        return "\n".join(lines)

    def excerpt_lines(self, paint: Paint = unpainted) -> list[str]:
        """The line itself and, where there is a column, a caret below it."""
        if not (self.line and self.excerpt.strip()):
            return []
        # Of a very long line, what is near the column is enough.
        start = max(0, self.column - 1 - EXCERPT // 2) if len(self.excerpt) > EXCERPT else 0
        shown = visible(self.excerpt[start : start + EXCERPT].rstrip())
        lines = [f"{paint(Part.GUTTER, f'{self.line:>5} |')} {shown}"]
        before = shown[: self.column - 1 - start]
        if self.column and len(before) == self.column - 1 - start:
            pad = "".join(map(_blank, before))
            lines.append(f"{paint(Part.GUTTER, '      |')} {pad}{paint(Part.CARET, '^')}")
        return lines


def visible(text: str) -> str:
    """Each control character as its picture: an example may print whatever it likes."""
    return CONTROL.sub(lambda found: _picture(ord(found.group())), text)


def _picture(code: int) -> str:
    """Of one character, so that columns stay: U+2400 on are pictures of C0, C1 has none."""
    if code == 0x7F:
        return "\u2421"
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def _blank(char: str) -> str:
    """As wide as a character is on a terminal (Unicode, UAX #11)."""
    if char == "\t" or char.isascii():
        return "\t" if char == "\t" else " "
    from unicodedata import combining, east_asian_width

    if combining(char):
        return ""
    return "  " if east_asian_width(char) in "WF" else " "


class ProblemsFound(Exception):
    """Work that can't go on, with every problem known so far."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SourceText(Struct, frozen=True):
    """A text and the name of its file, from which problems quote their line."""

    path: str
    text: str

    def problem(self, code: Code, line: int, column: int, message: str, hint: str = "") -> Problem:
        """A Problem at a line and column of this text, with that line as its excerpt."""
        lines = self.text.split("\n")
        excerpt = lines[line - 1].rstrip("\r") if 1 <= line <= len(lines) else ""
        return Problem(self.path, line, column, code, message, hint, excerpt)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of a character offset."""
        line_start = self.text.rfind("\n", 0, offset) + 1
        return self.text.count("\n", 0, offset) + 1, offset - line_start + 1


def did_you_mean(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """A hint naming the nearest known word, or an empty string."""
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(word, sorted(known), n=1, cutoff=cutoff)
    return f"did you mean `{near[0]}`?" if near else ""
