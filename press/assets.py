"""The files of `templates/assets`, served as they are; and the folders templates come from."""

from pathlib import Path

from press import highlight
from press.model import OutputFile
from press.problems import Code, Problem

# What a publication does not bring itself, it takes from the templates beside this package.
OURS = Path(__file__).parent.parent / "templates"


def template_folders(root: Path) -> list[Path]:
    return [root / "templates/site", OURS / "site"]


def read(root: Path) -> tuple[list[OutputFile], list[Problem]]:
    """The assets of a publication and ours that it does not replace, and the colours of code."""
    files = {"assets/code.css": highlight.stylesheet().encode()}
    problems: list[Problem] = []
    for folder in (OURS / "assets", root / "templates/assets"):
        for path in sorted(folder.rglob("*")):
            try:
                if path.is_file() and not path.name.startswith("."):
                    name = path.relative_to(folder).as_posix()
                    files[f"assets/{name}"] = path.read_bytes()
            except OSError as error:
                where = f"templates/assets/{path.relative_to(folder).as_posix()}"
                message = f"can't read this: {error.strerror}"
                problems.append(Problem(where, 0, 0, Code.UNREADABLE, message))
    return [OutputFile(path, content) for path, content in sorted(files.items())], problems
