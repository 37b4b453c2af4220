"""Secrets of one installation."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def kept_secret(path: Path) -> str:
    """The secret kept in `path`; made there, readable to its owner only, on first use.

    Written whole before it gets its name, so that workers that start together share one.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(get_random_secret_key())
        try:
            os.link(draft, path)  # fails, rather than replaces, if another was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
