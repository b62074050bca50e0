"""What of an article's HTML reaches feed readers."""

import pytest

from press import elements, portable
from tests.conftest import PIXEL, Publication

ROW, END = "<table><tbody><tr>", "</tr></tbody></table>"
CASES = [
    # What runs, asks or frames.
    ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
    ("<style>p { color: red }</style><p style='color: red'>a</p>", "<p>a</p>"),
    ("<p onclick='x()'>a</p>", "<p>a</p>"),
    ("<form action='https://e.org/'><p>a</p><button>Go</button><input name=q></form>", "<p>a</p>"),
    ("<svg><title>t</title><path d='M0'/></svg>a", "a"),
    ("<template><p>x</p></template><noscript>y</noscript>a", "a"),
    ("<a href='javascript:alert(1)'>a</a>", "<a>a</a>"),
    ("<a href='relative.html'>a</a>", "<a>a</a>"),
    ("<iframe src='https://e.org/1'><a href='https://e.org/2'>2</a></iframe>a", "a"),
    ("<iframe srcdoc='<p>x'></iframe>a", "a"),
    ("<iframe src='https://e.org/'>never closed", ""),
    # What is for our own pages.
    ("<h2 id='a' class='b' tabindex='0' data-x='1'>a</h2>", "<h2>a</h2>"),
    ("<!-- note -->a", "a"),
    # What stays.
    ('<pre><code class="language-c++ wide">a &lt; b ]]&gt;\n</code></pre>',
     '<pre><code class="language-c++">a &lt; b ]]&gt;\n</code></pre>'),
    ('<img src="https://e.org/a.png" srcset="https://e.org/b.png 2x" alt="a" width="1">', None),
    ('<video controls="" src="https://e.org/a" poster="https://e.org/b"></video>', None),
    (f'{ROW}<th scope="col" style="text-align:right">a</th>{END}', None),
    (f'{ROW}<td style="position:fixed;text-align:right" width="9">a</td>{END}',
     f'{ROW}<td style="text-align:right">a</td>{END}'),
    ('<ol start="3"><li>a</li></ol>', None),
    ('<p dir="rtl" lang="he">שלום</p>', None),
    ('<math display="block"><mfrac><mi>a</mi><mn>2</mn></mfrac></math>', None),
    ("<details><summary>a</summary>b</details>", None),
]  # fmt: skip


@pytest.mark.parametrize(("html", "expected"), CASES)
def test_it_keeps_what_others_can_show(html: str, expected: str | None) -> None:
    assert portable.html(html) == (html if expected is None else expected)


def body(publication: Publication) -> str:
    return publication.make().published[0].feed_html


def test_every_kind_of_address_is_whole(publication: Publication) -> None:
    publication.write("content/000-a/p q.png", PIXEL)
    publication.article(
        "000-a/index",
        "[s](#own) n[^1] [h](/) ![p](p%20q.png) [o](//other.example/x)\n\n## Own\n\n[^1]: Note.\n\n"
        "<video poster='p%20q.png' src='p%20q.png'></video>\n\n"
        "<img alt='' src='p%20q.png' srcset='p%20q.png 2x, p%20q.png'>\n",
    )
    html = body(publication)
    addresses, ids = elements.references(html)
    base = "https://example.org/series"
    assert set(addresses) == {
        f"{base}/a.html#own", f"{base}/a.html#fn:1", f"{base}/index.html",
        f"{base}/a/p%20q.png", "https://other.example/x",
    }  # fmt: skip
    assert (html.count("poster="), html.count(f"{base}/a/p%20q.png 2x")) == (1, 1)
    assert ids == ()


def test_a_footnote_does_not_lead_back(publication: Publication) -> None:
    publication.article("000-a", "A note[^1], [^1].\n\n[^1]: The note.\n")
    html = body(publication)
    assert "<p>The note.</p>" in html
    assert "↩" not in html


def test_nothing_is_left_of_what_leads_back(publication: Publication) -> None:
    publication.article("000-a", "a[^1]\n\n[^1]: b\n\n    ```text\n    c\n    ```\n")
    assert body(publication).endswith("c\n</code></pre>\n</li>\n</ol>\n</div>")


def test_code_is_plain(publication: Publication) -> None:
    publication.article("000-a", '```rust title="main.rs" skip="x"\nfn main() {}\n```\n')
    assert '<pre><code class="language-rust">fn main() {}\n</code></pre>' in body(publication)
