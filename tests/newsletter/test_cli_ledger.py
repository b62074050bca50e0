"""The verbs about the ledger, on each engine."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from newsletter.cli import cli
from newsletter.journal import Begun, Journal, Left
from newsletter.opening import journal_of
from newsletter.store.database import open_ledger
from newsletter.store.schema import batch, verdict
from tests.conftest import REPOSITORY
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told, entry
from tests.newsletter.ledgers import LOST, Carrier, Run, forgetful


@pytest.fixture
def run(series: Told, url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    return ledgers.runner(series, url, monkeypatch)


def in_doubt(series: Told) -> Carrier:
    """Two articles, each unknown for two subscribers; a third article's are accepted."""
    series.subscribe("ada", "bob")
    carrier = forgetful(LOST)
    names = ["first", "second"]
    ledgers.send(series, carrier, "newest")
    for name in ("third", "fourth"):
        names.append(name)
        series.publish(*(entry(n, one) for n, one in enumerate(names)))
        carrier.answers = [LOST] if name == "third" else []
        ledgers.send(series, carrier)
    assert series.states() == {"unknown": 4, "accepted": 2}
    return carrier


def verdicts(series: Told) -> list[tuple[str, str]]:
    with series.database.transaction() as connection:
        rows = connection.execute(select(verdict.c.decided, verdict.c.note)).all()
    return [(row.decided, row.note) for row in rows]


def payloads(series: Told) -> int:
    with series.database.transaction() as connection:
        kept = connection.execute(select(batch.c.payload)).scalars().all()
    return sum(one is not None for one in kept)


def test_settling_is_a_dry_run_until_its_count_is_typed(series: Told, run: Run) -> None:
    in_doubt(series)
    before = ledgers.everything(series.database)
    said = run("settle", "--assume-sent")
    assert said == "4 unknown deliveries would be settled: assume sent; to do it: --confirm 4\n"
    assert "4 deliveries are unknown, not 3" in run(
        "settle", "--assume-sent", "--confirm", "3", status=1
    )
    run("settle", "--confirm", "4", status=2)
    run("settle", "--assume-sent", "--resend", "--confirm", "4", status=2)
    run("settle", "--assume-sent", "--confirm", "0", status=2)
    assert ledgers.everything(series.database) == before


def test_what_is_assumed_to_be_sent_is_never_sent_again(series: Told, run: Run) -> None:
    carrier = in_doubt(series)
    said = run("settle", "--assume-sent", "--note", "they wrote to me", "--confirm", "4")
    assert said == "4 unknown deliveries settled: assume sent\n"
    assert series.states() == {"accepted": 6}
    assert verdicts(series) == [("assume sent", "they wrote to me")] * 4
    assert payloads(series) == 0
    assert ledgers.send(series, carrier) == 0
    assert max(carrier.told.values()) == 1


def test_what_is_sent_again_goes_under_a_new_key_and_nothing_else_does(
    series: Told, run: Run
) -> None:
    carrier = in_doubt(series)
    before = [*carrier.keys]
    run("settle", "--resend", "--article", "third", "--confirm", "2")
    assert series.states() == {"unknown": 2, "accepted": 2, "planned": 2}
    assert payloads(series) == 1
    assert ledgers.send(series, carrier) == 2
    assert {one for one, count in carrier.told.items() if count == 2} == {
        ("third", "ada@example.org"), ("third", "bob@example.org"),
    }  # fmt: skip
    assert len({*carrier.keys}) == len(before) + 1 == len(carrier.keys)
    assert series.states() == {"unknown": 2, "accepted": 4}
    with series.database.transaction() as connection:
        ledgers.require_true_tallies(connection)


def test_an_article_that_was_never_announced_is_named(series: Told, run: Run) -> None:
    in_doubt(series)
    said = run("settle", "--resend", "--article", "thrid", status=1)
    assert "no article or digest with the id `thrid`" in said
    assert "did you mean `third`" in said


def test_with_nothing_unknown_there_is_nothing_to_settle(run: Run) -> None:
    assert run("settle", "--resend") == "no delivery is unknown\n"
    assert "0 deliveries are unknown" in run("settle", "--resend", "--confirm", "1", status=1)


def test_settling_waits_for_a_sender(embedded: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(embedded.root)
    with embedded.database.sending():
        done = CliRunner().invoke(cli, ["settle", "--resend"])
    assert (done.exit_code, "another process is sending" in done.output) == (1, True)


def test_a_restored_ledger_is_reconciled(series: Told, run: Run) -> None:
    series.subscribe("ada", "bob")
    copy = ledgers.everything(series.database)
    carrier = Carrier()
    ledgers.send(series, carrier, "newest")
    run("subscribers", "remove", "bob@example.org")
    ledgers.put_back(series.database, copy)
    for args in (["send"], ["send", "--confirm", "0"]):
        assert "newsletter reconcile" in run(*args, status=5)
    said = run("reconcile")
    assert said == (
        "2 deliveries remembered: what came of them is unknown\n1 remembered to have left\n"
    )
    assert run("reconcile") == "0 deliveries remembered: what came of them is unknown\n"
    ledgers.send(series, carrier)
    assert series.states() == {"accepted": 2}
    assert set(carrier.told.values()) == {1}
    assert "bob@example.org  unsubscribed" in run("subscribers", "list")


def test_a_copy_is_adopted_and_the_old_place_not(
    embedded: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(embedded.root)
    monkeypatch.setenv("PROOFPRESS_JOURNAL", str(embedded.root / "journals"))
    embedded.subscribe("ada")
    embedded.database.close()
    shutil.copy(embedded.root / "var/ledger.db", tmp_path / "copy.db")
    monkeypatch.setenv("PROOFPRESS_LEDGER", f"sqlite:///{tmp_path / 'copy.db'}")
    runner = CliRunner()
    said = runner.invoke(cli, ["send"])
    assert (said.exit_code, "newsletter adopt" in said.output) == (5, True)
    moved = runner.invoke(cli, ["move", f"sqlite:///{tmp_path / 'moved.db'}"])
    assert (moved.exit_code, "newsletter adopt" in moved.output) == (1, True)
    assert not (tmp_path / "moved.db").exists()
    assert runner.invoke(cli, ["adopt"]).exit_code == 0
    assert runner.invoke(cli, ["send"]).exit_code == 0


def test_a_ledger_whose_journal_is_lost_is_adopted(
    embedded: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(embedded.root)
    monkeypatch.setenv("PROOFPRESS_JOURNAL", str(embedded.root / "journals"))
    embedded.subscribe("ada")
    ledgers.send(embedded, Carrier(), "newest")
    shutil.rmtree(embedded.root / "journals")
    runner = CliRunner()
    assert runner.invoke(cli, ["subscribers", "remove", "bob@example.org"]).exit_code == 0
    said = runner.invoke(cli, ["send"])
    assert (said.exit_code, "PROOFPRESS_JOURNAL names the folder" in said.output) == (5, True)
    for _ in range(2):
        assert runner.invoke(cli, ["adopt"]).exit_code == 0
    assert runner.invoke(cli, ["send"]).exit_code == 0
    [journal] = (embedded.root / "journals").iterdir()
    assert [type(one) for one in Journal(journal).all()] == [Left, Begun]


@pytest.mark.parametrize("is_lost", [False, True], ids=["its journal", "a journal of departures"])
def test_adopting_a_copy_that_is_older_than_its_journal_hides_nothing(
    embedded: Told, monkeypatch: pytest.MonkeyPatch, *, is_lost: bool
) -> None:
    monkeypatch.chdir(embedded.root)
    monkeypatch.setenv("PROOFPRESS_JOURNAL", str(embedded.root / "journals"))
    embedded.subscribe("ada", "bob")
    ledgers.send(embedded, Carrier(), "newest")
    if is_lost:
        shutil.rmtree(embedded.root / "journals")
    copy = ledgers.everything(embedded.database)
    runner = CliRunner()
    assert runner.invoke(cli, ["subscribers", "remove", "bob@example.org"]).exit_code == 0
    ledgers.put_back(embedded.database, copy)
    assert runner.invoke(cli, ["adopt"]).exit_code == 0
    assert "older than its journal" in runner.invoke(cli, ["send"]).output


def test_reconciling_adopts_no_copy(
    embedded: Told, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(embedded.root)
    monkeypatch.setenv("PROOFPRESS_JOURNAL", str(embedded.root / "journals"))
    embedded.database.close()
    shutil.copy(embedded.root / "var/ledger.db", tmp_path / "copy.db")
    monkeypatch.setenv("PROOFPRESS_LEDGER", f"sqlite:///{tmp_path / 'copy.db'}")
    runner = CliRunner()
    assert runner.invoke(cli, ["reconcile"]).exit_code == 0
    assert runner.invoke(cli, ["send"]).exit_code == 5


def test_a_ledger_is_moved(series: Told, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    series.subscribe("ada", "bob")
    run("send", "--announce", "newest", "--confirm", "2")
    new = f"sqlite:///{series.root / 'new' / 'ledger.db'}"
    said = run("move", new)
    assert "        2 delivery\n" in said
    assert "all is there, and the same: set PROOFPRESS_LEDGER" in said
    for args, status in (
        (["send"], 5), (["send", "--confirm", "0"], 5), (["move", new], 1),
        (["subscribers", "add", "x@example.org"], 1), (["subscribers", "remove", "ada@x.org"], 1),
        (["subscribers", "erase", "ada@example.org"], 1), (["reconcile"], 1),
        (["settle", "--resend"], 1),
    ):  # fmt: skip
        assert "this ledger goes on elsewhere" in run(*args, status=status), args
    monkeypatch.setenv("PROOFPRESS_LEDGER", new)
    assert "nothing to tell" in run("send")
    run("subscribers", "add", "cy@example.org")
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    assert "3 of 3 messages accepted" in run("send", "--confirm", "3")
    assert len(series.told()) == 5


def test_a_ledger_is_not_moved_into_one_in_use(series: Told, run: Run) -> None:
    other = Told(series.root, open_ledger(f"sqlite:///{series.root / 'other.db'}"))
    other.subscribe("zoe")
    before = ledgers.everything(other.database)
    said = run("move", f"sqlite:///{series.root / 'other.db'}", status=1)
    assert "this ledger is in use: it has rows in the table subscriber" in said
    assert ledgers.everything(other.database) == before
    other.database.close()
    assert "first run" in run("send")


SECRET = "hunter2"


@pytest.mark.parametrize(
    "given",
    [f"postgresql://user:{SECRET}@localhost/x", f"postgresql://localhost/x?password={SECRET}"],
)
def test_a_password_is_refused_where_others_could_read_it(
    series: Told, run: Run, given: str
) -> None:
    before = ledgers.everything(series.database)
    said = run("move", given, status=1)
    assert "PGPASSWORD" in said
    assert SECRET not in said
    assert ledgers.everything(series.database) == before


def test_a_password_of_the_environment_is_taken_and_never_shown(
    embedded: Told, monkeypatch: pytest.MonkeyPatch, postgresql: Callable[[], str]
) -> None:
    monkeypatch.chdir(embedded.root)
    monkeypatch.setenv("PROOFPRESS_JOURNAL", str(embedded.root / "journals"))
    monkeypatch.setenv("PGPASSWORD", SECRET)
    runner = CliRunner()
    done = runner.invoke(cli, ["move", postgresql()])
    assert done.exit_code == 0, done.output
    said = runner.invoke(cli, ["send"]).output
    assert "goes on elsewhere: postgresql://" in said
    assert SECRET not in done.output + said


VERBS = (
    "send", "status", "subscribers list", "settle --resend", "reconcile", "adopt",
    "move sqlite:///x.db",
)  # fmt: skip


@pytest.mark.parametrize("where", ["localhost:1", "localhost:1,localhost:2"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_password_in_the_ledgers_url_is_in_no_problem(
    embedded: Told, monkeypatch: pytest.MonkeyPatch, verb: str, where: str
) -> None:
    monkeypatch.chdir(embedded.root)
    monkeypatch.setenv("PROOFPRESS_LEDGER", f"postgresql://user:{SECRET}@{where}/name")
    done = CliRunner().invoke(cli, verb.split())
    assert done.exit_code == 1
    assert SECRET not in done.output
    assert SECRET not in repr(done.exception)
    assert "bad-ledger" in done.output


def test_a_password_in_the_ledgers_url_is_in_no_list_of_processes(embedded: Told) -> None:
    """While a verb waits for a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = f"127.0.0.1:{server.getsockname()[1]}"
        url = f"postgresql://user:{SECRET}@{where}/name"
        process = subprocess.Popen(
            [sys.executable, "-m", "newsletter", "subscribers", "list"],
            cwd=embedded.root, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PROOFPRESS_LEDGER": url},
        )  # fmt: skip
        connection, _ = server.accept()
        listed = subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True)
        connection.close()
    _, said = process.communicate(timeout=60)
    assert "newsletter subscribers list" in listed.stdout
    assert SECRET not in listed.stdout
    assert SECRET not in said
    assert "bad-ledger" in said
    assert process.returncode == 1


def test_the_journal_is_one_for_each_ledger(series: Told) -> None:
    with series.database.transaction() as connection:
        path = journal_of(series.place, connection).path
    assert path.parent == series.root / "journals"
    assert path.suffix == ".jsonl"
