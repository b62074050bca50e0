"""A whole ledger is carried to another database, or nothing is; and never may both send."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, insert, select, text, update
from sqlalchemy.engine import make_url

from newsletter import leaving
from newsletter.gates import Shut
from newsletter.handing import Paused
from newsletter.http import Refused
from newsletter.model import Failure
from newsletter.opening import journal_of
from newsletter.place import of_author
from newsletter.send import Choice
from newsletter.store import (
    evidence,
    identity,
    moving,
    pace,
    personal,
    schema,
    subscribers,
    tallies,
)
from newsletter.store.database import Database, open_ledger
from newsletter.store.schema import metadata, subscriber
from press.manifest import Change
from press.problems import ProblemsFound
from tests.conftest import REPOSITORY
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told, entry, make_series
from tests.newsletter.ledgers import LOST, NOW, Carrier, forgetful


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite", "sqlite to sqlite"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The URLs of two empty ledgers."""
    urls = []
    for number, engine in enumerate(request.param.split(" to ")):
        if engine == "sqlite":
            urls.append(f"sqlite:///{tmp_path / f'{number}' / 'ledger.db'}")
        else:
            urls.append(request.getfixturevalue("postgresql")())
    return urls[0], urls[1]


@pytest.fixture
def series(tmp_path: Path, way: tuple[str, str]) -> Iterator[Told]:
    made = make_series(tmp_path, way[0])
    yield made
    made.database.close()


@pytest.fixture
def target(tmp_path: Path, way: tuple[str, str]) -> Iterator[Told]:
    made = Told(tmp_path, open_ledger(way[1]))
    yield made
    made.database.close()


ASKED: dict[Table, dict[str, object]] = {
    schema.ask: {
        "id": 1, "email": "", "name": "sha256:0", "form": "series", "wording": "1",
        "network": "192.0.2.0/24", "state": "mailed", "at": NOW,
    },
    schema.note: {
        "id": 1, "kind": "confirm", "email": "hal@example.org", "ask_id": 1, "state": "accepted",
        "at": NOW,
    },
    schema.link: {
        "id": 1, "purpose": "confirm", "digest": "0" * 64, "note_id": 1, "expires_at": NOW,
    },
    schema.topic: {"subscriber_id": 6, "tag": "async"},
    schema.cover: {"announcement_id": 1, "article_id": "first"},
}  # fmt: skip
"""What people did by forms."""


def fill(series: Told) -> Carrier:
    """Put something into each table, with deliveries in many states; who carried it."""
    series.subscribe("ada", "bob", "cy", "dee", "eve", "fay")
    quota = Refused(Failure.QUOTA, "enough")
    answers = [LOST, *["accepted"] * 3, quota]
    carrier = forgetful(*answers)
    ledgers.send(series, carrier, "newest")
    with series.database.transaction() as connection:
        first, _ = evidence.unknown(connection)
        evidence.decide(connection, [first], evidence.Decided.SENT, "“so it is”", NOW)
        told = evidence.Event("carrier", "delivered", first, '{"é": "\N{PILE OF POO}"}')
        evidence.record(connection, told, NOW)
        list(subscribers.add(connection, ["gus@example.org"], "a test", NOW))
        subscribers.remove_all(connection, ["fay@example.org", "x@y.org"], "a test", NOW)
        personal.erase(connection, "eve@example.org", NOW)
        pace.wait(connection, "carrier", 0.25, "so it says", 1e9)
        for table, row in ASKED.items():
            connection.execute(insert(table), row)
    changed = entry(2, "third", changes=(Change(NOW, "Mended."),))
    series.publish(entry(0, "first"), entry(1, "second"), changed)
    with pytest.raises(Paused):
        ledgers.send(series, carrier)
    assert series.states() == {"accepted": 6, "delivered": 1, "unknown": 1, "planned": 3}
    for name, rows in ledgers.everything(series.database).items():
        assert rows, name
    return carrier


def plain(rows: ledgers.Rows) -> ledgers.Rows:
    """All that must be the same in each copy, in one order."""
    kept = {name: sorted(found, key=repr) for name, found in rows.items()}
    kept["installation"] = [{"id": row["id"]} for row in rows["installation"]]
    return kept


def test_all_is_there_and_the_same(series: Told, target: Told) -> None:
    fill(series)
    before = ledgers.everything(series.database)
    counts = moving.move(series.database, target.database)
    assert counts == {name: len(rows) for name, rows in before.items()}
    assert plain(ledgers.everything(target.database)) == plain(before)
    assert plain(ledgers.everything(series.database)) == plain(before)
    assert any(row["payload"] for row in ledgers.everything(target.database)["batch"])


def test_the_new_one_goes_on_and_nobody_is_told_twice(series: Told, target: Told) -> None:
    carrier = fill(series)
    moving.move(series.database, target.database)
    with pytest.raises(Shut, match="goes on elsewhere"):
        ledgers.send(series, carrier)
    target.publish(*(entry(n, name) for n, name in enumerate(["first", "second", "third", "four"])))
    target.subscribe("hal")
    ledgers.send(target, carrier)
    assert set(carrier.told.values()) == {1}
    told = Counter(article for article, _ in carrier.told)
    assert told == {"second": 6, "third": 5, "four": 6}
    with target.database.planning() as connection:
        ledgers.require_true_tallies(connection)
        tallies.compact(connection)
        ledgers.require_true_tallies(connection)


def test_ids_go_on_counting(series: Told, target: Told) -> None:
    fill(series)
    moving.move(series.database, target.database)
    before = ledgers.everything(target.database)
    for table in metadata.sorted_tables:
        if "id" in table.c and isinstance(before[table.name][0]["id"], int):
            newest = max(row["id"] for row in before[table.name])
            row = {**before[table.name][0], **unique(table)}
            del row["id"]
            with target.database.transaction() as connection:
                made = connection.execute(table.insert(), row).inserted_primary_key
            assert made
            assert made[0] == newest + 1, table.name


def unique(table: Table) -> dict[str, str]:
    """Other values for what must be its own."""
    names = ("mailbox", "token", "key", "revision", "dedupe", "digest")
    return {name: f"other {name}"[:16] for name in names if name in table.c}


def test_it_can_come_back_to_a_new_place(series: Told, target: Told, tmp_path: Path) -> None:
    fill(series)
    before = ledgers.everything(series.database)
    moving.move(series.database, target.database)
    last = Told(tmp_path, open_ledger(f"sqlite:///{tmp_path / 'last' / 'ledger.db'}"))
    moving.move(target.database, last.database)
    assert plain(ledgers.everything(last.database)) == plain(before)
    with pytest.raises(Shut, match=r"last/ledger\.db"):
        target.sender.intend()
    assert last.sender.intend()
    last.database.close()


def test_an_empty_ledger_can_be_moved(series: Told, target: Told) -> None:
    moving.move(series.database, target.database)
    target.subscribe("ada")
    assert target.send("newest") == 1


def refused(series: Told, target: Told, match: str) -> None:
    """Moving is refused, and changes neither."""
    before = [ledgers.everything(one.database) for one in (series, target)]
    with pytest.raises(ProblemsFound, match=match):
        moving.move(series.database, target.database)
    assert [ledgers.everything(one.database) for one in (series, target)] == before


def test_a_target_in_use_is_refused(series: Told, target: Told) -> None:
    fill(series)
    target.subscribe("other")
    refused(series, target, "this ledger is in use")


@pytest.mark.parametrize("name", [table.name for table in metadata.sorted_tables])
def test_a_target_with_anything_in_it_is_refused(embedded: Told, tmp_path: Path, name: str) -> None:
    fill(embedded)
    target = Told(tmp_path, open_ledger(f"sqlite:///{tmp_path / 'target.db'}"))
    table = metadata.tables[name]
    with target.database.transaction() as connection:
        if name != "installation":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            row = ledgers.everything(embedded.database)[name][0]
            free = {c.name: None for c in table.c if c.foreign_keys and c.nullable}
            needed = [c for c in table.c if c.foreign_keys and not c.nullable]
            if needed:
                return  # it can't be there without others
            connection.execute(table.insert(), {**row, **free})
    if name == "installation":
        moving.move(embedded.database, target.database)
    else:
        refused(embedded, target, "this ledger is in use")
    target.database.close()


def test_a_ledger_is_not_moved_to_where_it_is(series: Told, way: tuple[str, str]) -> None:
    fill(series)
    before = ledgers.everything(series.database)
    again = open_ledger(way[0].replace("/ledger.db", "/../0/ledger.db"))
    with pytest.raises(ProblemsFound, match="there already"):
        moving.move(series.database, again)
    again.close()
    assert ledgers.everything(series.database) == before


def goes_on(series: Told, target: Told) -> None:
    """After a move that came to nothing, the old one sends, and can be moved."""
    assert series.sender.intend().messages
    moving.move(series.database, target.database)
    assert target.sender.intend().messages


def test_a_failure_in_the_middle_changes_nothing(
    series: Told, target: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(series)
    whole = moving._copy
    for fatal in metadata.sorted_tables:

        def failing(table: Table, old: Connection, new: Connection, at: Table = fatal) -> int:
            count = whole(table, old, new)
            if table is at:
                new.execute(text("SELECT nothing FROM nowhere"))
            return count

        with monkeypatch.context() as patched:
            patched.setattr(moving, "_copy", failing)
            refused(series, target, "can't use this ledger")
    goes_on(series, target)


def changed(table: Table, new: Connection) -> None:
    """Make a row of a table another one, in the least."""
    own = [c for c in table.c if not (c.foreign_keys or c.nullable)]
    column = next((c for c in reversed(own) if not c.primary_key), own[-1])
    kind = column.type.python_type
    other = func.coalesce(func.nullif(func.substr(column, 2), ""), "x")
    less: Any = other if kind is str else column - (1 if kind is int else 0.001)
    new.execute(update(table).values({column.name: less}))


def test_a_difference_in_the_least_is_noticed(
    series: Told, target: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(series)
    whole = moving._verify
    for table in metadata.sorted_tables:

        def tampered(old: Connection, new: Connection, where: str, at: Table = table) -> None:
            changed(at, new)
            whole(old, new, where)

        with monkeypatch.context() as patched:
            patched.setattr(moving, "_verify", tampered)
            refused(series, target, f"the table {table.name} is not the same there")
    goes_on(series, target)


def test_bytes_that_differ_and_rows_that_are_missing_are_noticed(
    series: Told, target: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(series)
    whole = moving._verify
    for statement in (
        "UPDATE batch SET payload = payload || payload WHERE payload IS NOT NULL",
        "UPDATE batch SET payload = NULL",
        "DELETE FROM event",
        "UPDATE delivery SET reason = reason || ' '",
    ):

        def tampered(old: Connection, new: Connection, where: str, do: str = statement) -> None:
            new.execute(text(do))
            whole(old, new, where)

        with monkeypatch.context() as patched:
            patched.setattr(moving, "_verify", tampered)
            refused(series, target, "is not the same there")
    goes_on(series, target)


class Died(BaseException):
    """The process that moves a ledger, between two of its steps."""


def dying(*_: object) -> None:
    raise Died


def test_who_dies_before_the_old_one_says_so_leaves_one_that_may_send(
    series: Told, target: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(series)
    with monkeypatch.context() as patched:
        patched.setattr(identity, "leave_for", dying)
        with pytest.raises(Died):
            moving.move(series.database, target.database)
    with pytest.raises(Shut, match="newsletter adopt"):
        target.sender.intend()
    assert series.sender.intend().messages


def test_who_dies_after_that_leaves_none_until_a_person_says_so(
    series: Told, target: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(series)
    with monkeypatch.context() as patched:
        patched.setattr(identity, "settle_at", dying)
        with pytest.raises(Died):
            moving.move(series.database, target.database)
    with pytest.raises(Shut, match="newsletter adopt"):
        target.sender.intend()
    with pytest.raises(Shut, match="goes on elsewhere"):
        series.sender.intend()
    with target.database.transaction() as connection:
        identity.settle_at(connection, target.database.home(connection))
    assert target.sender.intend().messages


def test_who_leaves_while_it_is_moved_is_gone_in_the_new_one(series: Told, target: Told) -> None:
    fill(series)
    names = [f"reader{n}" for n in range(200)]
    series.subscribe(*names)
    with series.database.transaction() as connection:
        journal = journal_of(series.place, connection)
    left: list[str] = []
    begun = threading.Event()

    def go() -> None:
        with suppress(Shut):
            for name in names:
                email = f"{name}@example.org"
                leaving.leave(series.database, journal, [email], "a test", NOW)
                left.append(email)
                begun.set()

    thread = threading.Thread(target=go)
    thread.start()
    begun.wait()
    moving.move(series.database, target.database)
    thread.join()
    with target.database.transaction() as connection:
        query = select(subscriber.c.email).where(
            subscriber.c.standing == "unsubscribed", subscriber.c.email.startswith("reader")
        )
        gone = set(connection.execute(query).scalars())
    assert gone == set(left)


def test_events_that_come_while_it_is_moved_are_in_one_of_the_two(
    series: Told, target: Told
) -> None:
    """And none is refused for having been in each other's way."""
    fill(series)
    with series.database.transaction() as connection:
        journal = journal_of(series.place, connection)
    kept: list[str] = []
    begun = threading.Event()

    def tell() -> None:
        with suppress(Shut):
            for number in range(500):
                told = evidence.Event("carrier", "opened", "", f"number {number}")
                leaving.record(series.database, journal, [told], NOW)
                kept.append(told.raw)
                begun.set()

    thread = threading.Thread(target=tell)
    thread.start()
    begun.wait()
    moving.move(series.database, target.database)
    thread.join()
    there = {row["raw"] for row in ledgers.everything(target.database)["event"]}
    assert {raw for raw in there if raw.startswith("number")} == set(kept)


def test_who_looks_at_it_while_it_is_moved_sees_where_it_goes(
    series: Told, target: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that begins in the midst of it must not go on with the old one."""
    fill(series)
    sender = series.sender
    found: list[object] = []
    whole = moving._verify

    def send() -> None:
        try:
            found.append(sender.send(3, Choice()))
        except ProblemsFound as error:
            found.append(error)

    thread = threading.Thread(target=send)

    def verify(old: Connection, new: Connection, where: str) -> None:
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        whole(old, new, where)

    monkeypatch.setattr(moving, "_verify", verify)
    moving.move(series.database, target.database)
    thread.join()
    assert isinstance(found[0], Shut)
    assert "goes on elsewhere" in str(found[0])


def test_a_ledger_that_others_send_from_stays(
    tmp_path: Path, postgresql: Callable[[], str]
) -> None:
    url = postgresql()
    series = make_series(tmp_path, url)
    target = Told(tmp_path, open_ledger(f"sqlite:///{tmp_path / 'target.db'}"))
    other = open_ledger(url)
    with other.sending():
        refused(series, target, "others are sending")
    other.close()
    with series.database.sending() as right:
        moving.move(series.database, target.database, right.owner)
    for one in (series, target):
        one.database.close()


SECRET = "hunter2"


@pytest.mark.parametrize(
    "way", [("user", f"tests:{SECRET}@", ""), ("query", "", f"&password={SECRET}")]
)
def test_no_password_is_written_down_or_shown(
    tmp_path: Path, postgresql: Callable[[], str], way: tuple[str, str, str]
) -> None:
    url = postgresql().replace("tests@", way[1] or "tests@") + way[2]
    series = make_series(tmp_path)
    series.subscribe("ada")
    target = open_ledger(url)
    moving.move(series.database, target)
    with pytest.raises(Shut) as found:
        series.sender.intend()
    assert f"/{make_url(url).database}" in str(found.value)
    for seen in (str(found.value), str(ledgers.everything(series.database)), repr(target.name)):
        assert SECRET not in seen
    assert moving.has_secret(url)
    series.database.close()
    target.close()


def test_no_password_is_in_the_repr_of_a_ledger(postgresql: Callable[[], str]) -> None:
    database = open_ledger(f"{postgresql()}&password={SECRET}")
    seen = repr(database)
    database.close()
    assert SECRET not in seen


def test_no_password_is_in_the_repr_of_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOFPRESS_LEDGER", f"postgresql://user:{SECRET}@host/name")
    assert SECRET not in repr(of_author(tmp_path))


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("postgresql://user@host/name", False),
        ("sqlite:///folder/ledger.db", False),
        (f"postgresql://user:{SECRET}@host/name", True),
        (f"postgresql://host/name?password={SECRET}", True),
        (f"postgresql://host/name?user=a&sslpassword={SECRET}", True),
        (f"postgresql://user:@host:{SECRET}/name", True),
        ("nonsense", False),
    ],
)
def test_a_url_with_a_password_is_told_from_others(url: str, secret: bool) -> None:
    assert moving.has_secret(url) == secret


MOVE = """
import re, sys
from pathlib import Path
from newsletter.store import moving
from newsletter.store.database import open_ledger
source, target = map(open_ledger, sys.argv[1:])
counts = moving.move(source, target)
# Not by getrusage, which tells what whoever started this has taken.
print(counts["delivery"], re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def test_a_long_ledger_takes_no_more_memory(tmp_path: Path, postgresql: Callable[[], str]) -> None:
    source = f"sqlite:///{tmp_path / 'ledger.db'}"
    database = open_ledger(source)
    _grow(database, 40_000)
    database.close()
    for target in (postgresql(), f"sqlite:///{tmp_path / 'other.db'}"):
        done = subprocess.run(
            [sys.executable, "-c", MOVE, source, target],
            cwd=REPOSITORY, capture_output=True, text=True, check=True,
        )  # fmt: skip
        moved, kilobytes = map(int, done.stdout.split())
        assert moved == 40_000
        assert kilobytes < 150_000
        source = target


def _grow(database: Database, count: int) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO announcement VALUES (1, 'a', 'new', 0, 'A', 'now', '')"
        )
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < {count})"
        connection.exec_driver_sql(
            f"{numbers} INSERT INTO subscriber (id, email, mailbox, token, "
            "standing, created_at, key) SELECT i, i||'@x.org', i||'@x.org', 't'||i, "
            "'confirmed', 'now', 'k' FROM n"
        )
        connection.exec_driver_sql(
            "INSERT INTO batch SELECT id, 1, 'outbox', id, zeroblob(1000000), '', 1, 'now', '' "
            "FROM subscriber WHERE id <= 50"
        )
        connection.exec_driver_sql(
            "INSERT INTO delivery SELECT 'd'||id, 1, id, mailbox, 'accepted', '', 1, 'now' "
            "FROM subscriber"
        )
