"""A page without scripts: all of its text is there to read."""

from playwright.sync_api import Page

from tests.browser.looking import NAME

# Text that is not seen; a sign such as # is none. Details may be closed, and what only a script
# makes of use may be hidden: a few words with a button, an input or a choice.
UNSEEN = f"""() => {{
  {NAME}
  const exempt = "script, style, template, button, dialog, [role=status], [aria-live]," +
    "details:not([open]) > :not(summary), math annotation";
  const seen = element =>
    element.checkVisibility({{opacityProperty: true, visibilityProperty: true}});
  const hidden = element => seen(element.parentElement) ? element : hidden(element.parentElement);
  const tool = element => element.textContent.length < 200 &&
    (element.matches("select, option") || element.querySelector("button, input, select"));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node; node = texts.nextNode();) {{
    const element = node.parentElement;
    if (!/[\\p{{L}}\\p{{N}}]/u.test(node.data) || element.closest(exempt)) continue;
    if (!seen(element) && !tool(hidden(element)))
      found.push(`unseen: ${{name(element)}}: ${{node.data.trim().slice(0, 40)}}`);
  }}
  return found;
}}"""


def unseen(page: Page) -> list[str]:
    """Each text of the page that nobody can see."""
    found: list[str] = page.evaluate(UNSEEN)
    return found
