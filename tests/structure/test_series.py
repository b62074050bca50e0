"""The series is a course: its parts follow one another, and show both languages."""

import re
from datetime import date
from itertools import pairwise

import pytest
import yaml

from tests.conftest import REPOSITORY

PARTS = {path.name: path.read_text() for path in sorted((REPOSITORY / "content").glob("*.md"))}
FIRST, *OTHERS = PARTS


def links(name: str) -> set[str]:
    """The parts that a part leads to."""
    return set(re.findall(r"\]\(([^)#]+\.md)", PARTS[name]))


def published(name: str) -> date:
    _, front, _ = PARTS[name].split("---\n", 2)
    day = yaml.safe_load(front)["date"]
    assert isinstance(day, date)
    return day


def test_no_number_is_missing() -> None:
    assert [int(name[:3]) for name in PARTS] == list(range(10))


def test_the_first_part_leads_to_all_others() -> None:
    assert links(FIRST) == set(OTHERS)


@pytest.mark.parametrize(("name", "following"), list(pairwise(PARTS)))
def test_each_part_leads_to_the_one_after_it(name: str, following: str) -> None:
    assert following in links(name)
    assert published(name) < published(following)


@pytest.mark.parametrize("name", PARTS)
def test_each_part_shows_both_languages_beside_one_another(name: str) -> None:
    pair = r"^```python(?:(?!^```rust).)*^```rust[^\n]* beside"
    assert re.search(pair, PARTS[name], re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", PARTS)
def test_no_part_is_promised_for_later(name: str) -> None:
    assert "planned" not in PARTS[name]
