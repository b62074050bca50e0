"""How fast deliveries are planned and handed over, against composing and posting alone.

    python bench/sending.py [--count 100000] [--provider sendgrid] [--postgresql] [--json]

Through the tests' emulator, a process of its own on this machine, which answers at once. Each claim
is a ratio or a rate of the same run. `--status` measures `status` on a ledger of 100 articles.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from newsletter import place  # noqa: E402
from newsletter.connecting import connect  # noqa: E402
from newsletter.model import Batch, Message  # noqa: E402
from newsletter.plan import Planned  # noqa: E402
from newsletter.runs import Carrier  # noqa: E402
from newsletter.send import Choice, Sender, prepare  # noqa: E402
from newsletter.store import announcements, subscribers  # noqa: E402
from newsletter.store.database import Database, open_ledger  # noqa: E402
from press.manifest import Entry, Manifest, Series, dump  # noqa: E402
from tests.newsletter import postgres  # noqa: E402
from tests.newsletter.emulator.server import started  # noqa: E402

SETTINGS = """\
title = "A Series"
url = "https://example.org/series"
id = "tag:example.org,2026:series"
author = "An Author"
language = "en"
description = "What it is about."

[newsletter]
from = "A Series <series@example.org>"
reply-to = "author@example.org"
postal-address = "1 Example Street, Exampletown"
unsubscribe-url = "https://news.example.org/unsubscribe/{token}"
"""
NOW = "2026-01-01T00:00:00+00:00"
OPTIONS = {"ses": {"region": "eu-west-1"}, "mailgun": {"domain": "example.org"}}


def publication(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    (root / "series.toml").write_text(SETTINGS)
    url = "https://example.org/series/first.html"
    entry = Entry("first", 0, "first", "On the First", "About the first. " * 9, url, "first.html",
                  NOW, NOW, (), ())  # fmt: skip
    series = Series("A Series", "https://example.org/series", "An Author", "en", "About it.")
    (root / "site").mkdir(exist_ok=True)
    (root / "site/manifest.json").write_bytes(dump(Manifest(series, (entry,), {})))


def subscribe(database: Database, count: int) -> None:
    emails = (f"reader{number}@example.org" for number in range(count))
    with database.transaction() as connection:
        for _ in subscribers.add(connection, emails, "a bench", NOW):
            pass


def sender_of(root: Path, url: str, name: str, address: str) -> Sender:
    where = replace(place.of_author(root), journals=root / "journals")
    made = prepare(where, open_ledger(url or where.ledger), provider="outbox")
    provider: Any = connect(name, where, {"url": address, **OPTIONS.get(name, {})})
    return replace(made, carrier=Carrier(replace(provider, leaves=False), name))


def send(root: Path, url: str, name: str, address: str, count: int) -> None:
    """What a sender's process does; prints the seconds that it took, and its memory in MiB."""
    sender = sender_of(root, url, name, address)
    print(flush=True)  # it is ready
    sys.stdin.readline()
    began = time.perf_counter()
    sender.send(count or None, Choice(["newest"] if count else []))
    seconds = time.perf_counter() - began
    print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def floor(root: Path, name: str, address: str, count: int) -> float:
    """Seconds to compose and to post the same, with no ledger."""
    sender = sender_of(root, f"sqlite:///{root / 'floor.db'}", name, address)
    article = sender.manifest.articles[0]
    began = time.perf_counter()
    mail = sender.composer.mail(article)
    size = sender.carrier.size(mail)
    for start in range(0, count, size):
        some = [
            Message(mail, f"{n:028x}", f"reader{n}@example.org", f"{n:016x}", NOW)
            for n in range(start, min(start + size, count))
        ]
        ids = tuple(one.delivery_id for one in some)
        payload = sender.carrier.provider.freeze(some)
        receipts = sender.carrier.provider.hand_over(Batch(0, 0, f"{start:064x}", payload, 0, ids))
        assert len(receipts) == len(ids)
    return time.perf_counter() - began


def senders(root: Path, url: str, name: str, address: str, count: int, number: int) -> list[float]:
    """Seconds that some senders take together, and the most memory of one in MiB.

    The first one announces; the others join it.
    """
    command = [sys.executable, __file__, "--sender", str(root), url, name, address]
    processes = [
        subprocess.Popen(
            [*command, str(0 if index else count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for index in range(number)
    ]
    for process in processes:
        assert process.stdout
        process.stdout.readline()
    first, *others = processes
    began = time.perf_counter()
    release(first)
    while others and not announced(url):
        time.sleep(0.005)
    for process in others:
        release(process)
    told = [json.loads(process.communicate()[0]) for process in processes]
    assert all(process.returncode == 0 for process in processes)
    return [time.perf_counter() - began, max(memory for _, memory in told)]


def release(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def announced(url: str) -> bool:
    database = open_ledger(url)
    with database.transaction() as connection:
        found = bool(announcements.known(connection))
    database.close()
    return found


def accepted(address: str) -> int:
    """How many the emulator has accepted; each is another one."""
    counts = requests.get(f"{address}/-/state", timeout=60).json()["accepted"]
    assert max(counts.values()) == 1
    return len(counts)


def measure(count: int, name: str, *, with_postgresql: bool) -> dict[str, float]:
    found = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        publication(folder)
        secrets = import_module(f"newsletter.providers.{name}").SECRETS
        stack.enter_context(patch.dict(os.environ, dict.fromkeys(secrets, "secret")))

        def fresh() -> str:
            return str(stack.enter_context(started(name, folder / "log", "--lean")))

        address = fresh()
        least = min(floor(folder, name, address, count) for _ in range(3))
        found["composing and posting alone: deliveries a second"] = count / least
        ledgers = [("SQLite, 1 sender", f"sqlite:///{folder / 'ledger.db'}", 1)]
        if with_postgresql:
            cluster = stack.enter_context(postgres.cluster())
            ledgers += [(f"PostgreSQL, {n} senders", cluster.database(), n) for n in (1, 2, 4)]
        for what, url, number in ledgers:
            database = open_ledger(url)
            subscribe(database, count)
            database.close()
            address = fresh()
            seconds, memory = senders(folder, url, name, address, count, number)
            assert accepted(address) == count
            found[f"{what}: deliveries a second"] = count / seconds
            found[f"{what}: times composing and posting alone"] = seconds / least
            found[f"{what}: MiB of memory"] = memory
    return found


def status(articles: int, readers: int) -> dict[str, float]:
    """Seconds that `status` takes on a ledger of many deliveries."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        publication(folder)
        where = replace(place.of_author(folder), journals=folder / "journals")
        database = open_ledger(where.ledger)
        subscribe(database, readers)
        article = prepare(where, database).manifest.articles[0]
        for number in range(articles):
            with database.transaction() as connection:
                one = Planned(replace(article, id=f"article{number}"))
                announcements.record_announcement(connection, one, NOW)
        database.close()
        command = [sys.executable, str(REPOSITORY / "build.py"), "newsletter", "status"]
        times = []
        for _ in range(3):
            began = time.perf_counter()
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - began)
    return {f"status, {articles * readers:,} deliveries: seconds (below 1)": min(times)}


def main() -> None:
    if sys.argv[1:2] == ["--sender"]:
        root, url, name, address, count = sys.argv[2:]
        send(Path(root), url, name, address, int(count))
        return
    parser = argparse.ArgumentParser(description="Measure how fast deliveries are handed over.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--provider", default="sendgrid")
    parser.add_argument("--postgresql", action="store_true", help="with 1, 2 and 4 senders as well")
    parser.add_argument(
        "--status", action="store_true", help="and status, of 10,000,000 deliveries"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.count, options.provider, with_postgresql=options.postgresql)
    if options.status:
        found.update(status(100, 100_000))
    if options.json:
        print(json.dumps({"found": found, "processors": os.cpu_count()}))
        return
    for what, value in found.items():
        print(f"{what:60} {value:12,.2f}")


if __name__ == "__main__":
    main()
