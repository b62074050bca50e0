"""HTML and Markdown that a page here can't have -> what it can; all that goes is noted."""

import re
from collections.abc import Callable

from press.fences import SPAN
from press.importing.post import Lines, Post

BLOCK = re.compile(r"<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
FRAME = re.compile(
    r"<(iframe|embed|object|video|audio)\b(?P<has>[^>]*)>(?:.*?</\1\s*>)?",
    re.IGNORECASE | re.DOTALL,
)
SOURCE = re.compile(r"""\b(?:src|data)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
GONE = re.compile(r"</?(?:center|font|big|tt|strike|blink|marquee|o:p)\b[^>]*>", re.IGNORECASE)
ATTRIBUTE = re.compile(
    r"""\s(?:style|on\w+|align|valign|bgcolor|border|frameborder|target|cellpadding|cellspacing)"""
    r"""\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)(?=[^<>]*>)""",
    re.IGNORECASE,
)
STRUCK = re.compile(r"(?<!~)~~(?!~)(\S(?:[^~\n]*\S)?)~~(?!~)")
MORE = re.compile(r"[ \t]*<!--\s*more\s*-->[ \t]*|\[TOC\]", re.IGNORECASE)
ALERT = re.compile(r"> ?\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][+-]?[ \t]*(.*)", re.IGNORECASE)
MATH = re.compile(r"\s*\$\$\s*$")


def convert(lines: Lines, post: Post) -> Lines:
    """Lines outside of fences."""
    return _alerts(_frames(_math(lines), post))


def _frames(lines: Lines, post: Post) -> Lines:
    """Without scripts, frames and what only says how something looks."""
    text = "\n".join(line for _, line in lines)
    numbers = [number for number, _ in lines]

    def at(match: re.Match[str]) -> int:
        return numbers[text.count("\n", 0, match.start())]

    def same_height(found: re.Match[str], made: str) -> str:
        return made + "\n" * found[0].count("\n")

    def block(match: re.Match[str]) -> str:
        post.needs(at(match), f"`<{match[1].lower()}>` is taken out")
        return same_height(match, "")

    def frame(match: re.Match[str]) -> str:
        source = SOURCE.search(match[0])
        if not source:
            post.needs(at(match), f"`<{match[1].lower()}>` is taken out")
            return same_height(match, "")
        post.needs(at(match), f"`<{match[1].lower()}>` is a link now")
        address = re.sub(r"^//", "https://", source[1])
        return same_height(match, f"[{address}]({address})")

    def gone(match: re.Match[str]) -> str:
        post.needs(at(match), f"`{match[0].strip()}` is taken out")
        return same_height(match, "")

    for pattern, change in ((BLOCK, block), (FRAME, frame), (GONE, gone), (ATTRIBUTE, gone)):
        text = apart_from_code(pattern, text, change)
    text = apart_from_code(STRUCK, text, lambda found: f"<del>{found[1]}</del>")
    text = MORE.sub("", text)
    return list(zip(numbers, text.split("\n"), strict=True)) if lines else []


def apart_from_code(
    pattern: re.Pattern[str], text: str, change: Callable[[re.Match[str]], str]
) -> str:
    """The text with what fits a pattern changed, but for what stands in backquotes."""
    spans = [one.span() for one in SPAN.finditer(text) if one[0].startswith("`")]

    def changed(match: re.Match[str]) -> str:
        is_code = any(start <= match.start() < end for start, end in spans)
        return match[0] if is_code else change(match)

    return pattern.sub(changed, text)


def _math(lines: Lines) -> Lines:
    """`$$` on lines of their own, and within a line, as formulas."""
    made: Lines = []
    is_open = False
    for number, line in lines:
        if MATH.match(line):
            is_open = not is_open
            made.append((number, "```math" if is_open else "```"))
        elif is_open:
            made.append((number, line))
        elif match := re.fullmatch(r"\s*\$\$(.+)\$\$\s*", line):
            made += [(number, "```math"), (number, match[1].strip()), (number, "```")]
        else:
            made.append((number, re.sub(r"\$\$(.+?)\$\$", r"$`\1`$", line)))
    return made if not is_open else lines


def _alerts(lines: Lines) -> Lines:
    """Quotes that forges show as a note, as admonitions."""
    made: Lines = []
    inside = False
    for number, line in lines:
        if match := ALERT.match(line):
            kind = {"caution": "danger", "important": "important"}.get(
                match[1].lower(), match[1].lower()
            )
            title = f' "{match[2]}"' if match[2] else ""
            made += [(number, ""), (number, f"!!! {kind}{title}")]
            inside = True
        elif inside and line.startswith(">"):
            made.append((number, f"    {line[1:].removeprefix(' ')}".rstrip()))
        else:
            if inside:
                made.append((number, ""))
            inside = False
            made.append((number, line))
    return made
