"""A page without scripts: all of its text is there to read."""

from playwright.sync_api import Page

from tests.browser.looking import NAME

# Text that is not seen. What only a script can use may be hidden, and details may be closed.
UNSEEN = f"""() => {{
  {NAME}
  const exempt = "script, style, template, button, dialog, [role=status], [aria-live]," +
    "details:not([open]) > :not(summary), form[hidden], [hidden] label, math annotation";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node; node = texts.nextNode();) {{
    const element = node.parentElement;
    if (!node.data.trim() || element.closest(exempt)) continue;
    if (!element.checkVisibility({{opacityProperty: true, visibilityProperty: true}}))
      found.push(`unseen: ${{name(element)}}: ${{node.data.trim().slice(0, 40)}}`);
  }}
  return found;
}}"""


def unseen(page: Page) -> list[str]:
    """Each text of the page that nobody can see."""
    found: list[str] = page.evaluate(UNSEEN)
    return found
