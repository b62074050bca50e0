"""Tracebacks of sessions: what exceptions say is compared, whatever stack is shown before it."""

import pytest

from press.model import Verdict
from tests.press.test_prove import proofs

GROUP = 'raise ExceptionGroup("eg", [ValueError("a\\n  b"), KeyError(1)])'
NESTED = 'raise ExceptionGroup("eg", [ExceptionGroup("in", [OSError("x")]), KeyError(1)])'
NOTED = 'e = ValueError("x"); e.add_note("note 1"); raise e'
WITHIN = 'def f():\n...     raise ExceptionGroup("eg", [ValueError(1)])\n...\n>>> f()'
LED = 'try:\n...     {}["x"]\n... except KeyError as e:\n...     raise ValueError("y") from e\n...'
HEADER = "Traceback (most recent call last):\n"
CAUSE = "\n<BLANKLINE>\nThe above exception was the direct cause of the following exception:\n"
STACK = '  |   File "<stdin>", line 1\n'
GROUP_HEADER = f"  + Exception Group Traceback (most recent call last):\n{STACK}"
FIRST, SECOND, END = (
    "  +-+---------------- 1 ----------------\n",
    "    +---------------- 2 ----------------\n",
    "    +------------------------------------\n",
)
A_GROUP = "  | ExceptionGroup: eg (2 sub-exceptions)\n"
VALUE_ERROR, KEY_ERROR = "    | ValueError: a\n    |   b\n", "    | KeyError: 1\n"
WHOLE = f"{GROUP_HEADER}{A_GROUP}{FIRST}{VALUE_ERROR}{SECOND}{KEY_ERROR}{END}"
INNER = f"    | ExceptionGroup: in (1 sub-exception)\n  {FIRST}      | OSError: x\n  {END}"
OF_ONE, ONE = "  | ExceptionGroup: eg (1 sub-exception)\n", "    | ValueError: 1\n"

AGREE = {
    "no stack": ("1 / 0", f"{HEADER}ZeroDivisionError: division by zero"),
    "an ellipsis": ("1 / 0", f"{HEADER}  ...\nZeroDivisionError: division by zero"),
    "an ellipsis at the margin": ("1 / 0", f"{HEADER}...\nZeroDivisionError: division by zero"),
    "another stack": (
        "1 / 0", f'{HEADER}  File "<stdin>", line 7\n    x\n    ^\nZeroDivisionError: [..] by zero'
    ),
    "no message": ("assert False", f"{HEADER}AssertionError"),
    "only a line break": (r'raise ValueError("\n")', f"{HEADER}ValueError:"),
    "several lines": (r'raise ValueError("a\n  b\n\nc")', f"{HEADER}ValueError: a\n  b\n\nc"),
    "any lines": (r'raise ValueError("a\nb\nc")', f"{HEADER}ValueError: a\n..."),
    "a blank line": (r'raise ValueError("a\n\nb")', f"{HEADER}ValueError: a\n<BLANKLINE>\nb"),
    "a note": (NOTED, f"{HEADER}ValueError: x\nnote 1"),
    "output before it": ('print("a"); 1 / 0', f"a\n{HEADER}ZeroDivisionError: division by zero"),
    "errors before it": (
        'import sys; _ = sys.stderr.write("a\\n"); 1 / 0',
        f"a\n{HEADER}ZeroDivisionError: division by zero",
    ),
    "output that looks like it": (
        'print("Traceback (most recent call last):\\n  no"); 1 / 0',
        f"{HEADER}  no\n{HEADER}ZeroDivisionError: division by zero",
    ),
    "output that is all that looks like it": (
        'print("Traceback (most recent call last):\\nno")', f"{HEADER}no"
    ),
    "the last alone": (LED, f"{HEADER}  ...\nValueError: y"),
    "what led to it": (LED, f"{HEADER}  ...\nKeyError: 'x'{CAUSE}\n{HEADER}ValueError: y"),
    "a SyntaxError": ("def g(:", '  File "<stdin>", line 1\n    def g(:\nSyntaxError: [..]'),
    "a SyntaxError alone": ("def g(:", "SyntaxError: invalid syntax"),
    "a SyntaxError as doctest has it": ("def g(:", f"{HEADER}  ...\nSyntaxError: invalid syntax"),
    "a group": (GROUP, WHOLE),
    "a group as doctest has it": (GROUP, f"{HEADER}  ...\nExceptionGroup: eg (2 sub-exceptions)"),
    "a group without a gutter on each line": (GROUP, WHOLE.replace("    |   b", "  b")),
    "a group without its stack": (GROUP, WHOLE.replace(STACK, "")),
    "a group with an ellipsis": (GROUP, WHOLE.replace('File "<stdin>", line 1', "...")),
    "a group without what is in it": (GROUP, f"{GROUP_HEADER}{A_GROUP}..."),
    "a group without the first": (
        GROUP, WHOLE.replace(VALUE_ERROR, "    | ...\n")
    ),
    "a group in a group": (
        NESTED, f"{GROUP_HEADER}{A_GROUP}{FIRST}{INNER}{SECOND}{KEY_ERROR}{END}"
    ),
    "a group from a function": (WITHIN, f"{GROUP_HEADER}{STACK}{OF_ONE}{FIRST}{ONE}{END}"),
}  # fmt: skip

DIFFER = {
    "the kind": ("1 / 0", f"{HEADER}ValueError: division by zero"),
    "nothing": ("1 / 0", ""),
    "no exception": ("1 / 0", f"{HEADER}  ..."),
    "a second line": (r'raise ValueError("a\n  b")', f"{HEADER}ValueError: a\n  WRONG"),
    "a first line": (r'raise ValueError("a\nb")', f"{HEADER}ValueError: WRONG\nb"),
    "a line too few": (r'raise ValueError("a\nb")', f"{HEADER}ValueError: a"),
    "a line too many": ("1 / 0", f"{HEADER}ValueError: no\nZeroDivisionError: division by zero"),
    "a message with a note": (NOTED, f"{HEADER}  ...\nValueError: WRONG\nnote 1"),
    "a note": (NOTED, f"{HEADER}ValueError: x\nnote 2"),
    "no note": (NOTED, f"{HEADER}ValueError: x"),
    "output before it": ('print("a"); 1 / 0', f"b\n{HEADER}ZeroDivisionError: division by zero"),
    "what led to it": (LED, f"{HEADER}  ...\nKeyError: 'WRONG'{CAUSE}\n{HEADER}ValueError: y"),
    "a SyntaxError": ("def g(:", '  File "<stdin>", line 1\n    def g(:\nSyntaxError: WRONG'),
    "output before a SyntaxError": ("def g(:", "a\nSyntaxError: invalid syntax"),
    "a group's number": (GROUP, WHOLE.replace("eg (2", "eg (7")),
    "a group's message": (GROUP, WHOLE.replace(": eg", ": WRONG")),
    "the first in a group": (GROUP, WHOLE.replace("ValueError: a", "ValueError: WRONG")),
    "a line of the first": (GROUP, WHOLE.replace("|   b", "|   WRONG")),
    "the last in a group": (GROUP, WHOLE.replace("KeyError: 1", "KeyError: 2")),
    "a group as doctest has it": (GROUP, f"{HEADER}  ...\nExceptionGroup: eg (1 sub-exception)"),
    "what is in a group": (GROUP, f"{GROUP_HEADER}{A_GROUP}"),
    "no group": ("1 / 0", WHOLE),
}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """What became of each session, all of them proven at once."""
    named = {
        f"{what} {name}": f"```pycon\n>>> {code}\n{shown}\n```\n"
        for what, some in (("agrees", AGREE), ("differs", DIFFER))
        for name, (code, shown) in some.items()
    }
    found = proofs("\n".join(named.values()))
    return dict(zip(named, (proof.verdict for proof in found), strict=True))


@pytest.mark.parametrize("name", AGREE)
def test_a_traceback_agrees(verdicts: dict[str, Verdict], name: str) -> None:
    assert verdicts[f"agrees {name}"] is Verdict.PROVEN


@pytest.mark.parametrize("name", DIFFER)
def test_a_traceback_differs_in(verdicts: dict[str, Verdict], name: str) -> None:
    assert verdicts[f"differs {name}"] is Verdict.FAILED
