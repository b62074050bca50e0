"""What is counted is what there is, after anything that can happen, and whatever is added up."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, func, select

from newsletter.model import Batch, Kind, Outcome, Receipt, State
from newsletter.plan import Planned
from newsletter.store import (
    announcements,
    batches,
    deliveries,
    doubts,
    evidence,
    frozen,
    personal,
    subscribers,
    tallies,
)
from newsletter.store.schema import announcement, batch, delivery, tally
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told, entry, make_series
from tests.newsletter.ledgers import NOW

PEOPLE = st.sampled_from([f"{name}@example.org" for name in ("ada", "bob", "cy", "dee", "eve")])
OUTCOMES = st.lists(st.sampled_from(Outcome), min_size=5, max_size=5)


class Ledger(RuleBasedStateMachine):
    """Every way in which a delivery moves, in any order, by the store's own functions."""

    def __init__(self, series: Told) -> None:
        super().__init__()
        self.series = series
        self.reserved: list[Batch] = []
        self.attempted: list[tuple[Batch, int]] = []

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A step that may come too late for what another has done; then it does nothing."""
        with (
            suppress(deliveries.Overtaken),
            self.series.database.transaction() as connection,
        ):
            yield connection

    @rule(email=PEOPLE)
    def subscribe(self, email: str) -> None:
        with self.changing() as connection:
            list(subscribers.add(connection, [email], "a test", NOW))

    @rule(email=PEOPLE)
    def leave(self, email: str) -> None:
        with self.changing() as connection:
            subscribers.remove(connection, email, "a test", NOW)

    @rule(email=PEOPLE)
    def erase(self, email: str) -> None:
        with self.changing() as connection:
            if not personal.on_their_way(connection, email):
                personal.erase(connection, email, NOW)

    @rule(number=st.integers(0, 2), kind=st.sampled_from(Kind))
    def announce(self, number: int, kind: Kind) -> None:
        with self.changing() as connection:
            name = f"a{number}"
            known = announcements.known(connection).get(name)
            if known is None if kind is Kind.NEW else known == frozenset():
                revision = "" if kind is Kind.NEW else "later"
                planned = Planned(entry(number, name), kind, revision)
                announcements.record_announcement(connection, planned, NOW)

    @rule(size=st.integers(1, 4))
    def reserve(self, size: int) -> None:
        with self.changing() as connection:
            first = select(func.min(delivery.c.announcement_id)).where(
                delivery.c.state == "planned"
            )
            announced = connection.execute(first).scalar()
            query = select(delivery.c.id).where(
                delivery.c.announcement_id == announced, delivery.c.state == "planned"
            )
            ids = sorted(connection.execute(query.limit(size)).scalars())
            if ids:
                made = batches.reserve(connection, announced or 0, "carrier", ids, b"x", "", NOW)
                self.reserved.append(made)

    @precondition(lambda self: self.reserved)
    @rule()
    def begin(self) -> None:
        given = self.reserved.pop()
        with self.changing() as connection:
            if not batches.shed(connection, given):
                number = batches.begin_attempt(connection, given, State.RESERVED, "", NOW)
                self.attempted.append((given, number))

    @precondition(lambda self: self.reserved)
    @rule()
    def release(self) -> None:
        with self.changing() as connection:
            batches.release(connection, self.reserved.pop())

    @precondition(lambda self: self.attempted)
    @rule(outcomes=OUTCOMES, words=st.sampled_from(["", "one", "other"]))
    def answer(self, outcomes: list[Outcome], words: str) -> None:
        given, number = self.attempted.pop()
        pairs = zip(given.delivery_ids, outcomes, strict=False)
        receipts = [
            Receipt(one, outcome, words, outcome is Outcome.REJECTED) for one, outcome in pairs
        ]
        with self.changing() as connection:
            batches.end_attempt(connection, given, number, receipts, "answered", NOW)

    @precondition(lambda self: self.attempted)
    @rule(state=st.sampled_from([State.RESERVED, State.UNKNOWN]))
    def come_to_nothing(self, state: State) -> None:
        given, number = self.attempted.pop()
        with self.changing() as connection:
            batches.take_back(connection, given, number, state, "no answer", NOW)
        if state is State.RESERVED:
            self.reserved.append(given)

    @rule()
    def die(self) -> None:
        with self.changing() as connection:
            batches.take_over(connection, [], "2026-01-01T00:00:00+00:00")

    @rule(outcomes=OUTCOMES)
    def ask(self, outcomes: list[Outcome]) -> None:
        with self.changing() as connection:
            for doubtful in doubts.in_doubt(connection, "carrier"):
                pairs = zip(doubtful.asked, outcomes, strict=False)
                found = [Receipt(asked.delivery_id, outcome) for asked, outcome in pairs]
                batches.settle(connection, doubtful.batch, found, NOW)

    @rule(decided=st.sampled_from(evidence.Decided))
    def decide(self, decided: evidence.Decided) -> None:
        with self.changing() as connection:
            evidence.decide(connection, evidence.unknown(connection), decided, "", NOW)

    @rule(kind=st.sampled_from([*evidence.AFTER_EVENT, "opened"]), which=st.integers(0, 20))
    def tell(self, kind: str, which: int) -> None:
        with self.changing() as connection:
            ids = sorted(connection.execute(select(delivery.c.id)).scalars())
            if ids:
                one = ids[which % len(ids)]
                told = evidence.Event("carrier", kind, one, f"{kind} {one}")
                evidence.record(connection, told, NOW)

    @rule()
    def compact(self) -> None:
        with self.series.database.planning() as connection:
            tallies.compact(connection)
            rows = select(tally.c.announcement_id, tally.c.state, tally.c.reason)
            found = connection.execute(rows).all()
            assert len(set(found)) == len(found)

    @invariant()
    def the_tallies_are_true(self) -> None:
        with self.series.database.transaction() as connection:
            ledgers.require_true_tallies(connection)
            counts = {state: tallies.count(connection, state) for state in State}
            every = connection.execute(select(func.count()).select_from(delivery)).scalar_one()
        assert sum(counts.values()) == every
        assert min(counts.values()) >= 0

    @invariant()
    def bytes_are_kept_while_they_are_wanted_and_no_longer(self) -> None:
        with self.series.database.transaction() as connection:
            has_bytes = select(batch.c.id).where(batch.c.payload.is_not(None))
            kept = set(connection.execute(has_bytes).scalars())
            is_open = delivery.c.state.in_(frozen.OPEN)
            wanted = set(connection.execute(select(delivery.c.batch_id).where(is_open)).scalars())
        assert kept == wanted


def test_nothing_is_counted_wrongly_in_sqlite() -> None:
    with TemporaryDirectory() as name, ExitStack() as opened:
        numbers = iter(range(10**6))

        def made() -> Ledger:
            series = make_series(_folder(Path(name) / str(next(numbers))))
            opened.callback(series.database.close)
            return Ledger(series)

        run_state_machine_as_test(
            made,  # type: ignore[arg-type]
            settings=settings(max_examples=30, stateful_step_count=30, deadline=None),
        )


def test_nothing_is_counted_wrongly_in_postgresql(
    tmp_path: Path, postgresql: Callable[[], str]
) -> None:
    series = make_series(tmp_path, postgresql())
    empty = ledgers.everything(series.database)

    def made() -> Ledger:
        ledgers.put_back(series.database, empty)
        return Ledger(series)

    run_state_machine_as_test(
        made,  # type: ignore[arg-type]
        settings=settings(max_examples=15, stateful_step_count=30, deadline=None),
    )
    series.database.close()


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.parametrize("adders", [1, 2])
def test_adding_up_loses_nothing_that_others_note_meanwhile(series: Told, adders: int) -> None:
    with series.database.transaction() as connection:
        announcements.record_baseline(connection, [entry(0, "a"), entry(1, "b")], NOW)
        first, second = connection.execute(select(announcement.c.id)).scalars()

    def note() -> None:
        for _ in range(40):
            with series.database.transaction() as connection:
                tallies.note(connection, [(first, State.PLANNED, -1), (second, State.ACCEPTED, 1)])

    def add_up() -> None:
        for _ in range(30):
            with series.database.planning() as connection:
                tallies.compact(connection)

    calls = [note, note, note, *[add_up] * adders]
    assert ledgers.at_once(calls) == [None] * len(calls)
    add_up()
    with series.database.transaction() as connection:
        query = select(tally.c.announcement_id, tally.c.state, tally.c.change)
        assert set(connection.execute(query).all()) == {
            (first, "planned", -120), (second, "accepted", 120),
        }  # fmt: skip
