"""The benches still run. What they measure is for them to say, not for a test."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY


def test_the_start_can_be_measured() -> None:
    done = subprocess.run(
        [sys.executable, "bench/startup.py", "--runs", "1", "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(json.loads(done.stdout)) == {"seconds", "ratios", "limit"}


def test_highlighting_can_be_measured() -> None:
    done = subprocess.run(
        [sys.executable, "bench/highlighting.py", "--articles", "2", "--rounds", "1", "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(json.loads(done.stdout)) == {"bash", "python", "rust"}


def test_proving_can_be_measured() -> None:
    done = subprocess.run(
        [sys.executable, "bench/examples.py", "--count", "20", "--rust", "0", "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(json.loads(done.stdout)["ratios"]) == 7


def test_sending_can_be_measured() -> None:
    done = subprocess.run(
        [sys.executable, "bench/sending.py", "--count", "300", "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(json.loads(done.stdout)["found"]) == 4


def test_taking_events_can_be_measured() -> None:
    done = subprocess.run(
        [sys.executable, "bench/hooks.py", "--count", "100", "--threads", "4", "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(json.loads(done.stdout)["found"]) == 2


def test_choosing_can_be_measured() -> None:
    done = subprocess.run(
        [sys.executable, "bench/choosing.py", "--count", "300", "--articles", "4", "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(json.loads(done.stdout)["found"]) == 6


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_subscribing_can_be_measured() -> None:
    done = subprocess.run(
        [sys.executable, "bench/subscribing.py", "--seconds", "1", "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert found["held"]["errors"] == 0


def test_a_preview_can_be_measured() -> None:
    done = subprocess.run(
        [sys.executable, "bench/preview.py", "--n", "3", "--rounds", "2", "--json"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["saved to fetched, ms"] > 0 < found["the build that follows, ms"]
