"""Examples -> their language -> Proofs; and what is wrong with them, as Problems."""

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import groupby, islice

from press.cache import Proofs, key
from press.languages import provers
from press.model import Example, Proof, Verdict, Workshop
from press.problems import Code, Problem

PLACE = re.compile(r"line|frame|trace|warn|file|panic", re.IGNORECASE)
"""Words of code that may print its own place."""

LINES = 100
"""Lines of a difference that are shown."""


def prove(examples: Sequence[Example], workshop: Workshop, *, afresh: bool = False) -> list[Proof]:
    """A Proof of each example, in their order.

    What ran well before, with all that its output depends on as it is now, is not run again,
    unless `afresh`.
    """
    remembered = Proofs(workshop.cache)
    keys = _keys(examples, workshop)
    proofs = {} if afresh else _recalled(examples, keys, remembered)
    todo = [index for index in range(len(examples)) if index not in proofs]
    for index, proof in _run(examples, todo, workshop):
        proofs[index] = proof
        if proof.verdict is Verdict.PROVEN and keys[index]:
            remembered.keep(keys[index], proof.output)
    remembered.save(filter(None, keys))
    return [_with_output_compared(proofs[index]) for index in range(len(examples))]


def _keys(examples: Sequence[Example], workshop: Workshop) -> list[str]:
    """What the output of each example depends on, as a name; empty for what can't be kept."""
    names = {example.fence.language for example in examples}
    versions = {name: provers()[name].version(workshop) for name in names}
    return [
        key(
            example.fence.language,
            versions[example.fence.language],
            repr(example.fence.options),
            example.fence.code,
            # An example may print where it stands.
            *(
                [example.article.path, str(example.fence.line)]
                if PLACE.search(example.fence.code)
                else []
            ),
        )
        if versions[example.fence.language]
        else ""
        for example in examples
    ]


def _recalled(
    examples: Sequence[Example], keys: Sequence[str], remembered: Proofs
) -> dict[int, Proof]:
    outputs = [remembered.output(name) for name in keys]
    return {
        index: Proof(examples[index], Verdict.PROVEN, output)
        for index, output in enumerate(outputs)
        if output is not None
    }


def _run(
    examples: Sequence[Example], indexes: Sequence[int], workshop: Workshop
) -> Iterator[tuple[int, Proof]]:
    """The proofs of some of the examples, each language's together."""
    by_language = sorted(indexes, key=lambda index: examples[index].fence.language)
    for name, group in groupby(by_language, key=lambda index: examples[index].fence.language):
        some = list(group)
        made = provers()[name].prove([examples[index] for index in some], workshop)
        yield from zip(some, made, strict=True)


def _with_output_compared(proof: Proof) -> Proof:
    """The proof, failed if the output that the article shows is not what was observed."""
    expected = proof.example.expected
    if proof.verdict is not Verdict.PROVEN or expected is None:
        return proof
    shown, observed = _comparable(expected.code), _comparable(proof.output)
    if shown == observed:
        return proof
    return Proof(
        proof.example,
        Verdict.FAILED,
        proof.output,
        "the output is not what is shown here",
        "\n".join(islice(unified_diff(shown, observed, "shown", "observed", lineterm=""), LINES)),
        expected.line,
    )


def _comparable(output: str) -> list[str]:
    """Lines without trailing space, and without empty lines at the end."""
    return [line.rstrip() for line in output.rstrip().split("\n")]


def problems(proofs: Sequence[Proof]) -> list[Problem]:
    """A Problem for each example that failed."""
    return [_problem(proof) for proof in proofs if proof.verdict is Verdict.FAILED]


def _problem(proof: Proof) -> Problem:
    example = proof.example
    fence = example.fence
    line = proof.line or fence.line
    if example.expected and line == example.expected.line:
        code, column = Code.EXAMPLE_OUTPUT_DIFFERS, example.expected.column
    else:
        code, column = Code.EXAMPLE_FAILED, _column(example, line)
    message = f"{proof.reason}\n{proof.detail}".rstrip()
    return example.article.problem(code, line, column, message)


def _column(example: Example, line: int) -> int:
    """Where the statement of a line of an example begins."""
    if line == example.fence.line:
        return example.fence.column
    text = example.article.text.split("\n")[line - 1]
    code = text[example.fence.column - 1 :]
    return example.fence.column + len(code) - len(code.lstrip())
