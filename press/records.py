"""What a process that runs examples has noted of its steps, as `inside/child.py` writes it.

It lies in memory that belongs to the examples, so it may be anything.
"""

import json
from typing import Any

Record = dict[str, Any]
"""Of a step: "ended" (how), "status", "out" and "err" (bytes printed so far), "seconds", and
"statements" (of a session); of an exception also TOLD; of a refusal "message".
"""

TOLD = {"kind": str, "module": str, "message": str, "classes": list, "places": list}
"""What is told of an exception."""


def read(text: str) -> list[Record]:
    """The record of each step that has ended. Raises ValueError if they are none of ours."""
    try:
        return [_record(line) for line in text.splitlines()]
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("this is no record of ours") from error


def _record(line: str) -> Record:
    ended, status, out, err, took, more = line.split(" ", 5)
    record = {"statements": [], **json.loads(more or "{}"), "ended": ended, "status": int(status)}
    record |= {"out": int(out), "err": int(err), "seconds": float(took)}
    if ended == "raised":
        _require_told(record)
    elif ended == "refused":
        _require(isinstance(record["message"], str))
    else:
        _require(ended in ("well", "exit"))
    _require(isinstance(record["statements"], list))
    for one in record["statements"]:
        _require(isinstance(one["end"], int))
        if one["failed"] is not None:
            _require(isinstance(one["failed"]["at"], int))
            _require_told(one["failed"])
    return record


def _require_told(record: Record) -> None:
    for name, kind in TOLD.items():
        _require(isinstance(record[name], kind))
    for home, kind in record["classes"]:
        _require(isinstance(home, str) and isinstance(kind, str))
    for name, line in record["places"]:
        _require(isinstance(name, str) and isinstance(line, int))


def _require(condition: object) -> None:
    if not condition:
        raise ValueError("this is no record of ours")
