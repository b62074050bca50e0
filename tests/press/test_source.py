"""Content files: names, front matter, and every fault with its place."""

import os
from datetime import UTC, datetime, timedelta, timezone

import pytest

from press.model import Verdict
from press.problems import Code
from tests.conftest import SERIES, Publication


def test_it_reads_an_article(publication: Publication) -> None:
    publication.article(
        "007-a-name",
        title='"A: title"',
        date="2026-02-03",
        updated="2026-02-05T10:00:00+02:00",
        tags="[b, a, b]",
        authors="[X, Y]",
        aliases="[/old, /older/page.html]",
        id="stable.id",
    )
    [article] = [p.article for p in publication.make().site.articles]
    assert (article.number, article.slug, article.id) == (7, "a-name", "stable.id")
    assert (article.title, article.tags, article.authors) == ("A: title", ("b", "a"), ("X", "Y"))
    assert article.date == datetime(2026, 2, 3, tzinfo=UTC)
    assert article.updated == datetime(2026, 2, 5, 10, tzinfo=timezone(timedelta(hours=2)))
    assert article.aliases == ("old/index.html", "older/page.html")


def test_it_fills_in_what_is_left_out(publication: Publication) -> None:
    publication.article("000-a")
    [article] = [p.article for p in publication.make().site.articles]
    assert (article.id, article.slug, article.authors) == ("a", "a", ("An Author",))
    assert article.updated == article.date


@pytest.mark.parametrize(
    ("other", "value", "ours", "read"),
    [
        ("summary", "x", "description", "x"),
        ("excerpt", "x", "description", "x"),
        ("lastmod", "2026-05-05", "updated", datetime(2026, 5, 5, tzinfo=UTC)),
        ("modified", "2026-05-05", "updated", datetime(2026, 5, 5, tzinfo=UTC)),
        ("last_modified_at", "2026-05-05", "updated", datetime(2026, 5, 5, tzinfo=UTC)),
        ("redirect_from", "/x", "aliases", ("x/index.html",)),
        ("categories", "[x]", "tags", ("x",)),
        ("tag", "x, y", "tags", ("x", "y")),
        ("author", "X", "authors", ("X",)),
    ],
)
def test_it_takes_the_names_of_other_tools(
    publication: Publication, other: str, value: str, ours: str, read: object
) -> None:
    path = publication.article("000-a", **{other: value})
    if ours == "description":
        path.write_text(path.read_text().replace("description: About it.\n", ""))
    [article] = [p.article for p in publication.make().site.articles]
    assert getattr(article, ours) == read


def test_a_bare_date_is_in_the_zone_of_the_publication(publication: Publication) -> None:
    publication.write("series.toml", SERIES + 'timezone = "Asia/Tokyo"\n')
    publication.article("000-a", date="2026-02-03")
    [article] = [p.article for p in publication.make().site.articles]
    assert article.date.utcoffset() == timedelta(hours=9)


def test_an_offset_has_whole_minutes(publication: Publication) -> None:
    """RFC 3339 section 5.6 has no seconds in it; before 1912 Lisbon had its own noon."""
    publication.write("series.toml", SERIES + 'timezone = "Europe/Lisbon"\n')
    publication.article("000-a", date="1850-02-03")
    [article] = [p.article for p in publication.make().site.articles]
    assert article.date.isoformat() == "1850-02-03T00:00:45-00:36"
    assert article.date.astimezone(UTC) == datetime(1850, 2, 3, 0, 36, 45, tzinfo=UTC)


def test_changes_move_the_update(publication: Publication) -> None:
    publication.article("000-a", changes='[{date: 2026-03-01, note: "Mended."}]')
    [article] = [p.article for p in publication.make().site.articles]
    assert article.updated == datetime(2026, 3, 1, tzinfo=UTC)
    assert "Mended." in publication.page("a.html")


def test_drafts_and_articles_of_the_future_are_held_back(publication: Publication) -> None:
    publication.article("000-a")
    publication.article("001-draft", draft="true")
    publication.article("002-later", date="2026-06-01T12:00:01Z")
    publication.article("003-now", date="2026-06-01T12:00:00Z")
    edition = publication.make()
    assert [p.article.slug for p in edition.site.articles] == ["a", "now"]
    assert [a.slug for a in edition.held_back] == ["draft", "later"]
    assert len(publication.make(drafts=True).site.articles) == 4


def test_articles_are_in_the_order_of_their_numbers(publication: Publication) -> None:
    publication.article("10-ten", date="2026-01-01")
    publication.article("9-nine", date="2026-02-01")
    publication.article("0100-hundred")
    assert [p.article.number for p in publication.make().site.articles] == [9, 10, 100]


def test_files_beside_an_article_are_part_of_it(publication: Publication) -> None:
    publication.write("content/000-a/data/x.csv", "1,2\n")
    publication.write("content/000-a/.hidden", "no")
    publication.article("000-a/index", "[data](data/x.csv)\n")
    edition = publication.make()
    assert {o.path for o in edition.outputs} >= {"a.html", "a/data/x.csv"}
    assert not any(".hidden" in o.path for o in edition.outputs)
    assert 'href="a/data/x.csv"' in publication.page("a.html")


def test_names_with_an_underscore_or_dot_are_left_out(publication: Publication) -> None:
    publication.write("content/_notes.md", "x")
    publication.write("content/.hidden.md", "x")
    publication.article("000-a")
    assert not publication.problems()


@pytest.mark.parametrize(
    "name",
    [
        "000-a.md~",
        "#000-a.md#",
        "000-a.md.swp",
        "000-a.md___jb_old___",
        "000-a.md.tmp.1.23",
        "001-b~",
    ],
)
def test_what_editors_leave_beside_an_article_is_left_out(
    publication: Publication, name: str
) -> None:
    publication.article("000-a")
    publication.write(f"content/{name}/index.md" if name == "001-b~" else f"content/{name}", "x")
    assert not publication.problems()


def test_no_article_is_left_out_for_its_name(publication: Publication) -> None:
    for name in ("000-a.tmp.1", "001-b~c"):
        publication.article(name)
    assert {one.code for one in publication.problems()} == {Code.BAD_FILE_NAME}
    assert len(publication.problems()) == 2


@pytest.mark.parametrize(
    ("front", "code", "line"),
    [
        ("title: A\ndate: 2026-01-01\ndescription: x\ntitel: B\n", Code.UNKNOWN_KEY, 5),
        ("title: Part 1: B\ndate: 2026-01-01\ndescription: x\n", Code.BAD_FRONT_MATTER, 2),
        ("title: [A\ndate: 2026-01-01\ndescription: x\n", Code.BAD_FRONT_MATTER, 3),
        ("title: A\ntitle: B\ndate: 2026-01-01\ndescription: x\n", Code.DUPLICATE, 3),
        ("title: A\ndate: 2026-13-01\ndescription: x\n", Code.WRONG_TYPE, 3),
        ("title: A\ndate: 0001-01-01T00:00:00+14:00\ndescription: x\n", Code.WRONG_TYPE, 3),
        ("title: A\ndate: yesterday\ndescription: x\n", Code.WRONG_TYPE, 3),
        ("title: A\ndate: '2026-01-01T10:00:00+23:59:59'\n", Code.WRONG_TYPE, 3),
        ("title: A\ntags: " + "[" * 900 + "]" * 900 + "\n", Code.WRONG_TYPE, 3),
        ("title: 7\ndate: 2026-01-01\ndescription: x\n", Code.WRONG_TYPE, 2),
        ("title: A\ndate: 2026-01-01\ndescription: x\ndraft: maybe\n", Code.WRONG_TYPE, 5),
        ("title: A\ndate: 2026-01-01\ndescription: x\nslug: A B\n", Code.WRONG_TYPE, 5),
        ("title: A\ndate: 2026-01-01\ndescription: x\nslug: ../x\n", Code.WRONG_TYPE, 5),
        ("title: A\ndate: 2026-01-01\ndescription: x\nid: a/b\n", Code.WRONG_TYPE, 5),
        ("title: A\ndate: 2026-01-01\ndescription: x\naliases: [../x]\n", Code.WRONG_TYPE, 5),
        ("title: A\ndate: 2026-01-01\ndescription: x\nchanges: [x]\n", Code.WRONG_TYPE, 5),
        ("title: A\ndate: 2026-01-01\ndescription: x\nsummary: y\n", Code.DUPLICATE, 5),
        ("date: 2026-01-01\ndescription: x\n", Code.MISSING_VALUE, 1),
        ("title: A\ndescription: x\n", Code.MISSING_VALUE, 1),
        ("title: A\ndate: 2026-01-01\n", Code.MISSING_VALUE, 1),
        ("title: A\ndate: 2026-01-01\ndraft: !!bool maybe\n", Code.WRONG_TYPE, 4),
        ("title: A\ndate: !!timestamp soon\n", Code.WRONG_TYPE, 3),
        ('title: "A\\u2028B"\n', Code.WRONG_TYPE, 2),
        ('title: "A\\ufdd0B"\n', Code.WRONG_TYPE, 2),
        ("title: A\ndate: 2026-01-01\naliases: [/" + "x" * 101 + "]\n", Code.WRONG_TYPE, 4),
        ("title: " + "[" * 3000 + "\n", Code.BAD_FRONT_MATTER, 2),
        ("- a\n- b\n", Code.BAD_FRONT_MATTER, 2),
        ("{a: &x [*x]}\n", Code.BAD_FRONT_MATTER, 2),
    ],
)
def test_it_reports_front_matter(
    publication: Publication, front: str, code: Code, line: int
) -> None:
    publication.write("content/000-a.md", f"---\n{front}---\n\nText.\n")
    assert (code, line) in [(p.code, p.line) for p in publication.problems()]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("title:", "`title` must not be empty"),
        ("title: .nan", "`title` must be text, not a number"),
        ("title: 2026-01-01", "`title` must be text, not a date"),
        ("title: [A]", "`title` must be text, not a list"),
        ("title: !!set {a}", "`title` must be text, not something else"),
        ("title: A\ntags: 2.5", "`tags` must be a list of texts, not a number"),
        ("title: A\ndraft:", "`draft` must not be empty"),
    ],
)
def test_it_says_in_an_author_s_words_what_a_value_is(
    publication: Publication, line: str, message: str
) -> None:
    front = f"---\n{line}\ndate: 2026-01-01\ndescription: x\n---\n\nText.\n"
    publication.write("content/000-a.md", front)
    assert publication.problem().message == message


def test_it_says_how_to_quote_a_title_with_a_colon(publication: Publication) -> None:
    publication.write("content/000-a.md", "---\ntitle: Part 1: B\n---\n")
    assert 'title: "Part 1: B"' in publication.problem().hint


@pytest.mark.parametrize("text", ["", "Text.\n", "+++\ntitle = 1\n+++\n", "---\ntitle: A\n", "---"])
def test_it_reports_missing_front_matter(publication: Publication, text: str) -> None:
    publication.write("content/000-a.md", text)
    problem = publication.problem()
    assert (problem.code, problem.line) == (Code.BAD_FRONT_MATTER, 1)


@pytest.mark.parametrize("name", ["readme", "7_a", "000-A", "000-a_b", "000-ü", "a-000"])
def test_it_reports_a_name_that_is_no_number_and_slug(publication: Publication, name: str) -> None:
    publication.article(name)
    assert publication.problem().code == Code.BAD_FILE_NAME


@pytest.mark.parametrize(
    ("content", "line"), [(b"---\ntitle: \xff\n---\n", 2), ("---\n".encode("utf-16"), 1)]
)
def test_it_reports_what_is_no_utf8(publication: Publication, content: bytes, line: int) -> None:
    publication.write("content/000-a.md", content)
    problem = publication.problem()
    assert (problem.code, problem.line) == (Code.UNREADABLE, line)


@pytest.mark.parametrize("character", ["\x0b", "\x00", "\x80", "\ufdd0", "\ufdef", "\uffff"])
def test_it_reports_control_characters(publication: Publication, character: str) -> None:
    publication.article("000-a", f"one\ntwo {character} three\n")
    problem = publication.problem()
    assert (problem.code, problem.line, problem.column) == (Code.BAD_CHARACTER, 8, 5)


def test_it_reads_dos_line_ends_and_a_byte_order_mark(publication: Publication) -> None:
    path = publication.article("000-a", "```python\nprint(1)\n```\n")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    [mark] = publication.make().marks
    assert mark.verdict is Verdict.PROVEN


def test_it_reports_what_it_may_not_read(publication: Publication) -> None:
    publication.article("000-a")
    path = publication.root / "content/001-b.md"
    path.symlink_to(publication.root / "nowhere.md")
    problem = publication.problem()
    assert (problem.path, problem.code) == ("content/001-b.md", Code.UNREADABLE)


@pytest.mark.parametrize(
    ("name", "front"),
    [("number", {"slug": "other"}), ("slug", {"slug": "a"}), ("id", {"id": "a"})],
)
def test_it_names_both_files_of_a_duplicate(
    publication: Publication, name: str, front: dict[str, str]
) -> None:
    publication.article("000-a")
    publication.article("000-b" if name == "number" else "001-b", **front)
    duplicates = [p for p in publication.problems() if p.code is Code.DUPLICATE]
    assert f"same {name}" in duplicates[0].message
    assert {duplicates[0].path, duplicates[0].message.split()[0]} == {
        "content/000-a.md",
        "content/000-b.md" if name == "number" else "content/001-b.md",
    }


def test_a_folder_without_content_is_a_problem(publication: Publication) -> None:
    (publication.root / "content").rmdir()
    assert publication.problem().path == "content"


@pytest.mark.parametrize("key", ["updated", "lastmod"])
def test_what_changed_before_it_was_there_is_a_problem(publication: Publication, key: str) -> None:
    publication.article("000-a", date="2026-01-02", **{key: "2026-01-01"})
    problem = publication.problem()
    assert (problem.line, problem.code) == (5, Code.WRONG_TYPE)
    assert "before" in problem.message


TAGS = [("x" * 200, True), ("x" * 201, False), ("日" * 80, False)]


@pytest.mark.parametrize(("tag", "fits"), TAGS)
def test_a_tag_has_to_fit_into_the_name_of_a_file(
    publication: Publication, tag: str, fits: bool
) -> None:
    publication.article("000-a", tags=f"[{tag}]")
    problems = publication.problems()
    assert [one.line for one in problems] == ([] if fits else [5])
    if fits:
        publication.build()


@pytest.mark.parametrize("path", [b"content/007-x\xff.md", b"content/007-\xff/index.md"])
@pytest.mark.parametrize("more", ["", "slug: x\n"])
def test_a_name_that_is_no_text_is_a_problem(
    publication: Publication, path: bytes, more: str
) -> None:
    publication.article("000-a")
    text = (publication.root / "content/000-a.md").read_text().replace("---\n", f"---\n{more}", 1)
    publication.write(os.fsdecode(path), text)
    for verb in ("build", "build", "check", "status"):
        done = publication.run(verb)
        shown = path.decode(errors="backslashreplace").replace("\\x", "\\udc")
        assert f"{shown}: bad-file-name: the name of this file is not UTF-8 text\n" in done.stderr
        assert done.returncode == 1
    content = publication.root / "content"  # and what it says to do helps
    (content / os.fsdecode(path.split(b"/")[1])).rename(content / "_x")
    assert publication.run("build").returncode == 0


def test_a_folder_whose_name_is_no_text_is_not_left_out_in_silence(
    publication: Publication,
) -> None:
    (publication.root / os.fsdecode(b"content/007-\xff")).mkdir(parents=True)
    assert publication.problem().message.startswith("this has the name of an article, and is no")
