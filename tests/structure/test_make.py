"""The README's first command works in a fresh clone, and the second time has nothing to do."""

from email import message_from_bytes, policy
from pathlib import Path

from newsletter.demonstration import SAMPLE
from press import manifest
from tests.structure.conftest import Checkout


def outbox(checkout: Checkout) -> list[Path]:
    return sorted((checkout.root / "demo/outbox").iterdir())


def test_make_builds_the_series_and_announces_its_newest_article_once(checkout: Checkout) -> None:
    first = checkout.run("make").splitlines()
    [message] = outbox(checkout)
    again = checkout.run("make").splitlines()

    built, announced, what_to_open = first
    assert built.startswith("built site/ from ")
    assert announced == (
        f"announced 1 to the sample subscriber {SAMPLE}: demo/outbox/{message.name}"
    )
    assert "site/index.html" in what_to_open

    built_again, not_announced, what_to_open_again = again
    assert "(0 files written, " in built_again
    assert not_announced.startswith("nothing new to announce")
    assert not_announced.endswith(f"demo/outbox/{message.name}")
    assert what_to_open_again == what_to_open
    assert outbox(checkout) == [message]

    published = manifest.load(checkout.root / "site")
    mail = message_from_bytes(message.read_bytes(), policy=policy.default)
    assert mail["To"] == SAMPLE
    assert mail["Subject"] == max(published.articles, key=lambda article: article.date).title
    assert (checkout.root / "site/index.html").is_file()
    # The demonstration leaves the author's own ledger alone.
    assert not (checkout.root / "var").exists()
    assert checkout.run("python build.py newsletter subscribers list") == ""


def test_make_stops_where_the_build_does(checkout: Checkout) -> None:
    (checkout.root / "content/000-a-suggested-path.md").write_text("no front matter\n")
    printed = checkout.run("make", status=2)
    assert "content/000-a-suggested-path.md:1:1: bad-front-matter" in printed
    assert not (checkout.root / "demo").exists()
