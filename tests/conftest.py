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


def pytest_collection_modifyitems(items):
    """Skip what holds only on the other database."""
    for item in items:
        for vendor in ("postgresql", "sqlite"):
            if item.get_closest_marker(vendor) and connection.vendor != vendor:
                item.add_marker(pytest.mark.skip(reason=f"holds on {vendor} only"))


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
