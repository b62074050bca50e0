"""The words that Proofpress itself says to readers, in the language of a publication.

English stands in the templates and the code, as gettext has it; each other language in a catalogue
`templates/words/TAG.po`. A publication's own catalogues come before ours, word by word.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from msgspec import Struct

from press.problems import Problem, ProblemsFound
from press.root import OURS as OUR_TEMPLATES

FOLDER = "templates/words"
OURS = OUR_TEMPLATES / "words"
TEMPLATE = "words.pot"
"""The list of all that there is to say, which a new catalogue begins as."""
SOURCE = "en"
DAY = "yyyy-MM-dd"
"""How a date is written unless a catalogue says otherwise: a pattern or a length of CLDR's."""


def marked(message: str) -> str:
    """The message itself, and a sign for who gathers them: it is said elsewhere, in a language."""
    return message


def marked_in(context: str, message: str) -> str:  # noqa: ARG001  # it is for who gathers them
    """The same for a message that says another thing elsewhere."""
    return message


class Words(Struct, frozen=True):
    """What is said in one language.

    A message takes its values as `%(name)s`, in code as in templates, and `%%` is a percent sign.
    """

    language: str = SOURCE
    """Of the publication, as in BCP 47."""
    translations: NullTranslations = NullTranslations()
    translated: bool = False
    """Whether a catalogue says anything; if not, all is as it stands in templates and scripts."""
    warning: str = ""
    """What is missing; empty if nothing is."""

    def gettext(self, message: str, **values: object) -> str:
        return self.translations.gettext(message) % values

    def pgettext(self, context: str, message: str, **values: object) -> str:
        """For a message that says another thing elsewhere."""
        return self.translations.pgettext(context, message) % values

    def day(self, moment: datetime | str) -> str:
        """A date as readers see it: of a moment, or of one that is written as in ISO 8601."""
        moment = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        form = self.pgettext("date", "yyyy-MM-dd")
        if form == DAY:
            return moment.strftime("%Y-%m-%d")
        from press import catalogues

        return catalogues.day(moment, form, self.language)

    def forms(self, singular: str, plural: str) -> Mapping[str, str]:
        """Each form of a message about a number, by its name in CLDR: for scripts, which count."""
        from press import catalogues

        return {
            category: self.translations.ngettext(singular, plural, number) % {}
            for category, number in catalogues.samples(self.language).items()
        }

    def install(self, env: Any) -> None:
        """Let the templates of a Jinja2 environment, which has its extension i18n, say them."""
        env.install_gettext_translations(self.translations, newstyle=True)
        env.filters["day"] = self.day
        env.globals.update(translated=self.translated, forms=self.forms)


ENGLISH = Words()


def load(root: Path, language: str) -> tuple[Words, list[Problem]]:
    """The words of a publication in its language, and what is wrong with its own catalogues."""
    found = [path for path in _paths(root, language) if path.is_file()]
    if not found and _is_source(language):
        return ENGLISH, []
    from press import catalogues  # what it needs is not loaded for a publication in English

    opened, problems = catalogues.read(root.absolute(), found)
    warning = ""
    if not _is_source(language):
        missing = catalogues.every(OURS / TEMPLATE) - opened.known
        warning = _warning(language, len(missing), said=bool(found))
    return Words(language, opened.translations, bool(found), warning), problems


def contents(root: Path, language: str) -> list[bytes]:
    """What the catalogues of a publication in its language say, as files."""
    if _is_source(language) and not any(path.is_file() for path in _paths(root, language)):
        return []
    paths = [*_paths(root, language), OURS / TEMPLATE]
    return [path.read_bytes() if path.is_file() else b"" for path in paths]


def of(root: Path, language: str) -> Words:
    """The same for who only says them. Raises ProblemsFound."""
    said, problems = load(root, language)
    if problems:
        raise ProblemsFound(problems)
    return said


def _warning(language: str, missing: int, *, said: bool) -> str:
    if not missing:
        return ""
    name = f"{FOLDER}/{next(tags(language))}.po"
    reason = f"{name} lacks {missing} texts" if said else f"there is no {name}"
    return f"words of Proofpress's own are in English: {reason} (docs/adding-a-language.md)"


def _is_source(language: str) -> bool:
    return language.partition("-")[0].lower() == SOURCE


def _paths(root: Path, language: str) -> Iterator[Path]:
    """Where catalogues of a language may be, the first to be asked first."""
    for tag in tags(language):
        yield from dict.fromkeys((root.absolute() / FOLDER / f"{tag}.po", OURS / f"{tag}.po"))


def tags(language: str) -> Iterator[str]:
    """A language tag, and the more general ones, as they are usually written: pt-BR, pt."""
    parts = language.split("-")
    named = [parts[0].lower(), *(_subtag(part) for part in parts[1:])]
    for end in range(len(named), 0, -1):
        yield "-".join(named[:end])


def _subtag(part: str) -> str:
    """A script as Hant, a region as BR (RFC 5646, section 2.1.1)."""
    return part.title() if len(part) == 4 else part.upper() if len(part) == 2 else part.lower()
