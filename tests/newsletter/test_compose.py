"""What the mails of an announcement share, and what stands in them for each subscriber's own."""

import re
from dataclasses import replace

import pytest

from newsletter.compose import Composer, composer, weight
from newsletter.listing import list_id
from newsletter.model import DELIVERY, TOKEN, Kind, Mail, Message, Note
from press import config, letter, manifest, output
from press.manifest import Change, Entry
from press.problems import ProblemsFound
from tests.conftest import NEWSLETTER, SERIES
from tests.newsletter.conftest import Told, entry

BY_MAIL = "mailto:author@example.org?subject=unsubscribe%20"
BY_WEB = "https://news.example.org/unsubscribe/"
WITH_WEB = NEWSLETTER + f'unsubscribe-url = "{BY_WEB}{{token}}"\n'


def composing(series: Told, article: Entry, settings: str = NEWSLETTER) -> Composer:
    (series.root / "series.toml").write_text(SERIES + settings)
    series.publish(article)
    return composer(series.root, config.load(series.root), manifest.load(series.root / "site"))


def mail(series: Told, article: Entry, settings: str = NEWSLETTER) -> Mail:
    return composing(series, article, settings).mail(article)


def test_it_has_the_headers_of_a_list(embedded: Told) -> None:
    made = mail(embedded, entry(1, "second"))
    assert (made.sender, made.reply_to) == ("A Series <series@example.org>", "author@example.org")
    assert (made.article_id, made.subject) == ("second", "On second")
    assert made.headers == {
        "Message-ID": f"<{DELIVERY}.second@example.org>",
        "Feedback-ID": "second:series:new:example.org",
        "List-Id": "<series.example.org>",
        "List-Unsubscribe": f"<{BY_MAIL}{TOKEN}>",
        "List-Archive": "<https://example.org/series/>",
    }


def test_one_leaves_by_one_click_where_there_is_a_page_for_it(embedded: Told) -> None:
    made = mail(embedded, entry(1, "second"), WITH_WEB)
    assert made.headers["List-Unsubscribe"] == f"<{BY_WEB}{TOKEN}>, <{BY_MAIL}{TOKEN}>"
    assert made.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f'<a href="{BY_WEB}{TOKEN}"' in made.html
    assert f"{BY_WEB}{TOKEN}" in made.text


def test_both_parts_say_all_that_they_must(embedded: Told) -> None:
    made = mail(embedded, entry(1, "second"))
    for part in (made.text, made.html):
        for words in (
            "On second", "All of second.", "part 001", "https://example.org/series/second.html",
            "you subscribed", "1 Example Street, Exampletown", f"{BY_MAIL}{TOKEN}",
        ):  # fmt: skip
            assert words in part


def test_each_gets_their_own(embedded: Told) -> None:
    made = mail(embedded, entry(1, "second"))
    message = Message(made, "the-id", "ada@example.org", "the-token", "2026-06-01T12:00:00+00:00")
    for text in (made.text, made.html, *made.headers.values()):
        own = message.personal(text)
        assert TOKEN not in own
        assert DELIVERY not in own
    assert message.personal(made.headers["Message-ID"]) == "<the-id.second@example.org>"
    assert message.personal(made.headers["List-Unsubscribe"]) == f"<{BY_MAIL}the-token>"


def test_it_is_the_same_each_time(embedded: Told) -> None:
    assert mail(embedded, entry(1, "second")) == mail(embedded, entry(1, "second"))


def test_a_title_can_have_any_marks(embedded: Told) -> None:
    title = 'Iterators & <generics> ]]> "q" 😀 {{ series }}'
    made = mail(embedded, entry(1, "second", title=title))
    assert made.subject == title
    assert title in made.text
    assert 'Iterators &amp; &lt;generics&gt; ]]&gt; "q" 😀 {{ series }}' in made.html


def test_an_update_says_so(embedded: Told) -> None:
    article = entry(1, "second", updated="2026-02-01T00:00:00+00:00")
    made = composing(embedded, article).mail(article, Kind.UPDATE)
    assert made.subject == "Updated: On second"
    for part in (made.text, made.html):
        assert "has changed" in part
        assert "2026-02-01" in part
    assert "has changed" not in mail(embedded, article).text


def test_a_test_says_so(embedded: Told) -> None:
    article = entry(1, "second")
    assert composing(embedded, article).mail(article, marked=True).subject == "[Test] On second"


@pytest.mark.parametrize(
    ("series_id", "expected"),
    [
        ("tag:example.org,2026:series", "series.example.org"),
        ("tag:me@example.org,2026-01:a/b", "a-b.example.org"),
        ("tag:example.org,2026:", "series.example.org"),
    ],
)
def test_the_list_is_named_after_the_series_for_ever(series_id: str, expected: str) -> None:
    assert list_id(series_id) == expected


def test_a_template_of_the_publication_comes_first(embedded: Told) -> None:
    (embedded.root / "templates/email").mkdir(parents=True)
    (embedded.root / "templates/email/announcement.txt").write_text("Only {{ article.title }}\n")
    assert mail(embedded, entry(1, "second")).text == "Only On second\n"


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/{token}",
        "https://example.org/",
        "https://example.org/?t={token}",
        "https://{token}.example.org/",
        "https://example.org/{token}/{token}",
        "https://example.org/<{token}",
    ],
)
def test_a_way_to_leave_that_is_none_is_a_problem(embedded: Told, address: str) -> None:
    settings = NEWSLETTER + f'unsubscribe-url = "{address}"\n'
    with pytest.raises(ProblemsFound, match="unsubscribe-url"):
        mail(embedded, entry(1, "second"), settings)


LINK = "https://news.example.org/links/a-secret"


@pytest.mark.parametrize("kind", Note)
def test_a_note_is_of_a_program_and_keeps_its_secret_to_the_text(
    embedded: Told, kind: Note
) -> None:
    made = composing(embedded, entry(1, "second"), WITH_WEB).note(kind, LINK)
    assert made.headers["Auto-Submitted"] == "auto-generated"
    assert made.headers["Message-ID"] == f"<{DELIVERY}.{kind}@example.org>"
    assert made.headers["Feedback-ID"] == f"{kind}:series:note:example.org"
    assert not [value for value in made.headers.values() if LINK in value]
    assert "a-secret" not in repr(made)
    assert f'href="{LINK}"' in made.html
    assert f"\n{LINK}\n" in made.text


@pytest.mark.parametrize("kind", Note)
def test_only_who_is_told_can_leave(embedded: Told, kind: Note) -> None:
    made = composing(embedded, entry(1, "second"), WITH_WEB).note(kind, LINK)
    listed = {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive"}
    assert (set(made.headers) & listed == listed) is (kind is Note.WELCOME)
    for text in (made.text, made.html, *made.headers.values()):
        assert TOKEN not in text or kind is Note.WELCOME


def test_who_is_asked_is_told_what_to_do_if_it_was_not_them(embedded: Told) -> None:
    made = composing(embedded, entry(1, "second"))
    for kind in (Note.CONFIRM, Note.KNOWN, Note.SETTINGS, Note.MOVED):
        note = made.note(kind, LINK)
        assert "ignore this mail" in note.text
        assert "ignore this mail" in note.html


def test_a_welcome_names_the_newest_parts(embedded: Told) -> None:
    articles = [entry(n, f"part-{n}") for n in range(5)]
    embedded.publish(*articles)
    made = composer(
        embedded.root, config.load(embedded.root), manifest.load(embedded.root / "site")
    ).note(Note.WELCOME)
    named = re.findall(r"series/(part-\d)\.html", made.text)
    assert (
        named == re.findall(r"series/(part-\d)\.html", made.html) == ["part-4", "part-3", "part-2"]
    )


def test_a_note_without_a_link_has_no_button(embedded: Told) -> None:
    made = composing(embedded, entry(1, "second"))
    for kind in (Note.WELCOME, Note.KNOWN):
        assert 'class="button"' not in made.note(kind).html


def test_a_digest_tells_of_each_article(embedded: Told) -> None:
    articles = [entry(1, "second"), entry(2, "third", title="A <third>")]
    made = composing(embedded, articles[0], WITH_WEB).digest(articles, "digest-7")
    assert (made.article_id, made.subject) == ("digest-7", "A Series: 2 new parts")
    assert made.headers["Message-ID"] == f"<{DELIVERY}.digest-7@example.org>"
    assert made.headers["Feedback-ID"] == "digest-7:series:digest:example.org"
    assert made.headers["List-Unsubscribe"].startswith(f"<{BY_WEB}{TOKEN}>")
    for article in articles:
        assert f"{article.title}\npart {article.number:03}" in made.text
        for part in (made.text, made.html):
            assert article.url in part
            assert article.description in part
    assert "A &lt;third&gt;" in made.html


def test_a_digest_of_one_article_is_named_after_it(embedded: Told) -> None:
    article = entry(1, "second")
    made = composing(embedded, article).digest([article], "digest-7", marked=True)
    assert made.subject == "[Test] A Series: On second"


def test_an_update_tells_what_has_changed_and_not_the_article_again(embedded: Told) -> None:
    changes = [Change("2026-01-02T00:00:00+00:00", "First."), Change("2026-02-01", "Then <that>.")]
    article = with_letter(embedded, entry(1, "second", changes=tuple(changes)))
    made = composing(embedded, article).mail(article, Kind.UPDATE)
    assert made.text.index("2026-02-01 Then <that>.") < made.text.index("2026-01-02 First.")
    assert "Then &lt;that&gt;." in made.html
    assert "The body" not in made.text


def with_letter(series: Told, article: Entry, body: str = "The body") -> Entry:
    """The article with a text for mail in the built site."""
    path = letter.path(article.slug)
    made = letter.dump(letter.Letter((letter.Section(f"<p>{body}</p>", f"{body} [1]", (LINK,)),)))
    (series.root / "site/mail").mkdir(exist_ok=True)
    (series.root / "site" / path).write_bytes(made)
    series.files[path] = output.digest(made)
    return replace(article, letter=path)


def test_a_new_article_is_shown_whole(embedded: Told) -> None:
    article = with_letter(embedded, entry(1, "second"))
    made = composing(embedded, article).mail(article)
    assert "The body</p>" in made.html
    assert "The body [1]" in made.text
    assert f"[1] {LINK}\n" in made.text


def test_or_its_summary_alone(embedded: Told) -> None:
    article = with_letter(embedded, entry(1, "second"))
    made = composing(embedded, article, NEWSLETTER + 'content = "summary"\n').mail(article)
    assert "The body" not in made.html
    assert "The body" not in made.text
    assert article.description in made.text


def test_what_a_mail_shows_is_one_of_two(embedded: Told) -> None:
    with pytest.raises(ProblemsFound, match="`content` must be one of whole, summary"):
        composing(embedded, entry(1, "second"), NEWSLETTER + 'content = "half"\n')


MOST = 90_000
"""Bytes that Gmail shows for certain."""


@pytest.mark.parametrize("size", [80_000, 95_000])
def test_what_is_too_long_is_on_the_web(embedded: Told, size: int) -> None:
    article = with_letter(embedded, entry(1, "second"), "x" * size)
    made = composing(embedded, article, WITH_WEB).mail(article)
    assert ("xxx" in made.html) is ("xxx" in made.text) is (size < MOST)
    assert weight(made.html) <= MOST


def test_the_weight_is_that_of_the_longest_ids() -> None:
    assert weight(f"é{TOKEN}\n") == 2 + 64 + 2


def template(series: Told, name: str, text: str) -> None:
    folder = series.root / "templates/email"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_a_template_can_replace_one_block_of_ours(embedded: Told) -> None:
    text = '{% extends "proofpress/base.html" %}{% block why %}Because.{% endblock %}'
    template(embedded, "base.html", text)
    made = mail(embedded, entry(1, "second"))
    assert "<p style=" in made.html
    assert "Because." in made.html
    assert "On second" in made.html


def test_a_publication_can_have_a_style_of_its_own(embedded: Told) -> None:
    template(embedded, "mail.css", "h1 { color: #010203; }\n")
    assert re.search(r"<h1 style=\"color: ?#010203;?\"", mail(embedded, entry(1, "second")).html)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("announcement.txt", "\n{{ nothing }}", "announcement.txt:2:1"),
        ("announcement.html", "\n{% if %}", "announcement.html:2:1"),
        ("base.html", "\n\n{{ nothing.at_all }}", "base.html:3:1"),
        ("base.txt", "{% extends 'none.txt' %}", "there is no template `none.txt`"),
        ("subject.txt", "{{ 1 / 0 }}", "ZeroDivisionError"),
        ("mail.css", "\n{{ nothing }}", "mail.css:2:1"),
    ],
)
def test_a_fault_of_a_template_is_one_problem_with_its_line(
    embedded: Told, name: str, text: str, says: str
) -> None:
    template(embedded, name, text)
    with pytest.raises(ProblemsFound) as caught:
        mail(embedded, entry(1, "second"))
    assert len(caught.value.problems) == 1
    assert says in str(caught.value)


def test_a_long_domain_makes_no_long_feedback_id(embedded: Told) -> None:
    settings = NEWSLETTER.replace("series@example.org", "series@news.a-long-name.example.org")
    made = mail(embedded, entry(1, "second"), settings)
    assert made.headers["Feedback-ID"] == "second:series:new:ame.example.org"
    assert made.headers["Message-ID"].endswith("@news.a-long-name.example.org>")


WITH_APP = NEWSLETTER + 'app-url = "https://news.example.org"\n'
PREFERENCES = "https://news.example.org/preferences"


def test_who_is_told_can_choose_how_often(embedded: Told) -> None:
    article = entry(1, "second")
    made = composing(embedded, article, WITH_APP)
    for one in (made.mail(article), made.digest([article], "d"), made.note(Note.WELCOME)):
        assert f'href="{PREFERENCES}"' in one.html
        assert f"\n{PREFERENCES}\n" in one.text
    assert PREFERENCES in made.note(Note.KNOWN).text
    assert PREFERENCES not in made.note(Note.CONFIRM, LINK).text
    assert "choose how often" not in composing(embedded, article).mail(article).html


def test_a_link_may_be_a_mark(embedded: Told) -> None:
    made = composing(embedded, entry(1, "second"))
    note = made.note(Note.CONFIRM, f"https://news.example.org/confirm/{TOKEN}")
    message = Message(note, "note1", "ada@example.org", "secret", "2026-06-01T12:00:00+00:00")
    assert 'href="https://news.example.org/confirm/secret"' in message.personal(note.html)
    assert "https://news.example.org/confirm/secret\n" in message.personal(note.text)
