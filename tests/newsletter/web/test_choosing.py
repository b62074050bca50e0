"""Settings: what a subscriber is told and how often, their data, another address."""

import html
import json
import re
from dataclasses import replace
from datetime import datetime

import pytest

from newsletter.journal import Came, Left
from newsletter.model import Cadence
from newsletter.plan import Planned
from newsletter.store import announcements, readdressing, wishes
from newsletter.store.wishes import Wishes
from newsletter.web import app
from tests.newsletter import ledgers
from tests.newsletter.conftest import entry
from tests.newsletter.web.conftest import APP, People, link, session, text_of


def wished(people: People, email: str = "ada@example.org") -> Wishes:
    [who] = [one for one in people.rows()["subscriber"] if one["email"] == email]
    with people.desk.database.reading() as connection:
        return wishes.of(connection, who["id"])


def test_a_subscriber_chooses(people: People) -> None:
    people.join("ada@example.org")
    given = people.enter("ada@example.org")
    page = people.act(given, "save", cadence="weekly", topics=["async", "types"], paused="yes")
    assert page.status_code == 200
    assert 'role="status"' in page.text
    assert wished(people) == Wishes(Cadence.WEEKLY, 0, True, frozenset({"async", "types"}))
    people.act(session(page), "save", cadence="course", days="3")
    assert wished(people) == Wishes(Cadence.COURSE, 3)


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"cadence": "daily"}, {"cadence": "course", "days": "0"},
        {"cadence": "course", "days": "x"}, {"cadence": "course", "days": "9" * 5000},
        {"cadence": "each", "topics": ["x" * 500]}, {"cadence": "each", "topics": ["\0"]},
        {"cadence": "each", "topics": [str(n) for n in range(99)] + ["a\nb"]},
    ],
)  # fmt: skip
def test_what_is_no_wish_changes_nothing(people: People, fields: dict[str, str]) -> None:
    people.join("ada@example.org")
    given = people.enter("ada@example.org")
    before = people.rows()
    assert people.act(given, "save", **fields).status_code == 400
    assert people.rows() == before


def test_only_a_subscriber_is_let_in_and_the_page_does_not_tell(people: People) -> None:
    people.join("ada@example.org")
    pages = {
        people.ask(email, "/preferences").text for email in ("ada@example.org", "b@x.org", "x")
    }
    assert len(pages) == 1
    assert people.letter()["To"] == "ada@example.org"


def test_the_link_works_once_and_for_an_hour(people: People) -> None:
    people.join("ada@example.org")
    people.ask("ada@example.org", "/preferences")
    first = link(people.letter(), "settings")
    assert people.get(first).status_code == 200
    assert people.post(first).status_code == 200
    assert people.post(first).status_code == 410
    people.ask("ada@example.org", "/preferences")
    second = link(people.letter(), "settings")
    people.clock.later(hours=1)
    assert people.post(second).status_code == 410


def test_a_link_of_one_purpose_has_no_other(people: People) -> None:
    people.ask("ada@example.org")
    secret = link(people.letter(), "confirm").rpartition("/")[2]
    before = people.rows()
    for path in ("settings", "moved", "unsubscribe"):
        assert people.post(f"/{path}/{secret}").status_code in (404, 410)
    assert people.rows() == before


@pytest.mark.parametrize("given", ["", "x", "MQ.x.y", "1"])
def test_a_session_can_not_be_made_up(people: People, given: str) -> None:
    people.join("ada@example.org")
    before = people.rows()
    for action in ("save", "data", "address", "leave", "erase"):
        answer = people.act(given, action, sure="yes", cadence="weekly", email="e@x.org")
        assert answer.status_code == 410
        assert "ada@" not in answer.text
    assert people.rows() == before


def test_the_stamp_of_a_form_is_no_session(people: People) -> None:
    people.join("ada@example.org")
    stamp = people.desk.shown.give(people.rows()["subscriber"][0]["id"])
    assert people.act(stamp, "data").status_code == 410


def test_a_session_ends_when_its_subscriber_leaves(people: People) -> None:
    people.join("ada@example.org")
    given = people.enter("ada@example.org")
    assert people.act(given, "leave").status_code == 200
    assert people.standing("ada@example.org") == "unsubscribed"
    assert people.act(given, "data").status_code == 410


def test_one_sees_all_that_is_kept(people: People) -> None:
    people.join("ada@example.org")
    people.series.send("newest")
    given = people.enter("ada@example.org")
    found = re.search(r"<code>(.*)</code>", people.act(given, "data").text, re.S)
    assert found
    kept = json.loads(html.unescape(found[1]))
    assert kept["email"] == "ada@example.org"
    assert [one["article_id"] for one in kept["told"]] == ["second"]
    assert kept["history"][0]["asked_from"] == "127.0.0.0/24"
    assert {one["kind"] for one in kept["mails to you alone"]} == {"confirm", "welcome", "settings"}
    assert kept["asked"]


def test_one_is_erased_only_when_sure(people: People) -> None:
    people.join("ada@example.org")
    people.series.send("newest")
    given = people.enter("ada@example.org")
    assert people.act(given, "erase").status_code == 400
    assert people.standing("ada@example.org") == "confirmed"
    assert people.act(given, "erase", sure="yes").status_code == 200
    left = re.sub(r"b'.*?'", "", repr(people.rows()))
    assert "ada@" not in left.lower()
    assert "127.0.0" not in left


def test_another_address_is_told_from_then_on_and_nothing_twice(people: People) -> None:
    people.join("ada@example.org")
    people.series.send("newest")
    people.act(people.enter("ada@example.org"), "save", cadence="each", topics=["async"])
    people.clock.later(days=1)
    given = people.enter("ada@example.org")
    people.act(given, "address", email="ada@new.example")
    mail = people.letter()
    assert mail["To"] == "ada@new.example"
    move = link(mail, "moved")
    assert people.get(move).status_code == 200
    assert people.standing("ada@new.example") == "nobody"
    assert people.post(move).status_code == 200
    assert people.post(move).status_code == 410
    assert people.standing("ada@new.example") == "confirmed"
    assert people.standing("ada@example.org") == "unsubscribed"
    assert wished(people, "ada@new.example").topics == {"async"}
    third = entry(2, "third", tags=("async",))
    people.series.publish(entry(0, "first"), entry(1, "second"), third)
    people.series.send()
    told = [(mail["To"], mail["Subject"]) for mail in people.series.mails()]
    assert ("ada@new.example", "On third") in told
    assert ("ada@new.example", "On second") not in told
    assert ("ada@example.org", "On third") not in told


def test_the_journal_knows_of_both_addresses_what_the_ledger_knows(people: People) -> None:
    people.join("ada@example.org")
    people.act(people.enter("ada@example.org"), "address", email="ada@new.example")
    move = link(people.letter(), "moved")

    def ticking() -> datetime:
        people.clock.later(seconds=1)
        return people.clock()

    flask = app.make(replace(people.desk, clock=ticking))
    assert flask.test_client().post(move.removeprefix(APP), base_url=APP).status_code == 200
    came, left, *_ = people.desk.journal.newest_first()
    assert isinstance(came, Came)
    assert isinstance(left, Left)
    assert (came.at, len({*came.came, *left.names})) == (left.at, 2)
    people.series.send("newest")  # else the ledger would be taken for an older copy


def test_what_was_planned_for_the_old_address_goes_to_the_new(people: People) -> None:
    people.join("ada@example.org")
    [who] = people.rows()["subscriber"]
    with people.desk.database.transaction() as connection:
        announcements.record_announcement(
            connection, Planned(entry(1, "second")), people.desk.now()
        )
        readdressing.readdress(connection, who["id"], "ada@new.example", people.desk.now())
    people.series.send()
    told = [mail["To"] for mail in people.series.mails() if mail["Subject"] == "On second"]
    assert told == ["ada@new.example"]
    with people.desk.database.transaction() as connection:
        ledgers.require_true_tallies(connection)


def test_an_old_address_may_come_back_and_is_told_only_what_is_new(people: People) -> None:
    people.join("ada@example.org")
    people.series.send("newest")
    given = people.enter("ada@example.org")
    people.act(given, "address", email="ada@new.example")
    people.post(link(people.letter(), "moved"))
    people.clock.later(days=1, seconds=1)
    people.join("ada@example.org")
    people.series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    people.series.send()
    told = [(mail["To"], mail["Subject"]) for mail in people.series.mails()]
    assert told.count(("ada@example.org", "On second")) == 1
    assert told.count(("ada@example.org", "On third")) == 1
    assert told.count(("ada@new.example", "On third")) == 1


def test_an_address_of_somebody_else_is_not_taken_and_not_told_of(people: People) -> None:
    people.join("ada@example.org")
    people.join("bob@example.org")
    given = people.enter("ada@example.org")
    answer = people.act(given, "address", email="bob@example.org")
    other = people.act(given, "address", email="new@example.org")
    hidden = re.compile(r'value="[^"]+"')
    assert hidden.sub("", answer.text) == hidden.sub("", other.text)
    assert [mail["To"] for mail in people.letters()] == ["new@example.org"]


def test_a_subscriber_can_not_write_to_many_addresses(people: People) -> None:
    people.join("ada@example.org")
    given = people.enter("ada@example.org")
    for number in range(9):
        people.act(given, "address", email=f"a{number}@example.org")
    assert len(people.letters()) == 3


def test_erasing_takes_former_addresses_along(people: People) -> None:
    people.join("ada@example.org")
    people.series.send("newest")
    given = people.enter("ada@example.org")
    people.act(given, "address", email="countess@new.example")
    people.post(link(people.letter(), "moved"))
    people.clock.later(days=1)
    given = people.enter("countess@new.example")
    assert "ada@example.org" in people.act(given, "data").text
    people.act(given, "erase", sure="yes")
    left = re.sub(r"b'.*?'", "", repr(people.rows())).lower()
    assert "ada@" not in left
    assert "countess" not in left


def test_the_settings_mail_says_nothing_of_settings(people: People) -> None:
    people.join("ada@example.org")
    people.ask("ada@example.org", "/preferences")
    assert f"{APP}/settings/" in text_of(people.letter())
