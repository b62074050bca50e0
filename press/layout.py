"""Where the entries of a feed's document lie in it, so that those which stay are not made again.

An archive of a feed has thirty entries, and one of them changes: the others are taken from the
document as it stands in the site.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

HEAD = 64
"""Bytes that mostly tell an entry from others."""

Layout = str
"""Of a document: JSON, what each entry was made of -> where it begins and ends, in bytes."""


def of(content: bytes, entries: Iterable[tuple[str, bytes]]) -> Layout:
    """Of a document that has these entries, in their order: what each was made of, and itself."""
    found, end = {}, 0
    for made_of, entry in entries:
        # By its first bytes, which are soon found; to look for a long text is costly.
        begin = content.index(entry[:HEAD], end)
        if not content.startswith(entry, begin):
            begin = content.index(entry, end)
        end = begin + len(entry)
        found[made_of] = (begin, end)
    return json.dumps(found)


def entries(
    path: Path, digest: str, layout: Layout, wanted: Collection[str]
) -> Mapping[str, bytes]:
    """What an entry was made of -> the entry, of those that are `wanted` and a document in the site
    has; none if it is not the one with the SHA-256 `digest` any more."""
    places = {made_of: at for made_of, at in json.loads(layout).items() if made_of in wanted}
    content = b""
    if places:
        with suppress(OSError):
            content = path.read_bytes()
    if sha256(content).hexdigest() != digest:
        return {}
    return {made_of: content[begin:end] for made_of, (begin, end) in places.items()}
