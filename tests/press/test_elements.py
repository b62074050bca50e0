"""What is found in tags by the quick patterns is what a plain reading of each tag finds."""

import re
from html import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from press import elements
from press.elements import ADDRESSES, ATTRIBUTE, SOURCE, TAG, unquote

NAMES = [
    "id", "href", "HREF", "src", "srcset", "poster", "data", "data-href", "xlink:href", "class",
    "title", "tabindex", "data-line", "hidden", "aria-label", "srcsets", "hid",
]  # fmt: skip
VALUES = [
    "",
    "a",
    "#a",
    "b.html",
    "a&amp;b",
    "a 1x, b 2x",
    "x y",
    "a>b",
    "<i>",
    "'",
    '"',
    "href='q'",
]
PIECES = [
    "<", ">", "</p>", "</span>", "text", " ", "\n", "<!--", "-->", "<br>", "<p>",
    '<span class="k">', "<img src=x", "'", '"', "<a ", "<p<", "é", "/>",
]  # fmt: skip
ATTRIBUTES = st.one_of(
    st.builds('{}="{}"'.format, st.sampled_from(NAMES), st.sampled_from(VALUES)),
    st.builds("{}='{}'".format, st.sampled_from(NAMES), st.sampled_from(VALUES)),
    st.builds("{}={}".format, st.sampled_from(NAMES), st.sampled_from(["a", "b&amp;c", "#d"])),
    st.sampled_from(NAMES),
)
TAGS = st.builds(
    "<{}{}{}{}>".format,
    st.sampled_from(["a", "A", "p", "span", "h2", "img", "svg:a", "x-y"]),
    st.sampled_from([" ", "  ", "\n", "/"]),
    st.lists(ATTRIBUTES, max_size=4).map(" ".join),
    st.sampled_from(["", " ", "/", " /"]),
)
SOUP = st.lists(st.one_of(TAGS, st.sampled_from(PIECES)), max_size=8).map("".join)


def read(html: str) -> tuple[list[str], list[str]]:
    """The addresses and ids, by each attribute of each tag."""
    links: list[str] = []
    ids: list[str] = []
    for tag in TAG.findall(html):
        for name, value in elements.attributes(tag):
            ids += [value] if name == "id" else []
            links += [value] if name in ADDRESSES else []
            links += [one[2] for one in SOURCE.finditer(value)] if name == "srcset" else []
    return list(dict.fromkeys(links)), ids


def written(tag: re.Match[str]) -> str:
    """A tag whose addresses are in upper case."""

    def attribute(match: re.Match[str]) -> str:
        name, value = (match[1] or "").lower(), unquote(match[2] or "").replace("&amp;", "&")
        if name == "srcset":
            value = SOURCE.sub(lambda one: one[1] + one[2].upper(), value)
        elif name not in ADDRESSES:
            return match[0]
        return f'{match[1]}="{escape(value if name == "srcset" else value.upper())}"'

    return tag[0] if tag[0].startswith("<!--") else ATTRIBUTE.sub(attribute, tag[0])


@given(SOUP)
@example('<a title="x" href="a">')
@example('<a id="i" href="a">')
@example('<a class="a\' href=\'b" href="c">')
@example("<p data-pagefind-ignore><p hidden id=a>")
@example('<a href=""><h2 id="">')
@example('<a class="k"id="a">')
@example('<a href="b&amp;c">')
@example('<p id ="a"><p hidden id = "b">')
@example('<object data="a"><img srcset="b 1x"><video poster="c"><i src="d">')
def test_all_addresses_and_ids_are_found(html: str) -> None:
    links, ids = elements.references(html)
    assert (list(links), list(ids)) == read(html)


@given(SOUP)
@example('<a id="i" href="a">')
@example('<a src="b" href="a">')
@example('<a href="">')
@example('<a href="b&amp;c">')
@example('<object data="a"><img srcset="b 1x"><video poster="c"><i src="d">')
def test_all_addresses_are_replaced_and_nothing_else(html: str) -> None:
    assert elements.relink(html, str.upper) == TAG.sub(written, html)


def test_an_address_is_asked_for_once() -> None:
    asked: list[str] = []

    def link(href: str) -> str:
        asked.append(href)
        return href

    elements.relink('<a href="a"><img src="a"><a class="b" href="c">', link)
    assert asked == ["a", "c"]


@pytest.mark.parametrize(
    ("tag", "name"),
    [("<IMG src=a>", "img"), ("<br/>", "br"), ("<p>", "p"), ("<!-- a -->", ""), ("<a\nb>", "a")],
)
def test_the_name_of_a_tag(tag: str, name: str) -> None:
    assert elements.name_of(tag) == name
