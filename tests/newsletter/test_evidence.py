"""What is learnt after the answer, whenever it comes, moves each delivery on and never back."""

import threading
from collections.abc import Callable
from itertools import pairwise, permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from newsletter.http import Refused
from newsletter.model import Batch, Failure, Outcome, State
from newsletter.plan import Planned
from newsletter.store import announcements, batches, deliveries, evidence, subscribers
from newsletter.store.evidence import Event
from newsletter.store.schema import batch, delivery, event, suppression, verdict
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told, entry
from tests.newsletter.ledgers import LOST, NOW, Carrier, forgetful


def deliveries_of(series: Told) -> list[str]:
    with series.database.transaction() as connection:
        return list(connection.execute(select(delivery.c.id).order_by(delivery.c.id)).scalars())


def record(series: Told, kind: str, one: str, raw: str = "", dedupe: str = "") -> bool:
    with series.database.transaction() as connection:
        told = Event("carrier", kind, one, raw or f"{kind} {one}", dedupe)
        return evidence.record(connection, told, NOW).is_new


def kept(series: Told) -> int:
    with series.database.transaction() as connection:
        return connection.execute(select(func.count()).select_from(event)).scalar_one()


def payloads(series: Told) -> int:
    """How many batches still have their bytes."""
    with series.database.transaction() as connection:
        query = select(func.count()).where(batch.c.payload.is_not(None))
        return connection.execute(query).scalar_one()


def told_one(series: Told, *answers: object) -> str:
    """A delivery that was handed over, to somebody who can't be told by any look-up."""
    series.subscribe("ada")
    ledgers.send(series, forgetful(*answers), "newest")
    [one] = deliveries_of(series)
    return one


def test_an_event_is_kept_once(series: Told) -> None:
    one = told_one(series)
    assert record(series, "delivered", one, "{}")
    assert not record(series, "delivered", one, "{}")
    assert record(series, "delivered", one, "{ }")
    assert record(series, "opened", one, "x", "an id")
    assert not record(series, "opened", one, "y", "an id")
    assert kept(series) == 3
    assert series.states() == {"delivered": 1}


def test_the_same_event_of_two_providers_is_two(series: Told) -> None:
    with series.database.transaction() as connection:
        for name in ("one", "other"):
            assert evidence.record(connection, Event(name, "delivered", "x", "{}"), NOW).is_new


@pytest.mark.parametrize("kind", ["opened", "", "delivered\0", "x" * 99])
def test_an_event_of_another_kind_changes_nothing(series: Told, kind: str) -> None:
    one = told_one(series)
    assert record(series, kind, one)
    assert series.states() == {"accepted": 1}
    assert kept(series) == 1


@pytest.mark.parametrize("name", ["", "nobody", "x" * 99, "\0", "\ud800"])
def test_an_event_of_a_delivery_that_is_not_ours_is_kept(series: Told, name: str) -> None:
    told_one(series)
    assert record(series, "bounced", name)
    assert kept(series) == 1
    assert series.states() == {"accepted": 1}
    with series.database.transaction() as connection:
        assert connection.execute(select(suppression)).all() == []


@pytest.mark.parametrize("raw", ["a\0b", "\ud800", "{'é': '\N{PILE OF POO}'}"])
def test_an_event_may_hold_anything(series: Told, raw: str) -> None:
    assert record(series, "delivered", told_one(series), raw)
    with series.database.transaction() as connection:
        text = connection.execute(select(event.c.raw)).scalar_one()
    assert "\0" not in text
    assert len(text) >= len(raw)


LADDER = ("accepted", "delivered", "bounced", "complained")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(LADDER), min_size=1, max_size=6))
def test_events_in_any_order_say_the_same(embedded: Told, kinds: list[str]) -> None:
    for start in (State.UNKNOWN, State.ACCEPTED, State.PLANNED):
        one = placed(embedded, start)
        for number, kind in enumerate(kinds):
            record(embedded, kind, one, f"{one} {kind} {number}")
        assert state_of(embedded, one) == max(kinds, key=LADDER.index)


COUNT = iter(range(10**6))


def placed(series: Told, state: State) -> str:
    """A new delivery in a state, by the way that deliveries take."""
    name = f"reader{next(COUNT)}"
    series.subscribe(name)
    with series.database.transaction() as connection:
        planned = Planned(entry(0, f"a{next(COUNT)}"))
        announcements.record_announcement(connection, planned, NOW)
        newest = func.max(delivery.c.announcement_id)
        theirs = delivery.c.announcement_id == select(newest).scalar_subquery()
        ids = connection.execute(
            select(delivery.c.id).where(theirs, delivery.c.mailbox == f"{name}@example.org")
        )
        one = str(ids.scalar_one())
        way = [State.PLANNED, State.RESERVED, State.ATTEMPTING, state]
        for before, after in pairwise(way):
            if state is not State.PLANNED:
                deliveries.move(connection, [one], before, after)
    return one


def state_of(series: Told, one: str) -> str:
    with series.database.transaction() as connection:
        query = select(delivery.c.state).where(delivery.c.id == one)
        return str(connection.execute(query).scalar_one())


def test_all_orders_of_all_events_end_alike_in_each_engine(series: Told) -> None:
    for kinds in permutations(LADDER):
        one = placed(series, State.UNKNOWN)
        for kind in kinds:
            record(series, kind, one)
        assert state_of(series, one) == "complained", kinds
    with series.database.transaction() as connection:
        ledgers.require_true_tallies(connection)


@pytest.mark.parametrize("kind", ["accepted", "delivered", "bounced", "complained"])
def test_an_event_settles_what_is_unknown_and_its_bytes_go(series: Told, kind: str) -> None:
    one = told_one(series, LOST)
    assert (series.states(), payloads(series)) == ({"unknown": 1}, 1)
    assert record(series, kind, one)
    assert (series.states(), payloads(series)) == ({kind: 1}, 0)


def test_a_rejection_settles_what_is_unknown_and_undoes_no_acceptance(series: Told) -> None:
    one = told_one(series, LOST)
    record(series, "rejected", one)
    assert series.states() == {"rejected": 1}
    record(series, "delivered", one)
    assert series.states() == {"rejected": 1}
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    series.subscribe("bob")
    carrier = forgetful()
    ledgers.send(series, carrier)
    assert carrier.log == ["bob@example.org"]


def test_bytes_stay_while_others_in_their_batch_are_unknown(series: Told) -> None:
    series.subscribe("ada", "bob")
    ledgers.send(series, forgetful(LOST), "newest")
    first, second = deliveries_of(series)
    record(series, "delivered", first)
    assert (series.states(), payloads(series)) == ({"unknown": 1, "delivered": 1}, 1)
    record(series, "delivered", second)
    assert payloads(series) == 0


def during(series: Told, kind: str, answer: object) -> Callable[[Batch], object]:
    """An answer that comes after its provider has told of the message."""

    def tell(given: Batch) -> object:
        for one in given.delivery_ids:
            assert record(series, kind, one)
        assert series.states() == {"attempting": 1}
        return answer

    return tell


@pytest.mark.parametrize("answer", [Outcome.ACCEPTED, LOST, TimeoutError()], ids=repr)
@pytest.mark.parametrize("kind", ["accepted", "delivered", "bounced", "complained"])
def test_an_event_that_comes_before_the_answer_is_not_lost(
    series: Told, answer: object, kind: str
) -> None:
    told_one(series, during(series, kind, answer))
    assert series.states() == {kind: 1}
    assert payloads(series) == 0


@pytest.mark.parametrize(("answer", "state"), [(LOST, "rejected"), ("accepted", "accepted")])
def test_a_rejection_that_comes_before_the_answer_counts_if_there_is_none(
    series: Told, answer: object, state: str
) -> None:
    told_one(series, during(series, "rejected", answer))
    assert series.states() == {state: 1}


def test_an_event_is_not_lost_when_the_sender_dies(series: Told) -> None:
    series.subscribe("ada", "bob")
    given = attempting(series)
    record(series, "delivered", given.delivery_ids[0])
    assert series.states() == {"attempting": 2}
    with series.database.transaction() as connection:
        batches.take_over(connection, [], "2026-01-01T00:00:00+00:00")
    assert series.states() == {"delivered": 1, "unknown": 1}
    assert payloads(series) == 1


def reserved(series: Told) -> Batch:
    with series.database.transaction() as connection:
        announcements.record_announcement(connection, Planned(entry(1, "second")), NOW)
        ids = list(connection.execute(select(delivery.c.id).order_by(delivery.c.id)).scalars())
        announced = connection.execute(select(delivery.c.announcement_id)).scalars().first() or 0
        return batches.reserve(connection, announced, "carrier", ids, b"[]", "", NOW)


def attempting(series: Told) -> Batch:
    given = reserved(series)
    with series.database.transaction() as connection:
        batches.begin_attempt(connection, given, State.RESERVED, "", NOW)
    return given


def test_what_an_event_says_was_accepted_is_not_handed_over_again(series: Told) -> None:
    """A delivery that was surely not accepted, says an answer; and was, says an event."""
    series.subscribe("ada", "bob")
    given = reserved(series)
    record(series, "delivered", given.delivery_ids[0])
    assert series.states() == {"reserved": 2}
    with series.database.transaction() as connection:
        assert batches.shed(connection, given)
    assert series.states() == {"delivered": 1, "planned": 1}
    assert payloads(series) == 0
    with series.database.transaction() as connection:
        ledgers.require_true_tallies(connection)


def test_a_batch_that_no_event_speaks_of_is_not_released(series: Told) -> None:
    series.subscribe("ada", "bob")
    given = reserved(series)
    record(series, "opened", given.delivery_ids[0])
    with series.database.transaction() as connection:
        assert evidence.contradicted(connection, given.id) == []
        assert not batches.shed(connection, given)


def test_an_event_after_a_decision_to_send_again_is_in_time(series: Told) -> None:
    one = told_one(series, LOST)
    with series.database.transaction() as connection:
        evidence.decide(connection, [one], evidence.Decided.RESEND, "", NOW)
    assert series.states() == {"planned": 1}
    record(series, "delivered", one)
    assert series.states() == {"delivered": 1}
    carrier = forgetful()
    assert ledgers.send(series, carrier) == 0
    assert carrier.log == []


@pytest.mark.parametrize("kind", ["bounced", "complained", "rejected"])
def test_who_has_bounced_or_complained_is_never_written_to_again(series: Told, kind: str) -> None:
    one = told_one(series)
    with series.database.transaction() as connection:
        told = Event("carrier", kind, one, "{}")
        assert len(evidence.record(connection, told, NOW).names) == 1
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    carrier = forgetful()
    assert ledgers.send(series, carrier) == 0
    assert carrier.log == []
    assert series.states()["skipped"] == 1
    with series.database.transaction() as connection:
        emails = ["ada@example.org", "ADA@Example.ORG"]
        outcomes = list(subscribers.add(connection, emails, "an import", NOW))
    assert set(outcomes) == {subscribers.Added.LEFT}
    series.publish(*(entry(n, name) for n, name in enumerate(["first", "second", "third", "four"])))
    assert ledgers.send(series, carrier) == 0


def test_what_is_planned_for_somebody_who_complains_is_left_out(series: Told) -> None:
    one = told_one(series)
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    quota = Refused(Failure.QUOTA, "enough")
    with pytest.raises(Exception, match="enough"):
        ledgers.send(series, forgetful(quota))
    assert series.states() == {"accepted": 1, "planned": 1}
    record(series, "complained", one)
    carrier = forgetful()
    ledgers.send(series, carrier)
    assert carrier.log == []
    assert series.states() == {"complained": 1, "skipped": 1}


def test_a_soft_bounce_closes_nothing(series: Told) -> None:
    one = told_one(series)
    record(series, "deferred", one)
    with series.database.transaction() as connection:
        assert connection.execute(select(suppression)).all() == []


def test_copies_of_an_event_that_come_at_once_are_kept_once(series: Told) -> None:
    one = told_one(series)
    for turn in range(5):
        kind = LADDER[min(turn, 3)]
        found = ledgers.at_once([lambda k=kind, t=turn: record(series, k, one, f"{t}")] * 4)  # type: ignore[misc]
        assert sorted(map(str, found)) == ["False", "False", "False", "True"]
    assert series.states() == {"complained": 1}
    with series.database.transaction() as connection:
        ledgers.require_true_tallies(connection)


def test_events_that_settle_a_batch_at_once_leave_no_bytes_behind(series: Told) -> None:
    series.subscribe(*(f"reader{n}" for n in range(4)))
    ledgers.send(series, forgetful(LOST, size=4), "newest")
    ids = deliveries_of(series)
    calls = [lambda one=one: record(series, "delivered", one) for one in ids]
    assert ledgers.at_once(calls) == [True] * 4
    assert (series.states(), payloads(series)) == ({"delivered": 4}, 0)


def test_an_event_waits_for_another_of_its_batch(series: Told) -> None:
    """Else each would take the other's delivery for unknown still, and leave the bytes."""
    series.subscribe("ada", "bob")
    ledgers.send(series, forgetful(LOST), "newest")
    first, second = deliveries_of(series)
    thread = threading.Thread(target=record, args=(series, "delivered", second))
    with series.database.transaction() as connection:
        evidence.record(connection, Event("carrier", "delivered", first, "{}"), NOW)
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
    thread.join()
    assert (series.states(), payloads(series)) == ({"delivered": 2}, 0)


def test_an_event_that_comes_with_the_answer_is_not_lost(series: Told) -> None:
    """Whichever of them is written first, and neither waits for the other for ever."""
    series.subscribe(*(f"reader{n}" for n in range(3)))
    given = reserved(series)
    with series.database.transaction() as connection:
        number = batches.begin_attempt(connection, given, State.RESERVED, "", NOW)

    def answer() -> None:
        with series.database.transaction() as connection:
            batches.take_back(connection, given, number, State.UNKNOWN, "lost", NOW)

    events = [lambda one=one: record(series, "bounced", one) for one in given.delivery_ids]
    found = ledgers.at_once([answer, *events])
    assert found == [None, True, True, True]


def unknown_of_two(series: Told) -> None:
    series.subscribe("ada", "bob")
    ledgers.send(series, forgetful(LOST), "newest")
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    ledgers.send(series, forgetful(LOST))
    assert series.states() == {"unknown": 4}


def test_a_person_decides_for_one_article_and_nothing_else_changes(series: Told) -> None:
    unknown_of_two(series)
    with series.database.transaction() as connection:
        ids = evidence.unknown(connection, "third")
        assert len(ids) == 2
        evidence.decide(connection, ids, evidence.Decided.SENT, "they say so", NOW)
        rows = connection.execute(select(verdict)).mappings().all()
        assert {(row["decided"], row["note"], row["at"]) for row in rows} == {
            ("assume sent", "they say so", NOW)
        }
        assert sorted(row["delivery_id"] for row in rows) == ids
        ledgers.require_true_tallies(connection)
    assert series.states() == {"unknown": 2, "accepted": 2}


def test_what_is_settled_already_can_not_be_decided(series: Told) -> None:
    one = told_one(series)
    with (
        pytest.raises(deliveries.Overtaken),
        series.database.transaction() as connection,
    ):
        evidence.decide(connection, [one], evidence.Decided.RESEND, "", NOW)
    assert series.states() == {"accepted": 1}


def test_what_is_sent_again_goes_under_a_new_key(series: Told) -> None:
    series.subscribe("ada", "bob")
    carrier = forgetful(LOST)
    ledgers.send(series, carrier, "newest")
    with series.database.transaction() as connection:
        ids = evidence.unknown(connection)
        evidence.decide(connection, ids, evidence.Decided.RESEND, "", NOW)
    assert ledgers.send(series, carrier) == 2
    assert len(carrier.log) == 4
    assert len(set(carrier.keys)) == 2
    assert series.states() == {"accepted": 2}


def test_an_event_of_somebody_who_was_erased_brings_no_address_back(series: Told) -> None:
    from newsletter.store import personal

    one = told_one(series)
    with series.database.transaction() as connection:
        personal.erase(connection, "ada@example.org", NOW)
    record(series, "bounced", one, '{"to": "ada@example.org"}')
    assert series.states() == {"bounced": 1}
    assert "ada@" not in str(ledgers.everything(series.database)["event"])


def test_a_provider_that_is_asked_settles_what_an_event_did_not(series: Told) -> None:
    series.subscribe("ada", "bob")
    carrier = Carrier(LOST)
    ledgers.send(series, carrier, "newest")
    assert series.states() == {"accepted": 2}
    assert len(carrier.log) == 2
