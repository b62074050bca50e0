"""For GitHub Actions: a workflow command, shown as an annotation, for each thing to know of."""

from collections.abc import Iterator, Sequence

from press import report
from press.model import Mark, Proof, Verdict
from press.pipeline import Built, Checked
from press.problems import Problem, visible
from press.reports import Report, joined


def render(checked: Checked) -> Report:
    proofs = checked.proofs
    lines = [_error(problem) for problem in checked.problems]
    lines += _warnings(proofs, checked.warnings)
    lines += [_would_pass(proof) for proof in proofs if proof.passes]
    lines += [_not_proven(proof) for proof in proofs if proof.verdict is Verdict.NOT_PROVEN]
    return Report(joined([*lines, report.census(checked.articles, proofs)]))


def built(built: Built) -> Report:
    edition = built.edition
    warnings = _warnings(edition.marks, edition.warnings)
    return Report(joined([*warnings, report.built(edition, built.written)]))


def _warnings(proofs: Sequence[Proof | Mark], more: Sequence[str]) -> Iterator[str]:
    for text in report.warnings(proofs, more):
        yield _command("warning", text.removeprefix("warning: "))


def _error(problem: Problem) -> str:
    message = problem.message + (f"\nhelp: {problem.hint}" if problem.hint else "")
    place: dict[str, str | int] = {
        "file": problem.path,
        "line": problem.line,
        "col": problem.column,
    }
    return _command("error", message, **place, title=problem.code.value)


def _would_pass(proof: Proof) -> str:
    message = f"this is skipped, and would pass now: take `skip` out\nskipped: {proof.reason}"
    return _of_example("warning", proof, message)


def _not_proven(proof: Proof) -> str:
    return _of_example("notice", proof, proof.reason)


def _of_example(kind: str, proof: Proof, message: str) -> str:
    example = proof.example
    place = {"line": example.fence.line, "col": example.fence.column}
    return _command(kind, message, file=example.article.path, **place, title=proof.verdict.value)


def _command(kind: str, message: str, **properties: str | int) -> str:
    """A workflow command; a property that has nothing to say is left out."""
    said = ",".join(
        f"{name}={_property(f'{value}')}" for name, value in properties.items() if value
    )
    return f"::{kind}{' ' if said else ''}{said}::{_data(message)}"


def _data(text: str) -> str:
    # The percent sign first: it begins the others. What has no escape would move a cursor.
    return visible(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
