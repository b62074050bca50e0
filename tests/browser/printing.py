"""A page on paper: dark on white, without what only a screen can use, and nothing cut off."""

from playwright.sync_api import Page

from tests.browser.looking import NAME, overflow
from tests.browser.visiting import SCHEMES

PAPER = 718
"""Pixels across a sheet of A4 between its margins."""
USELESS = f"""() => {{
  {NAME}
  const found = [...document.querySelectorAll("nav, button, form, input")].filter(element =>
    !element.closest("nav nav") && element.checkVisibility() && element.type !== "checkbox");
  return found.map(element => `print: ${{name(element)}} is of no use on paper`);
}}"""
CUT = f"""() => {{
  {NAME}
  const found = [...document.body.querySelectorAll("*")].filter(element =>
    getComputedStyle(element).overflowX !== "visible" &&
    element.scrollWidth > element.clientWidth + 1 && element.checkVisibility() &&
    element.getBoundingClientRect().width > 2);
  return found.map(element => `print: ${{name(element)}} is cut off: ` +
    `${{element.scrollWidth}} of ${{element.clientWidth}} px`);
}}"""
# Of all texts, the lightness of ink and of what is behind it, as 0 to 255.
INK = f"""() => {{
  {NAME}
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {{willReadFrequently: true}});
  const light = colour => {{
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return alpha ? 0.2126 * red + 0.7152 * green + 0.0722 * blue : null;
  }};
  const behind = element => element ?
    light(getComputedStyle(element).backgroundColor) ?? behind(element.parentElement) : 255;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = new Set();
  for (let node; node = texts.nextNode();) {{
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    const ink = light(getComputedStyle(element).color);
    if (behind(element) < 200 || ink > 150)
      found.add(`print: ${{name(element)}} is not dark on white`);
  }}
  return [...found];
}}"""


def on_paper(page: Page) -> list[str]:
    """What is wrong with the page when it is printed, from either scheme."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": 1000})
    found = [*overflow(page), *page.evaluate(USELESS), *page.evaluate(CUT)]
    for scheme in SCHEMES:
        page.emulate_media(media="print", color_scheme=scheme)
        found += [f"{scheme}: {one}" for one in page.evaluate(INK)]
    return found
