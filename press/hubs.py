"""Tells WebSub hubs which feeds have changed, so that their subscribers have them at once.

W3C's WebSub leaves open how; hubs take what PubSubHubbub Core 0.4 has in section 7.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from press import kept

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Hubs:
    """Those of a publication, and what they were told."""

    addresses: Sequence[str]
    record: Path
    """A file of the cache. Without it a hub is told once more, which does no harm."""

    def untold(self, feeds: Mapping[str, str]) -> dict[str, list[str]]:
        """Hub -> the addresses of feeds that it does not know; `feeds` has their digests."""
        told = self._told()
        lacking = {
            hub: [one for one, digest in feeds.items() if told.get(hub, {}).get(one) != digest]
            for hub in self.addresses
        }
        return {hub: some for hub, some in lacking.items() if some}

    def tell(self, hub: str, some: Sequence[str], feeds: Mapping[str, str]) -> str:
        """Tell one of some feeds. Why it could not be told of all; it is tried again next time."""
        from press.wire import Unanswered, Wire

        wire, told = Wire(), self._told()
        of_hub = {one: digest for one, digest in told.get(hub, {}).items() if one in feeds}
        try:
            for feed in some:
                body = urlencode({"hub.mode": "publish", "hub.url": feed}).encode()
                answer = wire.send("POST", hub, body, FORM)
                if not 200 <= answer.status < 300:
                    return f"it answers with status {answer.status}"
                of_hub[feed] = feeds[feed]
        except Unanswered as error:
            return str(error)
        finally:
            kept.write(self.record, json.dumps({**told, hub: of_hub}).encode())
        return ""

    def _told(self) -> dict[str, dict[str, str]]:
        try:
            found = json.loads(kept.read(self.record) or b"{}")
            return {hub: dict(of_hub) for hub, of_hub in found.items() if hub in self.addresses}
        except (ValueError, TypeError, AttributeError):
            return {}
