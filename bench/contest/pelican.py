"""Pelican: Python-Markdown and Pygments, its own theme, an Atom feed of the whole text."""

from pathlib import Path

from contest import tools
from contest.generators import Generator, folder_of, lay_peer

# Off by default; without it a build after a change takes as long as the first.
CACHED = ("-e", "CACHE_CONTENT=true", "LOAD_CONTENT_CACHE=true")


def find(folder: Path) -> Generator:
    """Pelican as our lock has it; raises Unavailable."""
    program = str(tools.environment(folder, "pelican") / "bin/pelican")
    build = (program, "content", "-s", "pelicanconf.py", "-q")
    return Generator(
        name="Pelican",
        version=tools.printed(program, "--version"),
        command=build,
        again=(*build, *CACHED),
        output="output",
        page=folder_of,
        feed="feed.xml",
        lay=lay_peer,
        caches=("cache", "__pycache__"),
    )
