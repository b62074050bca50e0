"""A build that is killed, an edit in its midst, and another build at its side."""

from pathlib import Path

import pytest

from tests.conftest import NOW, Publication
from tests.press.incremental import building, forks
from tests.press.incremental.faulting import begun, change, require_made
from tests.press.incremental.steps import Act


@pytest.fixture
def root(publication: Publication) -> Path:
    return begun(publication)


@pytest.mark.parametrize("kill", ["all", "torn"])
def test_what_a_killed_build_has_written_goes_with_its_article(root: Path, kill: str) -> None:
    for at in range(5, 60, 6):
        article = Publication(root).article("009-gone", f"It is there for build {at} only.\n")
        acts = (Act(at, kill=kill),)
        forks.build(forks.Request(root, NOW, acts=acts))
        article.unlink()
        assert not building.build(root, NOW).problems
        require_made(root)


@pytest.mark.parametrize("shift", range(-2, 3))
def test_an_edit_in_the_instant_of_a_build_is_seen_by_the_next(root: Path, shift: int) -> None:
    """Three in a row, around the moment when the article is read: of one size and one time."""
    path = "content/003-c.md"
    content = (root / path).read_bytes()
    edits = [content.replace(b"Words", word) for word in (b"Wards", b"Wirds", b"Wurds")]
    Act(0, path=path, content=content.replace(b"W", b"w"), mtime_ns=7).happen(root)
    asked = Act(1 << 30, path=path)
    seen = forks.build(forks.Request(root, NOW, acts=(asked,))).seen
    step = seen.index(path) + shift
    Act(0, path=path, content=content, mtime_ns=7).happen(root)
    acts = tuple(Act(step + n, path=path, content=edit, mtime_ns=7) for n, edit in enumerate(edits))
    assert not forks.build(forks.Request(root, NOW, acts=acts)).fault
    assert (root / path).read_bytes() == edits[-1]
    assert not forks.build(forks.Request(root, NOW)).fault
    require_made(root)


ROUNDS = 8


def test_two_builds_at_once_are_both_right(root: Path) -> None:
    """An article is saved while both of them build, and another is there for a moment only."""
    for number in range(ROUNDS):
        change(root, f"Round {number}", "Before.\n")
        only = Publication(root).article(f"{10 + number:03}-only-{number}", "Only now.\n")
        content = (root / "content/003-c.md").read_bytes().replace(b"Before", b"Within")
        act = Act(1 + number * 7, path="content/003-c.md", content=content, mtime_ns=number)
        replies = forks.build_all([forks.Request(root, NOW, acts=acts) for acts in ((act,), ())])
        for reply in replies:
            assert reply.told, reply.fault
            strange = [one for one in reply.told.problems if "another build" not in one]
            assert not strange, strange
        act.happen(root)
        only.unlink()
        assert not building.build(root, NOW).problems
        require_made(root)
