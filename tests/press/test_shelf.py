"""What waits to be taken again: at hand, in a file, or in memory where there is no room."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from press import shelf
from press.shelf import Shelf

PUTS = st.lists(st.tuples(st.integers(0, 40), st.text(max_size=9)), max_size=120)


@given(PUTS)
def test_what_was_put_last_is_there_as_often_as_it_is_asked_for(
    tmp_path_factory: pytest.TempPathFactory, puts: list[tuple[int, str]]
) -> None:
    found = Shelf[str](tmp_path_factory.getbasetemp())
    for name, value in puts:
        found.put(str(name), value)
        assert found.get(str(name)) == value
    for name, value in dict(puts).items():
        assert (found.get(str(name)), found.get(str(name))) == (value, value)
    assert found.get("another") is None


def test_few_are_held_and_no_file_is_left(tmp_path: Path) -> None:
    found = Shelf[bytes](tmp_path)
    for number in range(50):
        found.put(str(number), bytes(100))
    assert len(found._at_hand) == shelf.AT_HAND
    assert not list(tmp_path.iterdir())


def test_without_room_all_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(shelf, "TemporaryFile", full)
    found = Shelf[int](tmp_path)
    for number in range(50):
        found.put(str(number), number)
    assert [found.get(str(number)) for number in range(50)] == list(range(50))
