"""How long examples take to prove, against a process for each, and against fork and run alone.

    python bench/examples.py [--count 1000] [--rust 100] [--json]

Each claim is a ratio of two times of the same run, so that what else the machine does meets both
alike. All examples are small ones of 16 kinds, five to an article.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 3
REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from press import config, isolation, prove, series  # noqa: E402
from press.model import Example, Verdict, Workshop  # noqa: E402

SERIES = """\
title = "A Series"
url = "https://example.org/series"
id = "tag:example.org,2026:series"
author = "An Author"
language = "en"
description = "What it is about."
"""

KINDS = [
    "print({n} + 1)",
    "names = ['a', 'b']\nfor name in names:\n    print(name, {n})",
    "def double(x):\n    return 2 * x\n\n\nprint(double({n}))",
    "from dataclasses import dataclass\n\n\n@dataclass\nclass Point:\n    x: int\n\n\nprint(Point({n}))",
    "import json\nprint(json.dumps({{'n': {n}}}))",
    "import re\nprint(re.findall(r'[0-9]+', 'a{n}b'))",
    "import asyncio\n\n\nasync def main():\n    await asyncio.sleep(0)\n    print({n})\n\n\nasyncio.run(main())",
    "from pathlib import Path\nPath('a.txt').write_text('{n}')\nprint(Path('a.txt').read_text())",
    "from collections import Counter\nprint(Counter('mississippi{n}').most_common(2))",
    "from itertools import pairwise\nprint(list(pairwise(range({n} % 9))))",
    "try:\n    int('x{n}')\nexcept ValueError as error:\n    print(error)",
    "from enum import Enum\n\n\nclass Colour(Enum):\n    RED = {n}\n\n\nprint(Colour.RED)",
    "from functools import cache\n\n\n@cache\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n\n\nprint(fib({n} % 50))",
    "import threading\nthread = threading.Thread(target=print, args=({n},))\nthread.start()\nthread.join()",
    "match {n} % 3:\n    case 0:\n        print('none')\n    case _:\n        print('some')",
    "from datetime import date, timedelta\nprint(date(2026, 1, 1) + timedelta(days={n}))",
]  # fmt: skip

RUST = 'fn double(x: u64) -> u64 {{\n    2 * x\n}}\n\nfn main() {{\n    println!("{{}}", double({n}));\n}}'

FLOOR = """
import asyncio, collections, dataclasses, datetime, enum, functools, itertools, json, os, pathlib
import re, sys, threading, time
examples = json.load(open(sys.argv[1]))
null = os.open(os.devnull, os.O_WRONLY)
began = time.perf_counter()
for code in examples:
    pid = os.fork()
    if not pid:
        os.dup2(null, 1)
        exec(compile(code, "main.py", "exec"), {"__name__": "__main__"})
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(pid, 0)
print(time.perf_counter() - began)
"""


def publication(root: Path, codes: list[str], language: str = "python") -> list[Example]:
    """Write articles of five examples each, and read them."""
    shutil.rmtree(root / "content", ignore_errors=True)
    (root / "content").mkdir(parents=True)
    (root / "series.toml").write_text(SERIES)
    for number in range(0, len(codes), 5):
        fences = "\n".join(f"```{language}\n{code}\n```\n" for code in codes[number : number + 5])
        front = f"---\ntitle: T {number}\ndate: 2026-01-01\ndescription: D\n---\n\n"
        (root / f"content/{number // 5:03}-a-{number}.md").write_text(front + fences)
    articles, _, problems = series.read(root, config.load(root))
    assert not problems, problems
    return [example for article in articles for example in article.examples]


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def proving(examples: list[Example], root: Path, workers: int) -> float:
    """Seconds that it takes to prove all, known or not."""

    def work() -> None:
        proofs = prove.prove(examples, Workshop(root / "cache", root), afresh=True, workers=workers)
        assert all(proof.verdict is Verdict.PROVEN for proof in proofs)

    return timed(work)


def each_alone(codes: list[str], root: Path) -> float:
    folder = root / "alone"
    folder.mkdir(exist_ok=True)

    def work() -> None:
        for code in codes:
            (folder / "main.py").write_text(code)
            command = [isolation.own_interpreter(), "-I", "-B", "main.py"]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    return timed(work)


def floor(codes: list[str], root: Path) -> float:
    (root / "codes.json").write_text(json.dumps(codes))
    command = [isolation.own_interpreter(), "-I", "-c", FLOOR, str(root / "codes.json")]
    return float(subprocess.run(command, cwd=root, check=True, capture_output=True).stdout)


def peak(root: Path, count: int) -> int:
    """The most memory, in KiB, of the press and of any of its processes, for some examples."""
    code = (
        "import resource, sys\nfrom pathlib import Path\n"
        f"sys.path[:0] = [{str(REPOSITORY)!r}, {str(REPOSITORY / 'bench')!r}]\n"
        "import examples\n"
        f"root = Path({str(root / f'peak{count}')!r})\n"
        f"made = examples.publication(root, examples.codes({count}))\n"
        "examples.proving(made, root, 2)\n"
        "kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)\n"
        "print(sum(resource.getrusage(kind).ru_maxrss for kind in kinds))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    return int(done.stdout)


def codes(count: int) -> list[str]:
    return [KINDS[n % len(KINDS)].format(n=n) for n in range(count)]


def known(examples: list[Example], root: Path) -> float:
    """Seconds that it takes to find all proofs in the cache of a check."""
    return timed(lambda: prove.prove(examples, Workshop(root / ".cache", root)))


def measure(count: int, rust: int, root: Path) -> dict[str, float]:
    """Each claim's ratio; those of Rust only where there is a rustc."""
    wanted = codes(count)
    made = publication(root, wanted)
    rounds = [
        (proving(made, root, 1), proving(made, root, 2), floor(wanted, root)) for _ in range(ROUNDS)
    ]  # by turns
    one, two, least = map(statistics.median, zip(*rounds, strict=True))
    found = {
        "process for each / one worker (at least 5)": each_alone(wanted, root) / one,
        "one worker / fork and run alone (at most 2)": one / least,
        "one worker / two workers (at least 1.6)": one / two,
    }
    build = [sys.executable, str(REPOSITORY / "build.py"), "check"]
    subprocess.run(build, cwd=root, check=True, stdout=subprocess.DEVNULL)
    bare = [sys.executable, "-c", "pass"]
    start = min(timed(lambda: subprocess.run(bare, check=True)) for _ in range(9))

    def check() -> object:
        return subprocess.run(build, cwd=root, check=True, stdout=subprocess.DEVNULL)

    found["all known: check / bare start (below 10)"] = min(timed(check) for _ in range(5)) / start
    found["all known: their proofs alone / bare start"] = known(made, root) / start
    (root / "content/000-a-0.md").open("a").write("\nMore.\n")
    found["all known, text changed: check / bare start"] = timed(check) / start
    found["peak memory of all / of a tenth (about 1)"] = peak(root, count) / peak(root, count // 10)
    if rust and shutil.which("rustc"):
        programs = publication(root, [RUST.format(n=n) for n in range(rust)], "rust")
        proving(programs[:1], root, 1)  # the toolchain is looked for once
        single = min(proving(programs[:1], root, 1) for _ in range(3))
        found[f"{rust} of Rust / one (at most 8)"] = proving(programs, root, 2) / single
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how long examples take to prove.")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--rust", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ratios = measure(options.count, options.rust, Path(folder).resolve())
    if options.json:
        print(json.dumps({"ratios": ratios, "processors": os.cpu_count()}))
        return
    for name, ratio in ratios.items():
        print(f"{name:52} {ratio:7.2f}")


if __name__ == "__main__":
    main()
