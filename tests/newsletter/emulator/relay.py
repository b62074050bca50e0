"""An SMTP server that misbehaves on demand, and remembers what it has accepted."""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from threading import Thread
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.newsletter.emulator import Taken
from tests.newsletter.emulator.books import REJECTED
from tests.newsletter.emulator.faults import Fault

REFUSALS: Mapping[Fault, str] = {
    Fault.THROTTLE: "451 4.7.1 Too much mail: later",
    Fault.QUOTA: "550 5.4.5 Daily user sending limit exceeded",
    Fault.REQUEST: "554 5.7.1 Relay access denied",
}
OK = "250 2.0.0 OK: queued"


def taken(raw: bytes, recipient: str = "") -> Taken:
    """A mail as its recipient has it."""
    old = message_from_bytes(raw)
    mail = message_from_bytes(raw, policy=policy.default)
    assert not mail.defects
    text, html = (_said(part) for part in mail.iter_parts())
    return Taken(
        delivery_id=str(old["Message-ID"]).strip("<").partition(".")[0],
        recipient=recipient or str(old["To"]),
        sender=_decoded(old["From"]),
        subject=_decoded(old["Subject"]),
        text=text,
        html=html,
        headers=dict(old.items()),
    )


def _said(part: Any) -> str:
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


def _decoded(header: str) -> str:
    return str(make_header(decode_header(re.sub(r"\r\n ", " ", header))))


class Relay:
    """`plan` has a fault for each connection to come; `replies` what is said to a command.

    `RCPT ada@example.org` and `DATA ada@example.org`, for its end, are such commands.
    """

    def __init__(
        self,
        replies: Mapping[str, str] | None = None,
        *,
        credentials: tuple[str, str] = ("", ""),
        certificate: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
        pipelining: bool = False,
    ) -> None:
        self.plan: list[Fault] = []
        self.replies = replies or {}
        self.credentials = credentials
        self.pipelining = pipelining
        self.accepted: list[Taken] = []
        self.senders: list[str] = []
        """Of the envelopes of what was accepted."""
        self.greetings: list[str] = []
        """What clients called themselves."""
        self.tried: list[tuple[str, str]] = []
        """Names and passwords that clients gave."""
        self._options: dict[str, Any] = {"hostname": "relay.invalid", "timeout": 60}
        if credentials[0]:
            self._options |= {"authenticator": self._check, "auth_require_tls": False}
        self._options |= {} if tls_at_once else {"tls_context": certificate}
        self._at_once = certificate if tls_at_once else None
        self._loop = asyncio.new_event_loop()

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        making = self._loop.create_server(self._connection, "127.0.0.1", 0, ssl=self._at_once)
        self._server = asyncio.run_coroutine_threadsafe(making, self._loop).result()
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _connection(self) -> SMTP:
        fault = self.plan.pop(0) if self.plan else Fault.NONE
        return SMTP(Connection(self, fault), loop=self._loop, **self._options)

    def _check(self, _s: Any, _n: Any, _e: Any, _mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.tried.append((data.login.decode(), data.password.decode()))
        is_known = self.tried[-1] == self.credentials and "AUTH" not in self.replies
        return AuthResult(success=is_known, handled=False, message=self.replies.get("AUTH"))

    def take(self, envelope: Envelope) -> None:
        assert isinstance(envelope.content, bytes)
        assert len(envelope.rcpt_tos) == 1
        self.accepted.append(taken(envelope.content, envelope.rcpt_tos[0]))
        self.senders.append(str(envelope.mail_from))


@dataclass
class Connection:
    """What one connection hears; aiosmtpd asks."""

    relay: Relay
    fault: Fault
    mails: int = 0

    async def handle_EHLO(  # noqa: N802  # as aiosmtpd asks
        self, server: SMTP, session: Session, _: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.relay.greetings.append(hostname)
        if self.fault is Fault.RESET_BEFORE:
            reset(server)
        return ["250-PIPELINING", *responses] if self.relay.pipelining else responses

    async def handle_MAIL(  # noqa: N802  # as aiosmtpd asks
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        is_strange = self.relay.credentials[0] and not session.authenticated
        if self.fault is Fault.AUTH or is_strange:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return self.relay.replies.get(f"MAIL {address}", "250 2.1.0 OK")

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd asks
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        unknown = "550 5.1.1 User unknown" if address.startswith(REJECTED) else "250 2.1.5 OK"
        said = self.relay.replies.get(f"RCPT {address}", REFUSALS.get(self.fault, unknown))
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails += 1
        address = envelope.rcpt_tos[0]
        said = self.relay.replies.get(f"DATA {address}", OK)
        if said.startswith("2"):
            self.relay.take(envelope)
        return await self._misbehave(server) or said

    async def _misbehave(self, server: SMTP) -> str:
        """What is said instead of the answer; empty for the answer."""
        if self.fault is Fault.RESET or (self.fault is Fault.PART and self.mails == 2):
            reset(server)
        if self.fault is Fault.HALF:
            transport(server).write(b"25")
            transport(server).close()
        if self.fault is Fault.SILENT:
            await asyncio.get_running_loop().create_future()
        return "<html>" if self.fault is Fault.GARBAGE else ""


def transport(server: SMTP) -> asyncio.WriteTransport:
    assert isinstance(server.transport, asyncio.WriteTransport)
    return server.transport


def reset(server: SMTP) -> None:
    connection = transport(server).get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport(server).abort()
