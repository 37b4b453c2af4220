"""Everything out, an empty database, everything back: nothing is lost and nothing is different."""

import io
from collections import Counter

from annotations import pipelines
from annotations.queries.integrity import breaches
from tests.archives import archive, emptied, make_newsroom


def test_there_and_back(db):
    make_newsroom()
    assert list(breaches(Counter())) == []
    first = archive()
    emptied()
    pipelines.restore(io.BytesIO(first))
    assert archive() == first
