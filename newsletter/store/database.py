"""Opens a ledger: its engine, its schema brought up to date, and the right to send from it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from sqlalchemy import URL, Engine, create_engine, insert, inspect, select, text, update
from sqlalchemy import Connection as Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from newsletter.store import postgresql, sqlite
from newsletter.store.schema import installation, metadata
from press.problems import Code, Problem, ProblemsFound

HEAD = "0004"
"""The newest migration: a ledger that has it needs no look at the others."""


@dataclass(frozen=True, slots=True)
class Right:
    """The right to send, held by a sender of this name."""

    owner: str
    hangs_on: Connection | None = None

    def require(self) -> None:
        """Raise ProblemsFound where it is lost: others take what we have for left behind."""
        if self.hangs_on is not None:
            with problems_of("the ledger"):
                self.hangs_on.execute(text("SELECT 1"))


@dataclass(frozen=True, slots=True)
class Database:
    """An open ledger. Every fault of its file or server is a Problem."""

    name: str
    """As problems call it."""
    engine: Engine = field(repr=False)  # its URL may hold a password
    path: Path | None
    """The file of SQLite; None where a server has it."""

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing. In SQLite a writer waits for the other writers first."""
        with problems_of(self.name), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only looks: it waits for no writer, and none waits for it."""
        with problems_of(self.name), self.engine.connect() as connection:
            options = {"is_reading": True, "postgresql_readonly": True}
            with connection.execution_options(**options).begin():
                yield connection

    @contextmanager
    def rehearsal(self) -> Iterator[Connection]:
        """A transaction that is taken back at its end."""
        with problems_of(self.name), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def sending(self) -> Iterator[Right]:
        """Hold the right to send; the system takes it back when the process ends, however it ends.

        Raises ProblemsFound while another process holds it, where there is but one.
        """
        with ExitStack() as held:
            with problems_of(self.name):
                right = self._right(held)
            yield right

    def _right(self, held: ExitStack) -> Right:
        if self.path is None:
            return Right(*held.enter_context(postgresql.sender(self.engine)))
        if held.enter_context(sqlite.sole(self.path)):
            return Right(sqlite.SOLE)
        message = "another process is sending from this ledger"
        hint = "let it end; nothing is lost if it does not"
        raise ProblemsFound([Problem(self.name, 0, 0, Code.REFUSED, message, hint)])

    def others(self, connection: Connection, own: str) -> list[str]:
        """The senders that live now, but for our own."""
        if self.path is not None:
            return []
        return [one for one in postgresql.alive(connection) if one != own]

    @contextmanager
    def planning(self) -> Iterator[Connection]:
        """A transaction in which nobody else counts and announces."""
        with self.transaction() as connection:
            if self.path is None:
                postgresql.wait_to_plan(connection)
            yield connection

    def learn(self, connection: Connection) -> None:
        """Take note of how many deliveries there are, where that helps."""
        if self.path is None:
            postgresql.learn(connection)

    def home(self, connection: Connection) -> str:
        """Which ledger this is, as a name: that of a copy elsewhere is another one."""
        place = sqlite.home(self.path) if self.path else postgresql.home(connection)
        return sha256(place.encode()).hexdigest()

    def close(self) -> None:
        self.engine.dispose()


def _parsed(url: str) -> URL:
    """A ledger's URL. Raises ProblemsFound for what is none; only its kind is said."""
    try:
        parsed = make_url(url)
        kind, name = parsed.get_backend_name(), parsed.database
        at_sign = kind == "postgresql" and "@" in f"{parsed.host}{name}"
    except (ArgumentError, ValueError):
        kind, name, at_sign = "unreadable", None, False
    if at_sign:  # the rest of a password, which would be shown as a name
        message = "the ledger's URL has an @ too many"
        hint = "write an @ in a password as %40"
        raise ProblemsFound([Problem("PROOFPRESS_LEDGER", 0, 0, Code.BAD_LEDGER, message, hint)])
    if kind not in ("sqlite", "postgresql") or not name or name == ":memory:":
        message = f"the ledger's URL is {kind}, not that of a SQLite file or of PostgreSQL"
        hint = "write it as sqlite:///folder/ledger.db or postgresql://user@host/name"
        raise ProblemsFound([Problem("PROOFPRESS_LEDGER", 0, 0, Code.BAD_LEDGER, message, hint)])
    return parsed


def is_there(url: str) -> bool:
    """Whether a ledger's file is there; a server's is taken to be."""
    parsed = _parsed(url)
    return parsed.get_backend_name() != "sqlite" or Path(str(parsed.database)).exists()


def open_ledger(url: str) -> Database:
    """Open a ledger, making it or bringing its schema up to date. Raises ProblemsFound."""
    parsed = _parsed(url)
    embedded = parsed.get_backend_name() == "sqlite"
    name = Path(str(parsed.database)).name if embedded else str(parsed.database)
    with problems_of(name):
        engine = sqlite.engine(parsed) if embedded else _server(parsed)
        made = Database(name, engine, Path(str(parsed.database)) if embedded else None)
        try:
            with engine.begin() as connection:
                if not embedded:
                    postgresql.wait_to_plan(connection)
                _bring_up_to_date(connection, made)
        except BaseException:
            engine.dispose()
            raise
    return made


def _server(url: URL) -> Engine:
    try:
        return postgresql.engine(url)
    except ModuleNotFoundError:
        message = "a ledger in PostgreSQL needs the package psycopg"
        hint = "pip install 'psycopg[binary]'"
        raise ProblemsFound(
            [Problem("PROOFPRESS_LEDGER", 0, 0, Code.BAD_LEDGER, message, hint)]
        ) from None


def empty_ledger() -> Database:
    """A ledger that nobody has used yet, in memory: for looking, where no file should be made."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    made = Database("the ledger", engine, Path("ledger.db"))
    with engine.begin() as connection:
        _name_installation(connection, made)
    return made


def _bring_up_to_date(connection: Connection, database: Database) -> None:
    version = _version(connection)
    if version != HEAD:
        _upgrade(connection, database.name, version)
        _name_installation(connection, database)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection, name: str, version: str | None) -> None:
    from newsletter.migrations import known_versions, upgrade

    if version is not None and version not in known_versions():
        message = f"this ledger is of a newer Proofpress (its schema is {version})"
        hint = "use that version, or newer"
        raise ProblemsFound([Problem(name, 0, 0, Code.BAD_LEDGER, message, hint)])
    upgrade(connection)


def _name_installation(connection: Connection, database: Database) -> None:
    home = database.home(connection)
    if connection.execute(select(installation.c.id)).scalar() is None:
        connection.execute(insert(installation), {"id": token_hex(16), "home": home})
    else:  # a ledger of an older version, which did not know where it is
        unnamed = installation.c.home == ""
        connection.execute(update(installation).where(unnamed).values(home=home))


@contextmanager
def problems_of(name: str) -> Iterator[None]:
    """What goes wrong with a ledger, as a Problem without SQL, values or passwords in it."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or "the file can't be used"
    except DBAPIError as error:
        reason = (str(error.orig).strip().splitlines() or [type(error).__name__])[0]
    else:
        return
    hint = "another process may hold it: try again" if "locked" in reason else ""
    message = f"can't use this ledger: {reason}"
    raise ProblemsFound([Problem(name, 0, 0, Code.BAD_LEDGER, message, hint)])
