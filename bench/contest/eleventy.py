"""Eleventy 3: its plugins for highlighting (Prism) and for an Atom feed of the whole text.

`--incremental=FILE` would build what changed, but ends in an error (`templateRender has not yet
initialized`): so what is measured after a change is its ordinary build.
"""

from functools import partial
from pathlib import Path

from contest import tools
from contest.corpora import Corpus
from contest.generators import Generator, folder_of, lay_peer

PROGRAM = "node_modules/@11ty/eleventy/cmd.cjs"


def find(folder: Path) -> Generator:
    """Eleventy as our lock has it, by the machine's own Node; raises Unavailable."""
    installed = tools.modules(folder, "eleventy")
    return Generator(
        name="Eleventy",
        version=tools.printed("node", str(installed / PROGRAM), "--version"),
        command=("node", PROGRAM, "--quiet"),
        output="_site",
        page=folder_of,
        feed="feed.xml",
        lay=partial(_lay, installed),
        caches=(".cache",),
    )


def _lay(installed: Path, corpus: Corpus) -> None:
    lay_peer(corpus)
    (corpus.site / "node_modules").symlink_to(installed / "node_modules")
