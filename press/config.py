"""series.toml -> a frozen Config. Every fault is a Problem with its line."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from msgspec import Struct

from press.fields import Field, Located, take
from press.keys import FIELDS, NEWSLETTER_TABLES, TABLES
from press.problems import Code, Problem, ProblemsFound, SourceText, did_you_mean
from press.root import FILE

RTL_LANGUAGES = frozenset(
    ["ar", "arc", "ckb", "dv", "fa", "he", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"]
)
RTL_SCRIPTS = frozenset(["adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"])
"""Subtags of languages and scripts that are written from right to left (IANA's registry)."""


class Newsletter(Struct, frozen=True):
    """How the publication writes to its subscribers."""

    sender: str
    reply_to: str
    postal_address: str
    provider: str
    app_url: str
    """Where `newsletter serve` answers, without a slash at its end; empty where nothing does."""
    unsubscribe_url: str
    """Where one leaves, with `{token}` for the subscriber's; empty for by mail alone."""
    subscribe_url: str
    """Where the site's form for subscribing goes; empty for by mail alone."""
    rate: float
    """Messages a second, at most; 0 for as many as the provider takes."""
    batch: int
    """Messages in a batch, at most; 0 for as many as the provider takes."""
    soft_bounces: int
    """In a row, after which somebody is not written to any more."""
    options: Mapping[str, Mapping[str, object]]
    """Name of a provider -> its own table."""
    content: str = "whole"
    """What a mail shows of a new article, one of keys.CONTENTS."""

    @property
    def reply_address(self) -> str:
        """The address alone, without a name."""
        return self.reply_to.rpartition("<")[2].removesuffix(">")


class Config(Struct, frozen=True):
    """The publication, as series.toml tells it."""

    title: str
    url: str
    id: str
    author: str
    language: str
    description: str
    timezone: tzinfo
    edit_url: str
    """Where an article's file can be edited, with `{path}` for its path; empty for nowhere."""
    coming: bool
    """Whether pages name the next part that has a date, before it is out."""
    run: bool
    """Whether readers can run Python examples."""
    compressed: bool
    """Whether each text of the site also lies beside itself in a compressed form."""
    hubs: tuple[str, ...]
    """The WebSub hubs of the feeds."""
    newsletter: Newsletter | None
    crates: Mapping[str, object]
    """Crates that Rust examples use -> version or table, as in a Cargo.toml."""
    requires_python: str
    """The versions of Python that examples are for (PEP 440); empty for any."""
    packages: tuple[str, ...]
    """The Python packages that examples use (PEP 508)."""
    deploy: Mapping[str, Any] | None = None
    """The table [deploy], with the keys of its target; None without one."""

    def __hash__(self) -> int:
        """Of what tells publications apart: tables have none."""
        return hash((self.url, self.title))

    @property
    def direction(self) -> str:
        """Of the text, as HTML's `dir` has it."""
        primary, *more = self.language.lower().split("-")
        script = next((part for part in more if len(part) == 4), "")
        is_rtl = script in RTL_SCRIPTS if script else primary in RTL_LANGUAGES
        return "rtl" if is_rtl else "ltr"


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
    except (ValueError, RecursionError) as error:
        values = {field.name: field.default for field in FIELDS}
        is_syntax = isinstance(error, tomllib.TOMLDecodeError)
        reason = str(error) if is_syntax else "a number is too long, or a list too deep"
        return _config(values, dict.fromkeys(TABLES), {}), [_syntax_problem(source, reason)]
    values, problems = take(_located(document, source, ""), FIELDS, source)
    options, more = _take_options(values["newsletter"], source)
    problems += more
    tables: dict[str, dict[str, Any] | None] = {}
    for name, fields in TABLES.items():
        if name == "deploy":
            fields, more = _of_target(values[name], source)
            problems += more
        tables[name], more = _take_table(values[name], name, fields, source)
        problems += more
    return _config(values, tables, options), problems


def _config(
    values: Mapping[str, Any],
    tables: Mapping[str, dict[str, Any] | None],
    options: Mapping[str, Mapping[str, object]],
) -> Config:
    newsletter, deploy = tables["newsletter"], tables["deploy"]
    tables = {
        name: table or {field.name: field.default for field in TABLES[name]}
        for name, table in tables.items()
    }
    site, python, rust = (tables[name] or {} for name in ("site", "python", "rust"))
    return Config(
        **{name: value for name, value in values.items() if name not in TABLES},
        edit_url=site["edit-url"],
        coming=site["coming"],
        run=site["run"],
        compressed=site["compressed"],
        hubs=site["hubs"],
        newsletter=_newsletter(newsletter, options) if newsletter else None,
        crates=rust["dependencies"],
        requires_python=python["requires-python"],
        packages=python["dependencies"],
        deploy=deploy,
    )


def _take_table(
    table: dict[str, object] | None, name: str, fields: Sequence[Field], source: SourceText
) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The values of a table of series.toml, or None where there is no such table."""
    if table is None:
        return None, []
    start = _key_position(source.text, "", name)
    return take(_located(table, source, name), fields, source, start)


def _of_target(
    table: dict[str, object] | None, source: SourceText
) -> tuple[tuple[Field, ...], list[Problem]]:
    """The keys of a table [deploy], some of which are its target's; a Problem if there is none."""
    if table is None:
        return TABLES["deploy"], []
    from press import targets

    at = _key_position(source.text, "deploy", "target")
    return targets.fields_of(table, TABLES["deploy"], source, at)


def _take_options(
    table: dict[str, object] | None, source: SourceText
) -> tuple[Mapping[str, Mapping[str, object]], list[Problem]]:
    """The tables within [newsletter] that the newsletter knows, and others: taken out of it."""
    table = table or {}
    known = (*NEWSLETTER_TABLES, table.get("provider"))
    keys = {field.name for field in TABLES["newsletter"]}
    options, problems = {}, []
    for name, value in list(table.items()):
        if name in keys or not isinstance(value, dict):
            continue
        del table[name]
        if name in known:
            options[name] = value
            continue
        hint = did_you_mean(name, NEWSLETTER_TABLES) or f"it has {', '.join(NEWSLETTER_TABLES)}"
        at = _key_position(source.text, "newsletter", name)
        message = f"[newsletter] has no table `{name}`"
        problems.append(source.problem(Code.UNKNOWN_KEY, *at, message, hint))
    return options, problems


def _newsletter(values: dict[str, Any], options: Mapping[str, Mapping[str, object]]) -> Newsletter:
    app = values["app-url"]
    return Newsletter(
        values["from"],
        values["reply-to"],
        values["postal-address"],
        values["provider"],
        app,
        values["unsubscribe-url"] or (app and f"{app}/unsubscribe/{{token}}"),
        values["subscribe-url"] or (app and f"{app}/subscribe"),
        values["rate"],
        values["batch"],
        values["soft-bounces"],
        options,
        values["content"],
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
    """Where a key stands. tomllib tells values but not places, so look for `key =` or `[key`.

    A table may be written as `[table]`, as `table.key =`, or as `table = { key =`.
    """
    name, outer = (rf"[\"']?{re.escape(one)}[\"']?" for one in (key, table))
    whole = rf"{outer}\s*\.\s*{name}" if table else name
    inside = ""
    for number, line in enumerate(content.split("\n"), 1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            inside = header[1].strip("\"'")
            if re.fullmatch(rf"{whole}(?:\s*\..*)?", header[1]):
                return number, line.index("[") + 1
        ways = [name] if inside == table else []
        if table and not inside:
            ways += [whole, rf"{outer}\s*=\s*\{{(?:.*[{{,])?\s*{name}"]
        for way in ways:
            if here := re.match(rf"(\s*){way}\s*[.=]", line):
                return number, len(here[1]) + 1
    return 1, 1
