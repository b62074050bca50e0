"""A branch of a repository, as Git-based hosts publish it: a commit more, and never a force push.

Objects are made aside, in a folder of our own: the author's files, index and branches stay as they
are, and nothing is left in their repository.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from press import manifest, programs
from press.cargo import is_manifest
from press.deploy import KEEP, Advance, Cargo, Difference, difference, is_kept, require_ours
from press.fields import Field, Wrong, text
from press.problems import ProblemsFound

NO_JEKYLL = ".nojekyll"
"""Keeps GitHub Pages from leaving out what begins with an underscore."""


def _repository(value: object) -> str:
    where = text(value)
    if where.startswith("-") or "::" in where:
        raise Wrong("must be the name of a remote, an address or a path")
    return where


def _branch(value: object) -> str:
    name = text(value)
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]*[A-Za-z0-9_]", name) or re.search(
        r"\.\.|//|/\.|\.lock(/|$)", name
    ):
        raise Wrong("must be the name of a branch such as gh-pages")
    return name


FIELDS = (
    Field("repository", _repository, "a remote of the publication's own repository, or the address "
          "or path of any", default="origin", example='repository = "origin"'),
    Field("branch", _branch, "the branch that the host publishes", default="gh-pages",
          example='branch = "gh-pages"'),
    KEEP,
)  # fmt: skip
SECRETS: Mapping[str, bool] = {}

Entry = tuple[str, str]
"""The mode and the name of a file's content."""
PLAIN = "100644"


def connect(values: Mapping[str, Any], root: Path, environment: Mapping[str, str]) -> "Branch":
    return Branch(values["repository"], values["branch"], values["keep"], root, environment)


@dataclass(frozen=True, slots=True)
class Branch:
    repository: str = field(repr=False)
    branch: str
    keep: tuple[str, ...]
    root: Path
    environment: Mapping[str, str] = field(repr=False)

    @property
    def name(self) -> str:
        shown = re.sub(r"(?<=://)[^/@]*@", "", self.repository)
        return f"{shown} ({self.branch})"

    def compare(self, cargo: Cargo) -> Difference:
        with self._aside() as aside:
            there = aside.entries(aside.tip())
            found = self._difference(cargo, there, aside.hashed(cargo, write=False))
            if found.gone:
                mine = aside.content(there[manifest.FILE][1]) if manifest.FILE in there else b""
                require_ours(self.name, found, holds_a_site=is_manifest(mine))
            return found

    def bring(self, cargo: Cargo, difference: Difference, advance: Advance) -> None:
        if not difference:
            return
        with self._aside() as aside:
            tip = aside.tip()
            wanted = aside.hashed(cargo, write=True)
            kept = {p: e for p, e in aside.entries(tip).items() if is_kept(p, self.keep)}
            commit = aside.commit(kept | wanted, tip)
            aside.push(commit)
        advance(len(difference.changed), len(difference.changed))

    def _difference(
        self, cargo: Cargo, there: Mapping[str, Entry], wanted: Mapping[str, Entry]
    ) -> Difference:
        found = difference(
            cargo, {p: name for p, (mode, name) in there.items() if mode == PLAIN},
            {p: name for p, (_, name) in wanted.items()}, self.keep,
        )  # fmt: skip
        others = {
            path for path, (mode, _) in there.items()
            if mode != PLAIN and path not in wanted and not is_kept(path, self.keep)
        }  # fmt: skip
        gone = tuple(sorted({*found.gone, *others} - {NO_JEKYLL}))
        lacks = () if NO_JEKYLL in there or NO_JEKYLL in found.changed else (NO_JEKYLL,)
        return Difference((*lacks, *found.changed), gone)

    @contextmanager
    def _aside(self) -> Iterator["_Aside"]:
        with TemporaryDirectory(prefix="proofpress-") as folder:
            yield _Aside(self, Path(folder)).opened()


@dataclass(slots=True)
class _Aside:
    """A repository, seen with a store of objects and an index that last for a moment."""

    place: Branch
    folder: Path
    own: str = ""
    """The folder of the repository itself."""
    address: str = field(default="", repr=False)
    more: dict[str, str] = field(default_factory=dict)

    def opened(self) -> "_Aside":
        self.more = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
        find = ["-C", str(self.place.root), "rev-parse", "--path-format=absolute"]
        try:
            self.own = self.git(*find, "--git-common-dir").decode().strip()
        except ProblemsFound:  # a publication need be in none
            self.own = str(self.folder / "own")
            self.git("init", "--quiet", "--bare", self.own)
        self.address = self._address()
        objects = self.folder / "objects"
        objects.mkdir()
        self.more |= {
            "GIT_DIR": self.own,
            "GIT_OBJECT_DIRECTORY": str(objects),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": f"{self.own}/objects",
            "GIT_INDEX_FILE": str(self.folder / "index"),
        }
        return self

    def _address(self) -> str:
        """Given as an address, a remote's own branches here are not touched."""
        repository = self.place.repository
        if re.fullmatch(r"[A-Za-z0-9_][\w.-]*", repository):
            return self.git(
                f"--git-dir={self.own}", "remote", "get-url", "--push", repository
            ).decode().strip()  # fmt: skip
        is_path = ":" not in repository.split("/")[0]
        return str(self.place.root / Path(repository).expanduser()) if is_path else repository

    def git(self, *args: str, given: bytes = b"", more: Mapping[str, str] | None = None) -> bytes:
        # No hooks of the author's: they are for commits of their own.
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", *args]
        parts = re.findall(r"://([^/@]+)@", f"{self.place.repository} {self.address}")
        secrets = [word for part in parts for word in (part, part.partition(":")[2]) if word]
        return programs.run(
            command, self.place.name, given=given, environment=self.place.environment,
            more={**self.more, **(more or {})}, secrets=secrets,
        )  # fmt: skip

    def tip(self) -> str:
        """The commit that the branch is at, fetched; empty where there is no such branch."""
        ref = f"refs/heads/{self.place.branch}"
        said = self.git("ls-remote", "--", self.address, ref).decode()
        found = next((line.split()[0] for line in said.splitlines() if line.endswith(ref)), "")
        if found:
            shallow = self.git("rev-parse", "--is-shallow-repository").strip() == b"true"
            depth = ["--depth=1"] if shallow else []
            self.git("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", *depth,
                     "--", self.address, ref)  # fmt: skip
        return found

    def entries(self, commit: str) -> dict[str, Entry]:
        if not commit:
            return {}
        listed = self.git("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")
        found = {}
        for line in filter(None, listed):
            what, _, path = line.decode(errors="surrogateescape").partition("\t")
            mode, _, name = what.split()
            found[path] = (mode, name)
        return found

    def content(self, name: str) -> bytes:
        return self.git("cat-file", "blob", name)

    def hashed(self, cargo: Cargo, *, write: bool) -> dict[str, Entry]:
        """What Git calls the content of each file, whatever attributes say of line ends."""
        listed = "".join(f"{cargo.folder / path}\n" for path in cargo.files).encode()
        how = ["-w"] if write else []
        said = self.git("hash-object", *how, "--no-filters", "--stdin-paths", given=listed)
        names = said.decode().split()
        found = {path: (PLAIN, name) for path, name in zip(cargo.files, names, strict=True)}
        if write and NO_JEKYLL not in found:
            empty = self.git("hash-object", "-w", "--stdin").decode().strip()
            found[NO_JEKYLL] = (PLAIN, empty)
        return found

    def commit(self, files: Mapping[str, Entry], parent: str) -> str:
        rows = (f"{mode} {name}\t{path}\0" for path, (mode, name) in files.items())
        given = "".join(rows).encode(errors="surrogateescape")
        self.git("update-index", "-z", "--index-info", given=given)
        tree = self.git("write-tree").decode().strip()
        parents = ["-p", parent] if parent else []
        said = self.git("commit-tree", *parents, tree, given=b"Publish the site\n",
                        more=self._author())  # fmt: skip
        return said.decode().strip()

    def _author(self) -> dict[str, str]:
        """Who commits: the author, where Git knows them; it often does not know a server."""
        if "GIT_COMMITTER_EMAIL" in self.place.environment:
            return {}
        try:
            self.git("config", "user.email")
        except ProblemsFound:
            who = {"NAME": "Proofpress", "EMAIL": "proofpress@localhost"}
            return {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
                    for key, value in who.items()}  # fmt: skip
        return {}

    def push(self, commit: str) -> None:
        """Refused by the other side where somebody else was there meanwhile."""
        ref = f"{commit}:refs/heads/{self.place.branch}"
        self.git("push", "--quiet", "--", self.address, ref)
