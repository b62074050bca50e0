"""Lists of addresses as CSV files: every row that can't be taken is named."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from newsletter.addresses import normalise
from newsletter.model import Account, Standing
from press.fields import Wrong
from press.problems import Code, Problem, SourceText

EMAIL_COLUMNS = frozenset({"email", "e-mail", "email address", "address", "mail"})
HEADER = ("email", "standing", "since", "how")


@dataclass(frozen=True, slots=True)
class Rows:
    """The addresses of a file, in order, and a Problem for each row that has none."""

    emails: tuple[str, ...]
    left: tuple[str, ...]
    """Addresses that the file itself says have unsubscribed."""
    problems: tuple[Problem, ...]


def read(name: str, content: bytes) -> Rows:
    """Addresses of a CSV file with a column `email`, or with one address a line."""
    lines, problems = _decode(name, content)
    source = SourceText(name, "\n".join(lines))
    emails: list[str] = []
    left: list[str] = []
    for line, email, standing in _rows(lines):
        try:
            address = normalise(email)
        except Wrong as error:
            problems.append(source.problem(Code.BAD_INPUT, line, 1, f"no address: {error}"))
        else:
            (left if standing == Standing.UNSUBSCRIBED else emails).append(address)
    return Rows(tuple(emails), tuple(left), tuple(problems))


def _decode(name: str, content: bytes) -> tuple[list[str], list[Problem]]:
    lines: list[str] = []
    problems: list[Problem] = []
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        try:
            lines.append(raw.decode().replace("\0", ""))
        except UnicodeDecodeError:
            lines.append("")
            message, hint = "this row is not UTF-8 text", "save the file as UTF-8"
            problems.append(Problem(name, number, 0, Code.UNREADABLE, message, hint))
    return lines, problems


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, str, str]]:
    """Line, address and standing of each row that is not empty."""
    reader = csv.reader(lines, skipinitialspace=True)
    email_column, standing_column = 0, -1
    first = True
    for row in reader:
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        names = [cell.lower() for cell in cells]
        header = EMAIL_COLUMNS.intersection(names) if first else frozenset()
        first = False
        if header:
            email_column = names.index(min(header, key=names.index))
            standing_column = names.index("standing") if "standing" in names else -1
            continue
        email = cells[email_column] if email_column < len(cells) else ""
        standing = cells[standing_column] if 0 <= standing_column < len(cells) else ""
        yield reader.line_num, email, standing


def write(accounts: Iterable[Account]) -> str:
    """The same as a CSV file, which `read` takes back."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((one.email, one.standing, one.since, one.how) for one in accounts)
    return text.getvalue()
