"""The server of an emulated provider: takes requests over HTTP, and fails as it is told to.

In a test it is an `Emulator`; as a process of its own, which outlives a sender that is killed,
`python -m tests.newsletter.emulator.server NAME --log FILE` prints its port. What it can be asked
and told while it runs is in `_control`.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Lock, Thread
from types import ModuleType
from typing import Any, Self, cast

from newsletter.model import Failure
from tests.newsletter.emulator import Asking, Dialect, Reply, Sending, Wrong
from tests.newsletter.emulator.books import Books, OtherBody
from tests.newsletter.emulator.faults import BEFORE, REFUSALS, STATUSES, Fault, Plan
from tests.newsletter.emulator.wire import Answer, Ending, Server

REPOSITORY = Path(__file__).parents[3]
CONTROL = "/-/"
DAY = 86_400.0
GARBAGE = b'{"messages": [{"id": \xff\xfe <html>'


class Emulator:
    """A provider in one dialect. `secrets` are the values of its variables; `log` its memory."""

    def __init__(
        self,
        dialect: ModuleType | Dialect,
        secrets: Mapping[str, str],
        log: Path | None = None,
        plan: Plan | None = None,
        *,
        key_seconds: float = DAY,
        settle_seconds: float = 0.0,
        port: int = 0,
        lean: bool = False,
    ) -> None:
        self.dialect = cast("Dialect", dialect)
        self.secrets = secrets
        self.plan = plan or Plan()
        self.books = Books(log, key_seconds, settle_seconds, lean=lean)
        self.sendings = 0
        self.server = Server(port, self.answer)
        self._lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, args=(0.002,)).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.hang_up()
        self.server.server_close()
        self.books.close()

    def answer(self, asking: Asking) -> Answer:
        """What becomes of a request. Raises nothing for what a client may ask."""
        if asking.path.startswith(CONTROL):
            return Answer(self._control(asking))
        try:
            return self._answer(asking)
        except Wrong as error:
            return Answer(self.dialect.refused(Failure.REQUEST, str(error)))

    def _answer(self, asking: Asking) -> Answer:
        if not self.dialect.is_authorised(asking, self.secrets):
            return Answer(self.dialect.refused(Failure.AUTH, "these are no valid credentials"))
        sending = self.dialect.sending(asking)
        if sending is None:
            found = self.dialect.found(asking, self.books.visible())
            return Answer(found or Reply(404, b"there is no such thing"))
        with self._lock:
            self.sendings += 1
            fault = self.plan.next()
        if fault in BEFORE:
            return self._refuse(asking, fault)
        return self._take(asking, sending, fault)

    def _refuse(self, asking: Asking, fault: Fault) -> Answer:
        if fault is Fault.RESET_BEFORE:
            return Answer(Reply(0), Ending.RESET)
        if fault is Fault.REDIRECT:
            return Answer(Reply(307, headers={"Location": self.url + asking.path}))
        if fault in STATUSES:
            return Answer(Reply(STATUSES[fault], b"something went wrong"))
        # Some providers repeat what they were sent, credentials and all.
        said = " ".join([f"{fault} for", *self.secrets.values()])
        return Answer(self.dialect.refused(REFUSALS[fault], said))

    def _take(self, asking: Asking, sending: Sending, fault: Fault) -> Answer:
        part = fault is Fault.PART and not (sending.key and self.books.key_seconds)
        try:
            reply = self.books.take(sending, asking.body, self.dialect.accepted, part=part)
        except OtherBody:
            said = "this idempotency key was used with another request"
            return Answer(self.dialect.refused(Failure.REQUEST, said))
        if fault in STATUSES:
            return Answer(Reply(STATUSES[fault], b"something went wrong"))
        if fault is Fault.GARBAGE:
            return Answer(Reply(200, GARBAGE, {"Content-Type": "application/json"}))
        endings = {Fault.SILENT: Ending.NEVER, Fault.HALF: Ending.HALF,
                   Fault.RESET: Ending.RESET, Fault.PART: Ending.RESET}  # fmt: skip
        return Answer(reply, endings.get(fault, Ending.WHOLE))

    def _control(self, asking: Asking) -> Reply:
        """`GET /-/state`; `POST /-/plan`: faults; `POST /-/ahead`: seconds its clock is ahead."""
        told: Any = json.loads(asking.body or b"null")
        match asking.method, asking.path.removeprefix(CONTROL):
            case "POST", "plan":
                self.plan = Plan([Fault(one) for one in told])
            case "POST", "ahead":
                self.books.ahead = float(told)
            case "GET", "state":
                pass
            case _:
                return Reply(404)
        return Reply(200, json.dumps(self.state()).encode(), {"Content-Type": "application/json"})

    def state(self) -> dict[str, object]:
        return {
            "requests": self.server.requests,
            "sendings": self.sendings,
            "most_at_once": self.server.most_at_once,
            "accepted": self.books.counts(),
        }


def dialect(name: str) -> ModuleType:
    """The dialect of a provider; `plain` is no provider's."""
    where = "" if name == "plain" else "dialects."
    return import_module(f"tests.newsletter.emulator.{where}{name}")


def secrets_of(name: str) -> dict[str, str]:
    """The secrets of a provider, from the environment, as its sender gets them."""
    where = "tests.newsletter.emulator" if name == "plain" else "newsletter.providers"
    variables = import_module(f"{where}.{name}").SECRETS
    return {variable: os.environ.get(variable, "") for variable in variables}


@contextmanager
def started(name: str, log: Path, *options: str) -> Iterator[str]:
    """A process of its own, with the secrets of this one's environment; gives its address."""
    module = [sys.executable, "-m", __name__, name, "--log", str(log)]
    with subprocess.Popen([*module, *options], cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _arguments(args: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("name", help="the provider")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--plan", default="", help="faults, with commas: none,reset,throttle")
    parser.add_argument("--rate", action="append", default=[], metavar="FAULT=SHARE")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--key-seconds", type=float, default=DAY)
    parser.add_argument("--settle-seconds", type=float, default=0.0)
    parser.add_argument("--lean", action="store_true", help="keep no texts")
    return parser.parse_args(args)


def main(args: Sequence[str] | None = None) -> None:
    given = _arguments(args)
    listed = [Fault(word) for word in given.plan.split(",") if word]
    rates = {Fault(f): float(share) for f, _, share in (one.partition("=") for one in given.rate)}
    emulator = Emulator(
        dialect(given.name),
        secrets_of(given.name),
        given.log,
        Plan(listed, rates, given.seed),
        key_seconds=given.key_seconds,
        settle_seconds=given.settle_seconds,
        port=given.port,
        lean=given.lean,
    )
    print(emulator.server.server_port, flush=True)
    emulator.server.serve_forever()


if __name__ == "__main__":
    main()
