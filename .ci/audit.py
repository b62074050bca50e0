"""Whether anything that is locked has a known vulnerability: asks pip-audit, and says what it knew.

Called with pip-audit and the locks. Ends with 1 for a finding, and for a pip-audit that failed in
another way than by not reaching its data: without that nothing is known, which is said.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

UNREACHABLE = ("Could not connect", "ConnectionError", "ServiceError", "Max retries", "timed out")


def audit(program: str, lock: str) -> bool:
    """Audit a lock; whether it is as it should be, as far as is known."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        done = subprocess.run(
            [program, *options, "-r", lock, "-f", "json", "-o", str(report)],
            capture_output=True,
            text=True,
            check=False,
        )
        if report.exists():
            return judge(lock, json.loads(report.read_text())["dependencies"])
    if any(word in done.stderr for word in UNREACHABLE):
        print(f"{lock}: NOT AUDITED, the data about vulnerabilities can't be reached from here")
        return True
    print(done.stderr, file=sys.stderr)
    print(f"{lock}: pip-audit failed with {done.returncode}")
    return False


def judge(lock: str, packages: list[dict]) -> bool:
    known = [one for one in packages if "vulns" in one]
    found = [(one, fault) for one in known for fault in one["vulns"]]
    for one, fault in found:
        mended = ", ".join(fault["fix_versions"]) or "none yet"
        print(f"{lock}: {one['name']} {one['version']} has {fault['id']}; mended in: {mended}")
    if len(known) < len(packages):
        unknown = len(packages) - len(known)
        print(f"{lock}: NOT AUDITED, {unknown} of {len(packages)} packages: no data from here")
    else:
        print(f"{lock}: {len(known)} packages audited, {len(found)} findings")
    return not found


if __name__ == "__main__":
    sound = [audit(sys.argv[1], lock) for lock in sys.argv[2:]]
    sys.exit(0 if all(sound) else 1)
