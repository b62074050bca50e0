"""A blog of each tool comes in: what it has is an article, or is listed as needing a hand.

`blogs/TOOL` is a blog of our own making with the shapes that real ones have, and `blogs/TOOL.txt`
is all that its import says, and the front matter that came. After a change that is meant:
`UPDATE_BLOGS=1 pytest` on this file.
"""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from press import config, importer, importing, series
from press.cli_writing import import_blog
from press.importing import codeblocks, headings, meta
from press.importing.post import Post
from press.problems import ProblemsFound
from tests.conftest import PIXEL, REPOSITORY, SERIES, Publication

BLOGS = Path(__file__).parent / "blogs"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def snapshot(root: Path) -> dict[str, bytes]:
    found = ((path.relative_to(root).as_posix(), path) for path in sorted(root.rglob("*")))
    return {
        name: path.read_bytes()
        for name, path in found
        if path.is_file() and not name.startswith((".cache/", "site/"))
    }


def bring(publication: Publication, blog: Path, tool: str) -> importer.Report:
    report = importer.plan(publication.root, blog, tool, NOW)
    importer.write(publication.root, report)
    return report


def text(publication: Publication, path: str) -> str:
    return (publication.root / "content" / path).read_text()


def fronts(publication: Publication) -> str:
    """The front matter that articles have come with; what had no date has that of the import."""
    content = publication.root / "content"
    found = "\n".join(
        f"{path.relative_to(content).as_posix()}\n{path.read_text().split('---')[1]}"
        for path in sorted(content.rglob("*.md"))
    )
    return re.sub(r"date: 20(?:2[5-9]|[3-9]\d)-\S+", "date: (that of the import)", found)


@pytest.mark.parametrize("tool", importing.NAMES)
def test_it_comes_in_with_a_list_and_builds(publication: Publication, tool: str) -> None:
    shutil.copytree(BLOGS / tool, publication.root / "old")
    before = snapshot(publication.root / "old")
    run = publication.run("import", "old")
    assert (run.returncode, run.stderr) == (0, "")
    expected = BLOGS / f"{tool}.txt"
    came = f"{run.stdout}\n{fronts(publication)}"
    if os.environ.get("UPDATE_BLOGS"):
        expected.write_text(came)
    assert came == expected.read_text()
    assert snapshot(publication.root / "old") == before
    built = publication.run("build")
    assert (built.returncode, built.stderr) == (0, "")
    brought = snapshot(publication.root)
    again = publication.run("import", "old")
    assert again.returncode == 0
    assert "is there already" in again.stdout
    assert f"\n0 articles of {tool};" in again.stdout
    assert snapshot(publication.root) == brought


@pytest.mark.parametrize("tool", importing.NAMES)
def test_nothing_comes_in_as_proven(publication: Publication, tool: str) -> None:
    bring(publication, BLOGS / tool, tool)
    articles = series.read(publication.root, config.load(publication.root))[0]
    found = [example for one in articles for example in one.examples]
    assert len(found) >= 3
    assert all(example.options["skip"] == "imported, and not proven yet" for example in found)


@pytest.mark.parametrize("tool", importing.NAMES)
def test_old_addresses_lead_on(publication: Publication, tool: str) -> None:
    bring(publication, BLOGS / tool, tool)
    publication.build()
    old = {
        "hugo": {"posts/01-toml/": "01-toml", "old/yaml.html": "yaml-front-matter",
                 "special/place/": "bundle", "2020/06/shortcodes/": "shortcodes"},
        "jekyll": {"code/python/2019/01/02/first-post/": "first-post", "2.html": "second-post",
                   "fixed/address.html": "permalink"},
        "pelican": {"posts/2018/first.html": "first", "some/where.html": "saved-elsewhere"},
        "mkdocs": {"blog/2021/02/03/number-two/": "number-two"},
    }[tool]  # fmt: skip
    for address, slug in old.items():
        page = publication.root / "site" / address
        shown = (page / "index.html" if address.endswith("/") else page).read_text()
        assert f"{slug}.html" in shown


def test_files_come_along(publication: Publication) -> None:
    bring(publication, BLOGS / "hugo", "hugo")
    content = publication.root / "content"
    assert (content / "004-bundle/plot.png").read_bytes() == PIXEL
    assert (content / "004-bundle/shared.png").read_bytes() == PIXEL
    assert (content / "004-bundle/data/points.csv").read_text() == "1,2\n"
    assert "[absolute](../000-01-toml.md)" in text(publication, "001-yaml-front-matter/index.md")
    assert "(../001-yaml-front-matter" not in text(publication, "000-01-toml.md")
    assert "(001-yaml-front-matter/index.md#usage)" in text(publication, "000-01-toml.md")


def test_what_tools_call_otherwise(publication: Publication) -> None:
    bring(publication, BLOGS / "hugo", "hugo")
    first = text(publication, "000-01-toml.md")
    assert '```python mark="1,3-4" skip=' in first
    assert "## A top title" in first
    assert "### Below it" in first
    assert "more" not in first
    shortcodes = text(publication, "005-shortcodes.md")
    assert '!!! warning "Beware"\n    Of the dog.\n    And the cat.' in shortcodes
    assert '```text\n{{< figure src="x" >}}\n```' in shortcodes
    code = text(publication, "008-code.md")
    assert "```rust should_panic skip=" in code
    assert "```text\nof nothing" in code
    assert '  ```python skip="imported' in code
    assert "<del>struck</del> and `~~not~~`" in code


def test_what_is_there_stays_and_what_comes_is_numbered_behind_it(publication: Publication) -> None:
    publication.article("0041-first", id="second")
    before = text(publication, "0041-first.md")
    report = bring(publication, BLOGS / "pelican", "pelican")
    names = [one.article.name for one in report.done.articles]
    assert names[:2] == ["042-first-2", "043-second-2"]
    assert text(publication, "0041-first.md") == before
    assert publication.problems() == []


def test_a_dry_run_writes_nothing(publication: Publication) -> None:
    before = snapshot(publication.root)
    run = publication.run("import", str(BLOGS / "jekyll"), "--dry-run")
    assert run.returncode == 0
    said = run.stdout.removesuffix("nothing is done yet: say it again without --dry-run\n")
    assert said != run.stdout
    assert (BLOGS / "jekyll.txt").read_text().startswith(f"{said}\n000-")
    assert snapshot(publication.root) == before


def test_an_import_that_was_cut_off_goes_on(publication: Publication) -> None:
    report = importer.plan(publication.root, BLOGS / "mkdocs", "mkdocs", NOW)
    importer.write(publication.root, report)
    whole = snapshot(publication.root)
    for name in ("003-extras", "007-images"):
        shutil.rmtree(publication.root / "content" / name)
    (publication.root / "content/.importing/004-x").mkdir(parents=True)
    again = bring(publication, BLOGS / "mkdocs", "mkdocs")
    assert [one.article.post.slug for one in again.done.articles] == ["extras", "images"]
    names = {name.partition("-")[2] for name in snapshot(publication.root)}
    assert names == {name.partition("-")[2] for name in whole}


@pytest.mark.parametrize("tool", importing.NAMES)
def test_what_can_not_be_read_is_left_out_and_listed(publication: Publication, tool: str) -> None:
    """Nothing that lies outside of the blog comes along, whatever it has links to."""
    deep = "[" * 100_000
    secret = publication.write("secret.md", "---\ntitle: A secret\ndate: 2020-01-01\n---\nX.\n")
    folder, marker = {
        "hugo": ("content/posts", "hugo.toml"), "jekyll": ("_posts", "_config.yml"),
        "mkdocs": ("docs/blog/posts", "mkdocs.yml"), "pelican": ("content", "pelicanconf.py"),
    }[tool]  # fmt: skip
    publication.write(f"old/{marker}", "")
    broken: dict[str, str | bytes] = {
        "json": f'{{\n"a": {deep}', "toml": f"+++\na = {deep}\n+++\n", "wide": "a".encode("utf-16"),
        "yaml": f"---\na: {deep}\n---\n", "list": "---\n- a\n---\n",
        "unread": "---\ntitle: a\n",
    }  # fmt: skip
    for name, content in broken.items():
        publication.write(f"old/{folder}/2020-01-01-{name}.md", content)
    (publication.root / f"old/{folder}/2020-01-01-link.md").symlink_to(secret)
    report = importer.plan(publication.root, publication.root / "old", tool, NOW)
    assert report.done.articles == ()
    assert {Path(hand.path).stem[11:]: hand.what for hand in report.hands} == {
        name: f"it can't be read, and is left out: {why}" for name, why in {
            "json": "its front matter is nested too deeply",
            "link": "it is no file of this blog, or a link that leads out of it",
            "list": "front matter must be lines of `key: value`",
            "toml": "its front matter is nested too deeply",
            "unread": "the front matter that begins here is never closed",
            "wide": "it is not UTF-8 text",
            "yaml": "this is not YAML: exceeded maximum nesting depth",
        }.items()
    }  # fmt: skip


def test_imports_at_once_bring_each_post_once(publication: Publication) -> None:
    command = [sys.executable, str(REPOSITORY / "build.py"), "import", str(BLOGS / "pelican")]
    begun = [subprocess.Popen(command, cwd=publication.root, stdout=-1) for _ in range(2)]
    said = sorted(process.communicate()[0].decode().splitlines()[-1] for process in begun)
    assert [process.returncode for process in begun] == [0, 0]
    assert [line.startswith("0 articles of pelican") for line in said] == [True, False]


def test_a_folder_that_could_be_two_blogs_or_none(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match="no blog is found here"):
        importing.find(tmp_path)
    (tmp_path / "_posts").mkdir()
    (tmp_path / "mkdocs.yml").touch()
    with pytest.raises(ProblemsFound, match="a blog of jekyll or mkdocs"):
        importing.find(tmp_path)


def test_the_command_knows_each_tool(publication: Publication) -> None:
    [option] = [one for one in import_blog.params if one.name == "tool"]
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == importing.NAMES
    run = publication.run("import", "none")
    assert run.returncode == 1
    assert "none: bad-input: there is no such folder" in run.stderr


def post() -> Post:
    return Post(Path("a.md"), "a.md")


@pytest.mark.parametrize(
    ("info", "made"),
    [
        ("", "text"),
        ("PY", 'python skip="imported, and not proven yet"'),
        ("js", "js"),
        ("{.rust .numberLines}", 'rust skip="imported, and not proven yet"'),
        ('go {hl_lines=["1-2",4]}', 'go mark="1-2,4"'),
        ("c++ title='a \"b\".cc'", "c++ title=\"a 'b'.cc\""),
        ("shell-session linenums=3", "shell-session"),
    ],
)
def test_fences(info: str, made: str) -> None:
    lines = codeblocks.convert([(1, f"```{info}"), (2, "x"), (3, "```")], post())
    assert lines[0] == (1, f"```{made}")


def test_a_fence_that_stays_open_is_closed_and_told() -> None:
    one = post()
    assert codeblocks.convert([(1, "~~~~ go"), (2, "```")], one)[-1] == (2, "~~~~")
    assert [hand.line for hand in one.hands] == [2]


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2020-01-02", "2020-01-02"),
        ("2020-1-2", "2020-01-02"),
        ("2020/01/02 3:04", "2020-01-02"),
        ("2020-01-02 03:04:05 +0100", "2020-01-02"),
        ("2 January 2020", "2020-01-02"),
        ("soon", None),
        (None, None),
    ],
)
def test_dates(value: object, day: str | None) -> None:
    found = meta.moment(value)
    assert (f"{found:%Y-%m-%d}" if found else None) == day


def test_a_title_in_the_body_is_the_title() -> None:
    lines = [(1, ""), (2, "A title {#x}"), (3, "======="), (4, "Text")]
    assert headings.title(lines) == ("A title", [(1, ""), (4, "Text")])


PIECES = [
    "# Top", "## Section", "#### Deep", "Title\n=====", "Text with *words* in it.", "- item",
    "> quote", "```python\nprint(1)\n```", "```", "~~~ rust", "```output\nx\n```",
    "    indented", "[TOC]", "    :::python\n    x = 1", "[a]({filename}other.md#none)",
    "![a](none.png)", "![b](https://h.org/x)", "[own](#none)", "[r]: nowhere.md", "[r][r]",
    "[^1]: a note", "A note[^1].", "<script>x", "<div>", '<b onclick="x" style=\'y\'>bold</b>',
    "<iframe src='//x.org'></iframe>", "<!-- comment", "-->", "$$x^2$$", "$$", "$$\\bad",
    "{{ x }}", "| a |\n|---|\n| 1 |", "!!! note\n    Text", "<form>", "&nope;", "\x07",
    "Term\n:   Definition", "*[A]: B", "</div>", "`code` ``", "[x](<a b>)", "https://x.org",
    "\\",
]  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("\n\n".join), min_size=1, max_size=3)
)
def test_whatever_comes_the_site_builds(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[str]
) -> None:
    publication = Publication(tmp_path_factory.mktemp("imported"))
    publication.write("series.toml", SERIES)
    publication.write("old/pelicanconf.py", "")
    for number, body in enumerate(bodies):
        front = f"Title: Post {number}\nDate: 2020-01-0{number + 1}\n\n"
        publication.write(f"old/content/post{number}.md", front + body + "\n")
    report = bring(publication, publication.root / "old", "pelican")
    assert len(report.done.articles) == len(bodies)
    assert publication.problems() == []
