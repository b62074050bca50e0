"""Python sessions with prompts: found and listed; nothing here runs them yet."""

from collections.abc import Iterator, Sequence

from press.model import Example, Language, Proof, Verdict

LANGUAGE = Language("pycon", frozenset({"python-console"}))


def prove(examples: Sequence[Example]) -> Iterator[Proof]:
    for example in examples:
        yield Proof(example, Verdict.NOT_PROVEN, reason="Python sessions are not run yet")
