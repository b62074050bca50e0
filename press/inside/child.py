"""Runs the code of one example, and of those it continues, as a fresh interpreter would.

Either in a process forked from the zygote, or as the main program of a new interpreter.
"""

from __future__ import annotations

INITIAL_NAMES = tuple(name for name in globals() if name != "annotations")

import loaded  # first of all: it notes what is loaded, and for what

import atexit  # isort: skip
import builtins
import ctypes
import faulthandler
import gc
import json
import mmap
import os
import signal
import struct
import sys
import time
import types
from importlib.machinery import SourceFileLoader

import giving

TYPE_CHECKING = False  # typing would take its time to load
if TYPE_CHECKING:
    from typing import Any


FLUSH_C = ctypes.CDLL(None).fflush if os.name == "posix" else print
"""What is printed through C's own streams has to come out as well (fflush(3))."""

BROKEN = 121
"""Exit status of a process that could not even begin."""

RUNNING, CLOSING, DONE = range(3)
SIZE = 1 << 20
HEADER = struct.Struct("<iidi")

# Ours, whatever an example makes of those in their modules:
run_exit_functions = atexit._run_exitfuncs
fstat, getpid, collect = os.fstat, os.getpid, gc.collect
__builtins__ = {  # type: ignore[assignment]  # functions take theirs from here
    **vars(builtins),
    "__import__": loaded.genuine,
}

PLAIN = 5
"""What a record of any step has: "ended", "status", "out", "err" and "seconds"."""

LONGEST = 4000
"""Characters of an exception's message that are told."""

TOP_LEVEL_AWAIT = 0x2000  # ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
COROUTINE = 0x80  # inspect.CO_COROUTINE
FUTURE_FLAGS = 0x1FF0000  # __future__.*.compiler_flag


class Encoder(json.JSONEncoder):
    """Has functions of its own, whatever an example makes of those of its class."""

    encode = json.JSONEncoder.encode
    iterencode = json.JSONEncoder.iterencode


_encode = Encoder(check_circular=False).encode


def line(record: dict[str, Any]) -> bytes:
    """A record as a line: words for what each has, and JSON for what only some have.

    JSON touches much memory, and of each page of it the example's process has to make a copy.
    """
    plain = f"{record['ended']} {record['status']} {record['out']} {record['err']}"
    more = _encode(record) if len(record) > PLAIN else ""
    return f"{plain} {record['seconds']} {more}\n".encode()


class Page:
    """Memory that an example's process shares with its judge: a record of each step that ended.

    Closing descriptors does not touch it, and dying leaves it as it is.
    """

    def __init__(self, path: str | None = None) -> None:
        self.path = path
        if path is None:
            self._memory = mmap.mmap(-1, SIZE)
        else:
            with open(path, "r+b" if os.path.exists(path) else "w+b") as file:
                file.truncate(SIZE)
                self._memory = mmap.mmap(file.fileno(), SIZE)

    def _header(self) -> tuple[Any, ...]:
        return HEADER.unpack_from(self._memory)

    def clear(self) -> None:
        HEADER.pack_into(self._memory, 0, 0, 0, 0.0, RUNNING)

    @property
    def count(self) -> int:
        """How many steps have ended."""
        return int(self._header()[0])

    @property
    def since(self) -> float:
        """When the step that runs now began (time.monotonic); 0 before the first."""
        return float(self._header()[2])

    @property
    def phase(self) -> int:
        return int(self._header()[3])

    def begin(self, phase: int) -> None:
        count, size, _, _ = self._header()
        HEADER.pack_into(self._memory, 0, count, size, time.monotonic(), phase)

    def record(self, step: dict[str, Any]) -> None:
        count, size, since, phase = self._header()
        text = line(step)
        if HEADER.size + size + len(text) > SIZE:
            text = line({**step, "statements": []})
        self._memory[HEADER.size + size : HEADER.size + size + len(text)] = text
        HEADER.pack_into(self._memory, 0, count + 1, size + len(text), since, phase)

    def records(self) -> bytes:
        """A line for each step that has ended (`line`)."""
        size = int(self._header()[1])
        return self._memory[HEADER.size : HEADER.size + size]


def warm(names: list[Any], sites: list[Any]) -> Any:
    """Do once for all what each example needs, and load what examples are about to import.

    A shelf of what has been loaded; None where nothing was asked for.
    """
    import site

    faulthandler.enable(file=2)
    streams()
    for function in (site.setquit, site.setcopyright, site.sethelper):
        function()
    site.ENABLE_USER_SITE = False
    for folder in sites:
        site.addsitedir(folder)
    for name in names:
        try:
            __import__(name)
        except Exception:
            pass
    shelf = loaded.put_away()
    gc.collect()
    gc.freeze()
    return shelf if names else None


class Run:
    """The process of an example, from its first step to its end."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.folder = os.getcwd()
        self.temporary = os.path.join(os.path.dirname(self.folder), "tmp")
        self.flags = 0
        self.loop: Any = None
        self.main: Any = None
        self.pid = os.getpid()
        self.stdin: Any = sys.stdin

    def become_main(self, names: tuple[Any, ...]) -> None:
        """Make a `__main__` that has these names, as a fresh interpreter does."""
        self.main = types.ModuleType("__main__")
        self.main.__dict__.update(dict.fromkeys(names))
        self.main.__dict__.update(__name__="__main__", __doc__=None)
        self.main.__dict__["__builtins__"] = builtins
        if "__annotations__" in names:
            self.main.__annotations__ = {}
        sys.modules["__main__"] = self.main

    def steps(self, steps: list[Any]) -> int:
        """Run all steps, or up to the first that fails; the exit status of the process."""
        path = os.path.join(self.folder, steps[0]["name"])
        self.main.__dict__["__file__"] = path
        self.main.__dict__["__loader__"] = SourceFileLoader("__main__", path)
        sys.argv = [steps[0]["name"]]
        sys.orig_argv = [sys.executable, *sys.argv]
        status = 0
        for index, step in enumerate(steps):
            self.page.begin(RUNNING)
            began = time.monotonic()
            record: dict[str, Any] = {"ended": "well", "status": 0}
            try:
                if index:
                    self.give(step)
                self.step(step, record)
            except giving.NotGiven as refusal:
                status = BROKEN
                record.update(ended="refused", message=str(refusal), status=status)
            except BaseException as error:
                if isinstance(error, SystemExit) and not step["raises"]:
                    status = self.exit_status(error)
                    record.update(ended="exit", status=status)
                else:
                    status = self.raised(error, step, record)
            if getpid() != self.pid:  # a copy that the example has made of itself
                return status
            self.flush(record)
            record["seconds"] = time.monotonic() - began
            self.page.record(record)
            last = index + 1 == len(steps)
            raised = record["ended"] == "raised" and step["raises"]
            exited = record["ended"] == "exit" and status == step["exit"] and not last
            if raised or exited:
                status = 0
            elif status:
                break
        return status

    def give(self, step: dict[str, Any]) -> None:
        """Make the files and the input of a step; the first one has had its own from the start."""
        giving.files(self.folder, step["files"])
        before = self.stdin
        self.stdin = giving.stdin(before, step["stdin"], self.temporary)
        for name in ("stdin", "__stdin__"):
            if getattr(sys, name, before) is before:
                setattr(sys, name, self.stdin)

    def step(self, step: dict[str, Any], record: dict[str, Any]) -> None:
        path = os.path.join(self.folder, step["name"])
        if step["session"] is not None:
            self.session(step, path, record)
            return
        mode = self.flags | (TOP_LEVEL_AWAIT if step["await"] else 0)
        source = step["files"][step["name"]].encode("latin-1")
        code = compile(source, path, "exec", flags=mode, dont_inherit=True)
        self.flags |= code.co_flags & FUTURE_FLAGS
        if not step["compile"]:
            self.execute(code)

    def execute(self, code: types.CodeType) -> None:
        if not code.co_flags & COROUTINE:
            exec(code, self.main.__dict__)
            return
        import asyncio

        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(eval(code, self.main.__dict__))

    def session(self, step: dict[str, Any], path: str, record: dict[str, Any]) -> None:
        """The statements of a session with prompts, each with what the terminal would show."""
        record["statements"] = []
        errors = os.dup(2)
        sys.stderr.flush()
        os.dup2(1, 2)
        try:
            for source, line in step["session"]:
                failed: Any = None
                try:
                    mode = self.flags | (TOP_LEVEL_AWAIT if step["await"] else 0)
                    text = "\n" * (line - 1) + source
                    if not is_nothing(source):
                        code = compile(text, path, "single", flags=mode, dont_inherit=True)
                        self.flags |= code.co_flags & FUTURE_FLAGS
                        self.execute(code)
                except SystemExit:
                    raise
                except BaseException as error:
                    sys.stdout.flush()
                    sys.stderr.flush()
                    failed = {"line": line, "at": fstat(1).st_size}
                    self.describe(error, failed)
                    self.trim(error)
                    sys.__excepthook__(type(error), error, error.__traceback__)
                sys.stdout.flush()
                sys.stderr.flush()
                statement = {"end": fstat(1).st_size, "failed": failed}
                record["statements"].append(statement)
        finally:
            os.dup2(errors, 2)
            os.close(errors)

    def trim(self, error: BaseException) -> None:
        """Leave our own frames out of a traceback: those that called it, and those of a watch."""
        here = error.__traceback__
        while here is not None and not here.tb_frame.f_code.co_filename.startswith(self.folder):
            here = here.tb_next
        error.__traceback__ = here
        while here is not None and here.tb_next is not None:
            if here.tb_next.tb_frame.f_code.co_filename.startswith(loaded.OURS):
                here.tb_next = None
            here = here.tb_next

    def describe(self, error: BaseException, record: dict[str, Any]) -> None:
        """What was raised, and the places of the example's files that it went through."""
        kind = type(error)
        places = []
        here = error.__traceback__
        while here is not None:
            name = here.tb_frame.f_code.co_filename
            if name.startswith(self.folder + os.sep):
                places.append([os.path.relpath(name, self.folder), here.tb_lineno])
            here = here.tb_next
        if isinstance(error, SyntaxError) and str(error.filename).startswith(self.folder + os.sep):
            places.append([os.path.relpath(str(error.filename), self.folder), error.lineno or 1])
        try:
            message = str(error.msg if isinstance(error, SyntaxError) else error)
        except BaseException:
            message = ""
        record.update(
            kind=kind.__qualname__,
            module=kind.__module__,
            classes=[[base.__module__, base.__qualname__] for base in kind.__mro__],
            message=message[:LONGEST].encode("utf-8", "replace").decode(),
            places=places[-100:],
        )

    def raised(self, error: BaseException, step: dict[str, Any], record: dict[str, Any]) -> int:
        """Tell of an exception as the interpreter does; the exit status it leads to."""
        record["ended"] = "raised"
        self.trim(error)
        self.describe(error, record)
        if not step["raises"]:
            self.show(error)
        return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1

    @staticmethod
    def show(error: BaseException) -> None:
        Run.flush({})
        try:
            sys.excepthook(type(error), error, error.__traceback__)
        except BaseException as another:
            print("Error in sys.excepthook:", file=sys.stderr)
            sys.__excepthook__(type(another), another, another.__traceback__)
            print("\nOriginal exception was:", file=sys.stderr)
            sys.__excepthook__(type(error), error, error.__traceback__)

    @staticmethod
    def exit_status(exit_: SystemExit) -> int:
        code = exit_.code
        if code is None:
            return 0
        if isinstance(code, int):
            return code & 0xFF
        Run.flush({})
        print(code, file=getattr(sys, "stderr", None), flush=True)
        return 1

    @staticmethod
    def flush(record: dict[str, Any]) -> None:
        """Note how much was printed up to here."""
        for name in ("stdout", "stderr", "__stdout__"):
            try:
                getattr(sys, name).flush()
            except Exception:
                pass
        for name, descriptor in (("out", 1), ("err", 2)):
            try:
                record[name] = fstat(descriptor).st_size
            except OSError:
                record[name] = -1

    def close_loop(self) -> None:
        """End what waits in the event loop, as asyncio.run does."""
        import asyncio

        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        self.loop.close()

    def close(self, status: int) -> int:
        """What an interpreter does when its program has ended; the exit status after it."""
        if self.loop is not None:
            self.close_loop()
        threading = sys.modules.get("threading")
        if threading:
            threading._shutdown()
        run_exit_functions()
        last = getattr(sys, "stdout", None)
        for stream in (last, getattr(sys, "stderr", None)):
            try:
                if stream is not None and not getattr(stream, "closed", False):
                    stream.flush()
            except Exception:
                status = status or 120
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):
            sys.__dict__.pop(name, None)
        sys.modules.pop("__main__", None)
        self.main = None
        collect()
        try:
            if last is not None and not getattr(last, "closed", False):
                last.flush()
        except Exception:
            status = status or 120
        FLUSH_C(None)
        return status


def is_nothing(source: str) -> bool:
    """Whether there are only comments in it, which compile to no statement."""
    return all(not line or line.startswith("#") for line in map(str.strip, source.split("\n")))


def streams() -> None:
    """Fresh standard streams on descriptors 0, 1 and 2.

    They stay what they are when the descriptors come to be others.
    """
    for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        stream = giving.stream(name, number, mode)
        setattr(sys, name, stream)
        setattr(sys, "__" + name + "__", stream)


def run(steps: list[Any], page: Page, names: tuple[Any, ...], shelf: Any = None) -> None:
    """Run the steps of an example in this process, and end it.

    `names` are those that a main program finds, `shelf` has modules that it may import.
    """
    sys.path[0] = os.getcwd()
    sys.dont_write_bytecode = True
    loaded.clear()
    if shelf:
        sys.meta_path.insert(0, shelf)
    running = Run(page)
    gc.freeze()  # an example that looks around (gc.get_objects) finds what is its own
    running.become_main(names)
    status = running.steps(steps)
    ours = getpid() == running.pid
    if ours:
        page.begin(CLOSING)
    try:
        status = running.close(status)
    except SystemExit as exit_:
        status = running.exit_status(exit_)
    if ours:
        page.begin(DONE)
    if status == -signal.SIGINT:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    os._exit(status)


def main(path: str) -> None:
    """As a new interpreter's main program: what to run stands in a file."""
    import confine
    import landlock

    with open(path) as file:
        request = json.load(file)
    confine.die_with_parent()
    confine.limit(confine.limits(request["limits"]))
    page = Page(request["page"])
    warm([], request["sites"])
    fences = landlock.Fences(request["fences"], request["work"], request["build_folder"])
    fences.put_up(False, watched=True)
    os.closerange(3, 256)  # that of the page; its memory stays
    run(request["steps"], page, INITIAL_NAMES)


if __name__ == "__main__":
    main(sys.argv[1])
