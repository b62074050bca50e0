"""The keys of an article's front matter, each with the type of its value."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from press import setting
from press.config import Config
from press.fields import (
    TEXT,
    TEXTS,
    WHEN,
    Field,
    Wrong,
    flag,
    identity,
    moment,
    shaped,
    slug,
    tags,
    text,
    texts,
)
from press.model import Change, tag_slug

UPDATED = ("updated", "lastmod", "modified", "last_modified_at")
LONGEST = 200
"""Bytes of a tag in addresses: no name of a file has more than 255 (POSIX, NAME_MAX)."""
# Stands for a date that is missing or wrong, so that the other checks of its article go on.
NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)


def _alias(value: object) -> str:
    """A path of the site that leads to the article, as a file."""
    path = text(value).lstrip("/")
    parts = path.rstrip("/").split("/")
    if any(not re.fullmatch(r"[A-Za-z0-9~_][A-Za-z0-9._~-]{,99}", part) for part in parts):
        raise Wrong("must be paths of this site such as /old/address.html")
    return path if path.endswith((".html", ".htm")) else path.rstrip("/") + "/index.html"


@shaped(TEXTS)
def _aliases(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_alias(item) for item in texts(value)))


@shaped({"type": ["string", "array"], "items": TEXT})
def _tags(value: object) -> tuple[str, ...]:
    found = tags(value)
    if nameless := [tag for tag in found if not tag_slug(tag)]:
        raise Wrong(f"has `{nameless[0]}`, which has no letter and no digit")
    if any(len(tag_slug(tag).encode()) > LONGEST for tag in found):
        raise Wrong("has one that is too long for the name of a page")
    return found


CHANGE = {
    "type": "object",
    "properties": {"date": WHEN, "note": TEXT, "correction": {"type": "boolean"}},
    "required": ["date", "note"],
    "additionalProperties": False,
}
NEEDED = {"date", "note"}
NO_CHANGES = "must be a list of changes, each with `date`, `note` and perhaps `correction: true`"


def _changes(config: Config) -> Any:
    read_moment = moment(config.timezone)

    @shaped({"type": "array", "items": CHANGE})
    def read(value: object) -> tuple[Change, ...]:
        if not isinstance(value, list):
            raise Wrong(NO_CHANGES)
        changes = []
        for item in value:
            if not isinstance(item, dict) or not NEEDED <= set(item) <= NEEDED | {"correction"}:
                raise Wrong(NO_CHANGES)
            wrong = flag(item.get("correction", False))
            changes.append(Change(read_moment(item["date"]), text(item["note"]), wrong))
        _require_apart(changes)
        return tuple(sorted(changes, key=lambda change: change.date))

    return read


def _require_apart(changes: Sequence[Change]) -> None:
    """Raise Wrong for a correction that no date tells from the other changes.

    The ledger knows by it who was told of the article with it, and who without.
    """
    at = Counter(change.date.replace(tzinfo=None) for change in changes)
    for change in changes:
        if change.correction and at[change.date.replace(tzinfo=None)] > 1:
            raise Wrong("has a correction at the time of another change; give one of them a time")


def fields(config: Config, name: str) -> tuple[Field, ...]:
    """The keys of front matter, and the names that other tools have for them."""
    when: Any = moment(config.timezone)
    return (
        Field("title", text, "the title of the article; in quotes if it has a colon", True, "?",
              example='title: "A title"'),
        Field("date", when, "when it is published: `2026-09-01`, or with a time", True, NO_DATE,
              aliases=("publishDate",), example="date: 2026-09-01"),
        Field("description", text, "the article in one sentence: for the series page, feeds, mail",
              True, "?", aliases=("summary", "excerpt"),
              example='description: "What it is about."'),
        Field("tags", _tags, "what it is about", default=(), example="tags: [async, threads]",
              aliases=("tag", "categories", "category", "keywords")),
        Field("updated", when, "when it last changed in a way that matters to readers",
              aliases=UPDATED[1:], example="updated: 2026-09-01"),
        Field("draft", flag, "true leaves it out of the site", default=False,
              example="draft: true"),
        Field("slug", slug, "the name of its page, if not that of the file", default=name,
              example="slug: a-short-name"),
        Field("id", identity, "its identity for feeds and subscribers, kept for ever; the slug "
              "where none is given",
              example="id: a-short-name"),
        Field("aliases", _aliases, "old addresses that lead here", default=(),
              aliases=("redirect_from", "alias"), example="aliases: [/old/address.html]"),
        Field("authors", texts, "who wrote it, if not the series' author", default=(
              config.author,), aliases=("author",), example="authors: [A. Lovelace]"),
        Field("changes", _changes(config), "its history, each change with a date and a note; "
              "with `correction: true` for what was wrong", default=(),
              example='changes: [{date: 2026-09-01, note: "what changed"}]'),
        *setting.FIELDS,
    )  # fmt: skip
