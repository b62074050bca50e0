"""What a page says to its reader, and a language that no word of English belongs to."""

import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser

from press import catalogues
from press.words import OURS, TEMPLATE
from tests.press import gathering

# What stays as it is in every language.
NAMES = {"Python", "rustc", "Rust", "rustdoc", "Markdown", "RSS", "Atom", "JSON", "Feed", "OPML"}


class _Said(HTMLParser):
    """What a page says to its reader, by eye or by ear; no code, and no names in addresses."""

    SILENT = ("script", "style", "code", "math")
    SPOKEN = ("alt", "aria-label", "title", "placeholder")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.silent += tag in self.SILENT
        self.found += [values[name] for name in self.SPOKEN if name in values]
        if "description" in values.get("name", "") or ":alt" in values.get("property", ""):
            self.found.append(values["content"])
        if tag == "script":
            given = [value for name, value in values.items() if name.startswith("data-")]
            self.found += [one for value in given if value[:2] != "qp" for one in _forms(value)]

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def _forms(value: str) -> list[str]:
    return list(json.loads(value).values()) if value.startswith("{") else [value]


def said(html: str) -> list[str]:
    reader = _Said()
    reader.feed(html)
    return [one.strip() for one in reader.found if one.strip()]


def pretended() -> str:
    """A catalogue that says each message in the letters of another script."""
    catalogue = gathering.kept(OURS / TEMPLATE)
    for message in catalogue:
        if message.id and message.context != "date":
            ids = (message.id,) if isinstance(message.id, str) else message.id
            texts = tuple(_pretended(one) for one in ids)
            message.string = texts if len(ids) > 1 else texts[0]
    plurals = gathering.PLURALS.format("nplurals=2; plural=(n != 1);")
    head = gathering.HEADER.format(about="No language.", language="qps", plurals=plurals)
    return gathering.written(catalogue, head)


def _pretended(text: str) -> str:
    kept = re.compile(rf"({catalogues.VALUE.pattern}|{catalogues.TAG.pattern})")
    parts = kept.split(text)
    return "".join(
        part if odd % 2 else re.sub("[A-Za-z]", "ж", part) for odd, part in enumerate(parts)
    )


def english(texts: Sequence[str]) -> list[str]:
    """What is in the letters of English, and is no name or address."""
    found = []
    for text in texts:
        left = re.sub(r"\S+[@/]\S+|\{\w+\}|`[^`]*`|ZeroDivisionError|subscribe", "", text)
        left = " ".join(re.sub("|".join(NAMES), "", left).split())
        found += [text] if re.search("[A-Za-z]{2}", left) else []
    return found
