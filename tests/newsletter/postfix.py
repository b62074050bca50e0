"""A real Postfix on this machine, in a folder of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsletter.model import Receipt
from newsletter.place import of_demonstration
from newsletter.providers.smtp import Smtp, connect

POSTFIX = shutil.which("postfix", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
NOBODY = 65_534
installed = pytest.mark.skipif(not POSTFIX, reason="postfix is not installed")
root = pytest.mark.skipif(os.geteuid() != 0, reason="postfix has to be started by root")
needed = [installed, root]

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
"""
HOLD = """\
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
refuse unix - n n - - pipe user=nobody null_sender= argv={folder}/refuse ${{user}}
"""
REFUSE = """\
#!/bin/sh
# Takes no mail, for a reason that depends on its reader (RFC 3463).
case "$1" in
gone) echo 5.1.1 there is no such mailbox ;;
full) echo 5.2.2 the mailbox is full ;;
*) echo 5.7.1 not on a Sunday ;;
esac
exit 69
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


@contextmanager
def running(more: str, readers: Sequence[str]) -> Iterator[Postfix]:
    """One that takes mail for readers of example.org, and what `more` of its settings says."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Not pytest's folder: Postfix leaves root's rights, and has to get there without them.
    with tempfile.TemporaryDirectory(prefix="postfix-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "main.cf").write_text((MAIN + more).format(folder=folder))
        (folder / "master.cf").write_text(MASTER.format(port=port, folder=folder))
        (folder / "refuse").write_text(REFUSE)
        (folder / "refuse").chmod(0o755)
        lines = [f"{reader}@example.org {reader}/\n" for reader in readers]
        (folder / "readers").write_text("".join(lines))
        for made in ("queue", "mail"):
            (folder / made).mkdir()
        os.chown(folder / "mail", NOBODY, NOBODY)
        postfix = Postfix(folder, port)
        postfix.run("postfix", "start")
        yield postfix
        postfix.run("postfix", "stop")


def client(postfix: Postfix, **options: str) -> Smtp:
    local = {"host": "127.0.0.1", "port": str(postfix.port), "security": "none"}
    return connect(of_demonstration(Path()), {**local, **options})
