"""A generator with its site: what is done to it, and what each build cost."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from contest import gauge, judging, proofpress
from contest.corpora import Corpus, revision
from contest.gauge import Cost
from contest.generators import Generator, environment


@dataclass(slots=True)
class Entrant:
    """Each of its methods builds, judges what came of it, and notes the cost."""

    generator: Generator
    corpus: Corpus
    costs: dict[str, list[Cost]] = field(default_factory=lambda: defaultdict(list))
    """Scenario -> its builds, in order."""
    made: judging.Made | None = None
    """What the last first build has left."""
    _edits: int = 0

    def prepare(self) -> None:
        """Write articles, settings and templates; for our own, prove the examples."""
        self.corpus.write()
        self.generator.lay(self.corpus)

    def first(self, *, watched: bool = False) -> None:
        """From nothing: neither outputs nor caches, but for proofs."""
        self.generator.clear(self.corpus.site)
        self._note("memory" if watched else "first", self._build(watched=watched))
        self.made = judging.made(self.generator, self.corpus)

    def again(self) -> None:
        """As what follows is built, and not noted: the caches are filled."""
        self._build(again=True)

    def changed(self) -> Path:
        """One article has another paragraph: which."""
        article = self.touch()
        self._note("changed", self._build(again=True))
        judging.says(self.generator, self.corpus, article, revision(self._edits))
        return article

    def touch(self) -> Path:
        """Change the article in the middle, each time in another way."""
        self._edits += 1
        return self.corpus.touch(self._edits)

    def added(self) -> None:
        """There is one article more; it goes again, and what was made of it, unnoted."""
        article = self.corpus.add()
        self._note("added", self._build(again=True))
        judging.says(self.generator, self.corpus, article, judging.title(article))
        page = self.corpus.site / self.generator.output / self.generator.page(article)
        article.unlink()
        self._build(again=True)
        page.unlink(missing_ok=True)  # most peers leave it

    def nothing(self) -> None:
        """All is as it was."""
        self._note("nothing", self._build(again=True))

    def _note(self, scenario: str, cost: Cost) -> None:
        self.costs[scenario].append(cost)

    def _build(self, *, again: bool = False, watched: bool = False) -> Cost:
        generator, site = self.generator, self.corpus.site
        command = (again and generator.again) or generator.command
        before = self._proofs()
        cost = gauge.run(command, site, environment(), watched=watched)
        if self._proofs() != before:
            raise judging.NotMade("examples were run: what was measured is not the build alone")
        return cost

    def _proofs(self) -> object:
        """What is known of the examples, in whatever order it was written."""
        kept = self.corpus.site / proofpress.PROOFS
        return set(kept.read_bytes().splitlines()[:-1]) if kept.is_file() else None
