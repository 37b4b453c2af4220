"""Format `archive`, `newsroom.archive/1`: everything, for `import_articles --restore`.

Not one of FORMATS: nothing can be chosen, and only an operator takes it. See docs/archive.md.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from annotations.domain.records import SCHEMA, line
from annotations.queries.archive import KINDS, Record


def lines(records: Iterable[Record]) -> Iterator[bytes]:
    """The first line, a line a record, and a last one by which a cut-off file is recognised."""
    first = line({"schema": SCHEMA})
    yield first
    seal = sha256(first)
    counts: Counter[str] = Counter({kind.name: 0 for kind in KINDS})
    for record in records:
        written = line({"record": record.kind.name, **record.values})
        seal.update(written)
        counts[record.kind.name] += 1
        yield written
    yield line({"record": "end", "counts": dict(counts), "sha256": seal.hexdigest()})
