"""What Proofpress says is said in the publication's language, all of it.

`UPDATE_WORDS=1 pytest tests/press/test_words.py` brings the catalogues in step with templates and
code; what is new in them is to be translated then.
"""

import ast
import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from press import catalogues, pipeline, proofwords, searching, words
from press.assets import PYODIDE
from press.model import OutputFile
from press.problems import Code, SourceText
from press.words import OURS, TEMPLATE
from tests.conftest import NEWSLETTER, NOW, REPOSITORY, SERIES, Publication
from tests.press import gathering
from tests.press.saying import english, pretended, said

if os.environ.get("UPDATE_WORDS"):
    gathering.update()

CATALOGUES = {path.stem: path for path in gathering.CATALOGUES}
HEAD = """\
title: 一
date: 2026-03-09
updated: 2026-04-02
description: 二
tags: [三, 四]
aliases: [/old.html]
changes: [{date: 2026-04-02, note: 五}]
"""
BODY = """\
## 六

七[^1]

[^1]: 八

- [ ] 九
- [x] 十

!!! note

    七

## 八

```python
print(1)
```

```output
1
```

```python raises=ZeroDivisionError
1 / 0
```

```rust beside skip="七"
fn main() {}
```

```rust ignore
fn main() {}
```

```text beside
九
```

```text ins="1"
十
```

## 九
"""
ELSEWHERE = "```python\nprint(1)\n```\n"


def whole(publication: Publication, language: str, more: str = "") -> dict[str, str]:
    """The texts of a site with one of everything that says something; its own are in Chinese."""
    own = re.sub(r'(title|author|description) = ".*"', r'\1 = "七"', SERIES)
    settings = own.replace('"en"', f'"{language}"')
    site = '[site]\nrun = true\nedit-url = "https://example.org/{path}"\n'
    publication.write("series.toml", settings + site + NEWSLETTER + more)
    for name in PYODIDE:
        publication.write(f"templates/assets/pyodide/{name}", b"")
    publication.write("content/000-a.md", f"---\n{HEAD}---\n\n{BODY}")
    front = "title: 九\ndate: 2026-01-01\ndescription: 十\n"
    python = 'python: {requires-python: ">=9"}\n'
    publication.write("content/001-b.md", f"---\n{front}{python}---\n\n{ELSEWHERE}")
    found = searching.Indexed((OutputFile("pagefind/index", b""),))
    edition = pipeline.make(publication.root, NOW, pipeline.Wish(search=lambda *_: found))
    return {
        one.path: one.content.decode()
        for one in edition.outputs
        if one.path.endswith((".html", ".txt", ".xml", ".json", ".css", ".opml"))
    }


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A site in a language that no word of English belongs to."""
    publication = Publication(tmp_path_factory.mktemp("elsewhere"))
    publication.write("templates/words/qps.po", pretended())
    return whole(publication, "qps")


def test_no_word_of_a_page_is_left_out_of_the_catalogues(elsewhere: dict[str, str]) -> None:
    pages = {path: english(said(text)) for path, text in elsewhere.items() if path[-5:] == ".html"}
    assert len(pages) > 8
    assert {path: found for path, found in pages.items() if found} == {}


def test_no_word_of_a_feed_or_an_index_is_left_out(elsewhere: dict[str, str]) -> None:
    for path in ("atom.xml", "feed.xml", "feed.json", "feeds.opml"):
        assert "Output" not in elsewhere[path]
    assert english(elsewhere["llms.txt"].splitlines()) == []


def test_style_sheets_speak_it_too(elsewhere: dict[str, str]) -> None:
    assert 'pre ins::before { content: "+" / "жжжжж"; }' in elsewhere["assets/code.css"]
    assert elsewhere["assets/feed.css"].rstrip().endswith("; unicode-bidi: plaintext; }")


def test_the_reader_of_these_tests_sees_a_word_that_is_left() -> None:
    page = '<p>жж <b title="Read">ж</b><script data-a="Copy" src="x.js"></script>Next: Python</p>'
    assert english(said(page)) == ["Read", "Copy", "Next: Python"]


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_says_everything(language: str) -> None:
    for message in gathering.kept(CATALOGUES[language]):
        if message.id:
            assert all(catalogues.several(message.string)), (
                f"{language} lacks: {gathering.name(message)}"
            )
            assert not message.fuzzy, f"{language} is not sure: {gathering.name(message)}"


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_has_the_values_and_the_html_of_each_message(language: str) -> None:
    path = CATALOGUES[language]
    source = SourceText(path.name, path.read_text())
    assert list(catalogues.faults(source, gathering.kept(path), language)) == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_is_in_step_with_templates_and_code(language: str) -> None:
    path = CATALOGUES[language]
    assert path.read_text() == gathering.in_step(path), "UPDATE_WORDS=1, and translate what is new"


def test_a_plural_is_chosen_by_a_number() -> None:
    """Without a name, `pluralize` takes the first value, whatever that is."""
    for path, method in gathering.sources():
        unnamed = re.findall(r"{% trans (\w+)(?:(?! %}).)* %}(?:(?!endtrans).)*{% pluralize %}",
                             path.read_text()) if method == "jinja2" else []  # fmt: skip
        assert set(unnamed) <= {"num", "count"}, path


def test_no_message_stands_in_an_f_string() -> None:
    """Where Babel finds it from Python 3.12 on (PEP 701), and does not before."""
    for path in [path for path, method in gathering.sources() if method == "python"]:
        for formatted in ast.walk(ast.parse(path.read_text())):
            if isinstance(formatted, ast.JoinedStr):
                calls = [ast.unparse(one.func) for one in ast.walk(formatted)
                         if isinstance(one, ast.Call) and _is_message(one)]  # fmt: skip
                assert not calls, f"{path}:{formatted.lineno}"


def _is_message(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    return name in gathering.KEYWORDS and any(isinstance(one, ast.Constant) for one in call.args)


def test_the_template_is_in_step_with_templates_and_code() -> None:
    assert (OURS / TEMPLATE).read_text() == gathering.template(), "run this with UPDATE_WORDS=1"


def test_what_is_left_or_lost_would_be_seen(tmp_path: Path) -> None:
    path = tmp_path / "de.po"
    path.write_text(CATALOGUES["de"].read_text().replace('msgid "Tags"', 'msgid "Tag"'))
    assert gathering.in_step(path) != path.read_text()
    assert 'msgid "Tag"' not in gathering.in_step(path)


def test_a_page_in_german_has_no_english_word_of_ours(publication: Publication) -> None:
    site = whole(publication, "de")
    ours = {
        unescape(id_)
        for message in gathering.kept(CATALOGUES["de"])
        for id_ in ([message.id] if isinstance(message.id, str) else message.id)
        if message.id and id_ != message.string and "%" not in id_ and "{" not in id_
    }
    for path, text in site.items():
        if path.endswith(".html"):
            assert [one for one in said(text) if one in ours] == [], path
    page = site["a.html"]
    for words_ in (
        '<html lang="de" dir="ltr">', '<time datetime="2026-03-09T00:00:00+00:00">9. März 2026<',
        "<span>Teil 1</span>", "1 Min.", "<figcaption>Ausgabe<", "Lief mit Python",
        "Löste ZeroDivisionError aus mit Python", "Ausgelassen: 七", 'aria-label="erledigt"',
        '<p class="admonition-title">Anmerkung</p>', 'aria-label="Fußnote 1"',
        'data-copy="Kopieren"', "Ausgelassen: mit `ignore` gekennzeichnet",
    ):  # fmt: skip
        assert words_ in page
    assert "Hier nicht erprobt: es braucht Python &gt;=9; hier ist" in site["b.html"]
    assert "<p>Ausgabe:</p>" in unescape(site["atom.xml"])


def test_a_series_in_english_is_as_it_stands_in_the_templates(publication: Publication) -> None:
    page = whole(publication, "en-GB")["a.html"]
    assert '<script defer src="assets/page.js"></script>' in page
    assert ">2026-03-09</time>" in page


def test_a_page_from_right_to_left(publication: Publication) -> None:
    site = whole(publication, "ar")
    assert '<html lang="ar" dir="rtl">' in site["old.html"]
    assert "<span>جزآن</span>" in site["index.html"]
    assert "9 مارس 2026" in site["a.html"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "لا أجزاء"),
        (1, "جزء واحد"),
        (2, "جزآن"),
        (3, "3 أجزاء"),
        (11, "11 جزءًا"),
        (100, "100 جزء"),
    ],
)
def test_numbers_have_the_forms_of_the_language(tmp_path: Path, number: int, text: str) -> None:
    said, _ = words.load(tmp_path, "ar")
    message = said.translations.ngettext("%(num)s part", "%(num)s parts", number)
    assert message % {"num": number} == text


def test_a_date_is_written_as_in_the_language(tmp_path: Path) -> None:
    french, _ = words.load(tmp_path, "fr-CA")
    assert french.day(NOW) == french.day("2026-06-01T00:00:00+02:00") == "1 juin 2026"
    assert words.load(tmp_path, "de-x-mine")[0].day(NOW) == "1. Juni 2026"
    assert words.ENGLISH.day(NOW) == words.ENGLISH.day("2026-06-01") == "2026-06-01"


def test_scripts_are_given_each_form_by_its_name(tmp_path: Path) -> None:
    forms = ("{count} part has “{words}”:", "{count} parts have “{words}”:")
    said, _ = words.load(tmp_path, "ar")
    assert set(said.forms(*forms)) == {"zero", "one", "two", "few", "many", "other"}
    assert said.forms(*forms)["two"] == "جزآن فيهما «{words}»:"
    assert words.ENGLISH.forms(*forms) == dict(zip(("one", "other"), forms, strict=True))


def catalogue(*pairs: tuple[str, str], more: str = "") -> str:
    return "\n".join([f'msgid "{id_}"\nmsgstr "{text}"\n' for id_, text in pairs]) + more


def test_an_own_catalogue_comes_before_ours_word_by_word(publication: Publication) -> None:
    publication.write("templates/words/de.po", catalogue(("Parts", "Kapitel")))
    page = whole(publication, "de")["a.html"]
    assert ">Kapitel</a>" in page
    assert ">Suche</a>" in page


def test_own_words_of_english(publication: Publication) -> None:
    context = 'msgctxt "date"\nmsgid "yyyy-MM-dd"\nmsgstr "d MMMM y"\n'
    own = catalogue(("Parts", "Chapters"), more=context)
    publication.write("templates/words/en.po", own)
    page = whole(publication, "en")["a.html"]
    assert ">Chapters</a>" in page
    assert ">9 March 2026</time>" in page
    assert ">Search</a>" in page


def test_own_words_of_own_templates(publication: Publication) -> None:
    publication.write(
        "templates/site/tags.html",
        "{{ _('Hello %(name)s', name='<b>') }}{% trans %}a<i>b</i>{% endtrans %}{{ _('Tags') }}",
    )
    publication.write("templates/words/de.po", catalogue(("Hello %(name)s", "Hallo %(name)s")))
    assert whole(publication, "de")["tags.html"] == "Hallo &lt;b&gt;a<i>b</i>Themen"


def test_a_region_falls_to_its_language_and_then_to_english(publication: Publication) -> None:
    publication.write("templates/words/pt.po", catalogue(("Parts", "Partes"), ("Tags", "Temas")))
    publication.write("templates/words/pt-BR.po", catalogue(("Tags", "Assuntos")))
    page = whole(publication, "pt-br")["a.html"]
    assert ">Partes</a>" in page
    assert ">Assuntos</a>" in page
    assert ">Search</a>" in page
    assert "9 de março de 2026" not in page  # which no catalogue has


@pytest.mark.parametrize(
    ("language", "order"),
    [
        ("PT-br", ["pt-BR", "pt"]),
        ("zh-hant-tw", ["zh-Hant-TW", "zh-Hant", "zh"]),
        ("de", ["de"]),
        ("sl-rozaj-biske", ["sl-rozaj-biske", "sl-rozaj", "sl"]),
    ],
)
def test_where_a_language_is_looked_for(language: str, order: list[str]) -> None:
    assert list(words.tags(language)) == order


def test_a_language_without_words_is_named_once(publication: Publication) -> None:
    publication.write("series.toml", SERIES.replace('"en"', '"nl"'))
    publication.article("000-a")
    [warning] = publication.make().warnings
    assert "there is no templates/words/nl.po" in warning
    assert ">Search</a>" in publication.page("a.html")
    publication.write("templates/words/nl.po", catalogue(("Search", "Zoeken")))
    [warning] = publication.make().warnings
    assert re.search(r"templates/words/nl\.po lacks \d{2,} texts", warning)
    assert ">Zoeken</a>" in publication.page("a.html")


@pytest.mark.parametrize("language", ["en", "en-GB", "de", "de-AT", "ar", "fr-CA", "es-419"])
def test_a_language_with_words_has_no_warning(tmp_path: Path, language: str) -> None:
    said, problems = words.load(tmp_path, language)
    assert (said.warning, problems) == ("", [])


MANY = """\
msgid "{count} part of {all}"
msgid_plural "{count} parts of {all}"
msgstr[0] "{%s}"
msgstr[1] "%s"
"""


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('msgid "a"\n', 1, "missing msgstr"),
        ('nonsense\n', 1, "Unknown or misformatted keyword"),
        (b"\xff\xfe", 0, "not UTF-8"),
        (catalogue(("a %(x)s", "b")), 1, "has lost `%(x)s`"),
        (catalogue(("a", "b"), ("a %(x)s", "%(x)s %(y)s")), 4, "`%(y)s` is no value"),
        (catalogue(("a", "50 %")), 1, "bare `%`"),
        (catalogue(("a", "<b>x</b>")), 1, "not the same HTML"),
        (catalogue(("a <b>x</b>", "y")), 1, "not the same HTML"),
        (catalogue(("a", "x < y")), 1, "bare `<`"),
        (catalogue(("a", r"\"x\"")), 1, 'bare `"`'),
        (catalogue(("a", "{x}")), 1, "`{x}` is no value"),
        (catalogue(("a", "\x07")), 1, "no page may carry"),
        (MANY % ("count", "x"), 1, "has lost `{all}`"),
        ('msgctxt "date"\nmsgid "yyyy-MM-dd"\nmsgstr "GGGGGGG"\n', 2, "no form of a date"),
        ('msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=import;"\n\nmsgid "a"\nmsgstr "b"\n',
         0, "header can't be read"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_own_catalogue_is_told(
    publication: Publication, text: str | bytes, line: int, message: str
) -> None:
    publication.write("series.toml", SERIES.replace('"en"', '"de"'))
    publication.article("000-a")
    publication.write("templates/words/de.po", text)
    problem = publication.problem()
    assert (problem.code, problem.path) == (Code.BAD_WORDS, "templates/words/de.po")
    assert problem.line == line
    assert message in problem.message


def test_what_is_not_sure_is_not_said(publication: Publication) -> None:
    publication.write("templates/words/de.po", "#, fuzzy\n" + catalogue(("Parts", "<b>")))
    assert ">Teile</a>" in whole(publication, "de")["a.html"]


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("ran with Python 3.14.0", "Lief mit Python 3.14.0"),
        ("compiled, not run, with rustc 1.95.0", "Übersetzt, nicht ausgeführt, mit rustc 1.95.0"),
        ("panicked with rustc 1.95.0", "Geriet in Panik mit rustc 1.95.0"),
        ("raised a.B with Python 3.14.0", "Löste a.B aus mit Python 3.14.0"),
        ("refused by rustc 1.95.0 (E0382)", "Abgelehnt von rustc 1.95.0 (E0382)"),
        ("refused by rustc 1.95.0", "Abgelehnt von rustc 1.95.0"),
        ("danced with rustc 100 %", "Danced with rustc 100 %"),
    ],
)
def test_what_was_done_with_an_example(tmp_path: Path, how: str, text: str) -> None:
    german, _ = words.load(tmp_path, "de")
    assert proofwords.done(how, german) == text
    assert proofwords.done(how, words.ENGLISH) == how[:1].upper() + how[1:]


# A word of a script, and its English.
WORD = re.compile(r'^\s+(\w+): "((?:[^"\\]|\\.)*)",$', re.MULTILINE)
FORMS = re.compile(r"\?\s*JSON\.parse\(given\.(\w+)\)\s*: \{ (.*) \}")
FORM = re.compile(r'(\w+): "([^"]*)"')


@pytest.mark.parametrize("script", ["page.js", "run.js", "search.js"])
def test_scripts_say_in_english_what_templates_give_them(
    publication: Publication, script: str
) -> None:
    publication.write("templates/words/en.po", catalogue(("No such message", "x")))
    page = whole(publication, "en")["search.html"]
    [element] = re.findall(rf'<script defer src="assets/{re.escape(script)}"([^>]*?)>', page)
    pairs = re.findall(r""" data-([\w-]+)=(?:"([^"]*)"|'([^']*)')""", element)
    given = {_camel(name): unescape(one or other) for name, one, other in pairs}
    text = (REPOSITORY / "templates/assets" / script).read_text()
    code = text.partition("const words = {")[2].partition("\n  };")[0]
    forms = {name: dict(FORM.findall(said)) for name, said in FORMS.findall(code)}
    assert given.pop("rules", "en") == "en"
    for name, own in forms.items():
        assert own.items() <= json.loads(given.pop(name)).items()
        assert "other" in own
    assert given == dict(WORD.findall(code))


def _camel(name: str) -> str:
    return re.sub(r"-(\w)", lambda one: one[1].upper(), name)


def started(publication: Publication, language: str) -> None:
    """A catalogue as docs/adding-a-language.md starts one, which says nothing yet."""
    target = publication.root / f"templates/words/{language}.po"
    target.parent.mkdir(parents=True)
    command = ["-l", language, "-i", str(OURS / TEMPLATE), "-o", str(target)]
    run = [sys.executable, "-m", "babel.messages.frontend", "init", *command]
    subprocess.run(run, check=True, capture_output=True)


def test_an_author_starts_a_catalogue_with_babel(publication: Publication) -> None:
    started(publication, "nl")
    publication.write("series.toml", SERIES.replace('"en"', '"nl"'))
    publication.article("000-a")
    assert publication.problems() == []


def test_what_is_not_said_yet_is_said_by_the_next_catalogue(publication: Publication) -> None:
    started(publication, "de")
    said, problems = words.load(publication.root, "de")
    assert (problems, said.warning) == ([], "")
    assert said.gettext("Parts") == "Teile"
    parts = ("%(num)s part", "%(num)s parts")
    assert said.translations.ngettext(*parts, 3) == "%(num)s Teile"


def test_a_plural_without_one_of_its_forms_is_not_said(publication: Publication) -> None:
    parts = ("%(num)s part", "%(num)s parts")
    half = 'msgid "{}"\nmsgid_plural "{}"\nmsgstr[0] "%(num)s Kapitel"\n'.format(*parts)
    publication.write("templates/words/de.po", half)
    said, _ = words.load(publication.root, "de")
    assert said.translations.ngettext(*parts, 1) == "%(num)s Teil"
