"""What `status` tells is what is there: in content/, in site/, in the ledger and at the address."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from press import status
from tests.conftest import NEWSLETTER, SERIES, Publication

PAST, FUTURE = "2020-01-01", "2999-01-01"


def data(publication: Publication, *args: str) -> Any:
    return json.loads(publication.run("status", "--format", "json", *args).stdout)


def state_of(publication: Publication) -> dict[str, str]:
    return {row["id"]: row["state"] for row in data(publication)["articles"]}


def test_each_state_and_what_comes_next(publication: Publication) -> None:
    for name in ("000-a", "001-b", "002-c", "005-f"):
        publication.article(name, date=PAST)
    publication.article("003-d", date=FUTURE)
    publication.article("004-e", date=PAST, draft="true")
    assert set(state_of(publication).values()) == {"to be built", "scheduled", "draft"}
    publication.run()
    assert state_of(publication)["a"] == "built"
    publication.article("001-b", "Another text.\n", date=PAST)
    publication.article("002-c", date=PAST, draft="true")
    publication.article("006-g", date=PAST)
    (publication.root / "content/005-f.md").unlink()
    assert state_of(publication) == {
        "a": "built", "b": "changed", "c": "draft", "d": "scheduled", "e": "draft",
        "g": "to be built",
    }  # fmt: skip
    last = publication.run("status").stdout.splitlines()[-1]
    assert last == "the next publish would build 001, 006 and take away c.html, f.html"
    publication.run()
    assert publication.run("status").stdout.splitlines()[-1] == (
        "the next publish would change no article"
    )


def test_a_build_that_failed_makes_nothing_built(publication: Publication) -> None:
    publication.article("000-a", date=PAST)
    publication.run()
    publication.article("000-a", "Another text.\n", date=PAST)
    publication.article("001-b", "[x](none.md)\n", date=PAST)
    assert publication.run().returncode == 1
    assert state_of(publication) == {"a": "changed", "b": "to be built"}


def test_a_build_that_failed_changes_no_neighbour(publication: Publication) -> None:
    for name in ("000-a", "001-b", "002-c"):
        publication.article(name, date=PAST)
    publication.run()
    double = publication.article("001-double", date=PAST)
    assert publication.run().returncode == 1
    built = dict.fromkeys("abc", "built")
    assert state_of(publication) == {**built, "double": "to be built"}
    double.unlink()
    for _ in range(2):
        assert state_of(publication) == built
        assert "(0 files written" in publication.run().stdout


def test_a_cache_that_went_is_no_proof(publication: Publication) -> None:
    publication.article("000-a", date=PAST)
    publication.run()
    assert data(Publication(publication.root))["articles"][0]["state"] == "built"
    for kept in (publication.root / ".cache").glob("made-*"):
        kept.write_bytes(b"no database")
    assert state_of(publication) == {"a": "changed"}


def test_who_was_told(publication: Publication) -> None:
    publication.article("000-a", date=PAST)
    publication.run()
    assert data(publication)["next"]["announce"] is None  # no ledger
    for name in ("one", "two"):
        publication.run("newsletter", "subscribers", "add", f"{name}@example.org")
    publication.run("newsletter", "send", "--confirm", "0")
    publication.article("001-b", date=PAST)
    publication.run()
    assert "announce 001" in publication.run("status").stdout
    sent = publication.run("newsletter", "send", "--confirm", "2")
    assert sent.returncode == 0, sent.stderr
    publication.article("002-c", date=PAST)
    rows = publication.run("status").stdout.splitlines()
    assert "known before the first send" in rows[0]
    assert "announced 2 of 2" in rows[1]
    assert "not announced" in rows[2]
    assert data(publication)["articles"][1]["told"] == {
        "accepted": 2, "of": 2, "unknown": 0, "in_flight": 0, "rejected": 0, "baseline": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("unknown", "said"), [(0, "announced 1 of 2"), (1, "announced 1 of 2, 1 unknown")]
)
def test_what_is_not_known_is_named(unknown: int, said: str) -> None:
    told = {"accepted": 1, "of": 2, "unknown": unknown, "baseline": False}
    row = status.Row(0, "content/000-a.md", "a", "Title", PAST, status.BUILT, told=told)
    line, *_ = status.text(status.Status((row,), (), has_ledger=True, problems=()))
    assert re.split(" {2,}", line) == ["000", "built", said, "Title"]


def test_a_ledger_that_can_not_be_read_is_a_problem_beside_the_rest(
    publication: Publication,
) -> None:
    publication.article("000-a", date=PAST)
    publication.write("var/ledger.db", "no database at all, " * 100)
    run = publication.run("status")
    assert run.returncode == 1
    assert "to be built" in run.stdout
    assert "bad-ledger" in run.stderr


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_whether_it_is_live(
    publication: Publication, tmp_path_factory: pytest.TempPathFactory
) -> None:
    public = tmp_path_factory.mktemp("public")
    with served(public) as url:
        series = SERIES.replace("https://example.org/series", url) + NEWSLETTER
        publication.write("series.toml", series)
        for name in ("000-a", "001-b", "002-c"):
            publication.article(name, date=PAST)
        publication.run()
        (public / "a.html").write_bytes((publication.root / "site/a.html").read_bytes())
        (public / "b.html").write_text("something else")
        rows = data(publication, "--online")["articles"]
        text = publication.run("status", "--online").stdout
    assert [(row["live"], row["why"]) for row in rows] == [
        (True, ""),
        (False, "it is not as it was built"),
        (False, "it answers with status 404"),
    ]
    assert "built, live" in text
    assert "built, not live" in text
    gone = data(publication, "--online")["articles"][0]
    assert gone["live"] is False
    assert gone["why"].startswith("it can't be seen: ")
