"""Publications to judge: ours with one of everything, one in Arabic, and the repository's own."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from press import pages, paging, pipeline, searching
from press.root import CACHE_VARIABLE
from tests.conftest import REPOSITORY

HERE = Path(__file__).parent
DISTANT = datetime(2100, 1, 1, tzinfo=UTC)
"""When all that is scheduled now is out."""

HARD = """\
---
title: {title}
date: 2026-03-14
description: {title}, as an author may write it once in a while.
tags: [python]
---

{body}
"""
IN_A_LIST = """\
- An item

    <details>
    <summary>More</summary>

    !!! note
        A note, and an example in it.

        ```text
        code
        ```

    </details>
"""
UNBROKEN = "a_name_that_nothing_breaks_" * 8


def everything(root: Path) -> pipeline.Edition:
    """One of each kind of page, and of all that an article can hold."""
    shutil.copytree(REPOSITORY / "tests/golden/source", root, dirs_exist_ok=True)
    shutil.copytree(HERE / "everything", root, dirs_exist_ok=True)
    for name, title, body in (
        ("020-long-code", "Long code", long_code()),
        ("021-deep-and-wide", f"Deep and wide, {UNBROKEN}", deep_and_wide()),
    ):
        (root / f"content/{name}.md").write_text(HARD.format(title=title, body=body))
    with short_lists(3):
        return build(root)


def arabic(root: Path) -> pipeline.Edition:
    """A series that is read from right to left."""
    shutil.copytree(HERE / "arabic", root, dirs_exist_ok=True)
    with short_lists(1):
        return build(root)


def own(root: Path) -> pipeline.Edition:
    """The series that the repository publishes. What is known to be proven is not run again."""
    for name in ("content", "series.toml", "templates"):
        source = REPOSITORY / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, root / name)
    with patch.dict(os.environ, {CACHE_VARIABLE: str(REPOSITORY / ".cache")}):
        return build(root)


@contextmanager
def short_lists(size: int) -> Iterator[None]:
    """Few articles take several pages, as many do elsewhere."""
    with patch.object(paging, "SIZE", size), patch.object(pages, "TAGS", size):
        yield


def build(root: Path) -> pipeline.Edition:
    edition = pipeline.make(root, DISTANT, pipeline.Wish(search=searching.index))
    pipeline.write(root, edition)
    return edition


PUBLICATIONS: dict[str, Callable[[Path], pipeline.Edition]] = {
    "everything": everything,
    "arabic": arabic,
    "own": own,
}
"""Name of each -> what builds it in a folder."""


def long_code() -> str:
    """A line of more than 300 columns, and a thousand lines."""
    wide = "numbers = [" + ", ".join(str(n) for n in range(1000, 1060)) + "]"
    lines = "\n".join(
        f'def of_{n}(value: int) -> str:  # {n}\n    return f"{{value + {n}:04d}}"'
        for n in range(500)
    )
    return f"```python\n{wide}\n```\n\n```python\n{lines}\n```"


def deep_and_wide() -> str:
    """Lists in lists to the 20th level, a huge table, and words longer than a line."""
    lists = "\n".join(f"{'    ' * depth}- level {depth + 1}" for depth in range(20))
    columns = [f"column {n}" for n in range(1, 13)]
    rows = [[f"row {row}, {column}" for column in columns] for row in range(1, 41)]
    table = [columns, ["---"] * len(columns), *rows]
    lines = "\n".join(f"| {' | '.join(cells)} |" for cells in table)
    return (
        f"{lists}\n\n## {UNBROKEN}\n\n{lines}\n\n"
        f"{IN_A_LIST}\n\n`{UNBROKEN}` and {UNBROKEN} and <https://example.org/{UNBROKEN}>\n"
    )
