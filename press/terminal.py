"""What people are told at a terminal: problems in colours, if colours are wanted there.

Each state can be told without colours too: they are added to the same words (https://no-color.org).
"""

import os
from collections.abc import Sequence
from typing import TextIO

from press.problems import Paint, Part, Problem, unpainted
from press.root import typed

STYLES = {
    Part.PLACE: "1",
    Part.CODE: "1;31",
    Part.GUTTER: "1;34",
    Part.CARET: "1;31",
    Part.HELP: "1;36",
}
"""Part -> parameters of Select Graphic Rendition (ECMA-48 section 8.3.117)."""

FORCING = ("FORCE_COLOR", "CLICOLOR_FORCE")
"""Variables that ask for colours where there is no terminal, as some logs show them."""


def wants_colours(stream: TextIO) -> bool:
    """Whether what is written to a stream is coloured. NO_COLOR is stronger than what forces it."""
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "") not in ("", "0") for name in FORCING):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def painter(stream: TextIO) -> Paint:
    return painted if wants_colours(stream) else unpainted


def painted(part: Part, text: str) -> str:
    return f"\x1b[{STYLES[part]}m{text}\x1b[0m"


def report(problems: Sequence[Problem], last_line: str, stream: TextIO) -> str:
    """All problems of a run, how many they are, and where a person can read more of them."""
    paint = painter(stream)
    count = len(problems)
    lines = [one.told(paint) for one in problems]
    lines += ["", f"{count} problem{'' if count == 1 else 's'}{last_line}"]
    if problems and stream.isatty():
        codes = {one.code for one in problems}
        named = codes.pop() if len(codes) == 1 else "CODE"
        lines.append(f"{paint(Part.HELP, 'help:')} {typed()} explain {named}")
    return "\n".join(lines)
