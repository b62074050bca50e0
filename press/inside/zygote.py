"""Runs examples inside a sandbox, one at a time. A program of its own: the press never imports it.

The interpreter that the examples are for starts it, so it needs nothing but the standard library
of Python 3.9. It reads a plan (see `Zygote`) and then requests, and writes an answer to each, all
of them lines of JSON, until its input ends. A process that it has forked (or, where that can't be
done, started) runs the example; how that has ended is decided here, from outside of it.

Bytes travel as text in Latin-1: one character for each byte.
"""

from __future__ import annotations

INITIAL_NAMES = tuple(name for name in globals() if name != "annotations")
"""What a main program finds of its own."""

import child  # first of all: it notes what is loaded

import json  # isort: skip
import os
import select
import signal
import sys
import time

import confine
import giving
import landlock
import spaces
from emptying import empty

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from typing import Any


FOLDER = os.path.dirname(os.path.abspath(__file__))

GRACE = 3.0
"""Seconds that processes which an example has left may take to end by themselves."""

MOST_PROCESSES = 500
"""More of them at once are a failure, where they can be counted."""


NOT_BEGUN: dict[str, Any] = {
    "status": child.BROKEN, "crowd": False, "limit": 0.0, "seconds": 0.0, "strays": 0,
    "gone": False, "steps": "", "closing": False, "done": False, "not_given": "",
    "out": "", "out_size": 0, "err": "", "err_size": 0,
}  # fmt: skip
"""What is told of an example that could not begin, since a file of its own can't be written."""


class Forked:
    """A process that we have forked."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        done, status = os.waitpid(self.pid, os.WNOHANG)
        if not done:
            return None
        return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


class Zygote:
    """The state that outlives an example: where it works, and how processes are started.

    `plan` has "place" (a folder), "private" (whether nobody else sees it), "fork", "processes" (the
    process namespace of who asks), "sites", "preload", "fences" and "namespaces" (see `confine`).
    """

    def __init__(self, plan: dict[str, Any], control: int) -> None:
        self.plan = plan
        self.control = control
        self.work = os.path.join(plan["place"], "work")
        self.build = os.path.join(plan["place"], "build")
        for folder in (self.work, self.build):
            os.makedirs(folder, exist_ok=True)
        self.owns_processes = confine.process_namespace() not in ("", plan["processes"])
        self.page = child.Page(None if plan["fork"] else os.path.join(plan["place"], "page"))
        self.fences = landlock.Fences(plan["fences"], self.work, self.build)
        self.asked: Any = None
        self.limits: confine.Limits = []
        self.events = select.poll() if hasattr(select, "poll") else None
        if self.events:
            self.events.register(control, 0)  # POLLHUP, should whoever asks go, is always told
        self.shelf = child.warm(plan["preload"], plan["sites"]) if plan["fork"] else None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Run an example or a command, and say how it ended.

        A request has "files" (name -> content), "stdin", "most" (bytes of output to tell),
        "limits", and either "steps" (see `child`) or "command", "timeout", "environment", "build"
        (whether it runs in the build folder) and "keep" (whether that is left as it is). The files
        and the input are those that it begins with: each later step has "files" and "stdin" too.
        """
        if not request.get("keep"):
            empty(self.build)
        folder = self.build if request.get("build") else os.path.join(self.work, "example")
        for name, content in request["files"].items():
            try:
                giving.put(folder, name, content.encode("latin-1"))
            except OSError as error:
                return {**NOT_BEGUN, "not_given": giving.refusal(name, error)}
        texts = (request.get("stdin") or "", "", "")
        captured = [giving.unnamed(text.encode("latin-1"), self.plan["place"]) for text in texts]
        self.page.clear()
        started = time.monotonic()
        process = self.start(request, folder, captured)
        ended = {**NOT_BEGUN, **self.wait(process, request)}
        ended["seconds"] = time.monotonic() - started
        ended["strays"] = self.end_strays(process.pid, at_once=ended["status"] is None)
        ended["gone"] = not os.path.isdir(folder)
        ended["steps"] = self.page.records().decode("latin-1")
        ended["closing"] = self.page.phase == child.CLOSING
        ended["done"] = self.page.phase == child.DONE
        for name, stream in zip(("out", "err"), captured[1:]):  # noqa: B905  # Python 3.9
            size = ended[name + "_size"] = os.fstat(stream).st_size
            os.lseek(stream, 0, os.SEEK_SET)
            ended[name] = os.read(stream, min(size, request["most"])).decode("latin-1")
        for stream in captured:
            os.close(stream)
        return ended

    def tidy(self) -> None:
        """Make the folders of the next example, with nothing of the last one."""
        os.makedirs(self.work, exist_ok=True)
        empty(self.work)
        for name in ("example", "home", "tmp"):
            os.mkdir(os.path.join(self.work, name))
        if self.plan["private"]:
            empty("/dev/shm")  # noqa: S108  # its own
        confine.roam()  # the next request may find another processor idle

    def start(self, request: dict[str, Any], folder: str, captured: list[int]) -> Any:
        """Start the process of an example."""
        command: Any = request.get("command")
        if command is None and not self.plan["fork"]:
            command = self.fresh_interpreter(request)
        elif hasattr(os, "fork"):
            if self.asked != request["limits"]:  # most examples have the same
                self.asked = request["limits"]
                self.limits = confine.limits(self.asked)
            confine.stay()
            pid = os.fork()
            if pid:
                return Forked(pid)
            try:
                self.become(request, folder, captured)
            except BaseException:
                sys.__excepthook__(*sys.exc_info())
            finally:
                os._exit(child.BROKEN)
        import subprocess

        return subprocess.Popen(
            command, cwd=folder, env={**os.environ, **request.get("environment", {})},
            stdin=captured[0], stdout=captured[1], stderr=captured[2], start_new_session=True,
        )  # fmt: skip

    def fresh_interpreter(self, request: dict[str, Any]) -> list[Any]:
        """The command that runs steps in an interpreter of their own."""
        order = {
            "steps": request["steps"], "limits": request["limits"], "page": self.page.path,
            "sites": self.plan["sites"], "fences": self.plan["fences"],
            "work": self.work, "build_folder": self.build,
        }  # fmt: skip
        path = os.path.join(self.plan["place"], "order.json")
        with open(path, "w") as file:
            json.dump(order, file)
        return [sys.executable, "-S", "-s", "-B", os.path.join(FOLDER, "child.py"), path]

    def become(self, request: dict[str, Any], folder: str, captured: list[int]) -> None:
        """In the new process: turn into the example."""
        confine.roam()
        os.setsid()
        confine.die_with_parent()
        for target, descriptor in enumerate(captured):
            os.dup2(descriptor, target)
        os.chdir(folder)
        confine.limit(self.limits)
        command = request.get("command")
        self.fences.put_up(bool(request.get("build")), watched=command is None)
        os.closerange(3, 256)
        if command is not None:
            os.environ.update(request["environment"])
            os.execvp(command[0], command)
        child.run(request["steps"], self.page, INITIAL_NAMES, self.shelf)

    def wait(self, process: Any, request: dict[str, Any]) -> dict[str, Any]:
        """Wait as long as the steps may take; the exit status is None where that is too short."""
        events = self.events
        watched = confine.descriptor_of(process.pid) if events else None
        if events and watched is not None:
            events.register(watched, select.POLLIN)
        began = time.monotonic()
        crowd = False
        limit = 0.0
        status = None
        while status is None and not crowd:
            limit = self.limit(request)
            left = (self.page.since or began) + limit - time.monotonic()
            if left <= 0:
                break
            pause = min(left, 0.2 if watched is not None else 0.005)
            if not events:
                time.sleep(pause)
            elif any(which == self.control for which, _ in events.poll(1000 * pause)):
                self.abort(process)
                self.end_strays(process.pid, at_once=True)
                sys.exit(0)
            status = process.poll()
            if status is None and self.owns_processes:
                crowd = confine.count_processes() > MOST_PROCESSES
        if events and watched is not None:
            events.unregister(watched)
            os.close(watched)
        if status is None:
            self.abort(process)
        return {"status": status, "crowd": crowd, "limit": limit}

    @staticmethod
    def abort(process: Any) -> None:
        """End a process. Python, when it is aborted, tells where it was (faulthandler)."""
        kill(process.pid, signal.SIGABRT)
        until = time.monotonic() + 0.5
        while process.poll() is None:
            if time.monotonic() > until:
                kill(process.pid, getattr(signal, "SIGKILL", signal.SIGABRT))
            time.sleep(0.002)

    def limit(self, request: dict[str, Any]) -> float:
        """Seconds that the step which runs now may take."""
        if "command" in request:
            return float(request["timeout"])
        steps = request["steps"]
        return float(steps[min(self.page.count, len(steps) - 1)]["timeout"])

    def end_strays(self, group: int, *, at_once: bool) -> int:
        """End what an example has left running; how many did not end by themselves."""
        until = time.monotonic() + (0 if at_once else GRACE)
        pause = 0.001
        while confine.any_children(group) and time.monotonic() < until:
            time.sleep(pause)
            pause = min(2 * pause, 0.05)
        left = 0
        while confine.any_children(group):
            kill_group(group)
            found = confine.children()
            left = left or max(len(found), 1)
            for pid in found:
                kill(pid, signal.SIGKILL)
            if self.owns_processes:
                kill(-1, signal.SIGKILL)  # all of this namespace, but us
            time.sleep(0.001)
        return left


def kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        pass


def kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError, PermissionError):
        pass


def serve() -> None:
    """Answer requests until there are no more."""
    control, answers = os.dup(0), os.dup(1)
    requests = os.fdopen(control, "rb", closefd=False)
    plan = json.loads(requests.readline())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nowhere, descriptor)
    if plan["namespaces"]:
        spaces.enter(plan["namespaces"])
    os.environ.pop("PWD", None)  # bubblewrap sets it
    confine.adopt_orphans()
    confine.hide()
    zygote = Zygote(plan, control)
    tell(answers, {"fenced": bool(zygote.fences.rulesets)})
    zygote.tidy()
    for line in requests:
        tell(answers, zygote.answer(json.loads(line)))
        zygote.tidy()  # while the press makes up its mind


def tell(descriptor: int, answer: dict[str, Any]) -> None:
    rest = memoryview(json.dumps(answer).encode() + b"\n")
    while rest:
        rest = rest[os.write(descriptor, rest) :]


if __name__ == "__main__":
    serve()
