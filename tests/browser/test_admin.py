"""The page for who runs it, in a browser: no faults, in light and dark, wide and narrow."""

from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser

from newsletter.web import watching
from tests.browser import checking, looking
from tests.browser.visiting import VIEWS, visit
from tests.newsletter.conftest import make_series
from tests.newsletter.web.serving import free_port, served
from tests.newsletter.web.test_serving import prepared

SECRET = "t" * 32


@pytest.mark.usefixtures("axe")
def test_it_has_no_faults(browser: Browser, tmp_path: Path) -> None:
    series = make_series(tmp_path)
    port = free_port()
    environment = prepared(series, port) | {watching.VARIABLE: SECRET}
    series.subscribe("ada", "bob")
    series.send("newest")
    series.database.close()
    found: list[str] = []
    with served(tmp_path, port, "--admin", **environment):
        address = f"http://any:{SECRET}@127.0.0.1:{port}/admin"
        for view in VIEWS:
            with visit(browser, address, view) as visited:
                assert visited.page.locator("svg[role=img]").count() == 2
                found += [f"{view}: {one}" for one in looking.in_both_schemes(visited.page)]
                ours = ("(401)", f"{SECRET}@127.0.0.1:{port}/")  # a password in it makes it another
                complaints = [one for one in visited.complaints if not any(o in one for o in ours)]
                found += [f"{view}: {one}" for one in complaints]
        file = tmp_path / "admin.html"
        file.write_text(requests.get(address, timeout=30).text)
    assert not found, "\n".join(found)
    if not checking.missing("java", "node"):
        assert checking.nu_html_checker([file]) + checking.html_validate([file]) == []
