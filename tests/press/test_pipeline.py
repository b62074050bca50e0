"""The whole build: all that is wrong is told at once, and the same content makes the same bytes."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from press import pipeline
from press.problems import Code
from tests.conftest import NOW, PIXEL, Publication


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def fill(publication: Publication) -> None:
    """A publication with something of everything, and nothing wrong."""
    publication.write("content/001-b/p.png", PIXEL)
    publication.article("000-a", "[b](001-b/index.md) a[^1]\n\n[^1]: Note.\n", tags="[x, y]")
    publication.article(
        "001-b/index",
        "## Same\n\n## Same\n\n![p](p.png)\n\n```python\nprint(*{'a', 'b', 'c'})\n```\n",
        aliases="[/old]",
        changes='[{date: 2026-01-05, note: "x"}]',
    )
    publication.article("002-c", date="2026-05-01T00:30:00", title='"Ünï 😀"')


def test_it_tells_all_that_is_wrong_in_one_run(publication: Publication) -> None:
    fill(publication)
    assert publication.run().returncode == 0
    before = tree(publication.root / "site")

    publication.article("010-broken-example", "```python\nx = 1\nx.nothing\n```\n")
    publication.article("011-broken-link", "One\n[two](none.md)\n")
    publication.article("012-one")
    publication.article("012-two")
    publication.write("content/013-colon.md", "---\ntitle: Part 1: B\ndate: 2026-01-01\n---\n")
    publication.article("014-unknown-key", titel="x")
    publication.write("content/015-unreadable.md", b"---\ntitle: \xff\n---\n")
    publication.write("templates/site/series.html", "one\n{{ nothing }}\n")
    run = publication.run()

    assert run.returncode == 1
    assert run.stdout == ""
    places = {line.split(": ")[0]: line.split(": ")[1] for line in run.stderr.splitlines()
              if line.startswith(("content/", "templates/", "site/"))}  # fmt: skip
    assert places == {
        "content/010-broken-example.md:9:1": "example-failed",
        "content/011-broken-link.md:8:7": "broken-link",
        "content/012-two.md": "duplicate",
        "content/013-colon.md:2:14": "bad-front-matter",
        "content/014-unknown-key.md:5:1": "unknown-key",
        "content/015-unreadable.md:2": "unreadable",
        "templates/site/series.html:2:1": "template-failed",
    }
    # The one traceback is that of the example, in the article's lines.
    assert run.stderr.count("Traceback") == 1
    assert '      File "content/010-broken-example.md", line 9' in run.stderr
    assert run.stderr.endswith("\n7 problems; nothing was changed\n")
    assert tree(publication.root / "site") == before


def test_it_goes_on_where_series_toml_is_wrong_too(publication: Publication) -> None:
    publication.article("000-a", "[x](none.md)\n")
    publication.write("series.toml", "title = \n")
    run = publication.run()
    assert run.returncode == 1
    assert "series.toml:1:9: bad-config" in run.stderr
    assert "content/000-a.md:7:5: broken-link" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (publication.root / "site").exists()


def test_it_goes_on_where_a_fence_or_comment_is_never_closed(publication: Publication) -> None:
    publication.article("000-a", "- ```python\n  x\n\nb\n\n```text\n```\n\n[x](none.md)\n")
    publication.article("001-b", "a\n\n<!-- b\n\nc\n")
    assert [(p.path, p.line, p.code) for p in publication.problems()] == [
        ("content/000-a.md", 7, Code.UNCLOSED_FENCE),
        ("content/000-a.md", 15, Code.BROKEN_LINK),
        ("content/001-b.md", 9, Code.UNCLOSED_HTML),
    ]


def test_the_same_content_makes_the_same_bytes(publication: Publication, tmp_path: Path) -> None:
    fill(publication)
    other = Publication(tmp_path / "elsewhere" / "ü b")
    shutil.copytree(publication.root / "content", other.root / "content")
    shutil.copy(publication.root / "series.toml", other.root)
    here = publication.run(TZ="Pacific/Kiritimati", LC_ALL="C", PYTHONHASHSEED="1")
    there = other.run(TZ="America/Adak", LC_ALL="tr_TR.UTF-8", PYTHONHASHSEED="2", PYTHONUTF8="0")
    assert (here.returncode, here.stderr) == (there.returncode, there.stderr) == (0, "")
    assert tree(publication.root / "site") == tree(other.root / "site")
    assert len(tree(other.root / "site")) > 8


def test_another_day_makes_the_same_bytes(publication: Publication) -> None:
    fill(publication)
    now, later = (
        pipeline.make(publication.root, moment)
        for moment in (NOW, datetime(2041, 7, 8, 9, 10, 11, 12, tzinfo=UTC))
    )
    assert (now.outputs, now.index) == (later.outputs, later.index)


def test_an_empty_series_makes_the_same_bytes_on_another_day(publication: Publication) -> None:
    outputs = [
        pipeline.make(publication.root, datetime(year, 1, 1, tzinfo=UTC)).outputs
        for year in (2026, 2041)
    ]
    assert outputs[0] == outputs[1]


def test_it_proves_an_article_of_the_future_only_when_asked(publication: Publication) -> None:
    publication.article("000-a", "```python\n1 / 0\n```\n", date="2030-01-01")
    assert not publication.problems()
    assert not publication.make().marks
    assert pipeline.make(publication.root, datetime(2029, 12, 31, tzinfo=UTC)).held_back


def test_it_lists_what_is_published_by_number(publication: Publication) -> None:
    fill(publication)
    edition = publication.build()
    assert [one.article.number for one in edition.site.articles] == [0, 1, 2]
    assert 'rel="next" href="b.html"' in publication.page("a.html")
    assert 'rel="prev" href="b.html"' in publication.page("c.html")


def test_a_file_that_has_an_articles_name_is_not_left_out_in_silence(
    publication: Publication,
) -> None:
    for name in ("000-a.markdown", "001-b.MD", "002-c/Index.md", "003-d/text.md"):
        publication.write(f"content/{name}", "x")
    publication.write("content/picture.png", "x")
    assert [problem.path for problem in publication.problems()] == [
        "content/000-a.markdown", "content/001-b.MD", "content/002-c", "content/003-d",
    ]  # fmt: skip
