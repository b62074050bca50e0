"""For people: what did not run and why, what is wrong, and the census."""

from press import report
from press.pipeline import Checked
from press.reports import Report, joined


def render(checked: Checked) -> Report:
    lines = [*report.not_proven(checked.proofs), report.census(checked.articles, checked.proofs)]
    errors = [
        *report.warnings(checked.proofs, checked.warnings),
        *(f"{one}" for one in checked.problems),
    ]
    if checked.problems:
        count = len(checked.problems)
        errors += ["", f"{count} problem{'' if count == 1 else 's'}; nothing was changed"]
    return Report(joined(lines), joined(errors))
