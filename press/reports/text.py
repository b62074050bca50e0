"""For people: what did not run and why, what is wrong, and the census."""

import sys

from press import report, terminal
from press.pipeline import Built, Checked
from press.reports import Report, joined


def render(checked: Checked) -> Report:
    lines = [*report.not_proven(checked.proofs), report.census(checked.articles, checked.proofs)]
    errors = list(report.warnings(checked.proofs, checked.warnings))
    if checked.problems:
        errors.append(terminal.report(checked.problems, "; nothing was changed", sys.stderr))
    return Report(joined(lines), joined(errors))


def built(built: Built) -> Report:
    return Report(*report.said(built))
