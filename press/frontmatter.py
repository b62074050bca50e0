"""YAML front matter -> its keys and values, each with its place."""

import re
from typing import Any

import yaml
from msgspec import Struct

from press.fields import Located
from press.problems import Code, Problem, ProblemsFound, SourceText

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
START = re.compile(r"---[ \t]*\n")
END = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
NO_VALUE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError)
"""What is raised for a value that there is not: 2026-13-01, `!!bool maybe`, a list too deep."""


def split(source: SourceText) -> tuple[dict[str, Located], int]:
    """The front matter of a content file and the line where its body begins.

    Raises ProblemsFound where there is none that can be read.
    """
    start = START.match(source.text)
    if not start:
        raise ProblemsFound([_missing(source)])
    end = END.search(source.text, start.end())
    if not end:
        message = "the front matter that begins here is never closed"
        raise ProblemsFound(
            [source.problem(Code.BAD_FRONT_MATTER, 1, 1, message, "close it with a line of ---")]
        )
    block = source.text[start.end() : end.start()]
    return _read(source, block), source.position(end.end())[0] + 1


class Span(Struct, frozen=True):
    """Where the value of a key stands, as offsets in the text of its file."""

    start: int
    end: int
    items: tuple[tuple[int, int], ...] = ()
    """Of a list: where each of its items stands."""
    is_block: bool = False
    """Whether it is a list of lines that begin with a hyphen."""


def spans(source: SourceText) -> tuple[dict[str, Span], int]:
    """Where the values of front matter stand, and where another line of it can be written.

    Of a text that `split` has read.
    """
    start, closing = START.match(source.text), END.search(source.text, 3)
    if not (start and closing):
        raise ProblemsFound([_missing(source)])
    lines = [0, *(match.end() for match in re.finditer("\n", source.text))]
    first = source.text.count("\n", 0, start.end())

    def at(mark: yaml.Mark) -> int:
        return lines[mark.line + first] + mark.column

    def span(node: yaml.Node) -> Span:
        is_list = isinstance(node, yaml.SequenceNode)
        items = [(at(one.start_mark), at(one.end_mark)) for one in node.value] if is_list else []
        is_block = isinstance(node, yaml.SequenceNode) and not node.flow_style
        return Span(at(node.start_mark), at(node.end_mark), tuple(items), is_block)

    node = yaml.compose(source.text[start.end() : closing.start()], Loader)
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return {str(key.value): span(value) for key, value in pairs}, closing.start()


def _missing(source: SourceText) -> Problem:
    message = "this article has no front matter"
    hint = "begin the file with a line of ---, its `title:` and `date:`, and another ---"
    if source.text.startswith("+++"):
        hint = "write it in YAML between lines of ---, not in TOML between lines of +++"
    return source.problem(Code.BAD_FRONT_MATTER, 1, 1, message, hint)


def _read(source: SourceText, block: str) -> dict[str, Located]:
    loader = Loader(block)
    try:
        node = loader.get_single_node()
        if node is None:
            return {}
        if not isinstance(node, yaml.MappingNode):
            message = "front matter must be lines of `key: value`"
            raise ProblemsFound([source.problem(Code.BAD_FRONT_MATTER, 2, 1, message)])
        return _pairs(source, loader, node)
    except yaml.YAMLError as error:
        raise ProblemsFound([_syntax_problem(source, error)]) from None
    finally:
        loader.dispose()


def _pairs(source: SourceText, loader: Any, node: yaml.MappingNode) -> dict[str, Located]:
    found: dict[str, Located] = {}
    problems = []
    for key_node, value_node in node.value:
        line, column = key_node.start_mark.line + 2, key_node.start_mark.column + 1
        key = str(getattr(key_node, "value", ""))
        if key in found:
            message = f"the key `{key}` is given twice"
            problems.append(
                source.problem(Code.DUPLICATE, line, column, message, "keep one of them")
            )
        try:
            found[key] = Located(loader.construct_object(value_node, deep=True), line, column)
        except NO_VALUE:
            message = f"`{key}` has a value that does not exist"
            problems.append(source.problem(Code.WRONG_TYPE, line, column, message))
    if problems:
        raise ProblemsFound(problems)
    return found


def _syntax_problem(source: SourceText, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    line, column = (mark.line + 2, mark.column + 1) if mark else (2, 1)
    excerpt = source.text.split("\n")[line - 1] if line <= source.text.count("\n") + 1 else ""
    hint = "texts with `: ` or `#` in them, or that begin with a mark, stand in quotes"
    if "mapping values" in what:
        key, _, value = excerpt.partition(":")
        hint = f'a value with a colon stands in quotes: {key.strip()}: "{value.strip()}"'
    return source.problem(Code.BAD_FRONT_MATTER, line, column, f"this is not YAML: {what}", hint)
