"""All pages by the tools that judge HTML and links from outside."""

import pytest

from tests.browser import checking
from tests.browser.sites import Site


def needs(*commands: str) -> pytest.MarkDecorator:
    reason = checking.missing(*commands)
    return pytest.mark.skipif(bool(reason), reason=reason)


@needs("java")
def test_the_nu_html_checker_finds_nothing(site: Site) -> None:
    findings = checking.nu_html_checker(site.files)
    assert not findings, "\n".join(findings)


@needs("node")
def test_html_validate_finds_nothing(site: Site) -> None:
    findings = checking.html_validate(site.files)
    assert not findings, "\n".join(findings)


@needs("node")
def test_no_link_and_no_fragment_is_broken(site: Site) -> None:
    findings = checking.linkinator(site.url, [*site.pages, *site.redirects])
    assert not findings, "\n".join(findings)
