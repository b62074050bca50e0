"""Replies of an SMTP server, and what each means for a mail (RFC 5321, 3463)."""

import re
from dataclasses import dataclass

from newsletter.http import Refused
from newsletter.model import Failure

AUTH = (530, 534, 535, 538)
"""RFC 4954, section 6."""
CLOSING = 421
QUOTA = "5.4.5"
"""Google says so of a day's limit: "Gmail SMTP errors and codes"."""
OF_THE_ADDRESS = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.2.2", "5.2.3")
"""RFC 3463 and 7505. Other refusals may be about us: a limit, a policy, what is relayed for us."""
GONE = ("5.1.1", "5.1.6", "5.1.10")
"""No such mailbox, moved for good, or a domain that takes no mail."""
STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")
"""RFC 3463; some servers have it at the end of their text."""
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Reply:
    code: int
    """-1 for what is no reply."""
    text: str
    to: str = ""
    """The verb of the command; none for the end of a mail."""

    @property
    def is_to_sender(self) -> bool:
        return self.to == "MAIL"

    @property
    def kind(self) -> int:
        """Its first digit."""
        return self.code // 100

    @property
    def status(self) -> str:
        """Its enhanced status code; empty if it has none."""
        found = STATUS.search(self.text)
        return found[0] if found else ""

    @property
    def failure(self) -> Failure:
        """What it says where it does not consent. Nothing was accepted."""
        if self.code in AUTH:
            return Failure.AUTH
        if self.status == QUOTA:
            return Failure.QUOTA
        if self.kind == 4:
            return Failure.THROTTLED
        return Failure.REQUEST if self.kind == 5 else Failure.NOT_SENT

    def __str__(self) -> str:
        """For people: whatever it holds, it is short and has no control characters."""
        text = " ".join(self.text.split())[:LONGEST_TEXT]
        return f"{self.code} {''.join(one if one.isprintable() else '?' for one in text)}"


class NotThis(Refused):
    """A mail was not accepted; whether that is about its recipient, only others can tell."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.failure, str(reply))
        self.may_be_recipient = reply.to == "RCPT" and reply.failure is Failure.REQUEST
