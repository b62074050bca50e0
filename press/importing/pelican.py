"""Pelican: content/ with lines of `Title: …` before each post, and `{filename}` in its links."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from press.importing import codeblocks, meta
from press.importing.addresses import REF
from press.importing.post import Blog, Hand, Lines, Post

CONFIGS = ("pelicanconf.py", "publishconf.py")
PLACE = re.compile(r"[{|](?P<kind>filename|attach|static)[}|](?P<path>[^)\s\"'>]*)")
OTHER = re.compile(r"[{|](?P<kind>author|category|index|tag)[}|][^)\s\"'>]*")
SHEBANG = re.compile(r"(?::::|#!)\s*(?P<language>[\w+#-]+)\s*(?P<options>.*)$")
DRAFTS = ("draft", "hidden", "skip")


def is_one(root: Path) -> bool:
    return (root / CONFIGS[0]).is_file()


def read(root: Path) -> Blog:
    config: dict[str, Any] = {}
    for name in CONFIGS:
        config |= _config(root / name)
    content = root / str(config.get("PATH") or "content")
    blog = Blog(root, url=str(config.get("SITEURL") or "").rstrip("/"), statics=(content,))
    pages = {content / str(one) for one in config.get("PAGE_PATHS") or ["pages"]}
    for place in sorted(content.rglob("*")):
        path = place.relative_to(root).as_posix()
        if place.suffix == ".rst" and place.is_file():
            blog.hands.append(Hand(path, 1, "this is reStructuredText: left out"))
        if place.suffix not in (".md", ".markdown", ".mkd") or not place.is_file():
            continue
        if any(place.is_relative_to(page) for page in pages):
            blog.hands.append(Hand(path, 1, "this is a page and no post: left out"))
            continue
        post = Post(place, path)
        try:
            found, post.body = meta.read(place, root)
        except (ValueError, OSError) as error:
            blog.hands.append(Hand(path, 1, f"it can't be read, and is left out: {error}"))
            continue
        _fill(post, found, place.relative_to(content), config)
        post.body = _converted(post.body, post)
        blog.posts.append(post)
    return blog


def _config(place: Path) -> Mapping[str, Any]:
    """The settings that are written as plain values: the file is read, and never run."""
    try:
        tree = ast.parse(place.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, SyntaxError):
        return {}
    found: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def _fill(post: Post, found: meta.Meta, path: Path, config: Mapping[str, Any]) -> None:
    status = found.text("status").lower() or str(
        config.get("DEFAULT_METADATA", {}).get("status", "")
    )
    post.draft = status in DRAFTS
    meta.fill(post, found)
    if not found.values.get("category") and len(path.parts) > 1:
        post.tags.append(path.parts[-2])
    post.slug = post.slug or meta.word(post.title) or path.stem
    post.date = post.date or meta.moment((re.match(r"\d{4}-\d\d-\d\d", path.stem) or [""])[0])
    day = post.date
    pattern = found.text("url", "save_as") or str(config.get("ARTICLE_URL") or "{slug}.html")
    address = re.sub(r"\{date:([^}]*)\}", lambda m: f"{day:{m[1]}}" if day else "", pattern)
    category = meta.word(found.text("category") or (path.parts[-2] if len(path.parts) > 1 else ""))
    for name, value in {
        "slug": post.slug,
        "category": category,
        "lang": found.text("lang"),
    }.items():
        address = address.replace(f"{{{name}}}", value)
    post.addresses = ["/" + address.lstrip("/")] if day or "{date" not in pattern else []
    post.names = {path.as_posix()}
    meta.tell_of_rest(post, found)


def _converted(lines: Lines, post: Post) -> Lines:
    def outside(run: Lines) -> Lines:
        return [(number, _places(line, number, post)) for number, line in _code(run)]

    return codeblocks.outside(lines, outside)


def _places(line: str, number: int, post: Post) -> str:
    def place(match: re.Match[str]) -> str:
        path = match["path"]
        if match["kind"] == "filename":
            return REF + path.lstrip("/") if path.startswith("/") else path
        return path

    for match in OTHER.finditer(line):
        post.needs(number, f"`{match[0]}` leads to a page that is made otherwise here")
    return OTHER.sub("/", PLACE.sub(place, line))


def _begins_block(made: Lines) -> bool:
    """Whether what is indented next is code: it stands apart, and in no item or admonition."""
    if made and made[-1][1].strip():
        return False
    before = next((line for _, line in reversed(made) if line.strip()), "")
    return not before.startswith(("    ", "\t", "!!!"))


def _code(lines: Lines) -> Lines:
    """Code that is indented and begins with `:::python`, as a fence."""
    made: Lines = []
    index = 0
    while index < len(lines):
        number, line = lines[index]
        match = SHEBANG.fullmatch(line[4:]) if line.startswith("    ") else None
        if not match or not _begins_block(made):
            made.append((number, line))
            index += 1
            continue
        end = index + 1
        while end < len(lines) and (lines[end][1].startswith("    ") or not lines[end][1].strip()):
            end += 1
        code = [(n, text[4:]) for n, text in lines[index + 1 : end]]
        while code and not code[-1][1].strip():
            code.pop()
        made += codeblocks.fence(code, f"{match['language']} {match['options']}".strip(), number)
        index = end
    return made
