"""Rust examples: each is compiled by rustc and run, by rustdoc's rules, in an empty folder.

The program stands at the same line numbers as in its article, in a file of the article's name, so
that the compiler's messages need no translation. (doc.rust-lang.org/rustdoc, "Documentation
tests".) Where there is no rustc, or a crate is not to be had, an example is not proven here.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from press.crates import Toolchain, toolchain
from press.model import Example, Language, Proof, Verdict, Workshop
from press.running import Ended, Runner, prove_each

LANGUAGE = Language(
    "rust",
    frozenset({"rs"}),
    {
        "ignore": "is neither compiled nor run",
        "no_run": "is compiled, not run",
        "should_panic": "has to panic",
        "compile_fail": "must not compile",
        "skip": 'is not run, for the reason given: skip="needs a printer"',
        "timeout": "seconds that it may run: timeout=30",
    },
    # rustdoc's words for an edition, an error code and a target that is left out.
    r"edition20\d\d|E\d{4}|ignore-[a-z0-9_]+",
)

EDITION = "2021"
COMPILE_TIMEOUT = 120.0
PANICKED = 101
"""The exit status of a program that has panicked (std::process, "Termination")."""

HAS_MAIN = re.compile(r"^\s*(?:pub\s+)?(?:async\s+)?fn\s+main\s*\(", re.MULTILINE)
INNER_ATTRIBUTE = re.compile(r"^\s*#!\[.*\]\s*$")


def version(workshop: Workshop) -> str:
    """The compiler and the crates that are to be had."""
    tools = toolchain(workshop)
    return "\n".join([tools.version, *map(str, tools.crates.values())]) if tools else ""


def prove(examples: Sequence[Example], workshop: Workshop) -> list[Proof]:
    tools = toolchain(workshop)

    def one(example: Example, folder: Path, seconds: float, runner: Runner) -> Proof:
        if ignored := [name for name in example.fence.options if name.startswith("ignore")]:
            return Proof(example, Verdict.SKIPPED, reason=f"marked `{ignored[0]}`")
        if tools is None:
            return Proof(example, Verdict.NOT_PROVEN, reason="there is no rustc here")
        return _prove(example, folder, seconds, runner, tools)

    return prove_each(examples, one)


@dataclass(frozen=True, slots=True)
class _Compiled:
    ended: Ended
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def codes(self) -> set[str]:
        return {error["code"]["code"] for error in self.errors if error.get("code")}

    @property
    def rendered(self) -> str:
        return "".join(error["rendered"] for error in self.errors).strip()

    @property
    def line(self) -> int:
        """Of the first error's own place."""
        spans = [s for error in self.errors for s in error["spans"] if s["is_primary"]]
        return int(spans[0]["line_start"]) if spans else 0


def _prove(
    example: Example, folder: Path, seconds: float, runner: Runner, tools: Toolchain
) -> Proof:
    if missing := tools.missing(example.fence.code):
        return Proof(example, Verdict.NOT_PROVEN, reason=f"the crate `{missing}` is not here")
    compiled = _compile(example, folder, runner, tools)
    options = example.fence.options
    if "compile_fail" in options:
        return _judge_refusal(example, compiled)
    if compiled.ended.failure:
        first = compiled.errors[0]["message"] if compiled.errors else compiled.ended.failure
        return _failed(example, f"it does not compile: {first}", compiled.rendered, compiled.line)
    if "no_run" in options:
        return Proof(example, Verdict.PROVEN)
    ended = runner.run([folder / "example"], folder, seconds, RUST_BACKTRACE="0")
    if "should_panic" in options:
        if ended.status == PANICKED:
            return Proof(example, Verdict.PROVEN, ended.text)
        return _failed(example, "it should panic, and did not", ended.detail)
    if ended.failure:
        return _failed(example, ended.failure, ended.detail, _panic_line(example, ended.errors))
    return Proof(example, Verdict.PROVEN, ended.text)


def _failed(example: Example, reason: str, detail: str, line: int = 0) -> Proof:
    inside = example.fence.line <= line <= example.fence.end
    return Proof(example, Verdict.FAILED, "", reason, detail, line if inside else 0)


def _judge_refusal(example: Example, compiled: _Compiled) -> Proof:
    """Whether the compiler refused it, and for the reasons that its author gives."""
    if compiled.ended.status is None:
        return _failed(example, compiled.ended.failure, "")
    if not compiled.ended.status:
        return _failed(example, "it compiles, though it is marked `compile_fail`", "")
    wanted = {name for name in example.fence.options if re.fullmatch(r"E\d{4}", name)}
    if wanted - compiled.codes:
        got = ", ".join(sorted(compiled.codes)) or "no code"
        reason = f"it is refused with {got}, not {', '.join(sorted(wanted))}"
        return _failed(example, reason, compiled.rendered, compiled.line)
    return Proof(example, Verdict.PROVEN)


def _compile(example: Example, folder: Path, runner: Runner, tools: Toolchain) -> _Compiled:
    # The compiler names the file as it is given: under the article's own name.
    source = folder / example.article.path
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(program(example), encoding="utf-8", newline="\n")
    editions = [name[7:] for name in example.fence.options if name.startswith("edition")]
    command = [
        tools.rustc, "--edition", (editions or [EDITION])[0], "--crate-name", "example",
        "-C", "debuginfo=0", "--error-format", "json", "-o", "example",
        *tools.flags(example.fence.code), example.article.path,
    ]  # fmt: skip
    if "no_run" in example.fence.options or "compile_fail" in example.fence.options:
        command.insert(1, "--emit=metadata")
        command[command.index("-o") + 1] = "example.rmeta"
    ended = runner.run(command, folder, COMPILE_TIMEOUT)
    return _Compiled(ended, list(_messages(ended.errors)))


def _messages(errors: str) -> list[dict[str, Any]]:
    """The compiler's errors (doc.rust-lang.org/rustc/json.html); warnings are left out."""
    found = []
    for line in errors.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if message.get("level", "").startswith("error") and "spans" in message:
            found.append(message)
    return [one for one in found if one["spans"] or one["code"]] or found


def program(example: Example) -> str:
    """The program of an example, each of its lines where it stands in the article.

    A line that begins with `# ` is part of it and not shown; one without `main` is wrapped in it.
    """
    lines = [_unhidden(line) for line in example.fence.code.split("\n")]
    before = ["#![allow(unused)]"]
    if not HAS_MAIN.search("\n".join(lines)):
        before += [line for line in lines if INNER_ATTRIBUTE.match(line)]
        lines = ["" if INNER_ATTRIBUTE.match(line) else line for line in lines]
        before.append("fn main() {")
        lines.append("}")
    return "\n" * (example.fence.line - 1) + " ".join(before) + "\n" + "\n".join(lines)


def _unhidden(line: str) -> str:
    """A line as it is compiled: rustdoc's `# ` hides a line, `##` stands for a `#`."""
    text = line.lstrip()
    if text == "#" or text.startswith("# "):
        return text[2:]
    return line.replace("##", "#", 1) if text.startswith("##") else line


def _panic_line(example: Example, errors: str) -> int:
    """Where it panicked; older compilers put the place after the message, which may have lines."""
    path = re.escape(example.article.path)
    at = re.search(rf"panicked at .*?{path}:(\d+):\d+", errors, re.DOTALL)
    return int(at[1]) if at else 0
