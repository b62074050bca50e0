"""The words after a fence's opening marks: language and options, in the forms that people use.

python   py   python3   python title="a b"   rust,should_panic   {.python title=x}   {python}
"""

import re
from collections.abc import Iterator, Sequence

from press.model import Language
from press.problems import Code, Problem, SourceText, did_you_mean

COMMON_OPTIONS = {
    "title": "a file name or caption shown above the code",
    "file": 'is a file of that name for the examples after it: file="shapes.py"',
    "beside": "stands beside the fence before it",
    "mark": 'lines that are marked: mark="2,4-5"',
    "ins": 'lines that are marked as new: ins="3"',
    "del": 'lines that are marked as gone: del="4"',
}
SHOWING = frozenset(COMMON_OPTIONS) - {"file"}
"""Those that say how a fence is shown, and nothing about how it runs."""

TOKEN = re.compile(r"""(?P<name>[^\s,="'{}]+)(?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s,}"']*))?""")
SEPARATORS = re.compile(r"[\s,{}]*")
# Languages whose names are like those of a language that is proven, but which are not it.
NEAR_NAMES = frozenset({"pypy", "pytb", "py3tb", "pyrex", "cython", "ruby", "rest", "rst", "rs-js"})


def parse_info(
    source: SourceText, line: int, column: int, info: str, languages: Sequence[Language]
) -> tuple[str, dict[str, str], list[Problem]]:
    """The language and options of an info string that stands at `line` and `column`."""
    written, start = _language(info)
    language = _known(written, languages)
    if language is None and (hint := _misspelt(written, languages)):
        at = column + info.find(written)
        message = f"there is no language `{written}`, so this example would not be proven"
        return written.lower(), {}, [source.problem(Code.UNKNOWN_LANGUAGE, line, at, message, hint)]
    options: dict[str, str] = {}
    problems: list[Problem] = []
    for offset, name, value in _options(info, start):
        if name is None:
            message = f"can't read the options from `{info[offset:].strip()}` on"
            hint = 'write them as word, key=value or key="a value"'
        elif name in options:
            message, hint = f"the option `{name}` is given twice", "keep one of them"
        elif not _allowed(name, language):
            message, hint = _unknown_option(name, language)
        else:
            options[name] = value
            continue
        problems.append(source.problem(Code.UNKNOWN_OPTION, line, column + offset, message, hint))
    return language.name if language else written.lower(), options, problems


def names_language(info: str, languages: Sequence[Language]) -> bool:
    """Whether an info string names a language that is proven."""
    return _known(_language(info)[0], languages) is not None


def _language(info: str) -> tuple[str, int]:
    """The language as written, and where the options begin."""
    match = re.match(r"\s*(?:\{\s*\.?)?(?P<name>[^\s,{}=\"']+)(?![^\s,{}]*=)", info)
    return (match["name"], match.end()) if match else ("", 0)


def _known(written: str, languages: Sequence[Language]) -> Language | None:
    name = written.lower()
    return next((one for one in languages if name == one.name or name in one.aliases), None)


def _misspelt(written: str, languages: Sequence[Language]) -> str:
    name = written.lower()
    if name in NEAR_NAMES:
        return ""
    known = [known for one in languages for known in (one.name, *one.aliases)]
    if name.startswith("py"):
        return did_you_mean(name, known, cutoff=0) or "did you mean `python`?"
    return did_you_mean(name, [one for one in known if len(one) > 3], cutoff=0.75)


def _options(info: str, start: int) -> Iterator[tuple[int, str | None, str]]:
    """Offset, name and value of each option; the name is None where no option can be read."""
    at = _skip(info, start)
    while at < len(info):
        token = TOKEN.match(info, at)
        if not token or info[token.end() : token.end() + 1] in ('"', "'", "="):
            yield at, None, ""
            return
        value = token["value"] or ""
        yield at, token["name"].lstrip("."), value[1:-1] if value[:1] in ('"', "'") else value
        at = _skip(info, token.end())


def _skip(info: str, at: int) -> int:
    match = SEPARATORS.match(info, at)
    return match.end() if match else at


def _allowed(name: str, language: Language | None) -> bool:
    if name in COMMON_OPTIONS:
        return True
    return language is not None and (
        name in language.options or re.fullmatch(language.option_pattern, name) is not None
    )


def _unknown_option(name: str, language: Language | None) -> tuple[str, str]:
    known = sorted({*COMMON_OPTIONS, *(language.options if language else ())})
    kind = f"{language.name} fences" if language else "fences"
    hint = did_you_mean(name, known) or f"{kind} take {', '.join(known)}"
    if re.fullmatch(r"\d+(-\d+)?", name):
        hint = 'a list of lines stands in quotes: mark="2,4-5"'
    return f"there is no option `{name}` for {kind}", hint
