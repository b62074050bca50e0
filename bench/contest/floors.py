"""The least that a build could take: bare interpreters that do only what has to be done."""

import re
import subprocess
import sys
from pathlib import Path

from contest import gauge
from contest.entrant import Entrant
from contest.gauge import Cost
from contest.generators import environment

OURS = {"press", "newsletter", "build"}

# Pygments by Markdown's own extensions: how who knows neither would convert an article.
CONVERT = """
import importlib, sys
with open(sys.argv[1]) as names:
    for name in names.read().split():
        try:
            importlib.import_module(name)
        except ImportError:
            pass
from markdown import markdown
with open(sys.argv[2]) as file:
    text = file.read().split("---\\n", 2)[2]
html = markdown(text, extensions=["extra", "toc", "codehilite"])
assert html.count('<div class="codehilite">') > 7 and html.count("<span") > 50
"""

STAT = """
import os, sys
with open(sys.argv[1]) as names:
    for name in names.read().split("\\n"):
        os.stat(name)
"""


THERE = """
import sys
from importlib.util import find_spec
print(*(name for name in sys.argv[1:] if find_spec(name)))
"""


def libraries(entrant: Entrant) -> list[str]:
    """The modules from outside of Python and of this repository that a build loads, in order."""
    python, *arguments = entrant.generator.command
    found = _loaded(entrant.corpus.site, python, *arguments)
    known = OURS | sys.stdlib_module_names | set(_loaded(entrant.corpus.site, python, "-c", ""))
    outside = {_top(name) for name in found} - known
    said = subprocess.run(
        [python, "-c", THERE, *outside], check=True, capture_output=True, text=True
    ).stdout
    return [name for name in found if _top(name) in said.split() and not name.startswith("_")]


def _loaded(folder: Path, python: str, *arguments: str) -> list[str]:
    """What an interpreter imports, or tries to: some libraries look for others."""
    command = [python, "-X", "importtime", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(), check=True, capture_output=True, text=True
    )
    named = re.findall(r"^import time: +\d+ \| +\d+ \| *(\S+)$", done.stderr, re.MULTILINE)
    return list(dict.fromkeys(named))


def _top(name: str) -> str:
    return name.partition(".")[0]


def inputs(site: Path) -> list[str]:
    """The files that an author may change: articles, settings and templates."""
    folders = (site / "content", site / "templates")
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in (site / "series.toml", *sorted(found))]


def outputs(site: Path) -> list[str]:
    return [str(path) for path in sorted((site / "site").rglob("*")) if path.is_file()]


class Floors:
    """Each is run in turn with what it is the floor of."""

    def __init__(self, entrant: Entrant, folder: Path) -> None:
        """Learn what a build after a change loads."""
        self._python = entrant.generator.command[0]
        self._site = entrant.corpus.site
        self._list = folder / "list.txt"
        entrant.touch()
        self.libraries = libraries(entrant)

    def convert(self, article: Path) -> Cost:
        """Import the libraries, and convert one article with its blocks highlighted."""
        return self._run(CONVERT, self.libraries, str(article))

    def stat(self) -> Cost:
        """Ask for the state of each input."""
        return self._run(STAT, inputs(self._site))

    def stat_all(self) -> Cost:
        """The same, and of each output."""
        return self._run(STAT, inputs(self._site) + outputs(self._site))

    def _run(self, code: str, lines: list[str], *arguments: str) -> Cost:
        self._list.write_text("\n".join(lines))
        command = [self._python, "-c", code, str(self._list), *arguments]
        return gauge.run(command, self._site, environment())
