"""Rust examples: each is compiled by rustc and run, by rustdoc's rules, in an empty folder.

The program stands at the same line numbers as in its article, in a file of the article's name, so
that the compiler's messages need no translation. (doc.rust-lang.org/rustdoc, "Documentation
tests".) Many small ones are compiled at once; whichever of them does not do what it should is
compiled again alone. Where there is no rustc, or a crate is not to be had, an example is not proven
here.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from press import comparing, diagnostics, explaining, isolation, merging, running
from press.crates import Toolchain, toolchain
from press.diagnostics import Diagnostics
from press.examples import exit_status, given
from press.isolation import Sandbox
from press.model import Example, Language, Proof, Setting, Verdict, Workshop
from press.running import Ended, Runner

LANGUAGE = Language(
    "rust",
    frozenset({"rs"}),
    {
        "ignore": "is neither compiled nor run",
        "no_run": "is compiled, not run",
        "should_panic": "has to panic",
        "compile_fail": "must not compile",
        "standalone_crate": "is compiled alone, not with others",
        "skip": 'is not run, for the reason given: skip="needs a printer"',
        "timeout": "seconds that it may run: timeout=30",
        "exit": "has to end with this exit status: exit=2",
        "stdin": 'is given this as standard input: stdin="yes"',
    },
    # rustdoc's words for an edition, an error code and a target that is left out.
    option_pattern=r"edition20\d\d|E\d{4}|ignore-[a-z0-9_]+",
)

COMPILE_TIMEOUT = 120.0
PANICKED = 101
"""The exit status of a program that has panicked (std::process, "Termination")."""

QUIET = re.compile(r"\b(?:set_hook|update_hook|resume_unwind)\b")
"""What lets a panic go by without the words that it has otherwise (std::panic)."""

PROGRAM = "../../build/example"
"""The compiled program, as seen from the working folder of an example."""


def version(setting: Setting, workshop: Workshop) -> str:
    """The compiler in the first line, then the crates that are to be had."""
    tools = toolchain(setting.crates, workshop.cache)
    return "\n".join([tools.version, *map(str, tools.crates.values())]) if tools else ""


def prove(
    examples: Sequence[Example], workshop: Workshop, workers: int | None = None
) -> Iterator[Proof]:
    """A Proof of each example, in the order in which they come to an end."""
    todo = []
    for example in examples:
        decided = _decided(example, workshop)
        if decided:
            yield decided
        else:
            todo.append(example)
    batches = merging.batches(todo, workers or os.cpu_count() or 1)

    def one(batch: Sequence[Example], runner: Runner) -> list[Proof]:
        bench = _bench(batch[0], workshop, runner)
        proofs = bench.prove_together(batch) if len(batch) > 1 else {}
        return [proofs.get(example.where) or bench.prove(example) for example in batch]

    for _, proofs in running.each(batches, one, workers):
        yield from proofs


def _decided(example: Example, workshop: Workshop) -> Proof | None:
    """The Proof of an example that can't be run, or that its author leaves out for good."""
    if ignored := [name for name in example.options if name.startswith("ignore")]:
        reason = f"marked `{ignored[0]}`"
        return Proof(example, Verdict.SKIPPED, reason=reason, status=None)
    tools = toolchain(example.setting.crates, workshop.cache)
    missing = "" if tools is None else tools.missing(example.fence.code)
    if tools and not missing:
        return None
    if "skip" in example.options:
        return _skipped(example)
    reason = "there is no rustc here"
    if tools:
        why = tools.refused.get(missing, "cargo made no library of it")
        reason = f"the crate `{missing}` can't be had: {why}"
    return Proof(example, Verdict.NOT_PROVEN, reason=reason, status=None)


def _bench(example: Example, workshop: Workshop, runner: Runner) -> "_Bench":
    setting = example.setting
    tools = toolchain(setting.crates, workshop.cache)
    assert tools  # noqa: S101  # else the example was decided before
    libraries = {str(path.parents[1]) for path in tools.crates.values()}
    sandbox = Sandbox(
        isolation.own_interpreter(),
        shown=(tools.root, *sorted(libraries)),
        hidden=(str(workshop.root),) if workshop.root else (),
        online=setting.online,
    )
    return _Bench(tools, sandbox, runner)


class _Compiled(Struct, frozen=True):
    ended: Ended
    said: Diagnostics

    @property
    def failure(self) -> str:
        """Why the compiler made nothing, in one line; empty if it did."""
        if self.ended.fate or not self.ended.status:
            return self.ended.fate
        if self.said.errors:
            return str(self.said.errors[0]["message"])
        return (self.ended.error_text.strip().splitlines() or ["rustc failed"])[-1]

    @property
    def line(self) -> int:
        """Of the first error; 0 where none has one."""
        return (self.said.lines or [0])[0]


class _Bench(Struct, frozen=True):
    """What it takes to compile and run the examples of a setting."""

    tools: Toolchain
    sandbox: Sandbox
    runner: Runner

    @property
    def name(self) -> str:
        """The compiler, for readers: "rustc 1.63.0"."""
        return " ".join(self.tools.version.split()[:2])

    def prove(self, example: Example) -> Proof:
        proof = self._prove(example)
        if "skip" not in example.options:
            return proof
        passes = proof.verdict is Verdict.PROVEN
        skipped = _skipped(example)
        return replace(skipped, output=proof.output, passes=passes, level=proof.level)

    def _prove(self, example: Example) -> Proof:
        options = example.options
        compiled = self._compile(
            {**_beside(example), example.article.path: merging.program(example).encode()},
            example.article.path,
            merging.edition(example),
            self.tools.flags(example.fence.code),
            checks_only="no_run" in options or "compile_fail" in options,
        )
        if "compile_fail" in options:
            return self._judge_refusal(example, compiled)
        if compiled.failure:
            reason = f"it does not compile: {compiled.failure}"
            return _failed(example, reason, compiled.said.rendered, compiled.line)
        if "no_run" in options:
            how = f"compiled, not run, with {self.name}"
            return Proof(example, Verdict.PROVEN, how=how, level=compiled.ended.level or "")
        return self._judge(example, self._run(example, PROGRAM))

    def prove_together(self, batch: Sequence[Example]) -> dict[str, Proof]:
        """The proofs of those that do what they should when they are compiled as one program."""
        left = list(batch)
        for _ in range(3):
            text, starts = merging.merged(left)
            files = {"merged.rs": text.encode()}
            compiled = self._compile(files, "merged.rs", merging.edition(left[0]), [])
            if not compiled.failure:
                break
            wrong = {merging.at(starts, line) for line in compiled.said.lines}
            left = [example for index, example in enumerate(left) if index not in wrong]
            if not wrong or len(left) < 2:
                return {}
        else:
            return {}
        proofs = {}
        for index, example in enumerate(left):
            proof = self._judge(example, self._run(example, PROGRAM, str(index)))
            shown = example.expected
            if proof.verdict is Verdict.PROVEN and (
                shown is None or comparing.agree(shown.code, proof.output)
            ):
                proofs[example.where] = proof
        return proofs

    def _compile(
        self,
        files: Mapping[str, bytes],
        source: str,
        edition: str,
        flags: Sequence[str],
        *,
        checks_only: bool = False,
    ) -> _Compiled:
        command = [
            self.tools.rustc, "--edition", edition, "--crate-name", "example",
            "-C", "debuginfo=0", "--error-format", "json",
            "-o", "example.rmeta" if checks_only else "example",
            *(["--emit=metadata"] if checks_only else []), *flags, source,
        ]  # fmt: skip
        ended = self.runner.command(self.sandbox, command, COMPILE_TIMEOUT, files, build=True)
        return _Compiled(ended, diagnostics.read(source, ended.error_text))

    def _run(self, example: Example, *command: str) -> Ended:
        return self.runner.command(
            self.sandbox,
            command,
            running.limit_of(example),
            {**example.setting.files, **_written(example)},
            stdin=given(example.options),
            keep=True,
            RUST_BACKTRACE="0",
        )

    def _judge(self, example: Example, ended: Ended) -> Proof:
        """Whether a program did what it should."""
        options, status = example.options, ended.status
        detail = running.last_lines(ended.error_text)
        line = diagnostics.panic_line(example.article.path, ended.error_text)
        if ended.fate:
            return _failed(example, ended.fate, detail, line)
        if "should_panic" in options:
            if not _has_panicked(example, ended):
                return _failed(example, "it should panic, and did not", detail)
            return self._proven(example, ended, "panicked")
        wanted = exit_status(options) or 0
        if status == PANICKED != wanted and (message := diagnostics.panic(ended.error_text)):
            return _failed(example, f"it panicked: {message}", detail, line)
        if status != wanted:
            last = ended.error_text.strip().splitlines()[-1:]
            asked = f", not {wanted}" if "exit" in options else ""
            said = f": {last[0]}" if last else ""
            reason = f"it ended with exit status {status}{asked}{said}"
            return _failed(example, reason, detail, line)
        return self._proven(example, ended, "ran")

    def _proven(self, example: Example, ended: Ended, did: str) -> Proof:
        return Proof(
            example, Verdict.PROVEN, ended.text, how=f"{did} with {self.name}",
            status=ended.status, seconds=ended.seconds, level=ended.level or "",
        )  # fmt: skip

    def _judge_refusal(self, example: Example, compiled: _Compiled) -> Proof:
        """Whether the compiler refused it, and for the reasons that its author gives."""
        if compiled.ended.fate:
            return _failed(example, compiled.ended.fate, "")
        if not compiled.ended.status:
            return _failed(example, "it compiles, though it is marked `compile_fail`", "")
        if not compiled.said.errors:
            return _failed(example, f"the compiler broke off: {compiled.failure}", "")
        wanted = {name for name in example.options if re.fullmatch(r"E\d{4}", name)}
        if wanted - compiled.said.codes:
            got = ", ".join(sorted(compiled.said.codes)) or "no code"
            reason = f"it is refused with {got}, not {', '.join(sorted(wanted))}"
            return _failed(example, reason, compiled.said.rendered, compiled.line)
        because = f" ({', '.join(sorted(wanted))})" if wanted else ""
        how = f"refused by {self.name}{because}"
        return Proof(example, Verdict.PROVEN, how=how, level=compiled.ended.level or "")


def _skipped(example: Example) -> Proof:
    return Proof(example, Verdict.SKIPPED, reason=example.options["skip"], status=None)


def _failed(example: Example, reason: str, detail: str, line: int = 0) -> Proof:
    inside = example.fence.line <= line <= example.fence.end
    hint = explaining.hint(example, reason, detail)
    return Proof(
        example, Verdict.FAILED, "", reason, detail, line if inside else 0, hint, status=None
    )


def _written(example: Example) -> dict[str, bytes]:
    return {one.name: one.content.encode() for one in example.written}


def _beside(example: Example) -> dict[str, bytes]:
    """What a program may include, beside its source."""
    folder = example.article.path.rpartition("/")[0]
    beside = {**example.setting.files, **_written(example)}
    return {f"{folder}/{name}".lstrip("/"): content for name, content in beside.items()}


def _has_panicked(example: Example, ended: Ended) -> bool:
    """Whether a program has panicked: its status alone could come of `exit(101)` as well."""
    told = "panicked at" in ended.error_text or QUIET.search(example.fence.code) is not None
    return told and ended.status == PANICKED
