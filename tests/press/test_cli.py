"""The author's command, as its user runs it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from press import entering
from tests.conftest import REPOSITORY, Publication
from tests.killing import killed

PAST, FUTURE = "2020-01-01", "2999-01-01"
EXAMPLE = "```python\nprint(1)\n```\n\n```rust,ignore\nfn main() {}\n```\n"


def started(publication: Publication) -> Publication:
    publication.article("000-a", EXAMPLE, date=PAST)
    publication.article("001-b", date=PAST, draft="true")
    publication.article("002-c", date=FUTURE)
    return publication


def files(publication: Publication) -> list[str]:
    """All that is there, but for what may be made again at any time."""
    found = (p.relative_to(publication.root).as_posix() for p in publication.root.rglob("*"))
    return sorted(name for name in found if not name.startswith(".cache"))


@pytest.mark.parametrize("verb", [[], ["build"]])
def test_it_builds(publication: Publication, verb: list[str]) -> None:
    run = started(publication).run(*verb)
    assert (run.returncode, run.stderr) == (0, "")
    count = sum(path.is_file() for path in (publication.root / "site").rglob("*"))
    assert run.stdout == (
        "built site/ from 1 article; 2 examples: 1 proven, 1 skipped "
        f"({count} files written, 0 unchanged, 0 removed)\n"
    )
    assert (publication.root / "site/a.html").is_file()
    again = publication.run(*verb)
    assert f"(0 files written, {count} unchanged, 0 removed)" in again.stdout


def test_it_builds_from_a_folder_below(publication: Publication) -> None:
    started(publication)
    below = publication.root / "content"
    run = subprocess.run(
        [sys.executable, REPOSITORY / "build.py"], cwd=below, capture_output=True, check=True
    )
    assert run.stderr == b""
    assert (publication.root / "site/index.html").is_file()


def test_it_checks_and_writes_nothing(publication: Publication) -> None:
    before = files(started(publication))
    run = publication.run("check")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines() == [
        "content/000-a.md:11:1: skipped: marked `ignore`",
        "1 article; 2 examples: 1 proven, 1 skipped",
    ]
    assert files(publication) == before


def test_it_checks_drafts_when_asked(publication: Publication) -> None:
    publication.article("000-a", "```python\n1 / 0\n```\n", date=PAST, draft="true")
    publication.article("001-b", "[x](none.md)\n", date=FUTURE)
    assert publication.run("check").returncode == 0
    run = publication.run("check", "--drafts")
    assert run.returncode == 1
    assert "content/000-a.md:9:1: example-failed" in run.stderr
    assert "content/001-b.md:7:5: broken-link" in run.stderr


def test_it_tells_how_far_each_article_has_come(publication: Publication) -> None:
    started(publication).run()
    publication.article("003-d", date=PAST, title='"Ünï 😀"')
    run = publication.run("status", PYTHONIOENCODING="iso8859-5")
    assert (run.returncode, run.stderr) == (0, "")
    rows = [line.split(maxsplit=2) for line in run.stdout.splitlines()[:-2]]
    assert rows == [
        ["000", "built", "000-a"],
        ["001", "draft", "001-b"],
        ["002", "scheduled", "2999-01-01  002-c"],
        ["003", "to", r"be built           \xdcn\xef \U0001f600"],
    ]


def test_status_tells_what_can_not_be_read_besides(publication: Publication) -> None:
    started(publication)
    publication.write("content/004-e.md", "no front matter\n")
    run = publication.run("status")
    assert run.returncode == 1
    assert len(run.stdout.splitlines()) == 3 + 2
    assert "content/004-e.md:1:1: bad-front-matter" in run.stderr


TITLES = [
    ("Iterators & Generators", "iterators-and-generators"),
    ("C++ and C#: what's it?", "cpp-and-csharp-whats-it"),
    ("  Überall  Straßen ", "uberall-strassen"),
    ("日本語", "ri-ben-yu"),
    ("../../etc/passwd", "etc-passwd"),
    ("A \"quoted\" 'title': yes # no", "a-quoted-title-yes-no"),
    ("x" * 200, "x" * 60),
    ("{title} %s \\n", "title-s-n"),
    ("null", "null"),
    ("2026", "2026"),
]


@pytest.mark.parametrize(("title", "slug"), TITLES)
def test_it_starts_an_article(publication: Publication, title: str, slug: str) -> None:
    run = publication.run("new", title)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"content/000-{slug}.md\n"
    [article] = publication.make(drafts=True).site.articles
    assert article.article.title == title.strip()
    assert (article.article.id, article.article.draft) == (slug, True)


def test_what_it_starts_is_proven(publication: Publication) -> None:
    publication.run("new", "Title")
    run = publication.run("check", "--drafts")
    assert run.returncode == 0
    assert "1 article; 2 examples: " in run.stdout
    assert '<div class="pair">' in next(
        one.content.decode()
        for one in publication.make(drafts=True).outputs
        if one.path == "title.html"
    )


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--number", "7"], "content/007-title.md"),
        (["--slug", "other"], "content/000-other.md"),
        (["--date", "2030-01-02T03:04"], "content/000-title.md"),
    ],
)
def test_it_starts_what_is_asked_for(
    publication: Publication, args: list[str], expected: str
) -> None:
    run = publication.run("new", "Title", *args)
    assert (run.returncode, run.stdout) == (0, f"{expected}\n")
    text = (publication.root / expected).read_text()
    assert ("date: 2030-01-02T03:04" in text) is ("--date" in args)
    assert ('id: "other"' in text) is ("--slug" in args)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--number", "0"], "content/000-a.md: duplicate: it has the number 0 already"),
        (["--slug", "Not One"], "the slug `Not One` must be lower-case"),
        (["--slug", "a"], "content/000-a.md: duplicate: there is an article `a` already"),
        (["--date", "soon"], "the date `soon` must be a date such as"),
    ],
)
def test_it_refuses_what_can_not_be(publication: Publication, args: list[str], said: str) -> None:
    publication.article("000-a")
    before = files(publication)
    run = publication.run("new", "Title", *args)
    assert run.returncode == 1
    assert said in run.stderr
    assert files(publication) == before


def test_a_publication_has_a_template_of_its_own(publication: Publication) -> None:
    front = "---\ntitle: {{ title }}\ndate: {{date}}\nauthor: {{ author }}\nid: {{ id }}\n---\n"
    publication.write("templates/new.md", front + "{{ title }}, no. {{ number }}\n")
    publication.run("new", 'A "title"')
    text = (publication.root / "content/000-a-title.md").read_text()
    assert 'title: "A \\"title\\""\n' in text
    assert text.endswith('---\nA "title", no. 000\n')


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("---\ntitle: x\n---\n{{ titel }}\n", "templates/new.md:4:1: template-failed: "),
        ("no front matter\n", "templates/new.md:1:1: bad-front-matter"),
        (b"\xff", "templates/new.md: unreadable: can't read this: it is not UTF-8 text"),
    ],
)
def test_a_template_that_makes_no_article_is_a_problem(
    publication: Publication, template: str | bytes, said: str
) -> None:
    publication.write("templates/new.md", template)
    run = publication.run("new", "Title")
    assert run.returncode == 1
    assert said in run.stderr
    assert "content/000-title.md" not in files(publication)


def test_the_editor_opens_when_asked(publication: Publication) -> None:
    publication.write("edit.sh", '#!/bin/sh\necho written >> "$2"\n').chmod(0o755)
    editor = f"{publication.root}/edit.sh -x"
    assert publication.run("new", "Title", VISUAL=editor).returncode == 0
    assert "written" not in (publication.root / "content/000-title.md").read_text()  # no terminal
    run = publication.run("new", "Other", "--edit", VISUAL=editor)
    assert (run.returncode, run.stderr) == (0, "")
    assert (publication.root / "content/001-other.md").read_text().endswith("written\n")


def test_an_editor_that_is_not_there_is_a_problem_and_the_article_stays(
    publication: Publication,
) -> None:
    run = publication.run("new", "Title", "--edit", VISUAL="no-such-editor")
    assert (run.returncode, run.stdout) == (1, "content/000-title.md\n")
    assert (
        "content/000-title.md: refused: can't open it in the editor: no-such-editor" in run.stderr
    )
    assert (publication.root / "content/000-title.md").is_file()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["000-a", "007-b"], "008"),
        (["9-a"], "010"),
        (["0999-a"], "1000"),
        (["005-a/index"], "006"),
        (["000-a", "_notes"], "001"),
    ],
)
def test_it_numbers_the_next_article(
    publication: Publication, names: list[str], expected: str
) -> None:
    for name in names:
        publication.article(name)
    assert publication.run("new", "Title").stdout == f"content/{expected}-title.md\n"


def test_it_starts_the_first_article_of_a_series(publication: Publication) -> None:
    (publication.root / "content").rmdir()
    assert publication.run("new", "Title").stdout == "content/000-title.md\n"


@pytest.mark.parametrize("title", ["", " ", "😀", "!?", "two\nlines", "a\x1bb"])
def test_it_refuses_the_title(publication: Publication, title: str) -> None:
    before = files(publication)
    run = publication.run("new", title)
    assert run.returncode == 1
    assert "bad-input" in run.stderr
    assert "Traceback" not in run.stderr
    assert files(publication) == before


def test_it_refuses_a_title_that_is_no_text(publication: Publication) -> None:
    run = subprocess.run(
        [sys.executable, REPOSITORY / "build.py", "new", b"a\xff"],
        cwd=publication.root, capture_output=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert b"Traceback" not in run.stderr


def test_it_never_takes_a_slug_twice(publication: Publication) -> None:
    publication.run("new", "Title")
    before = (publication.root / "content/000-title.md").read_bytes()
    run = publication.run("new", "Title!")
    assert run.returncode == 1
    assert "content/000-title.md: duplicate" in run.stderr
    assert files(publication)[-2:] == ["content/000-title.md", "series.toml"]
    assert (publication.root / "content/000-title.md").read_bytes() == before


def test_killed_while_it_writes_it_leaves_no_half_of_an_article(publication: Publication) -> None:
    killed(publication, "press.files:os.fsync", "before", "new", "Title")
    assert publication.run("status").returncode == 0
    assert publication.run("new", "Title").stdout == "content/000-title.md\n"
    assert [place.name for place in (publication.root / "content").iterdir()] == ["000-title.md"]


def test_a_number_is_chosen_when_nobody_else_is_choosing(publication: Publication) -> None:
    command = [sys.executable, str(REPOSITORY / "build.py"), "new", "Title"]
    with entering.alone(publication.root):
        begun = subprocess.Popen(
            command, cwd=publication.root, env=publication.environment, stdout=subprocess.PIPE
        )
        with pytest.raises(subprocess.TimeoutExpired):
            begun.wait(1)
        publication.article("000-other")
    assert begun.communicate()[0] == b"content/001-title.md\n"


@pytest.mark.parametrize("verb", ["build", "check", "status", "new"])
def test_it_needs_a_publication(tmp_path: Path, verb: str) -> None:
    run = Publication(tmp_path).run(verb, *(["Title"] if verb == "new" else []))
    assert run.returncode == 1
    assert run.stderr.startswith("series.toml: unreadable: there is no series.toml\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("args", [["biuld"], ["--no-such"], ["check", "--no-such"], ["new"]])
def test_wrong_usage_ends_with_2_and_help(publication: Publication, args: list[str]) -> None:
    run = publication.run(*args)
    assert run.returncode == 2
    assert "Usage:" in run.stderr
    assert "--help" in run.stderr


def test_it_helps(publication: Publication) -> None:
    run = publication.run("--help")
    assert run.returncode == 0
    for verb in ("build", "check", "new", "status", "newsletter"):
        assert f"  {verb} " in run.stdout
        assert publication.run(verb, "--help").returncode == 0


def test_it_hands_a_verb_over_with_all_its_words(publication: Publication) -> None:
    run = publication.run("newsletter", "--help")
    assert run.returncode == 0
    assert "send" in run.stdout


def runs(marker: str) -> bool:
    """Whether a process has a word in its command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if marker.encode() in path.read_bytes():
                return True
    return False


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_ctrl_c_ends_it_and_its_examples_and_changes_nothing(publication: Publication) -> None:
    started(publication).run()
    before = {path: (publication.root / path).stat().st_mtime_ns for path in files(publication)}
    marker = f"{86_000 + random.random()}"
    publication.article(
        "003-d",
        f"```python timeout=500\nimport subprocess\nsubprocess.run(['sleep', '{marker}'])\n```\n"
        + "```python timeout=500\nwhile True: pass\n```\n" * 9,
        date=PAST,
    )
    with subprocess.Popen(
        [sys.executable, REPOSITORY / "build.py"],
        cwd=publication.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as build:  # fmt: skip
        wait_until(lambda: runs(marker))
        build.send_signal(signal.SIGINT)
        stdout, stderr = build.communicate(timeout=60)
        wait_until(lambda: not runs(marker))
    assert (build.returncode, stdout, stderr) == (130, "", "interrupted\n")
    after = {path: (publication.root / path).stat().st_mtime_ns for path in before}
    assert {path for path in before if before[path] != after[path]} <= {"content"}


@pytest.mark.parametrize(
    ("verb", "module"), [("build", "building"), ("check", "recall"), ("preview", "hosting")]
)
def test_an_interrupt_ends_a_verb_that_is_still_loaded(
    publication: Publication, verb: str, module: str
) -> None:
    code = f"""if True:
        import sys
        class Stop:
            def find_spec(self, name, *_):
                if name == "press.{module}": raise KeyboardInterrupt
        sys.meta_path.insert(0, Stop())
        sys.argv[1:] = ["{verb}"]
        import proofpress; proofpress.main()
    """
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=publication.root, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_what_is_not_proven_here_is_built_and_not_published(publication: Publication) -> None:
    publication.article("000-a", "```python\nprint(1)\n```\n", date=PAST)
    publication.article("001-b", "```rust\nfn main() {}\n```\n", date=PAST)
    refused = publication.run("publish", PATH="")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "content/001-b.md:7:1: example-not-proven: this is not proven here" in refused.stderr
    assert "1 problem; nothing was changed" in refused.stderr
    assert not (publication.root / "site").exists()
    for args in (["build"], ["publish", "--not-proven", "--until", "build"]):
        assert "1 proven, 1 not proven here" in publication.run(*args, PATH="").stdout


def test_what_is_proven_or_skipped_is_published(publication: Publication) -> None:
    run = started(publication).run("publish", "--until", "build")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("built site/ from 1 article; 2 examples: 1 proven, 1 skipped")


def test_what_is_registered_for_the_end_is_done_before_it() -> None:
    script = "import atexit; from press.exits import leave; atexit.register(print, 'last')\n"
    script += "print('first', end=' ')\nleave(3)\nprint('never')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "first last\n", "")


FULL = Path("/dev/full")
"""A device that takes nothing (full(4))."""


@pytest.mark.skipif(not FULL.exists(), reason="this system has no full device")
@pytest.mark.parametrize(
    "verb", ["build", "build --explain", "check", "status", "--help", "nosuch"]
)
@pytest.mark.parametrize("both", [False, True], ids=["output", "errors too"])
def test_output_that_can_not_be_written_is_told(
    publication: Publication, verb: str, both: bool
) -> None:
    publication.article("000-a", "Words.\n")
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, REPOSITORY / "build.py", *verb.split()],
            cwd=publication.root, stdout=full, stderr=full if both else subprocess.PIPE,
            text=True, check=False,
        )  # fmt: skip
    assert done.returncode == (2 if verb == "nosuch" and not both else 1)
    if not both and verb != "nosuch":
        message = "can't write to standard output: No space left on device\n"
        assert done.stderr.endswith(message)
        assert done.stderr.count("\n") <= 2


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_may_be_closed(publication: Publication, closed: str) -> None:
    """As where a timer starts it; no file of the site may then stand in its place."""
    for number in range(20):  # enough for several processes
        publication.article(f"{number:03}-a{number}")
    built = subprocess.run(
        ["sh", "-c", f'exec "$0" "$1" build {closed}', sys.executable, REPOSITORY / "build.py"],
        cwd=publication.root, env=publication.environment, check=False,
    )  # fmt: skip
    assert built.returncode == 0
    assert "(0 files written" in publication.run("build").stdout
