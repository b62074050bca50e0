"""What a verb did, in a few plain lines."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from press import output
from press.model import Mark, Proof, Verdict
from press.recall import Said

if TYPE_CHECKING:  # status needs none of what a build needs
    from press.pipeline import Built, Edition


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def census(articles: int, proofs: Sequence[Proof | Mark]) -> str:
    """Articles, and what became of their examples; every example is counted once."""
    verdicts = Counter(proof.verdict for proof in proofs)
    parts = [f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict]]
    counted = f"{_count(articles, 'article')}; {_count(len(proofs), 'example')}"
    return counted + (f": {', '.join(parts)}" if parts else "")


def built(edition: "Edition", done: output.Written) -> str:
    """What a build made of it, in one line."""
    return (
        f"built {output.FOLDER}/ from {census(len(edition.site.articles), edition.marks)} "
        f"({_count(done.written, 'file')} written, {done.unchanged} unchanged, "
        f"{done.removed} removed)"
    )


def said(done: "Built", *, again: bool = False) -> Said:
    """What a build says of itself; or would say if it were done `again`, with nothing changed."""
    edition = done.edition
    lines = warnings(() if again else edition.marks, edition.warnings)
    written = (unchanged(done) if again else done).written
    return Said(f"{built(edition, written)}\n", "".join(f"{line}\n" for line in lines))


def unchanged(done: "Built") -> "Built":
    """The same build, if all had been there already."""
    written = done.written
    return replace(done, written=output.Written(0, written.written + written.unchanged, 0))


def why(reasons: Mapping[str, str]) -> Iterator[str]:
    """A line for each thing that was made again, and what was not as before."""
    for name, reason in reasons.items():
        yield f"{name}: {reason}"


def not_proven(proofs: Sequence[Proof | Mark]) -> Iterator[str]:
    """A line for each example that did not run, and why."""
    for proof in proofs:
        if proof.verdict in (Verdict.NOT_PROVEN, Verdict.SKIPPED):
            now = " (it would pass now: take `skip` out)" if proof.passes else ""
            yield f"{proof.where}: {proof.verdict}: {proof.reason}{now}"


def warnings(proofs: Sequence[Proof | Mark], more: Sequence[str] = ()) -> Iterator[str]:
    """What an author has to know of how examples were run here, and `more`."""
    from press import running

    level = running.level()
    if proofs and level and level.warning:
        yield f"warning: {level.warning}"
    yield from (f"warning: {text}" for text in more)
