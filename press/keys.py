"""The keys of series.toml, each with the type of its value."""

import json
import re
from collections.abc import Callable
from datetime import UTC, tzinfo
from urllib.parse import urlsplit

from press.fields import (
    TEXT,
    TEXTS,
    URL,
    Field,
    Shape,
    Wrong,
    block,
    flag,
    matching,
    one_of,
    shaped,
    slug,
    text,
    texts,
    url,
)

CONTENTS = ("whole", "summary")
"""What a mail may show of an article."""

LANGUAGE = r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,9}"
TAG_URI = r"tag:[a-z0-9.@_-]+,\d{4}(-\d\d(-\d\d)?)?:[A-Za-z0-9._~:/-]*"
CRATE = r"[A-Za-z][A-Za-z0-9_-]*"


CRATES = {
    "type": "object",
    "patternProperties": {f"^{CRATE}$": {"type": ["string", "object"]}},
    "additionalProperties": False,
}


@shaped(matching(LANGUAGE))
def _language(value: object) -> str:
    tag = text(value)
    if not re.fullmatch(LANGUAGE, tag):
        raise Wrong("must be a language tag such as en or pt-BR (BCP 47)")
    return tag


@shaped({"type": "string", "pattern": r"\{path\}"})
def _with_path(value: object) -> str:
    """An http address with `{path}` in it."""
    address = text(value)
    if address.count("{path}") != 1:
        raise Wrong("must be an address with {path} in it, once")
    url(address.replace("{path}", "path"))
    return address


@shaped({**TEXTS, "pattern": URL["pattern"], "items": URL})
def _addresses(value: object) -> tuple[str, ...]:
    """As they are: to a hub, a slash at the end may matter."""
    addresses = texts(value)
    for address in addresses:
        url(address)
    return addresses


@shaped(TEXT)
def _zone(value: object) -> tzinfo:
    from zoneinfo import ZoneInfo

    name = text(value)
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise Wrong("is not a known time zone") from None


@shaped(matching(TAG_URI))
def _tag_uri(value: object) -> str:
    uri = text(value)
    if not re.fullmatch(TAG_URI, uri):
        raise Wrong("must be a tag URI (RFC 4151)")
    return uri.rstrip("/:")


@shaped({"type": "string", "pattern": r"^\s*https://.*\{token\}"})
def _with_token(value: object) -> str:
    """An https address with `{token}` in its path."""
    address = text(value)
    if address.count("{token}") != 1 or not address.startswith("https://"):
        raise Wrong("must be an https address with {token} in it, once")
    if "0token0" not in urlsplit(url(address.replace("{token}", "0token0"))).path:
        raise Wrong("must have {token} in its path")
    return address


@shaped(URL)
def secure(value: object) -> str:
    """An https address; http is for one's own machine alone."""
    address = url(value)
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise Wrong("must be an https address")
    return address


@shaped({"type": "string", "pattern": "@"})
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


@shaped(one_of(CONTENTS))
def _content(value: object) -> str:
    if text(value) not in CONTENTS:
        raise Wrong(f"must be one of {', '.join(CONTENTS)}")
    return text(value)


@shaped({"type": "object"})
def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Wrong("must be a table")
    return value


@shaped(TEXT)
def versions(value: object) -> str:
    """Versions of Python, as `requires-python` has them (PEP 440)."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return str(SpecifierSet(text(value)))
    except InvalidSpecifier:
        raise Wrong("must be versions such as >=3.12 (PEP 440)") from None


@shaped(TEXTS)
def packages(value: object) -> tuple[str, ...]:
    """Python packages, each as a line of requirements has it (PEP 508)."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return tuple(sorted(str(Requirement(one)) for one in texts(value)))
    except InvalidRequirement as error:
        raise Wrong(f"must be packages such as httpx>=0.28 (PEP 508): {error}") from None


@shaped(CRATES)
def crates(value: object) -> dict[str, object]:
    """Crates as in a Cargo.toml: name -> version, or table of what JSON has as well."""
    found = _table(value)
    for name, wanted in found.items():
        if not re.fullmatch(CRATE, name):
            raise Wrong(f"names `{name}`, which is no crate")
        if not isinstance(wanted, str | dict):
            raise Wrong(f"must give `{name}` a version or a table")
    try:
        json.dumps(found)
    except TypeError:
        raise Wrong("must hold texts, lists and tables only") from None
    return found


def _number(least: float, most: float) -> Callable[[object], float]:
    @shaped({"type": "number", "minimum": least, "maximum": most})
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Wrong("must be a number")
        if not least <= value <= most:
            raise Wrong(f"must be between {least:g} and {most:,g}")
        return float(value)

    return read


def _whole(least: int, most: int) -> Callable[[object], int]:
    read_number = _number(least, most)

    @shaped({"type": "integer", "minimum": least, "maximum": most})
    def read(value: object) -> int:
        if not isinstance(value, int):
            raise Wrong("must be a whole number")
        return int(read_number(value))

    return read


FIELDS = (
    Field("title", text, "the title of the series", True, "?", example='title = "My Series"'),
    Field("url", url, "where the site is published, with `https://`", True,
          "https://example.invalid", example='url = "https://example.org/series"'),
    Field("id", _tag_uri, "a [tag URI](https://www.rfc-editor.org/rfc/rfc4151) for the feeds, "
          "chosen once and kept when the site moves", True, "tag:example.invalid,2000:",
          example='id = "tag:example.org,2026:my-series"'),
    Field("author", text, "who writes the series", True, "?", example='author = "Your Name"'),
    Field("language", _language, "the language of the articles, as in BCP 47: `en`, `pt-BR`; what "
          "Proofpress says itself is [in it as well](../adding-a-language.md)", True, "en",
          example='language = "en"'),
    Field("description", text, "the series in one sentence", True, "?",
          example='description = "What it is about."'),
    Field("timezone", _zone, "the zone of dates that name none; otherwise UTC", default=UTC,
          example='timezone = "Europe/Lisbon"'),
    Field("site", _table, "what the pages have besides"),
    Field("newsletter", _table, "how subscribers are told"),
    Field("python", _table, "what Python examples use"),
    Field("rust", _table, "what Rust examples use"),
    Field("deploy", _table, "where `publish` brings the site"),
)  # fmt: skip

SITE_FIELDS = (
    Field("edit-url", _with_path, "where an article's file can be edited, with {path} for its "
          "path; each page links to it", default="",
          example='edit-url = "https://example.org/edit/main/{path}"'),
    Field("hubs", _addresses, "the [WebSub](https://www.w3.org/TR/websub/) hubs of the feeds",
          default=(), example='hubs = ["https://hub.example.org/"]'),
    Field("coming", flag, "whether the series page and the end of the last part name the next one "
          "before it is out: the article with the earliest date that has not come, if it is no "
          "draft", default=False, example="coming = true"),
    Field("run", flag, "whether readers can run Python examples in their browser, by "
          "[Pyodide](https://pyodide.org): put `pyodide.mjs`, `pyodide.asm.mjs`, "
          "`pyodide.asm.wasm`, `python_stdlib.zip` and `pyodide-lock.json` of its npm package into "
          "a folder `pyodide` of your `templates/assets`", default=False, example="run = true"),
    Field("compressed", flag, "whether [a compressed form](../site.md#compressed-files) lies "
          "beside each text of the site, for servers that look for it", default=False,
          example="compressed = true"),
)  # fmt: skip

RUST_FIELDS = (
    Field("dependencies", crates, "the crates that examples use, as in a `Cargo.toml`", default={},
          example='dependencies = { tokio = "1" }'),
)  # fmt: skip

PYTHON_FIELDS = (
    Field("requires-python", versions, "the versions of Python that examples are for (PEP 440); "
          "otherwise any", default="", example='requires-python = ">=3.12"'),
    Field("dependencies", packages, "the packages that examples use (PEP 508); otherwise none",
          default=(), example='dependencies = ["httpx>=0.28"]'),
)  # fmt: skip

NEWSLETTER_FIELDS = (
    Field("from", _mailbox, "the sender of each mail", True, "",
          example='from = "My Series <news@example.org>"'),
    Field("reply-to", _mailbox, "where answers go, and where subscribers write to come and to go",
          True, "", example='reply-to = "me@example.org"'),
    Field("postal-address", block, "a valid postal address, which the law of many places asks for "
          "in each mail", True, "", example='postal-address = "1 Example Street, Exampletown"'),
    Field("provider", slug, "who carries the mail, one of [these](../settings.md#providers); "
          "`outbox`, the default, writes it to a folder", default="outbox",
          example='provider = "outbox"'),
    Field("app-url", secure, "where `newsletter serve` answers; it gives the next two their "
          "values", default="", example='app-url = "https://news.example.org"'),
    Field("unsubscribe-url", _with_token, "where one leaves, with {token} for who does; needed for "
          "mail that leaves this machine", default="",
          example='unsubscribe-url = "https://news.example.org/unsubscribe/{token}"'),
    Field("subscribe-url", url, "where the site's form for subscribing goes; otherwise one "
          "subscribes by mail", default="",
          example='subscribe-url = "https://news.example.org/subscribe"'),
    Field("content", _content, "what [a mail](../mail.md) shows of a new article: `whole`, the "
          "default, or `summary`, and a link", default="whole", example='content = "summary"'),
    Field("rate", _number(0.01, 100_000), "messages a second, at most; otherwise as many as the "
          "provider takes", default=0.0, example="rate = 14"),
    Field("batch", _whole(1, 10_000), "messages in a batch, at most; otherwise as many as the "
          "provider takes", default=0, example="batch = 50"),
    Field("soft-bounces", _whole(1, 100), "soft bounces in a row after which somebody is [not "
          "written to any more](../ledger.md#bounces-and-complaints); otherwise 5", default=5,
          example="soft-bounces = 5"),
)  # fmt: skip

NEWSLETTER_TABLES = (
    "brevo", "doctor", "mailgun", "mailjet", "outbox", "postmark", "resend", "sendgrid", "serve",
    "ses", "smtp",
)  # fmt: skip
"""The tables within [newsletter], whose keys the newsletter knows; `provider` may name another."""

DEPLOY_FIELDS = (
    Field("target", slug, "what kind of place [`publish`](../publishing.md) brings the site to, "
          "[one of these](../settings.md#deploy-targets); each has keys of its own, in this table",
          True, "", example='target = "folder"'),
    Field("wait", _number(0, 86_400), "seconds that new pages may take until they are live; "
          "otherwise 300", default=300.0, example="wait = 300"),
)  # fmt: skip

OPEN: dict[str, Shape] = {"newsletter": {"type": "object"}, "deploy": {}}
"""Tables that may have other keys, for who reads those to judge -> the shape of these."""

TABLES = {
    "site": SITE_FIELDS,
    "newsletter": NEWSLETTER_FIELDS,
    "python": PYTHON_FIELDS,
    "rust": RUST_FIELDS,
    "deploy": DEPLOY_FIELDS,
}
"""Name of each table of series.toml -> its keys."""
