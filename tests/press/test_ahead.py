"""A saved article's page is shown ahead of the build, and is what the build makes of it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from press import pipeline, rebuilding
from tests.conftest import PIXEL, Publication
from tests.press.previewing import Client, previewed

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
        assert any("After." in page and "Before." in feed for page, feed in seen)
        assert client.state("/series/a.html")["page"] != before["page"]
        assert client.state("/series/b.html") == others


@pytest.fixture
def client(publication: Publication) -> Iterator[Client]:
    """Of a preview with two good articles, and one that was good."""
    publication.article("000-a", "Before.\n")
    publication.article("001-b", "## Part\n\nBefore.\n")
    publication.article("002-c", "Before.\n")
    with previewed(publication.root) as made:
        refused(publication, made, "first")
        yield made


def refused(publication: Publication, client: Client, name: str) -> None:
    """Have it build, and refuse the third article for a link of this name."""
    publication.article("002-c", f"[nowhere]({name}.md)\n")
    client.until_it_says("/series/c.html", f"{name}.md")


def test_what_is_saved_stays_shown_while_another_article_has_a_problem(
    publication: Publication, client: Client
) -> None:
    lists = client.text("/series/feed.xml")
    for name in ("a", "b"):
        publication.article("000-a" if name == "a" else "001-b", f"After {name}.\n")
        client.until_it_says(f"/series/{name}.html", f"After {name}.")
    refused(publication, client, "second")
    for name in ("a", "b"):
        page = client.text(f"/series/{name}.html")
        assert f"After {name}." in page
        assert "second.md" in page
    assert client.text("/series/feed.xml") == lists
    state = client.state("/series/a.html")
    refused(publication, client, "third")
    assert client.state("/series/a.html")["page"] == state["page"]  # it is not loaded again
    publication.article("002-c", "Mended.\n")
    assert "After a." in client.until_it_says("/series/feed.xml", "Mended.")
    for name in ("a", "b"):
        assert f"After {name}." in client.text(f"/series/{name}.html")


def test_what_is_saved_at_once_is_shown_while_another_article_has_a_problem(
    publication: Publication, client: Client
) -> None:
    for name in ("000-a", "001-b", "003-new"):
        publication.article(name, "After.\n")
    for name in ("a", "b"):
        client.until_it_says(f"/series/{name}.html", "After.")
    assert client.get("/series/new.html")[0].status == 404


def test_what_is_saved_as_it_was_built_is_shown_as_it_was(
    publication: Publication, client: Client
) -> None:
    before = client.state("/series/a.html")["page"]
    for words in ("After.", "Before."):
        publication.article("000-a", f"{words}\n")
        client.until_it_says("/series/a.html", words)
    refused(publication, client, "second")
    assert client.state("/series/a.html")["page"] == before


def test_what_the_build_refuses_in_the_article_itself_is_not_shown(
    publication: Publication, client: Client
) -> None:
    before = client.state("/series/a.html")["page"]
    publication.article("000-a", "After. [part](001-b.md#part)\n")
    client.until_it_says("/series/a.html", "After.")
    publication.article("001-b", "Later.\n")  # its page alone is well
    client.until_it_says("/series/a.html", "has no section")
    client.until_it_says("/series/b.html", "Later.")
    assert "Before." in client.text("/series/a.html")
    assert client.state("/series/a.html")["page"] == before
    publication.article("001-b", "## Part\n\nBefore.\n")
    client.until(lambda: "has no section" not in client.text("/series/b.html"))
    assert "After." in client.text("/series/a.html")  # as it is saved
    publication.article("000-a", "[nowhere](other.md)\n")
    assert "Before." in client.until_it_says("/series/a.html", "other.md")
