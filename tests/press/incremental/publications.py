"""A publication that may be edited: its settings, its templates, and how its files are written."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from press.assets import PYODIDE
from press.root import OURS
from tests.press.incremental.drafts import Draft, Files, Link

MTIME = 1_770_000_000_000_000_000
"""That all files have which are written slyly, in nanoseconds."""

ASIDE = count()

SETTINGS: Mapping[str, tuple[str | None, ...]] = {
    "title": ('"A Series"', '"B & <c>"'),
    "url": ('"https://example.org/series"', '"https://example.net"'),
    "author": ('"An Author"', '"Ann Author"'),
    "description": ('"What it is about."', '"What it is <not>."'),
    "language": ('"en"', '"en-GB"', '"de"', '"ar"', '"xx"'),
    "timezone": ('"UTC"', '"Europe/Lisbon"', '"America/New_York"'),
    "site.edit-url": (None, '"https://example.org/edit/{path}"'),
    "site.hubs": (None, '["https://hub.example.org/"]'),
    "site.coming": (None, "true"),
    "site.compressed": (None, None, None, "true"),
    "site.run": (None, "true"),
    "newsletter.from": (None, '"a@example.org"', '"b@example.org"'),
    "newsletter.content": (None, '"summary"'),
    "newsletter.subscribe-url": (None, '"https://example.org/subscribe"'),
    "colour": (None, None, '"red"'),
}  # fmt: skip
"""Keys of series.toml, each with what it may be."""

HAVE_ALL = {
    "id": '"tag:example.org,2026:series"',
    "newsletter.reply-to": '"author@example.org"',
    "newsletter.postal-address": '"1 Example Street"',
}

CATALOGUE = b'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
EXTENDS = b'{%% extends "proofpress/%b.html" %%}'

OTHERS: Mapping[str, tuple[bytes | None, ...]] = {
    "templates/site/base.html": (
        None,
        EXTENDS % b"base" + b'{% block footer %}{% include "own.html" %}{% endblock %}',
        EXTENDS % b"base" + b"{% block head %}<meta name=a content={{ path }}>{% endblock %}",
    ),
    "templates/site/article.html": (
        None,
        EXTENDS % b"article" + b"{% block title %}{{ next.article.title if next }}"
        b"{{ previous.minutes if previous }}{{ articles[0].headings | length }}{% endblock %}",
        EXTENDS % b"article" + b"{% block head %}{% include "
        b'["perhaps.html", "own.html"] ignore missing %}{% endblock %}',
    ),
    "templates/site/tag.html": (
        None,
        EXTENDS % b"tag" + b"{% block title %}{% for t in tags %}{{ t.name }}"
        b"{{ t.articles | length }}{% endfor %}{% endblock %}",
    ),
    "templates/site/series.html": (
        None,
        EXTENDS % b"series" + b"{% block head %}<!-- {% for a in articles %}{{ a.html | length }}"
        b"{{ a.article.authors }}{% endfor %} -->{% endblock %}",
    ),
    "templates/site/head.html": (None, b'{% include "proofpress/head.html" %}<meta name=b>'),
    "templates/site/redirect.html": (None, b"{{ published.proven }}{{ root }}"),
    "templates/site/coming.html": (None, b"<p>{{ coming.title if coming }}</p>"),
    "templates/site/own.html": (
        None, b"<b>1</b>", b"<b>2</b>", b"{{ articles[-1:] | sum('minutes') }}", b"{{ nothing }}",
        b"{{ examples_in_all }} of {{ proven_in_all }}", b"{% if", b"\xff",
    ),
    "templates/site/perhaps.html": (None, b"<!-- perhaps -->"),
    "templates/assets/style.css": (None, b"a{top:0}", b"a{top:1}"),
    "templates/assets/mine": (None, b"1", b"2"),
    "templates/assets/mine/deep.txt": (None, b"3"),
    "templates/card/title.ttf": (None, (OURS / "card/text.ttf").read_bytes(), b"no font"),
    "templates/words/en.po": (
        None,
        CATALOGUE + b'msgid "Tags"\nmsgstr "Topics"\n',
        b'msgid "Tags"',
    ),
    "templates/words/de.po": (
        None,
        CATALOGUE + b'msgid "Tags"\nmsgstr "Themen"\n',
    ),
}  # fmt: skip
"""Files that are no article's, each with what it may be."""


@dataclass(frozen=True)
class State:
    """All that a publication has."""

    drafts: Mapping[str, Draft]
    settings: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, bytes] = field(default_factory=dict)

    def files(self) -> Files:
        made: Files = {f"templates/assets/pyodide/{name}": b"" for name in PYODIDE}
        made["series.toml"] = self._series().encode()
        made |= self.others
        paths = {draft.key: draft.path for draft in self.drafts.values()}
        for draft in self.drafts.values():
            made |= draft.files(paths)
        folders = {path.rsplit("/", n)[0] for path in made for n in range(1, path.count("/") + 1)}
        return {path: content for path, content in made.items() if path not in folders}

    def _series(self) -> str:
        values = {name: known[0] for name, known in SETTINGS.items() if known[0]}
        values |= HAVE_ALL | dict(self.settings)
        tables: dict[str, list[str]] = {"": [], "site": [], "newsletter": []}
        for name, value in values.items():
            table, _, key = name.rpartition(".")
            tables[table].append(f"{key} = {value}")
        if "newsletter.from" not in values:
            tables["newsletter"] = []
        lines = tables.pop("")
        for table, more in tables.items():
            lines += [f"[{table}]", *more] if more else []
        return "\n".join(lines) + "\n"


def put(root: Path, before: Files, after: Files, *, sly: bool = False) -> None:
    """Bring the files of a publication from one state to another.

    What has only another name is moved, as `mv` does. What is written `sly` shows no change in its
    time, nor in its size if that is the same; every other time it keeps its inode as well.
    """
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    moved: dict[str, Path] = {}
    for path in sorted(gone):
        same = next((p for p in sorted(new - moved.keys()) if after[p] == before[path]), None)
        if same:
            moved[same] = root / f".moved-{len(moved)}"
            (root / path).rename(moved[same])
        else:
            (root / path).unlink()
        _remove_empty_folders(root, path)
    for path, aside in moved.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        aside.rename(root / path)
    for path, content in after.items():
        if path not in moved and content != before.get(path):
            _write(root, path, content, sly=sly)


def _remove_empty_folders(root: Path, path: str) -> None:
    for folder in (root / path).parents:
        if folder in (root, root / "content") or any(folder.iterdir()):
            return
        folder.rmdir()


def _write(root: Path, path: str, content: bytes | Link, *, sly: bool) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Link):
        target.unlink(missing_ok=True)
        target.symlink_to(content.target)
        return
    aside = target if next(ASIDE) % 2 or target.is_symlink() else target.with_name(".being-saved")
    if aside == target and target.is_symlink():
        target.unlink()
    aside.write_bytes(content)
    if sly:
        os.utime(aside, ns=(MTIME, MTIME))
    aside.rename(target)


def copy(root: Path, files: Files) -> None:
    """The same publication in another folder, with nothing but its files."""
    shutil.rmtree(root, ignore_errors=True)
    put(root, {}, files)
    (root / "content").mkdir(exist_ok=True)
