"""A folder of Python-Markdown's source -> the texts of its tests, one a line.

Not those of `tests/pl`, which have another origin, nor those with an address of somebody's mail.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from tests.press.stock import TEXTS

MARKDOWN = re.compile(r"[\\`*_{}\[\]()>#+.!<&'\":|=~-]|\n")
LEFT_OUT = re.compile(r"Copyright|Author|Limberg|[a-z]@[a-z]+\.", re.IGNORECASE)
LONGEST = 30_000


def found(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "tests").rglob("*")):
        if "pl" in path.relative_to(folder).parts:
            continue
        if path.suffix == ".txt":
            yield path.read_text()
        elif path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield dedent(node.value).strip("\n")


def main() -> None:
    kept = {
        text
        for text in found(Path(sys.argv[1]))
        if 2 < len(text) < LONGEST and MARKDOWN.search(text) and not LEFT_OUT.search(text)
    }
    TEXTS.write_text(json.dumps(sorted(kept), indent=0) + "\n")


if __name__ == "__main__":
    main()
