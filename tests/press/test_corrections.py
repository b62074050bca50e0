"""What an article says of its own changes: on its page, in feeds, to search engines, as data."""

import json
import re
from datetime import UTC, datetime

import pytest

from press import manifest
from press.problems import Code
from tests.conftest import Publication

BOTH = """
  - {date: 2026-03-01, note: "Said <more>."}
  - {date: 2026-03-05, note: "It was <b>; it is <c>.", correction: true}"""
ELSEWHERE = '{date: "2026-03-05T00:00:00+02:00", note: A}'
LIST = 'aria-labelledby="page:changes"'


def test_a_correction_stands_at_the_top_and_other_changes_at_the_end(
    publication: Publication,
) -> None:
    publication.article("000-a", "The body.", changes=BOTH)
    page = publication.page("a.html")
    top, rest = page.split("The body.")
    assert 'id="page:corrections"' in top
    assert "Correction, 2026-03-05:</b> It was &lt;b&gt;; it is &lt;c&gt;." in top
    assert "Said &lt;more&gt;." in rest.split(LIST)[1]
    assert "it is &lt;c&gt;" not in rest
    assert '<a href="#page:changes">updated</a>' in top


def test_where_there_are_only_corrections_the_date_leads_to_them(publication: Publication) -> None:
    publication.article(
        "000-a", changes="[{date: 2026-03-05, note: A, correction: true}]", updated="2026-02-01"
    )
    page = publication.page("a.html")
    assert '<a href="#page:corrections">updated</a>' in page
    assert LIST not in page
    assert 'datetime="2026-03-05T00:00:00+00:00">2026-03-05</time></span>' in page


def test_the_newest_correction_is_the_first(publication: Publication) -> None:
    changes = "[{date: 2026-03-05, note: Old, correction: true}, "
    publication.article(
        "000-a", changes=changes + "{date: 2026-03-06, note: New, correction: true}]"
    )
    assert re.search(r"</b> New</p>\s+<p><b>.*</b> Old</p>", publication.page("a.html"))


def test_feeds_move_and_say_why(publication: Publication) -> None:
    publication.article("000-a", "The body.", changes=BOTH, updated="2026-03-02")
    [item] = json.loads(publication.page("feed.json"))["items"]
    assert item["date_modified"] == "2026-03-05T00:00:00Z"
    before, after = item["content_html"].split("<p>The body.</p>")
    assert before == (
        "<p><strong>Correction, 2026-03-05:</strong> It was &lt;b&gt;; it is &lt;c&gt;.</p>\n"
    )
    assert "<h2>Changes</h2>" in after
    assert "<li>2026-03-01 Said &lt;more&gt;.</li>" in after
    assert "<updated>2026-03-05T00:00:00Z</updated>" in publication.page("atom.xml")


def test_search_engines_are_told_in_their_own_words(publication: Publication) -> None:
    publication.article("000-a", changes=BOTH)
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>',
                      publication.page("a.html"), re.DOTALL)  # fmt: skip
    assert found
    assert json.loads(found[1])["correction"] == [
        {
            "@type": "CorrectionComment",
            "text": "It was <b>; it is <c>.",
            "datePublished": "2026-03-05T00:00:00+00:00",
        }
    ]


def test_the_manifest_says_which_changes_are_corrections(publication: Publication) -> None:
    publication.article("000-a", changes=BOTH)
    publication.build()
    [entry] = manifest.load(publication.root / "site").articles
    assert [(one.id, one.correction) for one in entry.changes] == [
        ("2026-03-01T00:00:00", False),
        ("2026-03-05T00:00:00", True),
    ]


def test_a_change_is_the_same_one_in_another_zone() -> None:
    times = [datetime(2026, 3, 5, tzinfo=UTC).isoformat(), "2026-03-05T00:00:00+09:00"]
    assert len({manifest.Change(one, "").id for one in times}) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ('[{date: 2026-03-05, note: A, correction: "yes"}]', "must be true or false, not text"),
        ("[{date: 2026-03-05, note: A, material: true}]", "and perhaps `correction: true`"),
        ("[{date: 2026-03-05, correction: true}]", "each with `date`, `note`"),
        (
            "[{date: 2026-03-05, note: A, correction: true}, {date: 2026-03-05, note: B}]",
            "has a correction at the time of another change",
        ),
        (f"[{ELSEWHERE}, {{date: 2026-03-05, note: B, correction: true}}]", "a time"),
    ],
)
def test_what_is_no_correction_is_a_problem(
    publication: Publication, changes: str, said: str
) -> None:
    publication.article("000-a", changes=changes)
    problem = publication.problem()
    assert (problem.code, problem.path) == (Code.WRONG_TYPE, "content/000-a.md")
    assert said in problem.message


def test_two_changes_of_a_day_are_as_good_as_ever(publication: Publication) -> None:
    both = "{date: 2026-03-05, note: A}, {date: 2026-03-05, note: B}"
    timed = '{date: "2026-03-05 10:00", note: C, correction: true}'
    publication.article("000-a", changes=f"[{both}, {timed}]")
    publication.build()
