"""HTML blocks of an author's, out of the paragraphs that Markdown puts them into.

At the left margin Python-Markdown knows HTML blocks; in a list or a quote it takes their tags for
words of a paragraph (its html_block preprocessor), which a browser would end at the first of them.
"""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from press.placing import BLOCKS, PARENTS

TAG = re.compile(r"\s*</?([a-zA-Z][a-zA-Z0-9]*)[^>]*>\s*")
STASHED = re.compile("\x02wzxhzdk:([0-9]+)\x03")


def settle(root: Element, stash: Sequence[object]) -> None:
    """Dissolve the paragraphs that begin and end with the tag of a block, which `stash` has."""
    if not any("<" in html and _of_block(html) for html in stash if isinstance(html, str)):
        return
    for parent in list(root.iter()):
        for child in [one for one in parent if one.tag == "p" and not one.attrib]:
            if _is_block(child, stash):
                _dissolve(parent, child)


def _is_block(paragraph: Element, stash: Sequence[object]) -> bool:
    first = (paragraph.text or "").lstrip()
    last = ((paragraph[-1].tail if len(paragraph) else paragraph.text) or "").rstrip()
    tags = [STASHED.match(first), *list(STASHED.finditer(last))[-1:]]
    ends = len(tags) == 2 and tags[1] is not None and tags[1].end() == len(last)
    return ends and all(tag and _of_block(str(stash[int(tag[1])])) for tag in tags)


def _of_block(html: str) -> bool:
    tag = TAG.fullmatch(html)
    return bool(tag) and str(tag and tag[1]).lower() in BLOCKS | PARENTS.keys()


def _dissolve(parent: Element, paragraph: Element) -> None:
    """Put what a paragraph holds into its place."""
    index = list(parent).index(paragraph)
    children = list(paragraph)
    if children:
        children[-1].tail = (children[-1].tail or "") + (paragraph.tail or "")
    text = (paragraph.text or "") + ("" if children else paragraph.tail or "")
    parent[index : index + 1] = children
    if index:
        parent[index - 1].tail = (parent[index - 1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
