"""Builds in processes that know nothing of builds before, and may be killed in the middle.

    python -m tests.press.incremental.forks

reads requests and forks a process for each, which has all modules and no memory of a publication.
"""

import atexit
import os
import pickle
import select
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests.conftest import SERIES
from tests.press.incremental import building
from tests.press.incremental.building import Told
from tests.press.incremental.steps import Act, Steps

ROOT = Path(__file__).parents[3]
WARM = "---\ntitle: Warm\ndate: 2026-01-01\ndescription: To load all.\n---\n\n"
SECONDS = 120
"""A build that takes longer hangs."""


@dataclass(frozen=True)
class Request:
    """A build, and what is to happen at some of its steps."""

    root: Path
    now: datetime
    search: bool = False
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Reply:
    """What came of it; nothing is told where the process died."""

    told: Told | None
    fault: str = ""
    """The traceback of what was no Problem, or that it was still running after SECONDS."""
    seen: tuple[str, ...] = ()
    """The path of each of its steps, if there were acts that are no kills."""


def build(request: Request) -> Reply:
    """Build in a process of its own."""
    return build_all([request])[0]


def build_all(requests: Sequence[Request]) -> list[Reply]:
    """Build in a process for each, all of them at once."""
    server = _server()
    assert server.stdin
    assert server.stdout
    pickle.dump(requests, server.stdin)
    server.stdin.flush()
    replies: list[Reply] = pickle.load(server.stdout)
    return replies


@cache
def _server() -> "subprocess.Popen[bytes]":
    name = "tests.press.incremental.forks"
    server = subprocess.Popen(
        [sys.executable, "-m", name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    atexit.register(_end, server)
    return server


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.kill()
    with suppress(BrokenPipeError), server:
        pass


def serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    _load_all()
    while True:
        try:
            wanted = pickle.load(requests)
        except EOFError:
            return
        with ExitStack() as running:
            ends = [running.enter_context(started(request)) for request in wanted]
            found = [received(end) for end in ends]
        pickle.dump(found, replies)
        replies.flush()


def _load_all() -> None:
    """Load what a build loads late, by a build of something else: each process then has it."""
    import press.catalogues
    import press.scaling  # noqa: F401

    code = "```python\nprint(2)\n```\n\n```output\n2\n```\n"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "content").mkdir()
        (root / "series.toml").write_text(SERIES)
        (root / "content/1-warm.md").write_text(f"{WARM}*A* $`c`$\n\n{code}")
        told = building.build(root, datetime(2026, 1, 2, tzinfo=UTC))
        assert not told.problems, told


@contextmanager
def started(request: Request) -> Iterator[int]:
    """A process that builds, with the end of a pipe for its reply. It and its own end with this."""
    mine, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(mine)
        _work(request, theirs)
    os.close(theirs)
    try:
        yield mine
    finally:
        os.close(mine)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)


def received(mine: int) -> Reply:
    content = b""
    while select.select([mine], [], [], SECONDS)[0]:
        part = os.read(mine, 1 << 16)
        content += part
        with suppress(EOFError, pickle.UnpicklingError):  # there is more to come
            reply = pickle.loads(content)
            assert isinstance(reply, Reply)
            return reply
        if not part:
            return Reply(None)
    return Reply(None, f"it was still running after {SECONDS} seconds")


def _work(request: Request, theirs: int) -> None:
    """Build, reply and end: never back into the parent's code."""
    reply: Any = None
    try:
        os.setsid()  # so that its own processes end with it
        os.dup2(2, 1)
        steps = Steps(request.root, request.acts)
        with steps:
            told = building.build(request.root, request.now, search=request.search)
        reply = Reply(told, seen=tuple(steps.seen))
    except BaseException:  # noqa: BLE001
        reply = Reply(None, traceback.format_exc())
    finally:
        os.write(theirs, pickle.dumps(reply))
        os._exit(0)


if __name__ == "__main__":
    from tests.press.incremental import forks  # what it replies with is known by this name

    forks.serve(sys.stdin.buffer, sys.stdout.buffer)
