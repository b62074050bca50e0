"""A page by keyboard alone: all that can be used is reached, in order, and is seen to be."""

from playwright.sync_api import Page

from tests.browser.looking import NAME

# All that a keyboard should reach, in the order of the document; and how each looks at rest.
# A box that scrolls is reached by what is in it; a trap for robots is to be reached by nobody,
# and of alternatives the one that is chosen (the arrows lead to the others).
EXPECT = f"""() => {{
  {NAME}
  const usable = "a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]";
  const scrolls = element => ["auto", "scroll"].some(value =>
      [getComputedStyle(element).overflowX, getComputedStyle(element).overflowY].includes(value)) &&
    (element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight + 1);
  const look = element => {{
    const style = getComputedStyle(element);
    return ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "backgroundColor", "color",
      "borderTopColor", "borderBottomColor", "textDecorationLine", "textDecorationColor",
      "textDecorationThickness"].map(property => style[property]).join("|");
  }};
  const isOther = element => element.type === "radio" && !element.checked &&
    !!element.form?.querySelector(`[type=radio][name="${{CSS.escape(element.name)}}"]:checked`);
  const used = element =>
    element.matches(usable) || scrolls(element) && !element.querySelector(usable);
  const expected = [...document.body.querySelectorAll("*")].filter(element => used(element) &&
    !element.closest(".trap") && !element.disabled && element.type !== "hidden" &&
    !element.matches("main[tabindex='-1']") && !isOther(element) &&
    element.checkVisibility({{visibilityProperty: true}}));
  window.judged = {{expected, look, name, looks: expected.map(look)}};
  scrollTo(0, 0);
  getSelection().removeAllRanges();
  document.activeElement.blur();
  return expected.map(one => name(one));
}}"""
# Which of these has the focus, and whether one can see that.
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const {expected, look, looks, name} = judged;
  const place = expected.indexOf(element);
  const box = element.getClientRects()[0] || element.getBoundingClientRect();
  const clip = (value, end) => Math.min(Math.max(value, 0), end);
  const [left, right] = [clip(box.left, innerWidth), clip(box.right, innerWidth)];
  const [top, bottom] = [clip(box.top, innerHeight), clip(box.bottom, innerHeight)];
  const points = [0.02, 0.5, 0.98].flatMap(x => [0.1, 0.5, 0.9].map(y =>
    [left + (right - left) * x, top + (bottom - top) * y]));
  const shown = points.some(([x, y]) => {
    const over = document.elementFromPoint(x, y);
    return right > left && bottom > top && over &&
      (element.contains(over) || over.contains(element));
  });
  const changed = place >= 0 && look(element) !== looks[place];
  return {place, name: name(element), shown, changed};
}"""
SKIPPED = """() => {
  const main = document.querySelector("main");
  const focused = document.activeElement;
  return main.contains(focused) ||
    !!(main.compareDocumentPosition(focused) & Node.DOCUMENT_POSITION_FOLLOWING);
}"""


def tabbing(page: Page) -> list[str]:
    """What the Tab key does not reach, reaches out of order, or reaches unseen."""
    names: list[str] = page.evaluate(EXPECT)
    reached: list[int] = []
    findings: list[str] = []
    for _ in range(len(names) + 5):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None or focused["place"] in reached:
            break
        reached.append(focused["place"])
        if focused["place"] < 0:
            findings.append(f"keyboard: {focused['name']} has the focus, and is nothing to use")
        elif not focused["changed"]:
            findings.append(f"keyboard: nothing shows that {focused['name']} has the focus")
        if not focused["shown"]:
            findings.append(f"keyboard: {focused['name']} has the focus, and is out of sight")
    missed = [name for place, name in enumerate(names) if place not in reached]
    findings += [f"keyboard: {name} is never reached" for name in missed]
    if reached != sorted(reached):
        findings.append(f"keyboard: out of order: {[names[place] for place in reached]}")
    return findings


def skipping(page: Page) -> list[str]:
    """What is wrong with the link that skips to the text, the first that is reached."""
    page.evaluate(EXPECT)
    page.keyboard.press("Tab")
    target = page.evaluate("() => document.activeElement.getAttribute('href') || ''")
    if not target.startswith("#"):
        return [f"keyboard: the first that is reached is no link to the text: {target}"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    if not page.evaluate(SKIPPED):
        return ["keyboard: the link to the text leads before it"]
    return []
