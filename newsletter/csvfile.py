"""Lists of addresses as CSV files: every row that can't be taken is named, and costs no other.

A file is read and written row by row, however long it is.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, TextIO

from newsletter.addresses import normalise
from newsletter.columns import Columns, Unclear, named, only
from newsletter.model import Account
from press.fields import Wrong
from press.problems import Code, Problem

HEADER = ("email", "standing", "since", "how")

MOST_LINES = 50
"""Of a row: a quote that none of them closes was not meant as one."""

PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")
"""A local part that is taken as it is, if it is short enough."""

LONGEST_LOCAL, LONGEST = 64, 254
"""Characters of a local part and of an address (RFC 5321, 4.5.3.1; RFC 3696, erratum 1690)."""

MOST_DOMAINS, SHOWN = 10_000, 1000


@dataclass(frozen=True, slots=True)
class Row:
    """An address, and whether the file itself says that it has left."""

    email: str
    left: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str

    def problem(self, name: str, message: str, hint: str = "") -> Problem:
        shown = _printable(self.text[:SHOWN].rstrip())
        return Problem(name, self.number, 1, Code.BAD_INPUT, _printable(message), hint, shown)


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def read(name: str, file: BinaryIO) -> Iterator[Row | Problem]:
    """The rows of a CSV file with a column `email`, or with one address a line."""
    text = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline=None)
    addresses = _Addresses()
    columns: Columns | None = None
    is_first = True
    for line, cells in _rows(_Lines(text)):
        if isinstance(cells, str):
            yield line.problem(name, cells, "save the file as UTF-8, as CSV (RFC 4180)")
            continue
        if is_first:
            columns, is_first = named(cells), False
            if columns:
                continue
        yield _row(name, line, cells, columns, addresses)
    text.detach()  # whoever has opened the file closes it


class _Lines:
    """The lines of a file, some of them again: text in UTF-8 that may end in any way."""

    def __init__(self, text: Iterator[str]) -> None:
        self.text = text
        self.count = 0
        self.again: deque[_Line] = deque()

    def __iter__(self) -> Iterator[_Line]:
        return self

    def __next__(self) -> _Line:
        if self.again:
            return self.again.popleft()
        self.count += 1
        return _Line(self.count, next(self.text))


def _rows(lines: _Lines) -> Iterator[tuple[_Line, list[str] | str]]:
    """Each row that is not empty with the line that it begins in; a text says what is wrong."""
    delimiter = ""
    for line in lines:
        if not line.text.strip():
            continue
        delimiter = delimiter or _delimiter(line.text)
        cells = _cells(line, lines, delimiter)
        if isinstance(cells, str) or any(cells):
            yield line, cells


def _delimiter(text: str) -> str:
    """A comma, or what spreadsheets write where a comma is the decimal sign."""
    return next((one for one in ",;\t" if one in text), ",")


def _cells(line: _Line, lines: _Lines, delimiter: str) -> list[str] | str:
    if not line.text.isascii() and any("\udc80" <= char <= "\udcff" for char in line.text):
        return "this row is not UTF-8 text"
    if '"' not in line.text:
        return [cell.strip() for cell in line.text.split(delimiter)]
    return _quoted(line, lines, delimiter)


def _quoted(line: _Line, lines: _Lines, delimiter: str) -> list[str] | str:
    """A row with quotes, which may go on for some lines; or what is wrong with it."""
    lines.again.appendleft(line)
    taken: list[_Line] = []

    def texts() -> Iterator[str]:
        for one in islice(lines, MOST_LINES):
            taken.append(one)
            yield f"{one.text.rstrip()}\n"

    try:
        cells = next(csv.reader(texts(), delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        lines.again.extendleft(reversed(taken[1:]))  # what a stray quote has swallowed
        return f"this row can't be read: {error}"
    if any("@" in one.text for one in taken[1:]):
        return f"a quoted text goes on for {len(taken)} lines, and may have other rows in it"
    return [cell.strip() for cell in cells]


def _row(
    name: str, line: _Line, cells: list[str], columns: Columns | None, addresses: "_Addresses"
) -> Row | Problem:
    try:
        if columns is None:
            return Row(addresses.read(only(cells)))
        has_left = columns.has_left(cells)
        return Row(addresses.read(columns.email(cells)), has_left)
    except Unclear as error:
        return line.problem(name, str(error), error.hint)
    except Wrong as error:
        return line.problem(name, f"no address: {error}")


@dataclass(slots=True)
class _Addresses:
    """Reads addresses, fast where it has seen their domain before."""

    domains: dict[str, str] = field(default_factory=dict)
    """A domain that is one, as it was written -> in ASCII."""

    def read(self, text: str) -> str:
        """As `normalise` does. Raises Wrong."""
        local, _, written = text.rpartition("@")
        domain = self.domains.get(written)
        if domain and len(local) <= LONGEST_LOCAL and PLAIN.fullmatch(local):
            address = f"{local}@{domain}"
            if len(address) <= LONGEST:
                return address
        address = normalise(text)
        if len(self.domains) < MOST_DOMAINS:
            self.domains[written] = address.rpartition("@")[2]
        return address


def write(accounts: Iterable[Account], file: TextIO) -> int:
    """Write accounts as a CSV file, which `read` takes back; how many they were."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(HEADER)
    count = 0
    for one in accounts:
        writer.writerow((one.email, one.standing, one.since, one.how))
        count += 1
    return count
