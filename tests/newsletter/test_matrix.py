"""The short form of the fault matrix; `python -m tests.newsletter.matrix --full` is the whole."""

import os
from collections.abc import Iterable, Iterator

import pytest

from tests.newsletter import matrix, postgres
from tests.newsletter.matrix import KINDS, STRIDE, Result, World

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.skipif(bool(postgres.MISSING), reason=postgres.MISSING),
]

engines = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
providers = pytest.mark.parametrize("provider", KINDS)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with matrix.world() as made:
        yield made


def require(results: Iterable[Result], at_least: int) -> list[Result]:
    every = list(results)
    assert not [f"{result.case}: {said}" for result in every for said in result.wrong()]
    assert len(every) >= at_least
    return every


@engines
@providers
def test_a_sender_may_be_killed_at_any_step(world: World, engine: str, provider: str) -> None:
    results = require(matrix.steps(world, engine, provider, STRIDE), 8)
    assert sum(result.killed for result in results) == len(results) - 1


@engines
@providers
def test_who_sends_a_digest_may_be_killed_at_any_step(
    world: World, engine: str, provider: str
) -> None:
    results = require(matrix.steps(world, engine, provider, STRIDE, digest=True), 8)
    assert sum(result.killed for result in results) == len(results) - 1


@engines
@providers
def test_a_provider_may_fail_in_any_way(world: World, engine: str, provider: str) -> None:
    require(matrix.faults(world, engine, provider, full=False), 15)


@providers
def test_many_senders_may_fail_at_once(world: World, provider: str) -> None:
    results = require(matrix.crowds(world, provider, 8, 1), 8)
    assert any(result.killed for result in results)
