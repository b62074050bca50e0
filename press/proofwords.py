"""What stands under an example of a page, of its proof, in the publication's language.

Languages say in English what they did, as reports have it; here each such sentence is found again.
"""

import re
from collections.abc import Sequence
from functools import cache

from press.model import Proof, Verdict
from press.words import Words, marked

DONE = (
    marked("ran with %(tool)s"),
    marked("compiled, not run, with %(tool)s"),
    marked("panicked with %(tool)s"),
    marked("raised %(kind)s with %(tool)s"),
    marked("refused by %(tool)s (%(codes)s)"),
    marked("refused by %(tool)s"),
)
"""What was done, the narrower first."""
REASONS = (
    marked("there is no rustc here"),
    marked("the crate `%(name)s` can't be had: %(reason)s"),
    marked("it needs Python %(versions)s; here is %(here)s"),
    marked("can't install %(packages)s: pip takes too long"),
    marked("can't install %(packages)s: %(reason)s"),
)
"""Why an example did not run here."""
SKIPPED, NOT_PROVEN = marked("skipped: %(reason)s"), marked("not proven here: %(reason)s")
IGNORED = (marked("marked `%(option)s`"),)
"""Why an example is skipped, where its author gives no reason."""


def done(how: str, words: Words) -> str:
    """What was done to prove an example, and with which version."""
    return _capital(_said(how, DONE, words))


def not_done(proof: Proof, words: Words) -> str:
    """Why an example was not run."""
    if proof.verdict is Verdict.SKIPPED:
        reason = proof.reason
        if "skip" not in proof.example.options:
            reason = _said(reason, IGNORED, words)
        return _capital(words.gettext(SKIPPED, reason=reason))
    return _capital(words.gettext(NOT_PROVEN, reason=_said(proof.reason, REASONS, words)))


def _said(text: str, messages: Sequence[str], words: Words) -> str:
    """A sentence in the words' language; as it is if none of the messages is what it says."""
    for message in messages:
        if found := _pattern(message).fullmatch(text):
            return words.gettext(message, **found.groupdict())
    return text


@cache
def _pattern(message: str) -> re.Pattern[str]:
    """What a message looks like with its values."""
    parts = re.split(r"%\((\w+)\)s", message)
    named = [f"(?P<{part}>.+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)]
    return re.compile("".join(named), re.DOTALL)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
