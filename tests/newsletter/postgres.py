"""A real PostgreSQL for the tests: a cluster of their own in a folder, gone when they end."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
"""Where Debian has each version's programs, the newest last."""

MISSING = "" if BINARIES or shutil.which("initdb") else "PostgreSQL is not installed"


class Cluster:
    """A running server; `database` makes an empty database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count()

    def run(self, program: str, *args: str) -> None:
        path = str(BINARIES[-1] / program) if BINARIES else program
        # It refuses to run as root.
        prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run([*prefix, path, *args], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def start(self) -> None:
        data = str(self.folder / "data")
        self.run("initdb", "--no-sync", "-A", "trust", "-U", "tests", "-E", "UTF8", "-D", data)
        options = f"-k {self.folder} -c listen_addresses= -c max_connections=60"
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def database(self) -> str:
        """The URL of a new database."""
        name = f"ledger{next(self._numbers)}"
        self.run("createdb", "-h", str(self.folder), "-U", "tests", name)
        return f"postgresql://tests@/{name}?host={self.folder}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="pg") as name:  # short: its socket is in it
        if os.getuid() == 0:
            shutil.chown(name, "postgres")
        made = Cluster(Path(name))
        made.start()
        try:
            yield made
        finally:
            made.stop()
