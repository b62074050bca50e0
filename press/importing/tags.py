"""Tags of template languages in a text: those that mean something here, and the rest as code."""

import re
from collections.abc import Callable

from press.importing.markup import apart_from_code
from press.importing.post import Lines, Post


def replaced(
    lines: Lines, post: Post, pattern: re.Pattern[str], known: Callable[[re.Match[str]], str | None]
) -> Lines:
    """Each tag with what is `known` of it in its place; what is not known is shown, and noted."""
    made = []
    for number, line in lines:

        def change(match: re.Match[str], number: int = number) -> str:
            found = known(match)
            if found is not None:
                return found
            post.needs(number, f"`{match[0]}` means nothing here, and is shown as it is")
            return f"`{match[0]}`"

        made.append((number, apart_from_code(pattern, line, change)))
    return made


def blocks(lines: Lines, opening: re.Pattern[str], closing: re.Pattern[str], make: "Make") -> Lines:
    """What stands from a line with an opening tag to one with its closing tag, made anew."""
    made: Lines = []
    inside: Lines = []
    begun: tuple[int, re.Match[str]] | None = None
    for number, line in lines:
        if begun is None:
            match = opening.search(line)
            if not match:
                made.append((number, line))
                continue
            begun = (number, match)
            if match.start() and line[: match.start()].strip():
                made.append((number, line[: match.start()]))
            line = line[match.end() :]
        end = closing.search(line)
        text = line[: end.start()] if end else line
        if text.strip() or (number != begun[0] and not end):
            inside.append((number, text))
        if end:
            made += make(begun[1], inside, begun[0])
            if line[end.end() :].strip():
                made.append((number, line[end.end() :]))
            inside, begun = [], None
    return made if begun is None else [*made, *make(begun[1], inside, begun[0])]


Make = Callable[[re.Match[str], Lines, int], Lines]
