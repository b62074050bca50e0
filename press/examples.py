"""A body -> its fences, with lines and options, and the examples among them.

The prover and the page both take their fences from here, so what is proven is what is shown.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from press import marks, sessions
from press.fences import Scanner
from press.model import Example, Fence, Language, Setting, Written
from press.problems import Code, Problem, SourceText

MOST_SECONDS = 86_400
"""What an example may take at most: a day."""
SECONDS = f"a number of seconds above 0 and at most {MOST_SECONDS:,}, which is a day"
"""What a time limit has to be."""

FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
OWN_FILE = re.compile(r"main\d*\.py/")


class Body(Struct, frozen=True):
    """The text of an article, taken apart."""

    fences: tuple[Fence, ...]
    markdown: str
    """With a slot for each fence and for what hides."""
    raw: tuple[str, ...]
    """Comments and elements with raw content that have several lines, to be copied as they are."""


def find(
    source: SourceText, first_line: int, languages: Sequence[Language]
) -> tuple[Body, list[Problem]]:
    """The body of a text from `first_line` on, and what is wrong with its fences."""
    scanner = Scanner(source, languages)
    for number, line in enumerate(source.text.split("\n")[first_line - 1 :], first_line):
        scanner.read(number, line)
    scanner.finish()
    body = Body(tuple(scanner.fences), "\n".join(scanner.lines), tuple(scanner.raw))
    return body, scanner.problems


def examples(
    source: SourceText,
    fences: Sequence[Fence],
    languages: Sequence[Language],
    setting: Setting | None = None,
) -> tuple[tuple[Example, ...], list[Problem]]:
    """The examples among the fences: each with the `output` fence right after it, if any, with the
    examples that it continues, and with the files that fences before it have made.
    """
    page = _Page(source, {one.name: one for one in languages}, setting or Setting())
    for fence in fences:
        page.read(fence)
    return tuple(page.found), page.problems


class _Page(Struct):
    """The examples of a page so far."""

    source: SourceText
    languages: Mapping[str, Language]
    setting: Setting
    found: list[Example] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    written: dict[str, Written] = field(default_factory=dict)
    previous: Fence | None = None
    last: dict[str, list[int]] = field(default_factory=dict)
    """Language -> the examples, by index, that its next one can continue."""
    groups: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """The same for each language and group."""

    def read(self, fence: Fence) -> None:
        if fence.language in self.languages:
            self.found.append(self._example(fence))
        elif fence.language == "output":
            self._output(fence)
        for message, hint in marks.wrong(fence):
            self._problem(fence, message, hint)
        if "file" in fence.options:
            self._write(fence)
        self.previous = fence

    def _output(self, fence: Fence) -> None:
        here = self.previous
        if here in [e.fence for e in self.found[-1:]] and _adjoin(self.source, here, fence):
            self.found[-1] = replace(self.found[-1], expected=fence)
        else:
            message = "this output stands under no example"
            hint = "put it right after its example, or call the fence `text`"
            self._problem(fence, message, hint)

    def _example(self, fence: Fence) -> Example:
        options = {**self.setting.options.get(fence.language, {}), **fence.options}
        known = len(self.problems)
        for message, hint in (*wrong_options(options), *wrong_session(fence)):
            self._problem(fence, message, hint)
        chain = self._chain(fence, options)
        wrong = tuple(self.problems[known:])
        before = tuple(self.found[index] for index in chain)
        if "skip" not in options:
            chain.append(len(self.found))
        written = tuple(self.written.values())
        earlier = tuple(self.found)
        return Example(
            self.source, fence, None, options, self.setting, earlier, before, written, wrong
        )

    def _chain(self, fence: Fence, options: Mapping[str, str]) -> list[int]:
        """The examples that this one goes on from; one that goes on from it will find it there."""
        language = self.languages[fence.language].shares
        if not language:
            return []
        if "group" in options:
            chain = self.groups.setdefault((language, options["group"]), [])
        elif "continue" in options and "fresh" not in options:
            if "continue" in fence.options and language not in self.last:
                message = "there is no example before it that this one could continue"
                self._problem(fence, message, "take `continue` out")
            chain = self.last.get(language, [])
        else:
            chain = []
        if "skip" not in options:
            self.last[language] = chain
        return chain

    def _write(self, fence: Fence) -> None:
        name = fence.options["file"]
        if not FILE_NAME.fullmatch(name) or len(name) > 200:
            message = f"`{name}` can't be the name of a file here"
            hint = 'name it within the working folder: file="shapes.py", file="data/points.csv"'
            self._problem(fence, message, hint)
        elif where := self._taken(name):
            message = f"`{name}` can't be both a file and a folder: {where}"
            self._problem(fence, message, "give one of them another name")
        else:
            self.written[name] = Written(name, fence.code, fence.line)

    def _taken(self, name: str) -> str:
        """What has a file where this name needs a folder, or a folder where it is to be."""
        if OWN_FILE.match(name):
            return f"`{name.partition('/')[0]}` is what an example runs as"
        for other in (*self.written, *self.setting.files):
            if other.startswith(f"{name}/") or name.startswith(f"{other}/"):
                made = self.written.get(other)
                return f"line {made.line} has `{other}`" if made else f"`{other}` lies beside it"
        return ""

    def _problem(self, fence: Fence, message: str, hint: str) -> None:
        problem = self.source.problem(Code.BAD_FENCE, fence.line, fence.column, message, hint)
        self.problems.append(problem)


def wrong_options(options: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the values of options, each with what to do."""
    if "skip" in options and not options["skip"].strip():
        yield "a skip needs a reason", 'say why: skip="needs a printer"'
    if "timeout" in options and seconds(options) is None:
        yield f"timeout must be {SECONDS}", "write it like  timeout=30"
    if "exit" in options and exit_status(options) is None:
        yield "exit must be an exit status from 0 to 255", "write it like  exit=2"
    if "raises" in options and not re.match(r"[A-Za-z_][\w.]*\s*(:|$)", options["raises"]):
        yield "raises must name an exception", 'write it like  raises="ValueError: a message"'
    if "group" in options and not options["group"].strip():
        yield "a group needs a name", "write it like  group=parser"
    if "raises" in options and "exit" in options:
        yield "an example can't both raise and exit", "keep one of `raises` and `exit`"


def wrong_session(fence: Fence) -> Iterator[tuple[str, str]]:
    """What is wrong with a session, or with what is asked of it; each with what to do."""
    if fence.language == "pycon" and not sessions.statements(fence.code):
        yield "this session has no prompt", "begin its statements with >>>"
    if fence.language != "python" or not sessions.is_session(fence.code):
        return
    if "raises" in fence.options:
        hint = "show the traceback under its statement, or take the prompts out"
        yield "a session can't have `raises`", hint
    if "compile-only" in fence.options:
        yield "a session can't have `compile-only`", "take the prompts out"


def seconds(options: Mapping[str, str]) -> float | None:
    """The time limit that the options set; None where they set none, or none that can be."""
    try:
        value = float(options["timeout"])
    except (KeyError, ValueError):
        return None
    return value if 0 < value <= MOST_SECONDS else None


def exit_status(options: Mapping[str, str]) -> int | None:
    """The exit status that the options ask for; None where they ask for none."""
    text = options.get("exit", "")
    return int(text) if re.fullmatch(r"\d{1,3}", text) and int(text) < 256 else None


def given(options: Mapping[str, str]) -> str | None:
    """The standard input that the options give; None where they give none."""
    return options["stdin"].replace("\\n", "\n") + "\n" if "stdin" in options else None


def _adjoin(source: SourceText, example: Fence | None, output: Fence) -> bool:
    if example is None or example.nesting != output.nesting:
        return False
    between = source.text.split("\n")[example.end : output.line - 1]
    return all(not line.strip(" \t>") for line in between)
