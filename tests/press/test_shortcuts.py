"""Shorter ways to what an expression, or a look at each character, would find."""

import re

from hypothesis import given
from hypothesis import strategies as st

from press import dialect, elements, slots

HTML = st.lists(
    st.sampled_from([
        "<p>", "</p>", "<b>", "</b>", "a", " ", "\n", "<!-- <p> -->", "<!--", "-->", "<", ">", "'",
        '"',
        '<a href="#x">', "<a id=y>", '<span class="k">', "<IMG SRC='z>' alt>", "<a name=\"x' \">",
        '<img srcset="a, b 2x">', '<a xlink:href="q">', "<video poster=p>", "<td class=\"id\">",
        slots.slot(slots.FENCE, 0), slots.slot(slots.RAW, 0), slots.slot(slots.COMMENT, 1),
        slots.slot(slots.FENCE, 12), "\ufddf", "\ufdd0", "<div>", "=", "/",
    ]),
    max_size=12,
).map("".join)  # fmt: skip
RAW = ("<pre>raw</pre>", "<!-- c\n -->")
PARAGRAPH = re.compile(r"<p>([^<]*(?:<(?!/p>)[^<]*)*)</p>")
BLOCK = re.compile("([\ufdd0\ufdd1][\ufde0-\ufde9]+\ufddf)")
SLOT = re.compile("[\ufdd0-\ufdd2][\ufde0-\ufde9]+\ufddf")
TAG = re.compile(r"<!--.*?-->|<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)


def apart(paragraph: re.Match[str]) -> str:
    if not SLOT.search(paragraph[1]):
        return paragraph[0]
    parts = [part.strip() for part in BLOCK.split(paragraph[1])]
    return "\n".join(f"<p>{part}</p>" if SLOT.sub("", part) else part for part in parts if part)


@given(HTML)
def test_blocks_come_out_of_whole_paragraphs(html: str) -> None:
    expected = PARAGRAPH.sub(apart, html)
    for index, kind in enumerate((slots.RAW, slots.COMMENT)):
        expected = expected.replace(slots.slot(kind, index), RAW[index])
    assert slots.settle(html, RAW) == expected


@given(HTML)
def test_fences_alone_come_out_of_paragraphs_as_well(html: str) -> None:
    text = re.sub("[\ufdd1\ufdd2]", "", html)
    assert slots.settle(text, ()) == PARAGRAPH.sub(apart, text)


@given(HTML)
def test_tags_are_found_with_what_their_quotes_hold(html: str) -> None:
    assert elements.TAG.findall(html) == TAG.findall(html)


@given(HTML)
def test_what_an_html_text_refers_to_is_in_its_attributes(html: str) -> None:
    found = [one for tag in TAG.findall(html) for one in elements.attributes(tag)]
    links: list[str] = []
    for name, value in found:
        if name == "srcset":
            links += [source[2] for source in elements.SOURCE.finditer(value)]
        elif name in elements.ADDRESSES:
            links.append(value)
    ids = tuple(value for name, value in found if name == "id")
    assert elements.references(html) == (tuple(dict.fromkeys(links)), ids)


@given(st.text(st.characters(max_codepoint=127), max_size=20))
def test_an_anchor_in_ascii_keeps_what_one_in_any_script_keeps(title: str) -> None:
    assert dialect.NO_ANCHOR.sub("", title) == dialect._kept(title)


def test_addresses_and_ids_have_a_name_that_is_looked_for() -> None:
    assert all(elements.REFERRING.search(name) for name in (*elements.ADDRESSES, "id", "srcset"))
