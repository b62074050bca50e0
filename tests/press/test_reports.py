"""What a check has found, in each form: complete, escaped, and nothing told twice."""

import io
import json
import os
import pty
import select
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from press import pipeline, progress, reports, running
from press.model import Verdict
from press.pipeline import Checked
from press.problems import Code, Problem
from press.reports import Report
from tests.conftest import NOW, REPOSITORY, Publication

BODY = """\
```python
print("ü")
```

```python
print(1)
raise ValueError("100%: a, b")
```

```python skip="for a reason, 100%"
print("would pass")
```

```python skip="needs a printer"
1 / 0
```

```python
print("one")
```

```output
two
```

[x](none.md)
"""
PLACES = [7, 11, 16, 20, 24]


def not_here(checked: Checked) -> Checked:
    """The same, but that its first example could not be run."""
    first, *others = checked.proofs
    first = replace(first, verdict=Verdict.NOT_PROVEN, reason="no a, b: here\n", status=None)
    return replace(checked, proofs=(first, *others))


@pytest.fixture
def checked(publication: Publication) -> Checked:
    publication.article("000-a", BODY)
    publication.article("001-b")
    return pipeline.check(publication.root, NOW)


def document(report: Report) -> dict[str, Any]:
    assert report.output.endswith("}\n")
    found: dict[str, Any] = json.loads(report.output)
    return found


def test_json_tells_of_each_example(checked: Checked) -> None:
    found = document(reports.render("json", checked))
    assert list(found) == ["version", "articles", "counts", "examples", "problems"]
    assert (found["version"], found["articles"]) == (1, 2)
    assert found["counts"] == {"proven": 1, "failed": 2, "skipped": 2, "not proven here": 0}
    assert [one["line"] for one in found["examples"]] == PLACES
    first, second, passing, failing, _ = found["examples"]
    seconds = first.pop("seconds")
    assert 0 < seconds == round(seconds, 6)
    assert list(first.items()) == [
        ("path", "content/000-a.md"),
        ("line", 7),
        ("column", 1),
        ("language", "python"),
        ("verdict", "proven"),
        ("reason", ""),
        ("how", f"ran with Python {sys.version.split()[0]}"),
        ("status", 0),
        ("output", "ü\n"),
        ("passes", False),
    ]
    assert (second["verdict"], second["status"], second["output"]) == ("failed", 1, "1\n")
    assert "ValueError: 100%: a, b" in second["reason"]
    assert (passing["verdict"], passing["reason"]) == ("skipped", "for a reason, 100%")
    assert [one["passes"] for one in (passing, failing)] == [True, False]
    assert [one["status"] for one in (passing, failing)] == [None, None]


def test_json_tells_of_each_problem(checked: Checked) -> None:
    found = document(reports.render("json", checked))
    assert [list(one) for one in found["problems"]] == [
        ["path", "line", "column", "code", "message", "hint", "excerpt"]
    ] * 3
    assert [Problem(**{**one, "code": Code(one["code"])}) for one in found["problems"]] == list(
        checked.problems
    )
    assert [one["code"] for one in found["problems"]] == [
        "example-failed", "example-output-differs", "broken-link",
    ]  # fmt: skip


def test_json_is_ascii_and_holds_anything(checked: Checked) -> None:
    first, *others = checked.proofs
    output = "\x00\x1b\ufffe😀\\ud800"
    report = reports.render(
        "json", replace(checked, proofs=(replace(first, output=output + "\ud800"), *others))
    )
    assert report.output.isascii()
    # Half a character is none (RFC 7493 section 2.1): the strictest reader takes the document.
    assert document(report)["examples"][0]["output"] == output + "\\ud800"


@pytest.mark.parametrize("form", ["text", "json", "github", "junit"])
def test_each_form_tells_of_a_weak_sandbox(
    checked: Checked, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    class Weak:
        warning = "it is weak"

    monkeypatch.setattr(running, "level", lambda: Weak)
    report = reports.render(form, checked)
    if form == "github":
        assert "\n::warning::it is weak\n" in report.output
    else:
        assert "warning: it is weak\n" in report.errors


def test_github_is_told_of_each_thing(checked: Checked) -> None:
    report = reports.render("github", not_here(checked))
    assert report.errors == ""
    *lines, last = report.output.splitlines()
    assert last == "2 articles; 5 examples: 2 failed, 2 skipped, 1 not proven here"
    failed, differs, link, would_pass, notice = lines
    assert failed.startswith(
        "::error file=content/000-a.md,line=13,col=1,title=example-failed::"
        "ValueError: 100%25: a, b%0A"
    )
    assert differs.startswith(
        "::error file=content/000-a.md,line=28,col=1,title=example-output-differs::"
        "the output is not what is shown here%0A--- shown%0A"
    )
    assert "%0Ahelp: if the observed output is right" in differs
    assert link.startswith("::error file=content/000-a.md,line=32,col=5,title=broken-link::there")
    assert would_pass == (
        "::warning file=content/000-a.md,line=16,col=1,title=skipped::this is skipped, and would "
        "pass now: take `skip` out%0Askipped: for a reason, 100%25"
    )
    assert notice == (
        "::notice file=content/000-a.md,line=7,col=1,title=not proven here::no a, b: here%0A"
    )


def test_githubs_marks_are_escaped_and_what_is_not_there_is_left_out() -> None:
    problem = Problem("a:b,c%\r\n::x", 0, 0, Code.UNREADABLE, "%0A\r\nx: y, ::error::z")
    report = reports.render("github", Checked(0, (), (problem,), None))
    assert report.output == (
        "::error file=a%3Ab%2Cc%25%0D%0A%3A%3Ax,title=unreadable::"
        "%250A%0D%0Ax: y, ::error::z\n0 articles; 0 examples\n"
    )


def test_what_an_example_prints_moves_no_cursor_in_a_log_of_github() -> None:
    problem = Problem("content/a.md", 1, 1, Code.EXAMPLE_FAILED, "\x1b[2J\x07\x9b\tred")
    report = reports.render("github", Checked(0, (), (problem,), None))
    assert "::␛[2J␇\ufffd\tred\n" in report.output


def test_junit_has_a_suite_for_each_article_and_a_case_for_each_example(checked: Checked) -> None:
    report = reports.render("junit", not_here(checked))
    root = ET.fromstring(report.output)
    totals = {"tests": "6", "failures": "2", "errors": "1", "skipped": "3"}
    [suite] = root
    for element in (root, suite):
        assert totals.items() <= element.attrib.items()
        seconds = sum(float(case.get("time", "")) for case in suite)
        assert float(element.get("time", "")) == pytest.approx(seconds, abs=0.01)
    assert (root.tag, suite.tag, suite.get("name")) == (
        "testsuites",
        "testsuite",
        "content/000-a.md",
    )
    assert {case.tag for case in suite} == {"testcase"}
    assert [(case.get("name"), case.get("line")) for case in suite] == [
        *((f"python:{line}", f"{line}") for line in PLACES),
        ("broken-link:32:5", "32"),
    ]
    assert {case.get("classname") for case in suite} == {"content.000-a"}
    assert {case.get("file") for case in suite} == {"content/000-a.md"}
    assert [[one.tag for one in case] for case in suite] == [
        ["skipped", "system-out"], ["failure", "system-out"], ["skipped"], ["skipped"],
        ["failure", "system-out"], ["error"],
    ]  # fmt: skip


def test_junit_tells_each_problem_once_and_whole(checked: Checked) -> None:
    root = ET.fromstring(reports.render("junit", checked).output)
    told = [one for tag in ("failure", "error") for one in root.iter(tag)]
    assert sorted(one.text or "" for one in told) == sorted(map(str, checked.problems))
    assert {one.get("type") for one in told} == {one.code.value for one in checked.problems}
    first = next(root.iter("failure"))
    assert (first.get("message") or "").startswith("ValueError: 100%: a, b")
    skipped = [one.attrib for one in root.iter("skipped")]
    assert skipped == [
        {
            "type": "skipped",
            "message": "skipped: for a reason, 100% (it would pass now: take `skip` out)",
        },
        {"type": "skipped", "message": "skipped: needs a printer"},
    ]


def test_junit_is_xml_whatever_it_holds(checked: Checked) -> None:
    first, second, *others = checked.proofs
    everything = (
        "".join(map(chr, [*range(0x100), 0xD800, 0xFFFE, 0xFFFF, 0x1F600])) + "]]><a/>&amp;"
    )
    first = replace(first, output=everything)
    second = replace(second, reason=everything, detail=everything)
    problem = Problem(everything, 0, 0, Code.UNREADABLE, everything)
    report = reports.render("junit", Checked(1, (first, second, *others), (problem,), None))
    assert report.output.isascii()
    root = ET.fromstring(report.output)
    [out, *_] = root.iter("system-out")
    assert out.text is not None
    for piece in (r"\x00\x01", r"\x1b", "\t\n", r"\r", "ÿ", r"\ud800\ufffe\uffff😀]]><a/>&amp;"):
        assert piece in out.text
    assert root[1].get("name", "").startswith(r"\x00\x01")
    assert next(root.iter("error")).get("message", "").startswith(r"\x00\x01")


@pytest.mark.parametrize("form", ["json", "junit", "github"])
def test_the_command_prints_the_form_and_ends_as_ever(publication: Publication, form: str) -> None:
    publication.article("000-a", "```python\nprint('ü')\n```\n", date="2020-01-01")
    run = publication.run("check", "--format", form, PYTHONIOENCODING="ascii")
    assert (run.returncode, run.stderr) == (0, "")
    reader: dict[str, Callable[[str], Any]] = {"json": json.loads, "junit": ET.fromstring}
    reader.get(form, str)(run.stdout)
    publication.article("001-b", "[x](none.md)\n", date="2020-01-01")
    run = publication.run("check", "--format", form)
    assert (run.returncode, run.stderr) == (1, "")
    reader.get(form, str)(run.stdout)
    assert "broken-link" in run.stdout


def test_all_forms_agree_on_the_census(checked: Checked) -> None:
    found = document(reports.render("json", checked))
    text = reports.render("text", checked).output.splitlines()[-1]
    assert text == "2 articles; 5 examples: 1 proven, 2 failed, 2 skipped"
    assert reports.render("github", checked).output.splitlines()[-1] == text
    assert sum(found["counts"].values()) == len(found["examples"])


SLOW = "```python timeout=20\nimport time; time.sleep(0.8)\n```\n" * 2


def on_a_terminal(publication: Publication, columns: int) -> tuple[bytes, bytes]:
    """What `check` writes to a terminal as its standard error, and to a pipe."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, REPOSITORY / "build.py", "check", "--no-cache"],
        cwd=publication.root,
        env={**os.environ, "COLUMNS": f"{columns}"},
        stdout=subprocess.PIPE,
        stderr=slave,
    ) as process:
        os.close(slave)
        drawn = b""
        while select.select([master], [], [], 60)[0]:
            try:
                drawn += os.read(master, 1000)
            except OSError:  # how Linux tells that the other side is closed
                break
        os.close(master)
        out = process.communicate()[0]
    assert process.returncode == 0
    return drawn, out


@pytest.mark.parametrize("columns", [80, 30, 15])
def test_a_bar_is_drawn_on_a_terminal_and_goes(publication: Publication, columns: int) -> None:
    # The last of them ends alone, long after the others.
    last = "```python timeout=20\nimport time; time.sleep(2)\n```\n"
    publication.article("000-a", SLOW + last, date="2020-01-01")
    drawn, out = on_a_terminal(publication, columns)
    text = drawn.decode()
    assert "proving " in text
    assert ("[#" in text) == (columns > 15)
    pieces = text.split("\r")
    assert all(len(piece) < columns for piece in pieces)
    assert "\n" not in text
    assert seen(text) == ""
    assert out == b"1 article; 3 examples: 3 proven\n"


def seen(text: str) -> str:
    """What is left on a line of a terminal."""
    line: list[str] = []
    at = 0
    for char in text:
        at = 0 if char == "\r" else at + 1
        if char != "\r":
            line[at - 1 : at] = char
    return "".join(line).rstrip()


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def bar(monkeypatch: pytest.MonkeyPatch, screen: io.StringIO, *, wait: float = -1.0) -> None:
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "WAIT", wait)


def test_the_line_is_free_once_all_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    bar(monkeypatch, screen)
    with progress.shown() as advance:
        advance(1, 2)
        assert seen(screen.getvalue()) == "proving [###############               ] 1/2"
        advance(2, 2)
        assert seen(screen.getvalue()) == ""


def test_the_bar_goes_when_work_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    bar(monkeypatch, screen)

    def work() -> None:
        with progress.shown() as advance:
            advance(1, 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert screen.getvalue()
    assert seen(screen.getvalue()) == ""


def test_short_work_needs_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    bar(monkeypatch, screen, wait=60.0)
    with progress.shown() as advance:
        advance(1, 2)
    assert screen.getvalue() == ""


def test_nothing_is_drawn_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    bar(monkeypatch, screen)
    with progress.shown() as advance:
        advance(1, 2)
        advance(2, 2)
    assert screen.getvalue() == ""


@pytest.mark.parametrize("form", ["json", "github", "junit"])
def test_what_stops_a_check_before_it_begins_is_told_in_the_form_asked_for(
    publication: Publication, form: str
) -> None:
    publication.article("000-a")
    run = publication.run("check", "--format", form, "content/009-x.md")
    assert (run.returncode, run.stderr) == (1, "")
    assert "this is no article of the publication" in run.stdout
