"""What subscribers wish is kept as they said it, and what can't be is refused."""

import re

import pytest
from sqlalchemy import select

from newsletter.model import Cadence
from newsletter.store import wishes
from newsletter.store.schema import subscriber, topic
from newsletter.store.wishes import Wishes
from press.problems import ProblemsFound
from tests.newsletter.conftest import Told


def test_who_is_new_is_told_of_each_article(series: Told) -> None:
    series.subscribe("ada")
    with series.database.transaction() as connection:
        assert wishes.of(connection, 1) == Wishes()


def test_wishes_are_kept_and_replaced_and_are_one_person_s_own(series: Told) -> None:
    series.subscribe("ada", "bob")
    course = Wishes(Cadence.COURSE, 7, True, frozenset({"rust", "Größe"}))
    with series.database.transaction() as connection:
        wishes.set(connection, 1, course)
    with series.database.transaction() as connection:
        assert wishes.of(connection, 1) == course
        assert wishes.of(connection, 2) == Wishes()
        wishes.set(connection, 1, Wishes(Cadence.WEEKLY, topics=frozenset({"async"})))
        assert wishes.of(connection, 1) == Wishes(Cadence.WEEKLY, topics=frozenset({"async"}))
        assert connection.execute(select(topic.c.tag)).scalars().all() == ["async"]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (Wishes("daily"), "there is no cadence 'daily', but each, weekly, course"),  # type: ignore[arg-type]
        (Wishes(Cadence.COURSE), "from 1 to 365 days"),
        (Wishes(Cadence.COURSE, 366), "from 1 to 365 days"),
        (Wishes(Cadence.WEEKLY, 7), "only a course has days"),
        (Wishes(topics=frozenset({""})), "'' is no topic"),
        (Wishes(topics=frozenset({"a\0b"})), r"'a\x00b' is no topic"),
        (Wishes(topics=frozenset({"x" * 101})), "is no topic"),
        (Wishes(topics=frozenset(map(str, range(101)))), "101 topics are more than 100"),
    ],
)
def test_what_cannot_be_wished_is_refused_and_changes_nothing(
    series: Told, made: Wishes, said: str
) -> None:
    series.subscribe("ada")
    with (
        series.database.transaction() as connection,
        pytest.raises(ProblemsFound, match=re.escape(said)),
    ):
        wishes.set(connection, 1, made)
    with series.database.transaction() as connection:
        assert wishes.of(connection, 1) == Wishes()


def test_nobody_has_no_wishes(series: Told) -> None:
    with series.database.transaction() as connection:
        assert connection.execute(select(subscriber.c.id)).first() is None
        with pytest.raises(LookupError):
            wishes.of(connection, 1)
        with pytest.raises(LookupError):
            wishes.set(connection, 1, Wishes())
