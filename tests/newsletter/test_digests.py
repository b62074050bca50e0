"""A weekly digest tells what was not told yet, once, on the same ledger as all else."""

from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import insert, select

from newsletter.intents import Choice
from newsletter.model import Batch, Kind, Memory, Outcome
from newsletter.plan import Picked, Untold, digests
from newsletter.store import joining, readdressing, subscribers
from newsletter.store.joining import Way
from newsletter.store.schema import consent, cover
from press.manifest import Entry
from press.problems import ProblemsFound
from tests.newsletter.conftest import Told, entry
from tests.newsletter.ledgers import BUSY, DROPPED, LOST, require_true_tallies
from tests.newsletter.wishing import CATCH_UP, DIGEST, Days, Reader, pause, wish


@pytest.fixture
def days(series: Told) -> Days:
    """The article `zero` is known, and told to nobody; ada is told of each, bob weekly."""
    made = Days(series)
    made.publish(entry(0, "zero"))
    made.send()
    made.join("ada", "bob")
    wish(series, "bob", "weekly")
    return made


def come_out(days: Days, *names: str) -> list[tuple[str, str]]:
    days.publish(*(entry(len(days.articles) + n, name) for n, name in enumerate(names)))
    return days.send()


def test_a_digest_tells_what_came_out_since_and_each_article_once(days: Days) -> None:
    assert come_out(days, "one", "two") == [("ada", "one"), ("ada", "two")]
    assert days.send(DIGEST) == [("bob", "one+two")]
    assert days.send(DIGEST) == days.send() == []
    days.wait(7)
    assert days.send(DIGEST) == []
    come_out(days, "three")
    assert days.send(DIGEST) == [("bob", "three")]


def test_its_articles_are_skipped_deliveries_of_their_own(days: Days) -> None:
    come_out(days, "one", "two")
    days.send(DIGEST)
    assert days.rows() == [
        ("new", "ada", "accepted"),
        ("new", "bob", "skipped"),
        ("new", "ada", "accepted"),
        ("new", "bob", "skipped"),
        ("digest", "bob", "accepted"),
    ]
    with days.series.database.transaction() as connection:
        require_true_tallies(connection)
        assert sorted(connection.execute(select(cover.c.article_id)).scalars()) == ["one", "two"]


def test_it_tells_nothing_that_came_out_before_they_came(days: Days) -> None:
    come_out(days, "one")
    days.wait(1)
    with days.series.database.transaction() as connection:
        list(subscribers.add(connection, ["cy@example.org"], "a test", days.now.isoformat()))
    wish(days.series, "cy", "weekly")
    days.wait(1)
    come_out(days, "two")
    assert days.send(DIGEST) == [("bob", "one+two"), ("cy", "two")]


def test_there_is_one_in_a_week_even_if_the_job_runs_daily(days: Days) -> None:
    come_out(days, "one")
    assert days.send(DIGEST) == [("bob", "one")]
    come_out(days, "two")
    for _ in range(6):
        days.wait(1)
        assert days.send(DIGEST) == []
    days.wait(0.99)  # no job begins on the dot
    assert days.send(DIGEST) == [("bob", "two")]


def test_those_with_the_same_articles_share_an_announcement(days: Days) -> None:
    days.join("cy", "dee", "eve")
    for name in ("cy", "dee"):
        wish(days.series, name, "weekly")
    wish(days.series, "eve", "weekly", 0, "rust")
    days.publish(replace(entry(1, "one"), tags=("rust",)), entry(2, "two"))
    days.send()
    planned = days.intend(DIGEST).plan.picked
    assert [[a.id for a in one.articles] for one in planned] == [["one", "two"], ["one"]]
    assert planned[0].first == ("bob@example.org", "cy@example.org", "dee@example.org")
    assert days.send(DIGEST) == [
        ("bob", "one+two"), ("cy", "one+two"), ("dee", "one+two"), ("eve", "one"),
    ]  # fmt: skip
    assert {kind for kind, *_ in days.rows()} == {"new", "digest"}
    days.wait(7)
    wish(days.series, "eve", "weekly")
    assert days.send(DIGEST) == [("eve", "two")]


def test_the_same_articles_a_week_later_are_the_same_announcement(days: Days) -> None:
    days.join("cy")
    wish(days.series, "cy", "weekly")
    pause(days.series, "cy")
    come_out(days, "one")
    assert days.intend(DIGEST).messages == 1
    days.send(DIGEST)
    days.wait(7)
    pause(days.series, "cy", paused=False)
    assert days.send(DIGEST) == [("cy", "one")]
    with days.series.database.transaction() as connection:
        assert len(connection.execute(select(cover)).all()) == 1


def test_who_was_told_of_each_gets_no_digest_of_it(days: Days) -> None:
    come_out(days, "one")
    wish(days.series, "ada", "weekly")
    come_out(days, "two")
    assert days.send(DIGEST) == [("ada", "two"), ("bob", "one+two")]


@pytest.mark.parametrize("answer", [LOST, Outcome.REJECTED, Outcome.UNKNOWN])
def test_what_may_have_been_told_is_in_no_digest(days: Days, answer: object) -> None:
    days.carrier = Reader(answer)
    come_out(days, "one")
    wish(days.series, "ada", "weekly")
    assert days.send(DIGEST) == [("bob", "one")]
    days.wait(7)
    assert days.send(DIGEST) == []


def test_who_goes_back_to_each_article_is_not_told_again(days: Days) -> None:
    come_out(days, "one")
    days.send(DIGEST)
    wish(days.series, "bob")
    assert days.send() == []
    assert come_out(days, "two") == [("ada", "two"), ("bob", "two")]
    days.wait(7)
    assert days.send(CATCH_UP) == []


def test_what_came_out_while_they_paused_is_told_if_they_catch_up(days: Days) -> None:
    pause(days.series, "ada")
    assert come_out(days, "one") == []
    pause(days.series, "ada", paused=False)
    assert come_out(days, "two") == [("ada", "two")]
    assert days.send(DIGEST) == [("bob", "one+two")]
    assert days.send(CATCH_UP) == [("ada", "one")]
    assert days.send(CATCH_UP) == []


def test_a_digest_waits_for_who_pauses_before_it_is_handed_over(days: Days) -> None:
    come_out(days, "one")
    days.carrier = Reader(BUSY, BUSY, BUSY, BUSY, BUSY, BUSY)
    with pytest.raises(ProblemsFound):
        days.send(DIGEST)
    pause(days.series, "bob")
    assert days.intend().resting == 1
    assert days.send() == days.send(DIGEST) == []
    days.wait(30)
    pause(days.series, "bob", paused=False)
    assert days.send() == [("bob", "one")]


def test_nobody_gets_a_second_digest_while_one_is_on_its_way(days: Days) -> None:
    come_out(days, "one")
    days.carrier = Reader(*[BUSY] * 6)
    with pytest.raises(ProblemsFound):
        days.send(DIGEST)
    days.wait(8)
    come_out_later = entry(2, "two")
    days.publish(come_out_later)
    assert days.intend(DIGEST).plan.picked == ()
    assert ("bob", "one") in days.send()


def test_a_digest_whose_article_is_gone_is_held_and_named(days: Days) -> None:
    come_out(days, "one", "two")
    days.carrier = Reader(*[BUSY] * 6)
    with pytest.raises(ProblemsFound):
        days.send(DIGEST)
    days.series.publish(*days.articles[:-1])
    assert days.intend().held == 1
    with pytest.raises(ProblemsFound, match="`two` is announced to some and no longer published"):
        days.send()
    days.series.publish(*days.articles)
    assert days.send() == [("bob", "one+two")]


def test_an_update_is_told_to_who_had_it_in_a_digest_but_to_nobody_who_pauses(days: Days) -> None:
    days.join("cy")
    wish(days.series, "cy", "weekly")
    come_out(days, "one")
    days.send(DIGEST)
    pause(days.series, "cy")
    changed = replace(days.articles[1], updated="2026-07-01T00:00:00+00:00")
    days.series.publish(days.articles[0], changed)
    update = Choice(update=["one"])
    assert days.intend(update).plan.announcements[0].aside == {"pause": 1}
    assert days.send(update) == [("ada", "update one"), ("bob", "update one")]


def test_nothing_is_digested_before_the_first_run(series: Told) -> None:
    series.subscribe("bob")
    wish(series, "bob", "weekly")
    days = Days(series)
    days.publish(entry(0, "zero"))
    assert days.send(DIGEST) == []
    assert not series.known()


def test_a_broken_template_of_a_digest_plans_nothing(days: Days) -> None:
    come_out(days, "one")
    before = days.rows()
    (days.series.root / "templates/email").mkdir(parents=True)
    (days.series.root / "templates/email/digest.txt").write_text("a\n{{ artikel }}\n")
    with pytest.raises(ProblemsFound, match="template-failed"):
        days.send(DIGEST)
    assert days.rows() == before


def test_who_came_back_is_told_of_what_came_out_since(days: Days) -> None:
    come_out(days, "one")
    days.wait(1)
    with days.series.database.transaction() as connection:
        row = {"subscriber_id": 2, "standing": "confirmed", "how": "came back"}
        connection.execute(insert(consent), row | {"at": days.now.isoformat()})
    come_out(days, "two")
    assert days.send(DIGEST) == [("bob", "two")]


def move(days: Days, name: str, to: str) -> None:
    days.wait(1)
    with days.series.database.transaction() as connection:
        who = joining.is_subscriber(connection, f"{name}@example.org")
        assert who
        readdressing.readdress(connection, who, f"{to}@example.org", days.now.isoformat())


@pytest.mark.parametrize("way", [("bob", "rob"), ("bob", "rob", "robert"), ("bob", "rob", "bob")])
def test_who_moves_to_another_address_is_told_of_what_came_out_before(
    days: Days, way: tuple[str, ...]
) -> None:
    come_out(days, "one")
    for name, to in pairwise(way):
        move(days, name, to)
    come_out(days, "two")
    assert days.send(DIGEST) == [(way[-1], "one+two")]
    days.wait(7)
    assert days.send(DIGEST) == []


def test_who_moves_and_leaves_while_a_provider_is_busy_holds_nobody_up(days: Days) -> None:
    """What stands for bob at the new address is in the batch, and is not what is handed over."""
    come_out(days, "one")

    def busy(_: Batch) -> Exception:
        move(days, "ada", "ida")
        days.series.unsubscribe("ida")
        return BUSY

    days.join("cy")
    days.publish(entry(5, "two"))
    days.carrier.answers = [busy]
    assert days.send() == [("cy", "two")]


@pytest.mark.parametrize("came", [LOST, DROPPED])
def test_who_moves_while_nobody_knows_what_came_is_not_in_what_is_handed_over_again(
    days: Days, came: Exception
) -> None:
    """Its provider answers for those that the bytes are for: one more would shift all answers."""
    days.join("cy", "dee")
    days.carrier.size, days.carrier.memory = 3, Memory(key_seconds=9e9)
    days.carrier.answers = [came] * 9
    come_out(days, "one")
    move(days, "ada", "ida")
    handed: list[int] = []

    def answer(batch: Batch) -> Outcome:
        handed.append(len(batch.delivery_ids))
        return Outcome.ACCEPTED

    days.carrier.answers = [answer]
    days.send()
    assert handed == [3]
    assert sorted(days.carrier.log) == [f"{one}@example.org" for one in ("ada", "cy", "dee")]
    told = {who: state for _, who, state in days.rows()}
    assert told == {"ada": "accepted", "cy": "accepted", "dee": "accepted", "ida": "skipped"}


def test_who_moves_to_an_address_that_had_left_is_told_since_they_came_themselves(
    days: Days,
) -> None:
    come_out(days, "one")
    days.wait(1)
    with days.series.database.transaction() as connection:
        list(subscribers.add(connection, ["rob@example.org"], "a test", days.now.isoformat()))
        subscribers.remove(connection, "rob@example.org", Way.PAGE, days.now.isoformat())
    move(days, "bob", "rob")
    assert days.send(DIGEST) == [("rob", "one")]


def test_who_moves_to_where_they_are_told_already_misses_nothing(days: Days) -> None:
    come_out(days, "one")
    days.wait(1)
    with days.series.database.transaction() as connection:
        list(subscribers.add(connection, ["rob@example.org"], "a test", days.now.isoformat()))
    wish(days.series, "rob", "weekly")
    move(days, "rob", "bob")
    assert days.send(DIGEST) == [("bob", "one")]


def test_who_moves_gets_no_digest_sooner(days: Days) -> None:
    come_out(days, "one")
    days.send(DIGEST)
    come_out(days, "two")
    move(days, "bob", "rob")
    assert days.send(DIGEST) == []
    days.wait(6)
    assert days.send(DIGEST) == [("rob", "two")]


def test_who_moves_is_told_of_an_update_of_what_they_were_told_before(days: Days) -> None:
    come_out(days, "one")
    days.send(DIGEST)
    move(days, "ada", "ida")
    move(days, "ida", "eda")
    move(days, "bob", "rob")
    changed = replace(days.articles[1], updated="2026-07-01T00:00:00+00:00")
    days.series.publish(days.articles[0], changed)
    assert days.send(Choice(update=["one"])) == [("eda", "update one"), ("rob", "update one")]


def _untold(who: int, *articles: str, topics: tuple[str, ...] = ()) -> Untold:
    return Untold(who, frozenset(topics), frozenset(articles))


def test_digests_are_in_the_order_of_the_series_and_their_ids_are_their_articles() -> None:
    articles: list[Entry] = [entry(n, name) for n, name in enumerate(("a", "b", "c"))]
    some = [_untold(1, "c", "a"), _untold(2, "a", "c"), _untold(3, "b"), _untold(4)]
    found = digests(some, articles)
    assert [[a.id for a in one.articles] for one in found] == [["a", "c"], ["b"]]
    assert [one.subscribers for one in found] == [(1, 2), (3,)]
    renumbered = [replace(articles[2], number=0), replace(articles[0], number=2)]
    again = Picked(Kind.DIGEST, tuple(renumbered), ())
    assert again.id == found[0].id != found[1].id
    assert len(again.id) <= 100


def test_whose_topics_it_has_not_gets_no_digest() -> None:
    tagged = replace(entry(0, "a"), tags=("rust", "async"))
    some = [_untold(1, "a", topics=("async",)), _untold(2, "a", topics=("css",)), _untold(3, "a")]
    [found] = digests(some, [tagged])
    assert found.subscribers == (1, 3)
