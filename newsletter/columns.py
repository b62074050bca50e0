"""The columns of a list of addresses: where the address is, and what says who has gone."""

import re
from dataclasses import dataclass

from newsletter import standings
from newsletter.standings import Column, Said

EMAIL = re.compile(
    r"(?:(?:primary|secondary|alternative|alternate|other|second|work|home|private|personal|user"
    r"|subscriber|contact|customer|member)[ _-]?)?(?:e?-?mail(?:[ _-]?address|[ _-]?adresse)?"
    r"|address)[ _-]?[0-9]?"
)
OUR_OWN = frozenset({"since", "how"})
"""What an export tells besides, in any words."""
HINT = "say it in a column `standing`: confirmed or unsubscribed"
SHOWN = 20


class Unclear(Exception):
    """A row of which nobody can say what it means."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file with a header."""

    emails: tuple[int, ...]
    marks: tuple[tuple[int, Column, str], ...]
    """Those that say who has gone: place, what it is about, and name."""
    others: tuple[int, ...]
    count: int

    def email(self, cells: list[str]) -> str:
        """The address of a row. Raises Unclear where there are several."""
        cell = dict(enumerate(cells)).get
        first, *more = self.emails
        found = {text for n in self.emails if "@" in (text := cell(n, ""))} if more else set()
        if len(found) > 1:
            raise Unclear("this row has several addresses", "keep one column of addresses")
        return found.pop() if found else cell(first, "")

    def has_left(self, cells: list[str]) -> bool:
        """Whether a row says of somebody that they have gone. Raises Unclear."""
        cell = dict(enumerate(cells)).get
        said = [(standings.said(kind, cell(n, "")), n, name) for n, kind, name in self.marks]
        if any(one is Said.GONE for one, _, _ in said):
            return True
        for one, n, name in said:
            if one is Said.UNCLEAR:
                message = "is neither confirmed nor unsubscribed"
                raise Unclear(f"`{cell(n, '')[:SHOWN]}` {message} (`{name[:SHOWN]}`)", HINT)
        for n in self.others:
            if cell(n, "").lower() in standings.SURELY:
                raise Unclear(f"what does `{cell(n, '')}` mean here?", HINT)
        if any(cells[self.count :]):
            raise Unclear("this row has more cells than the header", "quote a text with a comma")
        return False


def named(cells: list[str]) -> Columns | None:
    """What the columns of a header are; None for a row that is none, which names no address."""
    emails = tuple(n for n, name in enumerate(cells) if EMAIL.fullmatch(name.lower()))
    if not emails:
        return None
    kinds = {n: standings.column(name) for n, name in enumerate(cells) if n not in emails}
    marks = tuple((n, kind, cells[n]) for n, kind in kinds.items() if kind)
    others = tuple(n for n, kind in kinds.items() if not kind and cells[n] not in OUR_OWN)
    return Columns(emails, marks, others, len(cells))


def only(cells: list[str]) -> str:
    """The only cell of a row of a file without a header. Raises Unclear."""
    first, *more = [cell for cell in cells if cell]
    if more:
        hint = "give the file a header, with a column `email`; one address a line needs none"
        raise Unclear(f"what does `{more[0][:SHOWN]}` mean here?", hint)
    return first
