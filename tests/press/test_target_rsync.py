"""The target rsync where the folder is elsewhere: by a real ssh, and at a real daemon."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from press.problems import ProblemsFound
from tests.press.targets import Yard, shown
from tests.press.targets.rsync import Rsync
from tests.press.test_targets import FIRST, SECOND

SSHD = "/usr/sbin/sshd"
PASSWORD = "a-secret-password"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """A server, as soon as it answers."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while server.poll() is None:
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                break
        assert server.poll() is None, command
        yield
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def part(tmp_path: Path) -> Rsync:
    if not shutil.which("rsync"):
        pytest.skip("needs rsync")
    return Rsync(tmp_path / "far" / "www $(touch here) '")


def brought(yard: Yard) -> None:
    for files in (FIRST, SECOND):
        assert yard.bring(files)
        assert yard.part.files() == shown(yard.cargo(files))
        assert not yard.bring(files)
    assert not list(yard.folder.rglob("here"))


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[int]:
    """The port of an sshd, and an `ssh` on PATH that knows it and has a key."""
    if not (Path(SSHD).exists() and shutil.which("ssh")):
        pytest.skip("needs openssh-server")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it wants an empty folder
    for name in ("host", "own"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name],
                       check=True)  # fmt: skip
    port = free_port()
    (tmp_path / "sshd").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nPidFile none\n"
        f"AuthorizedKeysFile {tmp_path}/own.pub\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nPermitRootLogin prohibit-password\n"
    )
    (tmp_path / "config").write_text(
        f"IdentityFile {tmp_path}/own\nUserKnownHostsFile {tmp_path}/known\n"
        "StrictHostKeyChecking accept-new\nBatchMode yes\n"
    )
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {tmp_path}/config "$@"\n')
    wrapper.chmod(0o755)
    with running([SSHD, "-D", "-f", str(tmp_path / "sshd")], port):
        yield port


def test_it_goes_by_ssh_and_no_shell_reads_the_path(part: Rsync, ssh: int, tmp_path: Path) -> None:
    part.values = {"destination": f"127.0.0.1:{part.path}", "port": ssh}
    part.environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    brought(Yard("rsync", part, tmp_path))


def test_it_goes_to_a_daemon_with_a_password(part: Rsync, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "secrets").write_text(f"me:{PASSWORD}\n")
    (tmp_path / "secrets").chmod(0o600)
    part.path.mkdir(parents=True)
    (tmp_path / "daemon").write_text(
        f"use chroot = no\n[site]\npath = {part.path}\nread only = no\nauth users = me\n"
        f"secrets file = {tmp_path}/secrets\nuid = {os.geteuid()}\ngid = {os.getegid()}\n"
    )
    part.values = {"destination": f"rsync://me@127.0.0.1:{port}/site"}
    yard = Yard("rsync", part, tmp_path)
    command = ["rsync", "--daemon", "--no-detach", f"--config={tmp_path}/daemon",
               f"--port={port}", "--address=127.0.0.1"]  # fmt: skip
    with running(command, port):
        with pytest.raises(ProblemsFound, match="auth failed"):
            yard.bring(FIRST)
        part.environment = {**part.environment, "RSYNC_PASSWORD": PASSWORD}
        brought(yard)
    with pytest.raises(ProblemsFound, match="rsync ended with status") as error:
        yard.bring(FIRST)
    assert PASSWORD not in f"{error.value} {yard.place()!r}"
