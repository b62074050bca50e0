"""How a process ended -> the Proof of each Python example that ran in it.

What an example says of itself counts for nothing: the process was watched from outside
(`inside/zygote.py`), and this is what follows from what was seen.
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from press import comparing, explaining, running, sessions, tracebacks
from press.examples import exit_status
from press.model import Example, Proof, Verdict
from press.running import Ended, Step
from press.sessions import Statement


class Part(Struct, frozen=True):
    """What one example of a chain has printed."""

    start: int
    """Where that begins in the output of the process."""
    output: str
    errors: str

    @property
    def last(self) -> str:
        """The last line of its errors."""
        return (self.errors.strip().splitlines() or [""])[-1]


class Judge:
    """Decides what became of examples that ran as the steps of one process."""

    def __init__(
        self, examples: Sequence[Example], steps: Sequence[Step], ended: Ended, version: str
    ) -> None:
        self.examples = examples
        self.steps = steps
        self.ended = ended
        self.version = version
        self.lines = {
            one.name: (one.line, one.content.count("\n"))
            for example in examples
            for one in example.written
        }
        self.failed: Example | None = None
        """The first that failed, which those after it go on from."""

    def proofs(self) -> list[Proof]:
        """The Proof of each."""
        return [self._proof(index) for index in range(len(self.steps))]

    def _proof(self, index: int) -> Proof:
        """The Proof of one of them; to be asked for in their order."""
        example, step, records = self.examples[index], self.steps[index], self.ended.steps
        self.lines[step.name] = (example.fence.line, example.fence.code.count("\n"))
        if self.failed:
            reason = f"blocked by line {self.failed.fence.line}: what it goes on from has failed"
            return Proof(example, Verdict.FAILED, reason=reason, status=None)
        part = self._part(index)
        if index < len(records):
            proof = self._judge_step(example, step, records[index], part)
            if proof.verdict is Verdict.PROVEN and step is self.steps[-1]:
                proof = self._judge_rest(proof, records[index], part)
        else:
            proof = self._judge_end(example, part)
        if proof.verdict is Verdict.FAILED:
            self.failed = example
        return replace(proof, seconds=self._seconds(index), level=self.ended.level or "")

    def _seconds(self, index: int) -> float:
        """What a step took; the last one all that the process took besides."""
        took = [float(record["seconds"]) for record in self.ended.steps]
        if index < len(took) and index + 1 < len(self.steps):
            return took[index]
        return self.ended.seconds - sum(took[:index])

    def _part(self, index: int) -> Part:
        """What a step has printed: the last one all that comes after those before it."""
        records = self.ended.steps
        start = records[index - 1] if index else {"out": 0, "err": 0}
        end = records[index] if index + 1 < len(records) else {"out": None, "err": None}
        return Part(
            start["out"],
            running.readable(self.ended.output[start["out"] : end["out"]]),
            running.readable(self.ended.errors[start["err"] : end["err"]]),
        )

    def _judge_step(
        self, example: Example, step: Step, record: Mapping[str, Any], part: Part
    ) -> Proof:
        """What became of an example that came to an end of its own."""
        options, status = example.options, self._status(step, record)
        if record["ended"] == "refused":
            return self._failed(example, record["message"], part)
        if record["out"] < 0:
            return self._failed(example, "it closed its standard output", part)
        if "raises" in options:
            return self._judge_raised(example, record, part)
        if record["ended"] == "raised":
            return self._failed(example, _told(record), part, record)
        if status != step.exits:
            asked = f", not {step.exits}" if "exit" in options else ""
            said = f": {part.last}" if status and part.last else ""
            return self._failed(example, f"it ended with exit status {status}{asked}{said}", part)
        if step.session is not None:
            return self._judge_session(example, record, part)
        did = "compiled, not run," if step.compiles_only else "ran"
        return replace(self._proven(example, did, part), status=status)

    def _status(self, step: Step, record: Mapping[str, Any]) -> int | None:
        """The exit status of an example: of its process, if it is the last and asks for one."""
        is_asked = step is self.steps[-1] and "exit" in self.examples[-1].options
        return self.ended.status if is_asked and not self.ended.fate else record["status"]

    def _judge_raised(self, example: Example, record: Mapping[str, Any], part: Part) -> Proof:
        """Whether an example has raised what it should."""
        wanted = example.options["raises"]
        if record["ended"] != "raised":
            return self._failed(example, f"it should raise {wanted}, and did not", part)
        if not _is_raised(wanted, record):
            return self._failed(example, f"it raised {_told(record)}, not {wanted}", part, record)
        return self._proven(example, f"raised {record['kind']}", part)

    def _judge_end(self, example: Example, part: Part) -> Proof:
        """What became of an example whose process ended before it did."""
        ended, options = self.ended, example.options
        if not ended.fate and "exit" in options and ended.status == exit_status(options):
            return replace(self._proven(example, "ran", part), status=ended.status)
        reason = ended.fate or (
            "it ended its process before its own end, as os._exit does"
            f" (exit status {ended.status})"
        )
        return self._failed(example, reason, part)

    def _judge_rest(self, proof: Proof, record: Mapping[str, Any], part: Part) -> Proof:
        """What became of the process after its last example had come to an end."""
        raises = "raises" in proof.example.options
        expected = 0 if raises else self._status(self.steps[-1], record)
        reason = self.ended.fate
        if not reason and self.ended.status != expected:
            said = f": {part.last}" if part.last else ""
            reason = f"it ended with exit status {self.ended.status}{said}"
        return self._failed(proof.example, reason, part) if reason else proof

    def _judge_session(self, example: Example, record: Mapping[str, Any], part: Part) -> Proof:
        """Whether each statement has shown what the session shows for it."""
        shown, ran = sessions.statements(example.fence.code), record["statements"]
        start = part.start
        for statement, one in zip(shown, ran, strict=False):
            observed, failed = self.ended.output[start : one["end"]], one["failed"]
            at = failed["at"] - start if failed else None
            start = one["end"]
            if not _agrees(statement.shown, observed[:at], observed[at:] if failed else b""):
                reason = "what it shows is not what is shown here"
                if failed and "Traceback (most" not in statement.shown:
                    reason = _told(failed)
                text = self._in_article(running.readable(observed))
                detail = comparing.difference(statement.shown, text)
                return self._failed_at(example, statement, part, reason, detail)
        exited = record["ended"] == "exit"  # by a statement that is not among those that ran
        if len(ran) + exited < len(shown):
            reason = "it ended here" if exited else "more came of it than is kept"
            return self._failed_at(example, shown[len(ran)], part, reason)
        return self._proven(example, "ran", part)

    @staticmethod
    def _failed_at(
        example: Example, statement: Statement, part: Part, reason: str, detail: str = ""
    ) -> Proof:
        line, reason = example.fence.line + statement.line, comparing.cut(reason)
        return Proof(example, Verdict.FAILED, part.output, reason, detail, line, status=1)

    def _proven(self, example: Example, did: str, part: Part) -> Proof:
        how = f"{did} with Python {self.version}"
        return Proof(example, Verdict.PROVEN, part.output, how=how)

    def _failed(
        self,
        example: Example,
        reason: str,
        part: Part,
        record: Mapping[str, Any] | None = None,
    ) -> Proof:
        last = running.last_lines(self._in_article(part.errors))
        detail = "\n".join(map(comparing.cut, last.split("\n")))
        line = self._line(example, record["places"] if record else self._places(part.errors))
        hint = explaining.hint(example, reason, part.errors, record)
        reason = comparing.cut(self._in_article(reason))
        output, status = part.output, self.ended.status
        return Proof(example, Verdict.FAILED, output, reason, detail, line, hint, status=status)

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
        path = self.examples[0].article.path

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

    A name may stand alone, or with the module that defines it or one above that: what is
    `json.decoder.JSONDecodeError` to Python is `json.JSONDecodeError` to its users.
    """
    name, colon, message = wanted.partition(":")
    module, _, last = name.strip().rpartition(".")
    if not any(
        last == kind.rpartition(".")[2]
        and f"{home}.{kind}.".startswith(f"{module}." * bool(module))
        for home, kind in record["classes"][:-1]  # the last is object
    ):
        return False
    return not colon or comparing.says(message, str(record["message"]).replace("\n", " "))


def _agrees(shown: str, output: bytes, trace: bytes) -> bool:
    """Whether a statement did what the session shows: its output, and then its traceback if any."""
    said = running.readable(output)
    if not trace:
        return comparing.agree(shown, said)
    return tracebacks.agrees(shown, said, running.readable(trace))
