"""Reads blogs of other tools: one file for each tool."""

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from press.importing.post import Blog
from press.problems import Code, Problem, ProblemsFound

NAMES = ("hugo", "jekyll", "mkdocs", "pelican")


class Tool(Protocol):
    """What the file of a tool offers."""

    def is_one(self, root: Path) -> bool:
        """Whether a folder looks like a blog of this tool."""

    def read(self, root: Path) -> Blog:
        """The posts of a blog, in our dialect of Markdown but for their addresses."""


def tool(name: str) -> Tool:
    return cast("Tool", import_module(f"press.importing.{name}"))


def find(root: Path) -> str:
    """The name of the tool whose blog a folder is. Raises ProblemsFound where that is not clear."""
    found = [name for name in NAMES if tool(name).is_one(root)]
    if len(found) == 1:
        return found[0]
    message = "this could be a blog of " + " or ".join(found) if found else "no blog is found here"
    hint = f"say what it is: --from {'|'.join(found or NAMES)}"
    raise ProblemsFound([Problem(str(root), 0, 0, Code.BAD_INPUT, message, hint)])
