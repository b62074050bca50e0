"""A real browser opens the built series from the disk, page by page."""

import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest

from press import pipeline
from tests.conftest import REPOSITORY
from tests.structure.conftest import tracked

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--v=0",
]  # fmt: skip
DISTANT = datetime(2100, 1, 1, tzinfo=UTC)
"""When all that is scheduled now is out."""

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")


@pytest.fixture
def edition(tmp_path: Path) -> pipeline.Edition:
    """The real series, built in a folder of its own."""
    for name in tracked():
        if name.startswith(("content/", "templates/", "series.toml")):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, tmp_path / name)
    made = pipeline.make(tmp_path, DISTANT)
    pipeline.write(tmp_path, made)
    return made


def opened(page: Path) -> str:
    """The document as the browser has it; its console has to be silent."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run(
            [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not console, f"{page.name}: {console}"
    return done.stdout


def hrefs(html: str) -> set[str]:
    return {unescape(address) for address in re.findall(r'\shref="([^"]*)"', html)}


def assert_links_open(html: str, site: Path) -> None:
    """From the disk a relative address is the name of a file, and `slug/` would be a folder."""
    addresses = hrefs(html) | {unescape(one) for one in re.findall(r'\ssrc="([^"]*)"', html)}
    for address in addresses:
        path = unquote(address.partition("#")[0])
        if path and not re.match(r"[a-z]+:", path):
            assert (site / path).is_file(), address


def test_the_series_opens_from_the_disk(edition: pipeline.Edition, tmp_path: Path) -> None:
    site = tmp_path / "site"
    index = opened(site / "index.html")
    assert_links_open(index, site)
    assert len(edition.site.articles) >= 5
    for published in edition.site.articles:
        article = published.article
        assert article.page in hrefs(index)
        page = opened(site / article.page)
        assert_links_open(page, site)
        assert [unescape(h1) for h1 in re.findall(r"<h1>(.*?)</h1>", page)] == [article.title]
        # All that is proven is seen: no fence was swallowed by the block before it.
        assert page.count('<figure class="code ') == len(article.fences)
