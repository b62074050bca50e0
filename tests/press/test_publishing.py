"""Publishing, as its author does it: behind a real web server, with a real hub and an outbox.

Wherever it is killed it goes on; nobody is told before the page is live, and nobody twice.
"""

import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Publication
from tests.killing import killed
from tests.press.targets.folder import tree
from tests.press.worlds import PAST, World, world

PUBLISH = f"python {shlex.quote(str(REPOSITORY / 'build.py'))} publish"
FIRST = ("--announce", "newest", "--confirm", "1")


@pytest.fixture
def there(publication: Publication) -> Iterator[World]:
    with world(publication) as made:
        yield made


def files(root: Path) -> dict[str, bytes]:
    """All but what may be made again at any time."""
    found = tree(root)
    return {name: found[name] for name in found if not name.startswith(".cache")}


def test_the_whole_act(there: World) -> None:
    said = there.publish(*FIRST)
    assert [line.split(" ")[0] for line in said.splitlines()[:4]] == [
        "built", "deployed", "live", "told",
    ]  # fmt: skip
    assert f"published: {there.web.url}/; announced" in said
    assert there.is_whole()
    assert sorted(there.hub.told) == [
        f"{there.web.url}/{name}" for name in ("atom.xml", "feed.json", "feed.xml")
    ]
    assert there.mails() == ["000-first"]


def test_the_second_time_there_is_nothing_to_do(there: World) -> None:
    there.publish(*FIRST)
    there.web.asked.clear()
    before = files(there.root)
    for more in (FIRST, ()):
        said = there.publish(*more)
        assert "there was nothing to publish; nobody is to be told" in said
    assert set(there.web.asked) == {"/manifest.json"}
    assert (len(there.hub.told), len(there.mails())) == (3, 1)
    assert {path for path in before if before[path] != files(there.root)[path]} == set()


def test_what_is_new_goes_and_nothing_else(there: World) -> None:
    there.publish(*FIRST)
    there.web.asked.clear()
    there.publication.article("001-second", date=PAST)
    said = there.publish()
    assert f"to do it:\n    {PUBLISH} --confirm 1\n" in said
    assert "; the announcement waits for --confirm 1" in said
    assert {"/first.html", "/second.html", "/feed.xml"} <= set(there.web.asked)
    assert there.mails() == ["000-first"]
    there.publish("--confirm", "2", status=1)
    said = there.publish("--confirm", "1")
    assert "deployed already" in said
    assert f"published: {there.web.url}/; announced" in said
    assert there.mails() == ["000-first", "001-second"]


def test_a_site_is_not_emptied(there: World) -> None:
    """As by a content/ that was not checked out, or is not mounted."""
    there.publish(*FIRST)
    [article] = (there.root / "content").iterdir()
    text = article.read_text()
    article.unlink()
    for args in (["--dry-run"], []):
        said = there.publish(*args, status=1)
        assert "content: refused: no article is out any more: 1 page would be removed" in said
        assert "bring back what was in content/" in said
    assert (there.shown / "first.html").is_file()
    article.write_text(text)
    assert "deployed already" in there.publish()


def test_a_site_may_be_without_an_article_from_its_start(there: World) -> None:
    """A page that says that there will be some; what it has beside its pages may go again."""
    for article in (there.root / "content").iterdir():
        article.unlink()
    picture = there.publication.write("templates/assets/soon.svg", "<svg/>")
    assert "warning" not in there.publish("--until", "deploy")  # as of a search of nothing
    picture.unlink()
    assert "1 removed" in there.publish("--until", "deploy")
    assert (there.shown / "index.html").is_file()


BUILD = ("build", "--search", "--explain")
DEPLOY = ("--until", "deploy")
DAMAGED = "it was changed or removed in the site"


def test_a_build_after_it_makes_nothing_again(there: World) -> None:
    for _ in range(2):
        there.publish(*DEPLOY)
        assert there.run(*BUILD).startswith("built site/ from 1 article")  # and it explains nothing


def test_nothing_is_loaded_after_it_to_say_that_nothing_has_changed(there: World) -> None:
    there.publish(*DEPLOY)
    for _ in range(2):
        assert "would build" not in there.publish("--dry-run", *DEPLOY)  # else it is built aside
        there.publish(*DEPLOY)


def test_a_change_after_it_costs_what_was_changed(there: World) -> None:
    there.publication.article("001-second", date=PAST)
    for text in ("One.\n", "Two.\n"):
        there.publish(*DEPLOY)
        there.publication.article("001-second", text, date=PAST)
        said = there.run(*BUILD)
        assert "content/001-second.md: its text\n" in said
        assert "content/000-first.md" not in said
        assert DAMAGED not in said


def test_what_is_damaged_after_it_in_secret_is_made_again(there: World) -> None:
    there.publish(*DEPLOY)
    page = there.root / "site/first.html"
    content, found = page.read_bytes(), page.stat()
    page.write_bytes(content.swapcase())
    os.utime(page, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert f"content/000-first.md: {DAMAGED}\n" in there.run(*BUILD)
    assert page.read_bytes() == content


def test_what_is_kept_of_a_cargo_takes_no_room(there: World) -> None:
    there.publish(*DEPLOY)
    there.publication.article("000-first", date=PAST)
    there.publish("--until", "build")
    laid = there.root / ".cache/publishing/cargo"
    kept = [path for path in laid.rglob("*") if path.is_file()]
    assert kept
    assert all(path.samefile(there.root / "site" / path.relative_to(laid)) for path in kept)


def test_a_dry_run_says_what_would_be_done_and_does_nothing(there: World) -> None:
    before = files(there.root)
    said = there.publish("--dry-run", "--announce", "newest")
    for line in (
        "would build site/: ",
        f"would deploy to {there.shown}: ",
        "    first.html\n",
        f"would tell {there.hub.url} of 3 feeds",
        "000 “000-first” to 1 subscriber",
        f"{PUBLISH} --announce newest --confirm 1\n",
        "a dry run: nothing was changed",
    ):
        assert line in said
    assert (files(there.root), there.web.asked, there.hub.told) == (before, [], [])
    there.publish(*FIRST)
    before = files(there.root)
    assert "deployed already" in there.publish("--dry-run")
    there.publication.article("001-second", date=PAST)
    said = there.publish("--dry-run")
    assert "    second.html\n" in said
    assert "001 “001-second” to 1 subscriber" in said
    assert files(there.root).keys() - before.keys() == {"content/001-second.md"}


def test_what_is_wrong_is_deployed_nowhere(there: World) -> None:
    there.publish(*FIRST)
    before = files(there.root)
    there.publication.article("001-second", "```python\n1 / 0\n```\n[x](none.md)\n", date=PAST)
    for args in ((), ("--dry-run",), ("--confirm", "1")):
        said = there.publish(*args, status=1)
        assert "example-failed" in said
        assert "broken-link" in said
        assert "2 problems; nothing was changed" in said
    assert files(there.root).items() - before.items() == {
        ("content/001-second.md", files(there.root)["content/001-second.md"])
    }


def test_nobody_is_told_before_the_page_is_live(there: World) -> None:
    there.publish(*FIRST)
    old = there.root / "old"
    there.copy_by_hand(old)
    there.web.folder = old  # a cache that does not let go
    told = len(there.hub.told)
    there.publication.article("001-second", date=PAST)
    said = there.publish("--confirm", "1", status=5)
    assert f"{there.web.url}/manifest.json: not-live: it is not as it was built" in said
    assert "nobody was told" in said
    (old / "manifest.json").write_bytes((there.root / "site/manifest.json").read_bytes())
    said = there.publish("--confirm", "1", status=5)
    assert f"{there.web.url}/second.html: not-live: it answers with status 404" in said
    assert f"{there.web.url}/: not-live: it is not as it was built" in said
    assert (there.mails(), len(there.hub.told)) == (["000-first"], told)
    there.web.folder = there.shown
    there.publish("--confirm", "1")
    assert there.mails() == ["000-first", "001-second"]


def test_a_host_that_changes_pages_is_told_of(there: World) -> None:
    there.web.adds = b"<script>"
    said = there.publish(*FIRST, status=5)
    assert "first.html: not-live: it is not as it was built" in said
    assert "the host changes pages" in said
    assert there.mails() == []
    there.web.adds = b""
    there.publish(*FIRST)


def test_a_hub_that_fails_stops_nothing_and_is_told_the_next_time(there: World) -> None:
    there.hub.status = 500
    said = there.publish(*FIRST)
    assert f"warning: {there.hub.url} is not told of 3 feeds: it answers with status 500" in said
    assert there.mails() == ["000-first"]
    there.hub.status = 202
    assert f"told {there.hub.url} of 3 feeds" in there.publish()
    assert len(there.hub.told) == 3


def test_without_a_table_deploying_is_the_author_s(there: World) -> None:
    there.deploy()
    said = there.publish("--announce", "newest")
    assert "deploying site/ is up to you: series.toml has no table [deploy]" in said
    assert "is not live at" in said
    assert there.mails() == []
    there.publish(*FIRST, status=5)
    there.copy_by_hand(there.shown)
    there.publish(*FIRST)
    assert there.mails() == ["000-first"]


def test_it_stops_after_a_step_that_is_named(there: World) -> None:
    there.publish("--until", "build")
    assert not there.shown.exists()
    there.publish("--until", "deploy")
    assert there.is_whole()
    assert there.web.asked == []
    there.publish("--until", "live")
    assert there.hub.told == []
    there.publish("--until", "hubs")
    assert len(there.hub.told) == 3
    assert not (there.root / "var/outbox").exists()


def test_it_goes_back(there: World) -> None:
    assert "no release before this one" in there.publish("--rollback", status=1)
    there.publish(*FIRST)
    before = tree(there.shown)
    there.publication.article("001-second", date=PAST)
    there.publish()
    assert "would go back to 000001-" in there.publish("--rollback", "--dry-run")
    assert there.is_whole()
    assert "000001-" in there.publish("--rollback")
    assert tree(there.shown) == before
    there.publish("--confirm", "1")
    assert there.is_whole()
    assert len(list((there.root / "www/releases").iterdir())) == 2


def test_old_releases_go_and_what_did_not_change_is_there_once(there: World) -> None:
    there.deploy(target="folder", path="www", wait=0, releases=2)
    for number in range(1, 5):
        there.publication.article(f"00{number}-a{number}", date=PAST)
        there.publish()
    releases = sorted(path.name for path in (there.root / "www/releases").iterdir())
    assert [name[:7] for name in releases] == ["000003-", "000004-"]
    style = [there.root / "www/releases" / name / "assets/style.css" for name in releases]
    assert style[0].stat().st_ino == style[1].stat().st_ino
    assert style[0].stat().st_ino != (there.root / "site/assets/style.css").stat().st_ino


def test_a_command_is_run_until_its_site_is_live(there: World) -> None:
    script = "import os, shutil, sys; shutil.copytree(*sys.argv[1:], dirs_exist_ok=True)"
    script += "; open('ran', 'a').write('x'); sys.exit(os.path.exists('broken'))"
    there.deploy(
        target="command", wait=0, run=[sys.executable, "-c", script, "{site}", str(there.shown)]
    )
    there.publication.write("broken", "")
    assert "the command ended with status 1" in there.publish(*FIRST, status=1)
    assert there.mails() == []
    (there.root / "broken").unlink()
    there.publish(*FIRST)
    assert "deployed already" in there.publish()
    assert (there.root / "ran").read_text() == "xx"
    (there.shown / "manifest.json").write_text("another site is there")
    there.publish()
    assert (there.root / "ran").read_text() == "xxx"
    assert there.is_whole()


def test_the_exit_status_of_a_gate_is_that_of_send(there: World) -> None:
    text = (there.root / "series.toml").read_text()
    there.publication.write("series.toml", text.replace('"outbox"', '"postmark"'))
    said = there.publish(*FIRST, status=5, POSTMARK_SERVER_TOKEN="a-secret")
    assert "unsubscribe-url" in said
    assert "a-secret" not in said


def test_all_that_is_wrong_with_the_table_is_told_at_once(there: World) -> None:
    there.deploy(target="s3", buckets="x", region="Not A Region", wait=-1)
    said = there.publish(status=1)
    assert "there is no key `buckets`" in said
    assert "did you mean `bucket`?" in said
    assert "`bucket` is missing" in said
    assert "`region` must be a region" in said
    assert "`wait` must be between 0" in said
    assert "4 problems; nothing was changed" in said
    there.deploy(target="folders", path="www")
    said = there.publish(status=1)
    assert "there is no target `folders`" in said
    assert "did you mean `folder`?" in said
    assert "1 problem; nothing was changed" in said
    there.deploy(path="www")
    assert "`target` is missing" in there.publish(status=1)


def test_secrets_that_are_missing_are_named(there: World) -> None:
    there.deploy(target="s3", bucket="my-series")
    none = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "")
    said = there.publish(status=1, **none)
    for name in none:
        assert f"{name}: missing-value: the target s3 needs this variable" in said


@pytest.mark.parametrize("args", [
    ["--rollback", "--confirm", "1"], ["--rollback", "--not-proven"], ["--dry-run", *FIRST[2:]],
    ["--until", "live", "--confirm", "1"], ["--until", "live", "--announce", "newest"],
    ["--until", "nowhere"],
])  # fmt: skip
def test_options_that_exclude_each_other_are_wrong_usage(
    publication: Publication, args: list[str]
) -> None:
    assert publication.run("publish", *args).returncode == 2
    assert not (publication.root / "site").exists()


def typed(there: World, words: str, args: Sequence[str]) -> tuple[int, str]:
    """Publish on a terminal, and type something."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PROOFPRESS_JOURNAL": str(there.root / "journals")}
    done = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "build.py"), "publish", *args], cwd=there.root,
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, f"{words}\n".encode())
    said = b""
    try:
        while chunk := os.read(ours, 4096):
            said += chunk
    except OSError:  # of a terminal whose program has ended
        pass
    os.close(ours)
    return done.wait(), said.decode()


def test_the_count_is_typed_on_a_terminal(there: World) -> None:
    status, said = typed(there, "2", FIRST[:2])
    assert status == 1, said
    assert "to tell them now, type 1" in said
    assert "nobody is told: that is another number" in said
    assert there.mails() == []
    status, said = typed(there, "1", FIRST[:2])
    assert status == 0, said
    assert there.mails() == ["000-first"]


UNTIL_IT_ANNOUNCES = [
    ("press.publishing:Act.build", "after"),
    ("press.cargo:stage", "after"),
    ("press.deploy.folder:Folder._make", "before"),
    ("press.deploy.folder:Folder._make", "after"),
    ("press.deploy.folder:Folder._show", "after"),
    ("press.publishing:Act._deploy", "after"),
    ("press.publishing:Act._see", "after"),
    ("press.hubs:Hubs.tell", "after"),
    ("newsletter.send:Sender._record", "before"),
    ("newsletter.send:Sender._record", "after"),
]


def test_killed_at_one_step_after_the_other_it_goes_on(there: World) -> None:
    for place, when in UNTIL_IT_ANNOUNCES:
        killed(there.publication, place, when, "publish", *FIRST)
        assert there.mails() == []
    killed(there.publication, "press.publishing:Act._announce", "after", "publish", *FIRST)
    has_arrived(there)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_it_hands_over_it_goes_on(there: World, when: str) -> None:
    place = "newsletter.providers.outbox:Outbox.hand_over"
    killed(there.publication, place, when, "publish", *FIRST)
    there.publish(*FIRST)
    has_arrived(there)


def has_arrived(there: World) -> None:
    assert there.is_whole()
    assert there.mails() == ["000-first"]
    assert len(set(there.hub.told)) == 3
    assert "there was nothing to publish; nobody is to be told" in there.publish(*FIRST)
    assert len(there.mails()) == 1


def test_what_was_confirmed_goes_on_by_the_same_number(there: World) -> None:
    """Though fewer are left to be told; but of what is new besides, it would be another number."""
    there.run("newsletter", "subscribers", "add", "second@example.org")
    text = (there.root / "series.toml").read_text()
    there.publication.write("series.toml", text.replace("[newsletter]", "[newsletter]\nbatch = 1"))
    both = [*FIRST[:3], "2"]
    place = "newsletter.providers.outbox:Outbox.hand_over"
    killed(there.publication, place, "after", "publish", *both)
    assert len(there.mails()) == 1
    there.publication.article("001-second", date=PAST)
    assert "3 messages would be handed over, not 2" in there.publish(*both, status=1)
    (there.root / "content/001-second.md").unlink()
    there.publish(*both)
    assert there.mails() == ["000-first"] * 2
