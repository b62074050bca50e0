"""Real feed readers, each told to say what it has read."""

import json
import shutil
import sqlite3
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import struct_time
from typing import Any

import feedparser
import pytest
from reader import Reader, make_reader

from tests.conftest import REPOSITORY

TOOLS = REPOSITORY / "tests/tools"
NEWSBOAT, SFEED, NODE = (shutil.which(name) for name in ("newsboat", "sfeed", "node"))


@dataclass(frozen=True)
class Read:
    """An entry as a reader shows it."""

    id: str
    link: str
    title: str
    date: datetime
    html: str


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


def _moment(parts: struct_time) -> datetime:
    year, month, day, hour, minute, second = parts[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def parsed(url: str, **validators: str) -> Any:
    """What feedparser makes of a feed; it must have nothing to complain of."""
    found = feedparser.parse(url, **validators)
    assert not found.bozo, found.get("bozo_exception")
    return found


def by_feedparser(url: str) -> list[Read]:
    return [
        Read(one.id, one.link, one.title, _moment(one.published_parsed), one.content[0].value)
        for one in parsed(url).entries
    ]


def by_reader(url: str) -> list[Read]:
    with closing(make_reader(":memory:")) as reader:
        reader.add_feed(url)
        reader.update_feeds()
        assert not reader.get_feed(url).last_exception
        return list(entries(reader))


def entries(reader: Reader) -> Iterator[Read]:
    """What a reader's own database has, newest first."""
    for one in reader.get_entries():
        assert one.link is not None
        assert one.published is not None
        yield Read(one.id, one.link, str(one.title), one.published, one.content[0].value)


def by_newsboat(url: str) -> list[Read]:
    if not NEWSBOAT:
        pytest.skip("newsboat is not installed")
    with TemporaryDirectory() as folder:
        urls, cache, config = (Path(folder) / name for name in ("urls", "cache.db", "config"))
        urls.write_text(f"{url}\n")
        config.write_text("")
        subprocess.run(
            [NEWSBOAT, "-u", urls, "-c", cache, "-C", config, "-x", "reload"],
            env={"HOME": folder, "LANG": "C.UTF-8"}, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        with closing(sqlite3.connect(cache)) as database:
            rows = database.execute(
                "SELECT guid, url, title, pubDate, content FROM rss_item ORDER BY pubDate DESC"
            ).fetchall()
    return [
        Read(guid, url, title, datetime.fromtimestamp(date, UTC), content)
        for guid, url, title, date, content in rows
    ]


def by_sfeed(url: str) -> list[Read]:
    if not SFEED:
        pytest.skip("sfeed is not installed")
    done = subprocess.run([SFEED, url], input=fetch(url), capture_output=True, check=True)
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    return [
        Read(row[5], row[2], row[1], datetime.fromtimestamp(int(row[0]), UTC), _unescaped(row[3]))
        for row in rows
    ]


def _unescaped(field: str) -> str:
    """A field of sfeed(5) without its escapes."""
    parts = field.split(r"\\")
    return "\\".join(part.replace(r"\n", "\n").replace(r"\t", "\t") for part in parts)


def feedsmith(content: bytes, *arguments: str) -> Any:
    if not NODE or not (TOOLS / "node_modules/feedsmith").exists():
        pytest.skip("feedsmith is not installed: npm ci --prefix tests/tools")
    command = [NODE, str(TOOLS / "feed.mjs"), *arguments]
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    return json.loads(done.stdout)


def by_feedsmith(url: str) -> list[Read]:
    found = feedsmith(fetch(url))
    return [_OF_FEEDSMITH[found["format"]](one) for one in _items(found["feed"])]


def _items(feed: Any) -> list[Any]:
    return list(feed.get("items") or feed.get("entries") or [])


_OF_FEEDSMITH: dict[str, Callable[[Any], Read]] = {
    "rss": lambda one: Read(
        one["guid"]["value"], one["link"], one["title"],
        datetime.strptime(one["pubDate"], "%a, %d %b %Y %H:%M:%S %Z").replace(tzinfo=UTC),
        one["content"]["encoded"],
    ),
    "atom": lambda one: Read(
        one["id"], one["links"][0]["href"], one["title"]["value"],
        datetime.fromisoformat(one["published"]), one["content"]["value"],
    ),
    "json": lambda one: Read(
        one["id"], one["url"], one["title"],
        datetime.fromisoformat(one["date_published"]), one["content_html"],
    ),
}  # fmt: skip

READERS = {
    "feedparser": by_feedparser,
    "reader": by_reader,
    "newsboat": by_newsboat,
    "sfeed": by_sfeed,
    "feedsmith": by_feedsmith,
}
KNOWN = {
    "feed.xml": tuple(READERS),
    "atom.xml": tuple(READERS),
    "feed.json": ("reader", "feedsmith"),
}
"""The file of each format -> the readers that know it."""
