"""What has to be true before a mail leaves: each gate that is shut is named, nothing is sent."""

import gzip
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from newsletter import gates
from newsletter.gates import Shut
from newsletter.send import Choice, Sender
from press.config import Newsletter
from press.manifest import Manifest
from press.problems import Problem
from tests.newsletter import ledgers
from tests.newsletter.conftest import SERIES_ENTRY, Told, entry
from tests.newsletter.ledgers import Carrier

PAGE = b"<p>the page, as it was built</p>"


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b"here"
    headers: dict[str, str] = field(default_factory=dict)
    is_cut_off: bool = False


@dataclass
class Site:
    """A real server; what is at a path can change."""

    url: str
    answers: dict[str, Answer]
    asked: list[str]
    """Paths, as they were asked for."""
    headers: list[dict[str, str]]


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            made.headers.append({name.lower(): value for name, value in self.headers.items()})
            answer = made.answers.get(self.path)
            if answer is None:  # no answer at all
                self.close_connection = True
                return
            self.send_response(answer.status)
            length = len(answer.body) + 100 * answer.is_cut_off
            for name, value in {"Content-Length": str(length), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Site(f"http://127.0.0.1:{server.server_port}", {}, [], [])
    made.answers["/second.html"] = made.answers["/first.html"] = Answer(body=PAGE)
    made.answers[f"/leave/{gates.SAMPLE}"] = Answer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def newsletter(site: Site, leave: str = "/leave/{token}") -> Newsletter:
    return Newsletter(
        "A <a@example.org>", "a@example.org", "1 Street", "carrier", "",
        f"{site.url}{leave}" if leave else "", "", 0.0, 0, 5, {},
    )  # fmt: skip


def manifest(site: Site) -> Manifest:
    articles = tuple(
        replace(entry(n, name), url=f"{site.url}/{name}.html")
        for n, name in enumerate(["first", "second"])
    )
    files = {f"{name}.html": sha256(PAGE).hexdigest() for name in ("first", "second")}
    return Manifest(SERIES_ENTRY, articles, files)


def problems(site: Site, leave: str = "/leave/{token}") -> list[Problem]:
    made = manifest(site)
    return list(gates.live(gates.fetch, newsletter(site, leave), made, made.articles))


def test_what_is_as_it_was_built_opens_the_gates(site: Site) -> None:
    assert problems(site) == []
    assert site.asked == ["/first.html", "/second.html", "/leave/proofpress-check"]
    assert {headers["cache-control"] for headers in site.headers} == {"no-cache"}


def test_a_page_may_be_compressed_on_its_way(site: Site) -> None:
    body = gzip.compress(PAGE)
    site.answers["/second.html"] = Answer(body=body, headers={"Content-Encoding": "gzip"})
    assert problems(site) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(404, b"not there"), "answers with status 404"),
        (Answer(404, PAGE), "answers with status 404"),
        (Answer(500), "answers with status 500"),
        (Answer(203, PAGE), "answers with status 203"),
        (Answer(200, b""), "is not the one that was built"),
        (Answer(200, PAGE + b"\n"), "is not the one that was built"),
        (
            Answer(301, PAGE, {"Location": "/first.html"}),
            "answers with status 301, which leads to /first.html",
        ),
        (Answer(302, b"", {"Location": "https://x.org/\x7f\x1b[2J"}), r"leads to https://x\.org/"),
        (Answer(200, PAGE, {"Content-Encoding": "gzip"}), "can't be seen"),
        (Answer(200, PAGE, is_cut_off=True), "can't be seen"),
        (None, "can't be seen"),
    ],
    ids=str,
)
def test_a_page_that_is_not_as_it_was_built_shuts_them(
    site: Site, answer: Answer | None, said: str
) -> None:
    if answer:
        site.answers["/second.html"] = answer
    else:
        del site.answers["/second.html"]
    [found] = problems(site)
    assert found.path == f"{site.url}/second.html"
    assert "--no-verify" in found.hint
    assert found.message.isprintable()
    assert re.search(said, found.message), found.message


def test_a_page_that_is_not_in_the_manifest_shuts_them(site: Site) -> None:
    made = replace(manifest(site), files={})
    found = list(gates.live(gates.fetch, newsletter(site), made, made.articles))
    assert [one.path for one in found] == [one.url for one in made.articles]


def test_a_server_that_is_not_there_shuts_them(site: Site) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"
    made = manifest(replace(site, url=nowhere))
    found = list(gates.live(gates.fetch, newsletter(site), made, made.articles[:1]))
    assert ["no connection" in one.message for one in found] == [True]


@pytest.mark.parametrize("answer", [Answer(404), Answer(302), None], ids=str)
def test_a_way_to_leave_that_does_not_answer_shuts_them(site: Site, answer: Answer | None) -> None:
    site.answers.pop("/leave/proofpress-check")
    if answer:
        site.answers["/leave/proofpress-check"] = answer
    [found] = problems(site)
    assert found.path == f"{site.url}/leave/{{token}}"
    assert "the way to leave" in found.message


def test_there_has_to_be_a_way_to_leave(site: Site) -> None:
    assert [one.code for one in gates.settings(newsletter(site, ""))] == ["missing-value"]
    assert list(gates.settings(newsletter(site))) == []


def leaving_sender(series: Told, site: Site, carrier: Carrier, leave: str) -> Sender:
    """A sender whose mail leaves this machine, of a series that is at the site."""
    carrier.leaves = True
    made = ledgers.sender(series, carrier)
    published = manifest(site)
    composer = replace(made.composer, newsletter=newsletter(site, leave), manifest=published)
    return replace(made, composer=composer, manifest=published)


def test_all_that_is_shut_is_told_in_one_run_and_nothing_is_done(series: Told, site: Site) -> None:
    series.subscribe("ada")
    site.answers["/first.html"] = Answer(404)
    site.answers["/second.html"] = Answer(body=b"another")
    carrier = Carrier()
    sender = leaving_sender(series, site, carrier, "/gone/{token}")
    choice = Choice(["all"])
    before = ledgers.everything(series.database)
    with pytest.raises(Shut) as dry:
        sender.check(sender.intend(choice))
    with pytest.raises(Shut) as wet:
        sender.send(2, choice)
    assert dry.value.problems == wet.value.problems
    assert len(wet.value.problems) == 3
    assert ledgers.everything(series.database) == before
    assert carrier.log == []


def test_without_a_way_to_leave_nothing_is_handed_over_whatever_is_asked(
    series: Told, site: Site
) -> None:
    series.subscribe("ada")
    carrier = Carrier()
    sender = leaving_sender(series, site, carrier, "")
    with pytest.raises(Shut, match="RFC 8058"):
        sender.send(1, Choice(["second"]), verify=False)
    assert (carrier.log, site.asked) == ([], [])


def test_the_pages_can_be_left_out(series: Told, site: Site) -> None:
    series.subscribe("ada")
    site.answers.clear()
    carrier = Carrier()
    sender = leaving_sender(series, site, carrier, "/leave/{token}")
    sender.send(1, Choice(["second"]), verify=False)
    assert carrier.log == ["ada@example.org"]
    assert site.asked == []


def test_only_the_pages_that_mails_lead_to_are_looked_at(series: Told, site: Site) -> None:
    series.subscribe("ada")
    carrier = Carrier()
    sender = leaving_sender(series, site, carrier, "/leave/{token}")
    sender.send(1, Choice(["second"]))
    assert site.asked == ["/second.html", "/leave/proofpress-check"]
    sender.send(0)
    assert len(site.asked) == 2
    assert carrier.log == ["ada@example.org"]


def test_mail_that_stays_on_this_machine_needs_none_of_it(series: Told, site: Site) -> None:
    series.subscribe("ada")
    carrier = Carrier()
    sender = leaving_sender(series, site, carrier, "")
    carrier.leaves = False
    site.answers.clear()
    sender.send(1, Choice(["second"]))
    assert (carrier.log, site.asked) == (["ada@example.org"], [])
