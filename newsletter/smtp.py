"""Talks to an SMTP server: hands mails over, one after the other (RFC 5321)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.http import Refused
from newsletter.model import Failure, Outcome, Receipt
from newsletter.smtp_replies import CLOSING, GONE, OF_THE_ADDRESS, NotThis, Reply

if TYPE_CHECKING:
    from smtplib import SMTP

MORE = 3
CONSENT = (2, 2, MORE)
"""First digits of the replies to MAIL, RCPT and DATA that go well."""

LAST = (Failure.AUTH, Failure.QUOTA, Failure.NOT_SENT)
"""After these, the next mail would fare no better."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that an answer may take (RFC 5321, 4.5.3.2)."""

    command: float = 300.0
    end: float = 600.0
    """Of a mail. To give up on it sooner would cause doubt where there need be none."""
    goodbye: float = 5.0


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    security: str
    """starttls, tls or none."""
    helo: str
    username: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail and its envelope."""

    delivery_id: str
    sender: str
    recipient: str
    content: bytes = field(repr=False)


@dataclass(slots=True)
class Session:
    """A connection on which mails are handed over, one after the other."""

    smtp: "SMTP"
    patience: Patience
    password: str = field(repr=False)
    is_over: bool = False

    def hand_over(self, letter: Letter) -> Receipt | Refused:
        """One transaction. Refused for a mail that was not accepted, perhaps as others won't be."""
        from smtplib import SMTPException

        try:
            refusal = self._envelope(letter)
        except (SMTPException, OSError) as error:
            self.is_over = True
            return Refused(Failure.NOT_SENT, str(error))
        if refusal:
            return refusal
        try:
            reply = self._content(letter.content)
        except (SMTPException, OSError) as error:
            return self._unknown(letter, str(error))
        if reply.kind == 2:
            return Receipt(letter.delivery_id, Outcome.ACCEPTED, str(reply))
        if reply.kind in (4, 5):
            return self._refusal(letter, reply)
        return self._unknown(letter, str(reply))

    def quit(self) -> None:
        from smtplib import SMTPException

        if not self.is_over:
            with suppress(SMTPException, OSError):
                self._wait_at_most(self.patience.goodbye)
                self.smtp.docmd("QUIT")

    def _unknown(self, letter: Letter, why: str) -> Receipt:
        """RFC 1047: it may have been accepted, and the answer lost."""
        self.is_over = True
        return Receipt(letter.delivery_id, Outcome.UNKNOWN, f"no usable answer: {why}")

    def _refusal(self, letter: Letter, reply: Reply) -> Receipt | Refused:
        self.is_over = reply.code == CLOSING or reply.failure in LAST
        if reply.status in OF_THE_ADDRESS and reply.kind == 5 and not reply.is_to_sender:
            gone = reply.status in GONE
            return Receipt(letter.delivery_id, Outcome.REJECTED, str(reply), gone)
        return NotThis(reply)

    def _envelope(self, letter: Letter) -> Receipt | Refused | None:
        """Say from whom and to whom it is; what follows if that is refused."""
        replies = self._replies(
            (f"MAIL FROM:<{letter.sender}>", f"RCPT TO:<{letter.recipient}>", "DATA")
        )
        refused = [one for one, digit in zip(replies, CONSENT, strict=False) if one.kind != digit]
        if not refused:
            return None
        answer = self._refusal(letter, refused[0])
        if not self.is_over:
            self._begin_again(replies[-1])
        return answer

    def _replies(self, commands: tuple[str, ...]) -> list[Reply]:
        """Of MAIL, RCPT and DATA: at once where the server takes that (RFC 2920)."""
        if self.smtp.has_extn("pipelining"):
            self.smtp.send("".join(f"{command}\r\n" for command in commands))
            return [self._reply(command) for command in commands]
        replies: list[Reply] = []
        for command, digit in zip(commands, CONSENT, strict=True):
            self.smtp.send(f"{command}\r\n")
            replies.append(self._reply(command))
            if replies[-1].kind != digit:
                break
        return replies

    def _reply(self, command: str = "") -> Reply:
        code, raw = self.smtp.getreply()
        text = raw.decode("utf-8", "replace")
        if self.password:  # it might repeat what it was told
            text = text.replace(self.password, "…")
        return Reply(code, text, command[:4])

    def _begin_again(self, last: Reply) -> None:
        """End a transaction that was refused; a DATA sent with it may have begun an empty mail."""
        from smtplib import SMTPException

        try:
            if last.kind == MORE:
                self.smtp.send(".\r\n")
                self._reply()
            self.smtp.docmd("RSET")
        except (SMTPException, OSError):
            self.is_over = True

    def _content(self, content: bytes) -> Reply:
        """Send a mail, and what is said to its end."""
        self._wait_at_most(self.patience.end)
        self.smtp.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
        reply = self._reply()
        self._wait_at_most(self.patience.command)
        return reply

    def _wait_at_most(self, seconds: float) -> None:
        if self.smtp.sock:
            self.smtp.sock.settimeout(seconds)


@contextmanager
def session(server: Server, patience: Patience) -> Iterator[Session]:
    """A connection, encrypted and logged in as the server wants. Raises Refused without one."""
    smtp = _opened(server, patience)
    try:
        made = Session(smtp, patience, server.password)
        yield made
        made.quit()
    finally:
        smtp.close()


def _opened(server: Server, patience: Patience) -> "SMTP":
    import smtplib
    import ssl

    context = None if server.security == "none" else ssl.create_default_context()
    try:
        if server.security == "tls":
            smtp: SMTP = smtplib.SMTP_SSL(
                server.host, server.port, server.helo, timeout=patience.command, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, server.helo, patience.command)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise _unopened(error) from None
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if server.username:
            _log_in(smtp, server)
    except (smtplib.SMTPException, OSError) as error:
        smtp.close()
        raise _unopened(error) from None
    except Refused:
        smtp.close()
        raise
    return smtp


def _log_in(smtp: "SMTP", server: Server) -> None:
    """Raises Refused, without what the server says: it might repeat what it was told."""
    import smtplib

    try:
        smtp.login(server.username, server.password)
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPResponseException as error:
        failure = Reply(error.smtp_code, "").failure
        meant = Failure.AUTH if failure is Failure.REQUEST else failure
        raise Refused(meant, f"{error.smtp_code} to our credentials") from None
    except (smtplib.SMTPException, ValueError):
        # It offers no way that we know, or they are beyond ASCII, which smtplib can't send.
        raise Refused(Failure.AUTH, "there is no way to log in") from None


def _unopened(error: Exception) -> Refused:
    from smtplib import SMTPResponseException

    if isinstance(error, SMTPResponseException):
        said = error.smtp_error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        reply = Reply(error.smtp_code, text)
        return Refused(reply.failure, str(reply))
    return Refused(Failure.NOT_SENT, str(error))
