"""What a page depends on: its template, all that this includes, and the values that they use."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from jinja2 import Environment, TemplateError, TemplateNotFound, meta, nodes
from msgspec import Struct
from msgspec.json import Decoder

from press import digests, files
from press.digests import Digests
from press.memory import Memory
from press.pages import Page

NAME = "its templates"

Uses = tuple[str, tuple[str, ...] | None]
"""A digest of templates, and the names of the values that they use; None for any of them."""
_USES = Decoder(Uses)


class Templating(Struct):
    """The templates of a build."""

    environment: Environment
    memory: Memory
    sources: str
    """A digest of all that lies in their folders."""
    used: set[str]
    """Names of the records that this build has a use for."""
    shared: Digests

    def inputs(self, page: Page) -> dict[str, str]:
        """Of a page: its templates, and each value that these use."""
        digest, names = self.uses(page.template)
        values = page.values if names is None else page.values.keys() & set(names)
        shared = self.shared.of
        return {NAME: digest, **{one: shared(page.values[one]) for one in sorted(values)}}

    def uses(self, template: str) -> Uses:
        """What a template and all that it extends, includes or imports use."""
        name, inputs = f"template {template}", {NAME: self.sources}
        self.used.add(name)
        found = self.memory.recall(name, inputs, _USES)
        if found is None:
            found = self._look(template)
            self.memory.keep(name, inputs, found)
        return found

    def _look(self, template: str) -> Uses:
        texts: dict[str, str | None] = {}
        names: set[str] = set()
        waiting = [template]
        while waiting:
            name = waiting.pop()
            if name in texts:
                continue
            try:
                texts[name], tree = _parsed(self.environment, name)
                names |= meta.find_undeclared_variables(tree)
            except TemplateNotFound:
                texts[name] = None  # one that is empty is another thing
                continue
            except (TemplateError, ValueError, RecursionError):  # reported where it is rendered
                return self.sources, None
            for other in meta.find_referenced_templates(tree):
                if other is None:  # its name is known when it is rendered
                    return self.sources, None
                waiting.append(other)
        return digests.of(texts), tuple(sorted(names))


def _parsed(environment: Environment, name: str) -> tuple[str, nodes.Template]:
    assert environment.loader  # noqa: S101  # render.environment gives it one
    text, path, _ = environment.loader.get_source(environment, name)
    return text, environment.parse(text, name, path)


def of(
    environment: Environment,
    folders: Iterable[Path],
    memory: Memory,
    used: set[str],
    shared: Digests,
) -> Templating:
    return Templating(environment, memory, digests.of(dict(_sources(folders))), used, shared)


def _sources(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for number, folder in enumerate(folders):
        for path in _files(folder, set()):
            try:
                content = files.read(path, folder, folder.parents[1])
            except OSError as error:  # told where it is rendered
                content = str(error).encode(errors="replace")
            yield f"{number}/{path.relative_to(folder).as_posix()}", content


def _files(folder: Path, seen: set[str]) -> Iterator[Path]:
    """All that lies in a folder, as Jinja2 finds it: links to folders are followed, once each."""
    real = os.path.realpath(folder)
    if real in seen or not folder.is_dir():
        return
    seen.add(real)
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _files(path, seen)
        else:
            yield path
