"""For code scanning: a log in SARIF 2.1.0 (OASIS), with a rule for each code that was found."""

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from press import __version__, meanings, report
from press.model import Mark, Proof, Verdict
from press.pipeline import Built, Checked
from press.problems import Code, Problem
from press.reports import Report, document
from press.root import FILE

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
"""What paths are relative to; GitHub's name for the top of a repository."""
OF_FILES = re.compile(r"(?:content|templates|site)/.+|" + re.escape(FILE))


def render(checked: Checked) -> Report:
    found = [*map(_result, checked.problems, _fingerprints(checked.problems))]
    found += [_not_proven(one) for one in checked.proofs if one.verdict is Verdict.NOT_PROVEN]
    warnings = [*report.warnings(checked.proofs, checked.warnings)]
    warnings += [_would_pass(one) for one in checked.proofs if one.passes]
    return _log(found, warnings, 1 if checked.problems else 0)


def built(built: Built) -> Report:
    edition = built.edition
    warnings = [*report.warnings(edition.marks, edition.warnings)]
    warnings += [_would_pass(one) for one in edition.marks if one.passes]
    return _log([], warnings, 0)


def _log(results: list[dict[str, Any]], warnings: Sequence[str], status: int) -> Report:
    codes = sorted({Code(one["ruleId"]) for one in results})
    for one in results:
        one["ruleIndex"] = codes.index(one["ruleId"])
    said = [{"level": "warning", "message": {"text": text}} for text in warnings]
    run = {
        "tool": {
            "driver": {
                "name": "Proofpress",
                "semanticVersion": __version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "automationDetails": {"id": "proofpress/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": status,
                "toolExecutionNotifications": said,
            }
        ],
        "results": results,
    }
    return Report(document({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))


def _rule(code: Code) -> dict[str, Any]:
    meaning = meanings.of(code)
    help_ = {
        "text": meanings.plain(meaning.markdown),
        "markdown": meanings.unlinked(meaning.markdown),
    }
    return {
        "id": code.value,
        "shortDescription": {"text": meaning.summary},
        "fullDescription": {"text": meaning.summary},
        "help": help_,
        "defaultConfiguration": {"level": "error"},
    }


def _result(problem: Problem, fingerprint: str) -> dict[str, Any]:
    message = problem.message + (f"\nhelp: {problem.hint}" if problem.hint else "")
    return {
        "ruleId": problem.code.value,
        "level": "error",
        "message": {"text": message},
        "locations": [_location(problem.path, problem.line, problem.column, problem.excerpt)],
        "partialFingerprints": {"proofpress/v1": fingerprint},
    }


def _not_proven(proof: Proof) -> dict[str, Any]:
    """No problem of a check: a note, by the code that it has when it is published."""
    fence, path = proof.example.fence, proof.example.article.path
    problem = Problem(path, fence.line, fence.column, Code.EXAMPLE_NOT_PROVEN, proof.reason)
    [fingerprint] = _fingerprints([problem])
    return {**_result(problem, fingerprint), "level": "note"}


def _would_pass(proof: Proof | Mark) -> str:
    return f"{proof.where}: this is skipped, and would pass now: take `skip` out"


def _location(path: str, line: int, column: int, excerpt: str) -> dict[str, Any]:
    # What is wrong with no file, such as a setting of the environment, is so with the publication.
    of_file = OF_FILES.fullmatch(path)
    place: dict[str, Any] = {
        "artifactLocation": {"uri": _uri(path if of_file else FILE), "uriBaseId": ROOT}
    }
    if of_file and line:
        place["region"] = _region(line, column, excerpt)
    location: dict[str, Any] = {"physicalLocation": place}
    if not of_file:
        location["logicalLocations"] = [{"fullyQualifiedName": path}]
    return location


def _region(line: int, column: int, excerpt: str) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": line}
    if column:
        region["startColumn"] = column
    if snippet := excerpt[max(column - 1, 0) :]:  # a region without an end is the rest of its line
        region["snippet"] = {"text": snippet}
    return region


def _uri(path: str) -> str:
    """A relative reference of RFC 3986."""
    return quote(os.fsencode(path))


def _fingerprints(problems: Sequence[Problem]) -> Iterator[str]:
    """A name for each that stays when its line moves: by file, code and the line itself."""
    seen: Counter[tuple[str, ...]] = Counter()
    for one in problems:
        told = one.excerpt.strip() or one.message
        key = (one.path, one.code, told)
        seen[key] += 1
        yield sha256(repr((*key, seen[key])).encode()).hexdigest()
