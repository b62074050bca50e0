"""The verbs for wishes, and those that send what they ask for, on each engine."""

import json
from dataclasses import replace

import pytest

from tests.newsletter import ledgers
from tests.newsletter.conftest import Told, entry
from tests.newsletter.ledgers import Run


@pytest.fixture
def run(series: Told, url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    series.subscribe("ada", "bob", "cy")
    series.publish(entry(0, "first"), replace(entry(1, "second"), tags=("rust", "async")))
    return ledgers.runner(series, url, monkeypatch)


def prefer(run: Run, *args: str, status: int = 0) -> str:
    return run("subscribers", "prefer", *args, status=status)


def test_wishes_are_set_one_by_one_and_shown(run: Run) -> None:
    assert prefer(run, "ADA@example.org") == "ADA@example.org: each article\n"
    assert prefer(run, "ada@example.org", "--weekly", "--topic", "rust", "--topic", "async") == (
        "ada@example.org: a weekly digest, of async, rust\n"
    )
    assert prefer(run, "ada@example.org", "--course", "7", "--pause") == (
        "ada@example.org: a course, one part every 7 days, of async, rust, paused\n"
    )
    assert "one part each day, of async, rust\n" in prefer(
        run, "ada@example.org", "--course", "1", "--resume"
    )
    assert prefer(run, "ada@example.org", "--each", "--all-topics").endswith(": each article\n")
    assert prefer(run, "bob@example.org") == "bob@example.org: each article\n"


def test_what_is_kept_of_them_is_shown_and_forgotten(run: Run) -> None:
    prefer(run, "ada@example.org", "--weekly", "--topic", "rust", "--pause")
    found = json.loads(run("subscribers", "show", "ada@example.org"))
    assert (found["cadence"], found["paused"], found["topics"]) == ("weekly", True, ["rust"])
    run("subscribers", "erase", "ada@example.org")
    assert "no subscriber" in prefer(run, "ada@example.org", status=1)


def test_erasing_forgets_what_somebody_wished(series: Told, run: Run) -> None:
    prefer(run, "ada@example.org", "--course", "3", "--topic", "rust", "--pause")
    run("subscribers", "erase", "ada@example.org")
    rows = ledgers.everything(series.database)
    assert rows["topic"] == []
    assert {(row["cadence"], row["every_days"], row["paused"]) for row in rows["subscriber"]} == {
        ("each", 0, 0)
    }


@pytest.mark.parametrize(
    ("args", "said", "status"),
    [
        (["x@example.org", "--weekly"], "x@example.org: no subscriber", 1),
        (["ada@example.org", "--topic", "rst"], "did you mean `rust`?", 1),
        (["ada@example.org", "--topic", "rust", "--topic", "zz"], "there are: async, rust", 1),
        (["ada@example.org", "--course", "0"], "from 1 to 365 days", 1),
        (["ada@example.org", "--course", "x"], "not a valid integer", 2),
        (["ada@example.org", "--course", "3", "--weekly"], "exclude each other", 2),
        (["ada@example.org", "--topic", "rust", "--all-topics"], "exclude each other", 2),
        (["nobody", "--weekly"], "no address", 1),
    ],
)
def test_what_cannot_be_wished_is_refused(
    run: Run, args: list[str], said: str, status: int
) -> None:
    assert said in prefer(run, *args, status=status)
    assert prefer(run, "ada@example.org") == "ada@example.org: each article\n"


def test_a_dry_run_says_who_is_told_otherwise(run: Run) -> None:
    prefer(run, "ada@example.org", "--weekly")
    prefer(run, "bob@example.org", "--pause")
    said = run("send", "--announce", "newest")
    assert (
        "to 1 subscriber\n    not now: 1 pause, 1 get it in a digest\n    cy…@example.org" in said
    )


def test_a_digest_is_counted_shown_and_sent(series: Told, run: Run) -> None:
    prefer(run, "ada@example.org", "--weekly")
    run("send", "--announce", "all", "--confirm", "4")
    assert run("send", "--digest", "--count") == "1\n"
    said = run("send", "--digest")
    assert "digest of 2 articles (000, 001) to 1 subscriber\n    ad…@example.org\n" in said
    assert "send --digest --confirm 1\n" in said
    assert "1 messages would be handed over, not 2" in run(
        "send", "--digest", "--confirm", "2", status=1
    )
    assert "1 of 1 messages accepted by outbox" in run("send", "--digest", "--confirm", "1")
    assert run("send", "--digest", "--count") == run("send", "--catch-up", "--count") == "0\n"
    mail = next(mail for mail in series.mails() if mail["To"] == "ada@example.org")
    assert "digest-" in mail["Message-ID"]
    text = mail.get_body(("plain",))
    assert text
    assert "/first.html" in text.get_content()
    assert "/second.html" in text.get_content()
    said = run("status")
    assert "On first: 2 of 3 accepted, 1 skipped (told in a digest)\n" in said
    assert said.endswith("1 digest: 1 of 1 accepted\n")
    kinds = [row["kind"] for row in json.loads(run("status", "--json"))]
    assert kinds == ["new", "new", "digest"]


def test_a_part_of_a_course_is_counted_shown_and_sent(run: Run) -> None:
    prefer(run, "cy@example.org", "--course", "7")
    run("send", "--confirm", "1")
    said = run("status")
    assert "On first: known before the first run, told in courses, 1 of 1 accepted\n" in said
    assert "On second: known before the first run, told to nobody\n" in said
    assert run("send", "--course", "--count") == "0\n"
    prefer(run, "bob@example.org", "--course", "7")
    said = run("send", "--course")
    assert "next in a course: 000 “On first” to 1 subscriber\n    bo…@example.org\n" in said
    assert "send --course --confirm 1\n" in said
    assert "1 of 1 messages accepted by outbox" in run("send", "--course", "--confirm", "1")


@pytest.mark.parametrize(
    "other", ["--course", "--catch-up", "--update=x", "--announce=x", "--test=a@example.org"]
)
def test_one_thing_is_sent_at_a_time(run: Run, other: str) -> None:
    assert "exclude each other" in run("send", "--digest", other, status=2)


def test_many_digests_are_not_shown_one_by_one(series: Told, run: Run) -> None:
    names = [f"a{number}" for number in range(12)]
    series.subscribe(*names)
    run("send", "--confirm", "0")
    for name in names:
        prefer(run, f"{name}@example.org", "--weekly")
    tagged = [replace(entry(n, name), tags=(name,)) for n, name in enumerate(names)]
    series.publish(*tagged)
    for name in names:
        prefer(run, f"{name}@example.org", "--topic", name)
    run("send", "--confirm", "36")
    said = run("send", "--digest")
    assert said.count("digest of 1 article (") == 10
    assert "and 2 more like these: 2 messages\n" in said
