"""The list of feeds says any title as it is."""

import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

import pytest
from msgspec.structs import replace

from press import channels, opml
from tests.conftest import Publication

TITLES = ["A & <b>", 'say "a"', "it's", "\"both\" and 'both' & more", "a\tb\nc", "&amp; \"'"]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_whole(publication: Publication, title: str) -> None:
    publication.article("000-a")
    config = replace(publication.make().site.config, title=title)
    text = opml.render([channels.of_series(config, ())], "atom.xml").decode()
    [outline] = ET.fromstring(text).iter("outline")
    assert (outline.get("text"), outline.get("title")) == (title, title)
    assert f"text={quoteattr(title)}" in text
