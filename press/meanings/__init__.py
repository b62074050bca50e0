"""What each problem code means: a file of Markdown for each, with input that causes it, mended.

The first paragraph is the summary. In the sections `Wrong` and `Mended` a fence with a path is a
file, and one of `console` is what is typed; without, that is `python build.py check`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from press.problems import Code, Paint, Part, unpainted

FOLDER = Path(__file__).parent
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
FENCE = re.compile(r"(?P<marks>`{3,})(?P<info>.*)")
WIDTH = max(map(len, Code)) + 2
"""Of the codes, in a list."""
REFERENCE = "docs/reference"
"""Where the links of these texts begin: there they are put together."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What there is to say of one code."""

    code: Code
    markdown: str
    """Without its title."""

    @property
    def summary(self) -> str:
        """One short sentence, in Markdown."""
        return " ".join(self.markdown.split("\n\n", 1)[0].split())


def of(code: Code) -> Meaning:
    text = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    return Meaning(code, text.partition("\n\n")[2])


def names() -> list[str]:
    return [code.value for code in sorted(Code)]


def unlinked(markdown: str) -> str:
    """The same, for where its links lead nowhere: they tell where they would lead."""
    return LINK.sub(_lead, markdown)


def listed(paint: Paint) -> Iterator[str]:
    """A line for each code."""
    for code in sorted(Code):
        yield f"{paint(Part.CODE, f'{code:{WIDTH}}')}{of(code).summary}"


def plain(markdown: str, paint: Paint = unpainted) -> str:
    """The text for a terminal: code is indented, below its path; links tell where they lead."""
    lines: list[str] = []
    marks = ""
    for line in markdown.splitlines():
        fence = FENCE.fullmatch(line)
        if fence and not marks:
            marks = fence["marks"]
            _, _, path = fence["info"].partition(" ")
            lines += [paint(Part.PLACE, f"{path}:"), ""] if path else []
        elif marks and line == marks:
            marks = ""
        elif marks:
            lines.append(f"    {line}".rstrip())
        else:
            title = line.startswith("## ")
            lines.append(paint(Part.HELP, line[3:]) if title else unlinked(line))
    return "\n".join(lines) + "\n"


def _lead(link: re.Match[str]) -> str:
    words, target = link.groups()
    place = f"docs/{target[3:]}" if target.startswith("../") else f"{REFERENCE}/{target}"
    return f"{words} ({place})"
