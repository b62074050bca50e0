"""What is new is told to those who wish to be told of it, and who is left out is counted."""

from dataclasses import replace

import pytest
from sqlalchemy import insert

from newsletter.store.schema import suppression
from tests.newsletter.conftest import Told, entry
from tests.newsletter.ledgers import BUSY, LOST
from tests.newsletter.wishing import Days, Reader, pause, wish


@pytest.fixture
def days(series: Told) -> Days:
    made = Days(series)
    made.publish(entry(0, "zero"))
    made.send()
    made.join("ada", "bob", "cy", "dee")
    return made


def come_out(days: Days, name: str, *tags: str) -> list[str]:
    """Publish an article, and send: whom of it."""
    days.publish(replace(entry(len(days.articles), name), tags=tags))
    return [who for who, what in days.send() if what == name]


def test_who_chose_topics_is_told_of_what_has_one_of_them(days: Days) -> None:
    wish(days.series, "ada", "each", 0, "rust")
    wish(days.series, "bob", "each", 0, "css", "async")
    assert come_out(days, "one", "rust", "async") == ["ada", "bob", "cy", "dee"]
    assert come_out(days, "two", "css") == ["bob", "cy", "dee"]
    assert come_out(days, "three") == ["cy", "dee"]


def test_a_tag_is_a_topic_as_it_is_written(days: Days) -> None:
    wish(days.series, "ada", "each", 0, "rust")
    assert come_out(days, "one", "Rust", "rust%") == ["bob", "cy", "dee"]


def test_who_pauses_is_not_told_then_and_not_later(days: Days) -> None:
    pause(days.series, "ada")
    assert come_out(days, "one") == ["bob", "cy", "dee"]
    pause(days.series, "ada", paused=False)
    assert days.send() == []
    assert come_out(days, "two") == ["ada", "bob", "cy", "dee"]


def test_who_is_left_out_is_counted_by_reason(days: Days) -> None:
    days.join("eve", "fay", "gil")
    wish(days.series, "ada", "each", 0, "css")
    wish(days.series, "bob", "weekly")
    wish(days.series, "cy", "course", 7)
    for name in ("dee", "eve"):
        pause(days.series, name)
    with days.series.database.transaction() as connection:
        row = {"mailbox": "fay@example.org", "reason": "bounced", "at": "now"}
        connection.execute(insert(suppression), row)
    days.publish(entry(1, "one"))
    [planned] = days.intend().plan.announcements
    assert planned.aside == {
        "pause": 2, "chose other topics": 1, "get it in a digest": 1, "get it in their course": 1,
    }  # fmt: skip
    assert (planned.messages, planned.suppressed, planned.first) == (1, 1, ("gil@example.org",))


def test_each_reason_is_counted_once(days: Days) -> None:
    wish(days.series, "ada", "weekly", 0, "css")
    pause(days.series, "ada")
    wish(days.series, "bob", "weekly", 0, "css")
    days.publish(entry(1, "one"))
    [planned] = days.intend().plan.announcements
    assert planned.aside == {"pause": 1, "chose other topics": 1}


def test_who_pauses_before_their_mail_is_handed_over_gets_it_when_they_resume(days: Days) -> None:
    days.carrier = Reader(*[BUSY] * 6)
    with pytest.raises(Exception, match="not so fast"):
        come_out(days, "one")
    pause(days.series, "ada")
    pause(days.series, "dee")
    assert days.intend().resting == 2
    assert days.send() == [("bob", "one"), ("cy", "one")]
    days.series.unsubscribe("dee")
    assert days.send() == []
    pause(days.series, "ada", paused=False)
    assert days.send() == [("ada", "one")]
    assert days.rows()[-1] == ("new", "dee", "skipped")


def test_who_pauses_while_their_mail_is_frozen_gets_it_when_they_resume(days: Days) -> None:
    def busy(_: object) -> object:
        pause(days.series, "ada")
        return BUSY

    days.carrier = Reader(busy)
    assert come_out(days, "one") == ["bob", "cy", "dee"]
    pause(days.series, "ada", paused=False)
    assert days.send() == [("ada", "one")]


def test_what_is_unknown_is_not_told_again_when_they_resume(days: Days) -> None:
    days.carrier = Reader(LOST)
    assert come_out(days, "one") == ["ada", "bob", "cy", "dee"]
    pause(days.series, "ada")
    days.send()
    pause(days.series, "ada", paused=False)
    assert days.send() == []
