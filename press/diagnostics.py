"""What rustc and a Rust program say on standard error -> which fault it is, and at which line."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct


class Diagnostics(Struct, frozen=True):
    """The errors of a compilation, as rustc's JSON has them (doc.rust-lang.org/rustc/json.html)."""

    source: str
    """The path of the program, as the compiler was given it."""
    errors: Sequence[Mapping[str, Any]]

    @property
    def codes(self) -> set[str]:
        return {error["code"]["code"] for error in self.errors if error.get("code")}

    @property
    def rendered(self) -> str:
        return "".join(error["rendered"] for error in self.errors).strip()

    @property
    def lines(self) -> list[int]:
        """Of the errors' own places, those in the program; a macro is where it is called."""
        spans = [span for error in self.errors for span in error["spans"] if span["is_primary"]]
        return [line for span in spans if (line := self._line(span))]

    def _line(self, span: Mapping[str, Any]) -> int:
        """Where the outermost of what a place was expanded from begins; 0 if all is elsewhere."""
        lines = [
            int(one["line_start"]) for one in _expanded(span) if one["file_name"] == self.source
        ]
        return lines[-1] if lines else 0


def _expanded(span: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A place in the code, and the calls of macros that it comes of, from the inside out."""
    place: Mapping[str, Any] | None = span
    while place:
        yield place
        place = (place["expansion"] or {}).get("span")


def read(source: str, text: str) -> Diagnostics:
    """The errors among what the compiler says; warnings are left out."""
    found = []
    for line in text.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if message.get("level", "").startswith("error") and "spans" in message:
            found.append(message)
    return Diagnostics(source, [one for one in found if one["spans"] or one["code"]] or found)


def panic(errors: str) -> str:
    """What a panic says, in one line; older compilers put it before the place, in quotes."""
    found = re.search(
        r"panicked at \S+:\d+:\d+:\n([^\n]+)|panicked at '([^\n]*?)(?:', |\n)", errors
    )
    return (found[1] or found[2]) if found else ""


def panic_line(path: str, errors: str) -> int:
    """Where it panicked; older compilers put the place after the message, which may have lines."""
    at = re.search(rf"panicked at .*?{re.escape(path)}:(\d+):\d+", errors, re.DOTALL)
    return int(at[1]) if at else 0
