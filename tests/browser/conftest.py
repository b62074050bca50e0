"""The publications, built once, and one browser for all tests of a worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.looking import AXE
from tests.browser.publications import PUBLICATIONS
from tests.browser.serving import served
from tests.browser.sites import Site
from tests.browser.visiting import CHROMIUM, chromium


@pytest.fixture(scope="session", params=PUBLICATIONS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `site` folder of each publication in turn."""
    root = tmp_path_factory.mktemp(request.param)
    PUBLICATIONS[request.param](root)
    return root / "site"


# Of a package, not of the session: its event loop would be in the way of others' tests.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("chromium is not installed")
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[Site]:
    with served(built) as url:
        yield Site(built, url)


@pytest.fixture
def axe() -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix tests/tools")
