"""Python sessions with prompts: found and listed; nothing here runs them yet."""

from collections.abc import Iterator, Sequence

from press.model import Example, Language, Proof, Verdict, Workshop

LANGUAGE = Language("pycon", frozenset({"python-console"}))


def version(workshop: Workshop) -> str:
    return ""


def prove(examples: Sequence[Example], workshop: Workshop) -> Iterator[Proof]:
    for example in examples:
        yield Proof(example, Verdict.NOT_PROVEN, reason="Python sessions are not run yet")
