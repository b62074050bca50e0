"""A real Postfix takes our mail, and the mail is as it was written."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from newsletter.http import Refused
from newsletter.mime import content
from newsletter.model import Failure, Message, Receipt
from newsletter.place import of_demonstration
from newsletter.providers.smtp import Smtp, connect
from tests.newsletter.emulator import letters

POSTFIX = shutil.which("postfix", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
pytestmark = [
    pytest.mark.skipif(not POSTFIX, reason="postfix is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="postfix has to be started by root"),
]

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = relay.example.org
mydestination =
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/readers
smtpd_recipient_restrictions = reject_unauth_destination
# What is accepted stays where it is, so that it can be looked at.
smtpd_data_restrictions = check_sender_access static:hold
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
virtual unix - n n - - virtual
error unix - - n - - error
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    folder: Path
    port: int

    def run(self, command: str, *args: str) -> str:
        done = subprocess.run(
            [f"/usr/sbin/{command}", "-c", self.folder, *args],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    def queued(self, receipt: Receipt, what: str) -> str:
        """The envelope (e), or the mail (bh), of what it has accepted."""
        return self.run("postcat", f"-{what}q", receipt.detail.rpartition(" ")[2])


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Not pytest's folder: Postfix leaves root's rights, and has to get there without them.
    with tempfile.TemporaryDirectory(prefix="postfix-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "main.cf").write_text(MAIN.format(folder=folder))
        (folder / "master.cf").write_text(MASTER.format(port=port))
        (folder / "readers").write_text("ada@example.org ada/\neve@example.org eve/\n")
        (folder / "queue").mkdir()
        made = Postfix(folder, port)
        made.run("postfix", "start")
        yield made
        made.run("postfix", "stop")


def client(postfix: Postfix, **options: str) -> Smtp:
    local = {"host": "127.0.0.1", "port": str(postfix.port), "security": "none"}
    return connect(of_demonstration(Path()), {**local, **options})


def hand_over(provider: Smtp, messages: Sequence[Message]) -> list[Receipt]:
    return provider.hand_over(letters.batch(provider, messages))


def test_it_has_the_mail_as_it_was_written(postfix: Postfix) -> None:
    messages = letters.messages("ada", "eve")
    receipts = hand_over(client(postfix, bounces="b+{delivery}@example.org"), messages)
    assert [one.outcome for one in receipts] == ["accepted", "accepted"]
    for message, receipt in zip(messages, receipts, strict=True):
        mail = postfix.queued(receipt, "bh").encode().replace(b"\n", b"\r\n")
        assert mail.endswith(content(message))
        envelope = postfix.queued(receipt, "e")
        assert f"sender: b+{message.delivery_id}@example.org" in envelope
        assert f"recipient: {message.recipient}" in envelope
        assert envelope.count("\nrecipient: ") == 1


def test_who_does_not_exist_is_rejected_alone(postfix: Postfix) -> None:
    receipts = hand_over(client(postfix), letters.messages("ada", "bob", "eve"))
    assert [one.outcome for one in receipts] == ["accepted", "rejected", "accepted"]
    assert receipts[1].suppress
    assert "User unknown" in receipts[1].detail


def test_what_it_does_not_relay_is_our_mistake(postfix: Postfix) -> None:
    elsewhere = replace(letters.message("ada"), recipient="ada@elsewhere.example")
    with pytest.raises(Refused, match="Relay access denied") as refused:
        hand_over(client(postfix), [elsewhere])
    assert refused.value.failure is Failure.REQUEST


def test_encryption_that_it_does_not_offer_is_not_done_without(postfix: Postfix) -> None:
    with pytest.raises(Refused, match="STARTTLS") as refused:
        hand_over(client(postfix, security="starttls"), letters.messages("ada"))
    assert refused.value.failure is Failure.NOT_SENT
