"""A real browser opens the built series from the disk."""

import re
import shutil
import subprocess
import tempfile
from html import unescape
from pathlib import Path

import pytest

from press import manifest
from tests.conftest import NOW, REPOSITORY, Publication

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--v=0",
]  # fmt: skip


def opened(page: Path) -> tuple[str, str]:
    """The document as the browser has it, and what its console says."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run(
            [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


@pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
def test_the_series_opens_from_the_disk(tmp_path: Path) -> None:
    for name in ("content", "series.toml", "templates"):
        source = REPOSITORY / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    publication = Publication(tmp_path)
    from press import pipeline

    pipeline.write(tmp_path, pipeline.make(tmp_path, NOW.replace(year=2100)))
    site = publication.root / "site"
    index, console = opened(site / "index.html")
    assert not console
    articles = manifest.load(site).articles
    assert len(articles) >= 5
    for article in articles:
        assert f'href="{article.path}"' in index
    page, console = opened(site / articles[-1].path)
    assert not console
    [heading] = re.findall(r"<h1>(.*?)</h1>", page)
    assert unescape(heading) == articles[-1].title
    assert page.count("<figure") == sum(
        page.count(f'"code {x}"') for x in ("python", "rust", "output")
    )
