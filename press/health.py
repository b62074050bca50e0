"""Whether a publication and its machine have what the verbs need. It looks, and changes nothing."""

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from press import cards, config, isolation, source, words
from press.config import Config
from press.findings import Finding, ok, skipped, wrong
from press.problems import Problem, ProblemsFound
from press.root import FILE, cache_folder


def examine(root: Path) -> Iterator[Finding]:
    """Everything that is found, in the order in which it is best mended."""
    settings, problems = config.read(root)
    yield from _of(FILE, problems, f"{settings.title}, at {settings.url}")
    yield from _content(root)
    yield from _templates(root, settings)
    yield ok("Python", f"{sys.version.split()[0]} runs Proofpress")
    yield from _rust(root)
    yield _isolation()
    yield _cache(root)
    yield from _programs()
    yield _deploy(root, settings)


def _of(check: str, problems: list[Problem], well: str) -> Iterator[Finding]:
    """What is wrong, each with its place; or that nothing is."""
    for one in problems:
        yield wrong(check, f"{one.where}: {one.message}", one.hint)
    if not problems:
        yield ok(check, well)


def _content(root: Path) -> Iterator[Finding]:
    there = (root / source.FOLDER).is_dir()
    files, problems = source.entries(root) if there else ([], [])
    if there and files:
        count = f"{len(files)} article{'' if len(files) == 1 else 's'}"
        yield from _of("content", problems, f"{count}; `check` tells what is wrong in them")
    else:
        yield from _of("content", problems, "no article yet; `new` starts one")


def _templates(root: Path, settings: Config) -> Iterator[Finding]:
    said, problems = words.load(root, settings.language)
    yield from _of("words", problems, said.warning or f"all is said in {said.language}")
    fonts, problems = cards.fonts(root)
    yield from _of("fonts of cards", problems or cards.faults(fonts), "both can be read")


def _rust(root: Path) -> Iterator[Finding]:
    from press import crates

    tools = crates.toolchain({}, cache_folder(root))
    if tools:
        yield ok("Rust", tools.version)
    else:
        yield skipped("Rust", "there is no rustc: examples in Rust are not proven here")


def _isolation() -> Finding:
    if isolation.levels()[0] is isolation.Level.NONE:
        return ok("isolation", isolation.Level.NONE.warning)
    if shutil.which("bwrap"):
        return ok(
            "isolation", "bubblewrap is installed; a check tells if it can't confine examples"
        )
    said = (
        "bubblewrap is not installed: examples are confined by what else there is, as a check tells"
    )
    return skipped("isolation", said)


def _cache(root: Path) -> Finding:
    folder = cache_folder(root)
    nearest = next(one for one in (folder, *folder.parents) if one.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return ok("cache", f"{folder} can be written")
    do = "make it a folder that can be written, or name another in PROOFPRESS_CACHE"
    return wrong("cache", f"{folder} can't be written, so all is done again each time", do)


def _programs() -> Iterator[Finding]:
    if shutil.which("git"):
        yield ok("git", "`check --since` can tell what has changed")
    else:
        yield skipped("git", "it is not installed: `check --since` can't tell what has changed")
    if find_spec("pagefind"):
        yield ok("search", "Pagefind is installed")
    else:
        yield skipped("search", "Pagefind is not installed: the search page lists all there is")


def _deploy(root: Path, settings: Config) -> Finding:
    if settings.deploy is None:
        return skipped("deploy", "there is no table [deploy]: deploying is up to you")
    from press import shipping

    try:
        return ok("deploy", f"to {shipping.shipping(root, settings).place.name}")
    except ProblemsFound as error:
        first = error.problems[0]
        return wrong("deploy", f"{first.where}: {first.message}", first.hint)
