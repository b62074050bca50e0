"""All that there is to say, gathered from templates and code; and catalogues brought in step."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import write_po

from press.catalogues import parse
from press.problems import SourceText
from press.words import OURS, TEMPLATE
from tests.conftest import REPOSITORY

KEYWORDS = {**DEFAULT_KEYWORDS, "marked": None, "marked_in": ((1, "c"), 2), "forms": (1, 2)}
AS_WE_DO = dict.fromkeys(("trim_blocks", "lstrip_blocks", "keep_trailing_newline"), "true") | {
    "silent": "false"
}
HEADER = """\
# {about}
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
{plurals}"""
PLURALS = '"Plural-Forms: {}\\n"\n'
CATALOGUES = sorted(OURS.glob("*.po"))


def sources() -> Iterator[tuple[Path, str]]:
    """Each file that says something to readers, and how it is read."""
    for pattern, method in (
        ("templates/site/*.html", "jinja2"),
        ("templates/app/*.html", "jinja2"),
        ("templates/email/*.*", "jinja2"),
        ("press/**/*.py", "python"),
        ("newsletter/**/*.py", "python"),
    ):
        yield from ((path, method) for path in sorted(REPOSITORY.glob(pattern)))


def gathered(language: str | None = None) -> Catalog:
    """The messages of all sources, in their order, each with the files that have it."""
    found = Catalog(language)
    for path, method in sources():
        name = path.relative_to(REPOSITORY).as_posix()
        with path.open("rb") as file:
            options = AS_WE_DO if method == "jinja2" else {"encoding": "utf-8"}
            for line, message, _, context in extract(method, file, KEYWORDS, options=options):
                found.add(message, locations=[(name, line)], context=context)
    return found


def kept(path: Path) -> Catalog:
    language = path.stem if path.suffix == ".po" else "en"
    return parse(SourceText(path.name, path.read_text(encoding="utf-8")), language)


def written(catalogue: Catalog, header: str) -> str:
    """The text of a catalogue, which has no dates and no lines of code in it: they change often."""
    file = BytesIO()
    write_po(file, catalogue, omit_header=True, include_lineno=False, ignore_obsolete=True)
    return header + "\n" + file.getvalue().decode().strip() + "\n"


def template() -> str:
    """What `templates/words/words.pot` has to be."""
    about = "All that Proofpress says to readers, as a new catalogue begins."
    return written(gathered(), HEADER.format(about=about, language="", plurals=""))


def in_step(path: Path) -> str:
    """A catalogue with all that there is to say, and nothing else, its translations kept."""
    text = path.read_text(encoding="utf-8")
    catalogue = kept(path)
    catalogue.update(gathered(), no_fuzzy_matching=True)
    header = text[: text.index("\n\n") + 1]
    return written(catalogue, header)


def update() -> None:
    """Bring all files of `templates/words` in step."""
    (OURS / TEMPLATE).write_text(template(), encoding="utf-8")
    for path in CATALOGUES:
        path.write_text(in_step(path), encoding="utf-8")


def name(message: Message) -> str:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return f"{message.context}: {first}" if message.context else first
