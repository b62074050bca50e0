"""What was made, kept from build to build: found again as it was, or not at all."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import Decoder

from press import memory
from press.memory import GIST, KEPT, MARKS, Damaged, Memory
from press.results import KIND, Result

NUMBERS, WORDS = Decoder(tuple[int, ...]), Decoder(tuple[str, ...])
ONE, OTHER = "content/000-a.md", "content/001-b.md"
INPUTS = {"its text": "1", "words": "2"}
RESULTS = (Result("a.html", "3", "4", text="5"), Result("a.html.gz", "6", compressed=True))
NAMES = st.sampled_from([f"{first}{path}" for first in ("", GIST, MARKS) for path in (ONE, OTHER)])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / KEPT


def test_what_is_kept_is_found_as_it_was(path: Path) -> None:
    first = Memory(path)
    first.keep(ONE, INPUTS, RESULTS)
    assert first.recall(ONE, INPUTS, KIND) == RESULTS
    first.save()
    again = Memory(path)
    assert again.recall(ONE, INPUTS, KIND) == RESULTS
    assert again.recall(ONE, {**INPUTS, "words": "3"}, KIND) is None
    assert again.find(OTHER, KIND) is None


@given(st.lists(st.tuples(NAMES, st.none() | st.text(st.characters(codec="utf-8"), max_size=3))))
def test_each_record_is_as_it_was_left(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str | None]]
) -> None:
    """None drops it; what lies in one row with it stays."""
    path = tmp_path_factory.mktemp("memory") / KEPT
    wanted: dict[str, tuple[str]] = {}
    for name, word in acts:
        found = Memory(path)
        if word is None:
            found.drop(name)
            wanted.pop(name, None)
        else:
            found.keep(name, INPUTS, (word,))
            wanted[name] = (word,)
        found.save()
    found = Memory(path)
    names = {name for name, _ in acts}
    assert {one: found.recall(one, INPUTS, WORDS) for one in names} == {
        one: wanted.get(one) for one in names
    }
    assert {one: of.value for one, of in memory.some(path, names, WORDS).items()} == wanted


def test_a_file_that_may_not_be_looked_at_is_as_none(tmp_path: Path) -> None:
    path = tmp_path / ("long" * 100) / KEPT  # no system takes such a name; a locked folder is alike
    memory.drop(path, [ONE])
    assert memory.some(path, [ONE], WORDS) == {}
    assert Memory(path).find(ONE, WORDS) is None


def test_what_is_dropped_and_made_again_is_kept(path: Path) -> None:
    found = Memory(path)
    found.keep(ONE, INPUTS, (1,))
    found.save()
    found.drop(ONE)
    found.keep(ONE, INPUTS, (2,))
    found.save()
    assert Memory(path).recall(ONE, INPUTS, NUMBERS) == (2,)


def test_what_nobody_has_a_use_for_is_forgotten(path: Path) -> None:
    first = Memory(path)
    for name in (ONE, OTHER):
        first.keep(name, INPUTS, (1,))
    first.keep_texts({"used": "", "unused": ""})
    first.save()
    second = Memory(path)
    second.keep(f"{GIST}{ONE}", INPUTS, (2,))
    second.save({ONE}, {"used"})
    with closing(sqlite3.connect(path)) as kept:
        assert kept.execute("SELECT name FROM texts").fetchall() == [("used",)]
    again = Memory(path)
    assert again.recall(ONE, INPUTS, NUMBERS) == (1,)
    assert again.recall(f"{GIST}{ONE}", INPUTS, NUMBERS) == (2,)
    assert again.find(OTHER, NUMBERS) is None


def test_what_is_no_text_is_not_kept_and_all_else_is(path: Path) -> None:
    """The name of a file may be any bytes."""
    found = Memory(path)
    found.keep(f"{GIST}{ONE}", INPUTS, ("\udcff",))
    found.keep(ONE, INPUTS, ("a",))
    found.save()
    again = Memory(path)
    assert again.find(f"{GIST}{ONE}", WORDS) is None
    assert again.recall(ONE, INPUTS, WORDS) == ("a",)
    again.keep("\udcff", INPUTS, ("b",))
    again.keep(ONE, INPUTS, ("\udcff",))  # and what was there before is not taken for it
    again.save()
    assert Memory(path).find(ONE, WORDS) is None
    assert not memory.some(path, ["\udcff", ONE], WORDS)


def test_a_record_of_another_kind_is_none(path: Path) -> None:
    found = Memory(path)
    found.keep(ONE, INPUTS, RESULTS)
    found.save()
    assert Memory(path).find(ONE, NUMBERS) is None


@pytest.mark.parametrize("content", [b"{}", b'{"a": [{}]}', b"\xff", "text", None, 3])
def test_a_row_of_another_shape_is_none(path: Path, content: object) -> None:
    found = Memory(path)
    for name in (ONE, OTHER):
        found.keep(name, INPUTS, (1,))
    found.save()
    with closing(sqlite3.connect(path)) as kept, kept:
        total = sha256(content).digest() if isinstance(content, bytes) else b""
        kept.execute("UPDATE made SET records = ?, sum = ? WHERE family = ?", (content, total, ONE))
    again = Memory(path)
    assert again.find(ONE, NUMBERS) is None
    assert again.recall(OTHER, INPUTS, NUMBERS) == (1,)


def test_a_text_that_is_not_as_it_was_is_damage(path: Path) -> None:
    found = Memory(path)
    name = sha256(b"words").hexdigest()
    found.keep_texts({name: "words"})
    assert found.text(name) == "words"
    found.save()
    assert found.text(name) == "words"
    found.close()
    with closing(sqlite3.connect(path)) as kept, kept:
        kept.execute("UPDATE texts SET text = 'sword'")
    with pytest.raises(Damaged):
        found.text(name)
    found.close()
