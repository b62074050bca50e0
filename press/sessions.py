"""A session with prompts -> its statements, each with the output that is shown for it."""

from msgspec import Struct

PROMPT, MORE = ">>>", "..."


class Statement(Struct, frozen=True):
    source: str
    line: int
    """Of its first line, from 1, within the session."""
    shown: str
    """What is shown for it, without a line break at its end."""


def is_session(code: str) -> bool:
    """Whether a piece of Python is written with prompts."""
    first = next((line for line in code.split("\n") if line.strip()), "")
    return first == PROMPT or first.startswith(PROMPT + " ")


def statements(code: str) -> list[Statement]:
    """The statements of a session. What stands before the first prompt is left out."""
    found: list[Statement] = []
    source: list[str] = []
    shown: list[str] = []
    start = 0

    def finish() -> None:
        if source:
            text = "\n".join(shown).rstrip().replace("<BLANKLINE>", "")
            found.append(Statement("\n".join(source) + "\n", start, text))

    for number, line in enumerate(code.split("\n"), 1):
        if _follows(line, PROMPT):
            finish()
            source, shown, start = [line[len(PROMPT) + 1 :]], [], number
        elif source and not shown and _follows(line, MORE):
            source.append(line[len(MORE) + 1 :])
        elif source:
            shown.append(line)
    finish()
    return found


def _follows(line: str, prompt: str) -> bool:
    return line.rstrip() == prompt or line.startswith(prompt + " ")
