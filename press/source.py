"""Content files -> Manuscripts. `parse` is pure; `entries` and `read` alone read the disk."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct

from press import digests, examples, files, setting
from press.config import Config
from press.fields import BAD_CHARACTER, Located, Wrong, slug, take
from press.frontfields import NO_DATE, UPDATED, fields
from press.frontmatter import split
from press.model import Article, Language, Manuscript
from press.problems import Code, Problem, ProblemsFound, SourceText

FOLDER = "content"
NAME = re.compile(r"(?P<number>\d{1,6})-(?P<slug>[^/]+)")
NO_TEXT = re.compile(r"[\ud800-\udfff]")
"""What stands in a name for bytes that are not UTF-8 (PEP 383)."""


class ContentFile(Struct, frozen=True):
    """One article as read from the disk."""

    path: str
    """From the publication's folder, with slashes."""
    content: bytes
    files: Mapping[str, bytes]
    """What lies beside an `index.md`: path -> content."""

    @property
    def stem(self) -> str:
        """`NNN-slug`."""
        return _stem(self.path)


def _stem(path: str) -> str:
    return re.sub(r"(/index)?\.md$", "", path).rpartition("/")[2]


class Entry(Struct, frozen=True):
    """What lies in `content/` and is an article: a file, or a folder with an `index.md`."""

    top: Path
    """The folder `content/`."""
    name: str
    is_folder: bool

    @property
    def place(self) -> Path:
        return self.top / self.name

    @property
    def path(self) -> str:
        """Of the content file, from the publication's folder, with slashes."""
        return f"{FOLDER}/{self.name}/index.md" if self.is_folder else f"{FOLDER}/{self.name}"

    @property
    def stem(self) -> str:
        """`NNN-slug`."""
        return _stem(self.path)


def entries(root: Path) -> tuple[list[Entry], list[Problem]]:
    """The articles of `content/`, by name, and what is wrong with the others."""
    found: list[Entry] = []
    problems: list[Problem] = []
    top = root / FOLDER
    try:
        names = sorted(os.listdir(top))  # noqa: PTH208  # a Path for each costs more than the rest
    except OSError as error:
        return [], [_unreadable(FOLDER, error)]
    for name in names:
        if is_left_out(name):
            continue
        try:
            if name.endswith(".md"):
                found.append(Entry(top, name, is_folder=False))
            elif (top / name / "index.md").is_file():
                found.append(Entry(top, name, is_folder=True))
            elif NAME.fullmatch(name):
                problems.append(_no_article(f"{FOLDER}/{name}"))
        except OSError as error:
            problems.append(_unreadable(f"{FOLDER}/{name}", error))
    return found, problems


def is_left_out(name: str) -> bool:
    """Whether what has this name in `content/` is neither an article nor a mistake."""
    return name.startswith("_") or files.is_hidden(name)


def read(entry: Entry, root: Path) -> ContentFile:
    """What an article is made of. Raises ProblemsFound if it can't be read."""
    top = root / FOLDER
    try:
        if not entry.is_folder:
            return ContentFile(entry.path, files.read(entry.place, top, root), {})
        found = {name: files.read(path, top, root) for name, path in files.within(entry.place)}
        return ContentFile(entry.path, found.pop("index.md"), found)
    except KeyError:
        raise ProblemsFound([_no_article(f"{FOLDER}/{entry.name}")]) from None
    except OSError as error:
        path = Path(str(error.filename or entry.place))
        raise ProblemsFound([_unreadable(path.relative_to(root).as_posix(), error)]) from None


def contents(file: ContentFile) -> dict[str, str]:
    """The digests of what a content file brings, by the names of inputs of what is made of it."""
    beside = {name: sha256(content).hexdigest() for name, content in file.files.items()}
    return {
        "its text": sha256(file.content).hexdigest(),
        "what lies beside it": digests.of(beside) if beside else "",
    }


def _no_article(path: str) -> Problem:
    """What has an article's name must not be left out in silence."""
    message = "this has the name of an article, and is no .md file nor a folder with an index.md"
    hint = "rename it, or begin its name with _ to leave it out"
    return Problem(path, 0, 0, Code.BAD_FILE_NAME, message, hint)


def _unreadable(path: str, error: OSError) -> Problem:
    return Problem(path, 0, 0, Code.UNREADABLE, f"can't read this: {error.strerror}")


def parse(
    file: ContentFile, config: Config, languages: Sequence[Language]
) -> tuple[Manuscript | None, list[Problem]]:
    """Pure: one content file -> its Manuscript, or None with the reasons."""
    name = NAME.fullmatch(file.stem)
    no_text = NO_TEXT.search(file.stem)
    if not name or no_text:
        hint = f"name it {FOLDER}/NNN-slug.md, or begin its name with _ to leave it out"
        what = "UTF-8 text" if no_text else "a number, a hyphen and a slug"
        message = f"the name of this file is not {what}"
        return None, [Problem(file.path, 0, 0, Code.BAD_FILE_NAME, message, hint)]
    try:
        original = _decode(file)
        source = SourceText(file.path, BAD_CHARACTER.sub(" ", original.text))
        raw, body_line = split(source)
    except ProblemsFound as error:
        return None, list(error.problems)
    values, problems = take(raw, fields(config, name["slug"]), source)
    problems += [*_bad_characters(original), *_out_of_order(values, raw, source)]
    body, fence_problems = examples.find(source, body_line, languages)
    common = setting.of(values, config, file.files)
    found, example_problems = examples.examples(source, body.fences, languages, common)
    problems += _name_is_no_slug(file, values) + fence_problems + example_problems
    return Manuscript(
        path=source.path,
        source=source,
        number=int(name["number"]),
        **_dated({key: value for key, value in values.items() if key not in setting.NAMES}),
        body_line=body_line,
        markdown=body.markdown,
        fences=body.fences,
        raw=body.raw,
        examples=found,
        files=file.files,
        beside=tuple(file.files),
    ), problems


def _decode(file: ContentFile) -> SourceText:
    try:
        content = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.content.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{file.content[error.start]:02x} is not UTF-8 text"
        hint = "save the file as UTF-8"
        raise ProblemsFound([Problem(file.path, line, 0, Code.UNREADABLE, message, hint)]) from None
    return SourceText(file.path, content.replace("\r\n", "\n"))


def _bad_characters(source: SourceText) -> list[Problem]:
    found = []
    for match in BAD_CHARACTER.finditer(source.text):
        line, column = source.position(match.start())
        message = f"the control character U+{ord(match.group()):04X} can't be published"
        found.append(source.problem(Code.BAD_CHARACTER, line, column, message, "remove it"))
    return found


def _out_of_order(
    values: dict[str, Any], raw: Mapping[str, Located], source: SourceText
) -> Iterator[Problem]:
    """What was changed before it was there: readers of feeds would not know what to make of it."""
    if values["updated"] and values["updated"] < values["date"] != NO_DATE:
        at = next(raw[key] for key in UPDATED if key in raw)
        message = "`updated` is before `date`"
        yield source.problem(Code.WRONG_TYPE, at.line, at.column, message, "correct one of the two")


def _name_is_no_slug(file: ContentFile, values: dict[str, Any]) -> list[Problem]:
    """A file's name gives the slug where front matter gives none, so it has to be one."""
    try:
        slug(values["slug"])
    except Wrong as error:
        message = f"the slug `{values['slug']}` in this file's name {error}"
        hint = "rename it, or set `slug` in its front matter"
        return [Problem(file.path, 0, 0, Code.BAD_FILE_NAME, message, hint)]
    return []


def _dated(values: dict[str, Any]) -> dict[str, Any]:
    """The values with `id` and `updated` filled in where the author left them out."""
    told = (values["updated"] or values["date"], *(change.date for change in values["changes"]))
    return {**values, "id": values["id"] or values["slug"], "updated": max(told)}


def is_out(article: Article, now: datetime) -> bool:
    """Whether an article is part of the site at a time: no draft, and not of the future."""
    return not article.draft and article.date <= now
