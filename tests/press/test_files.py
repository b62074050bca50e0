"""What a publication has is published; what is hidden, or lies elsewhere, is not."""

from pathlib import Path

import pytest

from press.problems import Code
from tests.conftest import Publication

ARTICLE = "---\ntitle: A\ndate: 2026-01-01\ndescription: About it.\n---\n\nText.\n"
PLACES = ["content/000-a/secret.txt", "templates/assets/secret.txt", "content/001-b.md",
          "templates/card/text.ttf"]  # fmt: skip


def paths(publication: Publication) -> list[str]:
    return [output.path for output in publication.make().outputs]


@pytest.mark.parametrize("place", PLACES)
def test_a_link_to_a_file_elsewhere_is_a_problem(
    publication: Publication, tmp_path_factory: pytest.TempPathFactory, place: str
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.md"
    secret.write_text(ARTICLE.replace("Text.", "Secret."))
    publication.write("content/000-a/index.md", ARTICLE)
    (publication.root / place).parent.mkdir(parents=True, exist_ok=True)
    (publication.root / place).symlink_to(secret)
    problem = publication.problem()
    assert (problem.path, problem.code) == (place, Code.UNREADABLE)
    assert "leads out of the publication" in problem.message


@pytest.mark.parametrize("name", ["series", "coming"])
def test_a_template_that_lies_elsewhere_is_a_problem(
    publication: Publication, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.html"
    secret.write_text("Secret.")
    publication.write("content/000-a.md", ARTICLE)
    place = f"templates/site/{name}.html"
    publication.write("templates/site/tags.html", "")
    (publication.root / place).symlink_to(secret)
    problem = publication.problem()
    assert (problem.path, problem.code) == (place, Code.TEMPLATE_FAILED)
    assert "leads out of the publication" in problem.message


def test_a_template_may_be_a_link_within_the_publication(publication: Publication) -> None:
    publication.write("content/000-a.md", ARTICLE)
    publication.write("templates/one.html", "Hello")
    publication.write("templates/site/tags.html", "")
    (publication.root / "templates/site/feeds.html").symlink_to("../one.html")
    assert publication.page("feeds.html") == "Hello"


def test_a_link_within_the_publication_is_a_file(publication: Publication) -> None:
    publication.write("content/000-a/index.md", ARTICLE)
    publication.write("content/000-a/data.txt", "data")
    (publication.root / "content/000-a/again.txt").symlink_to("data.txt")
    assert {"a/data.txt", "a/again.txt"} <= set(paths(publication))


def test_content_may_lie_elsewhere_as_a_whole(
    publication: Publication, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("notes")
    publication.write("content/000-a/index.md", ARTICLE)
    (publication.root / "content").rename(elsewhere / "content")
    (publication.root / "content").symlink_to(elsewhere / "content")
    assert "a.html" in paths(publication)


@pytest.mark.parametrize("folder", ["content/000-a", "templates/assets"])
def test_what_is_hidden_is_left_out_with_all_that_is_in_it(
    publication: Publication, folder: str
) -> None:
    publication.write("content/000-a/index.md", ARTICLE)
    for name in (".hidden", ".git/config", "data/.venv/lib/x.txt"):
        publication.write(f"{folder}/{name}", "x")
    publication.write(f"{folder}/data/seen.txt", "x")
    found = paths(publication)
    assert not [path for path in found if "/." in f"/{Path(path)}"]
    assert [path for path in found if path.endswith("data/seen.txt")]


@pytest.mark.parametrize("folder", ["content/000-a", "templates/assets"])
def test_what_editors_leave_beside_a_file_is_left_out(
    publication: Publication, folder: str
) -> None:
    publication.write("content/000-a/index.md", ARTICLE)
    left = (
        "x.css~",
        "#x.css#",
        "4913",
        "x.css.swp",
        "x.css___jb_tmp___",
        "x.css.tmp.12.345",
        "y~/x",
    )
    for name in left:
        publication.write(f"{folder}/{name}", "x")
    for name in ("a~b", "x.tmp.css", "x.swf", "14913"):
        publication.write(f"{folder}/{name}", "x")
    found = paths(publication)
    assert not [path for path in found if f"/{path}".endswith(tuple(f"/{name}" for name in left))]
    assert (
        len([path for path in found if path.endswith(("a~b", "x.tmp.css", "x.swf", "14913"))]) == 4
    )


@pytest.mark.parametrize("folder", ["content/000-a", "templates/assets"])
def test_what_can_not_even_be_looked_at_is_a_problem(publication: Publication, folder: str) -> None:
    publication.write("content/000-a/index.md", ARTICLE)
    publication.write(f"{folder}/data.txt", "x")
    (publication.root / folder / "far").symlink_to("x" * 300)
    problem = publication.problem()
    assert (problem.path, problem.code) == (f"{folder}/far", Code.UNREADABLE)


@pytest.mark.parametrize("to", ["none.txt", "index.md/none.txt"])
def test_a_link_to_nowhere_is_left_out(publication: Publication, to: str) -> None:
    publication.write("content/000-a/index.md", ARTICLE)
    (publication.root / "content/000-a/data.txt").symlink_to(to)
    assert not [path for path in paths(publication) if path.endswith("data.txt")]
