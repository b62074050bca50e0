"""Judges of finished pages: a real browser, and outside tools. docs/judging-pages.md explains."""
