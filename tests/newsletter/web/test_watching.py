"""For who runs it: health and metrics."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import create_engine

from newsletter.web import app, watching
from tests.newsletter.web.conftest import APP, TEXT, People

SECRET = "t" * 32


def test_it_is_well(people: People) -> None:
    answer = people.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def broken(people: People) -> People:
    """The same with a ledger whose file is gone, and a folder in its place."""
    engine = create_engine(f"sqlite:////{people.series.root}/no/such/file.db")
    database = replace(people.desk.database, engine=engine)
    desk = replace(people.desk, database=database)
    return replace(people, flask=app.make(desk))


def test_it_is_not(few: People) -> None:
    assert broken(few).get("/healthz").status_code == 503


def test_a_ledger_that_fails_is_no_fault_of_who_asks(few: People) -> None:
    page = broken(few).get("/confirm/x")
    assert page.status_code == 503
    assert "sqlite" not in page.text
    made = broken(few).client.get("/confirm/x", base_url=APP, headers=TEXT)
    assert made.json == {"status": "not now"}


@pytest.mark.parametrize(
    "given", ["", "Bearer x", "Basic x", "Basic eDp5", "Basic ²", "Bearer ²", f"Digest {SECRET}"]
)
def test_metrics_are_for_who_has_the_token(
    few: People, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Authorization": given}
    for wanted in ("", SECRET):
        monkeypatch.setenv(watching.VARIABLE, wanted)
        assert few.get("/metrics", headers=headers).status_code == 404


def test_metrics_count_all_there_is(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(watching.VARIABLE, SECRET)
    people.join("ada@example.org")
    people.ask("not an address")
    people.letters()
    people.series.send("newest")
    answer = people.get("/metrics", headers={"Authorization": f"Bearer {SECRET}"})
    assert answer.headers["Content-Type"] == watching.MEDIA_TYPE
    lines = answer.text.splitlines()
    for line in (
        'proofpress_asks{fate="confirmed"} 1',
        'proofpress_asks{fate="malformed"} 1',
        'proofpress_notes{kind="confirm",state="accepted"} 1',
        'proofpress_notes{kind="welcome",state="accepted"} 1',
        'proofpress_deliveries{state="accepted"} 1',
    ):
        assert line in lines
    for line in lines:
        assert re.fullmatch(r'# (HELP|TYPE) \w+ .*|\w+\{(\w+="[^"\\]*",?)+\} \d+', line)
