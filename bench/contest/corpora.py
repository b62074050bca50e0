"""The articles of one generator, as bench/corpus.py writes them in its dialect."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

VOLUME = 1_000
EDITED = "Edited in revision"

BENCH = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Corpus:
    """So many articles, in the folder of a site."""

    site: Path
    dialect: str
    count: int
    seed: int

    @property
    def bodies(self) -> int:
        """How many of them differ in what examples they have."""
        return self.count

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


@dataclass(frozen=True, slots=True)
class Volumes(Corpus):
    """So many articles, whose bodies are those of the first VOLUME again and again: so the examples
    of ten thousand are proven as soon as those of a thousand are."""

    def write(self) -> None:
        Corpus(self.site, self.dialect, VOLUME, self.seed).write()
        for path in self.articles():
            text = path.read_text()
            path.unlink()
            for volume in range(self.count // VOLUME):
                path.with_name(_in_volume(path.name, volume)).write_text(_of_volume(text, volume))

    @property
    def bodies(self) -> int:
        return VOLUME

    def touch(self, edit: int) -> Path:
        """Give the article in the middle another paragraph at its end."""
        article = self.articles()[self.count // 2]
        text = article.read_text().partition(f"\n{EDITED}")[0]
        article.write_text(f"{text}\n{revision(edit)} one paragraph more.\n")
        return article

    def add(self) -> Path:
        """Write the first article once more."""
        first = self.articles()[0]
        path = first.with_name(f"{self.count + 1:05}-one-more.md")
        path.write_text(_of_volume(first.read_text(), self.count // VOLUME))
        return path


def _in_volume(name: str, volume: int) -> str:
    """`0017-slug.md` -> `02017-slug-2.md`."""
    number, _, slug = name.removesuffix(".md").partition("-")
    return f"{int(number) + VOLUME * volume:05}-{slug}-{volume}.md"


def _of_volume(text: str, volume: int) -> str:
    """An article under another title, with its links to others of its volume."""
    text = re.sub(r"(?<=\]\()\d+-[a-z0-9-]+\.md", lambda m: _in_volume(m[0], volume), text)
    return re.sub(r'^title: "(.*)"$', rf'title: "\1, volume {volume}"', text, count=1, flags=re.M)


def revision(edit: int) -> str:
    """What an article says that was touched for the n-th time, and no other."""
    return f"{EDITED} {edit}:"
