"""The templates of mails, by Jinja2: the publication's own come first. A fault is a Problem."""

import textwrap
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    select_autoescape,
)
from jinja2.sandbox import SandboxedEnvironment

from press.problems import Code, Problem, ProblemsFound, SourceText
from press.root import OURS as OUR_TEMPLATES
from press.words import ENGLISH, Words

OURS = OUR_TEMPLATES / "email"
FOLDER = "templates/email"
PREFIX = "proofpress"
"""What the names of our own templates begin with, where they are meant whatever replaces them."""
WIDTH = 76
"""Of a line of text, in characters."""


@dataclass(frozen=True, slots=True)
class Templates:
    """Those of a publication."""

    env: Environment

    def render(self, name: str, values: Mapping[str, object]) -> str:
        """A template with its values. Raises ProblemsFound for its fault, with the line."""
        try:
            return self.env.get_template(name).render(values)
        except Exception as error:  # noqa: BLE001  # a template may raise anything
            raise ProblemsFound([_problem(self.env, name, error)]) from None


def templates(root: Path, words: Words = ENGLISH) -> Templates:
    """The templates of a publication; `proofpress/…` are ours, so that its own can extend them.

    They get at nothing but what they are given, as those of pages.
    """
    ours = FileSystemLoader(str(OURS))
    env = SandboxedEnvironment(
        loader=ChoiceLoader(
            [FileSystemLoader([str(root / FOLDER), str(OURS)]), PrefixLoader({PREFIX: ours})]
        ),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    words.install(env)
    env.filters["wrapped"] = wrapped
    return Templates(env)


def wrapped(text: str, indent: str = "") -> str:
    """Each line of a text in lines that a mail program shows whole; addresses stay in one piece."""
    return "\n".join(
        textwrap.fill(
            line, WIDTH, break_long_words=False, break_on_hyphens=False,
            initial_indent=indent, subsequent_indent=indent,
        )
        for line in text.strip().split("\n")
    )  # fmt: skip


def _problem(env: Environment, name: str, error: Exception) -> Problem:
    where, line = _place(name, error)
    kind = "" if isinstance(error, TemplateError) else f"{type(error).__name__}: "
    message = f"{kind}{error}"
    if isinstance(error, TemplateNotFound):
        message = f"there is no template `{error.name}`"
    return _source(env, where).problem(
        Code.TEMPLATE_FAILED, line, 1 if line else 0, message,
        "docs/templates.md lists what each template is given",
    )  # fmt: skip


def _place(name: str, error: Exception) -> tuple[str, int]:
    """The template and line of an error: Jinja2 writes both into the traceback."""
    if (line := getattr(error, "lineno", None)) is not None:
        return getattr(error, "name", None) or name, int(line)
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).parent.as_posix().endswith(FOLDER):
            return Path(frame.filename).name, frame.lineno or 0
    return name, 0


def _source(env: Environment, name: str) -> SourceText:
    try:
        text = env.loader.get_source(env, name)[0] if env.loader else ""
    except (TemplateNotFound, OSError, UnicodeDecodeError):
        text = ""
    return SourceText(f"{FOLDER}/{name}", text)
