"""The ledger's tables, in each engine: how they come to be, and what they refuse."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from newsletter.addresses import key
from newsletter.migrations import downgrade, known_versions, upgrade
from newsletter.store.database import HEAD, open_ledger
from newsletter.store.schema import delivery, metadata, subscriber
from press.problems import Code, ProblemsFound
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told


@pytest.fixture
def empty(tmp_path: Path, url: str) -> Iterator[Engine]:
    """An empty database of each engine in turn, as the product connects to it."""
    made = ledgers.engine(url or f"sqlite:///{tmp_path / 'a.db'}")
    yield made
    made.dispose()


def described(connection: Connection) -> dict[str, Any]:
    """The tables of a database, as it tells of them."""
    made = inspect(connection)
    kinds = ("columns", "check_constraints", "unique_constraints", "indexes", "foreign_keys")
    found: dict[str, Any] = {}
    for table in metadata.tables:
        for kind in kinds:
            rows = getattr(made, f"get_{kind}")(table)
            plain = [{k: str(v) for k, v in row.items() if k != "comment"} for row in rows]
            found[f"{table} {kind}"] = sorted(plain, key=lambda row: row["name"])
    return found


def test_the_migrations_make_the_tables_that_the_code_knows(
    empty: Engine, url: str, request: pytest.FixtureRequest
) -> None:
    fresh_url = request.getfixturevalue("postgresql")() if url else "sqlite://"
    fresh = create_engine(fresh_url.replace("postgresql:", "postgresql+psycopg:"))
    with empty.begin() as connection, fresh.begin() as other:
        upgrade(connection)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        metadata.create_all(other)
        assert described(connection) == described(other)
    fresh.dispose()


def test_the_head_that_the_store_knows_is_the_newest_migration() -> None:
    assert max(known_versions()) == HEAD


STATES = (
    "planned", "reserved", "attempting", "accepted", "delivered",
    "bounced", "complained", "rejected", "unknown", "skipped",
)  # fmt: skip

OLD = (
    "INSERT INTO installation VALUES ('theirs')",
    "INSERT INTO suppression VALUES ('b@x.org', 'removed', 'then')",
    "INSERT INTO announcement VALUES (1, 'known', 'new', 1, 'Known', 'then')",
    "INSERT INTO announcement VALUES (2, 'told', 'new', 0, 'Told', 'then')",
    "INSERT INTO announcement VALUES (3, 'other', 'new', 0, 'Other', 'then')",
    "INSERT INTO batch VALUES (7, 2, 'outbox', 'k', NULL, 's', 1, 'then')",
    "INSERT INTO batch VALUES (8, 2, 'outbox', 'l', '\\x00ff', 's', 2, 'then')",
    "INSERT INTO attempt VALUES (1, 7, 1, 'then', 'later', 'answered')",
    "INSERT INTO attempt VALUES (2, 8, 2, 'then', NULL, NULL)",
    *(
        f"INSERT INTO subscriber VALUES ({n}, '{who}@X.org', '{who.lower()}@x.org', 't{n}', "
        f"'{'unsubscribed' if n == 2 else 'confirmed'}', 'then')"
        for n, who in enumerate("AbcdefghijKl", 1)
    ),
    *(f"INSERT INTO consent VALUES ({n}, {n}, 'confirmed', 'a test', 'then')" for n in (1, 2, 3)),
    *(
        f"INSERT INTO delivery VALUES ('d{n}', 2, {n}, '{n}@x.org', '{state}', '{state[:2]}', "
        f"{8 if state in ('reserved', 'attempting', 'unknown') else 7}, 'then')"
        for n, state in enumerate(STATES, 1)
    ),
    "INSERT INTO delivery VALUES ('e1', 3, 1, 'a@x.org', 'skipped', 'suppressed', NULL, 'then')",
    "INSERT INTO delivery VALUES ('e2', 3, 2, 'b@x.org', 'skipped', 'unsubscribed', NULL, 'then')",
)
"""A ledger of the first version, with deliveries in each state."""


def old_rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All rows, but for what only later versions have."""
    found = {}
    for name in inspect(connection).get_table_names():
        columns = [one["name"] for one in inspect(connection).get_columns(name)]
        kept = ", ".join(f'"{one}"' for one in columns if one not in NEW.get(name, ()))
        if name not in NEW_TABLES:
            rows = connection.execute(text(f"SELECT {kept} FROM {name}")).all()
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found


NEW_TABLES = (
    "alembic_version", "tally", "event", "pace", "verdict", "topic", "ask", "note", "link", "cover",
    "version",
)  # fmt: skip
NEW = {
    "installation": ("home", "moved_to"),
    "subscriber": ("key", "cadence", "every_days", "paused", "moved_to", "soft_bounces"),
    "consent": ("form", "wording", "asked_at", "asked_from", "confirmed_from"),
    "announcement": ("revision",),
    "batch": ("owner",),
}


@pytest.fixture
def old(empty: Engine) -> Engine:
    """A database with a ledger of the first version."""
    with empty.begin() as connection:
        upgrade(connection, "0001")
        for statement in OLD:
            connection.execute(text(statement))
    return empty


def test_a_ledger_with_deliveries_goes_forward_and_back_and_loses_nothing(old: Engine) -> None:
    with old.begin() as connection:
        before, tables = old_rows(connection), described_all(connection)
    for _ in range(2):
        with old.begin() as connection:
            upgrade(connection)
        with old.begin() as connection:
            assert old_rows(connection) == before
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            ledgers.require_true_tallies(connection)
            keys = connection.execute(select(subscriber.c.key, subscriber.c.mailbox)).all()
            assert all(one == key("theirs", mailbox) for one, mailbox in keys)
        with old.begin() as connection:
            downgrade(connection, "0001")
        with old.begin() as connection:
            assert old_rows(connection) == before
            assert described_all(connection) == tables


def described_all(connection: Connection) -> dict[str, Any]:
    made = inspect(connection)
    return {
        table: (
            [(one["name"], str(one["type"]), one["nullable"]) for one in made.get_columns(table)],
            sorted(one["sqltext"] for one in made.get_check_constraints(table)),
            sorted(one["column_names"] for one in made.get_unique_constraints(table)),
            sorted(one["column_names"] for one in made.get_indexes(table)),
            sorted(one["constrained_columns"] for one in made.get_foreign_keys(table)),
        )
        for table in made.get_table_names()
    }


@pytest.mark.usefixtures("old")
def test_a_ledger_that_has_come_forward_is_one_to_go_on_with(url: str, tmp_path: Path) -> None:
    database = open_ledger(url or f"sqlite:///{tmp_path / 'a.db'}")
    series = Told(tmp_path, database)
    assert series.states() == {**dict.fromkeys(STATES, 1), "skipped": 3}
    with database.transaction() as connection:
        assert connection.execute(text("SELECT id, moved_to FROM installation")).all() == [
            ("theirs", None)
        ]
        assert connection.execute(text("SELECT home FROM installation")).scalar() == database.home(
            connection
        )
    series.subscribe("someone")
    database.close()


def test_what_only_the_second_version_can_say_is_said_otherwise_in_the_first(old: Engine) -> None:
    with old.begin() as connection:
        before = old_rows(connection)
        upgrade(connection)
    with old.begin() as connection:
        connection.execute(text("UPDATE subscriber SET standing = 'erased' WHERE id = 1"))
        connection.execute(text("UPDATE subscriber SET standing = 'missing' WHERE id = 3"))
        for statement in (
            "INSERT INTO announcement VALUES (9, 'told', 'update', 0, 'T', 'then', 'r')",
            "INSERT INTO batch VALUES (9, 9, 'outbox', 'm', NULL, 's', 1, 'then', '')",
            "INSERT INTO attempt VALUES (9, 9, 1, 'then', NULL, NULL)",
            "INSERT INTO delivery VALUES ('u', 9, 1, 'a@x.org', 'unknown', '', 9, 'then')",
            "INSERT INTO verdict VALUES (1, 'u', 'assume sent', '', 'then')",
            "INSERT INTO pace VALUES ('outbox', 1.5, '')",
        ):
            connection.execute(text(statement))
    with old.begin() as connection:
        downgrade(connection, "0001")
        after = old_rows(connection)
    standings = {row[0]: row[4] for row in after["subscriber"]}
    assert {standings[1], standings[2], standings[3]} == {"unsubscribed"}
    assert standings[4] == "confirmed"
    assert {**after, "subscriber": None} == {**before, "subscriber": None}


def test_a_digest_stays_as_an_article_when_the_ledger_goes_back(old: Engine) -> None:
    with old.begin() as connection:
        upgrade(connection)
        for statement in (
            "INSERT INTO announcement VALUES (9, 'digest-1', 'digest', 0, 'T', 'then', '')",
            "INSERT INTO cover VALUES (9, 'told')",
            "INSERT INTO delivery VALUES ('u', 9, 1, 'a@x.org', 'accepted', '', NULL, 'then')",
        ):
            connection.execute(text(statement))
    with old.begin() as connection:
        downgrade(connection, "0002")
        kept = text("SELECT article_id, kind FROM announcement WHERE id = 9")
        assert connection.execute(kept).all() == [("digest-1", "new")]
        states = text("SELECT state FROM delivery WHERE id = 'u'")
        assert connection.execute(states).scalars().all() == ["accepted"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM subscriber WHERE id = 1",
        "DELETE FROM announcement WHERE id = 2",
        "UPDATE subscriber SET standing = 'other'",
        "UPDATE delivery SET state = 'sent'",
        "UPDATE delivery SET announcement_id = 77 WHERE id = 'd1'",
        "INSERT INTO announcement VALUES (9, 'told', 'new', 0, 'Again', 'then', '')",
        "UPDATE subscriber SET mailbox = 'a@x.org' WHERE id = 2",
        "UPDATE delivery SET mailbox = '1@x.org' WHERE id = 'd2'",
        "UPDATE delivery SET subscriber_id = 1 WHERE id = 'd2'",
    ],
)
def test_a_ledger_that_has_come_forward_refuses_what_can_not_be(
    old: Engine, statement: str
) -> None:
    with old.begin() as connection:
        upgrade(connection)
    with pytest.raises(IntegrityError), old.begin() as connection:
        connection.execute(text(statement))


def test_a_migration_that_fails_changes_nothing(
    old: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with old.begin() as connection:
        before = connection.execute(text("SELECT version_num FROM alembic_version")).all()
        rows, tables = old_rows(connection), described_all(connection)

    def die(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr("alembic.op.create_index", die)  # at its last steps
    with pytest.raises(KeyError), old.begin() as connection:
        upgrade(connection)
    with old.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == before
        assert (old_rows(connection), described_all(connection)) == (rows, tables)


def test_sqlite_is_durable_and_guards_its_references(embedded: Told) -> None:
    with embedded.database.transaction() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("same", ["subscriber_id", "mailbox"])
def test_the_database_itself_refuses_a_second_delivery(series: Told, same: str) -> None:
    series.subscribe("ada", "bob")
    series.send("newest")
    with series.database.transaction() as connection:
        row = dict(connection.execute(select(delivery)).mappings().first() or {})
        other = connection.execute(
            select(subscriber.c.id).where(subscriber.c.id != row["subscriber_id"])
        ).scalar_one()
        changed = {"mailbox": {"subscriber_id": other}, "subscriber_id": {"mailbox": "x@y.z"}}[same]
    with (
        pytest.raises(ProblemsFound, match=r"UNIQUE|unique"),
        series.database.transaction() as connection,
    ):
        connection.execute(insert(delivery), {**row, "id": "another", **changed})


def test_a_failed_transaction_changes_nothing(series: Told) -> None:
    before = ledgers.everything(series.database)

    def add_and_fail() -> None:
        with series.database.transaction() as connection:
            connection.execute(text("INSERT INTO pace VALUES ('x', 0, '')"))
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()
    assert ledgers.everything(series.database) == before


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to look at" * 99, b"\0" * 4096]
)
def test_a_file_that_is_no_ledger_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.db").write_bytes(content)
    with pytest.raises(ProblemsFound) as found:
        open_ledger(f"sqlite:///{tmp_path / 'a.db'}")
    assert found.value.problems[0].code is Code.BAD_LEDGER
    assert (tmp_path / "a.db").read_bytes() == content


def test_a_folder_in_the_way_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    with pytest.raises(ProblemsFound, match="can't use this ledger"):
        open_ledger(f"sqlite:///{tmp_path / 'a.db'}")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProblemsFound, match="can't use this ledger"):
        open_ledger(f"sqlite:///{tmp_path / 'file' / 'a.db'}")


def test_a_ledger_of_a_newer_version_is_refused(series: Told, url: str) -> None:
    with series.database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ProblemsFound, match="newer Proofpress"):
        open_ledger(url or f"sqlite:///{series.root / 'var/ledger.db'}")


def test_a_ledger_that_another_writes_to_is_a_problem_in_the_end(
    embedded: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsletter.store.sqlite.BUSY_SECONDS", 0)
    impatient = open_ledger(f"sqlite:///{embedded.root / 'var/ledger.db'}")
    with (
        embedded.database.transaction(),
        pytest.raises(ProblemsFound, match="locked"),
        impatient.transaction(),
    ):
        pass
    impatient.close()


def test_a_ledger_can_be_read_while_another_writes_to_it(embedded: Told) -> None:
    path = embedded.root / "var/ledger.db"
    with embedded.database.transaction(), closing(sqlite3.connect(path)) as reader:
        assert reader.execute("SELECT count(*) FROM installation").fetchone() == (1,)


SECRET = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "sqlite://",
        "sqlite:///:memory:",
        f"mysql://user:{SECRET}@host/name",
        f"postgresql://user:{SECRET}@host",
        f"postgresql://user:@host:{SECRET}/name",
        f"postgresql://user:pass@{SECRET}@127.0.0.1/name",
        f"postgresql://user:pass@127.0.0.1/{SECRET}@host/name",
    ],
)
def test_a_url_that_is_none_of_ours_is_a_problem_without_its_secrets(url: str) -> None:
    with pytest.raises(ProblemsFound) as found:
        open_ledger(url)
    assert SECRET not in str(found.value)


def test_each_ledger_has_a_name_of_its_own(
    tmp_path: Path, url: str, request: pytest.FixtureRequest
) -> None:
    from newsletter.store import identity

    make: Callable[[], str] | None = request.getfixturevalue("postgresql") if url else None
    urls = [url, make()] if make else [f"sqlite:///{tmp_path / name}.db" for name in "ab"]
    names = []
    for one in (*urls, urls[0]):
        database = open_ledger(one)
        with database.transaction() as connection:
            names.append(identity.name(connection))
        database.close()
    assert names[0] == names[2] != names[1]
