"""A traceback as a session shows it, against the one that was observed.

What is compared is what exceptions say: the lines of their messages, and their notes. The stack
before that, with its files and lines of code, may be another, or be left out.
"""

import re
from collections.abc import Iterator, Sequence

from press import comparing

HEADER = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):\s*")
GROUP = "  + Exception Group Traceback"
"""How the traceback of a group begins; all of it stands behind a gutter."""
GUTTER = re.compile(r"(?: {2,}[|+](?: |$))?")
RULE = re.compile(r" *\+-[-+]*(?: (?:\d+|\.\.\.) -+)?\s*")
"""A line over each exception within a group, and under the last of them."""
LED_TO = re.compile(
    r"\n\n(?:The above exception was the direct cause of the following exception"
    r"|During handling of the above exception, another exception occurred):\n\n"
)
"""Between an exception and the one that it led to."""


def agrees(shown: str, output: str, trace: str) -> bool:
    """Whether a session shows this output, and then this traceback."""
    return any(
        comparing.agree(before, output) and _says(rest, trace) for before, rest in _splits(shown)
    )


def _splits(shown: str) -> Iterator[tuple[str, Sequence[str]]]:
    """What is shown, as an output and the lines of a traceback that may come after it.

    That of a SyntaxError has no header, and so may begin anywhere.
    """
    lines = shown.split("\n")
    headers = [number for number, line in enumerate(lines) if _is_header(*_parts(line))]
    for number in headers or range(len(lines)):
        yield "\n".join(lines[:number]), lines[number:]


def _says(shown: Sequence[str], trace: str) -> bool:
    """Whether exceptions say what is shown of them.

    Those that led to the last may be left out; and, as doctest does, those within a group.
    """
    in_group = GROUP in trace
    wanted = _told(shown, in_group=in_group)
    starts = [0, *(found.end() for found in LED_TO.finditer(trace))]
    told = [_told(trace[start:].split("\n"), in_group=in_group) for start in starts]
    if trace.startswith(GROUP, starts[-1]) and not any(_parts(line)[0] for line in shown):
        told.append(_without_others(told[-1]))
    return any(comparing.agree("\n".join(wanted), "\n".join(one)) for one in told)


def _told(trace: Sequence[str], *, in_group: bool) -> list[str]:
    """The lines of a traceback but for its headers and stacks.

    A line of `...` stands for lines of a stack, or for whatever stands where there is none. Not
    every Python puts the gutter before each line of a message, so they are told without it.
    """
    found: list[str] = []
    in_stack, has_header = True, False
    for line in trace:
        gutter, text = _parts(line) if in_group else ("", line)
        if _is_header(gutter, text):
            in_stack, has_header = True, True
        elif in_group and RULE.fullmatch(line):
            found.append(line)
            in_stack, has_header = True, False
        elif text.strip() == comparing.ANY_LINES:
            found += [] if in_stack and has_header else [comparing.ANY_LINES]
        elif not in_stack or (text.strip() and not text.startswith(" ")):
            found.append(text)
            in_stack = False
    return found


def _without_others(told: Sequence[str]) -> list[str]:
    """What a group says of itself, of all that it says."""
    end = next((number for number, line in enumerate(told) if RULE.fullmatch(line)), len(told))
    return list(told[:end])


def _is_header(gutter: str, text: str) -> bool:
    """Whether it is the line that a traceback begins with."""
    return HEADER.fullmatch(text) is not None and (bool(gutter) or text.startswith("Traceback"))


def _parts(line: str) -> tuple[str, str]:
    """The gutter of a line of a group, and what stands behind it."""
    match = GUTTER.match(line)
    end = match.end() if match else 0
    return line[:end], line[end:]
