"""The outbox: a message is there whole or not at all, and only once."""

from pathlib import Path

import pytest

from newsletter.http import Refused
from newsletter.mime import content
from newsletter.model import Failure
from newsletter.place import of_demonstration
from newsletter.providers.outbox import Outbox, connect
from press.problems import ProblemsFound
from tests.newsletter.emulator import letters


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return connect(of_demonstration(tmp_path), {})


def file(outbox: Outbox, name: str) -> Path:
    return outbox.folder / f"second-{letters.message(name).delivery_id}.eml"


def test_a_message_is_a_file_that_is_named_after_it(outbox: Outbox) -> None:
    outbox.hand_over(letters.batch(outbox, letters.messages("ada")))
    assert list(outbox.folder.iterdir()) == [file(outbox, "ada")]
    assert file(outbox, "ada").read_bytes() == content(letters.message("ada"))


def test_a_message_that_is_there_stays_as_it_is(outbox: Outbox) -> None:
    batch = letters.batch(outbox, letters.messages("ada"))
    outbox.hand_over(batch)
    file(outbox, "ada").write_bytes(b"read")
    assert [one.outcome for one in outbox.hand_over(batch)] == ["accepted"]
    assert file(outbox, "ada").read_bytes() == b"read"


def block(outbox: Outbox, name: str) -> None:
    """Stand in the way of a message."""
    (outbox.folder / f".{file(outbox, name).name}.new").mkdir(parents=True)


def test_what_can_not_be_written_is_not_accepted(outbox: Outbox) -> None:
    block(outbox, "ada")
    receipts = outbox.hand_over(letters.batch(outbox, letters.messages("ada", "bob")))
    assert [one.outcome for one in receipts] == ["not accepted", "accepted"]
    told = outbox.look_up(letters.asked(letters.messages("ada", "bob")))
    assert [one.outcome for one in told] == ["not accepted", "accepted"]


def test_where_nothing_can_be_written_the_batch_is_refused(outbox: Outbox) -> None:
    block(outbox, "ada")
    with pytest.raises(Refused, match="can't write") as refused:
        outbox.hand_over(letters.batch(outbox, letters.messages("ada")))
    assert refused.value.failure is Failure.REQUEST


def test_it_has_no_options(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match="has no key `folder`"):
        connect(of_demonstration(tmp_path), {"folder": "x"})
