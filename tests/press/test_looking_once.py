"""What a good build has looked at is not looked at again while all is there that it leads to."""

import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import pytest

from press import machine, pagelinks, pipeline
from press.pagelinks import ManuscriptOf, ReferencesOf
from press.problems import Problem, ProblemsFound
from press.results import Result
from tests.conftest import Publication

WHOLE = "https://example.org/series"
"""A link that begins so is checked in the finished page alone."""


class Looks(list[set[str]]):
    """The pages that each build has looked at."""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    found = Looks()
    check = pagelinks.check_pages

    def looking(
        pages: Iterable[Result],
        results: Sequence[Result],
        references: ReferencesOf,
        manuscript: ManuscriptOf,
    ) -> list[Problem]:
        found.append({one.path for one in pages if one.refers})
        return check(pages, results, references, manuscript)

    monkeypatch.setattr(pagelinks, "check_pages", looking)
    return found


def build(publication: Publication) -> list[str]:
    """Where something is wrong."""
    try:
        pipeline.build(publication.root, datetime.now(UTC))
    except ProblemsFound as error:
        return [f"{one.path}:{one.line}" for one in error.problems]
    return []


@pytest.fixture
def built(publication: Publication) -> Publication:
    """The first leads to two that do not stand beside it, which would make it anew."""
    publication.article("000-a", f"[d]({WHOLE}/d.html#part) [e]({WHOLE}/e.html)\n")
    publication.article("001-b", "Words.\n")
    publication.article("002-c", "Words.\n")
    publication.article("003-d", "## Part\n\nWords.\n")
    publication.article("004-e", "Words.\n", aliases="[/old]")
    assert not build(publication)
    return publication


ARTICLES = {f"{name}.html" for name in "abcde"}


@pytest.mark.parametrize("more", ["Other words.\n", "[b](001-b.md)\n"])
def test_only_what_is_made_is_looked_at(built: Publication, looks: Looks, more: str) -> None:
    built.article("003-d", f"## Part\n\n{more}")
    assert not build(built)
    assert [one & ARTICLES for one in looks] == [{"d.html"}]


@pytest.mark.parametrize("how", ["id", "article", "alias"])
def test_what_leads_to_what_has_gone_is_found(built: Publication, how: str) -> None:
    if how == "id":
        built.article("003-d", "## Another\n\nWords.\n")
    elif how == "article":
        (built.root / "content/004-e.md").unlink()
    else:
        built.article("000-a", f"[old]({WHOLE}/old/)\n")
        assert not build(built)
        built.article("004-e", "Words.\n")
    # However often it is built: only a good build counts as one that has looked.
    wrong = ["content/000-a.md:7"]
    assert [build(built), build(built)] == [wrong, wrong]
    built.article("003-d", "## Part\n\nWords.\n")
    built.article("004-e", "Words.\n", aliases="[/old]")
    assert not build(built)


def test_a_link_that_is_new_is_looked_at(built: Publication) -> None:
    built.article("001-b", f"[a]({WHOLE}/a.html#nothing)\n")
    assert build(built) == ["content/001-b.md:7"]
    built.article("001-b", f"[a]({WHOLE}/d.html#part)\n")
    assert not build(built)


def test_what_another_version_has_looked_at_is_looked_at_again(
    built: Publication, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "ours", lambda: "another")
    no_article = built.write("content/009-x/readme.txt", "")
    assert build(built)  # it has made all pages anew, and none of them is different
    assert not looks
    shutil.rmtree(no_article.parent)
    assert [build(built), build(built)] == [[], []]
    assert looks[0] & ARTICLES == ARTICLES
    assert not looks[1] & ARTICLES


@pytest.mark.parametrize("alias", ["/c.html", "/C.html", "/c.html/d"])
def test_a_file_that_takes_the_address_of_another_is_found(built: Publication, alias: str) -> None:
    built.article("004-e", "Words.\n", aliases=f"[{alias}]")
    assert build(built)
