"""The app as a process: what it answered lasts, whatever ends it."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner

from newsletter import leaving
from newsletter.arriving import Limits
from newsletter.cli import cli
from newsletter.compose import composer
from newsletter.connecting import connect
from newsletter.corresponding import Correspondent
from newsletter.http import Refused
from newsletter.model import Failure
from newsletter.store import asks
from newsletter.store.database import open_ledger
from newsletter.web import app, serving
from tests.conftest import REPOSITORY
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told, make_series
from tests.newsletter.web.conftest import People
from tests.newsletter.web.serving import Served, free_port, served

MANY = "\n[newsletter.serve]\nposts-a-minute = 1000000\n"


def prepared(series: Told, port: int) -> dict[str, str]:
    """Give a publication the app's address; what its environment needs."""
    toml = series.root / "series.toml"
    toml.write_text(f'{toml.read_text()}app-url = "http://127.0.0.1:{port}"\n{MANY}')
    url = series.database.engine.url
    if series.database.path is None:
        return {"PROOFPRESS_LEDGER": url.render_as_string(hide_password=False)}
    return {}


def post(served: Served, email: str, **headers: str) -> int:
    connection = HTTPConnection(served.host, served.port, timeout=30)
    try:
        body = urlencode({"email": email, "form": "series"})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/subscribe", body, kind | headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_what_was_answered_lasts_through_a_kill_under_load(series: Told) -> None:
    port = free_port()
    environment = prepared(series, port)
    answered: list[str] = []
    enough = threading.Event()

    def load(one: Served, who: int) -> None:
        for number in range(10_000):
            email = f"a{who}-{number}@example.org"
            try:
                status = post(one, email)
            except OSError:
                return
            assert status == 200
            answered.append(email)
            if len(answered) >= 200:
                enough.set()

    with served(series.root, port, **environment) as one:
        threads = [threading.Thread(target=load, args=(one, who)) for who in range(8)]
        for thread in threads:
            thread.start()
        assert enough.wait(60)
        one.process.kill()
        for thread in threads:
            thread.join()
    with series.database.reading() as connection:
        names = {asks.name_of(connection, email): email for email in answered}
    kept = Counter(
        row["email"] or names.get(row["name"], row["name"])
        for row in ledgers.everything(series.database)["ask"]
    )
    assert set(answered) <= set(kept)
    assert max(kept.values()) == 1


def test_it_ends_when_it_is_asked_to_and_finishes_what_has_begun(embedded: Told) -> None:
    port = free_port()
    prepared(embedded, port)
    with served(embedded.root, port) as one:
        assert post(one, "ada@example.org") == 200
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(30) == 0
    notes = ledgers.everything(embedded.database)["note"]
    assert {note["state"] for note in notes} <= {"accepted", "planned"}


@pytest.mark.parametrize(("proxies", "network"), [(0, "127.0.0.0/24"), (1, "203.0.113.0/24")])
def test_behind_a_proxy_it_counts_who_really_asks(
    embedded: Told, proxies: int, network: str
) -> None:
    port = free_port()
    prepared(embedded, port)
    with (embedded.root / "series.toml").open("a") as toml:
        toml.write(f"proxies = {proxies}\n")
    with served(embedded.root, port) as one:
        assert post(one, "ada@example.org", **{"X-Forwarded-For": "203.0.113.9"}) == 200
    [ask] = ledgers.everything(embedded.database)["ask"]
    assert ask["network"] == network


def test_slow_clients_keep_nobody_waiting(embedded: Told) -> None:
    port = free_port()
    prepared(embedded, port)
    with served(embedded.root, port, "--threads", "4") as one:
        slow = [socket.create_connection((one.host, one.port)) for _ in range(100)]
        for number, client in enumerate(slow):
            client.sendall(b"POST /subscribe HTTP/1.1\r\nHost: x\r\n")
            if number % 2:
                client.sendall(b"Content-Length: 50\r\n\r\nemail=a")
        assert post(one, "ada@example.org") == 200
        for client in slow:
            client.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /subscribe HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99999999\r\n\r\n",
        b"POST /subscribe HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {host}\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
        b"GET /unsubscribe/x%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"GET //evil.example/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"GET http://evil.example/subscribe HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["huge", "chunks", "address", "header", "injection", "slashes", "absolute", "tls"],
)
def test_what_is_no_request_is_refused(shared: Served, request_: bytes) -> None:
    with socket.create_connection((shared.host, shared.port), timeout=30) as client:
        answer = b""
        with suppress(OSError):  # it may not wait for the end of what is too much
            client.sendall(request_.replace(b"{host}", f"{shared.host}:{shared.port}".encode()))
            client.shutdown(socket.SHUT_WR)
            while more := client.recv(65_536):
                answer += more
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert not head or head.split()[1] in (b"200", b"400", b"404", b"413", b"414", b"421", b"431")
    assert b"set-cookie" not in head
    assert b"\nlocation:" not in head
    assert post(shared, "ada@example.org") == 200


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root: Path = tmp_path_factory.mktemp("served")
    series = make_series(root)
    port = free_port()
    prepared(series, port)
    series.database.close()
    with served(root, port) as one:
        yield one


def test_a_publication_without_an_address_for_it_is_a_problem(embedded: Told) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(embedded.root)
        done = CliRunner().invoke(cli, ["serve"])
    assert done.exit_code == 1
    assert "app-url" in done.output
    open_ledger(f"sqlite:///{embedded.database.path}").close()


class Silent(Correspondent):
    """Has nothing to send."""

    def send(self) -> int:
        return 0


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "no host"])
def test_an_address_that_it_can_t_listen_at_is_a_problem(embedded: Told, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = prepared(embedded, port)
        done = subprocess.run(
            [sys.executable, str(REPOSITORY / "build.py"), "newsletter", "serve",
             "--host", host, "--port", str(port)],
            cwd=embedded.root, env={**os.environ, **environment}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    first, hint, *_ = done.stderr.splitlines()
    assert first.startswith(f"{host}:{port}: refused: can't listen here: ")
    assert "--port" in hint


def test_an_alarm_is_raised_once_when_strangers_cause_too_much(
    embedded: Told, caplog: pytest.LogCaptureFixture
) -> None:
    prepared(embedded, 8025)
    desk = serving.desk(embedded.place, embedded.database)
    desk = replace(desk, options=replace(desk.options, limits=Limits(in_all=0)))
    for number in range(3):
        app.make(desk).test_client().post(
            "/subscribe", base_url="http://127.0.0.1:8025", data={"email": f"a{number}@example.org"}
        )
    provider = connect("outbox", embedded.place)
    composed = composer(embedded.root, desk.config, desk.published.now())
    stop = threading.Event()
    sender = Silent(desk.writer, provider, composed, desk.clock)
    correspondence = serving._Correspondence(desk, sender, stop)
    for _ in range(3):
        assert correspondence._decide() == 0
    assert [one.message for one in caplog.records if "alarm" in one.message][1:] == []
    assert "alarm" in caplog.text
    assert {row["state"] for row in ledgers.everything(embedded.database)["ask"]} == {"new"}


def test_a_provider_that_takes_nothing_is_not_asked_again_at_once(embedded: Told) -> None:
    """However many ask meanwhile."""
    prepared(embedded, 8025)
    desk = serving.desk(embedded.place, embedded.database)
    asked = []

    class Refusing(Silent):
        def send(self) -> int:
            asked.append(1)
            raise Refused(Failure.QUOTA, "enough")

    stop = threading.Event()
    composed = composer(embedded.root, desk.config, desk.published.now())
    sender = Refusing(desk.writer, connect("outbox", embedded.place), composed, desk.clock)
    thread = threading.Thread(target=serving._Correspondence(desk, sender, stop).run)
    desk.wake.set()
    thread.start()
    for _ in range(20):
        desk.wake.set()
        thread.join(0.05)
    stop.set()
    thread.join()
    assert len(asked) == 1


def test_an_older_ledger_is_told_of_when_it_begins_to_serve(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    people.join("ada@example.org")
    serving._look_at_ledger(people.desk)
    assert "nothing can be sent" not in caplog.text
    copy = ledgers.everything(people.desk.database)
    leaving.leave(
        people.desk.database, people.desk.journal, ["ada@example.org"], "a test", people.desk.now()
    )
    ledgers.put_back(people.desk.database, copy)
    serving._look_at_ledger(people.desk)
    assert "nothing can be sent: " in caplog.text
    assert "older than its journal" in caplog.text
