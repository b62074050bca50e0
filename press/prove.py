"""Examples -> their language -> Proofs; and what is wrong with them, as Problems."""

from collections.abc import Sequence
from difflib import unified_diff
from itertools import groupby, islice

from press.languages import provers
from press.model import Example, Proof, Verdict
from press.problems import Code, Problem

LINES = 100
"""Lines of a difference that are shown."""


def prove(examples: Sequence[Example]) -> list[Proof]:
    """A Proof of each example, in their order."""
    by_language = sorted(range(len(examples)), key=lambda i: examples[i].fence.language)
    proofs: dict[int, Proof] = {}
    for name, group in groupby(by_language, key=lambda i: examples[i].fence.language):
        indexes = list(group)
        made = provers()[name].prove([examples[index] for index in indexes])
        proofs.update(zip(indexes, made, strict=True))
    return [_with_output_compared(proofs[index]) for index in range(len(examples))]


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
