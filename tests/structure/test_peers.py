"""bench/peers.py measures what it says, and is content with nothing less than a whole site."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "bench"))

from contest import floors, gauge, judging, report, tools
from contest.corpora import Corpus
from contest.entrant import Entrant
from contest.generators import Generator, environment, folder_of
from contest.rounds import Contest

BLOCK = '<pre><span class="k">a</span> <span class="n">b</span> <span class="o">c</span></pre>'
FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content>&lt;pre&gt;</content></entry></feed>'
)


def test_our_own_build_can_be_measured(tmp_path: Path) -> None:
    options = ["--articles", "4", "--rounds", "1", "--repeats", "1", "--peers", "none"]
    options += ["--scale", "2", "--tools", "tools", "--python", sys.executable, "--json", "r.json"]
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "bench/peers.py"), *options],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    result = json.loads((tmp_path / "r.json").read_text())
    assert done.stdout == report.tables(result) + "\n"
    ours = result["tools"]["Proofpress"]
    assert set(ours["rounds"]) == {"first", "memory", "changed", "added", "nothing"}
    assert (ours["made"]["entries"], ours["made"]["full"]) == (4, True)
    assert set(result["floors"]["rounds"]) == {"convert", "stat", "stat with outputs"}
    assert {"markdown", "jinja2", "yaml"} <= set(result["libraries"])
    assert not {"press", "newsletter", "json"} & set(result["libraries"])
    assert set(result["scale"]["2"]["rounds"]) == {"first", "memory", "changed", "nothing"}


def test_the_floor_has_the_libraries_of_a_build_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not Python's own, ours, those looked for in vain, and what every interpreter loads."""
    (tmp_path / "sitecustomize.py").write_text("import nine\n")
    (tmp_path / "nine.py").touch()
    (tmp_path / "ten.py").write_text("try:\n    import eleven\nexcept ImportError:\n    pass\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{REPOSITORY}")
    python = (sys.executable, "-c", "import json, press, ten")
    entrant = Entrant(replace(generator(), command=python), site(tmp_path))
    assert floors.libraries(entrant) == ["ten"]


# A process with 60 MiB has a child, which shares them and has 60 MiB of its own.
TWO = """
import os, time
mine = bytearray(b"x") * (60 << 20)
if not os.fork():
    more = bytearray(b"x") * (60 << 20)
    time.sleep(1)
    os._exit(0)
os.wait()
"""


def test_memory_is_of_all_processes_and_counts_once_what_they_share(tmp_path: Path) -> None:
    cost = gauge.run([sys.executable, "-c", TWO], tmp_path, environment(), watched=True)
    assert cost.memory is not None
    assert 120 < cost.memory < 165
    assert cost.largest > 120  # what it shares is its own here, and at first it is a copy of us


def test_time_is_of_all_processes(tmp_path: Path) -> None:
    code = "import os, time\nif not os.fork():\n    while time.process_time() < 0.3: pass\n"
    code += "    os._exit(0)\nos.wait()"
    cost = gauge.run([sys.executable, "-c", code], tmp_path, environment())
    assert cost.cpu >= 0.3
    assert cost.memory is None


def test_nothing_is_said_to_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"PYTHONDONTWRITEBYTECODE", "PROOFPRESS_ISOLATION"}
    for name in names:
        monkeypatch.setenv(name, "1")
    assert not names & environment().keys()


def test_a_command_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(gauge.Failed, match="ended with 3: no such thing"):
        gauge.run(["sh", "-c", "echo no such thing; exit 3"], tmp_path, environment())


def generator(command: str = "true") -> Generator:
    """One that does what a line of a shell does."""
    return Generator(
        "Hugo", "1", ("sh", "-c", command), "out", folder_of, "feed.xml", lambda _: None
    )


def site(tmp_path: Path) -> Corpus:
    """Two articles with their pages and a feed, as they should be."""
    corpus = Corpus(tmp_path / "Hugo", "hugo", 2, 8)
    corpus.write()
    for article in corpus.articles():
        page = corpus.site / "out" / folder_of(article)
        page.parent.mkdir(parents=True)
        page.write_text(BLOCK * 8)
    (corpus.site / "out/feed.xml").write_text(FEED)
    return corpus


def test_a_site_is_judged(tmp_path: Path) -> None:
    made = judging.made(generator(), site(tmp_path))
    assert (made.files, made.entries, made.full) == (3, 1, True)


def test_a_feed_of_summaries_is_told_from_one_of_the_whole_text(tmp_path: Path) -> None:
    corpus = site(tmp_path)
    (corpus.site / "out/feed.xml").write_text("<rss><channel><item>No code.</item></channel></rss>")
    assert judging.made(generator(), corpus).full is False


# Chroma makes these two of each line, though it knows nothing of its language.
PLAIN = f"""<pre>{'<span class="line"><span class="cl">a</span></span>' * 4}</pre>"""


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("page", None, "1 pages are missing"),
        ("page", BLOCK * 7, "7 highlighted blocks"),
        ("page", BLOCK * 7 + PLAIN, "7 highlighted blocks"),
        ("feed.xml", None, "the feed"),
        ("feed.xml", "<rss><content:encoded/></rss>", "unbound prefix"),
        ("feed.xml", "<rss><channel/></rss>", "no entry"),
    ],
)
def test_a_site_that_lacks_something_is_none(
    tmp_path: Path, file: str, text: str | None, says: str
) -> None:
    corpus = site(tmp_path)
    path = corpus.site / "out" / (folder_of(corpus.articles()[0]) if file == "page" else file)
    path.unlink()
    if text is not None:
        path.write_text(text)
    with pytest.raises(judging.NotMade, match=says):
        judging.made(generator(), corpus)


def test_a_change_has_to_reach_its_page(tmp_path: Path) -> None:
    corpus = site(tmp_path)
    with pytest.raises(judging.NotMade, match="Edited in revision 1"):
        Entrant(generator(), corpus).changed()
    with pytest.raises(judging.NotMade, match=r"the page of 0003-.* does not say"):
        Entrant(generator(), corpus).added()


def test_each_change_is_another(tmp_path: Path) -> None:
    entrant = Entrant(generator(), site(tmp_path))
    articles = {(path := entrant.touch(), path.read_text()) for _ in range(2)}
    assert len(articles) == 2
    assert len({path for path, _ in articles}) == 1


def test_a_build_that_runs_examples_does_not_count(tmp_path: Path) -> None:
    proofs = tmp_path / "Hugo/.cache/proofs"
    proves = r"mkdir -p .cache; printf '3\na 1\nb 2\nseal\n' > .cache/proofs"
    with pytest.raises(judging.NotMade, match="examples were run"):
        Entrant(generator(proves), site(tmp_path)).nothing()
    proofs.write_text("3\nb 2\na 1\nanother seal\n")
    entrant = Entrant(generator(proves), Corpus(tmp_path / "Hugo", "hugo", 2, 8))
    entrant.nothing()
    assert len(entrant.costs["nothing"]) == 1


def test_a_cold_build_finds_nothing_but_what_it_may(tmp_path: Path) -> None:
    corpus = site(tmp_path)
    for name in (".cache/proofs", ".cache/cards/a.png", ".cache/check.json"):
        (corpus.site / name).parent.mkdir(parents=True, exist_ok=True)
        (corpus.site / name).touch()
    careful = replace(generator(), caches=(".cache/*",), keeps=frozenset({"proofs"}))
    careful.clear(corpus.site)
    assert [path.name for path in (corpus.site / ".cache").iterdir()] == ["proofs"]
    assert not (corpus.site / "out").exists()
    assert len(corpus.articles()) == 2


def test_a_peer_that_fails_is_named(tmp_path: Path) -> None:
    contest = Contest([generator(), replace(generator("exit 1"), name="Pelican")], 2, 8, tmp_path)
    contest._each(Entrant.prepare, "")
    contest._each(Entrant.again, "")
    assert contest.missing == {"Pelican": "sh ended with 1: "}
    assert [one.generator.name for one in contest.entrants] == ["Hugo"]


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(tools.Unavailable, match="no-such: No such file"):
        tools.printed("no-such")


def test_peers_are_pinned_and_hashed_and_no_registry_is_named() -> None:
    peers = REPOSITORY / "bench/peers"
    for lock in peers.glob("*/requirements.lock"):
        text = lock.read_text()
        entries = [line for line in text.replace("\\\n", " ").splitlines() if line[:1].isalnum()]
        assert entries
        assert "://" not in text
        assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    packages = json.loads((peers / "eleventy/package-lock.json").read_text())["packages"]
    own = packages.pop("")
    assert (
        own["dependencies"]
        == json.loads((peers / "eleventy/package.json").read_text())["dependencies"]
    )
    assert all("integrity" in one and "resolved" not in one for one in packages.values())
