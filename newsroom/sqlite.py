"""How SQLite is opened so that nobody waits in vain and no commit is lost.

Django's defaults fail a third to two thirds of concurrent read-then-write transactions
with "database is locked"; IMMEDIATE with a timeout fails none. SQLite below 3.44.6, 3.50.7
and 3.51.3 can lose a commit when the write-ahead log resets, so there we keep the rollback
journal. FULL either way: with NORMAL a power cut may take the last approvals.
"""

import sqlite3

WAL_IS_SAFE = (
    sqlite3.sqlite_version_info >= (3, 51, 3)
    or (3, 50, 7) <= sqlite3.sqlite_version_info < (3, 51)
    or (3, 44, 6) <= sqlite3.sqlite_version_info < (3, 45)
)
JOURNAL = "WAL" if WAL_IS_SAFE else "TRUNCATE"

OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    # recursive_triggers: else REPLACE would delete a row past the triggers that keep it.
    "init_command": f"PRAGMA journal_mode={JOURNAL}; PRAGMA synchronous=FULL; "
    "PRAGMA recursive_triggers=ON;",
}
