"""How long `build.py --help` takes, against a bare interpreter that imports click.

    python bench/startup.py [--runs N] [--json]

Both are run by turns in one go, so that what else the machine does meets both alike. The figure is
the ratio of the medians; it has to stay below 3.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

BUILD = Path(__file__).parent.parent / "build.py"
COMMANDS = {
    "import click": [sys.executable, "-c", "import click"],
    "build.py --help": [sys.executable, str(BUILD), "--help"],
    "build.py newsletter --help": [sys.executable, str(BUILD), "newsletter", "--help"],
}
FLOOR = "import click"
LIMIT = 3.0


def measure(runs: int) -> dict[str, float]:
    """Median seconds of each command."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, command in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the start of the command.")
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    seconds = measure(options.runs)
    ratios = {name: took / seconds[FLOOR] for name, took in seconds.items()}
    if options.json:
        print(json.dumps({"seconds": seconds, "ratios": ratios, "limit": LIMIT}))
        return
    for name, took in seconds.items():
        print(f"{name:28} {took * 1000:6.1f} ms  {ratios[name]:4.2f} of the floor")


if __name__ == "__main__":
    main()
