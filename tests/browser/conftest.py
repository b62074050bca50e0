"""The publications, built once, and one browser for all tests of a worker."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.looking import AXE
from tests.browser.publications import PUBLICATIONS
from tests.browser.sites import Site, site_of
from tests.browser.visiting import CHROMIUM, chromium


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Name of a publication -> its folder, with the site in it."""

    @cache
    def built(name: str) -> Path:
        root = tmp_path_factory.mktemp(name)
        PUBLICATIONS[name](root)
        return root

    return built


@pytest.fixture(scope="session", params=PUBLICATIONS)
def site(request: pytest.FixtureRequest, build: Callable[[str], Path]) -> Iterator[Site]:
    """Each publication in turn."""
    with site_of(build(request.param)) as opened:
        yield opened


@pytest.fixture(scope="session")
def own(build: Callable[[str], Path]) -> Iterator[Site]:
    """The series of this repository."""
    with site_of(build("own")) as opened:
        yield opened


# Of a package, not of the session: its event loop would be in the way of others' tests.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("chromium is not installed")
    with chromium() as opened:
        yield opened


@pytest.fixture
def axe() -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix tests/tools")
