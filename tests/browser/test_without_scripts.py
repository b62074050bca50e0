"""Every page in a browser without scripts: read, navigated, subscribed to."""

from urllib.parse import parse_qs, urldefrag

from playwright.sync_api import Browser, Locator, Page, Route

from press import config
from tests.browser import reading
from tests.browser.sites import Site
from tests.browser.visiting import View, Visit, visit, walk

VIEW = View(scripts=False)
NAVIGATION = "nav a[href], body > header a[href], body > footer a[href], header.site a[href]"


def test_all_text_can_be_read(site: Site, browser: Browser) -> None:
    def read(visited: Visit) -> list[str]:
        return [*reading.unseen(visited.page), *visited.complaints]

    findings = walk(browser, site, VIEW, read)
    assert not findings, "\n".join(findings)


def test_every_link_for_navigation_leads_where_it_says(site: Site, browser: Browser) -> None:
    followed: set[str] = set()

    def navigate(visited: Visit) -> list[str]:
        findings = []
        start = visited.page.url
        for place, target in enumerate(targets(visited.page)):
            if target.startswith(site.url) and target not in followed:
                followed.add(target)
                if urldefrag(visited.page.url).url != start:
                    visited.page.goto(start)
                findings += follow(visited.page.locator(NAVIGATION).nth(place), target)
        return findings

    findings = walk(browser, site, VIEW, navigate)
    assert not findings, "\n".join(findings)
    assert followed


def targets(page: Page) -> list[str]:
    found: list[str] = page.locator(NAVIGATION).evaluate_all("links => links.map(one => one.href)")
    return found


OPEN = """link => { for (let at = link; at; at = at.parentElement)
  if (at.tagName === "DETAILS") at.open = true; }"""


def follow(link: Locator, target: str) -> list[str]:
    """What is wrong with where a link leads, when it is clicked."""
    page = link.page
    address, fragment = urldefrag(target)
    if not address.endswith((".html", "/")):  # a browser may keep it as a file
        answer = page.request.get(target)
        return [] if answer.ok else [f"{target} answers {answer.status}"]
    link.evaluate(OPEN)
    link.click()
    page.wait_for_load_state()
    if page.url != target:
        return [f"the link to {target} leads to {page.url}"]
    if not page.locator("main").count():
        return [f"the link to {target} leads to no page"]
    if fragment and not page.locator(":target").count():
        return [f"the link to {target} names nothing there"]
    return []


FORM = "form:has(input[type=email])"
READER = "reader@example.org"


def test_one_can_subscribe(site: Site, browser: Browser) -> None:
    """By a form that posts an address where the settings say; without one, by mail."""
    newsletter = config.load(site.folder.parent).newsletter
    assert newsletter
    with visit(browser, f"{site.url}/index.html", VIEW) as visited:
        if newsletter.subscribe_url:
            assert visited.page.locator(FORM).count(), "no form with an input of type email"
            assert sent(visited.page, newsletter.subscribe_url) == [("POST", READER)]
        else:
            mail = f"a[href^='mailto:{newsletter.reply_address}']"
            assert visited.page.locator(mail).count()


def sent(page: Page, address: str) -> list[tuple[str, str]]:
    """What the page's form sends to an address, as a form of HTML does."""
    found: list[tuple[str, str]] = []

    def answer(route: Route) -> None:
        fields = parse_qs(route.request.post_data or "")
        found.append((route.request.method, fields.get("email", [""])[0]))
        route.fulfill(status=200, body="Thank you")

    page.route(f"{address}**", answer)
    form = page.locator(FORM).first
    form.locator("input[type=email]").fill(READER)
    form.locator("[type=submit], button:not([type])").first.click()
    page.wait_for_url(f"{address}**")
    return found
