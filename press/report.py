"""What a verb did, in a few plain lines."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from press import config, manifest, output, series, source
from press.model import Article, Verdict
from press.problems import ProblemsFound

if TYPE_CHECKING:  # status needs none of what a build needs
    from press.pipeline import Edition


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def census(edition: "Edition") -> str:
    """Articles, and what became of their examples; every example is counted once."""
    verdicts = Counter(proof.verdict for proof in edition.proofs)
    parts = [f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict]]
    articles = _count(len(edition.site.articles), "article")
    examples = _count(len(edition.proofs), "example")
    return f"{articles}; {examples}" + (f": {', '.join(parts)}" if parts else "")


def built(edition: "Edition", done: output.Written) -> str:
    """What a build made of it, in one line."""
    return (
        f"built {output.FOLDER}/ from {census(edition)} ({_count(done.written, 'file')} written, "
        f"{done.unchanged} unchanged, {done.removed} removed)"
    )


def not_proven(edition: "Edition") -> Iterator[str]:
    """A line for each example that did not run, and why."""
    for proof in edition.proofs:
        if proof.verdict in (Verdict.NOT_PROVEN, Verdict.SKIPPED):
            example = proof.example
            where = f"{example.article.path}:{example.fence.line}:{example.fence.column}"
            yield f"{where}: {proof.verdict}: {proof.reason}"


def status(root: Path, now: datetime) -> Iterator[str]:
    """A line for each article and how far it has come."""
    articles, _, problems = series.read(root, config.load(root))
    try:
        built = {entry.id for entry in manifest.load(root / output.FOLDER).articles}
    except ProblemsFound:
        built = set()
    for article in articles:
        yield f"{article.number:03}  {_state(article, built, now):20}  {article.title}"
    if problems:
        raise ProblemsFound(problems)


def _state(article: Article, built: set[str], now: datetime) -> str:
    if article.draft:
        return "draft"
    if not source.is_out(article, now):
        return f"scheduled {article.date:%Y-%m-%d}"
    return "published" if article.id in built else "to be built"
