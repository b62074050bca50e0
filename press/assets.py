"""The files of `templates/assets`, served as they are; and the folders templates come from."""

from collections.abc import Mapping
from pathlib import Path

from press import sheets
from press.files import read as content_of
from press.files import within
from press.model import OutputFile
from press.problems import Code, Problem
from press.root import FILE, OURS
from press.words import Words


def template_folders(root: Path) -> list[Path]:
    return [root / "templates/site", OURS / "site"]


CODE = "assets/code.css"
PYODIDE = (
    "pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json",
)  # fmt: skip
"""The files of Pyodide's package that a browser fetches, from `assets/pyodide` of the site."""


def read(
    root: Path, words: Words, colours: str, *, run: bool
) -> tuple[list[OutputFile], list[Problem]]:
    """The assets of a publication and ours that it does not replace, and the `colours` of code.

    Those that run examples in a browser are left out unless readers can `run` them.
    """
    files, problems = _read(root, words, colours, run=run)
    if run:
        problems += _without_pyodide(files)
    return [OutputFile(path, content) for path, content in sorted(files.items())], problems


def _runs(name: str) -> bool:
    return name.startswith(("run.", "run-worker.", "pyodide/"))


def _without_pyodide(files: Mapping[str, bytes]) -> list[Problem]:
    if all(f"assets/pyodide/{name}" in files for name in PYODIDE):
        return []
    message = "`run` needs Pyodide in templates/assets/pyodide, which is not there"
    hint = f"npm pack pyodide; put its {', '.join(PYODIDE)} there"
    return [Problem(FILE, 0, 0, Code.MISSING_VALUE, message, hint)]


def _read(
    root: Path, words: Words, colours: str, *, run: bool
) -> tuple[dict[str, bytes], list[Problem]]:
    more = sheets.said(words)
    files = {CODE: colours.encode() + more.get(CODE, b"")}
    problems: list[Problem] = []
    for folder in dict.fromkeys((OURS / "assets", root / "templates/assets")):
        for name, path in within(folder):
            if _runs(name) and not run:
                continue
            try:
                ours = more.get(f"assets/{name}", b"") if folder == OURS / "assets" else b""
                files[f"assets/{name}"] = content_of(path, folder, root) + ours
            except OSError as error:
                where = f"templates/assets/{name}"
                message = f"can't read this: {error.strerror}"
                problems.append(Problem(where, 0, 0, Code.UNREADABLE, message))
    return files, problems
