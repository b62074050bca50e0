"""The journal lasts, whatever happens to its last line."""

import json
import resource
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter import journal
from newsletter.journal import Begun, Came, Entry, Journal, Left, Noted
from press.problems import Code, ProblemsFound
from tests.newsletter import ledgers

FIRST = Noted("id", "A “title”\n", "new", "", "outbox", "k1", "then", [["d1", "sha256:a"]])
SECOND = replace(FIRST, key="k2", deliveries=[["d2", "sha256:b"], ["d3", "sha256:c"]])
GONE = Left("then", ["sha256:a"])


BACK = Came("then", ["sha256:a"])
BEGUN = Begun("then")


def newest(made: Journal) -> Entry | None:
    """The entry that the file has last."""
    return next(Journal(made.path).newest_first(), None)


@pytest.fixture
def made(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journals" / "a.jsonl")


def test_a_journal_that_is_not_there_says_nothing(made: Journal) -> None:
    assert newest(made) is None
    assert list(made.all()) == []


def test_what_is_noted_is_read_back_in_order(made: Journal) -> None:
    for entry in (FIRST, GONE, SECOND):
        made.note(entry)
        assert newest(made) == entry
    assert list(made.all()) == [FIRST, GONE, SECOND]


def test_a_digest_is_read_back_with_its_articles_and_an_article_is_noted_as_ever(
    made: Journal,
) -> None:
    digest = replace(SECOND, kind="digest", covers=["one", "two"])
    made.note(FIRST)
    assert b"covers" not in made.path.read_bytes()
    made.note(digest)
    assert list(made.all()) == [FIRST, digest]
    made.path.write_bytes(made.path.read_bytes().replace(b'["one","two"]', b'"one"'))
    assert newest(made) == FIRST


def test_it_is_for_its_owner_alone(made: Journal) -> None:
    made.note(FIRST)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700


def test_wherever_its_last_line_is_cut_off_the_others_are_there(made: Journal) -> None:
    made.note(FIRST)
    whole = made.path.stat().st_size
    made.note(SECOND)
    content = made.path.read_bytes()
    for end in range(whole, len(content)):
        made.path.write_bytes(content[:end])
        assert newest(made) == FIRST
        assert list(made.all()) == [FIRST]


def test_a_line_that_is_cut_off_takes_no_other_with_it(made: Journal) -> None:
    made.note(FIRST)
    content = made.path.read_bytes()
    for end in range(len(content)):
        made.path.write_bytes(content[:end])
        Journal(made.path).note(SECOND)
        assert newest(made) == SECOND
        assert list(made.all()) == [SECOND]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=200))
def test_whatever_stands_in_it_is_passed_over(made: Journal, junk: bytes) -> None:
    made.path.parent.mkdir(exist_ok=True)
    made.path.write_bytes(junk)
    Journal(made.path).note(FIRST)
    made.path.write_bytes(made.path.read_bytes() + b"\n" + junk)
    assert newest(made) == FIRST


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from((*Noted.__slots__, *Left.__slots__, "came", "begun")), value=VALUES)
def test_an_entry_that_is_none_is_passed_over(made: Journal, name: str, value: object) -> None:
    others: dict[str, Entry] = {"names": GONE, "erased": GONE, "came": BACK, "begun": BEGUN}
    entry = others.get(name, FIRST)
    made.path.parent.mkdir(exist_ok=True)
    made.path.write_bytes(b"")
    made.note(entry)
    found = json.loads(made.path.read_bytes()) | {name: value}
    made.path.write_text(json.dumps(found))
    last = newest(made)
    assert last is None or isinstance(last, Noted | Left | Came | Begun)
    if isinstance(last, Noted):
        assert all(isinstance(word, str) for pair in last.deliveries for word in pair)
        assert last.kind in ("new", "update")


@pytest.mark.parametrize("block", [1, 7, 64, 100_000])
def test_it_is_read_from_its_end_however_long_its_lines_are(
    made: Journal, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(journal, "BLOCK", block)
    many = replace(SECOND, deliveries=[[f"d{n}", f"sha256:{n:064}"] for n in range(100)])
    for entry in (FIRST, GONE, BACK, many, BEGUN, SECOND, many):
        made.note(entry)
    entries = list(made.all())
    assert list(made.newest_first()) == entries[::-1]
    made.path.write_bytes(made.path.read_bytes()[:-9])
    assert list(made.newest_first()) == entries[-2::-1]


def test_it_is_read_no_further_than_somebody_asks(
    made: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []
    parsed = journal._parsed

    def parse(line: bytes) -> Entry | None:
        read.append(line)
        return parsed(line)

    monkeypatch.setattr(journal, "_parsed", parse)
    for _ in range(9):
        made.note(FIRST)
    assert newest(made) == replace(FIRST, turn=9)
    assert len(read) == 1


def test_what_it_has_noted_itself_it_does_not_read_again(
    made: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(journal, "_parsed", None)
        for entry in (FIRST, GONE, SECOND):
            made.note(entry)
            assert next(made.newest_first()) == entry
    for noting in (Journal(made.path), made, Journal(made.path)):
        noting.note(BACK)
        assert list(made.newest_first()) == list(made.all())[::-1]


@pytest.mark.parametrize("entry", [FIRST, BEGUN])
def test_it_knows_whether_it_has_what_was_tried(made: Journal, entry: Entry) -> None:
    assert not made.has_what_was_tried()
    made.note(GONE)
    made.note(BACK)
    assert not made.has_what_was_tried()
    made.note(entry)
    made.note(GONE)
    assert made.has_what_was_tried()


def test_entries_that_are_noted_at_once_are_all_there(made: Journal) -> None:
    def note() -> None:
        mine = Journal(made.path)
        for _ in range(50):
            mine.note(SECOND)
            mine.note(FIRST)

    assert ledgers.at_once([note] * 4) == [None] * 4
    entries = list(made.all())
    assert (entries.count(FIRST), entries.count(SECOND)) == (200, 200)


def test_a_folder_that_can_not_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ProblemsFound, match="PROOFPRESS_JOURNAL") as found:
        Journal(tmp_path / "file" / "a.jsonl").note(FIRST)
    assert found.value.problems[0].code is Code.BAD_LEDGER


def test_a_folder_in_its_place_is_a_problem(made: Journal) -> None:
    made.path.mkdir(parents=True)
    for call in (lambda: made.note(FIRST), lambda: newest(made), lambda: list(made.all())):
        with pytest.raises(ProblemsFound, match="can't use this journal"):
            call()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_a_problem(made: Journal) -> None:
    made.path.parent.mkdir()
    made.path.symlink_to("/dev/full")
    with pytest.raises(ProblemsFound, match="No space left"):
        made.note(FIRST)


def test_an_entry_that_has_not_all_been_written_is_a_problem(made: Journal) -> None:
    made.note(FIRST)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (made.path.stat().st_size + 9, before[1]))
    try:
        with pytest.raises(ProblemsFound, match="can't use this journal"):
            made.note(SECOND)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert newest(made) == FIRST
    Journal(made.path).note(SECOND)
    assert list(made.all()) == [FIRST, SECOND]


def test_it_counts_how_often_the_same_bytes_are_handed_over_in_a_row(made: Journal) -> None:
    for entry in (FIRST, FIRST, GONE, FIRST, SECOND, SECOND, FIRST):
        made.note(entry)
    turns = [one.turn for one in made.all() if isinstance(one, Noted)]
    assert turns == [1, 2, 3, 1, 2, 1]
