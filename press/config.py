"""series.toml -> a frozen Config. Every fault is a Problem with its line."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from press.fields import Field, Located, Wrong, block, slug, take, text, texts, url
from press.problems import Code, Problem, ProblemsFound, SourceText
from press.root import FILE


@dataclass(frozen=True, slots=True)
class Newsletter:
    """How the publication writes to its subscribers."""

    sender: str
    reply_to: str
    postal_address: str
    provider: str
    unsubscribe_url: str
    """Where one leaves, with `{token}` for the subscriber's; empty for by mail alone."""
    rate: float
    """Messages a second, at most; 0 for as many as the provider takes."""
    batch: int
    """Messages in a batch, at most; 0 for as many as the provider takes."""
    options: Mapping[str, Mapping[str, object]]
    """Name of a provider -> its own table."""

    @property
    def reply_address(self) -> str:
        """The address alone, without a name."""
        return self.reply_to.rpartition("<")[2].removesuffix(">")


@dataclass(frozen=True, slots=True)
class Config:
    """The publication, as series.toml tells it."""

    title: str
    url: str
    id: str
    author: str
    language: str
    description: str
    timezone: tzinfo
    newsletter: Newsletter | None
    crates: Mapping[str, object]
    """Crates that Rust examples use -> version or table, as in a Cargo.toml."""
    requires_python: str
    """The versions of Python that examples are for (PEP 440); empty for any."""
    packages: tuple[str, ...]
    """The Python packages that examples use (PEP 508)."""


def _language(value: object) -> str:
    tag = text(value)
    if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag):
        raise Wrong("must be a language tag such as en or pt-BR (BCP 47)")
    return tag


def _zone(value: object) -> tzinfo:
    from zoneinfo import ZoneInfo

    name = text(value)
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise Wrong("is not a known time zone") from None


def _tag_uri(value: object) -> str:
    uri = text(value)
    if not re.fullmatch(r"tag:[a-z0-9.@_-]+,\d{4}(-\d\d(-\d\d)?)?:[A-Za-z0-9._~:/-]*", uri):
        raise Wrong("must be a tag URI (RFC 4151)")
    return uri.rstrip("/:")


def _with_token(value: object) -> str:
    """An https address with `{token}` in its path."""
    address = text(value)
    if address.count("{token}") != 1 or not address.startswith("https://"):
        raise Wrong("must be an https address with {token} in it, once")
    if "0token0" not in urlsplit(url(address.replace("{token}", "0token0"))).path:
        raise Wrong("must have {token} in its path")
    return address


def _mailbox(value: object) -> str:
    """A mailbox of RFC 5322 section 3.4: an address, or a name and an address in brackets."""
    mailbox = text(value)
    if not re.fullmatch(r'(?:[^<>@"\\,;:()]+ <)?[^\s<>@",;:()\\]+@[^\s<>@",;:()\\]+>?', mailbox):
        raise Wrong("must be one address, with or without a name")
    if mailbox.endswith(">") != ("<" in mailbox):
        raise Wrong("must be one address, with or without a name")
    if not mailbox.rpartition("<")[2].isascii():
        raise Wrong("must have an ASCII address: its domain as xn--…")
    return mailbox


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Wrong("must be a table")
    return value


def versions(value: object) -> str:
    """Versions of Python, as `requires-python` has them (PEP 440)."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return str(SpecifierSet(text(value)))
    except InvalidSpecifier:
        raise Wrong("must be versions such as >=3.12 (PEP 440)") from None


def packages(value: object) -> tuple[str, ...]:
    """Python packages, each as a line of requirements has it (PEP 508)."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return tuple(sorted(str(Requirement(one)) for one in texts(value)))
    except InvalidRequirement as error:
        raise Wrong(f"must be packages such as httpx>=0.28 (PEP 508): {error}") from None


def crates(value: object) -> dict[str, object]:
    """Crates as in a Cargo.toml: name -> version, or table of what JSON has as well."""
    found = _table(value)
    for name, wanted in found.items():
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name):
            raise Wrong(f"names `{name}`, which is no crate")
        if not isinstance(wanted, str | dict):
            raise Wrong(f"must give `{name}` a version or a table")
    try:
        json.dumps(found)
    except TypeError:
        raise Wrong("must hold texts, lists and tables only") from None
    return found


def _number(least: float, most: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Wrong("must be a number")
        if not least <= value <= most:
            raise Wrong(f"must be between {least:g} and {most:,g}")
        return float(value)

    return read


def _whole(least: int, most: int) -> Callable[[object], int]:
    read_number = _number(least, most)

    def read(value: object) -> int:
        if not isinstance(value, int):
            raise Wrong("must be a whole number")
        return int(read_number(value))

    return read


FIELDS = (
    Field("title", text, "the title of the series", True, "?", example='title = "My Series"'),
    Field("url", url, "where the site is published", True, "https://example.invalid",
          example='url = "https://example.org/series"'),
    Field("id", _tag_uri, "a tag URI for the feeds, chosen once and kept when the site moves",
          True, "tag:example.invalid,2000:", example='id = "tag:example.org,2026:my-series"'),
    Field("author", text, "who writes the series", True, "?", example='author = "Your Name"'),
    Field("language", _language, "the language of the articles (BCP 47)", True, "en",
          example='language = "en"'),
    Field("description", text, "the series in one sentence", True, "?",
          example='description = "What it is about."'),
    Field("timezone", _zone, "the zone of dates without one", default=UTC,
          example='timezone = "Europe/Lisbon"'),
    Field("newsletter", _table, "how subscribers are told"),
    Field("python", _table, "what Python examples use"),
    Field("rust", _table, "what Rust examples use"),
)  # fmt: skip

RUST_FIELDS = (
    Field("dependencies", crates, "the crates that examples use, as in a Cargo.toml", default={},
          example='dependencies = { tokio = "1" }'),
)  # fmt: skip

PYTHON_FIELDS = (
    Field("requires-python", versions, "the versions of Python that examples are for (PEP 440)",
          default="", example='requires-python = ">=3.12"'),
    Field("dependencies", packages, "the packages that examples use (PEP 508)", default=(),
          example='dependencies = ["httpx>=0.28"]'),
)  # fmt: skip

NEWSLETTER_FIELDS = (
    Field("from", _mailbox, "the sender of each mail", True, "",
          example='from = "My Series <news@example.org>"'),
    Field("reply-to", _mailbox, "where answers go", True, "",
          example='reply-to = "me@example.org"'),
    Field("postal-address", block, "a valid postal address, which the law asks for in each mail",
          True, "", example='postal-address = "1 Example Street, Exampletown"'),
    Field("provider", slug, "who carries the mail", default="outbox",
          example='provider = "outbox"'),
    Field("unsubscribe-url", _with_token, "where one leaves; {token} stands for who does",
          default="", example='unsubscribe-url = "https://news.example.org/unsubscribe/{token}"'),
    Field("rate", _number(0.01, 100_000), "messages a second, at most", default=0.0,
          example="rate = 14"),
    Field("batch", _whole(1, 10_000), "messages in a batch, at most", default=0,
          example="batch = 50"),
)  # fmt: skip


def load(root: Path) -> Config:
    """The Config of a publication; raises ProblemsFound if anything is wrong with it."""
    config, problems = read(root)
    if problems:
        raise ProblemsFound(problems)
    return config


def read(root: Path) -> tuple[Config, list[Problem]]:
    """The Config and what is wrong with it; where a value is wrong, a default stands for it."""
    try:
        content = (root / FILE).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ProblemsFound(
            [Problem(FILE, 0, 0, Code.UNREADABLE, f"can't read: {reason}")]
        ) from None
    return parse(SourceText(FILE, content))


def parse(source: SourceText) -> tuple[Config, list[Problem]]:
    """Pure: the text of series.toml -> Config and Problems."""
    try:
        document = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        values = {field.name: field.default for field in FIELDS} | {"newsletter": None}
        return _config(values, None, None), [_syntax_problem(source, str(error))]
    values, problems = take(_located(document, source, ""), FIELDS, source)
    options = _take_options(values["newsletter"])
    tables: dict[str, dict[str, Any] | None] = {}
    for name, fields in (
        ("newsletter", NEWSLETTER_FIELDS),
        ("python", PYTHON_FIELDS),
        ("rust", RUST_FIELDS),
    ):
        tables[name], more = _take_table(values[name], name, fields, source)
        problems += more
    newsletter = tables["newsletter"]
    values["newsletter"] = _newsletter(newsletter, options) if newsletter else None
    return _config(values, tables["python"], tables["rust"]), problems


def _config(
    values: dict[str, Any], python: dict[str, Any] | None, rust: dict[str, Any] | None
) -> Config:
    plain = {name: value for name, value in values.items() if name not in ("python", "rust")}
    return Config(
        **plain,
        crates=rust["dependencies"] if rust else {},
        requires_python=python["requires-python"] if python else "",
        packages=python["dependencies"] if python else (),
    )


def _take_table(
    table: dict[str, object] | None, name: str, fields: Sequence[Field], source: SourceText
) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The values of a table of series.toml, or None where there is no such table."""
    if table is None:
        return None, []
    start = _key_position(source.text, "", name)
    return take(_located(table, source, name), fields, source, start)


def _take_options(table: dict[str, object] | None) -> Mapping[str, Mapping[str, object]]:
    """The tables within [newsletter], which are its providers' own: taken out of it."""
    found = {key: value for key, value in (table or {}).items() if isinstance(value, dict)}
    for name in found:
        del (table or {})[name]
    return found


def _newsletter(values: dict[str, Any], options: Mapping[str, Mapping[str, object]]) -> Newsletter:
    return Newsletter(
        values["from"],
        values["reply-to"],
        values["postal-address"],
        values["provider"],
        values["unsubscribe-url"],
        values["rate"],
        values["batch"],
        options,
    )


def _syntax_problem(source: SourceText, error: str) -> Problem:
    at = re.search(r"\(at line (\d+), column (\d+)\)", error)
    line, column = (int(at[1]), int(at[2])) if at else (source.text.count("\n") + 1, 1)
    message = f"this is not TOML: {error.partition(' (at')[0]}"
    return source.problem(
        Code.BAD_CONFIG, line, column, message, 'texts stand in quotes: key = "…"'
    )


def _located(table: dict[str, object], source: SourceText, name: str) -> dict[str, Located]:
    return {
        key: Located(value, *_key_position(source.text, name, key)) for key, value in table.items()
    }


def _key_position(content: str, table: str, key: str) -> tuple[int, int]:
    """Where a key stands. tomllib tells values but not places, so look for `key =` or `[key`."""
    name = rf"[\"']?{re.escape(key)}[\"']?"
    inside = ""
    for number, line in enumerate(content.split("\n"), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            inside = header[1].strip("\"'")
            if not table and re.fullmatch(rf"{name}(?:\s*\..*)?", header[1]):
                return number, line.index("[") + 1
        here = re.match(rf"(\s*){name}\s*[.=]", line)
        if here and inside == table:
            return number, len(here[1]) + 1
    return 1, 1
