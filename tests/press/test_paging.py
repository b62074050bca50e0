"""Long lists come in pages: none grows without bound, and only the last one changes."""

import re
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from press import channels, headers, pages, paging
from press.paging import MOST, Leaf, in_folder, leaves
from tests.conftest import Publication
from tests.press.test_channels import grown


def cut(count: int, size: int = 3) -> tuple[Leaf[int], ...]:
    return leaves(range(count), in_folder("index.html", "parts"), str, size)


counts = st.integers(min_value=0, max_value=500)


@given(counts)
def test_each_entry_is_on_one_page_in_its_order(count: int) -> None:
    assert [entry for leaf in cut(count) for entry in leaf.entries] == list(range(count))
    assert all(len(leaf.entries) == 3 for leaf in cut(count)[:-1])


@given(counts)
def test_one_more_entry_changes_the_last_page_and_the_one_before_a_new_one(count: int) -> None:
    before, after = cut(count), cut(count + 1)
    changed = {new.path for old, new in zip(before, after, strict=False) if old != new}
    grown = {before[-1].path} if len(before) == len(after) else {"index.html", before[-1].path}
    assert changed == grown


@given(counts)
def test_each_page_is_found_from_the_first_within_few_steps(count: int) -> None:
    every = {leaf.path: leaf for leaf in cut(count)}
    first = every["index.html"]
    assert len(first.others) <= MOST
    assert not first.others or first.others[-1].path == list(every)[-1]
    found, reached = {"index.html"}, {"index.html", *(step.path for step in first.others)}
    for _ in range(len(every) // MOST + 1):
        found |= reached
        steps = [step for path in found for step in (every[path].previous, every[path].next)]
        reached = {step.path for step in steps if step}
    assert found | reached == set(every)


def test_a_page_says_what_it_has_and_where_its_neighbours_begin() -> None:
    first, second, third = cut(7)
    assert [one.span for one in (first, second, third)] == ["0–2", "3–5", "6"]
    assert [one.start for one in (first, second, third)] == [1, 4, 7]
    assert (second.previous, second.next) == (
        paging.Step("index.html", "0"), paging.Step("parts/3.html", "6"),
    )  # fmt: skip
    assert (first.previous, third.next, second.others) == (None, None, ())


def test_there_is_a_page_of_nothing() -> None:
    [only] = cut(0)
    assert (only.entries, only.span, only.path) == ((), "", "index.html")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every bound is a tenth of what it is, or less."""
    monkeypatch.setattr(paging, "SIZE", 10)
    monkeypatch.setattr(paging, "MOST", 2)
    monkeypatch.setattr(pages, "TAGS", 5)
    monkeypatch.setattr(channels, "SIZE", 3)
    monkeypatch.setattr(headers, "MOST_RULES", 10)
    monkeypatch.setattr(headers, "MOST_REDIRECTS", 40)


def write(publication: Publication, number: int) -> None:
    publication.article(
        f"{number:03}-a{number:03}", "## Section\n\nText.\n\n```python\n1\n```\n",
        title=f"Title {number:03}", date=f"2026-01-01T00:{number // 60:02}:{number % 60:02}Z",
        tags=f"[all, {'odd' if number % 2 else 'even'}, t{number:03}]",
        aliases=f"[/was/{number:03}.html]",
    )  # fmt: skip


def outputs(publication: Publication) -> dict[str, bytes]:
    edition = publication.make()
    assert not edition.warnings
    return {one.path: one.content for one in (*edition.outputs, edition.index)}


NAMED = {"manifest.json", "sitemap.xml", "feeds.opml"}
"""What lists everything, since that is its purpose."""


@pytest.mark.usefixtures("small")
def test_nothing_grows_with_the_series(publication: Publication) -> None:
    found: list[dict[str, int]] = []
    for numbers in (range(60), range(60, 120)):
        for number in numbers:
            write(publication, number)
        largest: dict[str, int] = defaultdict(int)
        for path, content in outputs(publication).items():
            if path not in NAMED and not path.endswith(".png"):
                family = re.sub(r"\d+", "N", path)
                largest[family] = max(largest[family], len(content))
        found.append(largest)
    before, after = found
    assert set(before) == set(after)
    assert {path: (before[path], size) for path, size in after.items()
            if size > before[path] + 8} == {}  # fmt: skip


FEEDS = {"feed.xml", "atom.xml", "feed.json"}
OF_ALL = {"index.html", "sitemap.xml", "manifest.json"}


def changes(publication: Publication, count: int) -> set[str]:
    """The outputs that are new or other when an article comes after so many others."""
    for number in range(count):
        write(publication, number)
    before = outputs(publication)
    write(publication, count)
    after = outputs(publication)
    assert set(before) <= set(after)
    return {path for path, content in after.items() if before.get(path) != content}


def own(number: int) -> set[str]:
    """What an article brings, with a tag that is its alone."""
    name, tag = f"a{number:03}", f"tags/t{number:03}"
    files = {f"{name}.html", f"{name}.md", f"cards/{name}.png", f"mail/{name}.json"}
    return files | {f"was/{number:03}.html", f"{tag}.html", *(f"{tag}/{one}" for one in FEEDS)}


def of_feeds(archive: int, *folders: str) -> set[str]:
    """The documents that readers subscribe to, and an archive if it is new."""
    names = {one.replace(".", f"-{archive}.") for one in FEEDS} if archive else set()
    return {folder + name for folder in folders for name in FEEDS | names}


@pytest.mark.usefixtures("small")
def test_a_new_part_changes_what_tells_of_it_and_nothing_else(publication: Publication) -> None:
    lists = {"parts/3.html", "proofs/3.html", "search/3.html", "tags/all/3.html", "llms-3.txt"}
    assert changes(publication, 25) == {
        *own(25), "a024.html", *OF_ALL, *lists,
        # It is the 13th that is odd, and one more that all are.
        "tags/odd/2.html", "tags.html", "all-tags/6.html",
        *of_feeds(0, "", "tags/all/"), *of_feeds(4, "tags/odd/"), "feeds.opml",
    }  # fmt: skip


@pytest.mark.usefixtures("small")
def test_a_part_that_opens_a_page_changes_the_one_before(publication: Publication) -> None:
    found = changes(publication, 30)
    assert {"parts/3.html", "parts/4.html", "proofs.html", "proofs/3.html"} <= found
    assert not {"parts/2.html", "proofs/2.html", "search/2.html", "404.html", "a028.html"} & found
    assert {path for path in found if re.fullmatch(r"a\d+\.html", path)} == {
        "a029.html",
        "a030.html",
    }


@pytest.mark.usefixtures("small")
def test_what_a_page_is_given_is_the_same_while_the_page_is(publication: Publication) -> None:
    before, after = (
        {page.path: page for page in pages.of_site(grown(publication, count, ("x",)), lambda _: ())}
        for count in (25, 26)
    )
    assert set(before) == set(after)
    assert {path for path, page in after.items() if before[path] != page} == {
        "index.html", "parts/3.html", "proofs/3.html", "search/3.html", "tags/x/3.html",
        "tags.html",
    }  # fmt: skip
