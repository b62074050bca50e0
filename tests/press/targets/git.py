"""A bare repository that the real git pushes to."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BRANCH = "gh-pages"


class Git:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.values: dict[str, object] = {"repository": str(path)}
        hidden = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        self.environment = {**os.environ, **hidden, "GIT_CEILING_DIRECTORIES": "/tmp"}

    def git(self, *args: str, given: bytes = b"") -> bytes:
        who = {f"GIT_{role}_{key}": "x@example.org" for role in ("AUTHOR", "COMMITTER")
               for key in ("NAME", "EMAIL")}  # fmt: skip
        command = ["git", "-C", str(self.path), *args]
        environment = {**self.environment, **who}
        return subprocess.run(
            command, input=given, env=environment, capture_output=True, check=True
        ).stdout

    def names(self) -> dict[str, str]:
        rows = self.git("ls-tree", "-r", "-z", BRANCH).decode().split("\0")
        return {path: what.split()[2] for what, _, path in (r.partition("\t") for r in rows if r)}

    def files(self) -> dict[str, bytes]:
        if not self.state():
            return {}
        found = {path: self.git("cat-file", "blob", name) for path, name in self.names().items()}
        found.pop(".nojekyll", None)
        return found

    def put(self, path: str, content: bytes) -> None:
        tip = self.state()
        index = ["--index-info"]
        name = self.git("hash-object", "-w", "--stdin", given=content).decode().strip()
        names = {**(self.names() if tip else {}), path: name}
        self.git("read-tree", "--empty")
        rows = "".join(f"100644 {name}\t{path}\n" for path, name in names.items())
        self.git("update-index", *index, given=rows.encode())
        tree = self.git("write-tree").decode().strip()
        parents = ["-p", tip] if tip else []
        commit = self.git("commit-tree", *parents, "-m", "Past us", tree).decode().strip()
        self.git("update-ref", f"refs/heads/{BRANCH}", commit)

    def state(self) -> str:
        listed = self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}")
        return listed.decode().strip()

    def break_down(self) -> None:
        shutil.rmtree(self.path)


@contextmanager
def opened(folder: Path) -> Iterator[Git]:
    path = folder / "pages $(touch here) '.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(path)], check=True)
    yield Git(path)
