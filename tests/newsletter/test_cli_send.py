"""Sending by a provider over HTTP, as an author does it: what is said, and how it exits."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import NEWSLETTER, REPOSITORY, SERIES, Publication
from tests.newsletter.emulator.faults import Fault, Plan
from tests.newsletter.emulator.server import Emulator, dialect

TOKEN = "a-very-secret-token"
SECRETS = {"POSTMARK_SERVER_TOKEN": TOKEN}
LEAVE = 'unsubscribe-url = "https://news.example.org/unsubscribe/{token}"\n'


@pytest.fixture
def postmark(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator(dialect("postmark"), SECRETS, tmp_path / "log", Plan()) as made:
        yield made


@pytest.fixture
def published(publication: Publication, postmark: Emulator) -> Publication:
    settings(publication, postmark, LEAVE)
    for number, name in enumerate(("first", "second")):
        publication.article(f"00{number}-{name}", date=f"2026-01-0{number + 1}")
    publication.build()
    for name in ("ada", "bob", "bad-one"):
        run(publication, "subscribers", "add", f"{name}@example.org")
    return publication


def settings(publication: Publication, postmark: Emulator, more: str) -> None:
    text = NEWSLETTER.replace('"outbox"', '"postmark"') + more
    provider = f'\n[newsletter.postmark]\nurl = "{postmark.url}"\n'
    publication.write("series.toml", SERIES + text + provider)


def run(publication: Publication, *args: str, status: int = 0, **environment: str) -> str:
    done = publication.run("newsletter", *args, **{**SECRETS, **environment})
    assert done.returncode == status, done.stdout + done.stderr
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert TOKEN not in said
    return said


def send(publication: Publication, *args: str, status: int = 0) -> str:
    return run(publication, "send", "--no-verify", *args, status=status)


def test_all_are_told_and_the_rejected_counted(published: Publication, postmark: Emulator) -> None:
    said = send(published, "--announce", "newest")
    assert "--announce newest --no-verify --confirm 3" in said
    assert "the pages are not looked at" in said
    said = send(published, "--announce", "newest", "--confirm", "3")
    assert "2 of 3 messages accepted by postmark" in said
    assert "1 rejected for good" in said
    assert len(postmark.books.counts()) == 2
    assert "nothing to tell" in send(published)
    row = json.loads(run(published, "status", "--json"))[1]
    assert (row["planned"], row["accepted"], row["rejected"]) == (3, 2, 1)


def test_a_gate_that_is_shut_exits_with_5(published: Publication, postmark: Emulator) -> None:
    assert "the article's page can't be seen" in run(
        published, "send", "--announce", "newest", status=5
    )
    settings(published, postmark, "")
    said = send(published, "--announce", "newest", status=5)
    assert "unsubscribe-url" in said
    send(published, "--announce", "newest", "--confirm", "3", status=5)
    assert postmark.sendings == 0


@pytest.mark.parametrize("fault", [Fault.AUTH, Fault.REQUEST, Fault.QUOTA])
def test_a_provider_that_takes_nothing_exits_with_4(
    published: Publication, postmark: Emulator, fault: Fault
) -> None:
    postmark.plan = Plan([fault])
    said = send(published, "--announce", "newest", "--confirm", "3", status=4)
    assert "0 of 3 messages accepted by postmark" in said
    assert postmark.sendings == 1
    assert "3 messages of earlier announcements would go on" in send(published)
    send(published, "--confirm", "3")
    assert max(postmark.books.counts().values()) == 1


def test_what_is_unknown_exits_with_3_until_a_person_settles_it(
    published: Publication, postmark: Emulator
) -> None:
    postmark.plan = Plan([Fault.RESET_BEFORE])
    assert "3 unknown" in send(published, "--announce", "newest", "--confirm", "3", status=3)
    assert "unknown since 20" in run(published, "status", status=3)
    run(published, "settle", "--resend", "--confirm", "2", status=1)
    run(published, "settle", "--resend", "--confirm", "3", "--note", "it was down")
    assert "2 of 3 messages accepted" in send(published, "--confirm", "3")
    assert max(postmark.books.counts().values()) == 1


def test_what_the_provider_has_is_found(published: Publication, postmark: Emulator) -> None:
    postmark.plan = Plan([Fault.RESET])
    said = send(published, "--announce", "newest", "--confirm", "3", status=3)
    assert "2 of 3 messages accepted by postmark" in said
    assert "by each send; its “no” counts 30 minutes after an attempt" in said
    assert "1 unknown" in said  # of the third, its "no" is too fresh to be believed
    assert postmark.sendings == 1


def test_one_marked_copy_goes_out_beside_the_ledger(
    published: Publication, postmark: Emulator
) -> None:
    said = send(published, "--test", "me@example.org")
    assert "a test of 001 to me@example.org: accepted by postmark" in said
    [accepted] = postmark.books.accepted
    assert accepted.message.subject == "[Test] 001-second"
    assert json.loads(run(published, "status", "--json"))[1]["recorded"] is False


def test_an_update_is_told_once_and_never_by_accident(
    published: Publication, postmark: Emulator
) -> None:
    send(published, "--announce", "newest", "--confirm", "3")
    assert "says of no change" in send(published, "--update", "second", status=1)
    published.article("001-second", date="2026-01-02", updated="2026-03-01")
    published.build()
    assert "nothing to tell" in send(published)
    run(published, "subscribers", "add", "new@example.org")
    said = send(published, "--update", "second")
    assert "the update of 001 “001-second” to 2 subscribers" in said
    assert "--update second" in said
    send(published, "--update", "second", "--confirm", "2")
    subjects = [one.message.subject for one in postmark.books.accepted]
    assert subjects == ["001-second"] * 2 + ["Updated: 001-second"] * 2
    assert "nobody is told that twice" in send(published, "--update", "second", status=1)
    assert "(update of 2026-03-01): 2 of 2 accepted" in run(published, "status")


def test_a_correction_is_told_to_who_was_told_what_was_wrong(
    published: Publication, postmark: Emulator
) -> None:
    send(published, "--announce", "newest", "--confirm", "3")
    assert "says of no correction" in send(published, "--correction", "second", status=1)
    changes = '[{date: 2026-03-01, note: "It was 1; it is 2.", correction: true}]'
    published.article("001-second", date="2026-01-02", changes=changes)
    published.build()
    assert "nothing to tell" in send(published)
    run(published, "subscribers", "add", "new@example.org")
    assert "accepted by postmark" in send(
        published, "--correction", "second", "--test", "me@example.org"
    )
    said = send(published, "--correction", "second")
    assert "a correction of 001 “001-second” to 2 subscribers" in said
    assert "    2026-03-01: It was 1; it is 2." in said
    assert "send --correction second --no-verify --confirm 2" in said
    send(published, "--correction", "second", "--confirm", "1", status=1)
    send(published, "--correction", "second", "--confirm", "2")
    told = sorted((one.message.recipient, one.message.subject) for one in postmark.books.accepted)
    assert told == [
        ("ada@example.org", "001-second"),
        ("ada@example.org", "Correction: 001-second"),
        ("bob@example.org", "001-second"),
        ("bob@example.org", "Correction: 001-second"),
        ("me@example.org", "[Test] Correction: 001-second"),
    ]
    assert "there is nothing to tell" in send(published, "--correction", "second")
    assert "(correction of 2026-03-01): 2 of 2 accepted" in run(published, "status")


def test_a_correction_waits_until_its_page_is_live(
    published: Publication, postmark: Emulator
) -> None:
    send(published, "--announce", "newest", "--confirm", "3")
    changes = "[{date: 2026-03-01, note: It was 1, correction: true}]"
    published.article("001-second", date="2026-01-02", changes=changes)
    published.build()
    before = postmark.sendings
    said = run(published, "send", "--correction", "second", "--confirm", "2", status=5)
    assert "the article's page can't be seen" in said
    assert postmark.sendings == before


def test_a_secret_that_is_missing_is_named(published: Publication) -> None:
    said = run(published, "send", status=1, POSTMARK_SERVER_TOKEN="")
    assert "POSTMARK_SERVER_TOKEN: missing-value: the provider postmark needs" in said


def test_options_that_exclude_each_other_are_wrong_usage(published: Publication) -> None:
    send(published, "--confirm", "1", "--join", status=2)
    send(published, "--announce", "newest", "--update", "second", status=2)
    send(published, "--correction", "second", "--update", "second", status=2)


def test_an_interrupt_ends_it_after_the_batch_on_its_way(
    published: Publication, postmark: Emulator
) -> None:
    text = (published.root / "series.toml").read_text()
    published.write("series.toml", text.replace(LEAVE, LEAVE + "batch = 1\nrate = 0.2\n"))
    command = [sys.executable, str(REPOSITORY / "build.py"), "newsletter", "send", "--no-verify"]
    sender = subprocess.Popen(
        [*command, "--announce", "newest", "--confirm", "3"],
        cwd=published.root, env={"PATH": "", **SECRETS, "PROOFPRESS_JOURNAL": str(published.root)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not postmark.books.accepted and sender.poll() is None:
        pass
    sender.send_signal(signal.SIGINT)
    out, err = sender.communicate(timeout=60)
    assert sender.returncode == 130, out + err
    assert "stopped: sending again goes on" in err
    assert re.search(r"1 of 3 messages accepted", out)
    states = json.loads(run(published, "status", "--json"))[1]
    assert (states["accepted"], states["in_flight"]) == (1, 2)
