"""Content in, proven and rendered out. Knows nothing of subscribers."""

__version__ = "0.1.0"
