"""The ledger's file and its schema."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, inspect, select
from sqlalchemy.pool import StaticPool

from newsletter.migrations import downgrade, known_versions, upgrade
from newsletter.store import deliveries, subscribers
from newsletter.store.database import HEAD, open_ledger, path_of
from newsletter.store.schema import delivery, metadata, subscriber
from press.problems import Code, ProblemsFound
from tests.newsletter.conftest import Told


def test_the_migrations_make_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        upgrade(connection)
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        fresh = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(fresh)
        made, known = inspect(connection), inspect(fresh)
        for table in metadata.sorted_tables:
            for kind in ("get_check_constraints", "get_unique_constraints", "get_indexes"):
                found = [getattr(one, kind)(table.name) for one in (made, known)]
                by_name = [sorted(rows, key=lambda row: str(row["name"])) for rows in found]
                assert by_name[0] == by_name[1], (table.name, kind)
        fresh.dispose()
    engine.dispose()


def test_the_migrations_go_back_and_forth(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin() as connection:
        upgrade(connection)
        downgrade(connection, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
        upgrade(connection)
        assert set(metadata.tables) <= set(inspect(connection).get_table_names())
    engine.dispose()


def test_the_head_that_the_store_knows_is_the_newest_migration() -> None:
    assert max(known_versions()) == HEAD


def test_it_is_durable_and_guards_its_references(series: Told) -> None:
    with series.database.transaction() as connection:
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
        other = connection.execute(select(subscriber.c.id)).scalars().all()[1]
        changed = {"mailbox": {"subscriber_id": other}, "subscriber_id": {"mailbox": "x@y.z"}}[same]
    with pytest.raises(ProblemsFound, match="UNIQUE"), series.database.transaction() as connection:
        connection.execute(insert(delivery), {**row, "id": "another", **changed})


def test_an_unknown_state_is_refused(series: Told) -> None:
    series.subscribe("ada")
    series.send("newest")
    with pytest.raises(ProblemsFound, match="CHECK"), series.database.transaction() as connection:
        connection.execute(delivery.update().values(state="sent"))


def test_a_failed_transaction_changes_nothing(series: Told) -> None:
    def add_and_fail() -> None:
        with series.database.transaction() as connection:
            list(subscribers.add(connection, ["ada@example.org"], "a test", "now"))
            raise KeyError

    with pytest.raises(KeyError):
        add_and_fail()
    with series.database.transaction() as connection:
        assert subscribers.confirmed(connection) == []


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


def test_a_ledger_of_a_newer_version_is_refused(series: Told) -> None:
    path = series.root / "var/ledger.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ProblemsFound, match="newer Proofpress"):
        open_ledger(f"sqlite:///{path}")


def test_a_ledger_that_another_writes_to_is_a_problem_in_the_end(
    series: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsletter.store.database.BUSY_SECONDS", 0)
    impatient = open_ledger(f"sqlite:///{series.root / 'var/ledger.db'}")
    with (
        series.database.transaction(),
        pytest.raises(ProblemsFound, match="locked"),
        impatient.transaction(),
    ):
        pass
    impatient.close()


@pytest.mark.parametrize(
    "url", ["", "x", "sqlite://", "sqlite:///:memory:", "postgresql://user:secret@host/name"]
)
def test_a_url_that_is_no_sqlite_file_is_a_problem_without_its_secrets(url: str) -> None:
    with pytest.raises(ProblemsFound) as found:
        path_of(url)
    assert "secret" not in str(found.value)


def test_each_ledger_has_a_name_of_its_own(tmp_path: Path) -> None:
    from newsletter.store.schema import installation

    names = set()
    for name in ("a", "b", "a"):
        database = open_ledger(f"sqlite:///{tmp_path / name}.db")
        with database.transaction() as connection:
            names.add(connection.execute(select(installation.c.id)).scalar_one())
        database.close()
    assert len(names) == 2


def test_adding_tells_what_came_of_each_address(series: Told) -> None:
    series.subscribe("ada", "bob")
    series.unsubscribe("bob")
    series.unsubscribe("stranger")
    emails = [
        "Ada@Example.org",
        "bob@example.org",
        "stranger@example.org",
        "new@x.org",
        "NEW@x.org",
    ]
    with series.database.transaction() as connection:
        outcomes = [str(one.name) for one in subscribers.add(connection, emails, "a test", "now")]
    assert outcomes == ["ALREADY", "LEFT", "LEFT", "ADDED", "ALREADY"]


def test_it_keeps_how_everyone_came_and_went(series: Told) -> None:
    series.subscribe("ada")
    series.unsubscribe("ada")
    series.unsubscribe("ada")
    with series.database.transaction() as connection:
        [account] = subscribers.everyone(connection)
    assert (account.email, account.standing, account.how) == (
        "ada@example.org", "unsubscribed", "a test",
    )  # fmt: skip


def test_many_deliveries_change_together(series: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "PARAMETERS", 2)
    series.subscribe("a1", "a2", "a3", "a4", "a5")
    assert series.send("newest") == 5
    assert series.states() == {"accepted": 5}
