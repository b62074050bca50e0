"""What templates were compiled to: of all in memory, and of our own beside our own bytecode.

As Python's `__pycache__`, which it is part of: who can write there can change our code as well.
What a publication brings is never kept so, since others may write where that is kept.
"""

import marshal
import sys
from hashlib import sha256
from pathlib import Path
from types import CodeType

import jinja2
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from press import kept, root

FOLDER = Path(__spec__.cached or __file__).parent
"""Where Python keeps our own."""
SUFFIX = ".template"


class Compiled(BytecodeCache):
    """`settings` are those that change what a template is compiled to, and its text does not."""

    def __init__(self, settings: object) -> None:
        self._means = repr((jinja2.__version__, sys.version, settings))
        self._known: dict[str, tuple[str, CodeType]] = {}
        """Key of a template -> checksum of its text, and what this was compiled to."""
        self._ours: set[str] = set()

    def get_source_checksum(self, source: str) -> str:
        return sha256(f"{self._means}\n{source}".encode()).hexdigest()

    def get_bucket(
        self, environment: Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        if filename and Path(filename).is_relative_to(root.OURS):
            self._ours.add(self.get_cache_key(name, filename))
        return super().get_bucket(environment, name, filename, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        key = bucket.key
        if key not in self._known and key in self._ours and (content := kept.read(_path(key))):
            self._known[key] = marshal.loads(content)  # noqa: S302  # beside our own
        checksum, code = self._known.get(key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code:
            self._known[bucket.key] = bucket.checksum, bucket.code
            if bucket.key in self._ours and not sys.dont_write_bytecode:
                kept.write(_path(bucket.key), marshal.dumps(self._known[bucket.key]))


def _path(key: str) -> Path:
    return FOLDER / f"{key}.{sys.implementation.cache_tag}{SUFFIX}"
