"""A saved article's page is shown ahead of the build, and is what the build makes of it."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from press import pipeline, rebuilding
from tests.conftest import PIXEL, Publication
from tests.press.previewing import previewed

GOOD = "\n```python\nprint(1)\n```\n\n```output\n1\n```\n"


class Author:
    """Saves, looks ahead, builds."""

    def __init__(self, publication: Publication, *, drafts: bool = True) -> None:
        self.root = publication.root
        self.builder = rebuilding.OnDisk(publication.root, drafts=drafts)
        self.result = self.build()

    def ahead(self, path: str) -> Mapping[str, bytes]:
        return self.builder.ahead((self.root / path).resolve())

    def build(self) -> rebuilding.Result:
        self.result = self.builder.build(datetime.now(UTC), index=False)
        return self.result

    def site(self) -> dict[str, bytes]:
        assert self.result.files is not None
        return dict(self.result.files)


@pytest.fixture
def author(publication: Publication) -> Author:
    publication.article("000-a", "Before. [c](002-c.md#part)\n", tags="[One]")
    publication.article("001-b/index", "![p](p.png)\n\n[own](data.csv) [c](../002-c.md)\n")
    publication.write("content/001-b/p.png", PIXEL)
    publication.write("content/001-b/data.csv", "1")
    publication.article("002-c", f"## Part\n\nWords.\n{GOOD}", aliases="[/old]")
    made = Author(publication)
    while made.builder.prove():
        pass
    assert not made.build().problems
    return made


SAVED = [
    ("000-a", "After. [c](002-c.md) [there](index.html) [x](https://example.org/)\n"),
    ("000-a", f"After.\n{GOOD}\nMore.\n{GOOD.replace('1', '2')}"),
    ("000-a", "After.\n\n## Added\n\n[up](#added)\n"),
    ("001-b/index", "![p](p.png) After.\n"),
    ("002-c", f"## Part\n\nAfter.\n{GOOD}"),
    ("002-c", f"## Part\n\n### Other\n\n[a](000-a.md)\n{GOOD.replace('print(1)', 'print(2 - 1)')}"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), SAVED)
def test_what_is_ahead_is_what_the_build_makes(
    publication: Publication, author: Author, name: str, text: str
) -> None:
    text = text.replace("[there](index.html)", "[there](/index.html)")
    publication.article(name, text, **({"tags": "[One]"} if name == "000-a" else {}))
    before = author.site()
    ahead = author.ahead(f"content/{name}.md")
    assert f"{name[4]}.html" in ahead
    assert author.site() == before  # nothing is written
    assert not author.build().problems
    after = author.site()
    assert {path: after[path] for path in ahead} == ahead
    changed = {path for path in after if before.get(path) != after[path]}
    # What others tell of it, and nothing of its own, is left for the build.
    assert f"{name[4]}.html" not in changed - ahead.keys()


def test_what_lies_beside_an_article_is_the_articles(
    publication: Publication, author: Author
) -> None:
    publication.write("content/001-b/data.csv", "2")
    ahead = author.ahead("content/001-b/data.csv")
    assert ahead["b/data.csv"] == b"2"
    author.build()
    assert author.site()["b/data.csv"] == b"2"


def test_examples_that_wait_are_left_to_the_build(publication: Publication, author: Author) -> None:
    publication.article("000-a", GOOD.replace("print(1)", "print(1)  # new"), tags="[One]")
    assert b"Being proven" in author.ahead("content/000-a.md")["a.html"]
    assert not author.builder.prove()  # none is to be run for that alone
    assert author.build().waiting == {"a.html": 1}
    assert author.builder.prove()


def test_what_is_known_of_others_examples_stays_known(
    publication: Publication, author: Author
) -> None:
    publication.article("001-b/index", GOOD.replace("print(1)", "print(3)"))
    author.build()
    while author.builder.prove():
        pass
    assert [one.code for one in author.build().problems] == ["example-output-differs"]
    publication.article("000-a", "After.\n", tags="[One]")
    author.ahead("content/000-a.md")
    assert [one.code for one in author.build().problems] == ["example-output-differs"]
    assert not author.builder.prove()


LEFT = [
    ("content/003-new.md", "Words.\n", {}),
    ("content/000-a.md", "[nowhere](9-gone.md)\n", {}),
    ("content/000-a.md", "[no section](002-c.md#gone)\n", {}),
    ("content/000-a.md", "<script>x</script>\n", {}),
    ("content/000-a.md", "```python\n", {}),
    ("content/000-a.md", "Words.\n", {"slug": "other"}),
    ("content/000-a.md", "Words.\n", {"date": "2026-02-02"}),
    ("content/000-a.md", "Words.\n", {"title": "[1]"}),
    ("content/_later.md", "Words.\n", {}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "front"), LEFT)
def test_the_rest_is_left_to_the_build(
    publication: Publication, author: Author, path: str, text: str, front: dict[str, str]
) -> None:
    name = path.removeprefix("content/").removesuffix(".md")
    publication.article(name, text, **front)
    assert author.ahead(path) == {}


def test_what_is_no_article_is_left_to_the_build(publication: Publication, author: Author) -> None:
    publication.write("templates/site/article.html", "x")
    for path in ("templates/site/article.html", "series.toml", "content", "/"):
        assert author.ahead(path) == {}
    (publication.root / "content/000-a.md").unlink()
    assert author.ahead("content/000-a.md") == {}


def test_an_example_that_is_known_to_fail_is_left_to_the_build(
    publication: Publication, author: Author
) -> None:
    bad = "\n```python\n1 / 0\n```\n"
    publication.article("000-a", bad, tags="[One]")
    author.build()
    while author.builder.prove():
        pass
    publication.article("000-a", f"More.\n{bad}", tags="[One]")
    # It stands at another line: nothing is known of it, but that it is to run.
    assert b"Being proven" in author.ahead("content/000-a.md")["a.html"]
    publication.article("000-a", bad, tags="[One]")
    assert author.ahead("content/000-a.md") == {}


def test_what_is_held_back_is_left_to_the_build(publication: Publication) -> None:
    publication.article("000-a", draft="true")
    author = Author(publication, drafts=False)
    publication.article("000-a", "After.\n", draft="true")
    assert author.ahead("content/000-a.md") == {}


def test_before_there_is_a_build_nothing_is_ahead(publication: Publication) -> None:
    publication.article("000-a")
    builder = rebuilding.OnDisk(publication.root)
    assert builder.ahead(publication.root / "content/000-a.md") == {}


def test_the_preview_shows_it_while_it_builds(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build that follows waits here for who has seen the page already."""
    publication.article("000-a", "Before.\n")
    publication.article("001-b", "Others.\n")
    with previewed(publication.root) as client:
        built = pipeline.build
        seen: list[tuple[str, str]] = []

        def slow(*args: object, **more: object) -> pipeline.Built:
            page, feed = client.text("/series/a.html"), client.text("/series/feed.xml")
            seen.append((page, feed))
            return built(*args, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(pipeline, "build", slow)
        before = client.state("/series/a.html")
        others = client.state("/series/b.html")
        publication.article("000-a", "After.\n")
        client.until_it_says("/series/feed.xml", "After.")
        page, feed = seen[0]
        assert "After." in page
        assert "Before." in feed
        assert client.state("/series/a.html")["page"] != before["page"]
        assert client.state("/series/b.html") == others


def test_what_the_build_refuses_is_not_shown_any_more(publication: Publication) -> None:
    publication.article("000-a", "## Part\n\nBefore.\n")
    publication.article("001-b", "[part](000-a.md#part)\n")
    with previewed(publication.root) as client:
        state = client.state("/series/a.html")
        publication.article("000-a", "After.\n")  # its page alone is well
        client.until(lambda: "has no section" in client.text("/series/b.html"))
        assert "Before." in client.text("/series/a.html")
        assert client.state("/series/a.html")["page"] == state["page"]
        publication.article("000-a", "## Part\n\nAfter.\n")
        client.until_it_says("/series/a.html", "After.")
        client.until(lambda: "has no section" not in client.text("/series/a.html"))
