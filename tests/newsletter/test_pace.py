"""All senders of a ledger keep one pace with a provider."""

import math

import pytest
from sqlalchemy import select

from newsletter.store import pace
from newsletter.store.schema import pace as table
from tests.newsletter import ledgers
from tests.newsletter.conftest import Told

NOW = 1_800_000_000.0


def take(series: Told, seconds: float, now: float = NOW, name: str = "one") -> tuple[float, str]:
    with series.database.transaction() as connection:
        return pace.take(connection, name, seconds, now)


def wait(series: Told, seconds: float, reason: str = "so it says", now: float = NOW) -> None:
    with series.database.transaction() as connection:
        pace.wait(connection, "one", seconds, reason, now)


def test_turns_come_one_after_the_other(series: Told) -> None:
    assert [take(series, 2.5) for _ in range(3)] == [(0, ""), (2.5, ""), (5, "")]
    assert take(series, 1, NOW + 100) == (0, "")


def test_turns_that_nobody_took_are_not_made_up_for(series: Told) -> None:
    take(series, 1)
    assert take(series, 1, NOW + 1000) == (0, "")
    assert take(series, 1, NOW + 1000) == (1, "")


def test_providers_have_a_pace_of_their_own(series: Told) -> None:
    assert take(series, 9) == (0, "")
    assert take(series, 9, name="other") == (0, "")


def test_without_a_rate_nobody_waits_and_nothing_is_written(series: Told) -> None:
    assert [take(series, 0) for _ in range(3)] == [(0, "")] * 3
    with series.database.transaction() as connection:
        assert connection.execute(select(table)).all() == []


@pytest.mark.parametrize("seconds", [0, 1])
def test_whoever_comes_waits_as_long_as_the_provider_asked_to(series: Told, seconds: float) -> None:
    wait(series, 60)
    assert take(series, seconds) == (60, "so it says")
    assert take(series, seconds, NOW + 30) == (30 + seconds, "so it says")
    assert take(series, seconds, NOW + 100) == (0, "")


def test_the_longest_wait_holds(series: Told) -> None:
    wait(series, 60, "a minute")
    wait(series, 5, "a moment")
    assert take(series, 0) == (60, "a minute")
    wait(series, 90, "longer")
    assert take(series, 0) == (90, "longer")


@pytest.mark.parametrize("seconds", [math.inf, math.nan, -math.inf, 1e300, -1.0])
def test_a_wait_that_is_none_never_stops_a_ledger_for_good(series: Told, seconds: float) -> None:
    wait(series, seconds)
    left, _ = take(series, 0)
    assert 0 <= left <= pace.LONGEST


def test_turns_that_are_taken_at_once_are_all_different(series: Told) -> None:
    """Even the first of all, before there is a row for the provider."""
    found = ledgers.at_once([lambda: take(series, 1)] * 6)
    assert sorted(map(str, found)) == [f"({n:.1f}, '')" for n in range(6)]


def test_a_first_wait_that_many_write_at_once_is_kept(series: Told) -> None:
    assert ledgers.at_once([lambda: wait(series, 60)] * 4) == [None] * 4
    assert take(series, 0) == (60, "so it says")
