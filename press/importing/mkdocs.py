"""MkDocs with the blog of Material: docs/blog/posts/, with the extensions of PyMdown."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from press.importing import codeblocks, headings, meta
from press.importing.markup import apart_from_code
from press.importing.post import Blog, Hand, Lines, Post, is_own

SNIPPET = re.compile(r"\s*-{1,}8<-{1,}\s*[\"'](?P<path>[^\"':]+)(?P<part>[^\"']*)[\"']\s*$")
DETAILS = re.compile(r"(?P<before>\s*)\?\?\?(?P<open>\+?)\s+(?P<rest>.*)")
NOTE = re.compile(r"(?P<before>\s*)!!!\s+(?P<kind>\w+)(?:\s+(?:inline|end))+(?P<rest>.*)")
TAB = re.compile(r"===[!+]?\s+[\"'](?P<title>.*)[\"']\s*$")
ICON = re.compile(r"(?<![\w:]):(?:material|fontawesome|octicons|simple)-[\w-]+:(?:\{[^}]*\})?")
KEYS = re.compile(r"\+\+([\w+-]+)\+\+")
MARK = re.compile(r"(?<!=)==(?!=)([^=\n]+)==(?!=)")
EMOJI = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]*:(?![\w:])")
SUBSCRIPT = re.compile(r"(?<!~)~([^~\s]+)~(?!~)")
ANNOTATION = re.compile(r"(?:#|//)\s*\(\d+\)!?\s*$")
BUTTON = re.compile(r"\{[^}]*(?:\.md-|target=|data-)[^}]*\}")


def is_one(root: Path) -> bool:
    return any((root / name).is_file() for name in ("mkdocs.yml", "mkdocs.yaml"))


def read(root: Path) -> Blog:
    config = _config(root)
    docs = root / str(config.get("docs_dir") or "docs")
    blog = Blog(root, url=str(config.get("site_url") or "").rstrip("/"), statics=(docs,))
    folders = sorted(place for place in docs.rglob("posts") if place.is_dir()) or [docs]
    for folder in folders:
        prefix = folder.parent.relative_to(docs).as_posix() if folder != docs else ""
        names = _authors(folder.parent)
        for place in sorted(folder.rglob("*.md")):
            post = Post(place, place.relative_to(root).as_posix())
            try:
                found, post.body = meta.read(place, root)
            except (ValueError, OSError) as error:
                blog.hands.append(Hand(post.path, 1, f"it can't be read, and is left out: {error}"))
                continue
            if "date" not in found.values:
                blog.hands.append(Hand(post.path, 1, "it has no date, as a post has: left out"))
                continue
            _fill(post, found, prefix, names)
            post.body = _converted(post.body, post, [docs, root])
            blog.posts.append(post)
    return blog


def _config(root: Path) -> Mapping[str, Any]:
    """What can be had of the settings: they may name functions of Python, which are not called."""
    found = {}
    for name in ("mkdocs.yml", "mkdocs.yaml"):
        if (root / name).is_file():
            text = (root / name).read_text(encoding="utf-8-sig", errors="replace")
            for key in ("site_url", "docs_dir"):
                if match := re.search(rf"^{key}:[ \t]*[\"']?([^\s\"'#]+)", text, re.MULTILINE):
                    found[key] = match[1]
    return found


def _authors(folder: Path) -> Mapping[str, str]:
    """How authors are called in front matter -> their names."""
    try:
        found = meta.document((folder / ".authors.yml").read_text(encoding="utf-8-sig"))
        return {str(key): str(one["name"]) for key, one in dict(found["authors"]).items()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _fill(post: Post, found: meta.Meta, prefix: str, names: Mapping[str, str]) -> None:
    dates = found.values["date"]
    if isinstance(dates, dict):
        found.taken.add("date")
        post.date = meta.moment(dates.get("created"))
        updated = meta.moment(dates.get("updated"))
        found.values = {key: value for key, value in found.values.items() if key != "date"}
    else:
        updated = None
    meta.fill(post, found)
    post.authors = [names.get(one, one) for one in post.authors]
    post.updated = post.updated or updated
    title, post.body = headings.title(post.body)
    post.title = post.title or title
    post.slug = post.slug or meta.word(post.title) or post.place.stem
    if post.date:
        post.addresses = [f"/{prefix}/{post.date:%Y/%m/%d}/{post.slug}/".replace("//", "/")]
    post.names = {post.place.stem}
    meta.tell_of_rest(post, found)


def _converted(lines: Lines, post: Post, bases: list[Path]) -> Lines:
    lines = _tabs(_snippets(lines, post, bases), post)
    lines = _annotations(lines, post)
    return codeblocks.outside(
        lines, lambda run: [(number, _line(line, number, post)) for number, line in run]
    )


def _snippets(lines: Lines, post: Post, bases: list[Path]) -> Lines:
    """The files that are named, in the place of their names."""
    made: Lines = []
    for number, line in lines:
        match = SNIPPET.match(line)
        place = (
            next((base / match["path"] for base in bases if (base / match["path"]).is_file()), None)
            if match
            else None
        )
        if not match:
            made.append((number, line))
        elif place is None or match["part"] or not is_own(place, bases[1]):
            post.needs(number, f"the snippet `{match['path']}{match['part']}` is left out")
        else:
            indent = line[: len(line) - len(line.lstrip())]
            text = place.read_text(encoding="utf-8-sig", errors="replace").rstrip("\n")
            made += [(number, f"{indent}{one}".rstrip()) for one in text.split("\n")]
    return made


def _tabs(lines: Lines, post: Post) -> Lines:
    """Tabs one below the other, each with its title before it."""
    made: Lines = []
    inside = False
    for number, line in lines:
        if match := TAB.match(line):
            post.needs(number, f"the tab “{match['title']}” stands below the one before it")
            made += [(number, ""), (number, f"**{match['title']}**"), (number, "")]
            inside = True
        elif inside and (line.startswith("    ") or not line.strip()):
            made.append((number, line[4:]))
        else:
            inside = False
            made.append((number, line))
    return made


def _annotations(lines: Lines, post: Post) -> Lines:
    """Marks in code that a list below it explains: the code without them."""
    made = []
    for number, line in lines:
        if match := ANNOTATION.search(line):
            post.needs(number, f"the annotation `{match[0].strip()}` is taken out of the code")
            line = line[: match.start()].rstrip()
        made.append((number, line))
    return made


def _line(line: str, number: int, post: Post) -> str:
    if match := DETAILS.fullmatch(line):
        post.needs(number, "what was folded is open now")
        return f"{match['before']}!!! {match['rest']}"
    if match := NOTE.fullmatch(line):
        return f"{match['before']}!!! {match['kind']}{match['rest']}"
    for pattern in (ICON, BUTTON):

        def gone(found: re.Match[str]) -> str:
            post.needs(number, f"`{found[0]}` is taken out")
            return ""

        line = apart_from_code(pattern, line, gone)

    def emoji(found: re.Match[str]) -> str:
        post.needs(number, f"`{found[0]}` is shown as it is")
        return found[0]

    line = apart_from_code(EMOJI, line, emoji)
    line = apart_from_code(KEYS, line, _keys)
    line = apart_from_code(SUBSCRIPT, line, lambda found: f"<sub>{found[1]}</sub>")
    return apart_from_code(MARK, line, lambda found: f"<mark>{found[1]}</mark>")


def _keys(found: re.Match[str]) -> str:
    return "+".join(f"<kbd>{key}</kbd>" for key in found[1].split("+"))
