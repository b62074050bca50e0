"""For continuous integration: JUnit's XML, a suite for each article, a case for each example."""

import re
import xml.etree.ElementTree as ET

from press import prove, report
from press.model import Proof, Verdict
from press.pipeline import Checked
from press.problems import Problem
from press.reports import Report, joined

NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML can't hold, and the one that its readers change: CR."""

SKIPPED = (Verdict.SKIPPED, Verdict.NOT_PROVEN)

COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}
"""Attribute of a suite -> the element of the cases that it counts."""


def render(checked: Checked) -> Report:
    suites: dict[str, ET.Element] = {}
    told = set()
    for proof in checked.proofs:
        problem = next(iter(prove.problems([proof])), None)
        told.add(problem)
        _suite(suites, proof.example.article.path).append(_example(proof, problem))
    for problem in checked.problems:
        if problem not in told:
            _suite(suites, problem.path).append(_problem(problem))
    document = _document(list(suites.values()))
    return Report(document, joined(report.warnings(checked.proofs, checked.warnings)))


def _document(suites: list[ET.Element]) -> str:
    root = ET.Element("testsuites", name="proofpress")
    for suite in suites:
        _count(suite, suite)
    root.extend(suites)
    _count(root, root)
    ET.indent(root)
    # In ASCII it is the same document in whatever encoding the terminal or the pipe has.
    document: bytes = ET.tostring(root, "us-ascii", xml_declaration=True)
    return document.decode("ascii") + "\n"


def _count(element: ET.Element, within: ET.Element) -> None:
    """Set the totals of the cases within."""
    cases = list(within.iter("testcase"))
    element.set("tests", f"{len(cases)}")
    for name, tag in COUNTED.items():
        element.set(name, f"{sum(case.find(tag) is not None for case in cases)}")
    element.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")


def _suite(suites: dict[str, ET.Element], path: str) -> ET.Element:
    return suites.setdefault(path, ET.Element("testsuite", name=_clean(path)))


def _case(path: str, name: str, line: int, seconds: float = 0.0) -> ET.Element:
    attributes = {
        "classname": _clean(re.sub(r"(/index)?\.md$", "", path).replace("/", ".")),
        "name": name,
        "file": _clean(path),
        "line": f"{line}",
        "time": f"{seconds:.3f}",
    }
    if not line:
        del attributes["line"]
    return ET.Element("testcase", attributes)


def _example(proof: Proof, problem: Problem | None) -> ET.Element:
    fence = proof.example.fence
    name = f"{fence.language}:{fence.line}"
    case = _case(proof.example.article.path, name, fence.line, proof.seconds)
    if problem:
        case.append(_told("failure", problem))
    elif proof.verdict in SKIPPED:
        (reason,) = report.not_proven([proof])
        message = reason.partition(": ")[2]
        ET.SubElement(case, "skipped", type=proof.verdict.value, message=_clean(message))
    if proof.output:
        ET.SubElement(case, "system-out").text = _clean(proof.output)
    return case


def _problem(problem: Problem) -> ET.Element:
    """A case of its own, for what is wrong with no example."""
    name = f"{problem.code}:{problem.line}:{problem.column}"
    case = _case(problem.path, name, problem.line)
    case.append(_told("error", problem))
    return case


def _told(tag: str, problem: Problem) -> ET.Element:
    message = problem.message.partition("\n")[0]
    element = ET.Element(tag, type=problem.code.value, message=_clean(message))
    element.text = _clean(f"{problem}")
    return element


def _clean(text: str) -> str:
    """Text as XML may hold it: other characters as Python writes them, such as `\\x1b`."""
    return NOT_XML.sub(lambda found: ascii(found.group())[1:-1], text)
