"""How long highlighting a block of code takes, against Pygments, on a corpus of articles.

    python bench/highlighting.py [--articles N] [--rounds N] [--json]

Both have the same blocks by turns, and have to say the same of each. The figures are microseconds
of processor time for a block: the least of the rounds, what is made ready at first left out.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

sys.path.insert(0, str(Path(__file__).parent.parent))

from press import colouring
from press.lexing.quick import quick

FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
FORMATTER = HtmlFormatter(nowrap=True)
Blocks = dict[str, list[str]]


def blocks(articles: int) -> Blocks:
    """The code of a corpus by language."""
    corpus = Path(__file__).parent / "corpus.py"
    found: Blocks = {}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(corpus), "--n", str(articles), "--dialect", "proofpress"]
        subprocess.run([*command, "--out", folder], check=True, stdout=subprocess.DEVNULL)
        for path in sorted(Path(folder).rglob("*.md")):
            for fence in FENCE.finditer(path.read_text()):
                found.setdefault(fence[1], []).append(fence[2])
    return found


def ways(language: str) -> dict[str, Callable[[str], str]]:
    lexer = get_lexer_by_name(language, stripnl=False)
    read = quick(type(lexer), stripnl=False)
    return {
        "pygments": lambda code: highlight(code, lexer, FORMATTER),
        "ours": lambda code: colouring.html(read(code)),
    }


def measure(codes: list[str], language: str, rounds: int) -> dict[str, float]:
    """Microseconds for a block by each."""
    each = ways(language)
    for code in codes:
        assert len({way(code) for way in each.values()}) == 1, code
    taken: dict[str, float] = {}
    for _ in range(rounds):
        for name, way in each.items():
            start = time.process_time()
            for code in codes:
                way(code)
            spent = (time.process_time() - start) / len(codes) * 1e6
            taken[name] = min(spent, taken.get(name, spent))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure highlighting against Pygments.")
    parser.add_argument("--articles", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {
        language: measure(codes, language, options.rounds)
        for language, codes in sorted(blocks(options.articles).items())
    }
    if options.json:
        print(json.dumps(found))
        return
    for language, taken in found.items():
        said = ", ".join(f"{name} {spent:.0f} us" for name, spent in taken.items())
        print(f"{language}: {said}: {taken['pygments'] / taken['ours']:.1f} times as fast")


if __name__ == "__main__":
    main()
