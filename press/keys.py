"""The keys of series.toml, each with the type of its value."""

import json
import re
from collections.abc import Callable
from datetime import UTC, tzinfo
from urllib.parse import urlsplit

from press.fields import Field, Wrong, block, flag, slug, text, texts, url

CONTENTS = ("whole", "summary")
"""What a mail may show of an article."""


def _language(value: object) -> str:
    tag = text(value)
    if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag):
        raise Wrong("must be a language tag such as en or pt-BR (BCP 47)")
    return tag


def _with_path(value: object) -> str:
    """An http address with `{path}` in it."""
    address = text(value)
    if address.count("{path}") != 1:
        raise Wrong("must be an address with {path} in it, once")
    url(address.replace("{path}", "path"))
    return address


def _addresses(value: object) -> tuple[str, ...]:
    """As they are: to a hub, a slash at the end may matter."""
    addresses = texts(value)
    for address in addresses:
        url(address)
    return addresses


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


def _secure(value: object) -> str:
    """An https address; http is for one's own machine alone."""
    address = url(value)
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise Wrong("must be an https address")
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


def _content(value: object) -> str:
    if text(value) not in CONTENTS:
        raise Wrong(f"must be one of {', '.join(CONTENTS)}")
    return text(value)


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
    Field("site", _table, "what the pages have besides"),
    Field("newsletter", _table, "how subscribers are told"),
    Field("python", _table, "what Python examples use"),
    Field("rust", _table, "what Rust examples use"),
)  # fmt: skip

SITE_FIELDS = (
    Field("edit-url", _with_path, "where an article's file can be edited; {path} stands for its "
          "path", default="", example='edit-url = "https://example.org/edit/main/{path}"'),
    Field("hubs", _addresses, "the WebSub hubs of the feeds", default=(),
          example='hubs = ["https://hub.example.org/"]'),
    Field("coming", flag, "whether pages name the next part that has a date, before it is out",
          default=False, example="coming = true"),
    Field("run", flag, "whether readers can run Python examples in their browser", default=False,
          example="run = true"),
    Field("compressed", flag, "whether each text lies beside itself in a compressed form",
          default=False, example="compressed = true"),
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
    Field("app-url", _secure, "where `newsletter serve` answers: it gives the next two their "
          "values", default="", example='app-url = "https://news.example.org"'),
    Field("unsubscribe-url", _with_token, "where one leaves; {token} stands for who does",
          default="", example='unsubscribe-url = "https://news.example.org/unsubscribe/{token}"'),
    Field("subscribe-url", url, "where the site's form for subscribing goes", default="",
          example='subscribe-url = "https://news.example.org/subscribe"'),
    Field("content", _content, "what a mail shows of a new article: all of it, or its summary",
          default="whole", example='content = "summary"'),
    Field("rate", _number(0.01, 100_000), "messages a second, at most", default=0.0,
          example="rate = 14"),
    Field("batch", _whole(1, 10_000), "messages in a batch, at most", default=0,
          example="batch = 50"),
    Field("soft-bounces", _whole(1, 100), "soft bounces in a row after which somebody is not "
          "written to any more", default=5, example="soft-bounces = 5"),
)  # fmt: skip

TABLES = {
    "site": SITE_FIELDS,
    "newsletter": NEWSLETTER_FIELDS,
    "python": PYTHON_FIELDS,
    "rust": RUST_FIELDS,
}
"""Name of each table of series.toml -> its keys."""
