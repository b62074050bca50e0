"""What a status of a mail that could not be delivered says of its mailbox (RFC 3463, 5248)."""

from newsletter.model import Fate
from newsletter.smtp_replies import STATUS

GONE = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
"""What no later try mends: there is no such mailbox or domain, it has moved,
it takes no mail (RFC 7505), it is switched off. Of 5.1.0 a
server says no more than that it is the address, and of 5.4.4 that its domain is not there."""
FULL = "5.2.2"


def of_status(status: str) -> Fate:
    """What follows from the status of a mail that was given up.

    Without doubt about the mailbox alone it is hard. A policy, a size or a network may be otherwise
    next time: those are soft, and many of them in a row count as much in the end.
    """
    found = STATUS.search(status)
    return Fate.BOUNCED if found and found[0] in GONE else Fate.SOFT


def of_hard(status: str) -> Fate:
    """The same of what a provider calls hard: it may be, but for a full mailbox, or a 4."""
    found = STATUS.search(status)
    return Fate.SOFT if found and (found[0][0] == "4" or found[0] == FULL) else Fate.BOUNCED
