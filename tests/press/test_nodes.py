"""A tree is read back from the HTML that it was written as."""

from html import escape

from hypothesis import given
from hypothesis import strategies as st

from press import nodes
from press.nodes import VOID, Node

NAMES = st.sampled_from(["p", "h2", "em", "a", "li", "br", "img", "fences"])
TEXTS = st.text("ab <>&\"'é\n;#&", min_size=1, max_size=8)
ATTRIBUTES = st.dictionaries(st.sampled_from(["href", "class", "alt", "start"]), TEXTS, max_size=2)


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> Node:
    node = Node(draw(NAMES), draw(ATTRIBUTES))
    if depth and node.name not in VOID:
        node.children = draw(children(depth - 1))
    return node


def children(depth: int) -> st.SearchStrategy[list[Node | str]]:
    """Elements and texts in turn: two texts beside one another are read as one."""
    kinds = st.lists(st.tuples(elements(depth), st.none() | TEXTS), max_size=3)
    return kinds.map(lambda pairs: [one for pair in pairs for one in pair if one is not None])


def written(one: Node | str) -> str:
    if isinstance(one, str):
        return escape(one, quote=False)
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in one.attributes.items())
    start = f"<{one.name}{attributes}>"
    return (
        start
        if one.name in VOID
        else start + "".join(map(written, one.children)) + f"</{one.name}>"
    )


def plain(one: Node | str) -> object:
    return one if isinstance(one, str) else (one.name, one.attributes, [*map(plain, one.children)])


@given(children(3))
def test_a_tree_is_read_as_it_was_written(made: list[Node | str]) -> None:
    html = "".join(map(written, made))
    root = nodes.parse(html)
    assert [plain(one) for one in root.children] == [plain(one) for one in made]
    for one in root.elements:
        assert html.startswith(f"<{one.name}", one.start)


def test_an_element_may_end_where_it_begins() -> None:
    assert [plain(one) for one in nodes.parse("<mi/>a").children] == [("mi", {}, []), "a"]


def test_a_comment_is_no_part_of_it() -> None:
    assert nodes.parse("a<!-- <p> -->b").text == "ab"


def test_what_no_tag_opened_ends_nothing_and_what_is_left_open_ends_with_its_parent() -> None:
    root = nodes.parse("<p>a</b><em>b</p>c")
    assert [plain(one) for one in root.children] == [
        ("p", {}, ["a", ("em", {}, ["b"])]), "c",
    ]  # fmt: skip
