"""Named settings with a type each: reads front matter and series.toml, reporting every fault."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct

from press.problems import Code, Problem, SourceText, did_you_mean

KINDS = (
    (bool, "true or false"),
    (str, "text"),
    ((int, float), "a number"),
    (list, "a list"),
    (dict, "a table"),
    (date, "a date"),
    (time, "a time"),
)
"""What a value can be, in an author's words: the first that fits."""

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Text that no page or feed may carry: XML 1.0 section 2.2 leaves out controls and surrogates, YAML
# 1.2 section 5.1 the rest of C1; our own slots are made of the noncharacters from U+FDD0 on.
BAD_CHARACTER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._~-]*[A-Za-z0-9])?")


Shape = Mapping[str, Any]
"""What JSON Schema (draft 7) can say of a value. It may allow more than its reader, never less."""

TEXT: Shape = {"type": "string", "pattern": "[^ \\t\\n]"}
TEXTS: Shape = {"type": ["string", "array"], "pattern": TEXT["pattern"], "items": TEXT}

URL: Shape = {"type": "string", "pattern": r"""^\s*[Hh][Tt][Tt][Pp][Ss]?://[^\s<>"'\\]+\s*$"""}
WHEN: Shape = {"type": "string", "pattern": "^[0-9]{4}"}
"""A date as it is written; JSON has none."""

Reader = TypeVar("Reader", bound=Callable[[object], Any])


def shaped(shape: Shape) -> Callable[[Reader], Reader]:
    """Marks a reader with the shape of what it takes, from which schemas for editors are made."""

    def mark(read: Reader) -> Reader:
        vars(read)["shape"] = shape
        return read

    return mark


def matching(pattern: str) -> Shape:
    """Of a text that is a pattern, with or without space around it, which `text` takes away."""
    return {"type": "string", "pattern": rf"^\s*(?:{pattern})\s*$"}


def one_of(choices: Iterable[str]) -> Shape:
    """Of a text that is one of these, as editors can offer them."""
    known = list(choices)
    return {"type": "string", "anyOf": [{"enum": known}, matching("|".join(known))]}


class Wrong(ValueError):
    """A value that its field does not take; the text completes "`name` …"."""


class Located(Struct, frozen=True):
    """A value and where its key stands."""

    value: object
    line: int
    column: int


class Field(Struct, frozen=True):
    """One setting: how its value is read, and what it is for."""

    name: str
    read: Callable[[object], Any]
    doc: str
    required: bool = False
    default: Any = None
    """Stands for a value that is missing or wrong as well, so it must do for a page and a feed."""
    aliases: tuple[str, ...] = ()
    example: str = ""

    @property
    def shape(self) -> Shape:
        """Of its values; empty where nothing is said of them."""
        found: Shape = getattr(self.read, "shape", {})
        return found


def take(
    raw: Mapping[str, Located],
    fields: Sequence[Field],
    source: SourceText,
    start: tuple[int, int] = (1, 1),
) -> tuple[dict[str, Any], list[Problem]]:
    """Read each field from `raw`. A wrong or missing value takes the default, with a Problem."""
    names = {name: field for field in fields for name in (field.name, *field.aliases)}
    problems = [_unknown(key, at, names, source) for key, at in raw.items() if key not in names]
    values: dict[str, Any] = {}
    for field in fields:
        given = [name for name in (field.name, *field.aliases) if name in raw]
        values[field.name] = field.default
        if not given:
            if field.required:
                problems.append(_missing(field, source, start))
            continue
        if len(given) > 1:
            problems.append(_said_twice(given, raw, source))
        try:
            values[field.name] = field.read(raw[given[0]].value)
        except Wrong as error:
            problems.append(_wrong(field, given[0], raw[given[0]], str(error), source))
    return values, problems


def _unknown(key: str, at: Located, names: Mapping[str, Field], source: SourceText) -> Problem:
    hint = did_you_mean(key, names) or f"the keys are {', '.join(sorted(names))}"
    return source.problem(Code.UNKNOWN_KEY, at.line, at.column, f"there is no key `{key}`", hint)


def _missing(field: Field, source: SourceText, start: tuple[int, int]) -> Problem:
    hint = f"add a line such as  {field.example}" if field.example else f"it gives {field.doc}"
    return source.problem(Code.MISSING_VALUE, *start, f"`{field.name}` is missing", hint)


def _said_twice(given: list[str], raw: Mapping[str, Located], source: SourceText) -> Problem:
    at = raw[given[1]]
    message = f"`{given[1]}` says again what `{given[0]}` says"
    return source.problem(Code.DUPLICATE, at.line, at.column, message, "keep one of them")


def _wrong(field: Field, name: str, at: Located, error: str, source: SourceText) -> Problem:
    hint = f"write it like  {field.example}" if field.example else ""
    return source.problem(Code.WRONG_TYPE, at.line, at.column, f"`{name}` {error}", hint)


def _no(wanted: str, value: object) -> Wrong:
    """What to raise for a value of another kind than is wanted."""
    if value is None:  # as YAML reads a key without a value
        return Wrong("must not be empty")
    kind = next((name for of, name in KINDS if isinstance(value, of)), "something else")
    return Wrong(f"must be {wanted}, not {kind}")


@shaped(TEXT)
def text(value: object) -> str:
    """One line of text, not empty."""
    if not isinstance(value, str):
        raise _no("text", value)
    if not value.strip():
        raise Wrong("must not be empty")
    if re.search("[\t\n\x85\u2028\u2029]", value.strip()) or BAD_CHARACTER.search(value):
        raise Wrong("must be a single line without control characters")
    return value.strip()


@shaped(TEXT)
def block(value: object) -> str:
    """Text that may have several lines, not empty."""
    if not isinstance(value, str):
        raise _no("text", value)
    return "\n".join(text(line) for line in value.strip().split("\n") if line.strip()) or text("")


@shaped({"type": "boolean"})
def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _no("true or false", value)
    return value


@shaped(TEXTS)
def texts(value: object) -> tuple[str, ...]:
    """A list of texts; one text stands for a list of one."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        raise _no("a list of texts", value)
    return tuple(dict.fromkeys(text(item) for item in value))


@shaped({"type": ["string", "array"], "items": TEXT})
def tags(value: object) -> tuple[str, ...]:
    """A list of tags; one text is split at its commas."""
    if isinstance(value, str):
        value = [part for part in value.split(",") if part.strip()]
    return texts(value)


@shaped(matching(SLUG.pattern))
def slug(value: object) -> str:
    """The last part of a URL: lower-case letters, digits and single hyphens."""
    name = text(value)
    if not SLUG.fullmatch(name) or len(name) > 100:
        raise Wrong("must be lower-case letters, digits and single hyphens")
    return name


@shaped(matching(ID.pattern))
def identity(value: object) -> str:
    """A stable id that may stand in a URI: the unreserved characters of RFC 3986 section 2.3."""
    name = text(value)
    if not ID.fullmatch(name) or len(name) > 100:
        raise Wrong("must be letters, digits and inner `.`, `_`, `~`, `-`, at most 100")
    return name


@shaped(URL)
def url(value: object) -> str:
    """An absolute http or https address, without a slash at its end."""
    address = text(value)
    try:
        parts = urlsplit(address)
        port_is_fine = parts.port != 0
    except ValueError:
        raise Wrong("is not a valid address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
        raise Wrong("must be an http or https address")
    if not address.isascii():
        raise Wrong("must be ASCII: its domain as xn--…, its path percent-encoded")
    if parts.query or parts.fragment or re.search(r"""[\s<>"'\\]""", address):
        raise Wrong("must be an address without spaces, quotes, `?` or `#`")
    return address.rstrip("/")


def moment(zone: tzinfo) -> Callable[[object], datetime]:
    """A reader of dates. A bare date or a time without an offset is in `zone`."""

    @shaped(WHEN)
    def read(value: object) -> datetime:
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise Wrong("must be a date such as 2026-09-01") from None
        if not isinstance(value, date):
            raise _no("a date such as 2026-09-01", value)
        if not isinstance(value, datetime):
            value = datetime.combine(value, time.min)
        value = value.replace(microsecond=0)
        value = value if value.tzinfo else value.replace(tzinfo=zone)
        try:
            value.astimezone(UTC)
            # The offset alone: a zone can't be kept from build to build. In minutes, as RFC 3339
            # has it; before there were zones, Lisbon was 36 minutes and 45 seconds behind. Rounded
            # up, so that a bare date stays the date that it is.
            minutes = -(-(value.utcoffset() or timedelta()) // timedelta(minutes=1))
            return value.astimezone(timezone(timedelta(minutes=minutes)))
        except (OverflowError, ValueError):  # the first or last day that there is; a whole day off
            raise Wrong("must be a date such as 2026-09-01") from None

    return read
