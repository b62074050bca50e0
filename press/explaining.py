"""What to do about an example that failed, where its failure tells."""

import ast
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from press import sessions
from press.model import Example

UNDEFINED = re.compile(r"name '(\w+)' is not defined")
NO_NETWORK = re.compile(
    r"Network is unreachable|Temporary failure in name resolution|Name or service not known"
    r"|nodename nor servname|NetworkUnreachable|failed to lookup address"
)
NO_ACCESS = re.compile(
    r"Read-only file system|Permission denied|ReadOnlyFilesystem|PermissionDenied"
)
NO_FILE = re.compile(r"No such file or directory")
PATH = re.compile(r"'(/[^']+)'")


def hint(
    example: Example, reason: str, errors: str, record: Mapping[str, Any] | None = None
) -> str:
    """One sentence for the author, or an empty string."""
    told = "\n".join([reason, str(record["message"]) if record else "", errors[-20_000:]])
    if record and record["kind"] == "NameError" and (name := UNDEFINED.search(told)):
        return _undefined(example, name[1])
    if record and record["kind"] in ("ModuleNotFoundError", "ImportError"):
        return _not_found(record)
    if record and record["kind"] == "MemoryError":
        return "an example may ask for 2 GiB of memory"
    if record and record["kind"] == "EOFError":
        return 'give it standard input: stdin="a line"'
    if record and record["kind"] == "SyntaxError" and "await" in told:
        return "let it await at its top level with the option `await`"
    if NO_NETWORK.search(told) and not example.setting.online:
        return (
            "examples have no network; `network: true` in front matter gives it to this article's"
        )
    if NO_ACCESS.search(told):
        return "an example may write in its working folder alone, and reads none of your own files"
    if NO_FILE.search(told) and any(_is_private(path) for path in PATH.findall(told)):
        return "an example sees nothing of your home folder or the publication; put files beside it"
    if "still running" in reason:
        return "give it more time with timeout=30, or an end"
    return ""


def _is_private(path: str) -> bool:
    return path.startswith((str(Path.home()), str(Path.cwd())))


def _undefined(example: Example, name: str) -> str:
    """How to go on from the earlier example of the page that binds a name."""
    binders = [one for one in example.earlier if _binds(one, name)]
    if not binders or any(one in example.before for one in binders):
        return ""
    chain = () if "group" in example.options else _next_chain(example)
    one = next((one for one in reversed(binders) if one in chain), binders[-1])
    told = f"`{name}` is bound by the example at line {one.fence.line}"
    if one not in chain:
        return told + _by_group(one, example)
    add = "put `continue` in place of `fresh`" if "fresh" in example.options else "add `continue`"
    return f"{told}: {add} to go on from it"


def _binds(example: Example, name: str) -> bool:
    """Whether one that goes on from an example finds a name of its own there."""
    runs = example.fence.language in ("python", "pycon") and not {
        "skip", "compile-only"
    } & set(example.options)  # fmt: skip
    return runs and name in bound(_plain(example.fence.code))


def _next_chain(example: Example) -> Sequence[Example]:
    """What an example would go on from with `continue`."""
    for one in reversed(example.earlier):
        if one.fence.language in ("python", "pycon") and "skip" not in one.options:
            return (*one.before, one)
    return ()


def _by_group(one: Example, example: Example) -> str:
    """How an example can go on from another, whatever stands between them."""
    group, own = one.options.get("group"), example.options.get("group")
    both = f"at line {one.fence.line} and line {example.fence.line}"
    if group and own:
        return f", which is of another group: give both the same, {both}"
    if own:
        return f": add `group={own}` to that as well"
    if group:
        return f": add `group={group}` to go on from it"
    return f", which this one does not go on from: give both `group=NAME`, {both}"


def _plain(code: str) -> str:
    """Python without prompts."""
    if not sessions.is_session(code):
        return code
    return "".join(statement.source for statement in sessions.statements(code))


def bound(code: str) -> set[str]:
    """The names that a piece of Python binds at its top level."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return set()
    names: set[str] = set()
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name.partition(".")[0]) for alias in node.names)
        todo += ast.iter_child_nodes(node)
    return names


def _not_found(record: Mapping[str, Any]) -> str:
    named = re.search(r"named '(\w+)", str(record["message"]))
    if not named:
        return ""
    return (
        f"declare the package: python: {{dependencies: [{named[1]}]}} in front matter, "
        f'or make the module with file="{named[1]}.py"'
    )
