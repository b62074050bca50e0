"""What stands where a folder's link to its release would be."""

from pathlib import Path

import pytest

from press import cargo
from press.deploy import folder
from press.problems import ProblemsFound
from tests.press.targets import site


@pytest.mark.parametrize("leads", ["elsewhere", "releases/mine", "elsewhere/000001-0123456789ab"])
@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_that_is_not_ours_stays(tmp_path: Path, leads: str, is_there: bool) -> None:
    link = tmp_path / "www/current"
    link.parent.mkdir()
    link.symlink_to(leads)
    if is_there:
        (link.parent / leads).mkdir(parents=True)
    place = folder.connect({"path": str(tmp_path / "www"), "releases": 1}, tmp_path, {})
    load = cargo.stage(site(tmp_path / "site", {"index.html": b"<p>"}), tmp_path / "cargo")
    with pytest.raises(ProblemsFound, match="this is there, and no link to a release"):
        place.compare(load)
    assert str(link.readlink()) == leads
