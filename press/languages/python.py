"""Python examples, and sessions with prompts: run as a fresh interpreter would, and judged.

Examples that go on from one another run in one process, one after the other; every other example
has a process of its own. Each is a file of its own in its working folder, `main.py` for the first.
"""

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from press import comparing, environments, explaining, running, sessions
from press.environments import Environment, NotHad
from press.examples import exit_status, seconds
from press.isolation import Sandbox
from press.model import Example, Language, Proof, Setting, Verdict, Workshop
from press.running import Ended, Runner, Step

SHARED = {
    "continue": "goes on from the example before it, sharing its names",
    "fresh": "does not, though its article says so of all",
    "group": "goes on from the last example of the group: group=parser",
    "await": "may have `await` at its top level",
    "skip": 'is not run, for the reason given: skip="needs a printer"',
    "timeout": "seconds that it may take: timeout=30",
    "stdin": 'is given this as standard input: stdin="yes"',
}

LANGUAGE = Language(
    "python",
    frozenset({"py", "python3", "py3"}),
    {
        **SHARED,
        "raises": 'has to end with this exception: raises="ValueError: a message"',
        "exit": "has to end with this exit status: exit=2",
        "compile-only": "is compiled, not run",
    },
    shares="python",
)

PROBE_SECONDS = 2.0
"""What an example that is skipped may take to show that it would pass now."""

IMPORTED = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)

# What may be loaded for examples beforehand: none of these does anything but define.
PLAIN = frozenset(
    """
    abc argparse array ast asyncio base64 bisect calendar collections concurrent contextlib
    contextvars copy csv ctypes dataclasses datetime decimal difflib enum fractions functools
    hashlib heapq html importlib inspect io ipaddress itertools json logging math multiprocessing
    numbers operator pathlib pickle pprint queue random re secrets select selectors shlex shutil
    signal socket sqlite3 statistics string struct subprocess tempfile textwrap threading time
    timeit tomllib traceback types typing unittest urllib uuid warnings weakref xml zlib zoneinfo
    """.split()  # noqa: SIM905  # as a text it can be read
)


def version(setting: Setting, workshop: Workshop) -> str:
    """The interpreter in its first line, then what else the output of examples may depend on."""
    try:
        found = environments.environment(setting, workshop)
    except NotHad:
        return ""
    return "\n".join([f"Python {found.version}", found.build, sys.platform, *found.lock])


@dataclass(frozen=True, slots=True)
class _Chain:
    """Examples that run in one process."""

    examples: tuple[Example, ...]
    probe: bool = False
    """Whether the last is one that is skipped, run to see whether it would pass."""


def prove(
    examples: Sequence[Example], workshop: Workshop, workers: int | None = None
) -> Iterator[Proof]:
    """A Proof of each example, in the order in which they come to an end."""
    preload = _preload(examples)

    def one(chain: _Chain, runner: Runner) -> list[Proof]:
        try:
            environment = environments.environment(chain.examples[0].setting, workshop)
        except NotHad as error:
            missing = Proof(chain.examples[0], Verdict.NOT_PROVEN, reason=str(error), status=None)
            return [replace(missing, example=example) for example in chain.examples]
        return _run(chain, runner, _sandbox(chain, environment, workshop, preload), environment)

    asked = {example.where for example in examples}
    for chain, proofs in running.each(_chains(examples), one, workers):
        if chain.probe:
            yield _skipped(proofs[-1])
        else:
            yield from (proof for proof in proofs if proof.example.where in asked)


def _chains(examples: Sequence[Example]) -> list[_Chain]:
    """What has to run for these examples, each as long as it gets."""
    longest: dict[str, tuple[Example, ...]] = {}
    probes = []
    for example in examples:
        whole = (*example.before, example)
        if "skip" in example.options:
            probes.append(_Chain(whole, probe=True))
        elif len(whole) > len(longest.get(whole[0].where, ())):
            longest[whole[0].where] = whole
    return [*(_Chain(whole) for whole in longest.values()), *probes]


REVEALING = re.compile(r"sys\.modules|__import__|loggerDict|warnings\.filters|meta_path")
"""What tells which modules were loaded beforehand."""


def _preload(examples: Sequence[Example]) -> tuple[str, ...]:
    """The modules that more than one example imports, if loading them does nothing else."""
    named = Counter(
        name for example in examples for name in {*IMPORTED.findall(example.fence.code)} & PLAIN
    )
    return tuple(sorted(name for name, count in named.items() if count > 1))


def _sandbox(
    chain: _Chain, environment: Environment, workshop: Workshop, preload: tuple[str, ...]
) -> Sandbox:
    return Sandbox(
        environment.interpreter,
        environment.sites,
        environment.sites,
        (str(workshop.root),) if workshop.root else (),
        chain.examples[0].setting.online,
        () if any(REVEALING.search(one.fence.code) for one in chain.examples) else preload,
    )


def _run(chain: _Chain, runner: Runner, sandbox: Sandbox, environment: Environment) -> list[Proof]:
    last = chain.examples[-1]
    steps = [
        _step(example, index, PROBE_SECONDS if chain.probe else running.TIMEOUT)
        for index, example in enumerate(chain.examples)
    ]
    files = dict(last.setting.files)
    for example in chain.examples:
        files.update({one.name: one.content.encode() for one in example.written})
    given = [one.options["stdin"] for one in chain.examples if "stdin" in one.options]
    text = "".join(f"{line}\n" for line in given).replace("\\n", "\n")
    ended = runner.steps(sandbox, steps, files, text if given else None)
    judge = _Judge(chain, steps, ended, environment)
    return [judge.proof(index) for index in range(len(steps))]


def _step(example: Example, index: int, limit: float) -> Step:
    options = example.options
    name = options.get("file", "")
    if not name.endswith(".py"):
        name = "main.py" if index == 0 else f"main{index + 1}.py"
    code = example.fence.code
    session = None
    if example.fence.language == "pycon" or sessions.is_session(code):
        session = [(one.source, one.line) for one in sessions.statements(code)]
    return Step(
        name,
        code,
        (seconds(options) if "timeout" in options else None) or limit,
        session,
        "await" in options,
        "compile-only" in options,
        "raises" in options,
        (exit_status(options) if "exit" in options else None) or 0,
    )


def _skipped(proof: Proof) -> Proof:
    """What to say of an example that its author leaves out, which was tried even so."""
    reason = proof.example.options["skip"]
    passes = proof.verdict is Verdict.PROVEN
    return Proof(proof.example, Verdict.SKIPPED, reason=reason, status=None, passes=passes)


class _Judge:
    """Decides what became of each example of a chain."""

    def __init__(
        self, chain: _Chain, steps: Sequence[Step], ended: Ended, environment: Environment
    ) -> None:
        self.chain = chain
        self.steps = steps
        self.ended = ended
        self.environment = environment
        self.lines = {
            one.name: (one.line, one.content.count("\n"))
            for example in chain.examples
            for one in example.written
        }
        self.failed: Example | None = None
        """The first that failed, which those after it go on from."""

    def proof(self, index: int) -> Proof:
        example, records = self.chain.examples[index], self.ended.steps
        self.lines[self.steps[index].name] = (example.fence.line, example.fence.code.count("\n"))
        if self.failed:
            reason = f"blocked by line {self.failed.fence.line}: what it goes on from has failed"
            return Proof(example, Verdict.FAILED, reason=reason, status=None)
        record = records[index] if index < len(records) else None
        before = records[index - 1] if index else {"out": 0, "err": 0}
        is_last = index + 1 == len(self.steps)
        output = self._part(
            self.ended.output, before["out"], record["out"] if record else None, is_last
        )
        errors = self._part(
            self.ended.errors, before["err"], record["err"] if record else None, is_last
        )
        if record is None:
            proof = self._judge_end(example, output, errors)
        else:
            proof = self._judge_step(example, record, output, errors)
            if proof.verdict is Verdict.PROVEN and is_last:
                proof = self._judge_rest(proof, record, errors)
        if proof.verdict is Verdict.FAILED:
            self.failed = example
        return replace(proof, seconds=self.ended.seconds)

    @staticmethod
    def _part(content: bytes, start: int, end: int | None, is_last: bool) -> str:
        return running.readable(content[start : None if is_last or end is None else end])

    def _judge_step(
        self, example: Example, record: Mapping[str, Any], output: str, errors: str
    ) -> Proof:
        """What became of an example that came to an end of its own."""
        options, status = example.options, record["status"]
        if record["out"] < 0:
            return self._failed(example, "it closed its standard output", output, errors)
        if "raises" in options:
            if record["ended"] != "raised":
                reason = f"it should raise {options['raises']}, and did not"
                return self._failed(example, reason, output, errors)
            if not _is_raised(options["raises"], record):
                reason = f"it raised {_told(record)}, not {options['raises']}"
                return self._failed(example, reason, output, errors, record)
            return self._proven(example, f"raised {record['kind']}", output)
        if record["ended"] == "raised":
            return self._failed(example, _told(record), output, errors, record)
        wanted = (exit_status(options) if "exit" in options else None) or 0
        if status != wanted:
            asked = f", not {wanted}" if "exit" in options else ""
            last = errors.strip().splitlines()[-1:]
            said = f": {last[0]}" if status and last else ""
            reason = f"it ended with exit status {status}{asked}{said}"
            return self._failed(example, reason, output, errors)
        if self.steps[self.chain.examples.index(example)].session is not None:
            return self._judge_session(example, record, output)
        if "compile-only" in options:
            return self._proven(example, "compiled, not run,", output)
        return replace(self._proven(example, "ran", output), status=status)

    def _judge_end(self, example: Example, output: str, errors: str) -> Proof:
        """What became of an example whose process ended before it did."""
        ended, options = self.ended, example.options
        if not ended.fate and "exit" in options and ended.status == exit_status(options):
            return replace(self._proven(example, "ran", output), status=ended.status)
        reason = ended.fate or (
            "it ended its process before its own end, as os._exit does"
            f" (exit status {ended.status})"
        )
        return self._failed(example, reason, output, errors)

    def _judge_rest(self, proof: Proof, record: Mapping[str, Any], errors: str) -> Proof:
        """What became of the process after its last example had come to an end."""
        ended = self.ended
        reason = ended.fate
        expected = 0 if "raises" in proof.example.options else record["status"]
        if not reason and ended.status != expected:
            last = errors.strip().splitlines()[-1:]
            reason = f"it ended with exit status {ended.status}" + (f": {last[0]}" if last else "")
        return self._failed(proof.example, reason, proof.output, errors) if reason else proof

    def _judge_session(self, example: Example, record: Mapping[str, Any], output: str) -> Proof:
        shown = sessions.statements(example.fence.code)
        before = (
            self.ended.steps[self.chain.examples.index(example) - 1] if example.before else None
        )
        start = before["out"] if before else 0
        for statement, ran in zip(shown, record["statements"], strict=False):
            observed = running.readable(self.ended.output[start : ran["end"]])
            start = ran["end"]
            if _session_agrees(statement.shown, observed, ran["failed"]):
                continue
            detail = comparing.difference(statement.shown, self._in_article(observed))
            line = example.fence.line + statement.line
            reason = "what it shows is not what is shown here"
            if ran["failed"] and "Traceback (most" not in statement.shown:
                reason = _told(ran["failed"])
            return Proof(example, Verdict.FAILED, output, reason, detail, line, status=1)
        if len(record["statements"]) < len(shown) and record["ended"] != "exit":
            return Proof(example, Verdict.FAILED, output, "too much came of it to compare")
        if len(record["statements"]) + 1 < len(shown):
            reason = "it ended before its last statement"
            line = example.fence.line + shown[len(record["statements"])].line
            return Proof(example, Verdict.FAILED, output, reason, line=line, status=0)
        return self._proven(example, "ran", output)

    def _proven(self, example: Example, did: str, output: str) -> Proof:
        how = f"{did} with Python {self.environment.version}"
        return Proof(example, Verdict.PROVEN, output, how=how)

    def _failed(
        self,
        example: Example,
        reason: str,
        output: str,
        errors: str,
        record: Mapping[str, Any] | None = None,
    ) -> Proof:
        detail = running.last_lines(self._in_article(errors))
        line = self._line(example, record["places"] if record else self._places(errors))
        hint = explaining.hint(example, reason, errors, record)
        reason = self._in_article(reason)
        return Proof(
            example, Verdict.FAILED, output, reason, detail, line, hint, status=self.ended.status
        )

    def _places(self, errors: str) -> list[tuple[str, int]]:
        """The places that a dump of a dying interpreter names, innermost last."""
        named = re.findall(r'File "[^"]*?/work/example/([^"]+)", line (\d+)', errors)
        return [(name, int(line)) for name, line in reversed(named)]

    def _line(self, example: Example, places: Sequence[Sequence[Any]]) -> int:
        """The article's line of the innermost place within the example; 0 for none."""
        for name, line in reversed(places):
            start, length = self.lines.get(name, (0, 0))
            if start == example.fence.line and 1 <= line <= length + 1:
                return min(start + int(line), max(example.fence.end - 1, start))
        return 0

    def _in_article(self, errors: str) -> str:
        """Errors in terms of the article's lines, without the frames of what ran it."""
        path = self.chain.examples[0].article.path

        def placed(match: re.Match[str]) -> str:
            name, line = match[1], int(match[2])
            if name not in self.lines:
                return match.group()
            return f'File "{path}", line {self.lines[name][0] + line}'

        errors = re.sub(r'File "[^"]*?/work/example/([^"]+)", line (\d+)', placed, errors)
        ours = f"{os.sep}press{os.sep}inside{os.sep}"
        return "".join(line for line in errors.splitlines(keepends=True) if ours not in line)


def _told(record: Mapping[str, Any]) -> str:
    """An exception in one line."""
    first = (str(record["message"]).strip().splitlines() or [""])[0]
    return f"{_kind(record)}: {first}" if first else _kind(record)


def _kind(record: Mapping[str, Any]) -> str:
    builtin = record["module"] in ("builtins", "__main__")
    return str(record["kind"]) if builtin else f"{record['module']}.{record['kind']}"


def _is_raised(wanted: str, record: Mapping[str, Any]) -> bool:
    """Whether an exception is the expected one: by its name or that of a class it is derived from,
    and by its message if one is given.
    """
    name, colon, message = wanted.partition(":")
    last = name.strip().rpartition(".")[2]
    if last not in (base.rpartition(".")[2] for base in record["bases"][:-2]):
        return False
    return not colon or comparing.says(message, str(record["message"]).replace("\n", " "))


def _session_agrees(shown: str, observed: str, failed: Mapping[str, Any] | None) -> bool:
    """Whether a statement did what the session shows; of a traceback, its last line counts."""
    if not failed:
        return comparing.agree(shown, observed)
    output, marker, trace = shown.partition("Traceback (most recent call last):")
    real_output, _, real_trace = observed.partition("Traceback (most recent call last):")
    if not marker:  # a SyntaxError has no stack
        return comparing.agree(shown, observed) or bool(
            shown and comparing.says(shown.rstrip().splitlines()[-1], _last(observed))
        )
    return comparing.agree(output, real_output) and comparing.says(_last(trace), _last(real_trace))


def _last(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(" ")]
    return lines[-1] if lines else ""
