"""A course tells the articles in their order, from the first, one each so many days."""

from dataclasses import replace

import pytest

from newsletter.intents import WHAT_IS_NEW, Choice
from newsletter.plan import Untold, parts
from tests.newsletter.conftest import Told, entry
from tests.newsletter.ledgers import BUSY, require_true_tallies
from tests.newsletter.wishing import COURSE, DIGEST, Days, Reader, pause, wish


@pytest.fixture
def days(series: Told) -> Days:
    """Three articles are known, and told to nobody; cy follows a course, one part in three days."""
    made = Days(series)
    made.publish(entry(0, "zero"), entry(1, "one"), entry(2, "two"))
    made.send()
    made.join("ada", "cy")
    wish(series, "cy", "course", 3)
    return made


def test_it_begins_at_once_with_the_first_and_goes_on_at_its_pace(days: Days) -> None:
    told = []
    for day in range(9):
        told += [(day, *one) for one in days.send(COURSE)]
        days.wait(1)
    assert told == [(0, "cy", "zero"), (3, "cy", "one"), (6, "cy", "two")]
    with days.series.database.transaction() as connection:
        require_true_tallies(connection)


def test_a_job_that_runs_daily_and_never_on_the_dot_keeps_the_pace(days: Days) -> None:
    assert days.send(COURSE) == [("cy", "zero")]
    days.wait(2.99)
    assert days.send(COURSE) == [("cy", "one")]
    days.wait(2)
    assert days.send(COURSE) == []


def test_a_plain_send_tells_the_next_part_as_well(days: Days) -> None:
    days.publish(entry(3, "three"))
    assert days.send() == [("ada", "three"), ("cy", "zero")]


def test_the_first_run_tells_the_first_part(series: Told) -> None:
    series.subscribe("ada", "cy")
    wish(series, "cy", "course", 1)
    days = Days(series)
    days.publish(entry(0, "zero"), entry(1, "one"))
    assert days.send() == [("cy", "zero")]


def test_who_has_caught_up_is_told_of_what_is_new_at_the_same_pace(days: Days) -> None:
    for _ in range(3):
        days.send(COURSE)
        days.wait(3)
    days.publish(entry(3, "three"), entry(4, "four"))
    assert days.send() == [("ada", "four"), ("ada", "three"), ("cy", "three")]
    days.wait(1)
    assert days.send() == []
    days.wait(2)
    assert days.send() == [("cy", "four")]


def test_a_course_leaves_new_articles_to_who_announces_them(days: Days) -> None:
    days.publish(entry(3, "three"))
    assert days.send(COURSE) == [("cy", "zero")]
    assert days.send() == [("ada", "three")]


def test_parts_are_in_the_order_of_the_series_as_it_is_now(days: Days) -> None:
    zero, one, two = days.articles
    days.series.publish(replace(two, number=0), replace(zero, number=1), replace(one, number=2))
    assert days.send(COURSE) == [("cy", "two")]


def test_parts_that_are_not_of_their_topics_are_passed_over(days: Days) -> None:
    zero, one, two = days.articles
    days.series.publish(zero, replace(one, tags=("rust",)), two)
    wish(days.series, "cy", "course", 3, "rust")
    assert days.send(COURSE) == [("cy", "one")]
    days.wait(3)
    assert days.send(COURSE) == []


def test_nothing_is_told_while_they_pause_and_then_it_goes_on(days: Days) -> None:
    days.send(COURSE)
    pause(days.series, "cy")
    days.wait(30)
    assert days.intend(COURSE).messages == days.intend().messages == 0
    assert days.send(COURSE) == days.send() == []
    pause(days.series, "cy", paused=False)
    assert days.send(COURSE) == [("cy", "one")]


def test_the_next_part_waits_for_the_one_before(days: Days) -> None:
    days.carrier = Reader(*[BUSY] * 6)
    with pytest.raises(Exception, match="not so fast"):
        days.send(COURSE)
    days.wait(9)
    assert days.intend(COURSE).plan.picked == ()
    assert days.send(COURSE) == [("cy", "zero")]


def test_what_they_were_told_otherwise_is_no_part(days: Days) -> None:
    wish(days.series, "cy")
    days.publish(entry(3, "three"))
    days.send()
    wish(days.series, "cy", "weekly")
    days.publish(entry(4, "four"))
    days.send()
    assert days.send(DIGEST) == [("cy", "four")]
    wish(days.series, "cy", "course", 1)
    told = []
    for _ in range(6):
        days.wait(1)
        told += days.send(COURSE)
    assert told == [("cy", "zero"), ("cy", "one"), ("cy", "two")]


def test_a_part_waits_as_long_after_a_digest(days: Days) -> None:
    wish(days.series, "cy", "weekly")
    days.publish(entry(3, "three"))
    days.send()
    days.send(DIGEST)
    wish(days.series, "cy", "course", 3)
    days.wait(2)
    assert days.send(COURSE) == []
    days.wait(1)
    assert days.send(COURSE) == [("cy", "zero")]


def test_an_update_is_sent_alone(days: Days) -> None:
    days.publish(entry(3, "three"))
    days.send()
    days.wait(3)
    changed = replace(days.articles[3], updated="2026-07-01T00:00:00+00:00")
    days.series.publish(*days.articles[:3], changed)
    assert days.send(Choice(update=["three"])) == [("ada", "update three")]
    assert days.send() == [("cy", "one")]


def test_what_a_course_told_is_in_no_digest(days: Days) -> None:
    for _ in range(3):
        days.send(COURSE)
        days.wait(3)
    days.publish(entry(3, "three"))
    days.send()
    wish(days.series, "cy", "weekly")
    days.wait(7)
    assert days.send(DIGEST) == []


def test_each_has_a_pace_of_their_own(days: Days) -> None:
    days.join("dee")
    wish(days.series, "dee", "course", 1)
    days.send(WHAT_IS_NEW)
    days.wait(1)
    assert days.send() == [("dee", "one")]
    days.wait(2)
    assert days.send() == [("cy", "one"), ("dee", "two")]


def test_a_part_is_the_first_that_is_left() -> None:
    articles = [entry(n, name) for n, name in enumerate(("a", "b", "c"))]
    some = [
        Untold(who, frozenset(), frozenset(left)) for who, left in enumerate(("cb", "a", "c", ""))
    ]
    found = parts(some, articles)
    assert [(one.id, one.subscribers) for one in found] == [("a", (1,)), ("b", (0,)), ("c", (2,))]
