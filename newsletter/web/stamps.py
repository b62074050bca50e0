"""What we hand out and want to know again: signed, each for one purpose, for some time.

The keys come from the environment, newest first, so that they can be changed: the newest signs, and
what an older one signed is known while that one is still named. Without any, a key is made that
lasts as long as this process.
"""

import os
import secrets
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

from press.problems import Code, Problem, ProblemsFound

VARIABLE = "PROOFPRESS_KEYS"
SHORTEST = 32
"""Characters of a key."""


@dataclass(frozen=True, slots=True)
class Stamps:
    """Signs values for one purpose, and knows them again."""

    _serializer: URLSafeTimedSerializer

    def give(self, value: object) -> str:
        return str(self._serializer.dumps(value))

    def read(self, stamp: str, seconds: int) -> tuple[object, float] | None:
        """The value of a stamp that is at most so old, and when it was given (since 1970).

        None for one that is not ours, not for this purpose, or older.
        """
        try:
            value, given = self._serializer.loads(stamp, max_age=seconds, return_timestamp=True)
        except BadData:
            return None
        return value, given.timestamp()


def stamps(keys: list[str], purpose: str) -> Stamps:
    return Stamps(URLSafeTimedSerializer(keys[::-1], salt=purpose))  # the last of them signs


def keys() -> list[str]:
    """The keys of the environment, newest first. Raises ProblemsFound for one that is too short."""
    given = [one.strip() for one in os.environ.get(VARIABLE, "").split(",") if one.strip()]
    if any(len(one) < SHORTEST for one in given):
        message = f"a key in {VARIABLE} is shorter than {SHORTEST} characters"
        hint = "python -c 'import secrets; print(secrets.token_urlsafe(32))' makes one"
        raise ProblemsFound([Problem(VARIABLE, 0, 0, Code.BAD_CONFIG, message, hint)])
    return given or [secrets.token_urlsafe(32)]
