"""How long Proofpress takes, against Pelican, Hugo and Eleventy, and against bare interpreters.

    python bench/peers.py [--articles 1000] [--rounds 3] [--repeats 5]
                          [--peers pelican,hugo,eleventy|none]
                          [--scale [100,1000,5000,10000]] [--json FILE] [--tools FOLDER]
                          [--python INTERPRETER] [--seed N]
    python bench/peers.py --readme bench/results/peers.json

All build the same articles in one run, by turns, with highlighting and a feed, and it is looked
at whether they have. The second form writes the tables of a result into the README. docs/speed.md
says how it is measured and what the figures mean.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from contest import eleventy, hugo, pelican, proofpress, report, results, scale
from contest.generators import REPOSITORY, Generator
from contest.results import Result
from contest.rounds import Contest
from contest.tools import Unavailable

PEERS = {"pelican": pelican, "hugo": hugo, "eleventy": eleventy}
SEED = 8  # with 7 two of 10,000 articles have one title, and so the name of one page


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description="Measure builds against those of peers.")
    add = made.add_argument
    add("--articles", type=int, default=1000)
    add("--rounds", type=int, default=3)
    again = "of each round, for builds of ours that take less than a second"
    add("--repeats", type=int, default=5, help=again)
    add("--peers", type=named, default=list(PEERS), help="or none")
    sized = "ours, of so many articles each; without a number, of 100 to 10,000"
    add("--scale", type=sizes, nargs="?", const=scale.SIZES, default=(), help=sized)
    add("--json", type=Path, metavar="FILE", help="write down all that was measured")
    kept = "where peers are installed, and proofs kept"
    add("--tools", type=Path, metavar="FOLDER", default=REPOSITORY / ".cache/peers", help=kept)
    interpreter = "which has what Proofpress needs; else such an environment is installed"
    add("--python", metavar="INTERPRETER", help=interpreter)
    add("--seed", type=int, default=SEED, help="of the articles")
    add("--readme", type=Path, metavar="RESULT", help="write its tables into the README")
    return made


def named(text: str) -> list[str]:
    """Peers, with commas between; raises ArgumentTypeError for one that there is not."""
    names = [] if text == "none" else text.split(",")
    if unknown := set(names) - set(PEERS):
        raise argparse.ArgumentTypeError(f"no such peer: {', '.join(sorted(unknown))}")
    return names


def sizes(text: str) -> list[int]:
    return [int(size) for size in text.split(",")]


def found(names: Iterable[str], tools: Path) -> tuple[list[Generator], dict[str, str]]:
    """The peers, and of those that can't be had, why."""
    generators, missing = [], {}
    for name in names:
        print(f"installing {name}, if it is not there", file=sys.stderr, flush=True)
        try:
            generators.append(PEERS[name].find(tools))
        except Unavailable as error:
            missing[name.title()] = str(error)
    return generators, missing


def measure(options: argparse.Namespace) -> Result:
    tools = options.tools.absolute()
    asked = {key: getattr(options, key) for key in ("articles", "seed", "rounds", "repeats")}
    result = {"machine": results.machine(), **asked}
    ours = proofpress.find(tools, options.python)
    peers, missing = found(options.peers, tools)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        contest = Contest([ours, *peers], options.articles, options.seed, folder)
        contest.run(options.rounds, options.repeats)
    result |= results.of_contest(contest)
    result["missing"] |= missing
    result["scale"] = scale.measure(ours, options.scale, options.seed, options.rounds)
    return result


def main() -> None:
    options = parser().parse_args()
    if options.readme:
        readme = REPOSITORY / "README.md"
        readme.write_text(report.within(readme.read_text(), json.loads(options.readme.read_text())))
        return
    result = measure(options)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(result, indent=1) + "\n")
    print(report.tables(result))


if __name__ == "__main__":
    main()
