"""Examples that do their worst: none may pass for proven, hurt another, or reach the author.

In the tables, `@MARK@` and the like stand for what is unique to a run (see `torture.Ground`).
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from press import isolation, running
from press.isolation import Level
from press.model import Verdict
from press.problems import Code
from tests.conftest import REPOSITORY, SERIES, Publication
from tests.press.torture import (
    ALL,
    CONFINED,
    FRONT,
    OWN_PROCESSES,
    Ground,
    Trick,
    at,
    ground,
    had,
    left_behind,
    marked,
    outcome,
    parsed,
    proofs,
    remaining,
    told,
)

needs_rustc = pytest.mark.skipif(not shutil.which("rustc"), reason="rustc is not installed")
linux = pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's levels")
HAD = had() if sys.platform == "linux" else []
levels = pytest.mark.parametrize("level", HAD)


@linux
def test_the_levels_are_those_that_this_machine_can_have() -> None:
    assert Level.NONE in HAD
    if Level.NAMESPACES in HAD and shutil.which("bwrap"):
        assert Level.BUBBLEWRAP in HAD
    if Path("/sys/kernel/security/landlock").exists():
        assert Level.LANDLOCK in HAD


# What is an example.

FOUND: dict[str, tuple[str, list[str]]] = {
    "backticks": ("```python\nprint(1)\n```\n", ["print(1)\n"]),
    "tildes": ("~~~python\nprint(1)\n~~~\n", ["print(1)\n"]),
    "tildes around backticks": ("~~~~python\n'''\n```\n~~~\n'''\n~~~~\n", ["'''\n```\n~~~\n'''\n"]),
    "four around three": ("````python\n'''\n```\n'''\n````\n", ["'''\n```\n'''\n"]),
    "a longer close": ("```python\nprint(1)\n`````\n", ["print(1)\n"]),
    "an indented close": ("```python\nprint(1)\n   ```\n", ["print(1)\n"]),
    "code that has a fence": (
        '```python\ns = "```"\nt = 1  # ```x\n```\n',
        ['s = "```"\nt = 1  # ```x\n'],
    ),
    "in a list": (
        "- a\n\n  ```python\n  if 1:\n      print(1)\n  ```\n",
        ["if 1:\n    print(1)\n"],
    ),
    "in a numbered list": ("1. a\n\n   ```python\n   print(1)\n   ```\n", ["print(1)\n"]),
    "begins a list item": ("- ```python\n  print(1)\n  ```\n", ["print(1)\n"]),
    "in a quote": ("> ```python\n> if 1:\n>     print(1)\n> ```\n", ["if 1:\n    print(1)\n"]),
    "in a quote in a list": ("- a\n\n  > ```python\n  > print(1)\n  > ```\n", ["print(1)\n"]),
    "in a list in a quote": ("> - a\n>\n>   ```python\n>   print(1)\n>   ```\n", ["print(1)\n"]),
    "in two quotes": ("> > ```python\n> > print(1)\n> > ```\n", ["print(1)\n"]),
    "in two lists": (
        "- a\n    - b\n\n        ```python\n        print(1)\n        ```\n",
        ["print(1)\n"],
    ),
    "in an admonition": ("!!! note\n\n    ```python\n    print(1)\n    ```\n", ["print(1)\n"]),
    "at once in an admonition": (
        '!!! note "T"\n    ```python\n    print(1)\n    ```\n',
        ["print(1)\n"],
    ),
    "in a footnote": ("a[^1]\n\n[^1]: b\n\n    ```python\n    print(1)\n    ```\n", ["print(1)\n"]),
    "right after a paragraph": ("a\n```python\nprint(1)\n```\nb\n", ["print(1)\n"]),
    "braces": ("```{.python}\nprint(1)\n```\n", ["print(1)\n"]),
    "braces and an option": ("```{.python title=x}\nprint(1)\n```\n", ["print(1)\n"]),
    "spaced braces": ("``` { .python  title='x y' }\nprint(1)\n```\n", ["print(1)\n"]),
    "a title": ('```python title="a b"\nprint(1)\n```\n', ["print(1)\n"]),
    "a title with a comma": ('```python , title="a, b"\nprint(1)\n```\n', ["print(1)\n"]),
    "odd spaces": ("```   python   title = x  \nprint(1)\n```   \n", ["print(1)\n"]),
    "a tab before its language": ("```\tpython\t\nprint(1)\n```\t\n", ["print(1)\n"]),
    "py": ("```py\nprint(1)\n```\n", ["print(1)\n"]),
    "python3": ("```python3\nprint(1)\n```\n", ["print(1)\n"]),
    "Python": ("```Python\nprint(1)\n```\n", ["print(1)\n"]),
    "PYTHON": ("```PYTHON\nprint(1)\n```\n", ["print(1)\n"]),
    "code with tabs": ("```python\nif 1:\n\tprint('a\tb')\n```\n", ["if 1:\n\tprint('a\tb')\n"]),
    "tabs in a list": (
        "-\ta\n\n\t```python\n\tif 1:\n\t\tprint(1)\n\t```\n",
        ["if 1:\n    print(1)\n"],  # within a list tabs are spaces, as for Python-Markdown
    ),
    "three columns in": (
        "   ```python\n   if 1:\n       print(1)\n   ```\n",
        ["if 1:\n    print(1)\n"],
    ),
    "CRLF": ("```python\r\nprint(1)\r\nprint(2)\r\n```\r\n", ["print(1)\nprint(2)\n"]),
    "empty": ("```python\n```\n", [""]),
    "only empty lines": ("```python\n\n\n```\n", ["\n\n"]),
    "two": ("```python\na = 1\n```\n```python\nb = 2\n```\n", ["a = 1\n", "b = 2\n"]),
    "a paragraph that names it": ("Write `python` or ``` `python` ```.\n", []),
    "in a markdown fence": ("````markdown\n```python\n1 / 0\n```\n````\n", []),
    "in a tilde fence": ("~~~text\n```python\n1 / 0\n```\n~~~\n", []),
    "in a comment": ("<!--\n```python\n1 / 0\n```\n-->\n", []),
    "in a comment with empty lines": ("<!-- a\n\n```python\n1 / 0\n```\n\n-->\n", []),
    "after a comment": ("<!--\na\n-->\n\n```python\nprint(1)\n```\n", ["print(1)\n"]),
    "in pre": ("<pre>\n```python\n1 / 0\n```\n</pre>\n", []),
    "in a script": ("<script>\n\n```python\n1 / 0\n```\n</script>\n", []),
    "another language": ("```ruby\n1 / 0\n```\n\n```\n1 / 0\n```\n", []),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_an_example(name: str) -> None:
    body, codes = FOUND[name]
    article, problems = parsed((FRONT + body).encode())
    assert not problems
    assert article
    assert [example.fence.code for example in article.examples] == codes


def test_a_byte_order_mark_and_foreign_line_breaks_are_no_matter() -> None:
    text = (FRONT + "```python\nprint(1)\n```\n").replace("\n", "\r\n")
    article, problems = parsed(b"\xef\xbb\xbf" + text.encode())
    assert not problems
    assert article
    assert [example.fence.code for example in article.examples] == ["print(1)\n"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("```pythonx\n1 / 0\n```\n", Code.UNKNOWN_LANGUAGE),
        ("```pyhton\n1 / 0\n```\n", Code.UNKNOWN_LANGUAGE),
        ("```{.pythn}\n1 / 0\n```\n", Code.UNKNOWN_LANGUAGE),
        ("```python,no_run\n1 / 0\n```\n", Code.UNKNOWN_OPTION),
        ("```python no-run\n1 / 0\n```\n", Code.UNKNOWN_OPTION),
        ("```python skp=x\n1 / 0\n```\n", Code.UNKNOWN_OPTION),
        ("```python\n1 / 0\n", Code.UNCLOSED_FENCE),
        ("````python\n1 / 0\n```\n", Code.UNCLOSED_FENCE),
        ("```python\n1 / 0\n~~~\n", Code.UNCLOSED_FENCE),
        ("> ```python\n> 1 / 0\n\nText.\n", Code.UNCLOSED_FENCE),
        ("- a\n\n  ```python\n  1 / 0\n\nText.\n", Code.UNCLOSED_FENCE),
        ("a\n\n    ```python\n    1 / 0\n    ```\n", Code.BAD_FENCE),
        ("a ```python\n1 / 0\n```\n", Code.BAD_FENCE),
        ("<!--\n```python\n1 / 0\n```\n", Code.UNCLOSED_HTML),
    ],
)
def test_what_only_seems_to_be_an_example_is_a_problem(body: str, code: Code) -> None:
    article, problems = parsed((FRONT + body).encode())
    assert code in [problem.code for problem in problems]
    assert article is None or not [
        e for e in article.examples if e.fence.line > 7 + body.count("\n")
    ]


@linux
def test_each_example_that_is_found_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    article = "\n".join(body.replace("\r", "") for body, codes in FOUND.values() if codes)
    count = sum(len(codes) for _, codes in FOUND.values())
    with ground() as here, at(HAD[0], monkeypatch):
        made = proofs(article, here.root)
        assert len(made) == count
        assert [told(one) for one in made if one.verdict is not Verdict.PROVEN] == []
        assert all(one.how.startswith("ran with Python") for one in made)


# What they do to themselves and to the process that runs them.

EARLY = "it ended its process before its own end"
REFUSED = r"PermissionError|Operation not permitted|Read-only file system|ProcessLookupError"
PARENT = f"{REFUSED}|it ended the process that runs examples"
STRAY = "it left a process running"
SLOW = "timeout=0.4"
STILL = "still running after 0.4 seconds"

ENDING = [
    Trick("os._exit(0)", "import os\nos._exit(0)", EARLY),
    Trick("os._exit(3)", "import os\nos._exit(3)", "exit status 3"),
    Trick("abort", "import os\nos.abort()", "ended by SIGABRT"),
    Trick("segmentation fault", "import ctypes\nctypes.string_at(0)", "ended by SIGSEGV"),
    Trick("kills itself", "import os\nos.kill(os.getpid(), 9)", "ended by SIGKILL"),
    Trick("kills its group", "import os\nos.killpg(0, 9)", "ended by SIGKILL"),
    Trick("stops itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", STILL, SLOW),
    Trick("an alarm", "import signal, time\nsignal.alarm(1)\ntime.sleep(60)", "SIGALRM"),
    Trick("becomes another program", "import os\nos.execv('/bin/true', ['true'])", EARLY),
    Trick("a loop", "while True:\n    pass", STILL, SLOW),
    Trick("a sleep", "import time\ntime.sleep(@MARK@)", STILL, SLOW),
    Trick(
        "a loop that no signal ends",
        "import signal, faulthandler\nfaulthandler.disable()\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "for number in (signal.SIGABRT, signal.SIGTERM, signal.SIGINT):\n"
        "    signal.signal(number, signal.SIG_IGN)\nwhile True:\n    pass",
        STILL,
        SLOW,
    ),
    Trick(
        "faulthandler at work",
        "import faulthandler, os\nfaulthandler.enable(open('x', 'w'))\n"
        "faulthandler.dump_traceback_later(0.01, repeat=True)\nwhile True:\n    pass",
        STILL,
        SLOW,
    ),
    Trick(
        "faulthandler exits",
        "import faulthandler, time\n"
        "faulthandler.dump_traceback_later(0.01, exit=True)\ntime.sleep(9)",
        "exit status 1",
    ),
    Trick("recursion", "def f():\n    f()\nf()", "RecursionError"),
    Trick(
        "recursion without a limit",
        "import sys\nsys.setrecursionlimit(10**9)\n"
        "class A:\n    def __repr__(self):\n        return repr(self)\nrepr(A())",
        "SIGSEGV|MemoryError|RecursionError|still running",
        "timeout=3",
    ),
    Trick(
        "recursion in C",
        "import sys\nsys.setrecursionlimit(10**9)\na = None\n"
        "for _ in range(10**6):\n    a = [a]\nrepr(a)",
        "SIGSEGV|MemoryError|RecursionError",
        "timeout=60",  # a busy machine takes its time to write down how it died
    ),
    Trick(
        "a regular expression without end",
        "import re\nre.match('(a+)+$', 'a' * 99 + 'b')",
        STILL,
        SLOW,
    ),
    Trick(
        "a thread without end",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(@MARK@,)).start()",
        "a thread .* still running",
        SLOW,
    ),
    Trick(
        "a daemon thread",
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(@MARK@,), daemon=True).start()",
    ),
    Trick(
        "kills its parent", "import os\nassert os.getppid() > 0\nos.kill(os.getppid(), 9)", PARENT
    ),
    Trick("aborts its parent", "import os\nos.kill(os.getppid(), 6)", PARENT),
    Trick(
        "stops its parent",
        "import os, signal, time\nos.kill(os.getppid(), signal.SIGSTOP)\n",
        PARENT,
        SLOW,
        seconds=9,
    ),
    Trick(
        "kills its parent, and leaves a child",
        "import os, subprocess\n"
        "subprocess.Popen(['sleep', '@MARK@'], start_new_session=True)\n"
        "os.kill(os.getppid(), 9)",
        PARENT,
    ),
    Trick(
        "kills its parent and itself",
        "import os\ntry:\n    os.kill(os.getppid(), 9)\nfinally:\n    os.kill(os.getpid(), 9)",
        "SIGKILL|it ended the process that runs",
    ),
    # Where a level lets it signal nobody, kill(2) may still say that all is well.
    Trick(
        "kills all",
        "import os\nassert os.readlink('/proc/self/ns/pid') != '@PROCESSES@'\nos.kill(-1, 9)",
        PARENT,
        levels=OWN_PROCESSES,
        either=True,
    ),
    Trick(
        "stops all",
        "import os\nassert os.readlink('/proc/self/ns/pid') != '@PROCESSES@'\nos.kill(-1, 19)",
        PARENT,
        SLOW,
        OWN_PROCESSES,
        either=True,
        seconds=9,
    ),
]

PROCESSES = [
    Trick("a child", "import subprocess\nsubprocess.Popen(['sleep', '@MARK@'])", STRAY),
    Trick(
        "a child that has no streams",
        "import subprocess\nsubprocess.Popen(['sleep', '@MARK@'], "
        "stdin=-3, stdout=-3, stderr=-3, start_new_session=True)",
        STRAY,
    ),
    Trick(
        "a daemon",
        "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.closerange(0, 100)\n        os.execvp('sleep', ['sleep', '@MARK@'])\n"
        "    os._exit(0)\nos.wait()",
        STRAY,
    ),
    Trick(
        "a daemon that no signal ends",
        "import os, signal, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "        time.sleep(@MARK@)\n    os._exit(0)\nos.wait()",
        STRAY,
    ),
    Trick(
        "a stopped child",
        "import subprocess\np = subprocess.Popen(['sleep', '@MARK@'])\np.send_signal(19)",
        STRAY,
    ),
    Trick(
        "a child while it hangs",
        "import subprocess, time\nsubprocess.Popen(['sleep', '@MARK@'])\ntime.sleep(60)",
        STILL,
        SLOW,
    ),
    Trick(
        "a child of a killed one",
        "import os, subprocess\nsubprocess.Popen(['sleep', '@MARK@'])\nos.kill(os.getpid(), 9)",
        "SIGKILL",
    ),
    Trick("a child that ends soon", "import subprocess\nsubprocess.Popen(['sleep', '0.05'])"),
    Trick(
        "a fork that goes on",
        "import os\npid = os.fork()\nif pid:\n    os.waitpid(pid, 0)\n"
        "print('parent' if pid else 'child', flush=True)",
        output="child\nparent\n",
    ),
    Trick(
        "a fork that goes on for ever",
        "import os, time\nif os.fork() == 0:\n    time.sleep(@MARK@)",
        STRAY,
    ),
    Trick("a fork that lies for its parent", "import os\nif os.fork():\n    os._exit(0)", EARLY),
    Trick("zombies", "import os\nfor _ in range(50):\n    if os.fork() == 0:\n        os._exit(0)"),
    Trick(
        "processes without end",
        "import os, time\nassert os.readlink('/proc/self/ns/pid') != '@PROCESSES@'\n"
        "for _ in range(11):\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
        "time.sleep(5)",
        "processes without end|still running",
        "timeout=3",
        OWN_PROCESSES,
        seconds=12,
    ),
    Trick(
        "what multiprocessing leaves",
        "import multiprocessing as m\n"
        "from multiprocessing import shared_memory\n"
        "context = m.get_context('spawn')\nlock, queue = context.Lock(), context.Queue()\n"
        "with lock:\n    queue.put(1)\n    print(queue.get())\n"
        "shared = shared_memory.SharedMemory(create=True, size=9)\nshared.buf[0] = 7\n"
        "print(shared.buf[0])\nshared.close()\nshared.unlink()",
        output="1\n7\n",
    ),
    Trick(
        "a pool",
        "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as pool:\n"
        "    print(pool.map(abs, [-1, -2]))",
        output="[1, 2]\n",
    ),
    Trick(
        "a pool of threads",
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pool = ThreadPoolExecutor(2)\nprint(list(pool.map(abs, [-1])))",
        output="[1]\n",
    ),
    Trick(
        "tasks that are pending",
        "import asyncio\nasync def main():\n"
        "    global task\n    task = asyncio.create_task(asyncio.sleep(999))\n"
        "    await asyncio.sleep(0)\nasyncio.run(main())",
    ),
    Trick(
        "its judge's memory",
        "import os\nwith open(f'/proc/{os.getppid()}/mem', 'r+b', 0) as f:\n    print(f.read(0))",
        f"{REFUSED}|FileNotFoundError|Permission denied",
    ),
    Trick(
        "its judge's descriptors",
        "import os\nfolder = f'/proc/{os.getppid()}/fd'\nfor name in os.listdir(folder):\n"
        "    if os.readlink(f'{folder}/{name}').startswith('pipe'):\n"
        "        open(f'{folder}/{name}', 'wb', 0).write(b'{}\\n')\n"
        "raise SystemExit('nothing was refused')",
        f"{REFUSED}|FileNotFoundError|Permission denied",
    ),
    Trick(
        "traces its judge",
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "if libc.ptrace(16, os.getppid(), 0, 0):\n    raise OSError(ctypes.get_errno(), 'ptrace')\n"
        "os.kill(os.getpid(), 9)",
        f"{REFUSED}|Errno 1",
        levels=CONFINED,
    ),
    Trick(
        "writes to every descriptor",
        "import os\nfor number in range(3, 256):\n    try:\n"
        "        os.write(number, b'{\"status\": 0}\\n' * 9)\n    except OSError:\n        pass\n"
        "print('x')",
        "it ended the process that runs examples",
        either=True,
    ),
]

PYTHON = [
    Trick(
        "closes its streams",
        "import os\nfor n in range(3):\n    os.close(n)",
        "it closed its standard output",
    ),
    Trick("closes all", "import os\nos.closerange(0, 1000)", "it closed its standard output"),
    Trick("closes sys.stdout", "import sys\nprint('a')\nsys.stdout.close()", output="a\n"),
    Trick("sys.stdout is None", "import sys\nsys.stdout = None\nprint('a')", output=""),
    Trick(
        "another sys.stdout", "import io, sys\nsys.stdout = io.StringIO()\nprint('a')", output=""
    ),
    Trick(
        "another file as its output",
        "import os\nos.dup2(os.open('x', os.O_RDWR | os.O_CREAT), 1)\nprint('a')",
        output="",
        either=True,
        reason="standard output",
    ),
    Trick("much output", "print('x' * 20_000_000)", "printed more than"),
    Trick(
        "output without end",
        "while True:\n    print('x' * 100_000)",
        "printed more than|File too large",
    ),
    Trick(
        "output without end, and deaf",
        "import os\nwhile True:\n    try:\n"
        "        os.write(1, b'x' * 1_000_000)\n    except OSError:\n        pass",
        "printed more than|still running",
        "timeout=1",
    ),
    Trick(
        "errors without end",
        "import os\nwhile True:\n    os.write(2, b'x' * 1_000_000)",
        "File too large",
    ),
    Trick(
        "memory without end",
        "a = bytearray()\nwhile True:\n    a += bytes(50_000_000)",
        "MemoryError",
        hint="2 GiB",
        seconds=9,
    ),
    Trick("much memory at once", "bytearray(10**11)", "MemoryError"),
    Trick("replaced: print", "import builtins\nbuiltins.print = None"),
    Trick("replaced: json.dumps", "import json\njson.dumps = None"),
    Trick("replaced: time.monotonic", "import time\ntime.monotonic = lambda: 10.0 ** 12"),
    Trick(
        "replaced: os.getpid", "import os\nos.getpid = lambda: 7\nprint(os.getpid())", output="7\n"
    ),
    Trick("replaced: os.fstat", "import os\nos.fstat = None"),
    Trick(
        "replaced: open, len and str",
        "import builtins\nbuiltins.open = builtins.len = builtins.str = None",
    ),
    Trick(
        "replaced: gc and atexit", "import atexit, gc\ngc.collect = atexit._run_exitfuncs = None"
    ),
    Trick(
        "replaced: sys.excepthook", "import sys\nsys.excepthook = None\n1 / 0", "ZeroDivisionError"
    ),
    Trick(
        "a failure with json.dumps replaced",
        "import json\njson.dumps = None\n1 / 0",
        "ZeroDivisionError",
    ),
    Trick("no modules", "import sys\nsys.modules.clear()"),
    Trick("no __main__", "import sys\ndel sys.modules['__main__']\nprint(1)", output="1\n"),
    Trick(
        "the environment",
        "import os\nos.environ['PROOFPRESS_LEAK'] = '1'\nos.umask(0o777)\nos.nice(5)",
    ),
    Trick("a trace", "import sys\nsys.settrace(lambda *a: None)"),
    Trick(
        "a trace that raises",
        "import sys\ndef trace(*a):\n    1 / 0\nsys.settrace(trace)\ndef f():\n    pass\nf()",
        "ZeroDivisionError",
    ),
    Trick(
        "raises a BaseException",
        "class Odd(BaseException):\n    pass\nraise Odd('why')",
        "Odd: why",
    ),
    Trick("GeneratorExit", "raise GeneratorExit", "GeneratorExit"),
    Trick(
        "an exception that can't be told",
        "class Odd(Exception):\n    def __str__(self):\n        raise KeyboardInterrupt\nraise Odd",
        "Odd",
    ),
    Trick(
        "an exception that exits when told",
        "import os\nclass Odd(Exception):\n    def __str__(self):\n        os._exit(0)\nraise Odd",
        f"Odd|{EARLY}",
    ),
    Trick("a long message", "raise ValueError('x' * 3_000_000)", "ValueError: xxx"),
    Trick("lone surrogates", "raise ValueError('\\ud800' * 2_000_000)", "ValueError"),
    Trick(
        "lone surrogates in a name", "raise type('\\udc80Odd', (Exception,), {})('\\ud800')", "Odd"
    ),
    Trick("a message of many lines", "raise ValueError('a\\n' * 100_000)", "ValueError: a"),
    Trick("SystemExit()", "raise SystemExit"),
    Trick("SystemExit(None)", "raise SystemExit(None)"),
    Trick("SystemExit(0)", "raise SystemExit(0)"),
    Trick("SystemExit(256)", "raise SystemExit(256)"),
    Trick("SystemExit(-1)", "raise SystemExit(-1)", "exit status 255"),
    Trick("SystemExit(text)", "raise SystemExit('text')", "exit status 1: text"),
    Trick("SystemExit(object)", "raise SystemExit(object())", "exit status 1: <object object"),
    Trick(
        "SystemExit(unprintable)",
        "class A:\n    def __str__(self):\n        1 / 0\nraise SystemExit(A())",
        "exit status 1",
    ),
    Trick(
        "SystemExit without streams",
        "import sys\nsys.stdout = sys.stderr = None\nsys.exit('a')",
        "exit status 1",
    ),
    Trick("KeyboardInterrupt", "raise KeyboardInterrupt", "KeyboardInterrupt"),
    Trick("SIGINT", "import os, time\nos.kill(os.getpid(), 2)\ntime.sleep(9)", "KeyboardInterrupt"),
    # As with a plain interpreter, these three are told on standard error and change no status.
    Trick("raises at exit", "import atexit\natexit.register(lambda: 1 / 0)"),
    Trick(
        "raises in a thread",
        "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()",
    ),
    Trick("raises in __del__", "class A:\n    def __del__(self):\n        1 / 0\na = A()"),
    Trick("ends at exit", "import atexit, os\natexit.register(os._exit, 3)", "exit status 3"),
    Trick("dies at exit", "import atexit, os\natexit.register(os.kill, os.getpid(), 9)", "SIGKILL"),
    Trick(
        "hangs at exit",
        "import atexit, time\natexit.register(time.sleep, @MARK@)",
        "still running",
        SLOW,
    ),
    Trick(
        "hangs in __del__",
        "import time\nclass A:\n    def __del__(self):\n"
        "        import time\n        time.sleep(@MARK@)\na = A()",
        "still running",
        SLOW,
    ),
    Trick("no UTF-8", "import os\nos.write(1, b'a\\xff\\xfe\\n')", output="a\ufffd\ufffd\n"),
    Trick(
        "control characters",
        r"print('a\0b\x1b[31mc\x1b]0;t\x07\b\rd')",
        output="a\0b\x1b[31mc\x1b]0;t\x07\b\rd\n",
    ),
    Trick(
        "the runner's objects",
        "import gc, os\nfound = [o for o in gc.get_objects() "
        "if type(o).__name__ in ('Run', 'Page')]\n"
        "if not found:\n    raise SystemExit('there are none')\nfor o in found:\n"
        "    page = getattr(o, 'page', None)\n    if page:\n"
        "        page.record({'ended': 'well', 'status': 0, 'seconds': 0.1, 'out': 0, "
        "'err': 0})\n        page.begin(2)\nos._exit(0)",
        f"there are none|{EARLY}",
    ),
    *(
        Trick(
            f"a record of its own, {record}",
            "import os, struct, sys\nhere = sys._getframe()\nwhere = None\n"
            "while here and not where:\n"
            "    where = getattr(here.f_locals.get('self'), 'page', None)\n    here = here.f_back\n"
            f"if not where:\n    raise SystemExit('there are none')\nrecord = {record}\n"
            "memory = where._memory\nmemory[20 : 20 + len(record)] = record\n"
            "struct.pack_into('<iidi', memory, 0, 1, len(record), 0.0, 2)\nos._exit(0)",
            "it has overwritten what was noted of it",
        )
        for record in (
            r"b'well\n'",
            r"b'well 0 out 0 0.1 \n'",
            r"b'well 0 0 0 0.1 [1]\n'",
            r"b'well 0 0 0 0.1 {\n'",
            r"b'well 0 0 0 0.1 {\"statements\": 1}\n'",
            r"b'raised 1 0 0 0.1 \n'",
            r"b'raised 1 0 0 0.1 {\"places\": 1}\n'",
            r"b'refused 1 0 0 0.1 \n'",
            r"b'other 0 0 0 0.1 \n'",
            r"b'well 0 0 0 0.1 ' + 500_000 * b'[' + b'\n'",
        )
    ),
    Trick(
        "rights over its own place",
        "status = open('/proc/self/status').read()\nassert 'CapEff:\\t0000000000000000' in status",
        levels=OWN_PROCESSES,
    ),
    Trick(
        "another interpreter",
        "try:\n    import _xxsubinterpreters as s\nexcept ImportError:\n"
        "    import _interpreters as s\ns.run_string(s.create(), 'import sys; sys.setrecursionlimit"
        "(99); raise SystemExit(3)')",
        "SystemExit|exit status|RunFailedError",
        either=True,
    ),
]

FILES = [
    Trick(
        "no folder",
        "import os, shutil\nshutil.rmtree(os.getcwd())",
        "removed its own working folder",
    ),
    Trick(
        "no folder, nor those around it",
        "import os, shutil\n"
        "os.chdir('..')\nhere = os.getcwd()\nfor name in os.listdir(here):\n"
        "    shutil.rmtree(os.path.join(here, name), ignore_errors=True)\n"
        "os.chdir('/')\nos.rmdir(here)",
        f"removed its own working folder|{REFUSED}|Permission denied",
    ),
    Trick(
        "its folder is a link",
        "import os\nhere = os.getcwd()\nos.chdir('..')\n"
        "os.rename(here, 'other')\nos.symlink('/usr', here)",
        "removed its own working folder",
        either=True,
    ),
    Trick(
        "a file in place of its folder",
        "import os, shutil\nhere = os.getcwd()\nshutil.rmtree(here)\nopen(here, 'w').close()",
        "removed its own working folder",
    ),
    Trick(
        "a closed folder",
        "import os\nos.mkdir('a')\nopen('a/b', 'w').close()\nos.chmod('a', 0)\nos.chmod('.', 0)",
    ),
    Trick("closes the folders around", "import os\nos.chmod('..', 0)", "", either=True),
    Trick(
        "a deep tree",
        "import os\nfor _ in range(5000):\n    os.mkdir('d')\n    os.chdir('d')\n"
        "open('x', 'w').close()",
        levels=CONFINED,  # a watch asks for the whole path, again and again
    ),
    Trick(
        "a deep tree for temporary files",
        "import os\nos.chdir(os.environ['TMPDIR'])\n"
        "for _ in range(2000):\n    os.mkdir('d')\n    os.chdir('d')\n    open('x', 'w').close()",
    ),
    Trick(
        "a deep closed tree",
        "import os\nfor _ in range(50):\n    os.mkdir('d')\n"
        "    os.chdir('d')\n    open('x', 'w').close()\nfor _ in range(50):\n    os.chdir('..')\n"
        "    os.chmod('d', 0o500)",
    ),
    Trick("elsewhere", "import os\nos.chdir('/')"),
    Trick("many files", "for n in range(10_000):\n    open(f'f{n}', 'w').close()"),
    Trick(
        "odd names",
        "import os\nfor name in (b'\\xff\\xfe', b'a\\nb', b'-rf', b'*', b' '):\n"
        "    open(name, 'w').close()\nos.mkfifo('pipe')",
    ),
    Trick(
        "links that lead out",
        "import os\nos.symlink('@HOME@', 'a')\nos.symlink('/', 'b')\n"
        "os.symlink('loop', 'loop')\nos.mkdir('c')\nos.symlink('@ROOT@/content', 'c/d')\n"
        "os.chmod('c', 0o500)",
    ),
    Trick("a file too large", "open('x', 'wb').truncate(10 ** 12)", "File too large"),
    Trick(
        "files that are too large together",
        "for n in range(6):\n    open(str(n), 'wb').write(b'x' * 99_000_000)",
        "No space left on device",
        levels=OWN_PROCESSES,  # elsewhere its folder is on a disk
    ),
    Trick(
        "files in memory that are too large together",
        "for n in range(6):\n    open(f'/dev/shm/{n}', 'wb').write(b'x' * 99_000_000)",
        "No space left on device",
        levels=OWN_PROCESSES,
    ),
    Trick(
        "a file among the devices",
        "open('/dev/@MARK@', 'w').close()",
        REFUSED,
    ),
    Trick(
        "what it leaves in /dev/shm",
        "open('/dev/shm/@MARK@', 'w').close()",
        "",
        either=True,
        levels=OWN_PROCESSES,  # elsewhere it is that of the machine, as the documentation says
    ),
    Trick("what it leaves in /tmp", "open('/tmp/@MARK@', 'w').close()", "", either=True),
    Trick(
        "what it leaves in its own folders",
        "import os, tempfile\ntempfile.mkdtemp()\nopen(os.path.expanduser('~/x'), 'w').close()",
    ),
]


def assert_outcome(level: Level, tricks: list[Trick], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 8.0)
    with ground() as here:
        with at(level, monkeypatch):
            monkeypatch.chdir(here.root)
            wrong = outcome([one for one in tricks if level in one.levels], here)
        assert (here.key.read_text(), (here.root / "victim/notes.txt").read_text()) == (
            here.secret, here.secret,
        )  # fmt: skip
        assert wrong + left_behind(here) == [], "\n".join(wrong)


@linux
@levels
@pytest.mark.parametrize(
    "tricks", [ENDING, PROCESSES, PYTHON, FILES], ids=["ending", "processes", "python", "files"]
)
def test_it_fails_alone(
    level: Level,
    tricks: list[Trick],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert_outcome(level, tricks, monkeypatch)


# What they can reach.

UNSEEN = r"No such file or directory|Permission denied"
UNCHANGED = rf"{UNSEEN}|Read-only file system|Operation not permitted"
ITS_OWN = "working folder|sees nothing of|home folder"
UNREACHED = "Network is unreachable|name resolution|Name or service not known"
NO_DATABASE = (
    "unable to open|readonly database|not authorized|authorization denied|Permission denied"
)
RUN = "import subprocess\nsubprocess.run({!r}, check=True)"

REACHING = [
    Trick("reads a key", "print(open('@KEY@').read())", UNSEEN, hint=ITS_OWN),
    Trick(
        "reads a key by another way",
        "import os\nos.chdir('/')\nfd = os.open('.', 0)\n"
        "print(open(os.open('@KEY@'[1:], 0, dir_fd=fd)).read())",
        UNSEEN,
    ),
    Trick(
        "reads a key from a folder that is open",
        "import os\nfd = os.open('/usr', 0)\n"
        "print(open(os.open(b'../' + b'@KEY@'[1:], os.O_RDONLY, dir_fd=fd)).read())",
        UNSEEN,
        hint=ITS_OWN,
    ),
    Trick(
        "reads a key from a folder that it goes to",
        "import os\nos.fchdir(os.open('/usr', 0))\nprint(open('../@KEY@').read())",
        UNSEEN,
    ),
    Trick(
        "reads a key as a history",
        "import readline\nreadline.read_history_file('@KEY@')\nprint(readline.get_history_item(1))",
        UNSEEN,
    ),
    Trick(
        "reads a key as settings of a terminal",
        "import readline\nreadline.read_init_file('@KEY@')",
        f"{UNSEEN}",
    ),
    Trick(
        "reads a key through a link",
        "import os\nos.symlink('@KEY@', 'a')\nprint(open('a').read())",
        UNSEEN,
    ),
    Trick(
        "reads a key through /proc",
        "import os\nprint(open(f'/proc/{os.getppid()}/root@KEY@').read())",
        UNSEEN,
    ),
    Trick(
        "lists the home folder",
        "import os\nassert os.path.basename('@HOME@') not in os.listdir(os.path.dirname('@HOME@'))",
        f"{UNSEEN}",
        either=True,
    ),
    Trick("lists the folder of keys", "import os\nprint(os.listdir('@HOME@'))", UNSEEN),
    Trick("copies a key", "import shutil\nprint(open(shutil.copy('@KEY@', 'a')).read())", UNSEEN),
    Trick(
        "links a key",
        "import os\nos.link('@KEY@', 'a')\nprint(open('a').read())",
        f"{UNCHANGED}|Invalid cross-device link",
    ),
    Trick("a program reads a key", RUN.format(["cat", "@KEY@"]), UNSEEN, levels=CONFINED),
    Trick("reads the ledger", "print(open('@ROOT@/var/ledger.db').read())", UNSEEN, hint=ITS_OWN),
    Trick(
        "opens the ledger",
        "import sqlite3\n"
        "print(sqlite3.connect('@ROOT@/var/ledger.db').execute('pragma schema_version'))",
        "unable to open database file|Permission denied",
    ),
    Trick(
        "reads the publication",
        "import pathlib\nfor one in pathlib.Path('@ROOT@').rglob('*'):\n"
        "    one.is_file() and print(one.read_text())",
        UNSEEN,
        either=True,
    ),
    Trick(
        "writes beside the article", "open('@ROOT@/content/a.txt', 'w')", UNCHANGED, hint=ITS_OWN
    ),
    Trick(
        "writes beside the article from a folder that is open",
        "import os\nfd = os.open('/usr', 0)\nos.open("
        "'..@ROOT@/content/a.txt', os.O_WRONLY | os.O_CREAT, dir_fd=fd)",
        UNCHANGED,
    ),
    Trick(
        "moves a file beside the article",
        "import os\nfd = os.open('/usr', 0)\n"
        "os.rename('main.py', '..@ROOT@/content/a.txt', dst_dir_fd=fd)",
        f"{UNCHANGED}|Invalid cross-device link",
    ),
    Trick(
        "a history beside the article",
        "import readline\nreadline.add_history('a')\n"
        "readline.write_history_file('@ROOT@/content/a.txt')",
        UNCHANGED,
        hint=ITS_OWN,
    ),
    Trick(
        "a longer history in the home folder",
        "import readline\nreadline.add_history('a')\nreadline.append_history_file(1, '@KEY@')",
        UNCHANGED,
    ),
    Trick("a pipe beside the article", "import os\nos.mkfifo('@ROOT@/content/a')", UNCHANGED),
    Trick(
        "a pipe beside the article from a folder that is open",
        "import os\nos.mkfifo(path='..@ROOT@/content/a', dir_fd=os.open('/usr', 0))",
        UNCHANGED,
    ),
    Trick("a node beside the article", "import os\nos.mknod('@ROOT@/content/a')", UNCHANGED),
    Trick(
        "a socket beside the article",
        "import socket\nsocket.socket(socket.AF_UNIX).bind('@ROOT@/content/a')",
        UNCHANGED,
    ),
    Trick(
        "a database beside the article",
        "import sqlite3\nc = sqlite3.connect(':memory:')\n"
        "c.execute(\"attach '@ROOT@/content/a.db' as a\")\nc.execute('create table a.b(c)')",
        NO_DATABASE,
    ),
    Trick(
        "a database beside the article, by a parameter",
        "import sqlite3\nc = sqlite3.connect(':memory:')\n"
        "c.execute('attach ? as a', ['@ROOT@/content/a.db'])\nc.execute('create table a.b(c)')",
        NO_DATABASE,
    ),
    Trick(
        "a copy of a database beside the article",
        "import sqlite3\nc = sqlite3.connect(':memory:')\n"
        "c.execute('create table b(c)')\nc.execute('vacuum into ?', ['@ROOT@/content/a.db'])",
        NO_DATABASE,
    ),
    Trick(
        "a database beside the article, by an address",
        "import sqlite3\nsqlite3.connect("
        "'file://localhost/%2E@ROOT@/content/a.db', uri=True).execute('create table b(c)')",
        f"{NO_DATABASE}|{UNCHANGED}",
    ),
    Trick("writes in the publication", "open('@ROOT@/a.txt', 'w')", UNCHANGED, hint=ITS_OWN),
    Trick(
        "writes into the article", "open('@ROOT@/content/000-a.md', 'a')", UNCHANGED, hint=ITS_OWN
    ),
    Trick("writes in /etc", "open('/etc/proofpress-@MARK@', 'w')", UNCHANGED, hint=ITS_OWN),
    Trick("writes in /usr", "open('/usr/proofpress-@MARK@', 'w')", UNCHANGED, hint=ITS_OWN),
    Trick("writes in the home folder", "open('@HOME@/a', 'w')", UNCHANGED, hint=ITS_OWN),
    Trick("writes among temporary files", "open('@TEMPORARY@/a', 'w')", UNCHANGED),
    Trick("removes a folder", "import shutil\nshutil.rmtree('@ROOT@/victim')", UNCHANGED),
    Trick("removes a file", "import os\nos.remove('@KEY@')", UNCHANGED),
    Trick(
        "removes temporary files", "import shutil\nshutil.rmtree('@TEMPORARY@/other')", UNCHANGED
    ),
    Trick(
        "moves a file",
        "import os\nos.rename('@ROOT@/content/000-a.md', 'a')",
        f"{UNCHANGED}|Invalid cross-device link",
    ),
    Trick("makes a folder", "import os\nos.mkdir('@ROOT@/a')", UNCHANGED),
    Trick("changes rights", "import os\nos.chmod('@ROOT@/content/000-a.md', 0)", UNCHANGED),
    Trick("changes rights in the home folder", "import os\nos.chmod('@KEY@', 0o777)", UNCHANGED),
    Trick(
        "changes attributes",
        "import os\nos.setxattr('@KEY@', 'user.a', b'1')",
        f"{UNCHANGED}|not supported",
    ),
    Trick(
        "removes attributes",
        "import os\nos.removexattr('@KEY@', 'user.a')",
        f"{UNCHANGED}|not supported",
    ),
    Trick(
        "changes rights of a file that it may read",
        "import os\nos.fchmod(os.open('@ELSEWHERE@/notes.txt', 0), 0o777)",
        UNCHANGED,
    ),
    Trick(
        "changes times of a file that it may read",
        "import os\nfile = open('@ELSEWHERE@/notes.txt')\nos.utime(file.fileno(), (0, 0))",
        UNCHANGED,
    ),
    Trick("changes times", "import os\nos.utime('@ROOT@/content/000-a.md', (0, 0))", UNCHANGED),
    Trick(
        "a program writes beside the article",
        RUN.format(["sh", "-c", "echo > @ROOT@/content/a.txt"]),
        "exit status",
        levels=CONFINED,
    ),
    Trick(
        "a program removes",
        RUN.format(["rm", "-r", "@ROOT@/victim"]),
        "exit status",
        levels=CONFINED,
    ),
    Trick(
        "a program in Python reads a key",
        "import subprocess, sys\nsubprocess.run("
        "[sys.executable, '-c', \"print(open('@KEY@').read())\"], check=True)",
        UNSEEN,
        levels=CONFINED,
    ),
    Trick(
        "removes what is elsewhere",
        "import shutil\nshutil.rmtree('@ELSEWHERE@')",
        UNCHANGED,
    ),
    Trick(
        "removes a file of a folder that is open",
        "import os\nos.remove('notes.txt', dir_fd=os.open('@ELSEWHERE@', 0))",
        UNCHANGED,
    ),
    Trick(
        "another's folder", "print(open('@TEMPORARY@/other/work/example/main.py').read())", UNSEEN
    ),
    Trick(
        "a socket",
        "import socket\nsocket.create_connection(('192.0.2.1', 80), 5)",
        UNREACHED,
        hint="no network",
        seconds=2,
    ),
    Trick(
        "a datagram",
        "import socket\nsocket.socket(type=socket.SOCK_DGRAM).sendto(b'a', ('192.0.2.1', 9))",
        UNREACHED,
        hint="no network",
        seconds=2,
    ),
    Trick(
        "a name",
        "import socket\nsocket.getaddrinfo('example.org', 80)",
        UNREACHED,
        hint="no network",
        seconds=2,
    ),
    Trick(
        "the name of an address",
        "import socket\nprint(socket.gethostbyaddr('192.0.2.1'))",
        f"{UNREACHED}|Unknown host|Host name lookup failure",
        seconds=2,
    ),
    Trick(
        "a socket of the author's",
        "import socket\nsocket.socket(socket.AF_UNIX).connect('@HOME@/a.sock')",
        UNSEEN,
    ),
    Trick(
        "an address",
        "import urllib.request\nurllib.request.urlopen('http://example.org')",
        UNREACHED,
        hint="no network",
        seconds=2,
    ),
    Trick(
        "a program that reaches out",
        "import subprocess, sys\nsubprocess.run([sys.executable, "
        "'-c', 'import socket; socket.create_connection((\"192.0.2.1\", 80), 1)'], check=True)",
        UNREACHED,
        levels=OWN_PROCESSES,
        seconds=2,
    ),
    Trick(
        "a server of its own",
        "import http.server, threading, urllib.request\n"
        "class Handler(http.server.BaseHTTPRequestHandler):\n    def do_GET(self):\n"
        "        self.send_response(200)\n        self.end_headers()\n"
        "        self.wfile.write(b'hello')\n    def log_message(self, *_):\n        pass\n"
        "with http.server.ThreadingHTTPServer(('localhost', 0), Handler) as server:\n"
        "    threading.Thread(target=server.serve_forever, daemon=True).start()\n"
        "    for host in ('localhost', '127.0.0.1'):\n"
        "        with urllib.request.urlopen(f'http://{host}:{server.server_port}') as got:\n"
        "            print(got.read())\n    server.shutdown()",
        output="b'hello'\nb'hello'\n",
    ),
    Trick(
        "a socket of its own",
        "import socket\ns = socket.socket(socket.AF_UNIX)\n"
        "s.bind('a.sock')\ns.listen()\nc = socket.socket(socket.AF_UNIX)\nc.connect('a.sock')\n"
        "print('connected')",
        output="connected\n",
    ),
    Trick(
        "files in folders that are open",
        "import os, pathlib, shutil, tempfile\n"
        "folder = pathlib.Path(tempfile.mkdtemp())\n(folder / 'a/b').mkdir(parents=True)\n"
        "fd = os.open(folder, os.O_RDONLY)\n"
        "file = os.open('a/b/c', os.O_RDWR | os.O_CREAT, 0o600, dir_fd=fd)\nos.write(file, b'c')\n"
        "os.fchmod(file, 0o640)\nos.utime(file, (1, 2))\nos.close(file)\n"
        "os.mkfifo('a/d', dir_fd=fd)\nos.mknod(b'a/e', dir_fd=fd)\nos.mkfifo('f')\n"
        "os.rename('a/e', 'a/b/e', src_dir_fd=fd, dst_dir_fd=fd)\n"
        "os.symlink('c', 'a/b/g', dir_fd=fd)\nos.chmod('a/b/e', 0o600, dir_fd=fd)\n"
        "os.chdir('/')\nprint(os.read(os.open('a/b/g', os.O_RDONLY, dir_fd=fd), 9))\n"
        "for root, folders, files, here in os.fwalk('.', dir_fd=fd):\n"
        "    print(root, folders, sorted(files), os.stat('.', dir_fd=here).st_nlink)\n"
        "try:\n    os.open('none', os.O_RDONLY, dir_fd=fd)\n"
        "except FileNotFoundError as error:\n    print(error)\n"
        "try:\n    os.open('none', os.O_RDONLY, dir_fd=999)\n"
        "except OSError as error:\n    print(error.strerror)\n"
        "assert shutil.rmtree.avoids_symlink_attacks\nshutil.rmtree(folder)\n"
        "print(folder.exists(), os.open in os.supports_dir_fd)\n"
        "class Opener:\n    open = os.open\nos.close(Opener().open('/usr', 0))\n"
        "with tempfile.TemporaryDirectory() as place:\n    (pathlib.Path(place) / 'a').touch()",
        output="b'c'\n. ['a'] [] 3\n./a ['b'] ['d'] 3\n./a/b [] ['c', 'e', 'g'] 2\n"
        "[Errno 2] No such file or directory: 'none'\nBad file descriptor\nFalse True\n",
    ),
    Trick(
        "databases and histories of its own",
        "import dbm.dumb, os, readline, sqlite3\n"
        "with sqlite3.connect('a.db') as c:\n    c.execute('create table a(b)')\n"
        "c = sqlite3.connect(':memory:')\nc.execute(\"attach 'a.db' as other\")\n"
        "c.execute(\"attach ':memory:' as third\")\nc.execute(\"attach '' as fourth\")\n"
        "c.execute('insert into other.a values (1)')\nc.commit()\nc.execute('vacuum')\n"
        "c.execute(\"vacuum other into 'b.db'\")\n"
        "print(*sqlite3.connect('file:b.db?mode=ro', uri=True).execute('select b from a'))\n"
        "readline.add_history('one')\nreadline.write_history_file('history')\n"
        "readline.append_history_file(1, 'history')\nreadline.clear_history()\n"
        "readline.read_history_file('history')\nprint(readline.get_current_history_length())\n"
        "readline.write_history_file()\nprint(os.listdir(os.environ['HOME']))\n"
        "with dbm.dumb.open('dumb', 'c') as d:\n    d['a'] = 'b'",
        output="(1,)\n2\n['.history']\n",
    ),
    Trick(
        "locks and shared memory",
        "import multiprocessing as m\nn = m.Value('i', 0)\n"
        "def add():\n    with n.get_lock():\n        n.value += 1\n"
        "ps = [m.get_context('fork').Process(target=add) for _ in range(2)]\n"
        "for p in ps:\n    p.start()\nfor p in ps:\n    p.join()\nprint(n.value)",
        output="2\n",
    ),
]


@linux
@levels
def test_it_reaches_nothing_of_the_author(level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    with ground() as here:
        other = here.temporary / "other/work/example/main.py"
        other.parent.mkdir(parents=True)
        other.write_text(here.secret)
        article = here.root / "content/000-a.md"
        notes = here.elsewhere / "notes.txt"
        author = socket.socket(socket.AF_UNIX)
        author.bind(str(here.home / "a.sock"))
        author.listen()
        before = {path: path.stat() for path in (here.key, article, other, notes)}
        monkeypatch.setattr(running, "PATIENCE", 8.0)
        monkeypatch.chdir(here.root)
        with at(level, monkeypatch):
            wrong = outcome([one for one in REACHING if level in one.levels], here)
        wrong += [
            f"{path.name} was changed"
            for path, old in before.items()
            if not path.exists()
            or (path.stat().st_mode, path.stat().st_mtime) != (old.st_mode, old.st_mtime)
        ]
        author.close()
        shutil.rmtree(here.temporary / "other")
        made = {path.name for path in (here.root / "content").iterdir()} - {"000-a.md"}
        made |= {path.name for path in here.home.iterdir()} - {"id_ed25519", "a.sock"}
        for folder in (Path("/etc"), Path("/usr")):
            made |= {path.name for path in folder.glob(f"*{here.mark}*")}
        assert wrong + sorted(made) + left_behind(here) == [], "\n".join(wrong)


def test_a_level_that_does_not_confine_wholly_says_so() -> None:
    assert [bool(one.warning) for one in Level] == [False, False, True, True]


@linux
@levels
def test_it_finds_a_publication_among_temporary_files(
    level: Level, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Hiding it must not make the press do with a lesser level, nor links lead to it."""
    root = tmp_path / "publication"
    root.mkdir()
    (root / "private.txt").write_text("private")
    (tmp_path / "current").symlink_to("publication")
    body = "".join(
        f"```python\nprint(open({str(tmp_path / name / 'private.txt')!r}).read())\n```\n"
        for name in ("publication", "current")
    )
    monkeypatch.chdir(root)
    monkeypatch.setenv(isolation.VARIABLE, level)
    monkeypatch.setattr(running, "_best", {})
    made = proofs(body, root)
    assert running.level() is level
    assert [one.verdict for one in made] == [Verdict.FAILED] * 2
    assert not any("private" in one.output for one in made)


SCAN = """\
import os
found = [name for name, value in os.environ.items() if "@MARK@" in value]
for name in os.listdir("/proc"):
    if name.isdigit():
        for kind in ("environ", "cmdline"):
            try:
                with open(f"/proc/{name}/{kind}", "rb") as file:
                    if b"TOKEN=secret-@MARK@" in file.read():
                        found.append(f"{name}/{kind}")
            except OSError:
                pass
assert not found, found
"""


@linux
@levels
def test_it_sees_no_secret_of_the_environment(level: Level) -> None:
    with ground() as here:
        publication = Publication(here.root)
        publication.write("series.toml", SERIES)
        publication.article("000-a", f"```python\n{here.fill(SCAN)}```\n")
        done = publication.run(
            "check", "--no-cache", PROOFPRESS_ISOLATION=level, API_TOKEN=f"secret-{here.mark}"
        )
        assert done.returncode == 0, done.stdout + done.stderr


# Sessions: what a terminal shows, all of it.


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (">>> exit()\n>>> 1 + 1\n3\n", ""),
        (">>> raise SystemExit(0)\n>>> 1 + 1\n3\n", ""),
        (">>> import os\n>>> os._exit(0)\n>>> 1 + 1\n3\n", EARLY),
        (
            "".join(
                f">>> raise ValueError('{chr(0x4E00)}' * 4000)\n"
                "Traceback (most recent call last):\n"
                "ValueError: something else\n"
                for _ in range(60)
            ),
            "",
        ),
    ],
    ids=["exit()", "SystemExit", "os._exit", "more than fits its record"],
)
def test_a_session_that_is_cut_short_is_not_proven(
    code: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ground() as here, at(HAD[0], monkeypatch):
        [proof] = proofs(f"```python\n{code}```\n", here.root)
        assert proof.verdict is Verdict.FAILED
        assert reason in proof.reason


# Rust.

RUST = [
    Trick("it runs", 'println!("{}", 6 * 7);', output="42\n"),
    Trick("ends early", 'println!("a");\nstd::process::exit(0);\n', output="a\n"),
    Trick("aborts", "std::process::abort();", "ended by SIGABRT"),
    Trick("a loop", "loop {}", STILL, SLOW),
    Trick("a thread that is left", "std::thread::spawn(|| loop {});"),
    Trick(
        "recursion",
        "fn f(n: u64) -> u64 { if n == u64::MAX { 0 } else { 1 + f(n + 1) } }\n"
        'println!("{}", f(std::env::args().count() as u64));',
        "ended by SIG(ABRT|SEGV)",
    ),
    Trick("a child", 'std::process::Command::new("sleep").arg("@MARK@").spawn().unwrap();', STRAY),
    Trick(
        "output without end",
        "use std::io::Write; let line = [b'x'; 100_000]; "
        "loop { std::io::stdout().write_all(&line).unwrap(); }",
        "printed more than|File too large|SIGXFSZ",
    ),
    Trick(
        "memory without end",
        "let mut all = vec![]; loop { all.push(vec![1u8; 50_000_000]); }",
        "ended by SIGABRT|exit status",
    ),
    Trick(
        "reads a key",
        'println!("{}", std::fs::read_to_string("@KEY@").unwrap());',
        UNSEEN,
        levels=CONFINED,
    ),
    Trick(
        "has a key compiled in",
        'println!("{}", include_str!("@KEY@"));',
        f"couldn't read|{UNSEEN}",
        levels=CONFINED,
    ),
    Trick(
        "reads the ledger",
        'println!("{}", std::fs::read_to_string("@ROOT@/var/ledger.db").expect("no ledger"));',
        UNSEEN,
        levels=CONFINED,
    ),
    Trick(
        "writes beside the article",
        'std::fs::write("@ROOT@/content/a.txt", "a").unwrap();',
        UNCHANGED,
        levels=CONFINED,
    ),
    Trick(
        "writes in /etc",
        'std::fs::write("/etc/proofpress-@MARK@", "a").unwrap();',
        UNCHANGED,
        levels=CONFINED,
        hint=ITS_OWN,
    ),
    Trick(
        "a socket",
        'std::net::TcpStream::connect("192.0.2.1:80").unwrap();',
        UNREACHED,
        levels=OWN_PROCESSES,
        hint="no network",
        seconds=3,
    ),
    Trick(
        "a server of its own",
        'let l = std::net::TcpListener::bind("127.0.0.1:0").unwrap();\n'
        "std::net::TcpStream::connect(l.local_addr().unwrap()).unwrap();",
    ),
    Trick(
        "kills its parent",
        'extern "C" { fn getppid() -> i32; fn kill(p: i32, s: i32) -> i32; }\n'
        'assert_eq!(unsafe { kill(getppid(), 9) }, 0, "refused");',
        "refused|it ended the process that runs|SIGKILL",
    ),
]


@linux
@needs_rustc
@levels
def test_rust_is_kept_in_its_place(level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    tricks = [
        Trick(**{**vars(one), "language": "rust", "seconds": max(one.seconds, 5.0)}) for one in RUST
    ]
    assert_outcome(level, tricks, monkeypatch)


# The press itself comes to an end.

HANGING = """\
```python
import subprocess, time
subprocess.Popen(["sleep", "@MARK@"], start_new_session=True)
time.sleep(60)
```

```python
import time
time.sleep(60)
```
"""


def hanging(level: Level, here: Ground) -> "subprocess.Popen[bytes]":
    """A press at work on examples that go on for long."""
    publication = Publication(here.root)
    publication.write("series.toml", SERIES)
    publication.article("000-a", here.fill(HANGING))
    press = subprocess.Popen(
        [sys.executable, REPOSITORY / "build.py", "check", "--no-cache"],
        cwd=here.root,
        env={**os.environ, "PROOFPRESS_ISOLATION": level, "TMPDIR": str(here.temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until = time.monotonic() + 30
    while not marked(f"sleep\0{here.mark}"):
        assert press.poll() is None, press.stderr and press.stderr.read()
        assert time.monotonic() < until, "the example does not begin"
        time.sleep(0.02)
    return press


def waited(press: "subprocess.Popen[bytes]") -> str:
    assert press.stderr
    with press.stderr:
        said = press.stderr.read().decode()
    press.wait(30)
    return said


@linux
@levels
def test_nothing_goes_on_once_the_press_is_killed(level: Level) -> None:
    with ground() as here:
        press = hanging(level, here)
        press.kill()
        waited(press)
        assert {**remaining(here.mark), **remaining(str(here.root))} == {}
        assert len(list(here.temporary.iterdir())) <= 2 * (level not in OWN_PROCESSES)


@linux
@levels
def test_it_can_be_interrupted(level: Level) -> None:
    with ground() as here:
        press = hanging(level, here)
        began = time.monotonic()
        press.send_signal(signal.SIGINT)
        said = waited(press)
        assert (press.returncode, said.splitlines()[-1:]) == (130, ["interrupted"])
        assert time.monotonic() - began < 5
        assert left_behind(here) == []


def test_every_level_is_tried() -> None:
    """The tables leave no level without its share."""
    for table in (ENDING, PROCESSES, PYTHON, FILES, REACHING, RUST):
        assert frozenset().union(*(one.levels for one in table)) == ALL
