"""Mails and the app's pages say what they say in the publication's language."""

from pathlib import Path

import pytest

from newsletter.compose import Composer, composer
from newsletter.model import Kind, Mail, Note
from newsletter.store.wishes import Wishes
from newsletter.web import plots, replies
from press import config, manifest
from press.problems import ProblemsFound
from tests.conftest import NEWSLETTER, REPOSITORY, SERIES
from tests.newsletter.conftest import Told, entry
from tests.press.saying import english, pretended, said

OWN = NEWSLETTER.replace("A Series", "七").replace("1 Example Street, Exampletown", "十")
CHINESE = (
    SERIES.replace("A Series", "七").replace("An Author", "八").replace("What it is about", "九")
)
APP = sorted(path.name for path in (REPOSITORY / "templates/app").glob("*.html"))
ROWS = {
    "now": 1, "unreachable": 1, "asks": [], "notes": [], "most": 9, "parts": {}, "plots": plots,
    "periods": [{"since": "2026-01-01", "came": 1, "went": 0, "total": 1}],
}  # fmt: skip


def settings(root: Path, language: str, more: str = "") -> config.Config:
    (root / "series.toml").write_text(CHINESE.replace('"en"', f'"{language}"') + OWN + more)
    (root / "templates/words").mkdir(parents=True, exist_ok=True)
    (root / "templates/words/qps.po").write_text(pretended())
    return config.load(root)


def composing(series: Told, language: str, more: str = "") -> Composer:
    read = settings(series.root, language, more)
    first = entry(1, "one")
    series.publish(first)
    return composer(series.root, read, manifest.load(series.root / "site"))


def mails(made: Composer) -> list[Mail]:
    articles = made.manifest.articles
    notes = [made.note(kind, link) for kind in Note for link in ("https://example.org/x",)]
    digests = [made.digest(articles[:count], "d", marked=True) for count in (1, len(articles))]
    told = [made.mail(articles[-1], kind, marked=True) for kind in (Kind.NEW, Kind.UPDATE)]
    return [*notes, *digests, *told]


@pytest.mark.parametrize(
    "more", ["", 'unsubscribe-url = "https://news.example.org/u/{token}"\n'], ids=["mail", "web"]
)
def test_no_word_of_a_mail_is_left_out_of_the_catalogues(embedded: Told, more: str) -> None:
    made = composing(embedded, "qps", more)
    own = {word for one in made.manifest.articles for word in (one.title, one.description)}
    own.add(made.manifest.series.title)
    for mail in mails(made):
        lines = [mail.subject, " ".join(mail.text.split()), *said(mail.html)]
        for word in own:
            lines = [line.replace(word, "") for line in lines]
        assert english(lines) == [], mail.subject


def test_a_digest_of_one_part_is_called_by_it(embedded: Told) -> None:
    made = composing(embedded, "de")
    article = made.manifest.articles[0]
    assert made.digest([article], "d").subject == f"A Series: {article.title}"
    assert made.digest([article, article], "d").subject == "A Series: 2 neue Teile"


def test_mails_in_german(embedded: Told) -> None:
    mail = composing(embedded, "de").mail(entry(1, "one"), Kind.UPDATE, marked=True)
    assert mail.subject == "[Test] Aktualisiert: On one"
    for part in (mail.text, mail.html):
        assert "weil Sie A Series abonniert haben" in " ".join(part.split())


def test_a_catalogue_that_is_wrong_stops_them(embedded: Told) -> None:
    words = embedded.root / "templates/words/de.po"
    words.parent.mkdir(parents=True)
    words.write_text('msgid "a %(b)s"\nmsgstr "c"\n')
    with pytest.raises(ProblemsFound, match="has lost `%"):
        composing(embedded, "de")


@pytest.mark.parametrize("name", APP)
def test_no_word_of_the_app_is_left_out_of_the_catalogues(tmp_path: Path, name: str) -> None:
    pages = replies.pages(tmp_path, settings(tmp_path, "qps"))
    article = entry(1, "一")
    more = {**ROWS, "articles": []} if name == "admin.html" else {}
    values = {
        "articles": [article], "data": "", "email": "", "session": "", "shown": "", "tags": ["二"],
        "wishes": Wishes(), "settings": True, "status": 503, "said": "saved",
    }  # fmt: skip
    values |= more
    for other in ({}, {"settings": False, "status": 429, "said": "not sure"}, {"status": 403}):
        html = pages.html(replies.Reply("", name, values={**values, **other}))
        assert english(said(html)) == []
