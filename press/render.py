"""Page + template -> OutputFile, by Jinja2. A template's fault is a Problem with its line."""

import traceback
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEnvironment

from press import files
from press.compiled import Compiled
from press.model import OutputFile
from press.pages import Page
from press.problems import Code, Problem, SourceText
from press.words import ENGLISH, Words

FOLDER = "templates/site"
OURS = "proofpress"
"""What the names of our own templates begin with, where they are meant whatever replaces them."""


class Templates(ChoiceLoader):
    """Those of the folders, and ours by their whole names."""

    @property
    def folders(self) -> Iterator[str]:
        for loader in self.loaders:
            if isinstance(loader, FileSystemLoader):
                yield from loader.searchpath


class Folder(FileSystemLoader):
    """Says of a file that is no text, or lies elsewhere, which one it is."""

    def get_source(self, environment: Environment, template: str) -> Any:
        try:
            source = super().get_source(environment, template)
        except UnicodeDecodeError as error:
            raise TemplateSyntaxError(f"this is not UTF-8 text: {error}", 1, template) from None
        path = Path(source[1])
        top = next(one for one in map(Path, self.searchpath) if path.is_relative_to(one))
        try:
            files.require_own(path, top, top.parents[1])
        except OSError as error:
            raise TemplateSyntaxError(str(error.strerror), 1, template) from None
        return source


class _Sandbox(SandboxedEnvironment):
    """Decides once what of each type a template may have."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._safe: dict[tuple[type[object], str], bool] = {}

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        known = self._safe.get((type(obj), attr))
        if known is None:
            known = super().is_safe_attribute(obj, attr, value)
            self._safe[type(obj), attr] = known
        return known


SETTINGS: Mapping[str, Any] = {
    "autoescape": True,
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    "extensions": ["jinja2.ext.i18n"],
}
_COMPILED = Compiled(SETTINGS)


def environment(folders: Iterable[Path], words: Words = ENGLISH) -> Environment:
    """Templates from the first of the folders that has them; `proofpress/…` are the last's.

    So one that takes the place of ours can extend it, and replace some of its blocks alone. They
    may be somebody else's, and get at nothing but what they are given.
    """
    names = [str(folder) for folder in folders]
    ours = PrefixLoader({OURS: Folder(names[-1:])})
    env = _Sandbox(
        loader=Templates([Folder(names), ours]),
        bytecode_cache=_COMPILED,
        **SETTINGS,
    )
    del env.filters["random"], env.globals["lipsum"]  # the same inputs make the same page
    words.install(env)
    return env


@cache
def _environment_of(folder: Path) -> Environment:
    return environment([folder])


def text(folder: Path, name: str, values: Mapping[str, object]) -> str:
    """A template of a folder of ours that belongs to no site, with its values."""
    return _environment_of(folder).get_template(name).render(values)


def render(env: Environment, pages: Iterable[Page]) -> tuple[list[OutputFile], list[Problem]]:
    """The pages as files. A fault that many pages share is the same Problem each time."""
    outputs: list[OutputFile] = []
    problems: list[Problem] = []
    for page in pages:
        try:
            html = env.get_template(page.template).render(page.values).encode()
        except Exception as error:  # noqa: BLE001  # a template may raise anything
            problems.append(_problem(env, page, error))
        else:
            outputs.append(OutputFile(page.path, html))
    return outputs, problems


def _problem(env: Environment, page: Page, error: Exception) -> Problem:
    name, line = _place(env, page, error)
    message = f"{type(error).__name__}: {error}" if not isinstance(error, TemplateError) else ""
    if isinstance(error, TemplateNotFound):
        message = f"there is no template `{error.name}`"
    return _source(env, name).problem(
        Code.TEMPLATE_FAILED, line, 1 if line else 0, message or str(error),
        "docs/templates.md lists what each template is given",
    )  # fmt: skip


def _place(env: Environment, page: Page, error: Exception) -> tuple[str, int]:
    """The template and line of an error: Jinja2 writes both into the traceback."""
    if (line := getattr(error, "lineno", None)) is not None:
        return getattr(error, "name", None) or page.template, int(line)
    folders = list(env.loader.folders) if isinstance(env.loader, Templates) else []
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        for folder in folders:
            if Path(frame.filename).is_relative_to(folder):
                return Path(frame.filename).relative_to(folder).as_posix(), frame.lineno or 0
    return page.template, 0


def _source(env: Environment, name: str) -> SourceText:
    try:
        text = env.loader.get_source(env, name)[0] if env.loader else ""
    except (TemplateError, OSError):
        text = ""
    return SourceText(f"{FOLDER}/{name}", text)
