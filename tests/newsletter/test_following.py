"""What follows for a mailbox: bounces, complaints and departures, in whatever order they come."""

from itertools import permutations

import pytest
from sqlalchemy import select

from newsletter import leaving
from newsletter.journal import Left
from newsletter.model import Fate, Note
from newsletter.statuses import of_hard, of_status
from newsletter.store import evidence, joining, notes, personal
from newsletter.store.evidence import Event
from newsletter.store.joining import Outcome, Way
from newsletter.store.schema import delivery
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told, entry
from tests.newsletter.ledgers import NOW, forgetful

ARTICLES = [entry(n, f"a{n}") for n in range(7)]


def told_of_all(series: Told, *names: str) -> list[str]:
    """Deliveries of seven articles to some people; of the first of them, oldest article first."""
    series.publish(ARTICLES[0])
    series.subscribe(*names)
    ledgers.send(series, forgetful(size=99), "all")
    for number in range(2, len(ARTICLES) + 1):
        series.publish(*ARTICLES[:number])
        ledgers.send(series, forgetful(size=99))
    mine = delivery.c.mailbox == f"{names[0]}@example.org"
    with series.database.transaction() as connection:
        query = select(delivery.c.id).where(mine).order_by(delivery.c.announcement_id)
        return list(connection.execute(query).scalars())


def hear(series: Told, *told: tuple[str, Fate], most: int = 3) -> None:
    """Each event by itself, and as the first of its kind."""
    for one, fate in told:
        raw = f"{one} {fate} {len(ledgers.everything(series.database)['event'])}"
        event = Event("carrier", fate, one, raw)
        leaving.record(series.database, series.sender.journal, [event], NOW, most)


def state(series: Told) -> tuple[int, list[str]]:
    """Soft bounces of ada, and why who is suppressed."""
    rows = ledgers.everything(series.database)
    soft = {row["email"]: row["soft_bounces"] for row in rows["subscriber"]}
    reasons = [f"{row['mailbox'][:3]} {row['reason']}" for row in rows["suppression"]]
    return soft.get("ada@example.org", 0), sorted(reasons)


def test_so_many_soft_bounces_in_a_row_shut_a_mailbox(series: Told) -> None:
    ids = told_of_all(series, "ada", "bob")
    hear(series, (ids[0], Fate.SOFT), (ids[1], Fate.SOFT))
    assert state(series) == (2, [])
    hear(series, (ids[2], Fate.SOFT))
    assert state(series) == (3, ["ada soft bounces"])
    assert isinstance(next(series.sender.journal.newest_first()), Left)
    series.publish(*ARTICLES, entry(7, "a7"))
    carrier = forgetful()
    ledgers.send(series, carrier)
    assert carrier.log == ["bob@example.org"]


def test_a_mail_that_arrives_ends_the_row(series: Told) -> None:
    ids = told_of_all(series, "ada")
    for one, other, arrived in zip(ids[::3], ids[1::3], ids[2::3], strict=False):
        hear(series, (one, Fate.SOFT), (other, Fate.SOFT), (arrived, Fate.DELIVERED))
        assert state(series) == (0, [])


def test_one_mail_counts_once_however_often_it_bounces(series: Told) -> None:
    ids = told_of_all(series, "ada")
    hear(series, *[(ids[0], Fate.SOFT)] * 5)
    assert state(series) == (1, [])
    for many in ([(ids[1], Fate.SOFT)] * 3, [(ids[0], Fate.DEFERRED)] * 3):
        events = [Event("carrier", fate, one, f"{n} {one}") for n, (one, fate) in enumerate(many)]
        leaving.record(series.database, series.sender.journal, events, NOW, 3)
    assert state(series) == (1, [])


def test_many_at_once_count_as_many(series: Told) -> None:
    ids = told_of_all(series, "ada")
    events = [Event("carrier", Fate.SOFT, one, one) for one in ids]
    assert leaving.record(series.database, series.sender.journal, events * 2, NOW, 3) == len(ids)
    assert state(series) == (len(ids), ["ada soft bounces"])


@pytest.mark.parametrize("more", [Fate.DELIVERED, Fate.BOUNCED, Fate.COMPLAINED])
def test_a_soft_bounce_of_what_is_known_better_counts_for_nothing(
    embedded: Told, more: Fate
) -> None:
    """A machine's answer that somebody is away is a soft bounce to some; the mail has arrived."""
    ids = told_of_all(embedded, "ada")
    for one in ids[:4]:
        hear(embedded, (one, more), (one, Fate.SOFT))
    assert state(embedded)[0] == 0


def test_the_order_in_which_one_mail_is_told_of_does_not_matter(embedded: Told) -> None:
    ids = told_of_all(embedded, "ada")
    fates = [Fate.ACCEPTED, Fate.DEFERRED, Fate.SOFT, Fate.DELIVERED]
    for one, order in zip(ids, list(permutations(fates))[::4], strict=False):
        hear(embedded, *[(one, fate) for fate in order])
        assert state(embedded) == (0, [])


def test_who_leaves_at_the_provider_has_left(series: Told) -> None:
    ids = told_of_all(series, "ada", "bob")
    hear(series, (ids[0], Fate.UNSUBSCRIBED), (ids[1], Fate.UNSUBSCRIBED))
    rows = ledgers.everything(series.database)
    standings = {row["email"][:3]: row["standing"] for row in rows["subscriber"]}
    assert standings == {"ada": "unsubscribed", "bob": "confirmed"}
    assert [row["how"] for row in rows["consent"]] == ["a test", "a test", Way.PROVIDER]
    assert state(series)[1] == [f"ada {Way.PROVIDER}"]
    assert series.states() == {"accepted": 14}


@pytest.mark.parametrize(
    ("fate", "outcome"), [(Fate.UNSUBSCRIBED, Outcome.BACK), (Fate.COMPLAINED, Outcome.BLOCKED)]
)
def test_who_has_left_there_may_come_back_by_themselves(
    series: Told, fate: Fate, outcome: Outcome
) -> None:
    ids = told_of_all(series, "ada")
    hear(series, (ids[0], fate))
    with series.database.transaction() as connection:
        assert joining.join(connection, "ada@example.org", NOW, {}).outcome is outcome


@pytest.mark.parametrize("fate", [*sorted(evidence.CLOSES), Fate.UNSUBSCRIBED, Fate.SOFT])
def test_of_who_is_erased_nothing_comes_back(series: Told, fate: Fate) -> None:
    ids = told_of_all(series, "ada", "bob")
    with series.database.transaction() as connection:
        personal.erase(connection, "ada@example.org", NOW)
    before = state(series)[1]
    hear(series, *[(one, fate) for one in ids[:5]])
    assert "ada@" not in str(ledgers.everything(series.database))
    assert state(series)[1] == before


def noted(series: Told, *names: str) -> list[str]:
    """What mails that ask some people to confirm are called, which were accepted."""
    with series.database.transaction() as connection:
        plans = [notes.Plan(Note.CONFIRM, f"{name}@example.org") for name in names]
        notes.plan_all(connection, plans, NOW)
        sent = notes.claim(connection, len(names), NOW)
        for one in sent:
            notes.record(connection, one.id, notes.Progress.ACCEPTED, f"250 to {one.email}")
        return [notes.id_of(connection, one.id) for one in sent]


def tell(series: Told, one: str, fate: Fate) -> None:
    event = Event("carrier", fate, one, f'{fate}: "ada@example.org"')
    leaving.record(series.database, series.sender.journal, [event], NOW)


def test_what_is_told_of_a_mail_to_one_person_is_forgotten_with_their_address(series: Told) -> None:
    [one] = noted(series, "ada")
    tell(series, one, Fate.DELIVERED)
    with series.database.transaction() as connection:
        notes.forget(connection, NOW)
    assert "ada@" in str(ledgers.everything(series.database))  # not yet
    with series.database.transaction() as connection:
        notes.forget(connection, f"{NOW}x")
    assert "ada@" not in str(ledgers.everything(series.database))
    tell(series, one, Fate.DELIVERED)  # once more
    tell(series, one, Fate.COMPLAINED)
    rows = ledgers.everything(series.database)
    assert [row["kind"] for row in rows["event"]] == ["delivered", "complained"]
    assert "ada@" not in str(rows)


def test_what_is_told_of_a_mail_to_who_is_erased_brings_no_address_back(series: Told) -> None:
    series.subscribe("ada")
    [one] = noted(series, "ada")
    with series.database.transaction() as connection:
        personal.erase(connection, "ada@example.org", NOW)
    tell(series, one, Fate.COMPLAINED)
    assert "ada@" not in str(ledgers.everything(series.database))


def test_what_vouches_for_an_event_vouches_for_no_other(series: Told) -> None:
    ids = told_of_all(series, "ada")
    first, other = (
        Event("carrier", fate, ids[0], fate, once="a token") for fate in ("delivered", "bounced")
    )
    for told, kinds in (
        ([other, first], ["bounced"]),
        ([first], ["bounced"]),
        ([other], ["bounced"]),
    ):
        leaving.record(series.database, series.sender.journal, told, NOW)
        rows = ledgers.everything(series.database)["event"]
        assert [row["kind"] for row in rows if row["kind"] != "used"] == kinds
    assert series.states() == {"accepted": 6, "bounced": 1}
    elsewhere = Event("another", "complained", ids[1], "x", once="a token")
    assert leaving.record(series.database, series.sender.journal, [elsewhere], NOW) == 1


@pytest.mark.parametrize(
    ("status", "given_up", "called_hard"),
    [
        ("5.1.1", Fate.BOUNCED, Fate.BOUNCED),
        ("550 5.1.1 <a@b.c>: unknown", Fate.BOUNCED, Fate.BOUNCED),
        ("5.2.1", Fate.BOUNCED, Fate.BOUNCED),
        ("5.2.2", Fate.SOFT, Fate.SOFT),
        ("552 5.2.2 full", Fate.SOFT, Fate.SOFT),
        ("4.2.2", Fate.SOFT, Fate.SOFT),
        ("4.1.1", Fate.SOFT, Fate.SOFT),
        ("5.7.1", Fate.SOFT, Fate.BOUNCED),
        ("5.0.0", Fate.SOFT, Fate.BOUNCED),
        ("", Fate.SOFT, Fate.BOUNCED),
        ("15.1.1.7", Fate.SOFT, Fate.BOUNCED),
    ],
)
def test_what_a_status_says(status: str, given_up: Fate, called_hard: Fate) -> None:
    assert (of_status(status), of_hard(status)) == (given_up, called_hard)
