"""Kills a sender at each step it takes, then sends again; prints what became of each delivery.

    python crashes.py FOLDER PROVIDER WHAT

A sender is a child process, killed with SIGKILL at the k-th of its steps, for every k: before and
after each commit, write, sync and rename. Nothing in the product knows of this. PROVIDER is
`outbox`, or `forgetful`: one that keeps a log, remembers no key and can't be asked. WHAT is `each`:
an article that comes out; `weekly`: a digest of two; or `course`: the first part of one.
"""

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from newsletter.model import Asked, Batch, Mail, Memory, Message, Outcome, Receipt
from newsletter.providers import Provider
from newsletter.providers.outbox import Outbox
from newsletter.runs import Carrier
from newsletter.send import Choice, Sender
from tests.newsletter.conftest import Told, make_series
from tests.newsletter.wishing import wish

SUBSCRIBERS = ("ada", "bob", "cy", "dee", "eve")
LEAVES = "dee"


class Small(Outbox):
    """Takes few at a time, so that there is more than one batch."""

    def limit(self, mail: Mail) -> int:  # noqa: ARG002
        return 2


class Forgetful:
    """Accepts by writing a line to its log, which the sender can't read."""

    memory = Memory()
    leaves = False

    def __init__(self, log: Path) -> None:
        self.log = log

    def limit(self, mail: Mail) -> int:  # noqa: ARG002
        return 2

    def freeze(self, messages: Sequence[Message]) -> bytes:
        return json.dumps([m.recipient for m in messages]).encode()

    def hand_over(self, batch: Batch) -> list[Receipt]:
        with self.log.open("a") as log:
            for recipient in json.loads(batch.payload):
                log.write(f"{recipient}\n")
                log.flush()
                os.fsync(log.fileno())
        return [Receipt(delivery, Outcome.ACCEPTED) for delivery in batch.delivery_ids]

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:  # noqa: ARG002
        return []


class Steps:
    """Counts the steps of this process and kills it at one of them."""

    def __init__(self, fatal: int) -> None:
        self.fatal = fatal
        self.taken = 0

    def step(self) -> None:
        self.taken += 1
        if self.taken == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        call = getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.step()
            result = call(*args, **kwargs)
            self.step()
            return result

        setattr(owner, name, wrapped)


def provider(kind: str, root: Path) -> Provider:
    return Small(root / "var/outbox") if kind == "outbox" else Forgetful(root / "log")


def sender(series: Told, kind: str) -> Sender:
    return replace(series.sender, carrier=Carrier(provider(kind, series.root), kind))


def send(series: Told, kind: str, what: str) -> None:
    made = sender(series, kind)
    choice = {
        "each": Choice([] if series.known() else ["second"]),
        "weekly": Choice(digest=True),
        "course": Choice(course=True),
    }[what]
    made.send(made.intend(choice).messages, choice)


def in_child(work: Callable[[], None]) -> int:
    """Do it in a child process; how that ended (negative for a signal)."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:  # never back into the parent's code
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def prepare_case(root: Path, what: str) -> None:
    """Who gets a digest, or a course, was told of nothing that there is until now."""
    root.mkdir()
    series = make_series(root)
    series.subscribe(*SUBSCRIBERS)
    if what != "each":
        for name in SUBSCRIBERS:
            wish(series, name, "weekly")
        sender(series, "outbox").send(0, Choice(["all"] if what == "weekly" else []))
        for name in SUBSCRIBERS if what == "course" else ():
            wish(series, name, "course", 7)
    series.database.close()


def die_at(root: Path, kind: str, what: str, fatal: int) -> None:
    series = make_series(root)
    steps = Steps(fatal)
    for owner, name in ((DefaultDialect, "do_commit"), (os, "fsync"), (os, "replace")):
        steps.around(owner, name)
    send(series, kind, what)


def recover(root: Path, kind: str, what: str) -> None:
    """One of them leaves; then send until nothing is left, and write down what became of it."""
    series = make_series(root)
    before = attempted(series, kind)
    series.unsubscribe(LEAVES)
    send(series, kind, what)
    made = sender(series, kind)
    choices = (Choice(), Choice(course=True), Choice(digest=True), Choice(catch_up=True))
    again = sum(made.intend(choice).messages for choice in choices)
    told = series.told() if kind == "outbox" else log(root)
    result = {"told": told, "states": series.states(), "again": again, "left_before": before}
    (root / "result.json").write_text(json.dumps(result))


def attempted(series: Told, kind: str) -> list[str]:
    """Who may have been told before anybody left."""
    if kind == "forgetful":
        return log(series.root)
    return [name for name, _ in series.told()]


def log(root: Path) -> list[str]:
    path = root / "log"
    return [line.partition("@")[0] for line in path.read_text().split()] if path.exists() else []


def main(folder: Path, kind: str, what: str) -> None:
    fatal, status = 0, -signal.SIGKILL
    root, prepared = folder / "case", folder / "prepared"
    prepare_case(root, what)
    shutil.copytree(root, prepared)
    while status == -signal.SIGKILL:
        fatal += 1
        shutil.rmtree(root)  # what is prepared is put back where it was: a ledger knows its place
        shutil.copytree(prepared, root)
        status = in_child(partial(die_at, root, kind, what, fatal))
        if in_child(partial(recover, root, kind, what)):
            sys.exit(f"the sender after a kill at step {fatal} failed")
        print((root / "result.json").read_text())
    if status:
        sys.exit(f"a sender that was not killed ended with {status}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
