"""A new user's walk, from an empty folder to a subscriber who has one mail."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.press.previewing import Client
from tests.press.targets.folder import tree
from tests.walk.walking import FIRST, LENIENT, LINES, PATH, READER, RUST, START, Walk, walk


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Walk]:
    (tmp_path / "series").mkdir()
    with walk(tmp_path / "series") as made:
        yield made


def test_from_an_empty_folder_to_one_mail(there: Walk) -> None:
    start(there)
    with there.previewed() as preview:
        write(there, preview)
        break_it(there, preview, "python")
        mend_it(there, preview)
    old = publish_what_was_there(there)
    publish_before_anybody_sees_it(there, old)
    with there.served():
        publish_while_the_old_site_is_shown(there, old)
        publish(there)


@pytest.mark.skipif(not RUST, reason="rustc is not installed")
def test_what_is_written_in_rust_is_proven_as_well(there: Walk) -> None:
    start(there)
    there.write()
    with there.previewed() as preview:
        preview.until_it_says("/adding-up.html", "Both of them add up")
        break_it(there, preview, "rust")
        mend_it(there, preview)


def start(there: Walk) -> None:
    assert "built site/ from 1 article; 2 examples" in there.run(*START, there.web.url)
    assert (there.root / "site/hello.html").is_file()


def write(there: Walk, preview: Client) -> None:
    """From the draft that `new` begins to an article, which is seen as it is saved."""
    preview.until_it_says("/", "Hello, in two languages")
    assert there.run("new", "Adding Up") == f"{PATH}\n"
    preview.until_it_says("/adding-up.html", "every example runs before it is published")
    there.write()
    page = preview.until_it_says("/adding-up.html", "Both of them add up")
    assert "example-output-differs" not in page
    assert "built site/ from 2 articles; 4 examples" in there.run("build")


def break_it(there: Walk, preview: Client, language: str) -> None:
    """The page that was built last stays, and has the problem over it; nothing else is changed."""
    there.write(**{language: "7"})
    before = tree(there.root / "site")
    for verb in ("check", "build", "publish"):
        said = there.run(verb, status=1)
        assert f"{PATH}:{LINES[language]}:1: example-output-differs" in said
        assert "-7\n" in said
        assert "+6\n" in said
        assert "1 problem; nothing was changed" in said
    assert tree(there.root / "site") == before
    assert not (there.root / "www").exists()
    page = preview.until_it_says("/adding-up.html", "example-output-differs")
    assert "Both of them add up" in page
    assert f"{PATH}:{LINES[language]}" in page


def mend_it(there: Walk, preview: Client) -> None:
    there.write()
    preview.until(lambda: "example-output-differs" not in preview.text("/adding-up.html"))
    assert "problem" not in there.run("check")


def publish_what_was_there(there: Walk) -> Path:
    """The first article alone is public; where an old copy of the site would be."""
    article = there.root / PATH
    article.rename(there.root / "later.md")
    there.settle_where_it_goes()
    there.publish(*LENIENT, "--until", "deploy")
    old = there.root / "old"
    shutil.copytree(there.shown, old)
    (there.root / "later.md").rename(article)
    assert there.run("newsletter", "subscribers", "add", READER) == f"{READER}: added\n"
    return old


def publish_before_anybody_sees_it(there: Walk, old: Path) -> None:
    """It is deployed; but where no server answers, nobody is told."""
    said = there.publish(*FIRST, status=5)
    assert f"deployed to {there.shown}: " in said
    assert f"{there.web.url}/manifest.json: not-live: it can't be seen" in said
    assert "nobody was told" in said
    assert there.is_whole()
    assert not (old / "adding-up.html").exists()
    assert there.told() == []


def publish_while_the_old_site_is_shown(there: Walk, old: Path) -> None:
    there.web.folder = old
    said = there.publish(*FIRST, status=5)
    assert f"{there.web.url}/manifest.json: not-live: it is not as it was built" in said
    shutil.copy(there.shown / "manifest.json", old)
    said = there.publish(*FIRST, status=5)
    assert f"{there.web.url}/adding-up.html: not-live: it answers with status 404" in said
    assert there.told() == []
    there.web.folder = there.shown


def publish(there: Walk) -> None:
    said = there.publish(*FIRST[:-2])
    assert "001 “Adding Up” to 1 subscriber" in said
    assert "the announcement waits for --confirm 1" in said
    assert there.told() == []
    there.publish(*FIRST[:-1], "2", status=1)
    assert there.told() == []
    said = there.publish(*FIRST)
    assert "1 of 1 messages accepted by smtp" in said
    assert there.told() == [(READER, "Adding Up")]
    assert f"{there.web.url}/adding-up.html" in there.relay.accepted[0].text
    assert "announced 1 of 1" in there.run("status")
    assert "nobody is to be told" in there.publish(*FIRST)
    assert len(there.told()) == 1
