"""The app as a process of its own, as whoever runs it starts it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import REPOSITORY


@dataclass(frozen=True)
class Served:
    process: "subprocess.Popen[str]"
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def served(root: Path, port: int, *options: str, **environment: str) -> Iterator[Served]:
    """Run it for a publication whose app-url has this port, until it is left or has ended."""
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "build.py"), "newsletter", "serve",
         "--port", str(port), *options],
        cwd=root,
        env={**os.environ, "PROOFPRESS_JOURNAL": str(root / "journals"), **environment},
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert process.stderr
        said = process.stderr.readline()
        assert "answering at" in said, said + process.stderr.read()
        yield Served(process, "127.0.0.1", port)
    finally:
        process.kill()
        process.communicate()
