"""The gate's audit: a finding fails it, data that can't be reached is said, nothing is hidden."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY

SOUND: dict[str, Any] = {"name": "sound", "version": "1", "vulns": []}
BROKEN: dict[str, Any] = {
    "name": "broken",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}],
}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}

FOUND = """\
a.lock: broken 1.0 has PYSEC-1; mended in: 1.1
a.lock: 2 packages audited, 1 findings
"""
AUDITOR = """#!{python}
import pathlib, sys
report = {report!r}
if report:
    pathlib.Path(sys.argv[sys.argv.index("-o") + 1]).write_text(report)
sys.stderr.write({error!r})
sys.exit({status})
"""


@pytest.mark.parametrize(
    ("packages", "error", "status", "said"),
    [
        ([SOUND], "", 0, "a.lock: 1 packages audited, 0 findings\n"),
        (
            [SOUND, BROKEN], "", 1,
            FOUND,
        ),
        ([SOUND, UNKNOWN], "", 0, "a.lock: NOT AUDITED, 1 of 2 packages: no data from here\n"),
        (
            [], "ERROR: Could not connect to the vulnerability feed", 0,
            "a.lock: NOT AUDITED, the data about vulnerabilities can't be reached from here\n",
        ),
        ([], "ERROR: hashes are missing", 1, "a.lock: pip-audit failed with 1\n"),
    ],
)  # fmt: skip
def test_what_an_audit_comes_to(
    tmp_path: Path, packages: list[dict[str, Any]], error: str, status: int, said: str
) -> None:
    program = tmp_path / "pip-audit"
    report = json.dumps({"dependencies": packages}) if packages else ""
    ends = 1 if error or BROKEN in packages else 0
    program.write_text(
        AUDITOR.format(python=sys.executable, report=report, error=error, status=ends)
    )
    program.chmod(0o755)
    done = subprocess.run(
        [sys.executable, REPOSITORY / ".ci/audit.py", program, "a.lock"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (status, said), done.stderr
