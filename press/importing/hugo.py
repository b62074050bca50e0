"""Hugo: content/ with front matter in YAML, TOML or JSON, page bundles and shortcodes."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from press.importing import codeblocks, meta, tags
from press.importing.addresses import REF
from press.importing.post import Blog, Hand, Lines, Post

CONFIGS = ("hugo.toml", "config.toml", "hugo.yaml", "config.yaml", "hugo.json", "config.json")
CODE = re.compile(
    r"\{\{[<%]\s*highlight\s+(?P<language>[\w+#-]+)\s*(?P<options>[^>%]*?)\s*[>%]\}\}"
)
END = re.compile(r"\{\{[<%]\s*/\s*highlight\s*[>%]\}\}")
TAG = re.compile(
    r"\{\{[<%](?!/\*)\s*(?P<close>/?)\s*(?P<name>[\w./-]+)\s*(?P<rest>.*?)\s*/?[>%]\}\}"
)
ESCAPED = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}")
VALUE = re.compile(
    r"""(?:(?P<name>\w+)=)?(?:"(?P<text>[^"]*)"|`(?P<raw>[^`]*)`|(?P<word>[^\s"]+))"""
)
VIDEOS = {"youtube": "https://www.youtube.com/watch?v=", "vimeo": "https://vimeo.com/"}


def is_one(root: Path) -> bool:
    has_config = any((root / name).is_file() for name in CONFIGS) or (root / "config").is_dir()
    return has_config and (root / "content").is_dir() and not (root / "pelicanconf.py").exists()


def read(root: Path) -> Blog:
    config = _config(root)
    url = str(config.get("baseurl") or "").rstrip("/")
    blog = Blog(root, url=url, statics=(root / "static", root / "assets"))
    content = root / "content"
    for place in sorted(content.rglob("*.md")):
        path = place.relative_to(content)
        if place.name == "_index.md" or (
            place.name != "index.md" and _is_in_bundle(place, content)
        ):
            continue
        if len(path.parts) == 1:
            said = "this is a page and no post: left out"
            blog.hands.append(Hand(place.relative_to(root).as_posix(), 1, said))
            continue
        post = Post(place, place.relative_to(root).as_posix())
        post.bundle = place.parent if place.name == "index.md" else None
        try:
            found, post.body = meta.read(place, root)
        except (ValueError, OSError) as error:
            blog.hands.append(Hand(post.path, 1, f"it can't be read, and is left out: {error}"))
            continue
        _fill(post, found, path, config)
        post.body = _converted(post.body, post)
        blog.posts.append(post)
    return blog


def _is_in_bundle(place: Path, content: Path) -> bool:
    """Markdown beside an index.md is a part of that page."""
    return any(
        (folder / "index.md").is_file()
        for folder in place.parents
        if folder.is_relative_to(content) and folder != content
    )


def _config(root: Path) -> Mapping[str, Any]:
    """The settings of a blog, in lower case; what can't be read says nothing."""
    for name in CONFIGS:
        place = root / name
        if not place.is_file():
            continue
        try:
            text = place.read_text(encoding="utf-8-sig")
            if name.endswith(".toml"):
                values: Mapping[str, Any] = tomllib.loads(text)
            else:
                values = meta.document(text)
        except (OSError, ValueError):
            return {}
        return {str(key).lower(): value for key, value in values.items()}
    return {}


def _fill(post: Post, found: meta.Meta, path: Path, config: Mapping[str, Any]) -> None:
    name = path.parent.name if post.bundle else path.stem
    published = meta.moment(found.take("publishdate", "date"))
    meta.fill(post, found)
    post.date = published or post.date
    slug, url = post.slug or name, found.text("url")
    section = path.parts[0]
    post.slug = slug
    post.names = {"/".join(path.parts), "/".join(path.with_suffix("").parts), name}
    if post.bundle:
        post.names |= {"/".join(path.parent.parts)}
    permalinks = config.get("permalinks") or {}
    page = permalinks.get("page", permalinks) if isinstance(permalinks, dict) else {}
    pattern = page.get(section) if isinstance(page, dict) else None
    folders = path.parent.parent if post.bundle else path.parent
    default = "/" + "/".join([*folders.parts, slug]) + "/"
    post.addresses = [url or (_address(str(pattern), post, section, name) if pattern else default)]
    post.addresses += found.texts("aliases")
    meta.tell_of_rest(post, found)


def _address(pattern: str, post: Post, section: str, name: str) -> str:
    day = post.date
    values = {
        "year": f"{day:%Y}" if day else "", "month": f"{day:%m}" if day else "",
        "day": f"{day:%d}" if day else "", "slug": post.slug, "section": section,
        "sections": section, "filename": name, "contentbasename": name, "slugorfilename": post.slug,
        "slugorcontentbasename": post.slug, "title": meta.word(post.title),
    }  # fmt: skip
    return re.sub(r":(\w+)", lambda match: values.get(match[1], match[0]), pattern)


def _converted(lines: Lines, post: Post) -> Lines:
    lines = tags.blocks(lines, CODE, END, _code)
    lines = codeblocks.outside(lines, lambda run: tags.replaced(run, post, TAG, _tag))
    return [(number, ESCAPED.sub(r"{{\1\2\3}}", line)) for number, line in lines]


def _code(match: re.Match[str], lines: Lines, first: int) -> Lines:
    options = match["options"].strip("\"'` ")
    found = re.findall(r"(\w+)=(\[[^\]]*\]|[^,]+)", options)
    said = "".join(f' {name}="{value.strip("[]")}"' for name, value in found if name != "linenos")
    return codeblocks.fence(lines, match["language"] + said, first)


def _tag(match: re.Match[str]) -> str | None:
    name, values = match["name"], list(VALUE.finditer(match["rest"]))
    texts = [one["text"] or one["raw"] or one["word"] or "" for one in values]
    named = {one["name"]: text for one, text in zip(values, texts, strict=True) if one["name"]}
    if match["close"]:
        return None
    if name in ("ref", "relref") and texts:
        return REF + texts[0] if not texts[0].startswith("#") else texts[0]
    if name in ("figure", "img") and named.get("src"):
        return _figure(named)
    if name in VIDEOS and texts:
        address = VIDEOS[name] + (named.get("id") or texts[0])
        return f"[{address}]({address})"
    if name == "gist" and len(texts) > 1:
        address = f"https://gist.github.com/{texts[0]}/{texts[1]}"
        return f"[{address}]({address})"
    return None


def _figure(named: Mapping[str, str]) -> str:
    caption = (named.get("caption") or named.get("title") or "").replace('"', "'")
    alt = named.get("alt") or caption
    image = f"![{alt}]({named['src']}" + (f' "{caption}")' if caption else ")")
    return f"[{image}]({named['link']})" if named.get("link") else image
