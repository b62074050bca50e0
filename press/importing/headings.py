"""Headings of a post -> sections of an article: they begin at ## and go down one at a time."""

import re

from press.importing.post import Lines, Post

HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
UNDERLINE = re.compile(r"(=+|-+)[ \t]*$")
EMPTY = re.compile(r"#{1,6}[ \t]*#*$")


def title(lines: Lines) -> tuple[str, Lines]:
    """The title that a body begins with, and the rest; an empty one where it begins otherwise."""
    lines = atx(lines)
    for index, (_, line) in enumerate(lines):
        if match := HEADING.match(line):
            if len(match[1]) == 1:
                return re.sub(r"\s*\{[#:.][^}]*\}$", "", match[2]), lines[:index] + lines[
                    index + 1 :
                ]
            break
        if line.strip():
            break
    return "", lines


def atx(lines: Lines) -> Lines:
    """Titles with a line below them, as titles with marks before them."""
    made: Lines = []
    for number, line in lines:
        under = UNDERLINE.match(line)
        above = made[-1][1] if made else ""
        is_alone = len(made) < 2 or not made[-2][1].strip()
        if under and is_alone and above.strip() and not re.match(r"[\s>#*+|`-]|\d+\.", above):
            made[-1] = (made[-1][0], ("# " if under[1][0] == "=" else "## ") + above.strip())
        else:
            made.append((number, line))
    return made


def levels(lines: Lines, post: Post) -> dict[int, int]:
    """Line -> the level that its heading has as a section of an article."""
    found = [(number, len(match[1])) for number, line in lines if (match := HEADING.match(line))]
    down = 1 if any(level == 1 for _, level in found) else 0
    made, before = {}, 1
    for number, level in found:
        new = min(level + down, before + 1, 6)
        if new < level:
            post.needs(number, "this section was deeper than a level below the one before it")
        made[number] = before = max(new, 2)
    return made


def leveled(lines: Lines, to: dict[int, int]) -> Lines:
    made: Lines = []
    for number, line in lines:
        if match := HEADING.match(line):
            made.append((number, f"{'#' * to.get(number, len(match[1]))} {match[2]}"))
        elif not EMPTY.match(line):
            made.append((number, line))
    return made
