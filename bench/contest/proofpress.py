"""Proofpress: this repository, by the command that an author runs.

It has the environment that `make` gives to an author: without Pagefind, which no peer has either.
Its examples are proven beforehand, of the article that is added as well. No peer runs any.
"""

import shutil
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from contest import gauge, tools
from contest.corpora import Corpus
from contest.generators import REPOSITORY, Generator, environment

PROOFS = ".cache/proofs"

SERIES = """\
title = "A Series"
url = "https://example.org/series"
id = "tag:example.org,2026:series"
author = "The Authors"
language = "en"
description = "A series of articles."
"""


def find(folder: Path, python: str | None) -> Generator:
    """The one of this working tree, by an interpreter that has what it needs, or one that is
    installed; raises Unavailable. Proofs are kept in `folder`."""
    lock = REPOSITORY / "requirements.lock"
    python = python or str(tools.environment(folder, "proofpress", lock) / "bin/python")
    command = (python, str(REPOSITORY / "build.py"))
    return Generator(
        name="Proofpress",
        version=_version(python),
        command=command,
        output="site",
        page=lambda article: f"{article.stem.partition('-')[2]}.html",
        feed="atom.xml",
        lay=partial(_lay, command, folder / "proofs"),
        caches=(".cache/*",),
        keeps=frozenset({Path(PROOFS).name}),
    )


def _version(python: str) -> str:
    """Its own, with the commit if that can be asked."""
    code = "import press; print(press.__version__)"
    asked = [python, "-c", code], ["git", "describe", "--always", "--dirty"]
    said = [
        subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        for command in asked
    ]
    return " ".join(one.stdout.strip() for one in said if not one.returncode)


def _lay(command: Sequence[str], store: Path, corpus: Corpus) -> None:
    (corpus.site / "series.toml").write_text(SERIES)
    _prove(command, corpus, store / f"{corpus.bodies}-{corpus.seed}")


def _prove(command: Sequence[str], corpus: Corpus, kept: Path) -> None:
    """Run what `kept` has no proof of. It goes by content: nothing in it goes stale."""
    here = corpus.site / PROOFS
    here.parent.mkdir()
    if kept.is_file():
        shutil.copy(kept, here)
    added = corpus.add()
    gauge.run([*command, "check"], corpus.site, environment())
    added.unlink()
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(here, kept)
