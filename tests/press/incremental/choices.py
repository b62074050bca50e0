"""What may be chosen at each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.press.incremental.drafts import BESIDE, FRONT, PIECES, Draft
from tests.press.incremental.publications import State

KEYS = "abcdef"


@dataclass(frozen=True)
class How:
    """How an edit is made, and what comes after it."""

    sly: bool = False
    then: str = "build"
    """`build`, `fresh` (by a new process), `wait`, or how a build is killed: see `Act.kill`."""
    at: int = 0
    """The step at which it is killed."""


Change = tuple[str, Any]
"""What of a draft, and its value."""


def chosen(known: Mapping[str, Sequence[Any]]) -> st.SearchStrategy[tuple[str, Any]]:
    """A name of a table, and one of its values."""
    names = st.sampled_from(sorted(known))
    return names.flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(known[name])))


STEPS = st.one_of(st.integers(1, 12), st.integers(1, 80), st.integers(1, 500))
KILLS = st.sampled_from(["all", "one", "torn"])
THEN = (*["build"] * 5, *["fresh"] * 3, *["wait"] * 2, "all", "one", "torn")
HOWS = st.builds(How, st.booleans(), st.sampled_from(THEN), STEPS)
DRAFTS = st.integers(0, 9)
WORDS = st.lists(st.sampled_from(["dd", "ee", "ff"]), min_size=1, max_size=3)
OFTEN = {key: FRONT[key] for key in ("date", "draft", "tags", "title")}
CHANGES: st.SearchStrategy[Change] = st.one_of(
    st.tuples(st.just("front"), chosen(FRONT)),
    st.tuples(st.just("front"), chosen(OFTEN)),
    st.tuples(st.just("body"), st.lists(st.sampled_from(sorted(PIECES)), max_size=4)),
    st.tuples(st.just("piece"), st.sampled_from(sorted(PIECES))),
    st.tuples(st.just("beside"), chosen(BESIDE)),
    st.tuples(st.just("number"), st.integers(0, 9)),
    st.tuples(st.just("form"), st.sampled_from(["file", "folder", "link", "linked folder"])),
    st.tuples(st.just("word"), st.sampled_from(["aa", "bb", "cc"])),
)
CLOCKS = st.sampled_from([0, 0.5, 1, 8, -30, -400]).map(lambda days: timedelta(days))
NUMBERS = st.integers(0, 1 << 20)


def changed(draft: Draft, what: str, value: Any) -> Draft:
    if what == "front":
        return replace(draft, front=put(draft.front, *value))
    if what == "piece":
        return replace(draft, body=(*draft.body[:1], value, *draft.body[1:3]))
    if what == "beside":
        form = draft.form.replace("file", "folder")
        return replace(draft, beside=put(draft.beside, *value), form=form)
    to: dict[str, Any] = {what: tuple(value) if what == "body" else value}
    return replace(draft, **to)


def put(known: Mapping[str, Any], name: str, value: object) -> dict[str, Any]:
    """A table with another value; without that name for None."""
    others = {key: old for key, old in known.items() if key != name}
    return others if value is None else {**others, name: value}


def begun() -> State:
    """Three articles, of which one is a folder and one has an example."""
    beside = {name: known[0] for name, known in BESIDE.items() if known[0] and name != "deep"}
    return State({
        "a": Draft("a", 1, {"tags": "[rust]"}, ("first", "to b's", "example", "word")),
        "b": Draft("b", 2, {"tags": "[Rust, python]"}, ("first", "image", "data"),
                   beside=beside, form="folder"),
        "c": Draft("c", 3, {"aliases": "[/old.html]"}, ("formatted", "footnote", "to b")),
    })  # fmt: skip
