"""The verbs about subscribers, on each engine."""

import json
import stat

import pytest

from newsletter.journal import Left
from newsletter.opening import journal_of
from newsletter.store.database import open_ledger
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told
from tests.newsletter.ledgers import LOST, Run, forgetful


@pytest.fixture
def run(series: Told, url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    return ledgers.runner(series, url, monkeypatch)


def journal(series: Told) -> list[object]:
    with series.database.transaction() as connection:
        return list(journal_of(series.place, connection).all())


def test_many_are_removed_at_once_and_the_journal_has_them(series: Told, run: Run) -> None:
    series.subscribe("ada", "bob")
    said = run("subscribers", "remove", "ADA@example.org", "bob@example.org", "x@example.org")
    assert said == (
        "ADA@example.org: removed\nbob@example.org: removed\n"
        "x@example.org: was no subscriber; never will be\n"
    )
    assert [type(one) for one in journal(series)] == [Left] * 3
    assert "left before" in run("subscribers", "add", "X@example.org", status=1)


def test_one_bad_address_removes_nobody(series: Told, run: Run) -> None:
    series.subscribe("ada")
    assert "no address" in run("subscribers", "remove", "ada@example.org", "nobody", status=1)
    assert "ada@example.org  confirmed" in run("subscribers", "list")


def test_all_that_is_kept_is_shown(series: Told, run: Run) -> None:
    series.subscribe("ada")
    series.send("newest")
    found = json.loads(run("subscribers", "show", "ADA@example.org"))
    assert found["email"] == "ada@example.org"
    assert [one["title"] for one in found["told"]] == ["On second"]
    assert "nothing is kept" in run("subscribers", "show", "x@example.org", status=1)


def test_somebody_is_erased(series: Told, run: Run) -> None:
    series.subscribe("ada", "bob")
    series.send("newest")
    assert run("subscribers", "erase", "ADA@example.org") == "ADA@example.org: erased\n"
    assert "ada@" not in str(ledgers.everything(series.database))
    assert journal(series)[-1].erased  # type: ignore[attr-defined]
    assert "was no subscriber" in run("subscribers", "erase", "x@example.org")
    for name in ("ada", "x"):
        assert "left before" in run("subscribers", "add", f"{name}@example.org", status=1)
        assert "nothing is kept" in run("subscribers", "show", f"{name}@example.org", status=1)
    assert "ada@" not in run("subscribers", "export")


def test_nobody_is_erased_while_a_mail_to_them_is_in_doubt(series: Told, run: Run) -> None:
    series.subscribe("ada", "bob")
    ledgers.send(series, forgetful(LOST), "newest")
    before = ledgers.everything(series.database)
    assert "send, or settle it; then erase" in run(
        "subscribers", "erase", "ada@example.org", status=1
    )
    assert ledgers.everything(series.database) == before
    run("settle", "--assume-sent", "--confirm", "2")
    assert "erased" in run("subscribers", "erase", "ada@example.org")


def test_an_import_takes_the_good_names_the_bad_and_can_be_repeated(series: Told, run: Run) -> None:
    series.subscribe("ada", "bob")
    run("subscribers", "remove", "bob@example.org")
    (series.root / "list.csv").write_bytes(
        b"email,standing\nADA@example.org,\nBob@example.org,confirmed\nnobody,\n"
        b"caf\xe9@example.org,\ncy@example.org,\nCY@Example.org,\ndee@example.org,unsubscribed\n"
    )
    said = run("subscribers", "import", "list.csv", status=1)
    assert said.startswith(
        "1 added, 2 already a subscriber, 1 left before, or must not be written to, 2 bad rows\n"
    )
    for line in (4, 5):
        assert f"list.csv:{line}:1: bad-input" in said
    before = ledgers.everything(series.database)
    assert "0 added, 3 already" in run("subscribers", "import", "list.csv", status=1)
    assert ledgers.everything(series.database) == before
    assert "left before" in run("subscribers", "add", "dee@example.org", status=1)


def test_an_export_is_for_its_owner_and_brings_nobody_back(
    series: Told, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    series.subscribe("ada", "bob")
    run("subscribers", "remove", "bob@example.org", "x@example.org")
    assert "list.csv: 3 subscribers" in run("subscribers", "export", "list.csv")
    assert stat.S_IMODE((series.root / "list.csv").stat().st_mode) == 0o600
    assert run("subscribers", "export") == (series.root / "list.csv").read_text()
    other = Told(series.root, open_ledger(f"sqlite:///{series.root / 'other.db'}"))
    monkeypatch.setenv("PROOFPRESS_LEDGER", f"sqlite:///{series.root / 'other.db'}")
    assert "1 added" in run("subscribers", "import", "list.csv")
    for name in ("bob", "x"):
        assert "left before" in run("subscribers", "add", f"{name}@example.org", status=1)
    other.database.close()


def test_what_can_not_be_read_or_written_is_a_problem(run: Run) -> None:
    for name in ("nowhere.csv", "site"):
        assert "can't read this" in run("subscribers", "import", name, status=1)
    for name in ("nowhere/list.csv", "site"):
        assert "can't write this" in run("subscribers", "export", name, status=1)


def test_an_empty_list_adds_nobody(series: Told, run: Run) -> None:
    (series.root / "list.csv").write_bytes(b"")
    assert run("subscribers", "import", "list.csv").startswith("0 added")


def test_somebody_is_removed_even_if_the_journal_fails(series: Told, run: Run) -> None:
    series.subscribe("ada")
    (series.root / "journals").write_text("in the way")
    assert "can't use this journal" in run("subscribers", "remove", "ada@example.org", status=1)
    assert "ada@example.org  unsubscribed" in run("subscribers", "list")
