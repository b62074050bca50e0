"""Everything that can go wrong with a send, tried out; judged by the emulator's own log.

    python -m tests.newsletter.matrix [--full]

A case is an engine, a provider, a fault of its emulator or a step at which a sender is killed with
SIGKILL, and a number of senders at once. After it, senders that nothing disturbs send until nothing
is left. Steps are counted around each commit, each sync, each request and each answer; nothing in
the product knows of this.

Without `--full`, every seventh step and every fault once.
"""

import argparse
import http.client
import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests
import requests.adapters
from sqlalchemy.engine.default import DefaultDialect

from newsletter import handing, providers
from newsletter.handing import Paused
from newsletter.model import Failure
from newsletter.runs import Carrier
from newsletter.send import Choice, Sender
from newsletter.transport import Link, OverHttp
from newsletter.transport import connect as over_http
from press.problems import ProblemsFound
from tests.newsletter import postgres
from tests.newsletter.conftest import Told, make_series, open_series
from tests.newsletter.crashes import Steps, in_child
from tests.newsletter.emulator.faults import Fault
from tests.newsletter.emulator.server import started
from tests.newsletter.wishing import wish

KINDS = {"resend": "key", "postmark": "look-up", "ses": "neither"}
"""Provider -> how it helps with what is unknown."""

OPTIONS = {"ses": {"region": "eu-west-1"}, "mailgun": {"domain": "example.org"}}
PEOPLE = (*(f"reader{number}" for number in range(7)), "bad-address")
LEAVES = "reader3"
"""Unsubscribes after the fault, before what follows."""

BATCH = 3
READ_SECONDS = 0.3
SETTLE_SECONDS = 0.2

STRIDE = 7


@dataclass(frozen=True)
class Case:
    engine: str
    provider: str
    faults: tuple[Fault, ...] = ()
    """Of the first requests."""
    fatal: tuple[int, ...] = (0,)
    """For each sender, the step at which it is killed; 0 for none."""
    digest: bool = False
    """Whether they are told in a digest of two articles, or of one when it comes out."""

    def __str__(self) -> str:
        killed = ",".join(map(str, self.fatal))
        what = "a digest by " if self.digest else ""
        return f"{what}{self.engine} {self.provider} [{','.join(self.faults)}] killed at {killed}"


@dataclass
class Result:
    case: Case
    accepted: Counter[str]
    """How often the emulator accepted each delivery."""
    recipients: Counter[str]
    states: Counter[str]
    killed: int = 0
    left_before: bool = False
    """Whether who left may have been told before they did."""

    def wrong(self) -> Iterator[str]:
        """What must never be."""
        if any(count > 1 for count in self.recipients.values()):
            yield f"told twice: {self.recipients}"
        good = [f"{name}@example.org" for name in PEOPLE if not name.startswith("bad")]
        missing = [one for one in good if one not in self.recipients]
        gone = [one for one in missing if one.startswith(LEAVES)]
        if len(missing) - len(gone) > self.states["unknown"]:
            yield f"missing and not reported: {missing}, {self.states}"
        if KINDS.get(self.case.provider) != "neither" and self.states["unknown"]:
            yield f"still unknown: {self.states}"
        # Who left before anything was announced has no delivery. A digest has one more for each of
        # its articles.
        each = 3 if self.case.digest else 1
        if sum(self.states.values()) not in (each * len(PEOPLE), each * (len(PEOPLE) - len(gone))):
            yield f"the counts don't add up: {self.states}"
        if set(self.states) - {"accepted", "rejected", "unknown", "skipped"}:
            yield f"not at its end: {self.states}"
        if f"{LEAVES}@example.org" in self.recipients and not self.left_before:
            yield f"{LEAVES} was told after they had left"


@dataclass
class World:
    """What the cases share: a folder, a server of PostgreSQL, an emulator for each provider."""

    folder: Path
    database: Callable[[], str]
    emulators: dict[str, str]
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))

    def log(self, provider: str) -> Path:
        return self.folder / f"{provider}.log"


@contextmanager
def world() -> Iterator[World]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = stack.enter_context(postgres.cluster())
        emulators = {}
        for name in KINDS:
            for variable in import_module(f"newsletter.providers.{name}").SECRETS:
                stack.enter_context(patch.dict(os.environ, {variable: f"secret-{variable}"}))
            settle = ("--settle-seconds", str(SETTLE_SECONDS / 2))
            log = folder / f"{name}.log"
            emulators[name] = stack.enter_context(started(name, log, *settle))
        yield World(folder, cluster.database, emulators)


def sender(series: Told, case: Case, address: str) -> Sender:
    """Impatient, so that a case takes no longer than it must."""
    handing.WAITS.update(dict.fromkeys([Failure.THROTTLED, Failure.NOT_SENT], 0.01))
    module: Any = import_module(f"newsletter.providers.{case.provider}")
    seconds = SETTLE_SECONDS if module.MEMORY.asks else 0.0
    module.MEMORY = replace(module.MEMORY, settle_seconds=seconds)
    options = {"url": address, **OPTIONS.get(case.provider, {})}
    made = over_http(case.provider, module, options)
    link = Link(seconds=(5.0, READ_SECONDS))
    provider: providers.Provider = replace(made, link=link, leaves=False)
    assert isinstance(provider, OverHttp)
    return replace(series.sender, carrier=Carrier(provider, case.provider, batch=BATCH))


def send(series: Told, case: Case, address: str) -> None:
    """Announce the newest article, or go on with that, as if by several authors at once."""
    made = sender(series, case, address)
    choice = Choice([] if series.known() else ["newest"], digest=case.digest)
    with suppress(ProblemsFound):  # told by the ledger; another run goes on
        made.send(made.intend(choice).messages, choice)
        return
    made.send(None)


def disturbed(root: Path, url: str, case: Case, fatal: int, address: str) -> None:
    """A sender that may be killed at one of its steps."""
    series = open_series(root, url)
    steps = Steps(fatal)
    steps.around(DefaultDialect, "do_commit")
    steps.around(os, "fsync")
    steps.around(requests.adapters.HTTPAdapter, "send")
    steps.around(http.client.HTTPConnection, "getresponse")
    with suppress(Paused):
        send(series, case, address)


def recover(root: Path, url: str, case: Case, address: str) -> None:
    """Nothing disturbs any more: send until all is at its end, and write down what that is."""
    series = open_series(root, url)
    for _ in range(4):
        with suppress(Paused):
            send(series, case, address)
    (root / "result.json").write_text(json.dumps(series.states()))


def run(world: World, case: Case) -> Result:
    root = world.folder / str(next(world.numbers))
    root.mkdir()
    url = world.database() if case.engine == "postgresql" else ""
    series = make_series(root, url)
    series.subscribe(*PEOPLE)
    if case.digest:
        for name in PEOPLE:
            wish(series, name, "weekly")
        series.sender.send(0, Choice(["all"]))
    series.database.close()
    address, log = world.emulators[case.provider], world.log(case.provider)
    before = log.stat().st_size
    requests.post(f"{address}/-/plan", json=list(case.faults), timeout=5)
    killed = disturb(root, url, case, address)
    requests.post(f"{address}/-/plan", json=[], timeout=5)
    told = f"{LEAVES}@example.org" in read(log, before)[1]
    series = open_series(root, url)
    series.unsubscribe(LEAVES)
    doubtful = bool({"unknown", "attempting"} & set(series.states()))
    series.database.close()
    if in_child(lambda: recover(root, url, case, address)):
        raise AssertionError(f"{case}: the sender that followed failed")
    accepted, recipients = read(log, before)
    states = Counter(json.loads((root / "result.json").read_text()))
    return Result(case, accepted, recipients, states, killed, told or doubtful)


def disturb(root: Path, url: str, case: Case, address: str) -> int:
    """Run the senders of a case at once; how many of them were killed."""
    children = []
    for fatal in case.fatal:
        child = os.fork()
        if child == 0:
            status = in_child(lambda fatal=fatal: disturbed(root, url, case, fatal, address))  # type: ignore[misc]
            os._exit(9 if status == -signal.SIGKILL else int(bool(status)))
        children.append(child)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    if set(ended) - {0, 9}:
        raise AssertionError(f"{case}: a sender failed")
    return ended.count(9)


def read(log: Path, start: int) -> tuple[Counter[str], Counter[str]]:
    """What the emulator has accepted since: by delivery, and by recipient."""
    with log.open("rb") as file:
        file.seek(start)
        rows = [json.loads(line) for line in file]
    return Counter(r["delivery"] for r in rows), Counter(r["recipient"] for r in rows)


def steps(
    world: World, engine: str, provider: str, every: int, *, digest: bool = False
) -> Iterator[Result]:
    """A kill at each step (or every so many) of one sender, until there are no more."""
    fatal = 1
    while True:
        result = run(world, Case(engine, provider, fatal=(fatal,), digest=digest))
        yield result
        if not result.killed:
            return
        fatal += every


def faults(
    world: World, engine: str, provider: str, *, full: bool = True, digest: bool = False
) -> Iterator[Result]:
    """Each fault: of the first request, and of the second and third; or one of these."""
    for number, fault in enumerate(Fault):
        both = ((fault,), (Fault.NONE, fault, fault))
        for listed in both if full else both[number % 2 : number % 2 + 1]:
            yield run(world, Case(engine, provider, listed, digest=digest))


def crowds(world: World, provider: str, count: int, seed: int) -> Iterator[Result]:
    """Several senders at once, with faults and kills by chance."""
    chance = random.Random(seed)
    for number in range(count):
        senders = 1 + number % 4
        listed = tuple(chance.choice(list(Fault)) for _ in range(chance.randrange(4)))
        fatal = tuple(chance.choice([0, 0, chance.randrange(1, 40)]) for _ in range(senders))
        yield run(world, Case("postgresql", provider, listed, fatal, digest=number % 3 == 2))


def everything(world: World, *, full: bool) -> Iterator[Result]:
    for provider in KINDS:
        for engine in ("sqlite", "postgresql"):
            yield from steps(world, engine, provider, 1 if full else STRIDE)
            yield from faults(world, engine, provider, full=full)
            yield from steps(world, engine, provider, 1 if full else STRIDE, digest=True)
            yield from faults(world, engine, provider, full=full, digest=True)
        yield from crowds(world, provider, 60 if full else 8, 1)


def totals(results: Sequence[Result]) -> dict[str, int]:
    return {
        "cases": len(results),
        "kills": sum(result.killed for result in results),
        "messages accepted": sum(sum(result.recipients.values()) for result in results),
        "told twice": sum(n > 1 for result in results for n in result.recipients.values()),
        "unknown, with a key or a look-up": sum(
            result.states["unknown"]
            for result in results
            if KINDS[result.case.provider] != "neither"
        ),
        "unknown, with neither": sum(
            result.states["unknown"]
            for result in results
            if KINDS[result.case.provider] == "neither"
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Try out all that can go wrong with a send.")
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    results = []
    wrong = 0
    with world() as here:
        for result in everything(here, full=options.full):
            results.append(result)
            for said in result.wrong():
                wrong += 1
                print(f"{result.case}: {said}", file=sys.stderr)
    for name, count in totals(results).items():
        print(f"{count:>9,} {name}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
