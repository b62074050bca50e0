"""Examples -> their language -> Proofs; and what is wrong with them, as Problems."""

import re
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from msgspec.structs import replace

from press import comparing, running
from press.cache import Kept, Proofs, key
from press.infostring import SHOWING
from press.isolation import Level
from press.languages import provers
from press.model import Example, Mark, Proof, Setting, Verdict, Workshop
from press.problems import Code, Problem, SourceText
from press.root import typed

PLACE = re.compile(r"line!|file!|panic|Location|caller|backtrace|dbg!")
"""Words of Rust code that may print its own place in the article."""

NO_WILDCARDS = "print something else: what is shown for it would agree with any output"
"""What to do about an output that looks like wildcards."""

Version = Callable[[str, Setting, Workshop], str]
"""With what the examples of a language and a setting run, as that language's `version`."""

Progress = Callable[[int, int], None]
"""Is told how many examples are done, and of how many."""

Prover = Callable[[Sequence[Example], Workshop], Sequence[Proof]]
"""Examples -> a Proof of each, in their order."""


def version(language: str, setting: Setting, workshop: Workshop) -> str:
    """As the language tells it."""
    return provers()[language].version(setting, workshop)


def prove(
    examples: Sequence[Example],
    workshop: Workshop,
    *,
    afresh: bool = False,
    progress: Progress | None = None,
    workers: int | None = None,
    told: Version = version,
    whole: bool = True,
) -> list[Proof]:
    """A Proof of each example, in their order. `whole` says whether a publication has no others.

    What ran well before, with all that its output depends on as it is now, is not run again,
    unless `afresh`.
    """
    remembered = Proofs(workshop.cache)
    keys = _named(examples, workshop, told)
    proofs = {example.where: _refused(example) for example in examples if example.wrong}
    if not afresh:
        found = _recalled(examples, keys, remembered)
        proofs |= {p.example.where: p for p in found if _holds_at(p.level)}
    todo = [example for example in examples if example.where not in proofs]
    for count, proof in enumerate(_run(todo, workshop, workers), 1):
        proofs[proof.example.where] = proof
        if keys[proof.example.where] and _is_kept(proof):
            remembered.keep(keys[proof.example.where], _kept(proof))
        elif proof.verdict is Verdict.FAILED:
            remembered.drop(keys[proof.example.where])
        if progress:
            progress(count, len(todo))
    remembered.save(filter(None, keys.values()), whole=whole)
    return [_with_output_compared(proofs[example.where]) for example in examples]


def recall(
    examples: Sequence[Example],
    workshop: Workshop,
    remembered: Proofs,
    told: Version = version,
) -> list[Proof] | None:
    """The proofs of examples that all have done before what they show; None if any has to run."""
    found = _recalled(examples, _named(examples, workshop, told), remembered)
    proofs = [_with_output_compared(one) for one in found if _holds_at(one.level)]
    is_known = len(proofs) == len(examples)
    return proofs if is_known and not problems(proofs) else None


def _named(examples: Sequence[Example], workshop: Workshop, told: Version) -> dict[str, str]:
    keys = _keys(examples, workshop, told)
    return dict(zip((one.where for one in examples), keys, strict=True))


def known(examples: Sequence[Example], workshop: Workshop) -> list[Proof]:
    """The proofs that an earlier run has kept, of the examples that have one. Nothing is run."""
    named = _named(examples, workshop, version)
    found = _recalled(examples, named, Proofs(workshop.cache))
    return [_with_output_compared(proof) for proof in found if _holds_at(proof.level)]


def _holds_at(level: str) -> bool:
    """Whether what came of a level of isolation, or of no run, holds: a better one may refuse."""
    return not level or running.is_at_best(Level(level))


def _is_kept(proof: Proof) -> bool:
    return proof.verdict is Verdict.PROVEN or (
        proof.verdict is Verdict.SKIPPED and "skip" in proof.example.options
    )


def _kept(proof: Proof) -> Kept:
    passes = None if proof.verdict is Verdict.PROVEN else proof.passes
    seconds = round(proof.seconds, 6)
    return Kept(proof.output, proof.how, proof.status, seconds, passes, proof.level)


def _keys(examples: Sequence[Example], workshop: Workshop, told: Version) -> Iterator[str]:
    """What the output of each example depends on, as a name; empty for what can't be kept."""
    settings: dict[tuple[str, int], str] = {}
    for example in examples:
        place = (example.fence.language, id(example.setting))
        if place not in settings:
            language, setting = example.fence.language, example.setting
            name = "" if setting.online else told(language, setting, workshop)
            settings[place] = _setting_key(name, setting)
        yield _key(example, settings[place]) if settings[place] else ""


def _setting_key(version: str, setting: Setting) -> str:
    if not version:
        return ""
    files = [f"{name} {sha256(content).hexdigest()}" for name, content in setting.files.items()]
    return key(version, *files)


def _key(example: Example, setting: str) -> str:
    parts = [setting]
    for one in (*example.before, example):
        # Of one that ran well it is kept how long it took.
        timed = one is not example or "skip" in one.options
        same = SHOWING if timed else SHOWING | {"timeout"}
        options = sorted((k, v) for k, v in one.options.items() if k not in same)
        parts += [one.fence.language, repr(options), one.fence.code]
        parts += [word for made in one.new for word in (made.name, made.content)]
    if example.fence.language == "rust" and PLACE.search(example.fence.code):
        parts += [example.article.path, str(example.fence.line)]
    return key(*parts)


def _recalled(
    examples: Sequence[Example], keys: dict[str, str], remembered: Proofs
) -> Iterator[Proof]:
    for example in examples:
        kept = remembered.find(keys[example.where])
        if kept is None or example.wrong:
            continue
        if kept.passes is None and "skip" not in example.options:
            if kept.seconds > running.limit_of(example):
                continue
            yield Proof(
                example, Verdict.PROVEN, kept.output, how=kept.how,
                status=kept.status, seconds=kept.seconds, level=kept.level,
            )  # fmt: skip
        elif kept.passes is not None and "skip" in example.options:
            reason = example.options["skip"]
            yield Proof(
                example, Verdict.SKIPPED, kept.output, reason, status=None,
                passes=kept.passes, level=kept.level,
            )  # fmt: skip


def _run(examples: Sequence[Example], workshop: Workshop, workers: int | None) -> Iterator[Proof]:
    """The proofs of examples, as they come; languages that share names are run together."""
    together: dict[object, list[Example]] = {}
    for example in examples:
        together.setdefault(provers()[example.fence.language].prove, []).append(example)
    for some in together.values():
        yield from provers()[some[0].fence.language].prove(some, workshop, workers)


def _refused(example: Example) -> Proof:
    """What to say of an example whose fence asks for what can't be."""
    reason = example.wrong[0].message
    return Proof(example, Verdict.FAILED, reason=reason, status=None)


def _with_output_compared(proof: Proof) -> Proof:
    """The proof, failed if the output that the article shows is not what was observed.

    One that is skipped would pass only if it is; what it printed is nobody else's matter.
    """
    expected = proof.example.expected
    agrees = expected is None or comparing.agree(expected.code, proof.output)
    if proof.verdict is Verdict.SKIPPED:
        return replace(proof, output="", passes=proof.passes and agrees)
    if proof.verdict is not Verdict.PROVEN or expected is None or agrees:
        return proof
    hint = f"if the observed output is right, accept it:  {accepting(proof.example)}"
    if comparing.has_wildcards(expected.code):
        hint = "if the observed output is right, change by hand what is around the wildcards"
    elif comparing.has_wildcards(proof.output):
        hint = NO_WILDCARDS
    return replace(
        proof,
        verdict=Verdict.FAILED,
        reason="the output is not what is shown here",
        detail=comparing.difference(expected.code, proof.output),
        line=expected.line,
        hint=hint,
    )


def accepting(example: Example) -> str:
    """The command that writes the observed output of an example into its article."""
    return f"{typed()} check --update {example.article.path}:{example.fence.line}"


def problems(proofs: Sequence[Proof]) -> list[Problem]:
    """A Problem for each example that failed; of one with a wrong fence, those that it has."""
    failed = [proof for proof in proofs if proof.verdict is Verdict.FAILED]
    return [one for proof in failed for one in proof.example.wrong or [_problem(proof)]]


def not_proven(marks: Sequence[Mark], source: Callable[[str], SourceText]) -> Iterator[Problem]:
    """A Problem for each example that nothing here can run. `source` gives an article's text."""
    for mark in marks:
        if mark.verdict is Verdict.NOT_PROVEN:
            path, line, column = mark.where.rsplit(":", 2)
            message = f"this is not proven here: {mark.reason}"
            hint = "publish from where it can be run, or let it pass:  --not-proven"
            yield source(path).problem(
                Code.EXAMPLE_NOT_PROVEN, int(line), int(column), message, hint
            )


def _problem(proof: Proof) -> Problem:
    example = proof.example
    fence = example.fence
    line = proof.line or fence.line
    if example.expected and line == example.expected.line:
        code, column = Code.EXAMPLE_OUTPUT_DIFFERS, example.expected.column
    else:
        code, column = Code.EXAMPLE_FAILED, _column(example, line)
    message = f"{proof.reason}\n{proof.detail}".rstrip()
    return example.article.problem(code, line, column, message, proof.hint)


def _column(example: Example, line: int) -> int:
    """Where the statement of a line of an example begins."""
    if line == example.fence.line:
        return example.fence.column
    text = example.article.text.split("\n")[line - 1]
    code = text[example.fence.column - 1 :]
    return example.fence.column + len(code) - len(code.lstrip())
