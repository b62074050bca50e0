"""The block structure of a text: containers, paragraphs, fences, and HTML that hides what it holds.

It follows CommonMark 0.31 (sections 4.5 fences, 4.6 HTML blocks, 5 containers), and knows the
containers of Python-Markdown besides: admonitions, definitions and footnotes.
"""

import re

from msgspec import Struct

QUOTE = re.compile(r" {0,3}> ?")
ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?=\s|$)")
RULE = re.compile(r" {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$")
# Their content is indented by four. An admonition's first line has only its title.
ADMONITION = re.compile(r" {0,3}!!! ")
FOOTNOTE_OR_DEFINITION = re.compile(r" {0,3}(?:\[\^[^\]]+\]:|:(?= )) *")
OPENING = re.compile(r" {0,3}(?P<marks>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)")
RAW = re.compile(r" {0,3}<(?P<tag>pre|script|style|textarea)(?=[\s>]|$)", re.IGNORECASE)
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")
# An item can only interrupt a paragraph if it has content and, with a number, if that is 1.
INTERRUPTING_ITEM = re.compile(r" {0,3}(?:[-+*]|1[.)])(?=\s+\S)")
STARTS_BLOCK = re.compile(r" {0,3}(?:#{1,6}\s|>|(?:[-+*]|\d{1,9}[.)])(?=\s|$)|!!! |<)")


BULLET, NUMBER = "bullet", "number"


class Container(Struct):
    """A block that holds others."""

    kind: str
    """`quote`, an item with a bullet or a number, or `indented`."""
    indent: int
    """Columns of its content's indentation; 0 for a quote."""
    spread: bool = False
    """Whether an empty line has stood in it."""

    @property
    def marker(self) -> str:
        """What marks its content for Python-Markdown, which wants four columns each."""
        return "    " if self.indent else "> "


def nesting(containers: list[Container]) -> str:
    return "".join(container.marker for container in containers)


def descend(line: str, containers: list[Container]) -> tuple[int, str]:
    """How many of the open containers go on in this line, and what is left of it."""
    rest = line
    for depth, container in enumerate(containers):
        if not container.indent:
            quote = QUOTE.match(untab(rest))
            if not quote:
                return depth, rest
            rest = untab(rest)[quote.end() :]
        elif not rest.strip():
            rest = ""
        elif indent(rest) < container.indent:
            return depth, rest
        else:
            rest = outdent(rest, container.indent)
    return len(containers), rest


def opened(rest: str, in_paragraph: bool) -> tuple[list[Container], str, str]:
    """The containers that a line opens, their markers for Python-Markdown, and what is left."""
    containers: list[Container] = []
    markers = ""
    while rest.strip() and not RULE.match(rest):
        if quote := QUOTE.match(rest):
            containers.append(Container("quote", 0))
            markers += "> "
            rest = rest[quote.end() :]
            in_paragraph = False
        elif item := (INTERRUPTING_ITEM if in_paragraph else ITEM).match(rest):
            gap = indent(rest[item.end() :])
            gap = gap if gap <= 4 and rest[item.end() :].strip() else 1
            # Python-Markdown takes four columns for the content whatever the marker's width.
            kind = BULLET if item.group().strip() in "-+*" else NUMBER
            containers.append(Container(kind, min(item.end() + gap, 4)))
            # It knows `1.` but not `1)`, and wants a space after the marker of an empty item.
            markers += item.group().strip().replace(")", ".") + " "
            rest = rest[item.end() + gap :]
            in_paragraph = False
        elif ADMONITION.match(rest):
            return [*containers, Container("indented", 4)], markers + rest.lstrip(), ""
        elif mark := FOOTNOTE_OR_DEFINITION.match(rest):
            containers.append(Container("indented", 4))
            return containers, markers + mark.group().lstrip(), rest[mark.end() :]
        else:
            break
    return containers, markers, rest


def hides_from(rest: str) -> tuple[int, str] | None:
    """Where a comment, or an element with raw content, begins that goes on past this line.

    And what closes it.
    """
    raw = RAW.match(rest)
    if raw:
        closing = f"</{raw['tag'].lower()}>"
        return None if closing in rest.lower() else (raw.start("tag") - 1, closing)
    text = CODE_SPAN.sub(lambda span: "`" * len(span.group()), rest)
    start = text.rfind("<!--")
    # `<!-->` is a whole comment.
    return (start, "-->") if start >= 0 and "-->" not in text[start + 2 :] else None


def bears(line: str) -> bool:
    """Whether a line may hide those after it, or have what looks like a fence."""
    return "<" in line or "```" in line or "~~~" in line


def starts_block(line: str) -> bool:
    """Whether a line can't go on with the paragraph before it."""
    return any(mark.match(line) for mark in (STARTS_BLOCK, OPENING, RULE))


def ends_paragraph(line: str) -> bool:
    """Whether a line is a block of its own, so that none of the next can go on with it."""
    return bool(
        line.lstrip().startswith(("#", "<!--", "<pre")) or RULE.match(line) or indent(line) > 3
    )


def untab(line: str) -> str:
    """The line with the tabs of its indentation as spaces."""
    if "\t" not in line:
        return line
    text = line.lstrip(" \t")
    return line[: len(line) - len(text)].expandtabs(4) + text


def indent(line: str) -> int:
    if line[:1] not in (" ", "\t"):
        return 0
    return len(untab(line)) - len(line.lstrip(" \t"))


def outdent(line: str, columns: int) -> str:
    """The line without up to so many columns of its indentation."""
    if not columns:
        return line
    return untab(line)[min(columns, indent(line)) :]
