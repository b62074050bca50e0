"""A program of the author's own, told where the site is: its exit status is the verdict."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from press import programs
from press.deploy import Advance, Cargo, Difference
from press.fields import Field, Wrong

SITE = "{site}"


def _command(value: object) -> tuple[str, ...]:
    """A program and its arguments, as they are: the same may stand there twice."""
    if not isinstance(value, list) or not value:
        raise Wrong("must be a list: the program, and each argument")
    words = tuple(one for one in value if isinstance(one, str) and "\0" not in one)
    if len(words) < len(value) or not words[0]:
        raise Wrong("must be a list of texts")
    if not any(SITE in word for word in words[1:]):
        raise Wrong(f"must have {SITE} in an argument: the site's folder")
    return words


FIELDS = (
    Field("run", _command, f"the program and its arguments; {SITE} stands for the site's folder",
          True, (), example='run = ["netlify", "deploy", "--prod", "--dir", "{site}"]'),
)  # fmt: skip
SECRETS: Mapping[str, bool] = {}


def connect(values: Mapping[str, Any], root: Path, environment: Mapping[str, str]) -> "Command":
    return Command(values["run"], root, environment)


@dataclass(frozen=True, slots=True)
class Command:
    words: tuple[str, ...]
    root: Path
    environment: Mapping[str, str] = field(repr=False)

    @property
    def name(self) -> str:
        return self.words[0]

    def compare(self, cargo: Cargo) -> None:  # noqa: ARG002  # only the program could tell
        return None

    def bring(self, cargo: Cargo, difference: Difference, advance: Advance) -> None:  # noqa: ARG002
        with TemporaryDirectory(prefix="proofpress-") as folder:  # it may do with it what it likes
            site = Path(folder) / "site"
            shutil.copytree(cargo.folder, site)
            words = [word.replace(SITE, str(site)) for word in self.words]
            programs.show(words, self.name, self.root, self.environment)
