"""The outside tools that judge HTML, links, speed and mails: how each is asked."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.browser.visiting import CHROMIUM, FLAGS, sandbox
from tests.conftest import REPOSITORY

TOOLS = REPOSITORY / "tests/tools"
INSTALLED = TOOLS / "node_modules"
VNU = INSTALLED / "vnu-jar/build/dist/vnu.jar"
# It reads files, to which `self` means nothing: the browser judges the policy.
NOT_OF_FILES = r".*violates Content Security Policy.*"


def missing(*commands: str) -> str:
    """Why these tools can't be asked; empty if they can."""
    absent = [command for command in commands if not shutil.which(command)]
    if absent:
        return f"{absent[0]} is not installed"
    return "" if INSTALLED.is_dir() else "npm ci --prefix tests/tools has not been run"


def _run(command: Sequence[str | Path], **environment: str) -> str:
    """What a tool prints. Into a file: some end before all is through a pipe."""
    with tempfile.TemporaryFile("w+") as printed:
        done = subprocess.run(
            [str(part) for part in command],
            env={**os.environ, **environment},
            cwd=TOOLS, stdout=printed, stderr=subprocess.PIPE, text=True, timeout=300, check=False,
        )  # fmt: skip
        printed.seek(0)
        text = printed.read()
    if not text.strip() and done.returncode:
        raise RuntimeError(f"{command[0]}: {done.returncode}: {done.stderr[-2000:]}")
    return text


def nu_html_checker(files: Sequence[Path]) -> list[str]:
    """What the W3C's checker finds, warnings too, in all files by one machine of Java."""
    options = ["--stdout", "--format", "gnu", "--Werror", "--also-check-css", "--also-check-svg"]
    # By default long pages overflow its stack.
    java = ["java", "-Xss4m", "-jar", str(VNU)]
    text = _run([*java, *options, "--filterpattern", NOT_OF_FILES, *map(str, files)])
    return [re.sub(r'^"file:.*/([^/"]*)"', r"\1", line) for line in text.splitlines()]


def html_validate(files: Sequence[Path]) -> list[str]:
    """What html-validate finds by the rules in tests/tools/.htmlvalidate.json."""
    config = TOOLS / ".htmlvalidate.json"
    text = _run([INSTALLED / ".bin/html-validate", "--config", config, "-f", "json", *files])
    return [
        f"{Path(result['filePath']).name}:{one['line']}: {one['ruleId']}: {one['message']}"
        for result in json.loads(text)
        for one in result["messages"]
    ]


SPAM_SETTINGS = "use_bayes 0\ndns_available no\n"
SCORE = re.compile(r"^Content analysis details: +\((-?[\d.]+) points", re.MULTILINE)
RULE = re.compile(r"^ *-?\d+\.\d ([A-Z][A-Z0-9_]+) ", re.MULTILINE)
FROM_LINE = b"From nobody@localhost Mon Jun  1 12:00:00 2026\n"
"""What each message of a mailbox file begins with (RFC 4155)."""


def spamassassin(mails: Mapping[str, bytes]) -> dict[str, tuple[float, set[str]]]:
    """Name of each mail -> its score without a network, and the rules that it broke."""
    with tempfile.TemporaryDirectory() as folder:
        settings, box = Path(folder, "settings.cf"), Path(folder, "box")
        settings.write_text(SPAM_SETTINGS)
        box.write_bytes(b"".join(map(_boxed, mails.values())))
        text = _run(["spamassassin", "-L", "-t", "-p", str(settings), "--mbox", str(box)])
    _, *reports = re.split(r"^Spam detection software", text, flags=re.MULTILINE)
    assert len(reports) == len(mails), "it has not looked"
    found = {}
    for name, report in zip(mails, reports, strict=True):
        score = SCORE.search(report)
        assert score, report
        found[name] = float(score[1]), set(RULE.findall(report[score.end() :]))
    return found


def _boxed(mail: bytes) -> bytes:
    text = re.sub(rb"(?m)^(>*From )", rb">\1", mail.replace(b"\r\n", b"\n"))
    return FROM_LINE + text + b"\n"


def mail_programs(files: Sequence[Path]) -> dict[str, list[str]]:
    """What the mails use and mail programs lack, by caniemail.com: feature -> the programs."""
    found: dict[str, list[str]] = json.loads(_run(["node", TOOLS / "mail.mjs", *files]))
    return found


def linkinator(url: str, paths: Sequence[str]) -> list[str]:
    """The links and fragments of a served site that lead nowhere; links outside are left out."""
    outside = f"^(?!{re.escape(url)})"
    options = ["--recurse", "--check-fragments", "--format", "json", "--skip", outside]
    pages = [f"{url}/{path}" for path in paths]
    text = _run([INSTALLED / ".bin/linkinator", *pages, *options])
    result = json.loads(text[text.index("{") :])
    assert len(result["links"]) >= len(paths), "it has not looked"
    broken = [link for link in result["links"] if link["state"] == "BROKEN"]
    return [f"{link.get('parent', url)}: {link['url']} answers {link['status']}" for link in broken]


def lighthouse(url: str) -> list[str]:
    """What keeps a page from 100 of 100 on a phone, in each category, and any layout shift."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = [*FLAGS, *sandbox(), "--headless", "--disable-gpu", f"--user-data-dir={profile}"]
        report: dict[str, Any] = json.loads(
            _run(
                [
                    INSTALLED / ".bin/lighthouse", url, "--quiet", "--output=json",
                    "--no-enable-error-reporting", f"--chrome-flags={' '.join(flags)}",
                ],
                CHROME_PATH=str(CHROMIUM),
            )
        )  # fmt: skip
    if error := report.get("runtimeError"):
        return [f"{error['code']}: {error['message']}"]
    return [*_below_100(report), *_shift(report)]


def _below_100(report: dict[str, Any]) -> list[str]:
    found = []
    for category in report["categories"].values():
        if category["score"] != 1:
            weak = [one["id"] for one in category["auditRefs"] if one["weight"]]
            scores = {name: report["audits"][name]["score"] for name in weak}
            lost = {name: score for name, score in scores.items() if score not in (1, None)}
            found.append(f"{category['id']}: {category['score']}: {lost}")
    return found


def _shift(report: dict[str, Any]) -> list[str]:
    shift = report["audits"]["cumulative-layout-shift"]["numericValue"]
    return [f"layout shift: {shift}"] if shift else []
