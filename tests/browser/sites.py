"""A built site that is being served, and all of its pages."""

import re
from dataclasses import dataclass
from pathlib import Path

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
        """The path of each page that stays when it is opened."""
        return [self._path(file) for file in self.files if not REDIRECT.search(file.read_text())]

    @property
    def redirects(self) -> list[str]:
        return [self._path(file) for file in self.files if REDIRECT.search(file.read_text())]

    def _path(self, file: Path) -> str:
        return file.relative_to(self.folder).as_posix()
