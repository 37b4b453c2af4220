"""Coming in: a large file through the command, while an annotator works on the real server."""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

from benchmarks.documents import make_document
from benchmarks.people import Put, make_annotator, put
from benchmarks.report import Row, milliseconds, seconds
from benchmarks.server import HERE, Client, Site

SIZES = (5_000, 50_000)  # articles
PARAGRAPHS, LENGTH = 8, 375  # of an article; code points of one
POOL = 5_000  # paragraphs that the articles are made of
PAUSE = 0.05  # seconds between two requests of the annotator
LONGEST_WAIT = 0.5  # seconds

_SIZES = " and ".join(f"{size:,}" for size in SIZES)
DEFINITIONS = f"""\
Files of {_SIZES} articles of {PARAGRAPHS * LENGTH:,} characters (one JSON object a line, all
new, 50 outlets, 500 stories) are brought in by `manage.py import_articles` in a process of its
own, once each, one after the other. Meanwhile an annotator, on one connection, marks a few
characters and then opens the article anew, again and again, {PAUSE * 1000:.0f} ms after the
answer before; a wait is from the request to the whole answer. At rest: the same before anything
comes in. Processor, memory: what the command's process used of one core, and the most that it
held. Again: the same file once more, of which nothing comes in."""


def rows(site: Site, repeats: int) -> list[Row]:
    """The rows of the table; each file once, however many repeats are asked for."""
    cookies = make_annotator()
    article = put(make_document(seed=1, length=5_000, spans=50), "marked-meanwhile")
    found: list[Row] = []
    with (
        tempfile.TemporaryDirectory(prefix="newsroom-bench-") as folder,
        Client(site, cookies) as client,
    ):
        client.get(article.path)
        annotator = _Annotator(client, article)
        print("  at rest", flush=True)
        annotator.work(until=time.monotonic() + 5)
        found += annotator.rows("at rest")
        bases: list[Row | None] = [None] * 4
        for size in SIZES:
            path = Path(folder) / f"wire-{size}.jsonl"
            megabytes = _write(path, size)
            print(f"  {size:,} articles, {megabytes:.0f} MB", flush=True)
            took, used, peak = annotator.work_during(path)
            name = f"{size:,} articles, {megabytes:.0f} MB"
            last = size == SIZES[-1]
            made = [
                Row(name, (took,), seconds, 120 if last else None, bases[0]),
                Row(f"{name}: processor", (used,), seconds, None, bases[1]),
                Row(f"{name}: memory", (peak,), _megabytes, 200 if last else None, bases[2]),
            ]
            found += [*made, *annotator.rows(f"while {size:,} came in", bar=last)]
            again, _, _ = annotator.work_during(path)
            made.append(Row(f"{name}, again", (again,), seconds, None, bases[3]))
            found.append(made[-1])
            bases = [*made]
    return found


class _Annotator:
    """Somebody who marks and looks, and how long each answer took."""

    def __init__(self, client: Client, article: Put) -> None:
        self._client, self._article = client, article
        self._words = _free_words(article)
        self._marks: list[float] = []
        self._pages: list[float] = []

    def work(self, *, until: float = 0, done: threading.Event | None = None) -> None:
        """Mark and look, until then or until that is set."""
        self._marks, self._pages = [], []
        while not done.is_set() if done else time.monotonic() < until:
            start, end = next(self._words)
            mark = {
                "label": "claim",
                "start": start,
                "end": end,
                "text": self._article.document.text[start:end],
                "request_id": str(uuid4()),
            }
            self._marks.append(self._client.post(f"{self._article.path}spans/", mark)[0])
            time.sleep(PAUSE)
            self._pages.append(self._client.get(self._article.path)[0])
            time.sleep(PAUSE)

    def work_during(self, path: Path) -> tuple[float, float, float]:
        """Work while the file comes in; how many seconds that took, how many of a core it used, and
        the most that it held in MB.
        """
        done = threading.Event()
        failed: list[BaseException] = []

        def work() -> None:
            try:
                self.work(done=done)
            except Exception as error:
                failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        begun = time.monotonic()
        try:
            command = [sys.executable, "manage.py", "import_articles", "--skip-checks", str(path)]
            child = subprocess.Popen(command, cwd=HERE, stdout=subprocess.DEVNULL)
            used = peak = 0.0
            while child.poll() is None:
                used, peak = max((used, peak), _spent(child.pid))
                time.sleep(0.05)
            took = time.monotonic() - begun
        finally:
            done.set()
            thread.join()
        if child.returncode or failed:
            raise RuntimeError(f"the import ended with {child.returncode}") from (
                failed[0] if failed else None
            )
        return took, used, peak

    def rows(self, when: str, *, bar: bool = False) -> list[Row]:
        """What the last work took."""
        most = LONGEST_WAIT if bar else None
        return [
            row
            for what, waits in (("a mark", self._marks), ("the desk", self._pages))
            for row in (
                Row(f"{what} {when} ({len(waits)})", tuple(waits), milliseconds),
                Row(f"  of these 99 of 100 within, {what}", (_p99(waits),), milliseconds),
                Row(f"  the longest wait, {what}", (max(waits),), milliseconds, most),
            )
        ]


def _spent(process: int) -> tuple[float, float]:
    """The seconds of a core that it used, and the most that it held, in MB, so far.

    Not by wait4, which would count what its parent held, too.
    """
    try:
        folder = Path(f"/proc/{process}")
        ticks = (folder / "stat").read_text().rpartition(")")[2].split()[11:13]
        held = re.search(r"VmHWM:\s+([0-9]+) kB", (folder / "status").read_text())
    except OSError:
        return 0.0, 0.0
    used = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return used, int(held[1]) / 1000 if held else 0.0


def _free_words(article: Put) -> Iterator[tuple[int, int]]:
    """Places of one to many characters in the article, no two the same."""
    length = len(article.document.text)
    for width in count(3):
        for start in range(0, length - width, width):
            words = article.document.text[start : start + width]
            if words.strip() == words and words.isalpha():
                yield start, start + width


def _write(path: Path, size: int) -> float:
    """A file of so many articles; how many megabytes it has."""
    chance = random.Random(size)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=n % 9 + 2)) for n in range(5_000)]
    pool = []
    for _ in range(POOL):
        paragraph = " ".join(chance.choices(words, k=80))
        pool.append(paragraph[: LENGTH - 3].strip().capitalize() + ".")
    with path.open("w", encoding="utf-8") as file:
        for number in range(size):
            line = {
                "title": f"The news of {size}, number {number}",
                "outlet": f"Outlet {number % 50}",
                "story": f"Story {number % 500}",
                "url": f"https://example.org/{size}/{number}",
                "language": "en",
                "text": "\n\n".join(chance.choices(pool, k=PARAGRAPHS)),
            }
            file.write(json.dumps(line) + "\n")
    return path.stat().st_size / 1_000_000


def _p99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * 99 // 100)]


def _megabytes(value: float) -> str:
    return f"{value:.0f} MB"
