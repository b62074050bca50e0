"""Lets pytest prove the examples of articles: `pytest content/`."""

pytest_plugins = ["press.pytest_plugin"]
