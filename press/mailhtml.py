"""An article's portable HTML -> the HTML of its mail: what mail programs show, and no more.

They know neither scripts nor boxes that scroll or fold: what needs one is said another way here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from press import highlight, marks, nodes, pairs, slots
from press.elements import attributes
from press.model import Fence
from press.nodes import Node
from press.words import Words

WIDEST = 560
"""Pixels of an image: some programs know its own width alone, and no share of the mail's."""
NAMES = {"math": "LaTeX"}
SIGNS = {"ins": "+ ", "del": "- "}
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})

_TAG = r"""(?:[^<>"']|"[^"]*"|'[^']*')*>"""
FOLDED = re.compile(r"<(/?)(details|summary)\b" + _TAG)
MEDIA = re.compile(rf"<(video|audio)\b{_TAG}.*?</\1>", re.DOTALL)
PICTURE = re.compile(rf"</?picture\b{_TAG}|<source\b{_TAG}")
IMAGE = re.compile(r"<img\b" + _TAG)
TABLE = re.compile(rf"<table\b{_TAG}.*?</table>", re.DOTALL)
HIGHEST = re.compile(r"<(/?)h1\b" + _TAG)
FENCES = re.compile(r"<fences>([\d ]+)</fences>")
UNFOLDED = {
    ("", "details"): '<div class="details">',
    ("", "summary"): '<div class="summary">',
    ("/", "details"): "</div>",
    ("/", "summary"): "</div>",
}


def simple(html: str) -> str:
    """Portable HTML in elements that mail programs know. Only the mail's title is an h1."""
    html = PICTURE.sub("", MEDIA.sub(_linked, html))
    html = FOLDED.sub(lambda tag: UNFOLDED[tag[1], tag[2]], HIGHEST.sub(r"<\1h2>", html))
    html = IMAGE.sub(_image, html)
    return TABLE.sub(r'<div class="wide" tabindex="0">\g<0></div>', html)


def with_fences(html: str) -> str:
    """A text with slots, with an element for each run of fences: nothing else can have made it."""
    return slots.fill(html, lambda run: f"<fences>{' '.join(map(str, run))}</fences>")


def sections(html: str) -> Iterator[tuple[str, Node]]:
    """The pieces of an HTML text, and what is in them: each begins at a heading that stands in
    nothing else."""
    children = nodes.parse(html).children
    tops = [n for n, one in enumerate(children) if isinstance(one, Node) and one.name in HEADINGS]
    starts = [one.start for n in tops for one in [children[n]] if isinstance(one, Node)]
    for (start, end), (first, last) in zip(
        pairwise([0, *starts, len(html)]), pairwise([0, *tops, len(children)]), strict=True
    ):
        yield html[start:end], Node("", children=children[first:last])


def filled(html: str, fences: Sequence[Fence], words: Words) -> str:
    """A piece with blocks of code for its runs of fences."""
    return FENCES.sub(lambda run: blocks([fences[int(n)] for n in run[1].split()], words), html)


def blocks(run: Sequence[Fence], words: Words) -> str:
    """Fences that nothing stands between, each with its language above it, or what else it is."""
    return "\n".join(
        _labelled(fence, words) for group in pairs.groups(run) for one in group for fence in one
    )


def label(fence: Fence, words: Words) -> str:
    """What stands above a fence: its language and its file. Empty for plain text."""
    caption = pairs.caption(fence, words)
    if fence.language in ("", "text", "output"):
        return caption
    name = NAMES.get(fence.language) or highlight.name(pairs.proven_as(fence.language), words)
    return " · ".join(filter(None, [name, caption]))


def signed(lines: Sequence[str], kinds: Mapping[int, str]) -> list[str]:
    """Lines with a sign before those that are new or gone, where there are any: no colour tells."""
    if not {"ins", "del"} & set(kinds.values()):
        return list(lines)
    return [SIGNS.get(kinds.get(number, ""), "  ") + line for number, line in enumerate(lines, 1)]


def _labelled(fence: Fence, words: Words) -> str:
    said = label(fence, words)
    above = f'<p class="label">{escape(said, quote=False)}</p>\n' if said else ""
    kind = ' class="output"' if fence.language == "output" else ""
    return f"{above}<pre{kind}><code>{_code(fence)}</code></pre>"


def _code(fence: Fence) -> str:
    kinds = marks.lines(fence)
    return "\n".join(
        marks.marked(signed(highlight.slim(fence.shown, fence.language), kinds), kinds)
    )


def _image(tag: re.Match[str]) -> str:
    """An image of at most the width that a mail has. Without one, it is as wide as it is."""
    own = dict(attributes(tag[0]))
    width = own.get("width", "")
    kept = {name: own.get(name, "") for name in ("src", "alt")}
    if width.isdecimal():
        kept["width"] = str(min(int(width), WIDEST))
    return "<img" + "".join(f' {name}="{escape(value)}"' for name, value in kept.items()) + ">"


def _linked(media: re.Match[str]) -> str:
    """What plays is on the web."""
    address = next(_addresses(media[0]), "")
    name = PurePosixPath(unquote(urlsplit(address).path)).name or address
    return f'<a href="{escape(address)}">▶ {escape(name, quote=False)}</a>' if address else ""


def _addresses(html: str) -> Iterator[str]:
    return (value for tag in re.findall(f"<\\w+{_TAG}", html) for name, value in attributes(tag)
            if name == "src")  # fmt: skip
