"""A built site that is being served, and all of its pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from press import config
from tests.browser.serving import served

REDIRECT = re.compile(r'<meta\b[^>]*http-equiv="?refresh', re.IGNORECASE)


@dataclass(frozen=True)
class Site:
    """Its folder, and the address at which it is served."""

    folder: Path
    url: str

    @property
    def files(self) -> list[Path]:
        """Each HTML file, redirects among them."""
        return sorted(self.folder.rglob("*.html"))

    @property
    def pages(self) -> list[str]:
        """The path of each page that stays when it is opened; of tags, which are alike, some."""
        every = [self._path(file) for file in self.files if not REDIRECT.search(file.read_text())]
        tags = [path for path in every if path.startswith("tags/")]
        return [path for path in every if path not in tags[2:]]

    @property
    def redirects(self) -> list[str]:
        return [self._path(file) for file in self.files if REDIRECT.search(file.read_text())]

    def _path(self, file: Path) -> str:
        return file.relative_to(self.folder).as_posix()


@contextmanager
def site_of(root: Path) -> Iterator[Site]:
    """The built site of a publication, served below the path that its address has."""
    with served(root / "site", urlsplit(config.load(root).url).path) as url:
        yield Site(root / "site", url)
