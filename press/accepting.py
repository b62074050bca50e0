"""Writes observed outputs into the `output` fences of articles, and touches nothing else."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from press import comparing, examples, frontmatter, prove
from press.fields import BAD_CHARACTER
from press.languages import languages
from press.model import Fence, Proof, Verdict, Workshop
from press.problems import Code, Problem, ProblemsFound, SourceText


@dataclass(frozen=True, slots=True)
class Change:
    """An output to be written into its fence."""

    article: SourceText
    fence: Fence
    output: str

    def problem(self, message: str, hint: str = "") -> Problem:
        code, fence = Code.EXAMPLE_OUTPUT_DIFFERS, self.fence
        return self.article.problem(code, fence.line, fence.column, message, hint)


def accept(
    root: Path, proofs: Sequence[Proof], workshop: Workshop, refused: list[Problem]
) -> Iterator[str]:
    """Write each output that differs from what is shown; yields a line for each, once written.

    What differs between two runs is `refused`: it can't be shown as it is.
    """
    stale = [proof for proof in proofs if _is_stale(proof)]
    if not stale:
        return
    runs = [
        prove.prove([proof.example for proof in stale], workshop, afresh=True) for _ in range(2)
    ]
    changes: dict[str, list[Change]] = {}
    for proof, one, another in zip(stale, *runs, strict=True):
        expected = proof.example.expected
        assert expected  # noqa: S101  # a stale proof has one
        change = Change(proof.example.article, expected, one.output)
        problem = _unfit(change, (proof, one, another))
        if problem:
            refused.append(problem)
        else:
            changes.setdefault(change.article.path, []).append(change)
    for path, some in changes.items():
        yield from _accept(root / path, some, refused)


def _accept(path: Path, changes: Sequence[Change], refused: list[Problem]) -> Iterator[str]:
    """Bring one article to its observed outputs."""
    try:
        _rewrite(path, changes)
    except ProblemsFound as error:
        refused += error.problems
        return
    for change in changes:
        yield f"{change.article.path}:{change.fence.line}: accepted"


def _is_stale(proof: Proof) -> bool:
    expected = proof.example.expected
    return bool(expected and proof.verdict is Verdict.FAILED and proof.line == expected.line)


def _unfit(change: Change, runs: Sequence[Proof]) -> Problem | None:
    """Why an output can't be accepted."""
    for run in runs:
        if run.verdict is not Verdict.PROVEN and not _is_stale(run):
            return next(iter(prove.problems([run])), change.problem(run.reason))
    first, *others = (_shown(run.output) for run in runs)
    other = next((one for one in others if one != first), None)
    if other is not None:
        message = f"its output is not the same in two runs\n{_two(first, other)}"
        return change.problem(message, "make it the same, or put [..] or ... where it differs")
    if comparing.has_wildcards(change.fence.code):
        return change.problem("what is shown has wildcards", "change by hand what is around them")
    if comparing.has_wildcards("\n".join(first)):
        message = "its output has `[..]` or a line of `...`, which stand for anything where shown"
        return change.problem(message, prove.NO_WILDCARDS)
    found = BAD_CHARACTER.search("\n".join(first))
    if found:
        message = f"its output has the control character U+{ord(found.group()):04X}"
        return change.problem(message, "print something that an article can show")
    return None


def _shown(output: str) -> list[str]:
    """The lines that show an output."""
    return [line.rstrip() for line in output.rstrip().split("\n")] if output.strip() else []


def _two(first: Sequence[str], second: Sequence[str]) -> str:
    text = comparing.difference("\n".join(first), "\n".join(second))
    return text.replace("--- shown", "--- first run").replace("+++ observed", "+++ second run")


def _rewrite(path: Path, changes: Sequence[Change]) -> None:
    """Put outputs into fences. Raises ProblemsFound, and then the file is as it was."""
    try:
        content = path.read_bytes()
        if _text(content) != changes[0].article.text:
            raise ProblemsFound([one.problem("the article has changed since") for one in changes])
        made = _changed(content, changes)
        _refuse_what_reads_otherwise(made, changes)
        _replace(path, made)
    except OSError as error:
        message = f"can't write this: {error.strerror}"
        problem = Problem(changes[0].article.path, 0, 0, Code.UNREADABLE, message)
        raise ProblemsFound([problem]) from None


def _text(content: bytes) -> str:
    """The content of an article as the press reads it."""
    text = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    return BAD_CHARACTER.sub(" ", text)


def _changed(content: bytes, changes: Sequence[Change]) -> bytes:
    """The content with outputs in their fences, the last first so that lines keep their numbers."""
    lines = content.split(b"\n")
    for change in sorted(changes, key=lambda change: -change.fence.line):
        _put(lines, change.fence, _shown(change.output))
    return b"\n".join(lines)


def _put(lines: list[bytes], fence: Fence, shown: Sequence[str]) -> None:
    opening = lines[fence.line - 1].decode("utf-8-sig")
    prefix, marks = _prefix(opening, fence), opening[fence.column - 1 :]
    width = len(marks) - len(marks.lstrip(marks[0]))
    longest = max((_closing(line, marks[0]) for line in shown), default=0)
    if longest >= width:  # a longer fence, which the output can't close
        mark = marks[0].encode()
        for number in (fence.line, fence.end):
            line = lines[number - 1]
            lines[number - 1] = line.replace(mark, mark * (longest + 2 - width), 1)
    end = "\r" if opening.endswith("\r") else ""
    lines[fence.line : fence.end - 1] = [
        f"{(prefix + line).rstrip()}{end}".encode() for line in shown
    ]


def _prefix(opening: str, fence: Fence) -> str:
    """What stands before each line of a fence: quote marks as they are, list markers as space."""
    before = opening[: fence.column - 1]
    return "".join(char if char in "> \t" else " " for char in before)


def _closing(line: str, mark: str) -> int:
    """How long a fence the line would close."""
    text = line.strip(" \t")
    return len(text) if set(text) == {mark} else 0


def _refuse_what_reads_otherwise(content: bytes, changes: Sequence[Change]) -> None:
    """Raise ProblemsFound unless each output is read as it was observed, and all else as before."""
    before = _fences(changes[0].article)
    after = _fences(SourceText(changes[0].article.path, _text(content)))
    wanted = {change.fence.line: change for change in changes}
    same = len(before) == len(after)
    for old, new in zip(before, after, strict=False):
        change = wanted.get(old.line)
        shown = "".join(f"{line}\n" for line in _shown(change.output)) if change else old.code
        same = same and new.code == shown and new.language == old.language
    if not same:
        message = "its output can't be shown in a fence that stands here"
        raise ProblemsFound([change.problem(message, "write it by hand") for change in changes])


def _fences(article: SourceText) -> tuple[Fence, ...]:
    _, body_line = frontmatter.split(article)
    return examples.find(article, body_line, languages())[0].fences


def _replace(path: Path, content: bytes) -> None:
    """Write a file at once or not at all; it keeps its mode, and a link to it stays one."""
    target = path.resolve()
    aside = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        with aside.open("xb") as file:
            shutil.copymode(target, aside)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
