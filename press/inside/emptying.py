"""Empties the folders of examples. The press uses it as well."""

import os
import time


def empty(folder: str) -> None:
    """Remove all that a folder has, however deep, and whatever an example did to make that hard."""
    os.chmod(folder, 0o700)
    number = 0
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
                continue
            os.chmod(entry.path, 0o700)
            for inner in list(os.scandir(entry.path)):
                if inner.is_dir(follow_symlinks=False):  # one level up, until none has another
                    os.chmod(inner.path, 0o700)
                    number += 1
                    os.rename(inner.path, f"{folder}/{time.monotonic_ns()}-{number}")
                else:
                    os.unlink(inner.path)
            os.rmdir(entry.path)
