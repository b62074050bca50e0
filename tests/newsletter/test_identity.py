"""Ledgers that were restored from a copy, or copied, or moved: nobody is told twice by them."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.engine import make_url

from newsletter import leaving
from newsletter.gates import Shut
from newsletter.handing import Paused
from newsletter.journal import Journal, Left, Noted
from newsletter.model import Asked, Batch, Memory, Outcome, Receipt
from newsletter.opening import journal_of
from newsletter.runs import Progress
from newsletter.send import Choice
from newsletter.store import (
    doubts,
    evidence,
    identity,
    joining,
    personal,
    readdressing,
    subscribers,
)
from newsletter.store.database import Database, open_ledger
from newsletter.store.remembering import Counts, Remembering
from newsletter.store.schema import consent, delivery, subscriber
from press.problems import ProblemsFound
from tests.newsletter import ledgers, postgres
from tests.newsletter.conftest import Told, entry
from tests.newsletter.ledgers import BUSY, DROPPED, LOST, NOW, Carrier, forgetful
from tests.newsletter.wishing import wish

OLDER = "older than its journal"
LATER = "2026-03-03T00:00:00+00:00"


def journal(series: Told) -> Journal:
    with series.database.transaction() as connection:
        return journal_of(series.place, connection)


def reconcile(series: Told, now: str = NOW) -> Counts:
    entries, published = journal(series), series.sender.manifest.articles
    with series.database.planning() as connection:
        return Remembering(connection, now, lambda: published).take_all(entries.all())


def test_a_ledger_that_is_restored_refuses_to_send_until_it_remembers(series: Told) -> None:
    series.subscribe("ada", "bob")
    carrier = Carrier()
    copy = ledgers.everything(series.database)
    ledgers.send(series, carrier, "newest")
    ledgers.put_back(series.database, copy)
    sender = ledgers.sender(series, carrier)
    for call in (sender.intend, partial(sender.send, 2)):
        with pytest.raises(Shut, match=OLDER):
            call(choice=Choice(["newest"]))
    assert series.states() == {}
    assert reconcile(series) == Counts(2, 0)
    assert series.states() == {"unknown": 2}
    assert ledgers.send(series, carrier) == 0
    assert series.states() == {"accepted": 2}
    assert sorted(carrier.log) == ["ada@example.org", "bob@example.org"]


def test_remembering_twice_changes_nothing(series: Told) -> None:
    series.subscribe("ada", "bob", "cy")
    copy = ledgers.everything(series.database)
    ledgers.send(series, Carrier(LOST), "newest")
    leave(series, "cy@example.org")
    ledgers.put_back(series.database, copy)
    assert reconcile(series) == Counts(3, 1)
    once = ledgers.everything(series.database)
    assert reconcile(series) == Counts(0, 0)
    assert ledgers.everything(series.database) == once


def test_a_ledger_that_has_forgotten_nothing_remembers_nothing(series: Told) -> None:
    series.subscribe("ada")
    ledgers.send(series, forgetful(LOST), "newest")
    before = ledgers.everything(series.database)
    assert reconcile(series) == Counts(0, 0)
    assert ledgers.everything(series.database) == before


@contextmanager
def copied(monkeypatch: pytest.MonkeyPatch, database: Database) -> Iterator[list[ledgers.Rows]]:
    """Collects a copy of the ledger for each moment at which something was committed."""
    copies = [ledgers.everything(database)]
    transaction = Database.transaction

    @contextmanager
    def copying(self: Database) -> Iterator[Any]:
        with transaction(self) as connection:
            yield connection
        with monkeypatch.context() as patched:
            patched.setattr(Database, "transaction", transaction)
            rows = ledgers.everything(self)
        if rows != copies[-1]:
            copies.append(rows)

    with monkeypatch.context() as patched:
        patched.setattr(Database, "transaction", copying)
        yield copies


KEYS = Memory(key_seconds=10**9)
ASKS = Memory(asks=True)
BOTH = Memory(key_seconds=10**9, asks=True)
NEITHER = Memory()


@pytest.mark.parametrize(
    "memory", [KEYS, ASKS, BOTH, NEITHER], ids=["keys", "asks", "both", "none"]
)
@pytest.mark.parametrize(
    "answers",
    [[], [LOST], [DROPPED, LOST], [BUSY, DROPPED], [BUSY, "not accepted", LOST, DROPPED]],
    ids=lambda answers: "-".join(map(str, answers)) or "well",
)
def test_whenever_the_copy_was_made_nobody_is_told_twice(
    embedded: Told, monkeypatch: pytest.MonkeyPatch, memory: Memory, answers: list[object]
) -> None:
    """A copy of each moment of a run is restored after it; with evidence nobody is left out."""
    require_safe_copies(embedded, monkeypatch, memory, answers)


@pytest.mark.parametrize("memory", [BOTH, NEITHER], ids=["both", "none"])
def test_whenever_the_copy_was_made_nobody_is_told_twice_in_postgresql(
    series: Told, monkeypatch: pytest.MonkeyPatch, memory: Memory
) -> None:
    require_safe_copies(series, monkeypatch, memory, [BUSY, DROPPED, LOST])


@pytest.mark.parametrize("memory", [BOTH, NEITHER], ids=["both", "none"])
def test_whenever_the_copy_was_made_nobody_has_an_article_in_two_digests(
    series: Told, monkeypatch: pytest.MonkeyPatch, memory: Memory
) -> None:
    for name in ("ada", "bob", "cy"):
        series.subscribe(name)
        wish(series, name, "weekly")
    require_safe_copies(series, monkeypatch, memory, [BUSY, DROPPED, LOST])


def require_safe_copies(
    series: Told, monkeypatch: pytest.MonkeyPatch, memory: Memory, answers: list[object]
) -> None:
    """Whether they are told in a digest, or of the newest article when it comes out."""
    series.subscribe("ada", "bob", "cy")
    carrier = Carrier(*answers, memory=memory)
    with copied(monkeypatch, series.database) as copies:
        for chosen in (["newest"], [], []):
            try_to_send(series, carrier, *chosen)
    assert len(copies) > 6
    assert set(carrier.told.values()) <= {1}
    for number, copy in enumerate(copies):
        (series.root / "journals").rename(series.root / f"aside{number}")
        shutil.copytree(series.root / f"aside{number}", series.root / "journals")
        ledgers.put_back(series.database, copy)
        series.database.close()  # who sent then is no more
        after = again(carrier)
        reconcile(series)
        for _ in range(3):
            known = bool(ledgers.everything(series.database)["announcement"])
            try_to_send(series, after, *([] if known else ["newest"]))
        states = Counter(series.states())
        assert set(after.told.values()) <= {1}, (number, states)
        # In doubt are those who were told, and those that this provider can't tell from them.
        assert len(after.log) + states["unknown"] >= 3
        assert states["unknown"] == 0 or not memory.asks, (number, states)
        if memory.asks:
            assert len(after.log) == 3, (number, states)
        with series.database.transaction() as connection:
            ledgers.require_true_tallies(connection)
        shutil.rmtree(series.root / "journals")
        (series.root / f"aside{number}").rename(series.root / "journals")


def again(carrier: Carrier) -> Carrier:
    """The same provider, as it is after the run."""
    made = Carrier(memory=carrier.memory)
    made.log, made.told = [*carrier.log], Counter(carrier.told)
    made.keys, made.taken = [*carrier.keys], {*carrier.taken}
    return made


def try_to_send(series: Told, carrier: Carrier, *chosen: str) -> None:
    with suppress(Paused):  # it has had enough for now
        ledgers.send(series, carrier, *chosen)
        made = ledgers.sender(series, carrier)
        made.send(made.intend(Choice(digest=True)).messages, Choice(digest=True))


def test_a_file_that_is_put_back_is_noticed(embedded: Told) -> None:
    embedded.subscribe("ada")
    embedded.send()
    path = embedded.root / "var/ledger.db"
    embedded.database.close()
    shutil.copy(path, embedded.root / "backup.db")
    embedded.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    carrier = Carrier()
    assert ledgers.send(embedded, carrier) == 1
    embedded.database.close()
    shutil.copy(embedded.root / "backup.db", path)
    with pytest.raises(Shut, match=OLDER):
        ledgers.send(embedded, carrier)
    reconcile(embedded)
    assert ledgers.send(embedded, carrier) == 0
    assert carrier.log == ["ada@example.org"]


def test_who_is_not_in_the_copy_is_remembered_without_a_name(series: Told) -> None:
    copy = ledgers.everything(series.database)
    series.subscribe("ada", "bob")
    carrier = Carrier()
    ledgers.send(series, carrier, "newest")
    ledgers.put_back(series.database, copy)
    assert reconcile(series) == Counts(2, 0)
    assert "@" not in str(ledgers.everything(series.database))
    ledgers.send(series, carrier)
    assert series.states() == {"accepted": 2}
    series.subscribe("ada")
    with series.database.transaction() as connection:
        [account] = subscribers.everyone(connection)
        assert (account.email, account.standing) == ("ada@example.org", "confirmed")
    rows = ledgers.everything(series.database)
    assert len(rows["subscriber"]) == 2
    assert "ada@example.org" in {row["mailbox"] for row in rows["delivery"]}
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    assert ledgers.send(series, carrier) == 1
    assert sorted(carrier.log) == ["ada@example.org", "ada@example.org", "bob@example.org"]
    series.subscribe("bob")
    assert ledgers.send(series, carrier) == 0


def test_who_comes_back_while_it_is_unknown_is_not_told_twice(series: Told) -> None:
    copy = ledgers.everything(series.database)
    series.subscribe("ada")
    carrier = Carrier()
    ledgers.send(series, carrier, "newest")
    ledgers.put_back(series.database, copy)
    reconcile(series)
    series.subscribe("ada")
    assert ledgers.send(series, carrier) == 0
    assert carrier.log == ["ada@example.org"]
    assert series.states() == {"accepted": 1}


def test_a_copy_from_before_the_first_run_mails_no_back_catalogue(series: Told) -> None:
    series.subscribe("ada")
    copy = ledgers.everything(series.database)
    carrier = Carrier()
    ledgers.send(series, carrier, "newest")
    ledgers.put_back(series.database, copy)
    series.publish(
        entry(0, "first"), entry(1, "second"), entry(2, "third", date="2999-01-01T00:00:00+00:00")
    )
    reconcile(series)
    assert ledgers.send(series, carrier) == 1
    told = {row["title"] for row in ledgers.everything(series.database)["announcement"] if
            not row["baseline"]}  # fmt: skip
    assert told == {"On second", "On third"}


def test_an_update_is_remembered_as_one(series: Told) -> None:
    series.subscribe("ada")
    carrier = Carrier()
    ledgers.send(series, carrier, "newest")
    copy = ledgers.everything(series.database)
    changed = entry(1, "second", updated="2026-03-01T00:00:00+00:00")
    series.publish(entry(0, "first"), changed)
    sender = ledgers.sender(series, carrier)
    sender.send(1, Choice(update=["second"]))
    ledgers.put_back(series.database, copy)
    reconcile(series)
    ledgers.send(series, carrier)
    assert series.states() == {"accepted": 2}
    with pytest.raises(ProblemsFound, match="nobody is told that twice"):
        sender.intend(Choice(update=["second"]))


def test_what_a_provider_has_told_meanwhile_is_applied(series: Told) -> None:
    series.subscribe("ada")
    copy = ledgers.everything(series.database)
    ledgers.send(series, forgetful(), "newest")
    with series.database.transaction() as connection:
        one = str(connection.execute(select(delivery.c.id)).scalar_one())
    ledgers.put_back(series.database, copy)
    with series.database.transaction() as connection:
        told = evidence.Event("carrier", "delivered", one, "{}")
        assert evidence.record(connection, told, NOW).is_new
    reconcile(series)
    assert series.states() == {"delivered": 1}


def test_bytes_that_may_be_out_of_date_are_never_handed_over_again(series: Told) -> None:
    """The copy has them in doubt; later they were found not to be accepted, and sent anew."""
    series.subscribe("ada", "bob")
    carrier = Carrier(DROPPED, memory=NEITHER)
    ledgers.send(series, carrier, "newest")
    copy = ledgers.everything(series.database)
    assert series.states() == {"unknown": 2}
    with series.database.transaction() as connection:
        ids = evidence.unknown(connection)
        evidence.decide(connection, ids, evidence.Decided.RESEND, "", NOW)
    ledgers.send(series, carrier)
    ledgers.put_back(series.database, copy)
    reconcile(series)
    carrier.memory = KEYS  # were they handed over under their first key, it would take them
    ledgers.send(series, carrier)
    assert sorted(carrier.log) == ["ada@example.org", "bob@example.org"]
    assert series.states() == {"unknown": 2}
    # What was in doubt under the first key is so under the second; its bytes are nobody's.
    payloads = {row["key"]: row["payload"] for row in ledgers.everything(series.database)["batch"]}
    assert payloads.pop(carrier.keys[0]) == b""
    assert list(payloads.values()) == [None]


def test_bytes_of_which_a_part_was_sent_anew_are_never_handed_over_again(series: Told) -> None:
    series.subscribe("ada", "bob")
    carrier = forgetful(DROPPED)
    ledgers.send(series, carrier, "newest")
    copy = ledgers.everything(series.database)
    with series.database.transaction() as connection:
        first, second = evidence.unknown(connection)
        evidence.record(connection, evidence.Event("carrier", "delivered", first, "{}"), NOW)
        evidence.decide(connection, [second], evidence.Decided.RESEND, "", NOW)
    ledgers.send(series, carrier)
    ledgers.put_back(series.database, copy)
    reconcile(series)
    carrier.memory = KEYS  # were they handed over under their first key, it would take them
    ledgers.send(series, carrier)
    assert set(carrier.told.values()) == {1}
    assert series.states() == {"unknown": 2}


def test_a_providers_no_counts_some_time_after_what_is_remembered(series: Told) -> None:
    series.subscribe("ada")
    copy = ledgers.everything(series.database)
    ledgers.send(series, Carrier(DROPPED, memory=NEITHER), "newest")
    ledgers.put_back(series.database, copy)
    reconcile(series)
    with series.database.transaction() as connection:
        [doubtful] = doubts.in_doubt(connection, "carrier")
    assert doubtful.over_since == datetime.fromisoformat(NOW)
    sender = ledgers.sender(series, Carrier(memory=Memory(asks=True, settle_seconds=1800)))
    for minutes, messages in ((29, 0), (31, 1)):
        later = datetime.fromisoformat(NOW) + timedelta(minutes=minutes)
        assert replace(sender, clock=repeat(later).__next__).intend().messages == messages


def test_a_journal_that_has_lost_a_line_is_taken_as_it_is(series: Told) -> None:
    """Whatever the ids of deliveries look like: an older version made longer ones."""
    pairs = [("d" * 32, f"sha256:{'1' * 64}"), ("e" * 32, f"sha256:{'2' * 64}")]
    made = journal(series)
    made.note(Noted("gone", "Gone", "new", "", "carrier", "k1", NOW, pairs))
    made.path.write_text(made.path.read_text().replace('"turn":1', '"turn":3'))
    assert reconcile(series) == Counts(2, 0)
    once = ledgers.everything(series.database)
    assert len(once["attempt"]) == 3
    assert reconcile(series) == Counts(0, 0)
    assert ledgers.everything(series.database) == once
    assert series.sender.intend(Choice()).unknown == 2


def leave(series: Told, email: str) -> None:
    leaving.leave(series.database, journal(series), [email], "a test", NOW)


def test_who_has_left_since_the_copy_is_not_told(series: Told) -> None:
    series.subscribe("ada", "bob")
    copy = ledgers.everything(series.database)
    leave(series, "ADA@example.org")
    leave(series, "stranger@example.org")
    ledgers.put_back(series.database, copy)
    carrier = Carrier()
    with pytest.raises(Shut, match=OLDER):
        ledgers.send(series, carrier, "newest")
    assert reconcile(series) == Counts(0, 2)
    assert ledgers.send(series, carrier, "newest") == 1
    assert carrier.log == ["bob@example.org"]
    with series.database.transaction() as connection:
        emails = ["ada@example.org", "Stranger@example.org"]
        outcomes = list(subscribers.add(connection, emails, "an import", NOW))
    assert outcomes == [subscribers.Added.LEFT] * 2


def erase(series: Told, name: str) -> None:
    leaving.erase(series.database, journal(series), f"{name}@example.org", NOW)


AFTERWARDS = {
    "another leaves": lambda series: leave(series, "cy@example.org"),
    "one leaves again": lambda series: leave(series, "eve@example.org"),
    "one is erased again": lambda series: erase(series, "zoe"),
    "another comes": lambda series: come(series, "fay", LATER),
}


@pytest.mark.parametrize("afterwards", AFTERWARDS.values(), ids=AFTERWARDS)
@pytest.mark.parametrize("with_attempts", [True, False], ids=["told", "left"])
def test_what_a_copy_has_forgotten_is_noticed_whatever_is_noted_later(
    series: Told, afterwards: Callable[[Told], None], *, with_attempts: bool
) -> None:
    series.subscribe("ada", "bob", "cy", "eve", "zoe")
    erase(series, "zoe")
    leave(series, "eve@example.org")
    carrier = Carrier()
    assert ledgers.send(series, carrier, "newest") == 3
    copy = ledgers.everything(series.database)
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    if with_attempts:
        ledgers.send(series, carrier)
    else:
        leave(series, "ada@example.org")
    told = list(carrier.log)
    ledgers.put_back(series.database, copy)
    afterwards(series)
    for _ in range(2):
        with pytest.raises(Shut, match=OLDER):
            ledgers.send(series, carrier)
        leave(series, "bob@example.org")
    assert carrier.log == told
    reconcile(series)
    ledgers.send(series, carrier)
    assert len({*carrier.told}) == len(carrier.told)
    assert ("third", "ada@example.org") not in carrier.told or with_attempts


def test_a_copy_that_is_put_back_in_the_middle_of_a_run_ends_it(embedded: Told) -> None:
    embedded.subscribe("ada", "bob", "cy", "eve")
    carrier = Carrier(size=1)
    copies: list[ledgers.Rows] = []

    def meanwhile(done: int, _count: int) -> None:
        if done == 1:
            copies.append(ledgers.everything(embedded.database))
        if done == 3:
            ledgers.put_back(embedded.database, copies[0])

    choice = Choice(["newest"])
    with pytest.raises(Shut, match=OLDER):
        ledgers.sender(embedded, carrier).send(4, choice, progress=Progress(meanwhile))
    assert len(carrier.log) == 3
    with pytest.raises(Shut, match=OLDER):
        ledgers.send(embedded, carrier)
    reconcile(embedded)
    ledgers.send(embedded, carrier)
    assert len(carrier.log) == len({*carrier.log}) == 4


def test_what_was_noted_between_an_attempt_and_its_note_is_not_passed_over(series: Told) -> None:
    """The copy was made when the attempt was committed, and not noted yet."""
    series.subscribe("ada", "bob")
    ledgers.send(series, Carrier(), "newest")
    copy, made = ledgers.everything(series.database), journal(series)
    attempted, *_ = made.newest_first()
    made.path.unlink()
    leave(series, "ada@example.org")
    made.note(attempted)
    ledgers.put_back(series.database, copy)
    with pytest.raises(Shut, match=OLDER):
        ledgers.send(series, Carrier())


def test_who_left_at_another_address_is_told_at_neither_of_them(series: Told) -> None:
    series.subscribe("ada", "bob")
    ledgers.send(series, Carrier(), "newest")
    copy = ledgers.everything(series.database)
    with series.database.transaction() as connection:
        who = joining.is_subscriber(connection, "ada@example.org")
        assert who
        moved = readdressing.readdress(connection, who, "ada@new.example", NOW)
    journal(series).departed(NOW, [moved.left])
    journal(series).joined(NOW, moved.name)
    ledgers.sender(series, Carrier()).intend()  # who is known to have moved is not forgotten
    leave(series, "ada@new.example")
    ledgers.put_back(series.database, copy)
    reconcile(series)
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    carrier = Carrier()
    ledgers.send(series, carrier)
    assert carrier.log == ["bob@example.org"]


def test_what_did_not_reach_the_journal_does_when_it_is_said_again(series: Told) -> None:
    series.subscribe("ada", "bob")
    copy = ledgers.everything(series.database)
    (series.root / "journals").write_text("in the way")
    with pytest.raises(ProblemsFound, match="can't use this journal"):
        leave(series, "ada@example.org")
    (series.root / "journals").unlink()
    leave(series, "ada@example.org")
    ledgers.put_back(series.database, copy)
    assert reconcile(series).left == 1


def test_who_was_erased_since_the_copy_is_erased_again(series: Told) -> None:
    series.subscribe("ada", "bob")
    ledgers.send(series, Carrier(), "newest")
    copy = ledgers.everything(series.database)
    leaving.erase(series.database, journal(series), "ada@example.org", NOW)
    ledgers.put_back(series.database, copy)
    assert reconcile(series) == Counts(0, 1)
    assert "ada@" not in str(ledgers.everything(series.database))
    assert reconcile(series) == Counts(0, 0)


def test_who_was_erased_and_is_in_doubt_is_erased_when_that_has_ended(series: Told) -> None:
    series.subscribe("ada", "bob")
    copy = ledgers.everything(series.database)
    carrier = Carrier()
    ledgers.send(series, carrier, "newest")
    leaving.erase(series.database, journal(series), "ada@example.org", NOW)
    ledgers.put_back(series.database, copy)
    assert reconcile(series) == Counts(2, 1)
    assert "ada@" in str(ledgers.everything(series.database))  # to ask with
    assert ledgers.send(series, carrier) == 0
    assert series.states() == {"accepted": 2}
    assert reconcile(series) == Counts(0, 0)
    assert "ada@" not in str(ledgers.everything(series.database))
    assert sorted(carrier.log) == ["ada@example.org", "bob@example.org"]


def test_who_has_come_back_themselves_has_not_left(series: Told) -> None:
    series.subscribe("ada")
    leave(series, "ada@example.org")
    with series.database.transaction() as connection:  # as a confirmation of their own would
        connection.execute(text("DELETE FROM suppression"))
        connection.execute(subscriber.update().values(standing="confirmed"))
        who = connection.execute(select(subscriber.c.id)).scalar_one()
        row = {"subscriber_id": who, "standing": "confirmed", "how": "", "at": "2026-12-01"}
        connection.execute(insert(consent), row)
    assert reconcile(series) == Counts(0, 0)
    carrier = Carrier()
    assert ledgers.send(series, carrier, "newest") == 1


def test_what_closes_a_mailbox_is_in_the_journal(series: Told) -> None:
    series.subscribe("ada")
    ledgers.send(series, forgetful(), "newest")
    with series.database.transaction() as connection:
        one = str(connection.execute(select(delivery.c.id)).scalar_one())
    copy = ledgers.everything(series.database)
    told = [evidence.Event("carrier", kind, one, kind) for kind in ("delivered", "complained")]
    assert leaving.record(series.database, journal(series), [*told, *told], NOW) == 2
    ledgers.put_back(series.database, copy)
    assert reconcile(series) == Counts(0, 1)


class Closing(Carrier):
    """Closes the mailbox of all that it is given, in its answer or when it is asked."""

    def hand_over(self, batch: Batch) -> list[Receipt]:
        super().hand_over(batch)
        return [self.closed(one) for one in batch.delivery_ids]

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:
        return [self.closed(one.delivery_id) for one in asked]

    def closed(self, one: str) -> Receipt:
        return Receipt(one, Outcome.REJECTED, "closed", suppress=True)


@pytest.mark.parametrize("answers", [(), (LOST,)], ids=["in its answer", "when it is asked"])
def test_what_an_answer_closes_is_in_the_journal(series: Told, answers: tuple[object]) -> None:
    series.subscribe("ada")
    copy = ledgers.everything(series.database)
    ledgers.send(series, Closing(*answers), "newest")
    assert series.states() == {"rejected": 1}
    ledgers.put_back(series.database, copy)
    assert reconcile(series).left == 1


def test_the_journal_has_no_address_in_clear(series: Told) -> None:
    series.subscribe("zoe", "xiu")
    ledgers.send(series, Carrier(LOST), "newest")
    leave(series, "zoe@example.org")
    leaving.erase(series.database, journal(series), "xiu@example.org", NOW)
    content = journal(series).path.read_text()
    assert [type(one) for one in journal(series).all()] == [Noted, Left, Left]
    for word in ("zoe", "xiu", "example.org", "@"):
        assert word not in content


def test_without_a_journal_nothing_is_handed_over(series: Told) -> None:
    series.subscribe("ada", "bob")
    (series.root / "journals").write_text("in the way")
    carrier = Carrier()
    with pytest.raises(ProblemsFound, match="can't use this journal"):
        ledgers.send(series, carrier, "newest")
    (series.root / "journals").unlink()
    assert carrier.log == []
    ledgers.send(series, carrier, *([] if series.states() else ["newest"]))
    assert sorted(carrier.log) == ["ada@example.org", "bob@example.org"]


def test_a_journal_that_fails_in_a_run_leaves_all_planned(series: Told) -> None:
    series.subscribe("ada", "bob", "cy")
    path = journal(series).path

    def fill(_: object) -> str:
        path.rename(path.with_suffix(".aside"))
        path.mkdir()
        return "accepted"

    carrier = Carrier(fill)
    with pytest.raises(ProblemsFound, match="can't use this journal"):
        ledgers.send(series, carrier, "newest")
    assert series.states() == {"accepted": 2, "planned": 1}
    path.rmdir()
    path.with_suffix(".aside").rename(path)
    assert ledgers.send(series, carrier) == 1
    assert sorted(carrier.log) == ["ada@example.org", "bob@example.org", "cy@example.org"]


def test_somebody_can_leave_without_a_journal(series: Told) -> None:
    series.subscribe("ada")
    (series.root / "journals").write_text("in the way")
    with pytest.raises(ProblemsFound, match="can't use this journal"):
        leave(series, "ada@example.org")
    with series.database.transaction() as connection:
        [account] = subscribers.everyone(connection)
    assert account.standing == "unsubscribed"


@pytest.fixture
def clone(series: Told, url: str, request: pytest.FixtureRequest) -> Iterator[Told]:
    """A copy of a ledger with a subscriber, elsewhere."""
    series.subscribe("ada")
    series.send()
    series.database.close()
    if url:
        other = request.getfixturevalue("postgresql")()
        duplicate(url, other)
    else:
        (series.root / "elsewhere").mkdir()
        other = f"sqlite:///{series.root / 'elsewhere/ledger.db'}"
        shutil.copy(series.root / "var/ledger.db", series.root / "elsewhere/ledger.db")
    made = Told(series.root, open_ledger(other))
    yield made
    made.database.close()


def duplicate(url: str, other: str) -> None:
    """Make one database of PostgreSQL a copy of another."""
    names = [make_url(one).database for one in (url, other)]
    server = make_url(url).set(drivername="postgresql+psycopg", database="postgres")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {names[1]}"))
        connection.execute(text(f"CREATE DATABASE {names[1]} TEMPLATE {names[0]}"))
    engine.dispose()


def test_a_copy_refuses_to_send_until_it_is_adopted(series: Told, clone: Told) -> None:
    articles = [entry(0, "first"), entry(1, "second"), entry(2, "third")]
    clone.publish(*articles)
    carrier = Carrier()
    for call in (clone.sender.intend, partial(clone.sender.send, 1)):
        with pytest.raises(Shut, match="newsletter adopt"):
            call(choice=Choice())
    with clone.database.transaction() as connection:
        identity.settle_at(connection, clone.database.home(connection))
    assert ledgers.send(clone, carrier) == 1
    # They share a journal, so the other one is not fooled.
    with pytest.raises(Shut, match=OLDER):
        ledgers.send(series, carrier)
    assert carrier.log == ["ada@example.org"]


def test_the_original_goes_on_beside_its_copy(series: Told, clone: Told) -> None:
    clone.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    carrier = Carrier()
    assert ledgers.send(series, carrier) == 1
    with pytest.raises(Shut, match=rf"(?s)adopt.*{OLDER}|{OLDER}.*adopt"):
        ledgers.send(clone, carrier)
    reconcile(clone)
    with pytest.raises(Shut, match="adopt"):
        ledgers.send(clone, carrier)
    assert carrier.log == ["ada@example.org"]


def test_a_ledger_that_was_moved_refuses_to_send_and_says_where_it_is(series: Told) -> None:
    with series.database.transaction() as connection:
        identity.leave_for(connection, "postgresql://host/name")
    with pytest.raises(Shut, match="goes on elsewhere: postgresql://host/name"):
        series.sender.intend()
    for call in (
        lambda: leave(series, "ada@example.org"),
        lambda: leaving.erase(series.database, journal(series), "ada@example.org", NOW),
        lambda: leaving.record(series.database, journal(series), [], NOW),
    ):
        with pytest.raises(Shut, match="goes on elsewhere"):
            call()
    with series.database.transaction() as connection:
        identity.settle_at(connection, series.database.home(connection))
    assert series.send() == 0


@pytest.mark.usefixtures("postgresql")
def test_a_copy_on_another_server_is_told_apart() -> None:
    """The first database of each server has the same number, and may have the same name."""
    homes = set()
    with postgres.cluster() as one, postgres.cluster() as other:
        for made in (one, other):
            database = open_ledger(made.database())
            with database.transaction() as connection:
                homes.add(database.home(connection))
            database.close()
    assert len(homes) == 2


def test_a_sender_that_has_ended_is_not_alive(postgresql: Callable[[], str]) -> None:
    database = open_ledger(postgresql())
    with database.sending():
        pass
    with database.transaction() as connection:
        others = database.others(connection, "")
    database.close()
    assert others == []


def test_erasing_waits_for_what_is_in_doubt(series: Told) -> None:
    series.subscribe("ada", "bob")
    ledgers.send(series, forgetful(LOST), "newest")
    before = ledgers.everything(series.database)
    with pytest.raises(ProblemsFound, match="send, or settle it"):
        leaving.erase(series.database, journal(series), "ada@example.org", NOW)
    assert ledgers.everything(series.database) == before
    with series.database.transaction() as connection:
        first, second = evidence.unknown(connection)
        evidence.record(connection, evidence.Event("carrier", "delivered", first, "1"), NOW)
    # The bytes that have them both are wanted still, for the other one.
    for name in ("ada", "bob"):
        with pytest.raises(ProblemsFound, match="send, or settle it"):
            leaving.erase(series.database, journal(series), f"{name}@example.org", NOW)
    with series.database.transaction() as connection:
        evidence.record(connection, evidence.Event("carrier", "delivered", second, "2"), NOW)
    assert leaving.erase(series.database, journal(series), "ada@example.org", NOW)
    with series.database.transaction() as connection:
        assert personal.about(connection, "ada@example.org") is None


def test_the_place_of_a_file_is_its_own(tmp_path: Path) -> None:
    database = open_ledger(f"sqlite:///{tmp_path / 'a.db'}")
    with database.transaction() as connection:
        assert identity.home(connection) == (database.home(connection), None)
    database.close()


def come(series: Told, name: str, now: str) -> None:
    """Confirm by the app."""
    with series.database.transaction() as connection:
        joined = joining.join(connection, f"{name}@example.org", now, {"form": "a test"})
    journal(series).joined(now, joined.name)


def go(series: Told, name: str, now: str) -> None:
    emails = [f"{name}@example.org"]
    leaving.leave(series.database, journal(series), emails, joining.Way.PAGE, now)


def test_who_came_since_the_copy_is_brought_back_or_counted(series: Told) -> None:
    series.subscribe("ada", "bob")
    ledgers.send(series, Carrier(), "newest")
    go(series, "ada", "2026-03-01T00:00:00+00:00")
    copy = ledgers.everything(series.database)
    come(series, "ada", LATER)
    come(series, "eve", LATER)
    ledgers.put_back(series.database, copy)
    with pytest.raises(Shut, match=OLDER):
        ledgers.sender(series, Carrier()).intend()
    counts = reconcile(series)
    assert (counts.came, counts.lost) == (1, 1)
    assert reconcile(series) == Counts()
    assert ledgers.sender(series, Carrier()).intend().messages == 0
    with series.database.transaction() as connection:
        assert joining.is_subscriber(connection, "ada@example.org")
        joined = joining.join(connection, "eve@example.org", LATER, {})
    assert joined.outcome is joining.Outcome.BACK
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    carrier = Carrier()
    ledgers.send(series, carrier)
    assert set(carrier.told) == {("third", f"{who}@example.org") for who in ("ada", "bob", "eve")}


def test_who_left_after_coming_stays_away(series: Told) -> None:
    series.subscribe("ada")
    copy = ledgers.everything(series.database)
    go(series, "ada", "2026-03-01T00:00:00+00:00")
    come(series, "ada", LATER)
    go(series, "ada", "2026-03-05T00:00:00+00:00")
    ledgers.put_back(series.database, copy)
    assert reconcile(series, "2026-03-09T00:00:00+00:00") == Counts(left=1)
    with series.database.transaction() as connection:
        assert joining.is_subscriber(connection, "ada@example.org") is None


@pytest.mark.parametrize("then", [LATER, NOW], ids=["later", "in the same second"])
@pytest.mark.parametrize("is_erased", [False, True], ids=["left", "erased"])
def test_who_came_back_stays_when_a_ledger_that_knows_it_is_reconciled(
    series: Told, then: str, *, is_erased: bool
) -> None:
    series.subscribe("ada")
    if is_erased:
        erase(series, "ada")
    else:
        go(series, "ada", NOW)
    come(series, "ada", then)
    ledgers.sender(series, Carrier()).intend(Choice(["newest"]))  # it has forgotten nothing
    before = ledgers.everything(series.database)
    assert reconcile(series, "2026-03-09T00:00:00+00:00") == Counts()
    assert ledgers.everything(series.database) == before


def test_who_left_in_the_second_of_a_coming_that_was_forgotten_is_a_stranger(
    series: Told,
) -> None:
    series.subscribe("ada")
    go(series, "ada", NOW)
    copy = ledgers.everything(series.database)
    come(series, "ada", NOW)
    ledgers.put_back(series.database, copy)
    with pytest.raises(Shut, match=OLDER):
        ledgers.sender(series, Carrier()).intend(Choice(["newest"]))


def test_who_came_and_was_there_already_is_known_to_have_come(series: Told) -> None:
    series.subscribe("ada")
    copy = ledgers.everything(series.database)
    go(series, "ada", "2026-03-01T00:00:00+00:00")
    come(series, "ada", LATER)
    ledgers.put_back(series.database, copy)
    assert reconcile(series).came == 1
    assert reconcile(series) == Counts()
    assert ledgers.sender(series, Carrier()).intend(Choice(["newest"])).messages == 1
