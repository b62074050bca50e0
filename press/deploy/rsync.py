"""A folder that rsync reaches: on this machine, by ssh, or at a daemon of its own.

Times tell nothing of a built site, so contents are compared. The order is that of several runs:
what pages need, pages, what tells of them, the manifest, and at last the removal of what is gone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from press import manifest, programs
from press.cargo import is_manifest, waves
from press.deploy import KEEP, Advance, Cargo, Difference, require_ours
from press.fields import Field, Wrong, text
from press.problems import ProblemsFound


def _destination(value: object) -> str:
    where = text(value)
    if where.startswith("-") or where.rstrip("/").endswith(":"):
        raise Wrong("must be a folder: /srv/www, host:/srv/www or rsync://host/module")
    return where.rstrip("/") or "/"


def _port(value: object) -> int:
    if type(value) is not int or not 0 < value < 65536:
        raise Wrong("must be the number of a port")
    return value


FIELDS = (
    Field("destination", _destination, "the folder, as rsync has it", True, "",
          example='destination = "me@example.org:/srv/www/my-series"'),
    Field("port", _port, "the port of ssh, if it is another", default=0, example="port = 2222"),
    KEEP,
)  # fmt: skip
SECRETS: Mapping[str, bool] = {"RSYNC_PASSWORD": False}

OPTIONS = ("--recursive", "--checksum", "--chmod=D755,F644", "--perms", "--mkpath")
ITEM = re.compile(rb"(\*deleting|[<>ch.*][fdLDS]\S{9}) +(.*)")
DELETING = "*deleting"
ESCAPED = re.compile(rb"\\#(\d{3})")


def connect(values: Mapping[str, Any], root: Path, environment: Mapping[str, str]) -> "Rsync":
    where = values["destination"]
    if ":" not in where.split("/")[0]:
        where = str(root / Path(where).expanduser())
    return Rsync(where, values["port"], values["keep"], environment)


@dataclass(frozen=True, slots=True)
class Rsync:
    destination: str
    port: int
    keep: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)

    @property
    def name(self) -> str:
        return self.destination

    def compare(self, cargo: Cargo) -> Difference:
        said = self._run(cargo, ["--dry-run", "--delete", "--out-format=%i %n", *self._kept()])
        items = list(_items(said))
        changed = {path for item, path in items if item[1] == "f"}
        gone = (path for item, path in items if item == DELETING and not path.endswith("/"))
        found = Difference(
            tuple(path for path in cargo.files if path in changed), tuple(sorted(gone))
        )
        if found.gone:
            require_ours(self.name, found, holds_a_site=self._holds_a_site())
        return found

    def _holds_a_site(self) -> bool:
        with TemporaryDirectory() as folder:
            copy = Path(folder) / manifest.FILE
            try:
                self._command([], f"{self.destination}/{manifest.FILE}", str(copy))
            except ProblemsFound:
                return False
            return copy.is_file() and is_manifest(copy.read_bytes())

    def bring(self, cargo: Cargo, difference: Difference, advance: Advance) -> None:
        done = 0
        for some in waves(difference.changed):
            listed = "".join(f"./{path}\0" for path in some).encode()
            self._run(cargo, ["--from0", "--files-from=-"], listed)
            done += len(some)
            advance(done, len(difference.changed))
        if difference.gone:
            self._run(cargo, ["--delete", *self._kept()])

    def _kept(self) -> Iterator[str]:
        for path in self.keep:
            yield from (f"--filter=P /{path}", f"--filter=P /{path}/**")

    def _run(self, cargo: Cargo, options: Sequence[str], given: bytes = b"") -> bytes:
        return self._command(
            [*OPTIONS, *options], f"{cargo.folder}/", f"{self.destination}/", given
        )

    def _command(
        self, options: Sequence[str], source: str, destination: str, given: bytes = b""
    ) -> bytes:
        port = [f"--rsh=ssh -p {self.port}"] if self.port else []
        return programs.run(
            # With -s no shell of the other machine reads the paths, whatever its version.
            ["rsync", "-s", *port, *options, "--", source, destination],
            self.name,
            given=given,
            environment=self.environment,
            secrets=[one for name in SECRETS if (one := self.environment.get(name))],
        )


def _items(said: bytes) -> Iterator[tuple[str, str]]:
    """What a run would do, and to which path. See "--itemize-changes" in rsync(1)."""
    for line in said.splitlines():
        if match := ITEM.fullmatch(line):
            path = ESCAPED.sub(lambda code: bytes([int(code[1], 8)]), match[2])
            yield match[1].decode(), path.decode(errors="surrogateescape")
