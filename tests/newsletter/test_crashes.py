"""A sender killed at each of its steps: judged by what the provider has, and by the ledger."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.newsletter.crashes import LEAVES, SUBSCRIBERS


def crash_everywhere(folder: Path, kind: str, what: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.newsletter.crashes", str(folder), kind, what],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")
@pytest.mark.parametrize("what", ["each", "weekly", "course"])
@pytest.mark.parametrize("kind", ["outbox", "forgetful"])
def test_it_tells_nobody_twice_and_forgets_nobody_in_silence(
    tmp_path: Path, kind: str, what: str
) -> None:
    results = crash_everywhere(tmp_path, kind, what)
    assert len(results) > 40
    for result in results:
        told = [one if isinstance(one, str) else one[0] for one in result["told"]]
        states = Counter(result["states"])
        assert max(Counter(told).values()) == 1, result
        if LEAVES in told:  # only if it may have happened before they left
            assert LEAVES in result["left_before"], result
        expected = {*SUBSCRIBERS} - ({LEAVES} - {*told})
        # Whoever has no message is counted as unknown, and nobody else is left out.
        assert len(expected - {*told}) <= states["unknown"], result
        assert states["accepted"] <= len(told) <= states["accepted"] + states["unknown"], result
        assert {*states} <= {"accepted", "unknown", "skipped"}, result
        assert result["again"] == 0, result
        if kind == "outbox":  # it can be asked
            assert states["unknown"] == 0, result
            assert {*told} == expected, result
