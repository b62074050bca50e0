"""The states of a delivery, and their diagram in the documentation."""

import re

import pytest

from newsletter.model import AFTER, IN_FLIGHT, TAKEN, TRANSITIONS, Outcome, State
from newsletter.store.deliveries import move
from tests.conftest import REPOSITORY
from tests.newsletter.conftest import Told


def test_the_documented_diagram_is_the_table() -> None:
    text = (REPOSITORY / "docs/ledger.md").read_text()
    drawn = set(re.findall(r"^\s+(\w+) --> (\w+)", text, re.MULTILINE))
    assert drawn == {(str(a), str(b)) for a, after in TRANSITIONS.items() for b in after}


def test_every_state_is_documented_and_has_its_transitions() -> None:
    text = (REPOSITORY / "docs/ledger.md").read_text()
    assert set(TRANSITIONS) == set(State)
    for state in State:
        assert f"`{state}`" in text


def test_every_outcome_leads_from_an_attempt_to_a_state() -> None:
    assert set(AFTER) == set(Outcome)
    # And an attempt that came to nothing leaves a batch as it was.
    assert {*AFTER.values(), State.RESERVED} == TRANSITIONS[State.ATTEMPTING]


def test_what_was_accepted_or_unknown_never_goes_back_by_itself() -> None:
    for state in TAKEN:
        assert not TRANSITIONS[state] & {*IN_FLIGHT, State.UNKNOWN}


def test_a_transition_that_is_not_in_the_table_is_refused(series: Told) -> None:
    with (
        series.database.transaction() as connection,
        pytest.raises(ValueError, match="can't go from accepted to planned"),
    ):
        move(connection, ["x"], State.ACCEPTED, State.PLANNED)
