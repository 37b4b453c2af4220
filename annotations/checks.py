"""System checks: what an administrator should know of this installation."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.db import connections

from annotations.domain.draws import drawn_below
from newsroom import sqlite


@register(Tags.database)
def sqlite_journal(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Say which journal SQLite keeps, where SQLite is what we run on."""
    if connections["default"].vendor != "sqlite" or sqlite.WAL_IS_SAFE:
        return []
    return [
        Info(
            f"SQLite {sqlite.sqlite3.sqlite_version} may lose a commit when its write-ahead log "
            "resets, so it keeps a rollback journal: readers and writers wait for each other.",
            hint="Use SQLite 3.51.3 or later, or PostgreSQL (DATABASE_URL).",
            id="annotations.I001",
        )
    ]


@register()
def spot_checks_share(**_: Any) -> list[CheckMessage]:
    """Say so where the share of spot checks is none."""
    try:
        drawn_below(settings.SPOT_CHECKS)
    except ValueError as error:
        return [Error(str(error), hint="Set NEWSROOM_SPOT_CHECKS.", id="annotations.E001")]
    return []
