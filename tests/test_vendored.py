"""What others wrote is served as they wrote it."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

VENDOR = Path(settings.BASE_DIR, "annotations/static/annotations/vendor")
RECORD = (VENDOR / "README.md").read_text("utf-8")
SUMS = dict(re.findall(r"^\| `(\S+)` \|.*`([0-9a-f]{64})`", RECORD, re.MULTILINE))


def test_every_vendored_script_has_its_sum_on_record():
    assert SUMS.keys() == {path.name for path in VENDOR.glob("*.js")}


@pytest.mark.parametrize("name", SUMS)
def test_a_vendored_script_is_the_one_whose_sum_is_on_record(name):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == SUMS[name]
