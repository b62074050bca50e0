"""Which level is asked for, and what an example may see; what it can do is in test_torture."""

import os
import sys
from pathlib import Path

import pytest

from press import isolation, running
from press.inside import giving
from press.isolation import Level, Sandbox
from press.problems import Code, ProblemsFound
from press.running import Runner, Step
from tests.press.torture import had


@pytest.mark.parametrize("wanted", [None, "", "bubblewrap"])
def test_every_level_is_tried(wanted: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(isolation.VARIABLE, raising=False)
    if wanted is not None:
        monkeypatch.setenv(isolation.VARIABLE, wanted)
    monkeypatch.setattr("sys.platform", "linux")
    assert isolation.levels() == list(Level)
    monkeypatch.setattr("sys.platform", "darwin")
    assert isolation.levels() == [Level.NONE]


def test_a_level_that_there_is_not_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(isolation.VARIABLE, "bublewrap")
    with pytest.raises(ProblemsFound) as found:
        isolation.levels()
    [problem] = found.value.problems
    assert (problem.code, problem.hint) == (Code.BAD_CONFIG, "did you mean `bubblewrap`?")


def test_an_interpreter_in_the_home_folder_does_not_show_the_home_folder(tmp_path: Path) -> None:
    for name in ("bin", "lib", ".ssh"):
        (tmp_path / name).mkdir()
    sandbox = Sandbox(str(tmp_path / "bin/python3"), hidden=(str(tmp_path),))
    fences = isolation.start(Level.BUBBLEWRAP, sandbox).plan["fences"]
    assert isinstance(fences, dict)
    shown = {str(tmp_path / "bin"), str(tmp_path / "lib"), str(isolation.INSIDE)}
    assert set(fences["shown"]) == shown


def test_an_older_bubblewrap_is_as_good_but_for_the_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_limits_space", lambda: False)
    if Level.BUBBLEWRAP not in had():
        pytest.skip("there is no bubblewrap here")
    begun = running.Running(Level.BUBBLEWRAP, Sandbox(isolation.own_interpreter()))
    begun.stop()


def test_no_link_leads_around_what_is_hidden(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "link").symlink_to("private")
    readable = isolation.around([str(tmp_path / "private")], [])
    assert [path for path in readable if path.startswith(str(tmp_path))] == [str(tmp_path / "open")]


def test_what_is_stopped_begins_nothing_more() -> None:
    runner = Runner()
    runner.stop()
    with pytest.raises(KeyboardInterrupt):
        runner.steps(Sandbox(isolation.own_interpreter()), [Step("main.py", "1")], {})
    assert not runner._sandboxes


def test_what_was_proven_at_the_best_level_needs_no_look_at_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "begin", None)
    monkeypatch.setattr(running, "_best", {})
    assert running.is_at_best(isolation.levels()[0])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which there are")
@pytest.mark.parametrize("level", had())
def test_examples_and_commands_may_run_on_each_processor(
    level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(isolation.VARIABLE, level)
    sandbox = Sandbox(isolation.own_interpreter())
    code = "import os\nprint(*os.sched_getaffinity(0))"
    runner = Runner()
    found = [
        runner.steps(sandbox, [Step("main.py", code)], {}),
        runner.command(sandbox, [sandbox.interpreter, "-c", code], 10),
        runner.steps(sandbox, [Step("main.py", code)], {}),
    ]
    runner.stop()
    here = os.sched_getaffinity(0)
    assert [{*map(int, ended.text.split())} for ended in found] == [here, here, here]


def test_where_no_file_is_in_memory_input_lies_nowhere(tmp_path: Path) -> None:
    descriptor = giving.unnamed(b"Ada", str(tmp_path), in_memory=None)
    try:
        assert os.read(descriptor, 9) == b"Ada"
        assert not [*tmp_path.iterdir()]
    finally:
        os.close(descriptor)
