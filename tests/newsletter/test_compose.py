"""What the mails of an announcement share, and what stands in them for each subscriber's own."""

import pytest

from newsletter.compose import Composer, composer
from newsletter.listing import list_id
from newsletter.model import DELIVERY, TOKEN, Kind, Mail, Message
from press import config, manifest
from press.manifest import Entry
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
