"""HTTP as an emulated provider speaks it: whole requests in, answers out, or parts of them."""

import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.newsletter.emulator import Asking, Reply

REASONS = {status.value: status.phrase for status in HTTPStatus}


class Ending(Enum):
    """How a reply goes out."""

    WHOLE = auto()
    HALF = auto()
    RESET = auto()
    NEVER = auto()


@dataclass(frozen=True)
class Answer:
    reply: Reply
    ending: Ending = Ending.WHOLE


class Server(ThreadingHTTPServer):
    """Knows its open connections, so that it can end without waiting for its clients."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, port: int, answer: Callable[[Asking], Answer]) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.answer = answer
        self.requests = self.most_at_once = self._at_once = 0
        self._changed = Condition()
        self._open: set[socket.socket] = set()

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._changed:
            self.requests += 1
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._changed:
                self._at_once -= 1
                self._changed.notify_all()

    def rest(self) -> None:
        """Wait until nothing is being answered: who gave up may have been heard nevertheless."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._at_once, 60)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client has gone, perhaps killed
            super().handle()

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return
        with self.server.counted(), suppress(OSError):
            self._send(self.server.answer(self._asking(body)))

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815  # as http.server looks for them

    def _asking(self, body: bytes) -> Asking:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = parse_qs(url.query, keep_blank_values=True)
        return Asking(self.command, url.path, query, headers, body)

    def _send(self, answer: Answer) -> None:
        endings: Mapping[Ending, Callable[[bytes, bytes], None]] = {
            Ending.WHOLE: lambda head, body: self.connection.sendall(head + body),
            Ending.HALF: self._send_half,
            Ending.RESET: self._reset,
            Ending.NEVER: self._wait_for_end,
        }
        if answer.ending is not Ending.WHOLE:
            self.close_connection = True
        endings[answer.ending](_head(answer.reply), answer.reply.body)

    def _send_half(self, head: bytes, body: bytes) -> None:
        half = head + body[: len(body) // 2] if body else head[: len(head) // 2]
        self.connection.sendall(half)

    def _reset(self, *_: bytes) -> None:
        at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.rfile.close()
        self.connection.close()

    def _wait_for_end(self, *_: bytes) -> None:
        while self.connection.recv(65_536):
            pass

    def log_message(self, *_: object) -> None:
        """Says nothing: the log of what was accepted is another."""


def _head(reply: Reply) -> bytes:
    headers = {"Content-Length": str(len(reply.body)), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
