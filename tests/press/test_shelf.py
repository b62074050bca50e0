"""What waits to be taken again: at hand, in a file, or in memory where there is no room."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from press import shelf
from press.shelf import Shelf
from tests.conftest import REPOSITORY

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
    assert {name for name in map(str, range(41)) if name in found} == {str(n) for n, _ in puts}
    assert found.get("another") is None


def test_few_are_held_and_no_file_is_left(tmp_path: Path) -> None:
    found = Shelf[bytes](tmp_path)
    for number in range(50):
        found.put(str(number), bytes(100))
    assert len(found._at_hand) == shelf.AT_HAND
    assert not list(tmp_path.iterdir())


FULL = """
import resource, sys
from pathlib import Path
from press import shelf
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
found = shelf.Shelf(Path(sys.argv[1]))
values = {str(n): bytes([n]) * size for n in range(60) for size in [n * 97]}
for name, value in values.items():
    found.put(name, value)
assert all(found.get(name) == value for name, value in values.items())
print(len(found._at_hand))
"""


@pytest.mark.parametrize(("room", "few"), [(0, False), (33_333, False), (10_000_000, True)])
def test_where_there_is_no_room_more_is_at_hand(tmp_path: Path, room: int, few: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(room)],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (int(done.stdout) == shelf.AT_HAND) == few
