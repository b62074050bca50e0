"""Starts a publication in a folder: its settings, a first article that is proven, and its site."""

import getpass
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from press import files, keys, manifest, output, source
from press.problems import Code, Problem, ProblemsFound
from press.root import FILE, OURS, typed

ARTICLE = f"{source.FOLDER}/000-hello.md"
OPTIONAL = ("README.md", ".gitignore")
"""What a folder may have of its own: then it stays as it is."""
SAMPLES = {FILE: "series.toml", ARTICLE: "hello.md", "README.md": "README.md",
           ".gitignore": "gitignore"}  # fmt: skip
"""Path in the publication -> its file in `templates/start`; the last is written first."""
SLOT = re.compile(r"\{\{ (\w+) \}\}")


@dataclass(frozen=True, slots=True)
class Answers:
    """What is asked before a publication is there."""

    title: str
    author: str
    url: str
    language: str


def read(name: str, value: str) -> str:
    """A value as `series.toml` would take it. Raises fields.Wrong."""
    field = next(one for one in keys.FIELDS if one.name == name)
    return str(field.read(value))


def title(folder: Path) -> str:
    """A title that the name of the folder gives."""
    words = re.sub(r"[^\w]+|_+", " ", folder.name).strip()
    return words[:1].upper() + words[1:] or "My Series"


def author() -> str:
    """Whom this machine or its git takes the author for."""
    names = [os.environ.get("GIT_AUTHOR_NAME", "")]
    with suppress(ImportError, KeyError, OSError):
        import pwd

        names.append(pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0])
    with suppress(OSError, KeyError, ImportError):
        names.append(getpass.getuser())
    return next(
        (name.strip() for name in names if name.strip().isprintable() and name.strip()), "?"
    )


def url(named: str) -> str:
    """An address that stands for one, by RFC 2606."""
    return f"https://example.org/{_word(named)}"


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "series"


def identity(url: str, year: int) -> str:
    """A tag URI (RFC 4151) for a publication that begins at an address in a year."""
    parts = urlsplit(url)
    authority = re.sub(r"[^a-z0-9.-]+", "-", (parts.hostname or "").lower()).strip("-.")
    return f"tag:{authority or 'example.org'},{year}:{_word(parts.path)}"


def is_begun(folder: Path) -> bool:
    """Whether a publication lies here as `start` leaves it before its site is there."""
    is_built = (folder / output.FOLDER / manifest.FILE).exists()
    return (folder / FILE).is_file() and not is_built and _articles(folder) == [folder / ARTICLE]


def require_room(folder: Path) -> None:
    """Raise ProblemsFound where a publication, or something of one, is there already."""
    if (folder / FILE).exists():
        message, hint = "a publication is here already", f"write an article: {typed()} new"
        raise ProblemsFound([Problem(FILE, 0, 0, Code.DUPLICATE, message, hint)])
    there = [one for one in _articles(folder) if one != folder / ARTICLE]
    if there:
        path = there[0].relative_to(folder).as_posix()
        message = "there are files already where articles would go"
        hint = "start in an empty folder; what is there comes in with `import`"
        raise ProblemsFound([Problem(path, 0, 0, Code.DUPLICATE, message, hint)])


def _articles(folder: Path) -> list[Path]:
    content = folder / source.FOLDER
    if content.is_dir():
        return sorted(one for one in content.iterdir() if not one.name.startswith("."))
    return [content] if os.path.lexists(content) else []


def write(folder: Path, answers: Answers, now: datetime) -> Iterator[str]:
    """Write what a publication begins with, and say of each file what was done.

    Nothing is changed that is there; `series.toml` goes last, so what was cut off can begin again.
    Raises ProblemsFound.
    """
    made = {path: _filled(name, answers, now) for path, name in SAMPLES.items()}
    _require_free(folder, made)
    for path in reversed(SAMPLES):
        if os.path.lexists(folder / path):
            yield f"{path} is there already, and stays as it is"
            continue
        try:
            files.write(folder / path, made[path])
        except OSError as error:
            message = f"can't write this: {error.strerror}"
            raise ProblemsFound([Problem(path, 0, 0, Code.UNREADABLE, message)]) from None
        yield f"wrote {path}"


def _require_free(folder: Path, made: dict[str, str]) -> None:
    for path, text in made.items():
        there = folder / path
        if path not in OPTIONAL and os.path.lexists(there):
            with suppress(OSError, UnicodeDecodeError):
                if there.read_text(encoding="utf-8") == text:  # of a start that was cut off
                    continue
            message = "this is there already, and would have to be changed"
            hint = "move it away, or start in an empty folder"
            raise ProblemsFound([Problem(path, 0, 0, Code.DUPLICATE, message, hint)])


def _filled(name: str, answers: Answers, now: datetime) -> str:
    """A file of `templates/start`, with a value for each `{{ name }}`: as text in quotes, which
    TOML and YAML read alike, but for those that can't need any."""
    texts = {"title": answers.title, "author": answers.author, "url": answers.url,
             "id": identity(answers.url, now.year), "language": answers.language,
             "description": f"{answers.title}, by {answers.author}."}  # fmt: skip
    values = {key: json.dumps(text, ensure_ascii=False) for key, text in texts.items()}
    values |= {"heading": answers.title, "date": f"{now:%Y-%m-%d}"}
    text = (OURS / "start" / name).read_text(encoding="utf-8")
    return SLOT.sub(lambda slot: values[slot[1]], text)


def build(folder: Path, now: datetime) -> Iterator[str]:
    """Prove the first article and build the site. Raises ProblemsFound."""
    from press import pipeline, report
    from press.model import Verdict

    built = pipeline.build(folder, now)
    yield report.said(built).output.rstrip("\n")
    if any(mark.verdict is Verdict.NOT_PROVEN for mark in built.edition.marks):
        yield "there is no Rust here: its example is shown, and counted as not proven here"
    yield ""
    yield f"open {(folder / 'site/index.html').as_posix()} in a browser, or go on:"
    for verb, what in NEXT.items():
        yield f"    {typed()} {verb:<16} {what}"


NEXT = {
    'new "A Title"': "start the next article",
    "preview": "see what you write, as you save it",
    "check": "prove every example, and find what is wrong",
    "publish": "build, and bring it to your readers",
}
