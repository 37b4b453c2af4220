"""What every test rests on."""

import os
from pathlib import Path

import hypothesis
import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parent.parent / "var/cache/hypothesis")
hypothesis.settings.register_profile(
    "newsroom",
    deadline=None,  # a busy machine is no counter-example
    derandomize="CI" in os.environ,  # CI says the same of the same commit
)
hypothesis.settings.load_profile("newsroom")


def pytest_collection_modifyitems(config, items):
    """Leave out what holds only on the other database."""
    others = {"postgresql", "sqlite"} - {connection.vendor}
    elsewhere = [item for item in items if any(map(item.get_closest_marker, others))]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


@pytest.fixture(scope="session", autouse=True)
def _flush_without_triggers():
    """Let a transactional test end with a flush that the append-only triggers don't refuse.

    SQLite deletes row by row, which fires them. The flush itself brings them back: it sends
    post_migrate, on which the app creates its triggers and groups.
    """

    def teardown(case):
        from annotations import triggers

        triggers.drop(connection)
        flush(case)

    flush = TransactionTestCase._fixture_teardown
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield
