"""A real server of the DNS on loopback, whose records can change and which can fail."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class Zone:
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Name and type -> values, as a zone file has them."""
    asked: list[str] = field(default_factory=list)
    is_silent: bool = False
    is_failing: bool = False

    def __enter__(self) -> Self:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def text(self, name: str, *values: str) -> None:
        """Give a name these TXT records, and no other."""
        self.records[name, "TXT"] = [" ".join(_strings(value)) for value in values]

    def set(self, name: str, kind: str, *values: str) -> None:
        self.records[name, kind] = list(values)

    def _serve(self) -> None:
        while True:
            raw, client = self._socket.recvfrom(4096)
            if not raw:
                return
            query = dns.message.from_wire(raw)
            name = str(query.question[0].name).rstrip(".").lower()
            self.asked.append(name)
            if not self.is_silent:
                self._socket.sendto(self._answer(query, name), client)

    def _answer(self, query: dns.message.Message, name: str) -> bytes:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        question = query.question[0]
        values = self.records.get((name, dns.rdatatype.to_text(question.rdtype)), [])
        if self.is_failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif values:
            answer.answer.append(
                dns.rrset.from_text(question.name, 60, "IN", question.rdtype, *values)
            )
        elif not any(known == name for known, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


def _strings(value: str) -> Sequence[str]:
    """A text in parts of at most 255 bytes, each in quotes."""
    return [f'"{value[start : start + 255]}"' for start in range(0, len(value) or 1, 255)]
