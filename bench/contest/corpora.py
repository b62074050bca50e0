"""The articles of one generator, as bench/corpus.py writes them in its dialect."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Corpus:
    """So many articles, in the folder of a site."""

    site: Path
    dialect: str
    count: int
    seed: int

    def write(self) -> None:
        self.site.mkdir(parents=True)
        self._run()

    def articles(self) -> list[Path]:
        """Their files, by number."""
        return sorted(path for path in self.site.rglob("*.md") if path.stem.split("-")[0].isdigit())

    def touch(self, edit: int) -> Path:
        """Write the article in the middle with another paragraph, which has `revision(edit)`."""
        return self._run("--touch", str(self.count // 2 or 1), "--edit", str(edit))

    def add(self) -> Path:
        """Write one article more."""
        return self._run("--add")

    def _run(self, *options: str) -> Path:
        command = [sys.executable, str(BENCH / "corpus.py"), "--dialect", self.dialect, *options]
        command += ["--n", str(self.count), "--seed", str(self.seed), "--out", str(self.site)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return Path(done.stdout.strip())


def revision(edit: int) -> str:
    """What an article says that was touched for the n-th time, and no other."""
    return f"Edited in revision {edit}:"
