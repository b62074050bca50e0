"""What is wrong with a page as it is seen: overflow, shifts of layout, and what axe finds."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.browser.visiting import SCHEMES
from tests.conftest import REPOSITORY

AXE = REPOSITORY / "tests/tools/node_modules/axe-core/axe.min.js"
# How an element is called in a finding.
NAME = """function name(element, depth = 3) {
  const classes = [...element.classList].map(one => "." + one).join("");
  const id = element.id ? "#" + element.id : "";
  const own = element.tagName.toLowerCase() + id + classes;
  const outer = element.parentElement;
  return depth && !id && outer && outer !== document.body ?
    name(outer, depth - 1) + " > " + own : own;
}"""
# Elements that stand out of the page, unless it is within a box that can be scrolled.
OVERFLOW = f"""() => {{
  {NAME}
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const rtl = getComputedStyle(document.documentElement).direction === "rtl";
  const scrolls = element => element && element !== document.body && element.tagName !== "HTML" &&
    (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
  const out = [...document.body.querySelectorAll("*")].filter(element => {{
    const box = element.getBoundingClientRect();
    const outside = rtl ? box.left < -1 : box.right > width + 1;
    return box.width && outside && !scrolls(element.parentElement);
  }});
  const names = [...new Set(out.map(one => name(one)))].slice(0, 5).join(", ");
  return [`overflow: ${{document.documentElement.scrollWidth}} of ${{width}} px: ${{names}}`];
}}"""
SHIFTS = f"""() => {{
  {NAME}
  shifts.push(...shiftObserver.takeRecords());
  const moved = shift => shift.sources.map(source => source.node && (source.node.tagName ?
    name(source.node) : name(source.node.parentElement))).join(", ");
  return shifts.map(shift => `layout shift: ${{shift.value.toFixed(4)}}: ${{moved(shift)}}`);
}}"""


# Code is read from the left in every language; all else as the language that is declared.
ASTRAY = f"""() => {{
  {NAME}
  const direction = element => getComputedStyle(element).direction;
  const wanted = ["ar", "fa", "he", "ur"].includes(document.documentElement.lang) ? "rtl" : "ltr";
  const text = [document.documentElement, document.body, document.querySelector("main")];
  const found = text.filter(element => direction(element) !== wanted);
  const code = [...document.querySelectorAll("pre, code")];
  found.push(...code.filter(element => direction(element) !== "ltr"));
  return [...new Set(found.map(one => `${{name(one)}} is read from the wrong side`))];
}}"""


def overflow(page: Page) -> list[str]:
    """What makes the page wider than its window."""
    found: list[str] = page.evaluate(OVERFLOW)
    return found


def shifts(page: Page) -> list[str]:
    """What has moved after it was drawn."""
    found: list[str] = page.evaluate(SHIFTS)
    return found


def astray(page: Page) -> list[str]:
    """What is read from the wrong side."""
    found: list[str] = page.evaluate(ASTRAY)
    return found


def icon(page: Page) -> list[str]:
    """Whether the page leaves it to the browser to ask for an icon at the root of its host."""
    if page.query_selector("link[rel~=icon]"):
        return []
    return ["no icon: a browser will ask for /favicon.ico"]


@cache
def _axe_source() -> str:
    return AXE.read_text()


# Of a very long block the beginning stands for the rest: axe would take seconds.
RUN = """() => {
  document.querySelectorAll("pre code > :nth-child(n + 400)").forEach(piece => piece.remove());
  return axe.run({resultTypes: ["violations"]});
}"""


def accessibility(page: Page) -> list[str]:
    """What axe finds, by all of its rules; it changes the page. Elements that ail alike are one."""
    page.evaluate(_axe_source())
    result: dict[str, Any] = page.evaluate(RUN)
    alike: dict[str, list[str]] = {}
    for violation in result["violations"]:
        for node in violation["nodes"]:
            reason = " ".join(node["failureSummary"].split())
            alike.setdefault(f"axe {violation['id']}: {reason}", []).append(str(node["target"][0]))
    return [f"{what}: {len(where)} times: {where[0]}" for what, where in alike.items()]


def in_both_schemes(page: Page) -> list[str]:
    """All that is wrong with the page as it is seen, light and dark."""
    found = [*icon(page), *astray(page)]
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {one}" for one in (*overflow(page), *accessibility(page))]
    return [*found, *shifts(page)]
