"""Tables of bench/peers.py tell what a result has; the README has those of the one we keep."""

import json
import re
import sys

import pytest

from tests.conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "bench"))

from contest import aims, report
from contest.results import Result


def result(**seconds: float) -> Result:
    """One of Pelican and ours, with as many seconds for each scenario."""

    def tool(wall: float) -> Result:
        cost = {"wall": wall, "cpu": wall, "memory": wall}
        medians = dict.fromkeys(("first", "memory", "changed", "added", "nothing"), cost)
        return {"version": "1.0 abc", "made": {"files": 3, "mebibytes": 1.5}, "medians": medians}

    return {
        "machine": {"cores": 2, "processor": "P", "python": "3", "python_of_system": True},
        "articles": 1000,
        "rounds": 3,
        "tools": {name: tool(wall) for name, wall in seconds.items()},
        "missing": {"Hugo": "not\nhere"},
        "floors": {"medians": {"convert": {"wall": 0.5}, "stat with outputs": {"wall": 0.1}}},
        "scale": {},
    }


def test_ratios_are_held_against_the_aims() -> None:
    found = aims.ratios(result(Proofpress=1.0, Pelican=4.0))
    assert found["first/Pelican"] == found["changed/best"] == 4.0
    assert (found["changed/floor"], found["nothing/floor"]) == (2.0, 10.0)
    assert found["memory/Pelican"] == 0.25
    met = {aim.key: aim.met(found[aim.key]) for aim in aims.AIMS if aim.key in found}
    assert [key for key, good in met.items() if not good] == [
        "changed/best", "added/best", "nothing/floor",
    ]  # fmt: skip
    assert "first/Hugo" not in met


def test_faster_is_not_as_fast() -> None:
    hugo = next(aim for aim in aims.AIMS if aim.key == "first/Hugo")
    assert not hugo.met(1.0)
    assert hugo.met(1.01)


def test_tables_tell_what_is_missed_and_what_is_missing() -> None:
    text = report.tables(result(Proofpress=1.0, Pelican=3.0))
    assert "medians of 3 rounds on 2 cores of P, Python 3 as the system has it.\n" in text
    assert "Hugo is missing: not here" in text
    rows = [re.split(r" *\| *", line)[1:-1] for line in text.splitlines() if line[:1] == "|"]
    assert ["first build: Pelican 1.0 / ours", "3.00", "at least 4", "no"] in rows
    assert ["first build: Hugo / ours", "–", "more than 1", "not measured"] in rows
    assert ["memory of a first build: ours / Pelican 1.0", "0.333", "at most 1", "yes"] in rows
    assert ["one article changed", "1.00", "3.00", "0.500"] in rows


def test_the_readme_has_the_tables_of_the_result_that_is_kept() -> None:
    kept = json.loads((REPOSITORY / "bench/results/peers.json").read_text())
    readme = (REPOSITORY / "README.md").read_text()
    assert report.within(readme, kept) == readme
    kept["articles"] += 1
    assert report.within(readme, kept) != readme
    with pytest.raises(ValueError, match="bench:peers"):
        report.within("No marks.", kept)
