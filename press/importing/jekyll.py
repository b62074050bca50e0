"""Jekyll: _posts/YYYY-MM-DD-name.md and _drafts/, with Liquid and kramdown."""

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from press.importing import codeblocks, meta, tags
from press.importing.addresses import REF
from press.importing.post import Blog, Hand, Lines, Post

NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})-(.+)")
STYLES = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "none": "/:categories/:title.html",
}
CODE = re.compile(r"\{%-?\s*highlight\s+(?P<language>[\w+#-]+)\s*(?P<options>.*?)\s*-?%\}")
END = re.compile(r"\{%-?\s*endhighlight\s*-?%\}")
RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
TAG = re.compile(r"\{%-?\s*(?P<name>\w+)\s*(?P<rest>.*?)\s*-?%\}|\{\{-?\s*(?P<value>.*?)\s*-?\}\}")
ATTRIBUTES = re.compile(r"\{:\s*(?P<what>[^}]*)\}")
HIDDEN = re.compile(r"\{::comment\}|\{%-?\s*comment\s*-?%\}")
SHOWN = re.compile(r"\{:/(?:comment)?\}|\{%-?\s*endcomment\s*-?%\}")
TOC = re.compile(r"\s*(?:[-*+]|\d+\.)\s+(?:TOC|toc|Table of [Cc]ontents)\s*$")
LANGUAGE = re.compile(r"\.language-([\w+#-]+)")


def is_one(root: Path) -> bool:
    return (root / "_posts").is_dir() or (root / "_drafts").is_dir()


def read(root: Path) -> Blog:
    config = _config(root)
    url = f"{config.get('url') or ''}{config.get('baseurl') or ''}".rstrip("/")
    blog = Blog(root, url=url, statics=(root,))
    places = [*root.glob("_posts/**/*"), *root.glob("*/_posts/**/*"), *root.glob("_drafts/**/*")]
    for place in sorted(place for place in places if place.is_file()):
        path = place.relative_to(root).as_posix()
        if place.suffix not in (".md", ".markdown", ".mkd"):
            blog.hands.append(Hand(path, 1, "this is not Markdown: left out"))
            continue
        name = NAME.fullmatch(place.stem)
        if not name and "_drafts" not in place.parts:
            blog.hands.append(Hand(path, 1, "its name has no date, as a post's has: left out"))
            continue
        post = Post(place, path, draft="_drafts" in place.parts)
        try:
            post.date = date(*map(int, name.groups()[:3])) if name else None
            found, post.body = meta.read(place, root)
        except (ValueError, OSError) as error:
            blog.hands.append(Hand(path, 1, f"it can't be read, and is left out: {error}"))
            continue
        _fill(post, found, name[4] if name else place.stem, config)
        post.body = _converted(post.body, post)
        blog.posts.append(post)
    return blog


def _config(root: Path) -> Mapping[str, Any]:
    try:
        return meta.document((root / "_config.yml").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _fill(post: Post, found: meta.Meta, name: str, config: Mapping[str, Any]) -> None:
    post.draft = (
        post.draft or found.take("published") is False or found.values.get("published") is False
    )
    categories = _words(found, "categories", "category")
    post.tags = [*_words(found, "tags", "tag"), *categories]
    found.drop("categories", "category", "tags", "tag")
    meta.fill(post, found)
    post.slug = post.slug or name
    post.title = post.title or name.replace("-", " ").capitalize()
    post.names = {post.place.stem, Path(post.path).with_suffix("").as_posix(), name}
    style = found.text("permalink") or str(config.get("permalink") or "date")
    day = post.date
    values = {
        "categories": "/".join(meta.word(one) for one in categories), "title": post.slug,
        "slug": post.slug, "year": f"{day:%Y}" if day else "", "month": f"{day:%m}" if day else "",
        "day": f"{day:%d}" if day else "", "y_day": f"{day:%j}" if day else "",
        "i_month": str(day.month) if day else "", "i_day": str(day.day) if day else "",
    }  # fmt: skip
    address = re.sub(r":(\w+)", lambda m: values.get(m[1], m[0]), STYLES.get(style, style))
    post.addresses = [re.sub("/+", "/", address)] if day else []
    post.addresses += found.texts("redirect_from", "alias", "aliases")
    found.taken |= {"excerpt_separator"}
    meta.tell_of_rest(post, found)


def _words(found: meta.Meta, *names: str) -> list[str]:
    """What some names list; in a text, words stand apart by spaces."""
    values = [found.take(name) for name in names]
    return [
        str(one)
        for value in values
        for one in (value.split() if isinstance(value, str) else value or [])
    ]


def _converted(lines: Lines, post: Post) -> Lines:
    lines = tags.blocks(lines, CODE, END, _code)
    lines = tags.blocks(lines, HIDDEN, SHOWN, lambda *_: [])
    verbatim: set[int] = set()
    is_raw = False
    for number, line in lines:
        if is_raw or ("raw" in line and RAW.search(line)):
            verbatim.add(number)
        for tag in RAW.findall(line):
            is_raw = "endraw" not in tag
    lines = [(number, RAW.sub("", line)) for number, line in lines]

    def outside(run: Lines) -> Lines:
        made: Lines = []
        for number, line in run:
            if number in verbatim:
                made.append((number, line))
            else:
                made += _attributes([(number, line)], post)
        liquid = [one for one in made if one[0] not in verbatim]
        known = iter(tags.replaced(liquid, post, TAG, _tag))
        return [one if one[0] in verbatim else next(known) for one in made]

    return codeblocks.outside(_languages(lines), outside)


def _code(match: re.Match[str], lines: Lines, first: int) -> Lines:
    marked = re.search(r"mark_lines=\"([^\"]*)\"", match["options"])
    said = f' hl_lines="{marked[1]}"' if marked else ""
    return codeblocks.fence(lines, match["language"] + said, first)


def _languages(lines: Lines) -> Lines:
    """`{: .language-python}` behind a fence, as a word of the fence."""
    made = list(lines)
    opening: int | None = None
    closed: int | None = None
    for index, (_, line) in enumerate(lines):
        match = codeblocks.OPENING.match(line)
        if match and opening is None:
            opening = index
        elif opening is not None and match and not match["info"].strip():
            closed, opening = opening, None
        elif closed is not None and (said := ATTRIBUTES.fullmatch(line.strip())):
            if language := LANGUAGE.search(said["what"]):
                number, first = made[closed]
                made[closed] = (number, f"{first.rstrip()}{language[1]}")
                made[index] = (made[index][0], "")
            closed = None
        elif line.strip():
            closed = None
    return made


def _attributes(lines: Lines, post: Post) -> Lines:
    """Attributes that Markdown has here as well stay; those of a whole list or quote can't."""
    made = []
    for number, line in lines:
        if TOC.match(line) or line.strip() in ("{:toc}", "{: toc}"):
            continue
        for match in ATTRIBUTES.finditer(line):
            kept = re.findall(r"[.#][\w-]+", match["what"])
            if kept and "=" not in match["what"] and line.strip() != match[0]:
                line = line.replace(match[0], f"{{: {' '.join(kept)} }}")
            else:
                post.needs(number, f"`{match[0]}` is taken out")
                line = line.replace(match[0], "")
        made.append((number, line))
    return made


def _tag(match: re.Match[str]) -> str | None:
    if match["name"] == "post_url":
        return REF + match["rest"]
    if match["name"] == "link":
        return REF + match["rest"]
    value = match["value"]
    if value is None:
        return None
    if value in ("site.baseurl", "site.url", "site.github.url"):
        return ""
    path = re.fullmatch(
        r"""["']([^"']*)["']\s*\|\s*(?:relative_url|absolute_url|prepend:.*)""", value
    )
    return path[1] if path else None
