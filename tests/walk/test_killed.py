"""The same walk, killed at each of its steps; the same commands go on, and there is one mail."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Publication
from tests.killing import killed
from tests.walk.walking import FIRST, LENIENT, PATH, READER, START, Walk, begin, walk

ADD = ("newsletter", "subscribers", "add", READER)

UNTIL_IT_ANNOUNCES = [
    ("press.publishing:Act.build", "before"),
    ("press.output:write", "before"),
    ("press.publishing:Act.build", "after"),
    ("press.cargo:stage", "after"),
    ("press.deploy.folder:Folder._make", "before"),
    ("press.deploy.folder:shutil.copyfile", "after"),
    ("press.deploy.folder:Folder._make", "after"),
    ("press.deploy.folder:Folder._show", "after"),
    ("press.publishing:Act._deploy", "after"),
    ("press.publishing:Act._see", "after"),
    ("newsletter.send:Sender._record", "before"),
    ("newsletter.send:Sender._record", "after"),
]
HANDING_OVER: list[tuple[str, str, int | None]] = [
    ("newsletter.providers.smtp:Smtp.hand_over", "before", 0),
    ("newsletter.providers.smtp:Smtp.hand_over", "after", 1),
    ("newsletter.handing:Handing._answered", "after", None),
]
"""And where nobody knows whether the server took the mail, as SMTP can't be asked: how many it did
take, as the author sees in its log."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """As far as all is live, and nobody is a subscriber."""
    with walk(tmp_path_factory.mktemp("published")) as made:
        begin(made)
        with made.served():
            made.publish(*LENIENT, "--until", "live")
            yield made


@pytest.fixture
def announcing(published: Walk, tmp_path: Path) -> Walk:
    """The same in a folder of its own, with a subscriber."""
    folder = tmp_path / "series"
    of_its_own = shutil.ignore_patterns("var", "journals")
    shutil.copytree(published.root, folder, symlinks=True, ignore=of_its_own)
    made = replace(published, publication=Publication(folder))
    made.web.folder = made.shown
    made.relay.accepted.clear()
    made.run(*ADD)
    return made


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Walk]:
    (tmp_path / "series").mkdir()
    with walk(tmp_path / "series") as made:
        yield made


def resume(there: Walk, *, in_doubt: int | None = None) -> None:
    """Go on by the same command; what nobody but the author can know, the author settles."""
    if in_doubt is not None:
        said = there.publish(*FIRST, status=3)
        assert "unknown" in said
        assert len(there.told()) == in_doubt
        how = "--assume-sent" if in_doubt else "--resend"
        said = there.run("newsletter", "settle", how, "--confirm", "1")
        assert "1 unknown delivery settled" in said
    there.publish(*FIRST)


def has_arrived(there: Walk) -> None:
    """The end, however it came about."""
    assert there.is_whole()
    assert there.told() == [(READER, "Adding Up")]
    assert "there was nothing to publish; nobody is to be told" in there.publish(*FIRST)
    assert "announced 1 of 1" in there.run("status")
    assert len(there.told()) == 1


@pytest.mark.parametrize(("place", "when", "in_doubt"), HANDING_OVER)
def test_killed_while_it_hands_over(
    announcing: Walk, place: str, when: str, in_doubt: int | None
) -> None:
    killed(announcing.publication, place, when, "publish", *FIRST)
    resume(announcing, in_doubt=in_doubt)
    has_arrived(announcing)


def test_killed_at_each_step(there: Walk) -> None:
    begin(there)
    there.run(*ADD)
    with there.served():
        for place, when in UNTIL_IT_ANNOUNCES:
            killed(there.publication, place, when, "publish", *FIRST)
            assert there.told() == []
        killed(there.publication, "press.publishing:Act._announce", "after", "publish", *FIRST)
        has_arrived(there)


def test_every_other_verb_goes_on(there: Walk) -> None:
    """Each is killed, and called again as it was."""
    begun, start = there.publication, (*START, there.web.url)
    killed(begun, "press.files:write", "after", *start)
    killed(begun, "press.starting:build", "before", *start)
    killed(begun, "press.output:write", "before", *start)
    assert "built site/" in there.run(*start)
    killed(begun, "press.output:write", "before", "build")
    there.run("build")
    killed(begun, "press.files:write", "before", "new", "Adding Up")
    assert there.run("new", "Adding Up") == f"{PATH}\n"
    there.write(python="7")
    killed(begun, "press.checking:check", "before", "check")
    there.run("check", status=1)
    there.write()
    killed(begun, "press.pipeline:build", "after", "build")
    there.settle_where_it_goes()
    for when in ("before", "after"):
        killed(begun, "newsletter.store.subscribers:add", when, *ADD)
    assert there.run(*ADD) == f"{READER}: added\n"
    with there.served():
        resume(there)
        has_arrived(there)
