"""What makes mails those of a list: its name, and the ways to leave it (RFC 2919, 2369, 8058)."""

import re
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import quote

from newsletter.model import DELIVERY, TOKEN
from press.config import Config, Newsletter

LONGEST_SENDER = 15
"""Characters of the last part of a Feedback-ID, as Gmail's feedback loop asks for."""


@dataclass(frozen=True, slots=True)
class MailingList:
    """The list of a series, with marks for what is each subscriber's own."""

    id: str
    """For ever the same (RFC 2919)."""
    domain: str
    """Of the sender."""
    archive: str
    by_web: str
    """Where one leaves, in one click; empty for by mail alone."""
    by_mail: str

    @property
    def leave(self) -> str:
        """The best way to leave."""
        return self.by_web or self.by_mail

    def identity(self, campaign: str, kind: str) -> dict[str, str]:
        """What tells a mail from others: a second copy of it shares it, no subscriber is in it."""
        label = self.id.partition(".")[0]
        sender = self.domain[-LONGEST_SENDER:].lstrip(".-")
        return {
            "Message-ID": f"<{DELIVERY}.{campaign}@{self.domain}>",
            "Feedback-ID": f"{campaign}:{label}:{kind}:{sender}",
        }

    def headers(self) -> dict[str, str]:
        """Those of a mail to a subscriber, who can leave by it."""
        ways = [f"<{way}>" for way in (self.by_web, self.by_mail) if way]
        one_click = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if self.by_web else {}
        return {
            "List-Id": f"<{self.id}>",
            "List-Unsubscribe": ", ".join(ways),
            **one_click,
            "List-Archive": f"<{self.archive}>",
        }


def mailing_list(config: Config, newsletter: Newsletter) -> MailingList:
    subject = quote("unsubscribe ") + TOKEN
    return MailingList(
        list_id(config.id),
        parseaddr(newsletter.sender)[1].rpartition("@")[2],
        f"{config.url}/",
        newsletter.unsubscribe_url.replace("{token}", TOKEN),
        f"mailto:{quote(newsletter.reply_address, safe='@')}?subject={subject}",
    )


def list_id(series_id: str) -> str:
    """The identity of the list (RFC 2919), from the tag URI of the series: neither ever changes."""
    authority, _, specific = series_id.removeprefix("tag:").partition(":")
    host = authority.partition(",")[0].rpartition("@")[2]
    label = re.sub(r"[^A-Za-z0-9]+", "-", specific).strip("-") or "series"
    return f"{label}.{host}"
