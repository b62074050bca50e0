"""docs/templates.md lists what each template is given."""

import re

from press import pages
from tests.conftest import REPOSITORY, Publication


def test_the_documentation_lists_what_each_template_is_given(publication: Publication) -> None:
    publication.article("000-a", aliases="[/old.html]")
    site = publication.make().site
    text = (REPOSITORY / "docs/templates.md").read_text()
    shared = set(re.findall(r"`(\w+)`", next(x for x in text.splitlines() if "besides" in x)))
    for page in pages.pages(site, {}):
        [row] = [line for line in text.splitlines() if line.startswith(f"| `{page.template}`")]
        documented = shared | set(re.findall(r"`(\w+)`", row.split("|")[3]))
        assert set(page.values) == documented
