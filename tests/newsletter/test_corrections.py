"""A correction is told to exactly those who were told of the article as it was, and once."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from newsletter import runs
from newsletter.intents import Choice
from newsletter.model import Kind, Memory, Outcome
from newsletter.store import joining, readdressing, subscribers
from newsletter.store.joining import Way
from newsletter.store.schema import version
from press.manifest import Change, Entry
from press.problems import ProblemsFound
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told, entry
from tests.newsletter.emulator.relay import Relay
from tests.newsletter.ledgers import DROPPED, LOST, forgetful, require_true_tallies
from tests.newsletter.test_identity import reconcile
from tests.newsletter.test_smtp import client
from tests.newsletter.wishing import COURSE, DIGEST, Days, pause, wish

FAULT = Change("2026-06-10T00:00:00+00:00", "The lock was taken twice.", correction=True)
OTHER = Change("2026-06-12T00:00:00+00:00", "So was the other one.", correction=True)
PLAIN = Change("2026-06-11T00:00:00+00:00", "A word was missing.")
CORRECTION = Choice(correction=["one"])


@pytest.fixture
def days(series: Told) -> Days:
    """`zero` is known, and told to nobody; ada is told of `one` as it came out."""
    made = Days(series)
    made.publish(entry(0, "zero"))
    made.send()
    made.join("ada")
    made.publish(entry(1, "one"), entry(2, "two"))
    made.send()
    return made


def change(days: Days, *changes: Change, name: str = "one") -> None:
    """Give an article these changes, and publish it so."""
    changed = {name: {"changes": changes, "updated": max(one.date for one in changes)}}
    days.articles = tuple(
        replace(one, **changed.get(one.id, {}))  # type: ignore[arg-type]
        for one in days.articles
    )
    days.series.publish(*days.articles)


def move(days: Days, name: str, to: str) -> None:
    with days.series.database.transaction() as connection:
        who = joining.is_subscriber(connection, f"{name}@example.org")
        assert who is not None
        readdressing.readdress(connection, who, f"{to}@example.org", days.now.isoformat())


def test_it_is_told_to_who_was_told_before_and_to_nobody_else(days: Days) -> None:
    change(days, FAULT)
    days.join("new")  # was told of nothing yet
    assert days.send() == []
    assert days.send(CORRECTION) == [("ada", "correction one")]
    assert days.send(CORRECTION) == []
    with days.series.database.transaction() as connection:
        require_true_tallies(connection)


def test_who_was_told_of_it_as_it_is_now_is_not_told_again(days: Days) -> None:
    wish(days.series, "ada", "each")
    days.join("late", "wendy")
    wish(days.series, "late", "course", 1)
    wish(days.series, "wendy", "weekly")
    days.wait(8)
    assert ("late", "zero") in days.send(COURSE)
    change(days, FAULT)
    days.wait(8)
    assert ("late", "one") in days.send(COURSE)  # as it is now
    assert days.send(CORRECTION) == [("ada", "correction one")]


def test_who_had_it_in_a_digest_is_told_and_who_had_it_corrected_in_one_is_not(days: Days) -> None:
    days.join("bob", "eve")
    wish(days.series, "bob", "weekly")
    wish(days.series, "eve", "weekly")
    pause(days.series, "eve")
    days.publish(entry(3, "three"))
    days.send()
    assert days.send(DIGEST) == [("bob", "one+two+three")]
    change(days, FAULT, name="three")
    pause(days.series, "eve", paused=False)
    days.wait(8)
    assert days.send(DIGEST) == [("eve", "one+two+three")]
    correction = Choice(correction=["three"])
    assert days.send(correction) == [("ada", "correction three"), ("bob", "correction three")]


def test_who_was_told_of_the_update_that_corrects_it_is_not_told_again(days: Days) -> None:
    days.join("bob")
    days.publish(entry(3, "three"))
    days.send()
    change(days, FAULT, name="three")
    pause(days.series, "bob")
    assert days.send(Choice(update=["three"])) == [("ada", "update three")]
    pause(days.series, "bob", paused=False)
    assert days.send(Choice(correction=["three"])) == [("bob", "correction three")]


def test_a_change_that_is_called_a_correction_later_is_told_to_who_had_it_without(
    days: Days,
) -> None:
    mended = replace(FAULT, correction=False)
    days.join("late")
    wish(days.series, "late", "course", 1)
    change(days, mended)
    days.wait(3)
    days.send(COURSE)
    days.wait(3)
    assert days.send(COURSE) == [("late", "one")]
    with pytest.raises(ProblemsFound, match="says of no correction"):
        days.intend(CORRECTION)
    change(days, FAULT)
    assert days.send(CORRECTION) == [("ada", "correction one")]


def test_each_correction_is_told_by_itself_and_only_once(days: Days) -> None:
    change(days, FAULT, PLAIN, OTHER)
    assert days.send(CORRECTION) == [("ada", "correction one")] * 2
    assert days.send(CORRECTION) == []
    change(days, FAULT, PLAIN, OTHER, replace(FAULT, date="2026-06-13T00:00:00+00:00"))
    assert days.send(CORRECTION) == [("ada", "correction one")]


def test_another_wording_or_zone_is_the_same_correction(days: Days) -> None:
    change(days, FAULT)
    days.send(CORRECTION)
    change(days, replace(FAULT, date="2026-06-10T00:00:00+09:00", note="Said better."))
    assert days.send(CORRECTION) == []


def test_who_pauses_is_told_when_they_go_on(days: Days) -> None:
    change(days, FAULT)
    pause(days.series, "ada")
    intent = days.intend(CORRECTION)
    assert (intent.messages, intent.plan.announcements[0].aside) == (0, {"pause": 1})
    assert days.send(CORRECTION) == []
    assert days.intend().resting == 1
    pause(days.series, "ada", paused=False)
    assert days.send() == [("ada", "correction one")]


def test_who_has_left_is_left_alone(days: Days) -> None:
    days.join("bob")
    days.publish(entry(3, "three"))
    days.send()
    change(days, FAULT, name="three")
    days.series.unsubscribe("bob")
    assert days.send(Choice(correction=["three"])) == [("ada", "correction three")]


def test_who_leaves_before_it_is_handed_over_is_not_told(days: Days) -> None:
    days.join("bob")
    days.publish(entry(3, "three"))
    days.send()
    change(days, FAULT, name="three")
    days.carrier.answers = [Outcome.NOT_ACCEPTED]
    with pytest.raises(ProblemsFound):
        days.send(Choice(correction=["three"]))
    days.series.unsubscribe("bob")
    assert days.send() == [("ada", "correction three")]


def test_who_moves_is_told_at_the_new_address_and_once(days: Days) -> None:
    change(days, FAULT)
    move(days, "ada", "ida")
    assert days.send(CORRECTION) == [("ida", "correction one")]
    move(days, "ida", "eda")
    assert days.send(CORRECTION) == []


def test_who_moves_keeps_the_version_that_they_were_told(days: Days) -> None:
    change(days, PLAIN, FAULT, name="two")
    days.publish(entry(3, "three", changes=(OTHER,), updated=OTHER.date))
    assert days.send() == [("ada", "three")]
    move(days, "ada", "ida")
    move(days, "ida", "eda")
    assert days.send(Choice(correction=["three"])) == []
    assert days.send(Choice(correction=["two"])) == [("eda", "correction two")]


def test_who_was_refused_at_the_old_address_was_told_nothing_wrong(days: Days) -> None:
    days.carrier.answers = [Outcome.REJECTED]
    days.publish(entry(3, "three"))
    days.send()
    move(days, "ada", "ida")
    change(days, FAULT, name="three")
    assert days.send(Choice(correction=["three"])) == []


def test_what_may_have_come_to_the_old_address_puts_nothing_right(days: Days) -> None:
    days.publish(entry(3, "three"))
    days.send()
    change(days, FAULT, name="three")
    days.carrier.answers, days.carrier.memory = [DROPPED], Memory()
    assert days.send(Choice(update=["three"])) == []
    move(days, "ada", "ida")
    move(days, "ida", "eda")
    assert days.send(Choice(correction=["three"])) == [("eda", "correction three")]


def test_who_comes_back_is_told_when_it_is_sent_again(days: Days) -> None:
    change(days, FAULT)
    with days.series.database.transaction() as connection:
        subscribers.remove(connection, "ada@example.org", Way.PAGE, days.now.isoformat())
    assert days.send(CORRECTION) == []
    with days.series.database.transaction() as connection:
        joining.join(connection, "ada@example.org", days.now.isoformat(), {"form": Way.PAGE})
    assert days.send(CORRECTION) == [("ada", "correction one")]


def test_what_may_have_come_counts_and_what_surely_did_not_does_not(series: Told) -> None:
    series.subscribe("ada", "bob", "cy")
    carrier = forgetful(LOST, size=1)
    ledgers.send(series, carrier, "newest")  # nobody knows of the first
    assert series.states() == {"accepted": 2, "unknown": 1}
    publish_corrected(series)
    assert correct(series, carrier) == 3
    assert series.states() == {"accepted": 5, "unknown": 1}


def publish_corrected(series: Told, *changes: Change) -> Entry:
    made = entry(1, "second", changes=changes or (FAULT,), updated=FAULT.date)
    series.publish(entry(0, "first"), made)
    return made


def correct(series: Told, carrier: ledgers.Carrier) -> int:
    choice = Choice(correction=["second"])
    sender = ledgers.sender(series, carrier)
    count = sender.intend(choice).messages
    sender.send(count, choice)
    return count


def test_what_turns_out_later_is_made_up_for(series: Told) -> None:
    """It was not taken, and then it was, with the same bytes: the same command tells them."""
    series.subscribe("ada", "bob")
    carrier = ledgers.Carrier(Outcome.ACCEPTED, DROPPED, size=1)
    ledgers.send(series, carrier, "newest")
    publish_corrected(series)
    assert correct(series, carrier) == 2
    assert correct(series, carrier) == 0
    assert sorted(carrier.log) == ["ada@example.org"] * 2 + ["bob@example.org"] * 2


def test_it_goes_on_after_it_was_stopped(days: Days) -> None:
    days.join("bob", "cy")
    days.publish(entry(3, "three"))
    days.send()
    change(days, FAULT, name="three")
    correction = Choice(correction=["three"])
    days.carrier.answers = [Outcome.ACCEPTED, Outcome.NOT_ACCEPTED]
    with pytest.raises(ProblemsFound):
        days.send(correction)
    assert days.send(correction) == [("cy", "correction three")]
    assert max(days.carrier.told.values()) == 1


def test_a_correction_that_the_article_lost_waits_and_is_named(days: Days) -> None:
    change(days, FAULT)
    days.carrier.answers = [Outcome.NOT_ACCEPTED]
    with pytest.raises(ProblemsFound):
        days.send(CORRECTION)
    change(days, OTHER)
    intent = days.intend()
    assert (intent.messages, intent.held) == (0, 1)
    with pytest.raises(ProblemsFound, match=r"the correction of 2026-06-10T00:00:00 .* `one` lost"):
        days.send()
    change(days, FAULT)
    assert days.send() == [("ada", "correction one")]


@pytest.mark.parametrize(("name", "said"), [("two", "says of no correction"), ("x", "is called")])
def test_what_there_is_no_correction_of_is_a_problem(days: Days, name: str, said: str) -> None:
    with pytest.raises(ProblemsFound, match=said):
        days.intend(Choice(correction=[name]))


def test_an_article_that_was_never_announced_has_none_to_tell(days: Days) -> None:
    days.publish(entry(3, "three", changes=(FAULT,), updated=FAULT.date))
    with pytest.raises(ProblemsFound, match="was never announced"):
        days.intend(Choice(correction=["three"]))


def test_a_restored_ledger_knows_who_was_told_which_version(series: Told) -> None:
    series.subscribe("ada")
    publish_corrected(series)
    carrier = ledgers.Carrier()
    copy = ledgers.everything(series.database)
    ledgers.send(series, carrier, "newest")
    publish_corrected(series, FAULT, OTHER)
    assert correct(series, carrier) == 1
    ledgers.put_back(series.database, copy)
    reconcile(series)
    assert correct(series, carrier) == 0
    with series.database.transaction() as connection:
        told = {row.change for row in connection.execute(select(version))}
    assert told == {FAULT.id, OTHER.id}
    assert carrier.log == ["ada@example.org"] * 2


def test_the_mail_says_what_was_wrong_and_leads_to_the_place(days: Days) -> None:
    change(days, replace(FAULT, note="It said <b>; it is <c>."), OTHER)
    article = days.articles[1]
    mail = days.sender.composer.mail(article, Kind.CORRECTION, FAULT.id)
    assert mail.subject == "Correction: On one"
    assert "Correction, 2026-06-10: It said <b>; it is <c>." in mail.text
    assert "It said &lt;b&gt;; it is &lt;c&gt;." in mail.html
    for part in (mail.text, mail.html):
        assert f"{article.url}#page:corrections" in part
        assert "something in it was wrong" in part
        assert "were told of this part as it was before" in part.replace("\n", " ")
        assert OTHER.note not in part


def test_the_outbox_has_one_for_each(embedded: Told) -> None:
    embedded.subscribe("ada", "bob")
    embedded.send("newest")
    publish_corrected(embedded)
    choice = Choice(correction=["second"])
    embedded.sender.send(2, choice)
    embedded.sender.send(0, choice)
    subjects = ["Correction: On second", "On second"]
    assert embedded.told() == [(who, what) for who in ("ada", "bob") for what in subjects]


def test_it_goes_by_smtp_with_the_headers_of_any_mail_of_the_list(embedded: Told) -> None:
    place = embedded.root / "series.toml"
    place.write_text(place.read_text() + 'unsubscribe-url = "https://n.example.org/u/{token}"\n')
    embedded.subscribe("ada")
    with Relay() as relay:
        carrier = runs.Carrier(client(relay.port), "smtp")
        sender = replace(embedded.sender, carrier=carrier)
        sender.send(1, Choice(["newest"]), verify=False)
        publish_corrected(embedded)
        sender = replace(embedded.sender, carrier=carrier)
        sender.send(1, Choice(correction=["second"]), verify=False)
        told, corrected = relay.accepted
    assert (told.subject, corrected.subject) == ("On second", "Correction: On second")
    assert corrected.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert corrected.headers["Feedback-ID"].startswith("second:series:correction:")
    assert corrected.headers["Message-ID"] != told.headers["Message-ID"]
    assert FAULT.note in corrected.text
