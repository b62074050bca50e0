"""Mail that returns: a real Postfix's, and some that is put together by hand."""

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from newsletter import returned
from newsletter.mailboxes import Reader
from newsletter.model import Fate, Note
from newsletter.store import notes
from newsletter.store.schema import delivery
from press.problems import ProblemsFound
from tests.newsletter import ledgers
from tests.newsletter import postfix as real
from tests.newsletter.conftest import Told
from tests.newsletter.ledgers import LOST, NOW, forgetful, runner
from tests.newsletter.postfix import Postfix, client

RETURNS_TO = "bounces+{delivery}@example.org"
ONE = "0123456789abcdef0123456789ab"

SETTINGS = """\
recipient_delimiter = +
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
transport_maps = inline:{{ gone@example.org=refuse:, full@example.org=refuse:,
  strict@example.org=refuse: }}
"""


def told(series: Told, *names: str, answer: object = "accepted") -> list[str]:
    """Ids of the deliveries of an article to some people."""
    series.subscribe(*names)
    ledgers.send(series, forgetful(answer, size=99), "newest")
    return ids_of(series)


def ids_of(series: Told) -> list[str]:
    with series.database.transaction() as connection:
        query = select(delivery.c.id).order_by(delivery.c.subscriber_id)
        return list(connection.execute(query).scalars())


def take(series: Told, path: Path, returns_to: str = RETURNS_TO) -> tuple[int, int, int]:
    """How many mails of a mailbox are taken, known already, and left."""
    counts = Reader(series.database, series.sender.journal, returns_to, 2, NOW).read(path)
    return counts.taken, counts.known, counts.strange


def suppressed(series: Told) -> dict[str, str]:
    rows = ledgers.everything(series.database)["suppression"]
    return {row["mailbox"].partition("@")[0]: row["reason"] for row in rows}


def soft(series: Told) -> dict[str, int]:
    rows = ledgers.everything(series.database)["subscriber"]
    return {row["email"].partition("@")[0]: row["soft_bounces"] for row in rows}


def maildir(root: Path, *mails: bytes) -> Path:
    for name in ("cur", "new", "tmp"):
        (root / "box" / name).mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(mails):
        (root / f"box/new/17000{number}.host").write_bytes(raw)
    return root / "box"


def seen(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "cur").iterdir() if file.name.endswith(":2,S"))


def wait_for_mails(folder: Path, count: int) -> None:
    """Until a real server has put them there."""
    end = time.monotonic() + 60
    while not (folder / "new").exists() or len(list((folder / "new").iterdir())) < count:
        assert time.monotonic() < end, f"{folder.name} has not got {count} mails"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with real.running(SETTINGS, ["gone", "full", "strict", "ada", "bounces"]) as made:
        yield made


@real.installed
@real.root
@pytest.mark.parametrize("returns_to", [RETURNS_TO, "bounces@example.org"])
def test_what_a_real_postfix_returns_is_taken_once(
    postfix: Postfix, embedded: Told, returns_to: str
) -> None:
    """By the address that it returns to; and by our Message-ID, where that has no id."""
    provider: Any = replace(client(postfix, bounces=returns_to), leaves=False)
    embedded.subscribe("gone", "full", "strict", "ada")
    ledgers.send(embedded, provider, "newest")
    folder = postfix.folder / "mail/bounces"
    wait_for_mails(folder, 3)
    assert take(embedded, folder, returns_to) == (3, 0, 0)
    assert embedded.states() == {"accepted": 3, "bounced": 1}
    assert suppressed(embedded) == {"gone": "bounced"}
    assert soft(embedded) == {"gone": 0, "full": 1, "strict": 1, "ada": 0}
    assert len(seen(folder)) >= 3
    assert take(embedded, folder, returns_to) == (0, 0, 0)


def report(one: str, *groups: str, to: str = "", kind: str = "delivery-status") -> bytes:
    """A report on the mail of a delivery, of which it returns the headers."""
    mail = EmailMessage()
    mail["From"] = "MAILER-DAEMON@relay.example.org"
    mail["To"] = to or RETURNS_TO.replace("{delivery}", one)
    mail["Subject"] = "Undelivered Mail Returned to Sender"
    raw = mail.as_bytes().rstrip() + b"\n"
    text = (
        f'MIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt did not arrive.\n"
        f"--b\nContent-Type: message/{kind}\n\n" + "\n".join(groups) + "\n"
        "--b\nContent-Type: text/rfc822-headers\n\n"
        f"From: series@example.org\nMessage-ID: <{one}.second@example.org>\n\n--b--\n"
    )
    return raw + text.encode()


MTA = "Reporting-MTA: dns; relay.example.org\n"


def of(action: str, status: str) -> str:
    return f"Final-Recipient: rfc822; ada@example.org\nAction: {action}\nStatus: {status}\n"


def dsn(one: str, action: str, status: str, to: str = "") -> bytes:
    return report(one, MTA, of(action, status), to=to)


def arf(one: str, kind: str, to: str = "") -> bytes:
    group = f"Feedback-Type: {kind}\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n"
    return report(one, group, to=to, kind="feedback-report")


def qmail(one: str, address: str = "ada@example.org") -> bytes:
    """In a format of its own, which is older than the standard."""
    return (
        f"From: MAILER-DAEMON@old.example.org\nTo: bounces@example.org\nSubject: failure notice\n"
        f"\nHi. This is the qmail-send program at old.example.org.\n\n<{address}>:\n"
        "Sorry, no mailbox here by that name. (#5.1.1)\n\n"
        "--- Below this line is a copy of the message.\n\n"
        f"Message-ID: <{one}.second@example.org>\nSubject: Second\n"
    ).encode()


VACATION = (
    b"From: ada@example.org\nTo: bounces+%s@example.org\nSubject: I am away\n"
    b"Auto-Submitted: auto-replied\n\nUntil Monday. Message-ID: <%s.second@example.org>\n"
)


@pytest.mark.parametrize(
    ("raw", "fate"),
    [
        (dsn(ONE, "failed", "5.1.1"), Fate.BOUNCED),
        (dsn(ONE, "Failed (the end)", "5.1.10 (null MX)"), Fate.BOUNCED),
        (dsn(ONE, "failed", "5.4.4"), Fate.BOUNCED),
        (dsn(ONE, "failed", "5.2.2"), Fate.SOFT),
        (dsn(ONE, "failed", "4.4.1"), Fate.SOFT),
        (dsn(ONE, "failed", "5.7.1"), Fate.SOFT),
        (dsn(ONE, "failed", "nonsense"), Fate.SOFT),
        (dsn(ONE, "delayed", "4.4.1"), Fate.DEFERRED),
        (dsn(ONE, "delivered", "2.0.0"), Fate.DELIVERED),
        (dsn(ONE, "relayed", "2.0.0"), Fate.ACCEPTED),
        (report(ONE, MTA, of("failed", "5.1.1"), of("delivered", "2.0.0")), Fate.DELIVERED),
        (report(ONE, MTA, of("failed", "5.1.1"), of("failed", "5.2.2")), Fate.SOFT),
        (arf(ONE, "abuse"), Fate.COMPLAINED),
        (arf(ONE, "virus"), Fate.COMPLAINED),
        (arf(ONE, "not-spam"), Fate.OTHER),
        (arf(ONE, "opt-out"), Fate.UNSUBSCRIBED),
        (qmail(ONE), Fate.BOUNCED),
    ],
)
def test_what_a_mail_says(raw: bytes, fate: Fate) -> None:
    said = returned.read(raw, RETURNS_TO)
    assert said
    assert (said.fate, said.delivery_ids) == (fate, (ONE,))


@pytest.mark.parametrize("to", ["", "elsewhere@example.org"])
@pytest.mark.parametrize(
    "returns_to", ["", "bounces@example.org", RETURNS_TO, "x.{delivery}@e.org"]
)
def test_a_mail_is_known_by_either_id(to: str, returns_to: str) -> None:
    said = returned.read(dsn(ONE, "failed", "5.1.1", to=to), returns_to)
    assert said
    assert said.delivery_ids == (ONE,)


BOMBS = [
    b"From: eve@example.org\n" + b"Content-Type: message/rfc822\n\n" * 3000,
    b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1000)
    ),
    b"To: " + b"(" * 5000 + b"\n\n" + dsn(ONE, "failed", "5.1.1"),
]
"""What no parser gets to the end of."""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: hello\n\nHow are you?\n",
        VACATION % (ONE.encode(), ONE.encode()),
        dsn(ONE, "failed", "5.1.1").replace(ONE.encode(), b""),
        dsn(ONE, "dreamt", "5.1.1"),
        report(ONE, MTA),
        report(ONE, ""),
        arf(ONE, ""),
        report(ONE, "", kind="feedback-report"),
        b"Content-Type: message/delivery-status\n\n\xff\xfe\0",
        b"Content-Type: multipart/report; boundary=x\n\n--x\n",
        dsn(ONE, "failed", "5.1.1") + b"x" * returned.MOST_BYTES,
        *BOMBS,
    ],
    ids=lambda raw: str(raw[:20]),
)
def test_what_tells_nothing_is_left(tmp_path: Path, embedded: Told, raw: bytes) -> None:
    [one] = told(embedded, "ada")
    folder = maildir(tmp_path, raw.replace(ONE.encode(), one.encode()))
    before = ledgers.everything(embedded.database)
    assert take(embedded, folder) == (0, 0, 1)
    assert ledgers.everything(embedded.database) == before
    assert len(list((folder / "new").iterdir())) == 1


def test_of_what_can_not_be_guessed_nothing_is_said() -> None:
    """flufl.bounce logs what its detectors fail at; Python shows that even where nobody listens."""
    program = f"from newsletter import returned; returned.read(b'To: a@b.example', {RETURNS_TO!r})"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stderr == b""


def test_many_large_mails_are_not_in_memory_together(tmp_path: Path, embedded: Told) -> None:
    size = returned.MOST_BYTES - 100
    folder = maildir(tmp_path, *[b"Subject: hello\n\n" + b"x" * size] * 40)
    tracemalloc.start()
    assert take(embedded, folder) == (0, 0, 40)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20 * size


SAMPLES = [dsn(ONE, "failed", "5.1.1"), arf(ONE, "abuse"), qmail(ONE)]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_whatever_comes_is_read_or_left(raw: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(start + 40, len(raw))))
        raw = raw[:start] + data.draw(st.binary(max_size=9)) + raw[end:]
    said = returned.read(raw, RETURNS_TO)
    assert said is None or said.delivery_ids


def test_a_mail_of_nobodys_delivery_is_left(tmp_path: Path, embedded: Told) -> None:
    told(embedded, "ada")
    assert take(embedded, maildir(tmp_path, dsn("f" * 28, "failed", "5.1.1"))) == (0, 0, 1)
    assert embedded.states() == {"accepted": 1}


def test_a_guess_counts_only_for_the_very_mailbox(tmp_path: Path, embedded: Told) -> None:
    ada, bob = told(embedded, "ada", "bob")
    assert take(embedded, maildir(tmp_path, qmail(bob))) == (0, 0, 1)
    assert suppressed(embedded) == {}
    assert take(embedded, maildir(tmp_path, qmail(ada))) == (1, 0, 0)
    assert suppressed(embedded) == {"ada": "bounced"}


def test_a_mail_settles_what_is_unknown(tmp_path: Path, series: Told) -> None:
    ids = told(series, "ada", "bob", "eve", answer=LOST)
    mails = [dsn(ids[0], "failed", "5.1.1"), arf(ids[1], "abuse"), dsn(ids[2], "failed", "5.2.2")]
    assert take(series, maildir(tmp_path, *mails)) == (3, 0, 0)
    assert series.states() == {"bounced": 1, "complained": 1, "accepted": 1}
    assert suppressed(series) == {"ada": "bounced", "bob": "complained"}


def noted(series: Told, *names: str) -> list[str]:
    """What mails that ask some people to confirm are called."""
    with series.database.transaction() as connection:
        plans = [notes.Plan(Note.CONFIRM, f"{name}@example.org") for name in names]
        notes.plan_all(connection, plans, NOW)
        sent = notes.claim(connection, len(names), NOW)
        for one in sent:
            notes.record(connection, one.id, notes.Progress.UNKNOWN)
        return [notes.id_of(connection, one.id) for one in sent]


@pytest.mark.parametrize("returns_to", [RETURNS_TO, "bounces@example.org"])
def test_a_mail_to_one_person_comes_back_as_any_other(
    tmp_path: Path, series: Told, returns_to: str
) -> None:
    ids = noted(series, "ada", "bob", "eve")
    mails = [dsn(ids[0], "failed", "5.1.1"), arf(ids[1], "abuse"), qmail(ids[2], "eve@example.org")]
    others = [dsn(f"note{number}-{'0' * 16}", "failed", "5.1.1") for number in (1, 9)]
    assert take(series, maildir(tmp_path, *mails, *others), returns_to) == (3, 0, 2)
    assert suppressed(series) == {"ada": "bounced", "bob": "complained", "eve": "bounced"}
    states = [row["state"] for row in ledgers.everything(series.database)["note"]]
    assert states == ["accepted"] * 3


def test_an_mbox_is_read_and_not_written(tmp_path: Path, series: Told) -> None:
    ids = told(series, "ada", "bob")
    mails = [dsn(one, "failed", "5.1.1") for one in ids]
    path = tmp_path / "mbox"
    path.write_bytes(b"".join(b"From x Thu Jan  1 00:00:00 2026\n" + raw + b"\n" for raw in mails))
    before = path.read_bytes()
    assert take(series, path) == (2, 0, 0)
    assert take(series, path) == (0, 2, 0)
    assert path.read_bytes() == before
    assert series.states() == {"bounced": 2}


def test_what_was_seen_elsewhere_is_passed_over(tmp_path: Path, embedded: Told) -> None:
    [one] = told(embedded, "ada")
    folder = maildir(tmp_path)
    for name in ("1.host:2,S", "2.host:2,RS"):
        (folder / "cur" / name).write_bytes(dsn(one, "failed", "5.1.1"))
    assert take(embedded, folder) == (0, 0, 0)
    (folder / "cur/3.host:2,F").write_bytes(dsn(one, "failed", "5.1.1"))
    assert take(embedded, folder) == (1, 0, 0)
    assert (folder / "cur/3.host:2,FS").exists()


@pytest.mark.parametrize("name", ["nothing", "folder"])
def test_what_is_no_mailbox_is_a_problem(tmp_path: Path, embedded: Told, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ProblemsFound, match="neither a maildir nor an mbox"):
        take(embedded, tmp_path / name)


def test_the_command_says_what_it_took(
    tmp_path: Path, series: Told, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (series.root / "series.toml").read_text()
    added = f'[newsletter.smtp]\nhost = "localhost"\nbounces = "{RETURNS_TO}"\n'
    (series.root / "series.toml").write_text(text + added)
    [one] = told(series, "ada")
    folder = maildir(tmp_path, dsn(one, "failed", "5.1.1").replace(b"Message-ID", b"X"), b"hello")
    run = runner(series, url, monkeypatch)
    assert run("bounces", str(folder)) == "1 taken, 0 known before, 1 left\n"
    assert series.states() == {"bounced": 1}
    assert "neither" in run("bounces", str(tmp_path / "nothing"), status=1)
