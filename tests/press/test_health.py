"""What `doctor` finds of a publication and its machine."""

import json

import pytest

from press import health
from press.findings import Finding, Health
from tests.conftest import NEWSLETTER, SERIES, Publication


def found(publication: Publication) -> dict[str, list[Finding]]:
    every: dict[str, list[Finding]] = {}
    for one in health.examine(publication.root):
        every.setdefault(one.check, []).append(one)
    return every


def test_a_good_one_has_nothing_to_mend(publication: Publication) -> None:
    publication.article("000-a")
    every = [one for some in found(publication).values() for one in some]
    assert [one for one in every if one.health is Health.WRONG] == []
    assert {one.check for one in every} >= {"series.toml", "content", "Python", "isolation"}
    assert not (publication.root / ".cache").exists()
    assert not (publication.root / "site").exists()


def test_each_problem_of_the_settings_is_told_with_its_place(publication: Publication) -> None:
    publication.write("series.toml", SERIES + 'titel = "x"\nfoo = 1\n')
    (first, second) = found(publication)["series.toml"]
    assert (first.health, second.health) == (Health.WRONG, Health.WRONG)
    assert first.said.startswith("series.toml:")
    assert "did you mean `title`?" in {first.do, second.do}


def test_articles_are_counted(publication: Publication) -> None:
    assert "`new` starts one" in found(publication)["content"][0].said
    publication.article("000-a")
    assert found(publication)["content"][0].said.startswith("1 article;")


def test_a_font_that_is_none_is_told(publication: Publication) -> None:
    publication.write("templates/card/text.ttf", b"no font")
    (one,) = found(publication)["fonts of cards"]
    assert one.health is Health.WRONG


def test_what_is_not_installed_is_skipped(publication: Publication) -> None:
    publication.write("series.toml", SERIES)
    done = publication.run("doctor", "--json", PATH="", HOME=str(publication.root))
    assert done.returncode == 0, done.stderr
    told = {one["check"]: one for one in json.loads(done.stdout)}
    for name in ("git", "isolation", "Rust"):
        assert told[name]["health"] == "skipped", told[name]


def test_whether_pages_can_be_searched(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "find_spec", lambda name: name == "pagefind" or None)
    assert found(publication)["search"][0].health is Health.OK
    monkeypatch.setattr(health, "find_spec", lambda _: None)
    assert found(publication)["search"][0].health is Health.SKIPPED


def test_a_cache_that_can_not_be_written_is_told(publication: Publication) -> None:
    publication.write(".cache", "a file")
    (one,) = found(publication)["cache"]
    assert (one.health, "PROOFPRESS_CACHE" in one.do) == (Health.WRONG, True)


def test_a_secret_that_a_place_needs_and_has_not_is_told(publication: Publication) -> None:
    deploy = '\n[deploy]\ntarget = "s3"\nendpoint = "https://s3.example.org"\nbucket = "b"\n'
    publication.write("series.toml", SERIES + deploy)
    (one,) = found(publication)["deploy"]
    assert one.health is Health.WRONG
    assert "needs this variable" in one.said


def test_a_place_that_is_ready_is_named(publication: Publication) -> None:
    publication.write("series.toml", SERIES + '\n[deploy]\ntarget = "folder"\npath = "www"\n')
    (one,) = found(publication)["deploy"]
    assert (one.health, "www" in one.said) == (Health.OK, True)
    assert not (publication.root / "www").exists()


def test_the_verb_asks_for_the_mail_as_well_where_there_is_a_newsletter(
    publication: Publication,
) -> None:
    publication.write("series.toml", SERIES)
    alone = publication.run("doctor")
    assert alone.returncode == 0, alone.stdout
    assert ", 0 wrong, " in alone.stdout.splitlines()[-1]
    assert "provider" not in alone.stdout
    publication.write("series.toml", SERIES + NEWSLETTER)
    both = publication.run("doctor", "--json")
    told = json.loads(both.stdout)
    assert {one["check"] for one in told} >= {"isolation", "provider"}
    assert both.returncode == int(any(one["health"] == "wrong" for one in told))


def test_what_is_wrong_for_both_is_told_once(publication: Publication) -> None:
    publication.write("series.toml", SERIES + NEWSLETTER + "foo = 1\n")
    done = publication.run("doctor")
    assert done.stdout.count("there is no key `foo`") == 1
    assert " 1 wrong" in done.stdout.splitlines()[-1]
