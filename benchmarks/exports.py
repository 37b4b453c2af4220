"""The export: how fast a million spans leave, in how much memory, and who waits meanwhile."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import OperationalError

from annotations import actions
from annotations.domain.extents import Extent
from annotations.exports import FORMATS
from annotations.models import Person
from benchmarks import approved
from benchmarks.documents import make_document
from benchmarks.people import make_annotator, put
from benchmarks.report import Row, count, megabytes, microseconds, seconds, times
from benchmarks.server import HERE, Site

DEFINITIONS = """\
The spans are approved, 50 in each article of 3,000 characters, written in bulk as the deeds leave
them (without deeds and events, which an export does not read). Every export runs in a process of
its own, by the generator that screen and command share, and is written to a file on this machine.
First byte: from the call to the first chunk. Memory: the most the process had resident, Python and
Django included. The floor: the same statements one after the other, their rows unpacked, and as
many bytes written, with nothing built of them; in turns with the export, so that each ratio is of
one moment. Meanwhile: one deed after the other while an export runs; the longest.
doccano and Label Studio exported 100,000 spans."""

SIZES = (100_000, 1_000_000)
REPEATS = 5
FREE = 2_000  # places to mark while an export runs


@dataclass(frozen=True, slots=True)
class Taken:
    """What one export took: seconds, seconds to the first chunk, bytes of memory."""

    seconds: float
    first: float
    memory: float


def rows(site: Site, repeats: int) -> list[Row]:
    """The rows of the table; an export is measured REPEATS times, or fewer if repeats is less."""
    print("  making the texts", flush=True)
    filling = approved.Filling()
    make_annotator("marks-meanwhile")
    marker = Person.objects.get(username="marks-meanwhile")
    document = make_document(seed=approved.SEED, length=100_000, spans=50, free=FREE)
    put(document, "zz-marked-meanwhile", marker.username)
    meanwhile = Meanwhile(marker, document.text, list(document.free))
    found: list[Row] = []
    base = None
    for spans in SIZES:
        print(f"  making {spans:,} approved spans", flush=True)
        filling.fill(spans // approved.SPANS)
        measured = list(_of_spans(spans, min(repeats, REPEATS), base))
        base = measured[1]
        found += measured
        found.append(meanwhile.row(spans))
        if spans == SIZES[0]:
            found += [_of_format(name, spans) for name in FORMATS if name != "spans"]
    return found


def _of_spans(spans: int, repeats: int, base: Row | None) -> Iterator[Row]:
    print(f"  exporting {spans:,} spans", flush=True)
    path = _file("spans")
    pairs = [(_taken("spans", path), _taken("floor", path)) for _ in range(repeats)]
    takes = [take for take, _ in pairs]
    most = spans == SIZES[-1]
    peers = ("4,000–7,600", "15,700") if not most else ("", "")
    name = f"`spans` of {spans:,}: spans a second"
    yield Row(
        name, _rates(spans, takes), count, None, None, *peers, least=150_000 if most else None
    )
    cost = tuple(take.seconds / spans for take in takes)
    yield Row("  time a span", cost, microseconds, None, base)
    peers = ("1.7 GB", "0.6 GB") if not most else ("", "")
    memory = tuple(take.memory for take in takes)
    yield Row("  peak memory", memory, megabytes, 150e6 if most else None, None, *peers)
    first = tuple(take.first for take in takes)
    yield Row("  first byte", first, seconds, 0.5 if most else None)
    yield Row("  the floor", tuple(floor.seconds for _, floor in pairs), seconds)
    ratio = tuple(take.seconds / floor.seconds for take, floor in pairs)
    yield Row("  against the floor", ratio, times, 2.0 if most else None)
    path.unlink()


def _of_format(name: str, spans: int) -> Row:
    print(f"  exporting {spans:,} spans as {name}", flush=True)
    path = _file(name)
    takes = [_taken(name, path) for _ in range(2)]
    path.unlink()
    return Row(f"`{name}` of {spans:,}: spans a second", _rates(spans, takes), count)


def _rates(spans: int, takes: list[Taken]) -> tuple[float, ...]:
    return tuple(spans / take.seconds for take in takes)


def _file(name: str) -> Path:
    return Path(os.environ["NEWSROOM_VAR"], f"bench-{name}")


def _started(format: str, path: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.exporting", format, str(path)]
    return subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True)


def _ended(child: "subprocess.Popen[str]") -> Taken:
    out, _ = child.communicate()
    if child.returncode != 0:
        raise RuntimeError(f"the export ended with {child.returncode}")
    return Taken(**json.loads(out))


def _taken(format: str, path: Path) -> Taken:
    return _ended(_started(format, path))


class Meanwhile:
    """Somebody who marks one span after the other while an export runs."""

    def __init__(self, marker: Person, text: str, free: list[Extent]) -> None:
        self._marker, self._text, self._free = marker, text, free

    def row(self, spans: int) -> Row:
        """The longest of their deeds; an error is an answer that nobody wants, so it is raised."""
        print("  marking meanwhile", flush=True)
        path = _file("meanwhile")
        child = _started("spans", path)
        waits = []
        while child.poll() is None and self._free:
            began = time.perf_counter()
            try:
                self._mark()
            except OperationalError as error:
                print(f"    refused: {error}", flush=True)
            waits.append(time.perf_counter() - began)
            time.sleep(0.02)
        _ended(child)
        path.unlink()
        return Row("  the longest deed meanwhile", (max(waits),), seconds)

    def _mark(self) -> None:
        place = self._free.pop()
        actions.propose(
            article="zz-marked-meanwhile",
            label="quote",
            extent=place,
            text=place.of(self._text),
            deed=actions.deed_of(self._marker),
        )
