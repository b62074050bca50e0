"""python -m newsletter: the same as python build.py newsletter."""

from newsletter.cli import cli

cli(prog_name="python -m newsletter")
