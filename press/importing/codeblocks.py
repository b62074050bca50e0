"""Fences of other tools -> ours: languages, options, and a word for what was never proven."""

import re
from collections.abc import Callable, Iterator

from press import languages
from press.importing.post import Lines, Post
from press.infostring import parse_info
from press.problems import SourceText

OPENING = re.compile(
    r"(?P<before>[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?)(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$"
)
OPTION = re.compile(
    r"""(?P<name>[A-Za-z_][\w-]*)\s*=\s*(?P<value>"[^"]*"|'[^']*'|\[[^\]]*\]|[^\s,}]+)|(?P<word>[.#]?[\w+#.-]+)"""
)
SKIP = 'skip="imported, and not proven yet"'
NAMES = {"console": "text", "output": "text", "py3": "python", "python3": "python"}
"""Languages that would be taken for something else here."""
LINES = ("hl_lines", "highlight", "mark", "emphasize-lines")
TITLES = ("title", "filename", "file", "caption")
SILENT = frozenset(
    ["linenos", "linenums", "linenostart", "lineno", "anchorlinenos", "lineanchors", "linenodivs",
     "noclasses", "style", "start_line", "linenotable"]
)  # fmt: skip
"""What only says how lines are numbered or coloured."""


def outside(lines: Lines, convert: Callable[[Lines], Lines]) -> Lines:
    """The lines with those outside of fences converted, a run at a time."""
    made: Lines = []
    run: Lines = []
    closing = ""
    for number, line in lines:
        if closing:
            made.append((number, line))
            closing = "" if _closes(line, closing) else closing
        elif match := OPENING.match(line):
            made += [*convert(run), (number, line)]
            run, closing = [], match["marks"]
        else:
            run.append((number, line))
    return [*made, *convert(run)]


def prose(lines: Lines) -> Lines:
    """The lines outside of fences, with an empty one in the place of each fence."""
    found: Lines = []

    def note(run: Lines) -> Lines:
        found.extend([*run, (0, "")])
        return run

    outside(lines, note)
    return found


def _closes(line: str, marks: str) -> bool:
    text = line.strip(" \t>")
    return len(text) >= len(marks) and set(text) == {marks[0]}


def fence(lines: Lines, info: str, first: int) -> Lines:
    """Lines as a fence of their own."""
    longest = max((len(run) for _, line in lines for run in re.findall("`{3,}", line)), default=2)
    marks = "`" * (longest + 1)
    last = lines[-1][0] if lines else first
    return [(first, ""), (first, f"{marks}{info}"), *lines, (last, marks), (last, "")]


def convert(lines: Lines, post: Post) -> Lines:
    """The lines with the first line of each fence in our dialect."""
    made: Lines = []
    closing = ""
    for number, line in lines:
        if closing:
            closing = "" if _closes(line, closing) else closing
        elif match := OPENING.match(line):
            closing = match["marks"]
            info = _info(match["info"].strip(), number, post)
            line = f"{match['before']}{closing}{info}"
        made.append((number, line))
    if closing:
        made.append((made[-1][0], closing))
        post.needs(made[-1][0], "a fence is never closed; it is closed here, at the end")
    return made


def _info(info: str, number: int, post: Post) -> str:
    tokens = list(OPTION.finditer(info))
    words = [one["word"] for one in tokens if one["word"]]
    given = {one["name"]: one["value"].strip("\"'") for one in tokens if one["name"]}
    language = words[0].lstrip(".").lower() if words else ""
    language = NAMES.get(language, language)
    known = languages.languages()
    found = next((one for one in known if language in (one.name, *one.aliases)), None)
    options = list(_options(given, number, post))
    for word in words[1:]:
        if found and (word in found.options or re.fullmatch(found.option_pattern, word)):
            options.append(word)
        elif word.lstrip(".").lower() not in SILENT:
            post.needs(number, f"`{word}` of this fence has no place here")
    _, _, problems = parse_info(SourceText("", ""), 1, 1, language, known)
    if problems:
        post.needs(number, f"`{language}` is no language that is known: shown as text")
        language = "text"
    name = found.name if found else language or "text"
    return " ".join([name, *options, *([SKIP] if found else [])])


def _options(given: dict[str, str], number: int, post: Post) -> Iterator[str]:
    for name, value in given.items():
        if name in LINES:
            marked = re.findall(r"\d+(?:-\d+)?", value)
            if marked:
                yield f'mark="{",".join(marked)}"'
        elif name in TITLES:
            yield f'title="{value.replace(chr(34), chr(39))}"'
        elif name.lower() not in SILENT:
            post.needs(number, f"`{name}` of this fence has no place here")
