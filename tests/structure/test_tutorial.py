"""The tutorial is gone through as its reader does it, in an empty folder beside a clone.

Its `console` fences are those of the other documents (test_docs.py), but that `cd` is meant for all
that follows, and what is run `# in a second terminal` goes on. A fence with a `title` is a file
that the reader writes, or adds to.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.newsletter.web.serving import free_port
from tests.structure.conftest import Checkout, checkout_needs, copy_repository, shared
from tests.structure.test_docs import TUTORIAL, Command, commands_of, matches, tokens

ANOTHER = re.compile(r"  # in a \w+ terminal$")
TITLED = re.compile(r'\w+ title="([^"]+)"')
PORTS = ("8001", "8080")
"""Those that the reader is told: here others are free."""


@dataclass
class Reader:
    """Where a reader is, and what runs in other terminals."""

    clone: Checkout
    folder: Path
    others: ExitStack
    ports: dict[str, str] = field(default_factory=lambda: {p: str(free_port()) for p in PORTS})

    def here(self, text: str) -> str:
        """What a document says, for the ports that are free."""
        for told, free in self.ports.items():
            text = text.replace(told, free)
        return text

    def follow(self, command: Command) -> None:
        line = self.here(command.line)
        if line.startswith("cd "):
            self.folder = (self.folder / line.removeprefix("cd ")).resolve()
        elif ANOTHER.search(line):
            self.others.enter_context(self.running(line, self.here(command.shown)))
        else:
            # The clone has a cache already, which this publication is not to share.
            alone = "" if self.folder == self.clone.root else "unset PROOFPRESS_CACHE; "
            printed = self.clone.run(f"{alone}cd '{self.folder}' && {line}", command.status)
            shown = self.here(command.shown)
            said = f"$ {line}\n--- shown\n{shown}\n--- printed\n{printed}"
            assert matches(shown, printed), said

    @contextmanager
    def running(self, line: str, shown: str) -> Iterator[None]:
        path = f"{self.clone.root / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
        process = subprocess.Popen(
            ["sh", "-c", f"exec {line}"], cwd=self.folder,
            env={**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            assert process.stdout
            printed = process.stdout.readline()
            assert matches(shown, printed), f"$ {line}\n{shown}\n{printed}"
            yield
        finally:
            process.kill()
            process.communicate()

    def save(self, name: str, text: str) -> None:
        """An article is replaced; to settings something is added."""
        with (self.folder / name).open("w" if name.endswith(".md") else "a") as file:
            file.write(f"{'' if name.endswith('.md') else chr(10)}{text}")


@pytest.mark.skipif(not shutil.which("rustc"), reason="rustc is not installed")
def test_the_tutorial_is_so(tmp_path: Path) -> None:
    checkout_needs()
    with shared(), ExitStack() as others:
        reader = Reader(copy_repository(tmp_path / "proofpress"), tmp_path, others)
        for token in tokens(TUTORIAL):
            if token.type != "fence":
                continue
            if titled := TITLED.fullmatch(token.info):
                reader.save(titled[1], token.content)
            for command in commands_of(token, TUTORIAL):
                reader.follow(command)
