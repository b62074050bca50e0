"""Each judge speaks up at a page that breaks its rule, and is silent at one that breaks none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import checking, keyboard, looking, printing, reading
from tests.browser.serving import served
from tests.browser.test_checkers import needs
from tests.browser.test_speed import LIMIT
from tests.browser.test_without_scripts import READER, follow, sent
from tests.browser.visiting import View, Visit, visit

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A page</title>
<meta name="description" content="A page for judges.">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header><nav aria-label="Site"><a href="index.html">Home</a></nav></header>
<main id="main">
<h1>A page</h1>
{body}
</main>
</body>
</html>
"""
STYLE = """
:root { color-scheme: light dark; }
a { color: LinkText; }
.skip { position: absolute; inset-inline-start: -100vw; }
.skip:focus { position: static; }
:focus-visible { outline: 2px solid; }
pre { overflow-x: auto; }
@media print {
  :root { color-scheme: light; }
  nav, button, .skip { display: none; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
}
"""
GOOD = """<p>Text, and <a href="#main">a link</a>.</p>
<p hidden>First: <button type="button">Rust</button></p>
<pre tabindex="0">{code}</pre>
""".format(code="code " * 200)
IMAGE = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


DESK = View()


@dataclass(frozen=True)
class Case:
    """A page, what it has that a good one has not, and what is to be said of it."""

    name: str
    says: str = ""
    body: str = ""
    style: str = ""
    script: str = ""
    headers: str = ""
    change: tuple[str, str] = ("", "")
    view: View = DESK


@contextmanager
def opened(case: Case, folder: Path, browser: Browser) -> Iterator[Visit]:
    page = PAGE.format(body=GOOD + case.body).replace(*case.change)
    if case.script:
        page = page.replace("</main>", '</main><script src="script.js"></script>')
    (folder / "index.html").write_text(page)
    (folder / "style.css").write_text(STYLE + case.style)
    (folder / "script.js").write_text(case.script)
    (folder / "_headers").write_text(case.headers)
    with served(folder) as url, visit(browser, f"{url}/index.html", case.view) as visited:
        yield visited


def findings(judge: str, visited: Visit) -> list[str]:
    return visited.complaints if judge == "complaints" else PAGE_JUDGES[judge](visited.page)


PAGE_JUDGES: dict[str, Callable[[Page], list[str]]] = {
    "icon": looking.icon,
    "overflow": looking.overflow,
    "shifts": looking.shifts,
    "accessibility": looking.accessibility,
    "tabbing": keyboard.tabbing,
    "skipping": keyboard.skipping,
    "unseen": reading.unseen,
    "astray": looking.astray,
    "on paper": printing.on_paper,
}
LATE = """requestAnimationFrame(() => requestAnimationFrame(() => {
  const late = document.createElement("p");
  late.className = "late";
  document.querySelector("main").prepend(late);
}));"""
BAD = {
    "complaints": [
        Case("a script in the page", "console: Executing inline script", "<script>1</script>"),
        Case("a warning", "console: careful", script="console.warn('careful')"),
        Case("an error", "error: broken", script="throw new Error('broken')"),
        Case("a lost image", "request failed: ", '<img src="none.png" alt="None">'),
        Case(
            "an image of others", "third party: ", '<img src="http://example.org/" alt="None">',
            headers="/*\n Content-Security-Policy: default-src *",
        ),
    ],
    "icon": [Case("none", "no icon", change=('<link rel="icon" href="data:,">', ""))],
    "overflow": [
        Case("too wide", "p.wide", '<p class="wide">A</p>', ".wide { width: 2000px; }"),
        Case(
            "too wide to the left", "p.wide", '<p class="wide">A</p>', ".wide { width: 2000px; }",
            change=('lang="en"', 'lang="ar" dir="rtl"'),
        ),
    ],
    "shifts": [Case("a late block", "layout shift", style=".late {height: 9em}", script=LATE)],
    "accessibility": [
        Case("no alternative", "axe image-alt", f'<img src="{IMAGE}">'),
        Case(
            "pale in the dark", "axe color-contrast", '<p class="pale">A</p>',
            "@media (prefers-color-scheme: dark) { .pale { color: #444; } }",
            view=View(scheme="dark"),
        ),
    ],
    "tabbing": [
        Case("left out", "is never reached", '<a href="#main" tabindex="-1">A</a>'),
        Case("out of turn", "out of order", '<a href="#main" tabindex="1">A</a>'),
        Case("no outline", "nothing shows", style="a:focus-visible { outline: none; }"),
        Case(
            "far away", "out of sight", '<a href="#main" class="far">A</a>',
            ".far { position: absolute; inset-inline-start: -100vw; }",
        ),
        Case(
            "covered", "out of sight", '<a href="#main" class="low">A</a>',
            "header { position: fixed; inset: 0; background: Canvas; }",
        ),
        Case("a strange thing", "nothing to use", "<audio controls></audio>"),
    ],
    "skipping": [
        Case("none", "no link to the text", change=('class="skip" href="#main"', 'href="/"')),
        Case("nowhere", "leads before it", change=('class="skip" href="#main"', 'href="#"')),
    ],
    "unseen": [
        Case("shown by none", "p.late", '<p class="late">A</p>', ".late { display: none; }"),
        Case("transparent", "p.late", '<p class="late">A</p>', ".late { opacity: 0; }"),
    ],
    "astray": [
        Case("Arabic", "html is read from", change=('lang="en"', 'lang="ar"')),
        Case("code", "> pre is read from", change=("<pre", '<pre dir="rtl"')),
    ],
    "on paper": [
        Case("navigation", "of no use", style="@media print { nav { display: block; } }"),
        Case("cut code", "is cut off", style="@media print { pre { white-space: pre; } }"),
        Case("white on black", "not dark on white", style="body {color: #eee; background: #111}"),
        Case("too wide", "overflow", '<p class="wide">A</p>', ".wide { width: 2000px; }"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("judge", "case"),
    [pytest.param(judge, case, id=f"{judge}-{case.name}") for judge in BAD for case in BAD[judge]],
)
@pytest.mark.usefixtures("axe")
def test_a_judge_speaks_up_at_a_page_that_breaks_its_rule(
    judge: str, case: Case, tmp_path: Path, browser: Browser
) -> None:
    with opened(case, tmp_path, browser) as visited:
        found = findings(judge, visited)
    assert any(case.says in one for one in found), found


@pytest.mark.parametrize("judge", BAD)
@pytest.mark.usefixtures("axe")
def test_a_judge_is_silent_at_a_page_that_breaks_no_rule(
    judge: str, tmp_path: Path, browser: Browser
) -> None:
    with opened(Case("good"), tmp_path, browser) as visited:
        assert not findings(judge, visited)


NAV = '<nav aria-label="More"><a href="{}">A link</a></nav>'


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("index.html#main", ""),
        ("style.css", ""),
        ("index.html#nothing", "names nothing there"),
        ("none.html", "leads to no page"),
        ("none.css", "answers 404"),
    ],
)
def test_a_link_for_navigation_is_followed(
    target: str, says: str, tmp_path: Path, browser: Browser
) -> None:
    view = View(scripts=False)
    case = Case("a link", body=NAV.format(target), view=view)
    with opened(case, tmp_path, browser) as visited:
        link = visited.page.get_by_text("A link", exact=True)
        found = follow(link, link.evaluate("link => link.href"))
    assert [says in one for one in found] == ([True] if says else [])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_form_is_sent_as_it_says(method: str, tmp_path: Path, browser: Browser) -> None:
    address = "https://news.example.org/subscribe"
    form = f'''<form method="{method}" action="{address}"><label>Address
        <input type="email" name="email"></label> <button>Send</button></form>'''
    with opened(Case("a form", body=form, view=View(scripts=False)), tmp_path, browser) as visited:
        found = sent(visited.page, address)
    assert (found == [("POST", READER)]) is (method == "POST")


def test_what_is_loaded_is_weighed_compressed(tmp_path: Path, browser: Browser) -> None:
    style = "/* " + Random(0).randbytes(LIMIT).hex() + " */"  # half of it, compressed
    with opened(Case("heavy", style=style), tmp_path, browser) as visited:
        assert LIMIT < sum(visited.loaded()) < 2 * LIMIT


FAULTY = {
    "a link to nowhere": '<p><a href="none.html">A</a></p>',
    "a fragment of nothing": '<p><a href="index.html#none">A</a></p>',
}


@needs("node")
@pytest.mark.parametrize("fault", FAULTY)
def test_linkinator_sees(fault: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(PAGE.format(body=FAULTY[fault]))
    (tmp_path / "style.css").write_text(STYLE)
    with served(tmp_path) as url:
        [found] = checking.linkinator(url, ["index.html"])
    assert "none" in found


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A page that HTML does not allow, and that nobody could like."""
    (tmp_path / "style.css").write_text(STYLE)
    (tmp_path / "index.html").write_text(PAGE.format(body="<p><b><div>A</b></p><img src='x.png'>"))
    return tmp_path / "index.html"


@needs("java")
def test_the_nu_html_checker_sees_faults(faulty: Path) -> None:
    found = checking.nu_html_checker([faulty])
    assert any(one.startswith("index.html:") for one in found), found


@needs("node")
def test_html_validate_sees_faults(faulty: Path) -> None:
    assert any("close-order" in one for one in checking.html_validate([faulty]))


@needs("node")
def test_lighthouse_sees_faults(faulty: Path) -> None:
    with served(faulty.parent) as url:
        found = checking.lighthouse(f"{url}/index.html")
    assert any("accessibility" in one and "image-alt" in one for one in found), found
