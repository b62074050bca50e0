"""The index that a page searches in its reader's browser, made by Pagefind where it is installed.

It never stops a build: without it, the search page lists all there is.
"""

import io
import subprocess
import sys
import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from press import kept
from press.model import OutputFile

FOLDER = "pagefind"
COMMAND = (sys.executable, "-m", "pagefind")
SECONDS = 120
"""After which it is given up."""

# Of what Pagefind writes, the parts of pages of its own making, which ours is not.
LEFT_OUT = ("pagefind-ui.", "pagefind-modular-ui.", "pagefind-component-ui.", "pagefind-highlight.")

LONG_AGO = (1980, 1, 1, 0, 0, 0)


class Indexed(Struct, frozen=True):
    """The files of an index; none where there is none, with a reason if that is no wish."""

    files: tuple[OutputFile, ...] = ()
    warning: str = ""


class Failed(Exception):
    """Pagefind did not do its work; says why, in a line."""


def index(pages: Sequence[OutputFile], cache: Path, command: Sequence[str] = COMMAND) -> Indexed:
    """The index of HTML pages, as it is kept if neither they nor Pagefind have changed."""
    from importlib.metadata import PackageNotFoundError, version  # few builds ask

    if not pages:
        return Indexed()
    try:
        key = _key(pages, version("pagefind"))
    except PackageNotFoundError:
        return Indexed()
    path = cache / f"search-{key}.zip"
    if (found := _unpacked(kept.read(path))) is None:
        try:
            found = _made(pages, command)
        except Failed as failure:
            return Indexed((), f"the site has no search: {failure}")
        kept.write(path, _packed(found))
        kept.forget(cache, "search-*.zip", {path.name})
    return Indexed(tuple(found))


def _key(pages: Sequence[OutputFile], release: str) -> str:
    digest = sha256(release.encode())
    for page in pages:
        digest.update(f"{page.path!r} {len(page.content)} ".encode())
        digest.update(page.content)
    return digest.hexdigest()[:32]


def _made(pages: Sequence[OutputFile], command: Sequence[str]) -> list[OutputFile]:
    try:
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            site, target = Path(folder) / "site", Path(folder) / FOLDER
            for page in pages:
                (site / page.path).parent.mkdir(parents=True, exist_ok=True)
                (site / page.path).write_bytes(page.content)
            _run([*command, "--site", str(site), "--output-path", str(target), "--quiet"])
            return [
                OutputFile(f"{FOLDER}/{path.relative_to(target).as_posix()}", path.read_bytes())
                for path in sorted(target.rglob("*"))
                if path.is_file() and not path.name.startswith(LEFT_OUT)
            ]
    except OSError as error:
        raise Failed(error.strerror or "its pages can't be written") from None


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"pagefind was still running after {SECONDS} seconds") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["nothing"]
        raise Failed(f"pagefind ended with status {done.returncode}, and said: {said[-1]}")


def _packed(files: Sequence[OutputFile]) -> bytes:
    import zipfile  # only where there is an index

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for one in files:
            archive.writestr(zipfile.ZipInfo(one.path, LONG_AGO), one.content)
    return file.getvalue()


def _unpacked(content: bytes | None) -> list[OutputFile] | None:
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content or b"")) as archive:
            return [OutputFile(name, archive.read(name)) for name in archive.namelist()]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
        return None
