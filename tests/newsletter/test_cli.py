"""The verbs, as their user runs them."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import TYPED, Publication


@pytest.fixture
def published(publication: Publication) -> Publication:
    publication.article("000-first")
    publication.article("001-second", date="2026-01-02")
    publication.build()
    return publication


def run(publication: Publication, *args: str, status: int = 0, ledger: Path | None = None) -> str:
    environment = {"PROOFPRESS_LEDGER": f"sqlite:///{ledger}"} if ledger else {}
    done = publication.run("newsletter", *args, **environment)
    assert done.returncode == status, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_the_way_from_a_subscriber_to_their_mail(published: Publication) -> None:
    assert "added" in run(published, "subscribers", "add", "Ada@Example.org")
    said = run(published, "send", "--announce", "second")
    assert "1 article would be recorded as known already" in said
    assert "001 “001-second” to 1 subscriber" in said
    assert "Ad…@example.org" in said
    assert "Ada@" not in said
    assert f"{TYPED} newsletter send --announce second --confirm 1" in said
    run(published, "send", "--announce", "second", "--confirm", "2", status=1)
    assert not (published.root / "var/outbox").exists()
    said = run(published, "send", "--announce", "second", "--confirm", "1")
    assert "1 of 1 messages accepted by outbox" in said
    assert len(list((published.root / "var/outbox").glob("*.eml"))) == 1
    assert "nothing to tell" in run(published, "send")
    assert "nothing was sent" in run(published, "send", "--confirm", "0")
    assert len(list((published.root / "var/outbox").iterdir())) == 1


def test_an_article_that_lost_its_id_with_its_name_is_named_before_it_is_told_twice(
    published: Publication,
) -> None:
    run(published, "subscribers", "add", "ada@example.org")
    run(published, "send", "--announce", "second", "--confirm", "1")
    content = published.root / "content"
    (content / "001-second.md").rename(content / "001-other.md")
    published.article("002-third", title="001-second", date="2026-01-03")
    published.build()
    said = run(published, "send")
    assert said.count("give it `id: second`, or it is told twice") == 2
    published.article("001-other", title="001-second", date="2026-01-02", id="second")
    published.build()
    said = run(published, "send")
    assert "002 “001-second” to 1 subscriber" in said
    assert "give it" not in said


def test_a_dry_run_makes_no_file(published: Publication) -> None:
    run(published, "send")
    run(published, "status")
    assert not (published.root / "var").exists()


def test_sending_needs_a_built_site(publication: Publication) -> None:
    assert "the site is not built yet" in run(publication, "send", status=1)


def test_sending_needs_newsletter_settings(published: Publication) -> None:
    text = (published.root / "series.toml").read_text()
    (published.root / "series.toml").write_text(text.partition("[newsletter]")[0])
    run(published, "subscribers", "add", "a@example.org")
    assert "there is no table [newsletter]" in run(published, "send", status=1)


def test_a_dry_run_finds_a_provider_that_is_none(published: Publication) -> None:
    text = (published.root / "series.toml").read_text()
    (published.root / "series.toml").write_text(text.replace('"outbox"', '"outbix"'))
    assert "did you mean `outbox`" in run(published, "send", status=1)


def test_nobody_else_can_read_the_ledger(published: Publication) -> None:
    run(published, "subscribers", "add", "a@example.org")
    assert (published.root / "var").stat().st_mode & 0o077 == 0


def test_status_counts_add_up(published: Publication) -> None:
    for name in ("a", "b"):
        run(published, "subscribers", "add", f"{name}@example.org")
    run(published, "send", "--announce", "newest", "--confirm", "2")
    published.article("002-third", date="2026-01-03")
    published.build()
    first, second, third = json.loads(run(published, "status", "--json"))
    assert (first["baseline"], second["baseline"]) == (True, False)
    assert second["planned"] == second["accepted"] == 2
    assert not third["recorded"]
    said = run(published, "status")
    assert "001-second: 2 of 2 accepted" in said
    assert "002-third: not told yet" in said
    assert "000-first: known before the first run" in said


def test_unknown_deliveries_are_shown_and_exit_with_3(published: Publication) -> None:
    run(published, "subscribers", "add", "a@example.org")
    run(published, "send", "--announce", "newest", "--confirm", "1")
    with closing(sqlite3.connect(published.root / "var/ledger.db")) as connection, connection:
        connection.execute("UPDATE delivery SET state = 'unknown'")
        connection.execute("UPDATE tally SET state = 'unknown' WHERE state = 'accepted'")
        connection.execute("UPDATE batch SET payload = x''")
    said = run(published, "status", status=3)
    assert "1 unknown since 20" in said
    assert json.loads(run(published, "status", "--json", status=3))[1]["unknown"] == 1
    run(published, "send", "--confirm", "0")  # the outbox is asked, and knows
    assert "1 of 1 accepted" in run(published, "status")


def test_who_was_removed_stays_out(published: Publication) -> None:
    run(published, "subscribers", "add", "a@example.org")
    assert "removed" in run(published, "subscribers", "remove", "A@example.org")
    assert "left before" in run(published, "subscribers", "add", "a@example.org", status=1)
    (published.root / "list.csv").write_text("email\na@example.org\nb@example.org\n")
    said = run(published, "subscribers", "import", "list.csv")
    assert "1 added, 0 already a subscriber, 1 left before" in said


def test_an_import_takes_the_good_and_names_the_bad(published: Publication) -> None:
    (published.root / "list.csv").write_text("email\na@example.org\nnobody\nA@example.org\n")
    said = run(published, "subscribers", "import", "list.csv", status=1)
    assert "1 added, 1 already a subscriber, 0 left before" in said
    assert "list.csv:3:1: bad-input" in said
    said = run(published, "subscribers", "import", "list.csv", status=1)
    assert "0 added, 2 already a subscriber" in said


def test_an_export_can_be_imported(
    published: Publication, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run(published, "subscribers", "add", "a@example.org")
    run(published, "subscribers", "add", "b@example.org")
    run(published, "subscribers", "remove", "b@example.org")
    run(published, "subscribers", "export", "list.csv")
    assert run(published, "subscribers", "export") == (published.root / "list.csv").read_text()
    other = tmp_path_factory.mktemp("other") / "ledger.db"
    run(published, "subscribers", "import", "list.csv", ledger=other)
    [account] = json.loads(run(published, "subscribers", "list", "--json", ledger=other))
    assert account["email"] == "a@example.org"
    assert "left before" in run(
        published, "subscribers", "add", "b@example.org", status=1, ledger=other
    )
    assert "a@example.org  confirmed" in run(published, "subscribers", "list")


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "a@",
        "a@b@c",
        "a@example.org\nBcc: b@example.org",
        "ä@example.org",
        "a@localhost",
        "",
    ],
)
def test_what_is_no_address_is_refused(published: Publication, address: str) -> None:
    assert "this is no address" in run(published, "subscribers", "add", address, status=1)


def test_a_missing_list_is_a_problem(published: Publication) -> None:
    assert "can't read this" in run(published, "subscribers", "import", "nowhere.csv", status=1)
    assert "can't write this" in run(published, "subscribers", "export", "no/where.csv", status=1)


@pytest.mark.parametrize("args", [["nothing"], ["send", "--confirm", "-1"], ["send", "x"]])
def test_wrong_usage_exits_with_2(published: Publication, args: list[str]) -> None:
    run(published, *args, status=2)


@pytest.mark.parametrize("verb", [["send"], ["status"], ["subscribers", "list"]])
def test_a_secret_in_the_ledgers_address_is_not_shown(
    published: Publication, verb: list[str]
) -> None:
    secret = {"PROOFPRESS_LEDGER": "postgresql://user:hunter2@localhost/x"}
    done = published.run("newsletter", *verb, **secret)
    assert done.returncode == 1
    assert "hunter2" not in done.stdout + done.stderr


def test_python_m_newsletter_is_the_same(published: Publication) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "newsletter", "status"],
        cwd=published.root,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == run(published, "status")


def test_the_demonstration_keeps_to_itself(published: Publication) -> None:
    said = run(published, "demo")
    assert said.startswith("announced 1 to the sample subscriber reader@example.org: demo/outbox/")
    assert (published.root / said.split()[-1]).is_file()
    assert "nothing new to announce" in run(published, "demo")
    published.article("002-third", date="2026-01-03")
    published.build()
    assert "demo/outbox/third-" in run(published, "demo")
    assert len(list((published.root / "demo/outbox").iterdir())) == 2
    assert not (published.root / "var").exists()


def test_the_demonstration_ignores_the_authors_ledger(published: Publication) -> None:
    elsewhere = published.root / "elsewhere.db"
    run(published, "demo", ledger=elsewhere)
    assert not elsewhere.exists()
