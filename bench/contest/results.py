"""A contest -> what is kept of it: plain data, all rounds and their medians."""

import os
import platform
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from contest.entrant import Entrant
from contest.gauge import Cost
from contest.rounds import Contest

Result = dict[str, Any]
"""As the file has it:

    machine   processor, cores, memory (GiB), system, the python that runs the bench and whether the
              system brings it, and the load when it began
    articles, seed, rounds, repeats
    tools     name -> version, medians, made (files, mebibytes, entries, full), rounds
    missing   name -> why there is nothing of it
    floors    name -> medians, rounds
    libraries what a build after a change loads
    scale     articles -> medians, made, rounds; there only if it was measured

Medians and rounds: scenario -> wall and cpu (seconds), largest and memory (MiB).
"""


def machine() -> Result:
    """What the figures are of."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": round(pages / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "python_of_system": sys.base_prefix == "/usr",
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def of_contest(contest: Contest) -> Result:
    """All of a contest but the machine and what was asked for."""
    return {
        "tools": {
            one.generator.name: {"version": one.generator.version, **of_entrant(one)}
            for one in contest.entrants
        },
        "missing": contest.missing,
        "floors": _costs(contest.floors),
        "libraries": sorted({name.partition(".")[0] for name in contest.libraries}),
    }


def of_entrant(entrant: Entrant) -> Result:
    """What a generator made, and what that cost."""
    return {"made": asdict(entrant.made) if entrant.made else None, **_costs(entrant.costs)}


def _costs(costs: Mapping[str, Sequence[Cost]]) -> Result:
    return {
        "medians": {name: _medians(some) for name, some in costs.items()},
        "rounds": {name: [_rounded(asdict(one)) for one in some] for name, some in costs.items()},
    }


def _medians(costs: Sequence[Cost]) -> dict[str, float]:
    rows = [asdict(cost) for cost in costs]
    known = [key for key, value in rows[0].items() if value is not None]
    return _rounded({key: statistics.median(row[key] for row in rows) for key in known})


def _rounded(row: Mapping[str, float | None]) -> dict[str, float]:
    return {key: round(value, 4) for key, value in row.items() if value is not None}
