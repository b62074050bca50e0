"""Catalogues of gettext as text, read by Babel: what they say, and what is wrong with them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from press.fields import BAD_CHARACTER
from press.problems import Code, Problem, SourceText

Key = tuple[str, str]
"""Context of a message, and itself; of one about a number, its singular."""

VALUE = re.compile(r"%\(\w+\)s|\{\w*\}")
COUNTS = ("%(num)s", "%(count)s", "{count}")
"""The values that a form for one or two may say in a word."""
TAG = re.compile(r"</?[a-z][^<>]*>")
BARE = re.compile(r"[%{}<>\"]")
HINT = 'msgid "…" and msgstr "…": see docs/adding-a-language.md'
SAMPLES = (*range(200), 1_000_000)
"""Numbers that have every form of every language."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What catalogues say together."""

    translations: NullTranslations
    known: frozenset[Key]
    """The messages that they translate."""


def read(root: Path, paths: Iterable[Path]) -> tuple[Opened, list[Problem]]:
    """What catalogues say, the first before the next, and what is wrong with them."""
    opened: list[NullTranslations] = []
    known: set[Key] = set()
    problems: list[Problem] = []
    for path in paths:
        try:
            source = _source(root, path)
            catalogue = parse(source, path.stem)
            wrong = list(faults(source, catalogue, path.stem))
            problems += wrong
            _forget_what_is_not_said(catalogue)
            opened += [] if wrong else [_opened(source, catalogue)]
            known.update(_key(message) for message in catalogue if message.id)
        except BadCatalogue as error:
            problems.append(error.problem)
    return Opened(_chained(opened), frozenset(known)), problems


def _source(root: Path, path: Path) -> SourceText:
    """The text of a catalogue. Raises BadCatalogue."""
    name = (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
    try:
        return SourceText(name, path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        message = f"can't read this: {reason}"
        raise BadCatalogue(Problem(name, 0, 0, Code.BAD_WORDS, message)) from None


def every(template: Path) -> frozenset[Key]:
    """All messages of a template."""
    source = SourceText(template.name, template.read_text(encoding="utf-8"))
    return frozenset(_key(message) for message in parse(source, "") if message.id)


def _forget_what_is_not_said(catalogue: Catalog) -> None:
    """Babel would write the English of a form that is empty, and no other catalogue be asked."""
    for message in list(catalogue):
        if message.id and (message.fuzzy or not all(several(message.string))):
            catalogue.delete(message.id, message.context)


def _key(message: Message) -> Key:
    return message.context or "", several(message.id)[0]


class BadCatalogue(ValueError):
    """A text that is no catalogue."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def parse(source: SourceText, language: str) -> Catalog:
    """The catalogue in a text. Raises BadCatalogue."""
    try:
        lines = source.text.split("\n")
        return read_po(iter(lines), locale=_locale(language), abort_invalid=True)
    except PoFileError as error:
        line, message = error.lineno + 1, str(error).rpartition(" on ")[0]
    except Exception as error:  # noqa: BLE001  # of broken files it raises whatever comes
        line, message = 0, f"this is no catalogue: {error}"
    raise BadCatalogue(source.problem(Code.BAD_WORDS, line, 0, message, HINT))


def faults(source: SourceText, catalogue: Catalog, language: str) -> Iterator[Problem]:
    """What is wrong with the messages of a catalogue that say anything."""
    for message in catalogue:
        if message.id and not message.fuzzy:
            for fault in dict.fromkeys(_faults(message, language)):
                yield source.problem(Code.BAD_WORDS, message.lineno or 0, 0, fault)


def _faults(message: Message, language: str) -> Iterator[str]:
    """What a translation has that its message hasn't, or the other way round."""
    ids, texts = several(message.id), [one for one in several(message.string) if one]
    each = [set(VALUE.findall(one)) for one in ids]
    values, needed = set.union(*each), set.intersection(*each)
    for text in texts:
        found = set(VALUE.findall(text))
        yield from (f"`{one}` is no value of this message" for one in sorted(found - values))
        lost = needed - found - set(COUNTS if len(ids) > 1 else ())
        yield from (f"the translation has lost `{one}`" for one in sorted(lost))
        if Counter(TAG.findall(text)) not in [Counter(TAG.findall(one)) for one in ids]:
            yield "the translation has not the same HTML as its message"
        if BAD_CHARACTER.search(text):
            yield "the translation has a character that no page may carry"
        bare = _bare(text) - {char for one in ids for char in _bare(one)}
        yield from (f"a translation can't have a bare `{one}`" for one in sorted(bare))
    if message.context == "date" and texts:
        yield from _bad_form(texts[0], language)


def _bare(text: str) -> set[str]:
    """The characters that would be read as more than text."""
    return set(BARE.findall(TAG.sub("", VALUE.sub("", text.replace("%%", "")))))


def _bad_form(form: str, language: str) -> Iterator[str]:
    try:
        day(date(2026, 3, 9), form, language)
    except (KeyError, ValueError, AttributeError, NotImplementedError) as error:
        yield f"`{form}` is no form of a date: {error}"


def several(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, list | tuple) else (str(text or ""),)


def _opened(source: SourceText, catalogue: Catalog) -> GNUTranslations:
    """A catalogue as gettext has it. Raises BadCatalogue."""
    try:
        file = BytesIO()
        write_mo(file, catalogue)
        file.seek(0)
        return GNUTranslations(file)
    except ValueError as error:
        message = f"its header can't be read: {error}"
        raise BadCatalogue(source.problem(Code.BAD_WORDS, 0, 0, message, HINT)) from None


def _chained(opened: Sequence[NullTranslations]) -> NullTranslations:
    """The first, which asks the next for what it does not know itself, and so on."""
    for one, following in pairwise(opened):
        one.add_fallback(following)
    return opened[0] if opened else NullTranslations()


def _locale(language: str) -> Locale | None:
    """What is known of a language, or of a more general one; None for nothing."""
    while language:
        try:
            return Locale.parse(language, sep="-")
        except (ValueError, UnknownLocaleError):
            language = language.rpartition("-")[0]
    return None


def day(moment: date | datetime, form: str, language: str) -> str:
    """A date in a pattern or length of CLDR's; as in ISO 8601 where the language is unknown."""
    locale = _locale(language)
    return format_date(moment, form, locale) if locale else f"{moment:%Y-%m-%d}"


def samples(language: str) -> Mapping[str, int]:
    """The name of each plural form of a language -> a number that has it."""
    locale = _locale(language)
    rule = locale.plural_form if locale else lambda number: "one" if number == 1 else "other"
    return {rule(number): number for number in reversed(SAMPLES)}
