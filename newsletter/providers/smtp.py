"""Any SMTP server that takes our mail: one's own, or a provider's relay.

It remembers no keys and can't be asked. So a batch is small, and goes mail by mail: once an answer
stays out, that one mail is unknown, and those after it are surely not sent.
"""

import base64
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from newsletter.http import Refused
from newsletter.mime import ADDRESS, content
from newsletter.model import Asked, Batch, Mail, Memory, Message, Outcome, Receipt
from newsletter.place import Place
from newsletter.providers import options_of
from newsletter.smtp import Letter, Patience, Server, session
from newsletter.smtp_replies import NotThis
from newsletter.vouching import Published, Vouched
from press.problems import Code, Problem, ProblemsFound, did_you_mean

OPTIONS: Mapping[str, str | None] = {
    "host": None, "port": "587", "security": "starttls", "helo": "[127.0.0.1]", "bounces": "",
}  # fmt: skip
SECRETS = ("SMTP_USERNAME", "SMTP_PASSWORD")
SECURITIES = ("starttls", "tls", "none")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
MEMORY = Memory()
PATIENCE = Patience()
MOST = 50
SOON = 20.0
"""Seconds, where nothing is handed over."""
PUBLISHED = Published("")

Answers = Sequence[Receipt | Refused]
"""To the first letters of a batch, until the session ended."""


@dataclass(frozen=True, slots=True)
class Smtp:
    server: Server
    bounces: str
    """Where bounces go, with {delivery} for its id (VERP); the sender's own address if empty."""
    patience: Patience = PATIENCE
    memory: Memory = MEMORY
    leaves: bool = True

    def limit(self, mail: Mail) -> int:  # noqa: ARG002  # of any
        return MOST

    def freeze(self, messages: Sequence[Message]) -> bytes:
        rows = [
            {
                "delivery": message.delivery_id,
                "sender": self._envelope_sender(message),
                "recipient": message.recipient,
                "content": base64.b64encode(content(message)).decode("ascii"),
            }
            for message in messages
        ]
        return json.dumps(rows, sort_keys=True).encode()

    def _envelope_sender(self, message: Message) -> str:
        if self.bounces:
            return self.bounces.replace("{delivery}", message.delivery_id)
        return parseaddr(message.mail.sender)[1]

    def hand_over(self, batch: Batch) -> list[Receipt]:
        letters = [_letter(row) for row in json.loads(batch.payload)]
        answers: list[Receipt | Refused] = []
        with session(self.server, self.patience) as talk:
            for letter in letters:
                answers.append(talk.hand_over(letter))
                if talk.is_over:
                    break
        return receipts(letters, answers)

    def vouch(self, sender: str) -> Vouched:  # noqa: ARG002  # it is told of none
        """Whether it greets us, and takes our name and password. Raises Refused."""
        with session(self.server, Patience(SOON, SOON)):
            pass
        return Vouched(None, "a server says that of a mail alone")

    def look_up(self, asked: Sequence[Asked]) -> list[Receipt]:  # noqa: ARG002  # it can't tell
        return []


def _letter(row: Mapping[str, str]) -> Letter:
    raw = base64.b64decode(row["content"])
    return Letter(row["delivery"], row["sender"], row["recipient"], raw)


def receipts(letters: Sequence[Letter], answers: Answers) -> list[Receipt]:
    """What became of each letter. Raises Refused where nothing more is known than that."""
    if answers and not any(isinstance(one, Receipt) for one in answers):
        raise next(one for one in reversed(answers) if isinstance(one, Refused))
    last = max((n for n, one in enumerate(answers) if _is_accepted(one)), default=-1)
    known = [
        _receipt(letter, answer, others_were_taken=n < last)
        for n, (letter, answer) in enumerate(zip(letters, answers, strict=False))
    ]
    not_sent = letters[len(answers) :]
    return known + [Receipt(one.delivery_id, Outcome.NOT_ACCEPTED, "not sent") for one in not_sent]


def _is_accepted(answer: Receipt | Refused) -> bool:
    return isinstance(answer, Receipt) and answer.outcome is Outcome.ACCEPTED


def _receipt(letter: Letter, answer: Receipt | Refused, *, others_were_taken: bool) -> Receipt:
    """What an answer says, with what came after it: only that tells a limit from a bad address."""
    if isinstance(answer, Receipt):
        return answer
    is_recipient = isinstance(answer, NotThis) and answer.may_be_recipient and others_were_taken
    outcome = Outcome.REJECTED if is_recipient else Outcome.NOT_ACCEPTED
    return Receipt(letter.delivery_id, outcome, answer.detail)


def connect(place: Place, options: Mapping[str, object]) -> Smtp:  # noqa: ARG001  # on no disk
    """The server that the options name. Raises ProblemsFound for options and secrets."""
    given = options_of("smtp", options, OPTIONS)
    username, password = (os.environ.get(name, "") for name in SECRETS)
    problems = list(_wrong(given))
    if bool(username) != bool(password):
        message = "the provider smtp needs this variable, or none of the two"
        problems.append(Problem(SECRETS[bool(username)], 0, 0, Code.MISSING_VALUE, message))
    if problems:
        raise ProblemsFound(problems)
    server = Server(
        given["host"], int(given["port"]), given["security"], given["helo"], username, password
    )
    return Smtp(server, given["bounces"])


def _wrong(given: Mapping[str, str]) -> Iterator[Problem]:
    """What is wrong with options that have the right type."""

    def problem(key: str, text: str, hint: str = "") -> Problem:
        message = f"`{key}` of [newsletter.smtp] {text}"
        return Problem("series.toml", 0, 0, Code.BAD_CONFIG, message, hint)

    if not re.fullmatch("[0-9]{1,5}", given["port"]) or not 0 < int(given["port"]) < 65_536:
        yield problem("port", "has to be a number from 1 to 65535")
    if given["security"] not in SECURITIES:
        hint = did_you_mean(given["security"], SECURITIES) or "it is starttls, tls or none"
        yield problem("security", f"can't be `{given['security']}`", hint)
    if given["security"] == "none" and given["host"] not in LOOPBACK:
        hint = "elsewhere, mails and the password would be read on their way"
        yield problem("security", "can be `none` only where the host is this machine", hint)
    if not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", given["helo"]):
        yield problem("helo", "has to be a domain, or an address in brackets")
    if given["bounces"] and not ADDRESS.fullmatch(given["bounces"].replace("{delivery}", "x" * 32)):
        yield problem("bounces", "has to be a mail address, perhaps with {delivery}")
