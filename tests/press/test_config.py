"""series.toml: every fault a Problem with its line."""

import pytest

from press import config
from press.problems import Code, Problem, SourceText
from tests.conftest import NEWSLETTER, SERIES


def problems(text: str) -> list[Problem]:
    return config.parse(SourceText("series.toml", text))[1]


def test_it_reads_a_publication() -> None:
    settings, found = config.parse(SourceText("series.toml", SERIES + NEWSLETTER))
    assert not found
    assert settings.title == "A Series"
    assert settings.newsletter is not None
    assert settings.newsletter.reply_address == "author@example.org"


def test_it_needs_no_newsletter() -> None:
    settings, found = config.parse(SourceText("series.toml", SERIES))
    assert not found
    assert settings.newsletter is None


def without(key: str, text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith(f"{key} "))


@pytest.mark.parametrize("key", ["title", "url", "id", "author", "language", "description"])
def test_it_misses(key: str) -> None:
    [problem] = problems(without(key, SERIES))
    assert (problem.code, problem.line) == (Code.MISSING_VALUE, 1)
    assert f"`{key}`" in problem.message


@pytest.mark.parametrize("key", ["from", "reply-to", "postal-address"])
def test_it_misses_in_the_newsletter(key: str) -> None:
    [problem] = problems(SERIES + without(key, NEWSLETTER))
    assert (problem.code, problem.line) == (Code.MISSING_VALUE, 8)
    assert f"`{key}`" in problem.message


WRONG = {
    'titel = "x"': (Code.UNKNOWN_KEY, "did you mean `title`?"),
    "timezone = 3": (Code.WRONG_TYPE, "text, not a number"),
    'timezone = "Mars/Base"': (Code.WRONG_TYPE, "not a known time zone"),
    'timezone = "../../etc/passwd"': (Code.WRONG_TYPE, "not a known time zone"),
    "newsletter = 1": (Code.WRONG_TYPE, "must be a table"),
}


@pytest.mark.parametrize("line", WRONG)
def test_it_refuses(line: str) -> None:
    code, words = WRONG[line]
    [problem] = problems(f"{SERIES}  {line}\n")
    assert (problem.code, problem.line, problem.column) == (code, 7, 3)
    assert words in str(problem)


@pytest.mark.parametrize(
    "line",
    [
        'url = "example.org"', 'url = "ftp://example.org"', 'url = "https://"',
        'url = "https://example.org/?a=b"', 'url = "https://exa mple.org"',
        'url = "https://example.org:port"', 'url = "https://bücher.example.org"',
        'url = "https://example.org/ü"', 'id = "my-series"', 'language = "English please"',
        f'language = "en{"-en" * 50}"', 'title = ""', 'title = "two\\nlines"', "title = true",
        "title = []",
    ],
)  # fmt: skip
def test_it_refuses_the_value_of(line: str) -> None:
    key = line.partition(" ")[0]
    [problem] = problems(f"{line}\n{without(key, SERIES)}\n")
    assert (problem.code, problem.line) == (Code.WRONG_TYPE, 1)
    assert problem.excerpt == line


@pytest.mark.parametrize(
    "mailbox",
    [
        "nobody",
        "a@b@c",
        "A <a@example.org",
        "a@example.org, b@example.org",
        "a\\nb@c",
        "ä@example.org",
        "A <a@bücher.example.org>",
    ],
)
def test_it_refuses_a_sender_that_is_no_mailbox(mailbox: str) -> None:
    text = NEWSLETTER.replace("A Series <series@example.org>", mailbox)
    assert [p.code for p in problems(SERIES + text)] == [Code.WRONG_TYPE]


@pytest.mark.parametrize(
    ("given", "leave", "subscribe"),
    [
        (["app-url"], "https://app.example.org/unsubscribe/{token}", "https://app.example.org/subscribe"),
        (["app-url", "unsubscribe-url"], "https://own.example.org/{token}", "https://app.example.org/subscribe"),
        (["app-url", "subscribe-url"], "https://app.example.org/unsubscribe/{token}", "https://own.example.org/come"),
        ([], "", ""),
    ],
)  # fmt: skip
def test_the_app_gives_addresses_that_are_not_given(
    given: list[str], leave: str, subscribe: str
) -> None:
    urls = {
        "app-url": "https://app.example.org/",
        "unsubscribe-url": "https://own.example.org/{token}",
        "subscribe-url": "https://own.example.org/come",
    }
    text = SERIES + NEWSLETTER + "".join(f'{key} = "{urls[key]}"\n' for key in given)
    newsletter = config.parse(SourceText("series.toml", text))[0].newsletter
    assert newsletter
    assert (newsletter.unsubscribe_url, newsletter.subscribe_url) == (leave, subscribe)


@pytest.mark.parametrize("address", ["http://news.example.org", "http://127.0.0.1.example.org"])
def test_the_app_is_asked_by_https(address: str) -> None:
    [problem] = problems(f'{SERIES}{NEWSLETTER}app-url = "{address}"\n')
    assert "must be an https address" in problem.message
    assert not problems(f'{SERIES}{NEWSLETTER}app-url = "http://127.0.0.1:8000"\n')


def test_it_finds_an_unknown_key_of_a_table() -> None:
    [problem] = problems(f'{SERIES}{NEWSLETTER}reply_to = "x@example.org"\n')
    assert (problem.code, problem.line) == (Code.UNKNOWN_KEY, 13)
    assert problem.hint == "did you mean `reply-to`?"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("provider = {a=1}", Code.WRONG_TYPE, "`provider` must be text, not a table"),
        ("app-url = {a=1}", Code.WRONG_TYPE, "`app-url` must be text"),
        ("rate = {a=1}", Code.WRONG_TYPE, "`rate` must be a number"),
        ("content = {}", Code.WRONG_TYPE, "`content` must be text"),
        ("foo = {a=1}", Code.UNKNOWN_KEY, "[newsletter] has no table `foo`"),
        ("serv = {a=1}", Code.UNKNOWN_KEY, "did you mean `serve`?"),
        ("[newsletter.foo]", Code.UNKNOWN_KEY, "[newsletter] has no table `foo`"),
    ],
)
def test_a_table_in_the_newsletter_is_a_known_one(line: str, code: Code, said: str) -> None:
    [problem] = problems(f"{SERIES}{without('provider', NEWSLETTER)}\n{line}\n")
    assert problem.code is code
    assert problem.excerpt == line
    assert said in str(problem)


@pytest.mark.parametrize("line", ["smtp = {host = 'a'}", "[newsletter.serve]", "[newsletter.new]"])
def test_the_newsletter_s_own_tables_are_left_to_it(line: str) -> None:
    text = SERIES + without("provider", NEWSLETTER)
    settings, found = config.parse(SourceText("a", f"{text}\nprovider = 'new'\n{line}\n"))
    assert not found
    assert settings.newsletter
    assert len(settings.newsletter.options) == 1


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("site = {coming = 5}", 1),
        ("  site = { run = true, coming = 5 }", 3),
        ("site.coming = 5", 1),
        ("'site' . coming = 5", 1),
    ],
)
def test_it_finds_the_line_of_a_key_however_its_table_is_written(line: str, column: int) -> None:
    [problem] = problems(f"{SERIES}\n{line}\n")
    assert (problem.excerpt, problem.column) == (line, column)


def test_it_reports_every_fault() -> None:
    text = without("title", SERIES).replace('"en"', "3") + '\ncolour = "red"\n'
    assert {p.code for p in problems(text)} == {
        Code.MISSING_VALUE,
        Code.WRONG_TYPE,
        Code.UNKNOWN_KEY,
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("title = x\n", 1),
        ("a = 1\na = 2\n", 2),
        ("a = 1\n[", 2),
        ('a = "', 1),
        ("a = " + "[" * 5000, 1),
        ("a = " + "9" * 5000, 1),
    ],
)
def test_it_tells_where_the_toml_is_wrong(text: str, line: int) -> None:
    [problem] = problems(text)
    assert (problem.code, problem.line) == (Code.BAD_CONFIG, line)


def test_it_reads_the_crates_of_rust_examples() -> None:
    text = SERIES + '[rust]\ndependencies = { tokio = { version = "1", features = ["full"] } }\n'
    settings, found = config.parse(SourceText("series.toml", text))
    assert not found
    assert settings.crates == {"tokio": {"version": "1", "features": ["full"]}}


@pytest.mark.parametrize(
    "value",
    ["1", "[]", "{ a = 1 }", '{ "a b" = "1" }', "{ a = 2026-01-01 }", "{ a = { b = 2026-01-01 } }"],
)
def test_it_refuses_crates_like(value: str) -> None:
    [problem] = problems(f"{SERIES}[rust]\ndependencies = {value}\n")
    assert (problem.code, problem.line) == (Code.WRONG_TYPE, 8)


def test_it_finds_an_unknown_key_about_rust() -> None:
    [problem] = problems(f"{SERIES}[rust]\ncrates = {{}}\n")
    assert (problem.code, problem.hint) == (Code.UNKNOWN_KEY, "the keys are dependencies")
