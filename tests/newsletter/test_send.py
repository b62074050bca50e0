"""Planning, sending and resuming, on a real ledger and a real outbox."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest

from newsletter import gates, handing, runs
from newsletter.handing import Handing, Letter, Paused
from newsletter.http import Refused, Response
from newsletter.journal import Noted
from newsletter.model import (
    Asked,
    Batch,
    Failure,
    Mail,
    Memory,
    Message,
    Outcome,
    Receipt,
)
from newsletter.providers import Provider
from newsletter.runs import Progress
from newsletter.send import Choice, Sender
from newsletter.store import announcements, batches, deliveries, evidence, identity, pace
from press.manifest import Entry
from press.problems import ProblemsFound
from tests.conftest import REPOSITORY
from tests.newsletter.conftest import Told, entry


def test_a_first_run_mails_no_back_catalogue(series: Told) -> None:
    series.subscribe("ada")
    assert series.send() == 0
    assert series.told() == []
    assert series.send() == 0


def test_it_tells_everyone_of_a_new_article_once(series: Told) -> None:
    series.subscribe("ada", "bob")
    series.send()
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    assert series.send() == 2
    assert series.told() == [("ada", "On third"), ("bob", "On third")]
    assert series.send() == 0
    assert len(series.told()) == 2


def test_a_first_run_can_announce_what_is_chosen(series: Told) -> None:
    series.subscribe("ada")
    assert series.send("newest") == 1
    assert series.told() == [("ada", "On second")]


@pytest.mark.parametrize("name", ["1", "001", "second", "newest"])
def test_an_article_can_be_named(series: Told, name: str) -> None:
    series.subscribe("ada")
    series.send(name)
    assert series.told() == [("ada", "On second")]


def test_all_can_be_announced_in_the_order_of_their_numbers(series: Told) -> None:
    series.subscribe("ada")
    assert series.send("all") == 2
    assert series.states() == {"accepted": 2}


def test_a_new_number_title_date_or_address_tells_nobody_again(series: Told) -> None:
    series.subscribe("ada")
    series.send("second")
    moved = replace(
        entry(7, "moved", title="Renamed", date="2027-01-01T00:00:00+00:00"), id="second"
    )
    series.publish(entry(0, "first"), moved)
    assert series.send() == 0
    assert len(series.told()) == 1


def test_who_joins_later_is_told_of_later_articles_only(series: Told) -> None:
    series.subscribe("ada")
    series.send("second")
    series.subscribe("bob")
    assert series.send() == 0
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    assert series.send() == 2
    assert series.told() == [("ada", "On second"), ("ada", "On third"), ("bob", "On third")]


def test_who_has_left_is_not_told(series: Told) -> None:
    series.subscribe("ada", "bob")
    series.unsubscribe("bob")
    assert series.send("newest") == 1
    assert series.told() == [("ada", "On second")]


def test_a_suppressed_mailbox_is_skipped_and_said_to_be(series: Told) -> None:
    from sqlalchemy import insert

    from newsletter.store.schema import suppression

    series.subscribe("ada", "bob")
    with series.database.transaction() as connection:
        row = {"mailbox": "bob@example.org", "reason": "bounced", "at": "now"}
        connection.execute(insert(suppression), row)
    assert series.send("newest") == 1
    assert series.told() == [("ada", "On second")]
    assert series.states() == {"accepted": 1, "skipped": 1}


def test_another_count_is_refused_and_nothing_is_done(series: Told) -> None:
    series.subscribe("ada", "bob")
    with pytest.raises(ProblemsFound, match="2 messages would be handed over, not 3"):
        series.sender.send(3, Choice(["newest"]))
    assert series.told() == []
    assert series.states() == {}


def test_a_choice_after_the_first_run_is_refused(series: Told) -> None:
    series.send()
    with pytest.raises(ProblemsFound, match="not the first run"):
        series.sender.intend(Choice(["second"]))


def test_an_article_that_is_not_published_is_refused(series: Told) -> None:
    with pytest.raises(ProblemsFound, match="did you mean `second`"):
        series.sender.intend(Choice(["secnd"]))


class Carrier:
    """A provider whose answers a test gives, one for each batch; it keeps its own log."""

    memory = Memory(asks=True)
    leaves = False

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.log: list[str] = []
        self.known: dict[str, Outcome] = {}

    def limit(self, mail: Mail) -> int:  # noqa: ARG002
        return 2

    def freeze(self, messages: Sequence[Message]) -> bytes:
        return json.dumps([m.recipient for m in messages]).encode()

    def hand_over(self, batch: Batch) -> list[Receipt]:
        assert len(batch.key) == 64
        answer = self.answers.pop(0) if self.answers else Outcome.ACCEPTED
        if isinstance(answer, Refused) and answer.failure is not Failure.AMBIGUOUS:
            raise answer
        self.log += json.loads(batch.payload)
        if isinstance(answer, Exception):
            raise answer
        outcomes = answer if isinstance(answer, list) else [answer] * len(batch.delivery_ids)
        pairs = zip(batch.delivery_ids, outcomes, strict=False)
        return [Receipt(one, outcome, "as it says") for one, outcome in pairs]

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:
        return [
            Receipt(one.delivery_id, self.known[one.delivery_id])
            for one in asked
            if one.delivery_id in self.known
        ]


class Leaving(Carrier):
    """Carries mail away from this machine."""

    leaves = True


def send_by(series: Told, carrier: Provider, *chosen: str) -> None:
    sender = by(series, carrier)
    sender.send(sender.intend(Choice(chosen)).messages, Choice(chosen))


def by(series: Told, carrier: Provider, name: str = "carrier") -> Sender:
    return replace(series.sender, carrier=runs.Carrier(carrier, name))


QUOTA = Refused(Failure.QUOTA, "enough for today")


@pytest.mark.parametrize(
    "fault", [TimeoutError(), KeyError(), Refused(Failure.AMBIGUOUS, "status 502")]
)
def test_no_answer_leaves_a_batch_unknown_and_it_is_never_handed_over_again(
    series: Told, fault: Exception
) -> None:
    series.subscribe("ada", "bob", "cy")
    carrier = Carrier(fault)
    send_by(series, carrier, "newest")
    assert series.states() == {"unknown": 2, "accepted": 1}
    send_by(series, carrier)
    send_by(series, carrier)
    assert series.states() == {"unknown": 2, "accepted": 1}
    assert sorted(carrier.log) == ["ada@example.org", "bob@example.org", "cy@example.org"]


def test_a_provider_that_gives_no_answers_is_asked_no_more(series: Told) -> None:
    series.subscribe(*(f"reader{n}" for n in range(9)))
    carrier = Carrier(*[TimeoutError()] * 9)
    with pytest.raises(Paused, match="no usable answer"):
        send_by(series, carrier, "newest")
    assert series.states() == {"unknown": 6, "planned": 3}


@pytest.mark.parametrize("answer", [[], [Outcome.ACCEPTED], [Outcome.ACCEPTED, Outcome.UNKNOWN]])
def test_a_message_without_a_receipt_is_unknown(series: Told, answer: list[Outcome]) -> None:
    series.subscribe("ada", "bob")
    send_by(series, Carrier(answer), "newest")
    accepted = sum(outcome is Outcome.ACCEPTED for outcome in answer)
    expected = {"accepted": accepted, "unknown": 2 - accepted}
    assert series.states() == {state: n for state, n in expected.items() if n}


def in_doubt_of_two(series: Told) -> Carrier:
    """A carrier that gave no answer for two messages; one of them it has taken, if asked."""
    series.subscribe("ada", "bob")
    carrier = Carrier([])
    send_by(series, carrier, "newest")
    with series.database.transaction() as connection:
        first, second = evidence.unknown(connection)
    carrier.known = {first: Outcome.ACCEPTED, second: Outcome.NOT_ACCEPTED}
    return carrier


def test_evidence_settles_what_is_unknown(series: Told) -> None:
    carrier = in_doubt_of_two(series)
    send_by(series, carrier)
    assert series.states() == {"accepted": 2}
    assert len(carrier.log) == 3


def test_only_the_provider_that_was_asked_can_tell(series: Told) -> None:
    series.subscribe("ada")
    send_by(series, Carrier([]), "newest")
    assert series.sender.intend().unknown == 1
    assert series.send() == 0  # by the outbox, which has no such message: that says nothing
    assert series.states() == {"unknown": 1}
    assert series.told() == []


def test_a_sender_that_is_overtaken_says_so(series: Told) -> None:
    class Overtaken(Carrier):
        def hand_over(self, batch: Batch) -> list[Receipt]:
            with series.database.transaction() as connection:
                batches.take_over(connection, [], "2026-01-01T00:00:00+00:00")
            return super().hand_over(batch)

    series.subscribe("ada")
    carrier = Overtaken()
    with pytest.raises(ProblemsFound, match="another sender has taken over"):
        send_by(series, carrier, "newest")
    assert series.states() == {"unknown": 1}


@pytest.mark.parametrize(
    "failure", [Failure.THROTTLED, Failure.NOT_SENT, Failure.QUOTA], ids=lambda one: one.name
)
def test_what_is_surely_not_accepted_is_handed_over_again(series: Told, failure: Failure) -> None:
    series.subscribe("ada", "bob")
    carrier = Carrier(*[Refused(failure, "not now", 0.01)] * 3)
    send_by(series, carrier, "newest")
    assert series.states() == {"accepted": 2}
    assert len(carrier.log) == 2


@pytest.mark.parametrize(
    "failure", [Failure.QUOTA, Failure.AUTH, Failure.REQUEST], ids=lambda one: one.name
)
def test_what_somebody_has_to_mend_pauses_the_run(series: Told, failure: Failure) -> None:
    series.subscribe("ada", "bob", "cy")
    carrier = Carrier(Refused(failure, "enough"))
    with pytest.raises(Paused, match="enough"):
        send_by(series, carrier, "newest")
    assert series.states() == {"planned": 3}
    send_by(series, carrier)
    assert series.states() == {"accepted": 3}
    assert len(carrier.log) == 3


def test_a_provider_that_asks_to_wait_for_long_is_not_asked_before(series: Told) -> None:
    series.subscribe("ada", "bob")
    carrier = Carrier(Refused(Failure.QUOTA, "tomorrow", 86400))
    for _ in range(2):
        with pytest.raises(Paused, match=r"tomorrow; not before 20\d\d-"):
            send_by(series, carrier, *(["newest"] if series.states() == {} else []))
    assert series.states() == {"planned": 2}
    assert carrier.answers == carrier.log == []


def test_a_message_given_back_is_handed_over_again(series: Told) -> None:
    series.subscribe("ada", "bob")
    carrier = Carrier([Outcome.ACCEPTED, Outcome.NOT_ACCEPTED])
    send_by(series, carrier, "newest")
    assert len(carrier.log) == 3
    assert len(set(carrier.log)) == 2
    assert series.states() == {"accepted": 2}


def test_a_provider_that_gives_all_back_is_asked_no_more(series: Told) -> None:
    series.subscribe("ada", "bob")
    with pytest.raises(Paused, match="did not accept 2 messages: as it says"):
        send_by(series, Carrier(Outcome.NOT_ACCEPTED), "newest")
    assert series.states() == {"planned": 2}


def test_a_rejected_address_is_final(series: Told) -> None:
    series.subscribe("ada", "bob")
    send_by(series, Carrier([Outcome.REJECTED, Outcome.ACCEPTED]), "newest")
    assert series.states() == {"rejected": 1, "accepted": 1}
    assert series.sender.intend().messages == 0


def test_frozen_bytes_are_kept_while_in_doubt_and_dropped_then(series: Told) -> None:
    from sqlalchemy import select

    from newsletter.store.schema import batch

    series.subscribe("ada", "bob", "cy")
    send_by(series, Carrier(TimeoutError()), "newest")
    with series.database.transaction() as connection:
        payloads = list(connection.execute(select(batch.c.payload)).scalars())
    assert [payload is not None for payload in payloads] == [True, False]


def test_a_full_outbox_is_a_problem_and_sending_goes_on_later(series: Told) -> None:
    series.subscribe("ada")
    (series.root / "var").mkdir(exist_ok=True)
    (series.root / "var/outbox").write_text("in the way")
    with pytest.raises(ProblemsFound, match="can't write"):
        series.send("newest")
    (series.root / "var/outbox").unlink()
    assert series.send() == 1
    assert series.told() == [("ada", "On second")]


def test_an_article_that_is_gone_is_named_and_the_others_are_told(series: Told) -> None:
    series.subscribe("ada")
    with pytest.raises(Paused):
        send_by(series, Carrier(QUOTA), "second")
    series.publish(entry(0, "first"), entry(2, "third"))
    with pytest.raises(ProblemsFound, match="no longer published"):
        series.send()
    assert series.told() == [("ada", "On third")]


def test_a_broken_template_announces_nothing(series: Told) -> None:
    series.subscribe("ada")
    (series.root / "templates/email").mkdir(parents=True)
    (series.root / "templates/email/announcement.txt").write_text("a\n{{ article.titel }}\n")
    with pytest.raises(ProblemsFound, match=r"announcement\.txt:2:1: template-failed") as found:
        series.send("newest")
    assert "titel" in str(found.value)
    assert series.states() == {}


def test_a_template_gets_at_nothing_but_what_it_is_given(series: Told) -> None:
    series.subscribe("ada")
    (series.root / "templates/email").mkdir(parents=True)
    text = "a\n{{ cycler.__init__.__globals__.os.getcwd() }}\n"
    (series.root / "templates/email/announcement.txt").write_text(text)
    with pytest.raises(ProblemsFound, match="attribute '__init__' of 'type' object is unsafe"):
        series.send("newest")
    assert series.states() == {}


def test_a_second_sender_is_refused_while_one_sends(embedded: Told) -> None:
    with (
        embedded.database.sending(),
        pytest.raises(ProblemsFound, match="another process is sending"),
    ):
        embedded.sender.send(0)


RACE = """
import sys
from pathlib import Path
from newsletter.send import Choice
from tests.newsletter.conftest import make_series
from press.manifest import Entry
from press.problems import ProblemsFound
series = make_series(Path(sys.argv[1]), sys.argv[2])
sys.stdin.readline()
try:
    series.sender.send(30, Choice(["newest"]))
except ProblemsFound as error:
    print(error)
"""


def test_many_senders_at_once_tell_nobody_twice(series: Told, url: str) -> None:
    series.subscribe(*(f"reader{n}" for n in range(30)))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(series.root), url],
            cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=60)[0] for racer in racers]
    assert any(not text for text in said), said
    assert not {text for text in said if "Traceback" in text}
    assert len(series.told()) == 30
    assert series.states() == {"accepted": 30}


@contextmanager
def begun(series: Told) -> Iterator[tuple[Handing, handing.Claimed, Noted]]:
    """A sender that has announced the newest article, and reserved a batch of it."""
    sender = series.sender
    article = sender.manifest.articles[1]
    with series.database.sending() as right:
        with series.database.transaction() as connection:
            name = identity.name(connection)
            plan = sender._intent(connection, Choice(["newest"])).plan
            [planned] = plan.announcements
            announcements.record_baseline(connection, plan.baseline, sender._now())
            announcements.record_announcement(connection, planned, sender._now())
            [announced] = announcements.unfinished(connection)
        made = Handing(
            series.database, right, sender.carrier, sender.journal, name,
            sender.clock, sender.stop, Progress(),
        )  # fmt: skip
        claimed = made._reserve(announced, Letter(sender.composer.mail(article), ()), 100)
        assert claimed
        yield made, claimed, made._noted(claimed, announced)


def test_a_sender_that_was_overtaken_changes_nothing(series: Told) -> None:
    series.subscribe("ada")
    with begun(series) as (sender, claimed, noted):
        with series.database.transaction() as connection:
            batches.take_over(connection, [], "2026-01-01T00:00:00+00:00")
        with pytest.raises(deliveries.Overtaken):
            sender._carry(claimed, noted, 0)
    assert series.states() == {"planned": 1}
    assert series.told() == []


def test_who_leaves_after_the_bytes_are_frozen_is_not_told(series: Told) -> None:
    series.subscribe("ada", "bob")
    with begun(series) as (sender, claimed, noted):
        series.unsubscribe("ada")
        assert sender._carry(claimed, noted, 0)
    assert series.states() == {"planned": 1, "skipped": 1}
    series.send()
    assert series.told() == [("bob", "On second")]
    assert series.states() == {"accepted": 1, "skipped": 1}


def test_a_dry_run_takes_account_of_the_evidence_and_changes_nothing(series: Told) -> None:
    carrier = in_doubt_of_two(series)
    sender = by(series, carrier)
    intent = sender.intend()
    assert (intent.messages, intent.resumed, intent.unknown) == (1, 1, 0)
    assert series.states() == {"unknown": 2}
    run = Progress()
    sender.send(1, progress=run)
    assert (run.accepted, run.found) == (1, 1)


def test_nobody_waits_while_the_pages_are_looked_at(series: Told) -> None:
    """The gates take as long as a server takes to answer; others write meanwhile."""
    settings = (series.root / "series.toml").read_text()
    leave = 'unsubscribe-url = "https://news.example.org/{token}"\n'
    (series.root / "series.toml").write_text(settings + leave)
    series.subscribe("ada")
    fetched = []

    def fetch(address: str) -> Response:
        with series.database.transaction() as connection:  # in SQLite there is one writer
            pace.wait(connection, "another", 1, "", 0)
        fetched.append(address)
        return Response(200, {}, b"")

    sender = replace(by(series, Leaving()), fetch=fetch)
    with pytest.raises(gates.Shut, match="not the one that was built"):
        sender.send(1, Choice(["newest"]))
    assert len(fetched) == 2


def test_who_joins_hands_over_what_is_announced_and_announces_nothing(series: Told) -> None:
    series.subscribe("ada", "bob")
    run = Progress()
    intent = series.sender.send(None, progress=run)
    assert (intent.messages, intent.is_something, run.count) == (0, False, 0)
    with pytest.raises(Paused):
        send_by(series, Carrier(QUOTA), "second")
    series.publish(entry(0, "first"), entry(1, "second"), entry(2, "third"))
    intent = series.sender.send(None, progress=run)
    assert (intent.messages, run.accepted) == (2, 2)
    assert series.told() == [("ada", "On second"), ("bob", "On second")]


def test_the_journal_names_an_update_as_it_was_announced(series: Told) -> None:
    def updated(day: int) -> Entry:
        return entry(1, "second", updated=f"2026-03-{day:02}T00:00:00+00:00")

    series.subscribe("ada")
    series.send("second")
    series.publish(entry(0, "first"), updated(1))
    sender = by(series, Carrier(QUOTA))
    with pytest.raises(Paused):
        sender.send(1, Choice(update=["second"]))
    series.publish(entry(0, "first"), updated(2))
    series.send()
    last = next(series.sender.journal.newest_first(), None)
    assert isinstance(last, Noted)
    assert (last.kind, last.revision) == ("update", updated(1).updated)


def test_a_dry_run_tells_who_can_not_be_told_any_more(series: Told) -> None:
    series.subscribe("ada", "bob")
    with pytest.raises(Paused):
        send_by(series, Carrier(QUOTA), "second")
    series.unsubscribe("ada")
    intent = series.sender.intend()
    assert (intent.messages, intent.held, intent.left) == (1, 0, {"unsubscribed": 1})
    series.publish(entry(0, "first"))
    assert (series.sender.intend().messages, series.sender.intend().held) == (0, 1)
