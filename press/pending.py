"""The proofs of a publication while it is written: what is known is said at once, the rest later.

A build asks for proofs and gets them without running anything. What is not known yet counts as
proven, with a mark that says otherwise, so that only the pages with these examples differ when
they have run; another thread runs them meanwhile.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock

from press import prove
from press.model import Example, Proof, Verdict, Workshop

MARK = "being proven"
"""What the mark of an example says that has not run yet; in English, as all that a preview says."""
PORTION = 128
"""Examples from which on the others wait: what is written meanwhile comes before these."""


@dataclass(slots=True)
class Pending:
    """What is known of each example, and which ones wait. Safe between threads."""

    _known: dict[str, Proof] = field(default_factory=dict)
    """By the place of the example. That one failed is known here alone: no cache keeps it."""
    _waiting: dict[str, list[Example]] = field(default_factory=dict)
    """By article, what was written last first."""
    _running: list[Example] = field(default_factory=list)
    _met: set[object] = field(default_factory=set)
    """What examples have been run with: a cache can be asked what it knows of such."""
    _workshop: Workshop | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def proofs(self, examples: Sequence[Example], workshop: Workshop) -> list[Proof]:
        """A Proof of each, without running any: a `prove.Prover`."""
        found = self._found(examples, workshop)
        with self._lock:
            held = self._held(examples) | found
            self._known, self._workshop = held, workshop
            self._wait([one for one in examples if one.where not in held])
        return [held.get(one.where) or _unknown(one) for one in examples]

    def told(self, examples: Sequence[Example], workshop: Workshop) -> list[Proof]:
        """The same, though nothing is to be run for it, nor forgotten of others."""
        found = self._found(examples, workshop)
        with self._lock:
            held = self._held(examples) | found
        return [held.get(one.where) or _unknown(one) for one in examples]

    def _found(self, examples: Sequence[Example], workshop: Workshop) -> dict[str, Proof]:
        """What an earlier run has kept of those of which nothing is known here."""
        with self._lock:
            held = self._held(examples)
        rest = [one for one in examples if one.where not in held and self._is_met(one)]
        found = prove.known(rest, workshop) if rest else []
        return {one.example.where: one for one in found}

    def _held(self, examples: Sequence[Example]) -> dict[str, Proof]:
        found = ((one, self._known.get(one.where)) for one in examples)
        return {one.where: proof for one, proof in found if proof and _same(proof.example, one)}

    def _is_met(self, example: Example) -> bool:
        """Whether it is quick to tell what is known of it: all that it runs with is there."""
        needs = _needs(example)
        return not any(needs[1:]) or needs in self._met

    def _wait(self, unknown: Sequence[Example]) -> None:
        running = {one.where: one for one in self._running}
        by_article: dict[str, list[Example]] = {}
        for one in unknown:
            if not (one.where in running and _same(running[one.where], one)):
                by_article.setdefault(one.article.path, []).append(one)
        new = {path: some for path, some in by_article.items() if self._waiting.get(path) != some}
        old = {path: by_article[path] for path in self._waiting if path in by_article}
        self._waiting = new | old

    def prove(self) -> bool:
        """Run some of what waits; False where nothing does. For one thread, and not the build's."""
        with self._lock:
            self._running = some = self._portion()
            workshop = self._workshop
        if not some or workshop is None:
            return False
        try:
            proofs = prove.prove(some, workshop, whole=False)
        finally:
            self._running = []
        with self._lock:
            self._known |= {proof.example.where: proof for proof in proofs}
            self._met |= {_needs(one) for one in some}
        return True

    def _portion(self) -> list[Example]:
        """The next examples to run, of whole articles."""
        some: list[Example] = []
        for path in list(self._waiting):
            if len(some) >= PORTION:
                break
            some += self._waiting.pop(path)
        return some

    def waiting(self) -> Counter[str]:
        """How many examples of each article have not run yet: path of its file -> their number."""
        with self._lock:
            some = [one for path in self._waiting.values() for one in path]
            return Counter(one.article.path for one in (*some, *self._running))


def _same(one: Example, other: Example) -> bool:
    """Whether what came of an example holds for another, whose article has the same text."""
    return one == other and one.setting == other.setting


def _needs(example: Example) -> tuple[str, tuple[str, ...], str]:
    """The language of an example, and what it needs besides that."""
    setting = example.setting
    if example.fence.language == "rust":
        return "rust", (), repr(setting.crates)
    return example.fence.language, setting.packages, ""


def _unknown(example: Example) -> Proof:
    return Proof(example, Verdict.PROVEN, how=MARK)
