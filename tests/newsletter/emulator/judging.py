"""What a provider says, held against what was truly accepted."""

from collections import Counter

from newsletter.http import Refused
from newsletter.model import Batch, Failure, Outcome, Receipt
from newsletter.providers import Provider
from tests.newsletter.emulator import letters
from tests.newsletter.emulator.stages import Stage

Answer = list[Receipt] | Refused


def batch(stage: Stage, *those: str, turn: int = 1) -> Batch:
    return letters.batch(stage.provider, letters.messages(*those), turn)


def hand_over(provider: Provider, batch: Batch) -> Answer:
    try:
        return provider.hand_over(batch)
    except Refused as error:
        return error


def told(answer: Answer, batch: Batch) -> list[Outcome | None]:
    """What was said of each message; None where nobody knows."""
    if isinstance(answer, Refused):
        surely = None if answer.failure is Failure.AMBIGUOUS else Outcome.NOT_ACCEPTED
        return [surely] * len(batch.delivery_ids)
    said = {one.delivery_id: one.outcome for one in answer}
    assert set(said) <= set(batch.delivery_ids)
    outcomes = [said.get(one, Outcome.UNKNOWN) for one in batch.delivery_ids]
    return [None if one is Outcome.UNKNOWN else one for one in outcomes]


def is_true(answer: Answer, batch: Batch, stage: Stage) -> bool:
    """Whether all that was said agrees with what was accepted, and nothing was twice."""
    counts = Counter(one.delivery_id for one in stage.accepted())
    truth = [bool(counts[one]) for one in batch.delivery_ids]
    said = [None if one is None else one is Outcome.ACCEPTED for one in told(answer, batch)]
    agrees = all(one is None or one == true for one, true in zip(said, truth, strict=True))
    return agrees and max(counts.values(), default=0) <= 1


def secrets_in(stage: Stage, shown: str) -> list[str]:
    return [secret for secret in stage.secrets if secret in shown]
