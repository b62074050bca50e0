"""For programs: one JSON document with each example, its verdict, and each problem."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from press import report
from press.model import Mark, Proof, Verdict
from press.pipeline import Built, Checked
from press.problems import Problem
from press.reports import Report, document, joined

VERSION = 1
"""Of the format; raised when a key changes its meaning or goes."""


def render(checked: Checked) -> Report:
    values = {
        **_head(checked.articles, checked.proofs),
        "examples": [_example(proof) for proof in checked.proofs],
        "problems": [_problem(problem) for problem in checked.problems],
    }
    return _report(values, checked.proofs, checked.warnings)


def built(built: Built) -> Report:
    edition, written = built.edition, built.written
    values = {
        **_head(len(edition.site.articles), edition.marks),
        "files": {
            "written": written.written,
            "unchanged": written.unchanged,
            "removed": written.removed,
        },
        "problems": [],
    }
    return _report(values, edition.marks, edition.warnings)


def _head(articles: int, proofs: Sequence[Proof | Mark]) -> dict[str, Any]:
    counts = Counter(proof.verdict for proof in proofs)
    return {
        "version": VERSION,
        "articles": articles,
        "counts": {verdict.value: counts[verdict] for verdict in Verdict},
    }


def _report(
    values: dict[str, Any], proofs: Sequence[Proof | Mark], warnings: Sequence[str]
) -> Report:
    return Report(document(values), joined(report.warnings(proofs, warnings)))


def _example(proof: Proof) -> dict[str, Any]:
    fence = proof.example.fence
    return {
        "path": proof.example.article.path,
        "line": fence.line,
        "column": fence.column,
        "language": fence.language,
        "verdict": proof.verdict.value,
        "reason": proof.reason,
        "how": proof.how,
        "status": proof.status,
        "seconds": round(proof.seconds, 6),
        "output": proof.output,
        "passes": proof.passes,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "code": problem.code.value,
        "message": problem.message,
        "hint": problem.hint,
        "excerpt": problem.excerpt,
    }
