"""A preview at work, and who asks it for pages and listens to its events."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from press import preview, showing

PATIENCE = 60.0
"""Seconds; far more than anything here takes."""


@dataclass
class Client:
    """Asks a preview."""

    port: int
    said: list[str] = field(default_factory=list)
    """What the author is told."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def text(self, path: str) -> str:
        return self.get(path)[1].decode()

    def state(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text(f"/__state{path}"))
        return found

    @contextmanager
    def listening(self) -> Iterator["Events"]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", "/__events")
        answer = connection.getresponse()
        try:
            yield Events(answer)
        finally:
            answer.close()
            connection.close()

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, which is asked after each build."""
        with self.listening() as events:
            end = time.monotonic() + PATIENCE
            while not holds():
                assert time.monotonic() < end, f"it never held; told: {self.said}"
                assert events.next(), "the preview has ended"

    def until_it_says(self, path: str, words: str) -> str:
        """The page at a path, once these words are in it."""
        self.until(lambda: words in self.text(path))
        return self.text(path)


@dataclass
class Events:
    """The events of a preview (html.spec.whatwg.org, 9.2.6)."""

    answer: http.client.HTTPResponse
    end: float = field(default_factory=lambda: time.monotonic() + PATIENCE)

    def next(self) -> str:
        """The data of the next one; empty where there is no other."""
        while line := self.answer.readline():
            assert time.monotonic() < self.end, "nothing has happened, but that it is still there"
            if line.startswith(b"data: "):
                return line.decode().removeprefix("data: ").strip()
        return ""


@contextmanager
def previewed(
    root: Path, *, drafts: bool = True, port: int = 0, mails: showing.Mails | None = None
) -> Iterator[Client]:
    """A preview of a publication, which has been built once or was tried to."""
    said: list[str] = []
    shown = preview.of(root, drafts=drafts, tell=said.append, mails=mails)
    with preview.served(shown, port) as server:
        Thread(target=shown.prove_on, daemon=True).start()
        client = Client(server.server_port, said)
        client.until(lambda: said)
        yield client
