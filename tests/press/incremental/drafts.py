"""Articles that may be edited: what each has, and the files that this is on the disk."""

import posixpath
import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from tests.conftest import PIXEL

FENCE = "```"


def noise(width: int, height: int) -> bytes:
    """A PNG of random pixels, which is worth a smaller one."""
    rows = b"".join(b"\0" + Random(row).randbytes(3 * width) for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(content)) + name + content
        + struct.pack(">I", zlib.crc32(name + content)) for name, content in parts
    )  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


WIDE = noise(640, 4)

FRONT: Mapping[str, tuple[str | None, ...]] = {
    "title": ("Plain", '"<b>Bold</b> & \\"co\\" {{ x }}"', "Ärgernis № 1", "Plane"),
    "date": (
        "2025-01-01", "2026-01-01", "2026-06-01T12:00:00Z", "2026-06-01T11:30:00",
        "2026-06-01T14:00:01+02:00", "2026-06-02", "2026-06-08",
    ),
    "description": ("About @word.", '"What <i>is</i> & is not"', None),
    "draft": (None, "true", "false"),
    "slug": (None, "one", "two"),
    "id": (None, "first", "second"),
    "tags": (None, "[rust]", "[Rust, python]", "['C++', rust]", "['c plus plus']"),
    "aliases": (None, "[/old.html]", "[/older/place, /old/other.html]"),
    "updated": (None, "2026-05-05", "2026-05-06"),
    "changes": (None, "[{date: 2026-05-01, note: Mended}]"),
    "authors": (None, "[Ada, Bob]"),
    "python": (None, "{continue: true}"),
    "colour": (None, None, None, "red"),
}  # fmt: skip
"""Keys of front matter, each with what it may be; `colour` is none."""

PIECES: Mapping[str, tuple[str, str]] = {
    "first": ("## First\n\nText of the first.\n", ""),
    "formatted": ("## *Other* `code` & more\n\n### Deeper\n\nText “quoted”... --- done.\n", ""),
    "long": ("Word after word. " * 400 + "\n", ""),
    "to b": ("See [the other](@b).\n", ""),
    "to b's": ("See [its first](@b#first).\n", ""),
    "to c": ("See [a third](@c), and [a fourth](@d 'title').\n", ""),
    "to page": ("See [the tags](/tags.html).\n", ""),
    "to nowhere": ("See [nothing](999-nowhere.md).\n", ""),
    "outside": ("See <https://example.org/x?a=1&b=2>.\n", ""),
    "image": ("![One pixel](pixel.png)\n", "pixel.png"),
    "wide": ('![Wide](deep/wide.png "Noise, wide")\n', "deep/wide.png"),
    "data": ("See [the numbers](numbers.csv).\n", "numbers.csv"),
    "footnote": ("A claim[^1] and another[^two].\n\n[^1]: Its *source*.\n[^two]: More.\n", ""),
    "formula": (f"With $`a^2 < b`$.\n\n{FENCE}math\n\\sum_i x_i\n{FENCE}\n", ""),
    "wrong formula": ("With $`\\frac{{1}}`$.\n", ""),
    "admonition": (f'!!! warning "Mind"\n    This.\n\n    {FENCE}text\n    a\n    {FENCE}\n', ""),
    "html": ('<details markdown="1">\n<summary>More</summary>\n\n*In* it.\n\n</details>\n', ""),
    "table": ("| a | b |\n|---|--:|\n| 1 | *2* |\n\nTable: Numbers\n", ""),
    "tasks": ("- [x] done\n- [ ] to do\n\n1. one\n\n    two\n", ""),
    "text": (f"{FENCE}text title=a.txt mark=2\n1\n2\n{FENCE}\n", ""),
    "example": (f"{FENCE}python\nprint(1)\n{FENCE}\n\n{FENCE}output\n1\n{FENCE}\n", ""),
    "other output": (f"{FENCE}python\nprint(1)\n{FENCE}\n\n{FENCE}output\n2\n{FENCE}\n", ""),
    "chain": (
        f"{FENCE}python group=g\nx = 2\n{FENCE}\n\n{FENCE}python group=g\nprint(x)\n{FENCE}\n", "",
    ),
    "skipped": (f'{FENCE}python skip="it is long"\nwhile True: pass\n{FENCE}\n', ""),
    "reads": (
        f"{FENCE}python\nprint(open('numbers.csv').read().count('1'))\n{FENCE}\n", "numbers.csv",
    ),
    "rust": (f"{FENCE}rust\nfn main() {{}}\n{FENCE}\n", ""),
    "fails": (f"{FENCE}python\nraise KeyError('x')\n{FENCE}\n", ""),
    "unclosed": (f"{FENCE}python\nprint(1)\n", ""),
    "word": ("The word is @word.\n", ""),
}  # fmt: skip
"""What a body may have, and which file beside the article it is about: without that it is not."""

BESIDE: Mapping[str, tuple[bytes | None, ...]] = {
    "pixel.png": (PIXEL, WIDE, b"no image", None),
    "deep/wide.png": (WIDE, PIXEL, None),
    "numbers.csv": (b"1,2\n", b"3,1\n", b"1,1\n", None),
    ".hidden": (b"a", b"b", None),
    "deep": (b"a file", None),
}
"""Files beside an article, each with what it may be."""


@dataclass(frozen=True)
class Link:
    """A symbolic link, to where it leads from its own folder."""

    target: str


Files = dict[str, "bytes | Link"]
"""Path from the publication's folder -> content."""


@dataclass(frozen=True)
class Draft:
    """One article."""

    key: str
    number: int
    front: Mapping[str, str] = field(default_factory=dict)
    body: tuple[str, ...] = ("first", "word")
    word: str = "aa"
    """One of the same length as others."""
    beside: Mapping[str, bytes] = field(default_factory=dict)
    form: str = "file"
    """`file`, `folder`, or a `link` to either."""

    @property
    def name(self) -> str:
        return f"{self.number:03}-{self.key}"

    @property
    def path(self) -> str:
        inner = "/index.md" if "folder" in self.form else ".md"
        return f"content/{self.name}{inner}"

    @property
    def real_path(self) -> str:
        """Of its text, where nothing is a link."""
        is_link = "link" in self.form
        return self.path.replace("content/", "elsewhere/", 1) if is_link else self.path

    def files(self, paths: Mapping[str, str]) -> Files:
        """Its files; `paths` has the path of each article by its key."""
        made: Files = {self.path: self._text(paths).encode()}
        if "folder" in self.form:
            folder = posixpath.dirname(self.path)
            made |= {f"{folder}/{name}": content for name, content in self.beside.items()}
        if "link" not in self.form:
            return made
        top = f"content/{self.path.split('/')[1]}"
        moved: Files = {path.replace("content/", "elsewhere/", 1): made[path] for path in made}
        return {top: Link(f"../elsewhere/{top.removeprefix('content/')}"), **moved}

    def _text(self, paths: Mapping[str, str]) -> str:
        here = posixpath.dirname(self.path)

        def path(match: re.Match[str]) -> str:
            return posixpath.relpath(paths.get(match[1], self.path), here)

        front = {"title": self.key, "date": "2026-01-01", "description": "@word", **self.front}
        head = "\n".join(f"{key}: {value}" for key, value in front.items())
        known = self.beside if "folder" in self.form else {}
        wanted = [PIECES[name] for name in self.body]
        text = "\n".join(piece for piece, needs in wanted if not needs or needs in known)
        whole = f"---\n{head}\n---\n\n{text}".replace("@word", self.word)
        return re.sub(r"@([a-f])\b", path, whole)
