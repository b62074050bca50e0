"""A small whole site, byte for byte. `UPDATE_GOLDEN=1 pytest tests/press/test_golden.py` renews it.

Look at what `git diff` says then: each line of it is a change that readers will see.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path

import pytest

from press import manifest, pipeline
from press.output import digest
from tests.conftest import NOW

GOLDEN = Path(__file__).parent.parent / "golden"
EXPECTED = GOLDEN / "expected"


VERSION = re.compile(rb"(with Python |rustc )\d+\.\d+\.\d+")


def made(folder: Path) -> dict[str, bytes]:
    """The site, made from a copy: a build leaves a cache beside its content.

    Versions of what ran examples are those of the machine, so they are left out; and so is what
    Pillow makes of a card, which is another image with each of its versions.
    """
    shutil.copytree(GOLDEN / "source", folder, dirs_exist_ok=True)
    edition = pipeline.make(folder, NOW)
    files = {one.path: VERSION.sub(rb"\1X", one.content) for one in edition.outputs}
    files |= {path: files[path][:8] for path in files if path.startswith("cards/")}
    index = manifest.parse(edition.index.content)
    digests = {path: digest(content) for path, content in files.items()}
    return files | {edition.index.path: manifest.dump(replace(index, files=digests))}


def expected() -> dict[str, bytes]:
    return {
        path.relative_to(EXPECTED).as_posix(): path.read_bytes()
        for path in sorted(EXPECTED.rglob("*"))
        if path.is_file()
    }


def differences(before: dict[str, bytes], now: dict[str, bytes]) -> Iterator[str]:
    for path in sorted({*before, *now}):
        old, new = before.get(path), now.get(path)
        if old is None or new is None:
            yield f"only {'expected' if new is None else 'made'}: {path}"
        elif old != new:
            lines, found = (text.decode(errors="replace").splitlines() for text in (old, new))
            yield from unified_diff(lines, found, f"expected/{path}", f"made/{path}", lineterm="")


def test_the_site_is_as_expected(tmp_path: Path) -> None:
    site = made(tmp_path)
    if os.environ.get("UPDATE_GOLDEN"):
        shutil.rmtree(EXPECTED, ignore_errors=True)
        for path, content in site.items():
            (EXPECTED / path).parent.mkdir(parents=True, exist_ok=True)
            (EXPECTED / path).write_bytes(content)
    if found := list(differences(expected(), site)):
        pytest.fail("\n".join(found), pytrace=False)
