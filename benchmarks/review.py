"""The review: a decision to the next item, the queue as it grows, deeds at once."""

import re
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from random import Random
from uuid import UUID, uuid4

from django.db import connection
from playwright.sync_api import Browser

from annotations import actions
from annotations.models import Person, Span
from benchmarks import races, waiting
from benchmarks.browser import chromium, visitor
from benchmarks.documents import make_approvable
from benchmarks.people import make_annotator, make_reviewer, put, sign_in
from benchmarks.report import Row, milliseconds, p95, seconds
from benchmarks.server import Client, Site

DEFINITIONS = """\
Decided: from the time stamp of the keydown of `a` to the end of the frame in which the next
card's span stood in its place; 50 rows of the queue beside it, an article of 5,000 characters with
45 spans, one page that stays open. It ends at the second animation frame, so up to 17 ms too much
is counted, never less. No peer has such a figure: doccano has one tick a document, Label Studio
Community no review.
Server: from the request's first byte to the answer's last on one open connection, on this machine,
without a browser. The queue page is the whole page with 50 rows, at random places: half of them a
span's own address, a third what follows one, the rest the first page. A decision is answered
with the next card, its context and the queue, as htmx gets it.
In bulk: the deed alone, in a process of its own, without a browser or a form.
Rare: filters that find few of the waiting spans, none, or only what stands at the queue's end; each
asked five times, the worst counted. In a race sixteen reviewers decide on one span at once, each
by a connection of their own; the control reads, checks and saves without the lock."""

SEED = 5
DECISIONS = 30
WARM_UP = 6  # as in the desk's group
SIZES = (100_000, 1_000_000)  # waiting spans
PAGES, DEEDS, RARE_REPEATS = 120, 60, 5
ROUNDS, NAIVE_ROUNDS = 1_000, 100
BULK, BULK_ARTICLES, BULK_REPEATS = 500, 50, 5

# From the next keydown to the frame in which the card has another span; in milliseconds.
_DECIDED = """
benchmark.decided = () => new Promise((done) => {
  const card = document.getElementById("card");
  const open = () => card.querySelector("[data-open]")?.dataset.open;
  const before = open();
  let pressed = null;
  addEventListener("keydown", (event) => { pressed ??= event.timeStamp; }, { capture: true });
  const observer = new MutationObserver(() => {
    if (pressed === null || !open() || open() === before) return;
    observer.disconnect();
    benchmark.painted(() => true).then((now) => done(now - pressed));
  });
  observer.observe(card, { subtree: true, childList: true, attributes: true });
});
"""
_WAIT = """(promise) => Promise.race([
  promise, new Promise((done) => setTimeout(done, 30000, Infinity))])"""
_OPEN = re.compile(rb'data-open="([0-9a-f-]{36})"')


def rows(site: Site, repeats: int) -> list[Row]:
    """The rows of the table; repeats: how often a row is measured that is not counted otherwise."""
    make_annotator()
    reviewer = make_reviewer()
    print("  making the articles", flush=True)
    for number in range(3):
        document = make_approvable(seed=SEED + number, length=5_000, spans=45)
        put(document, f"to-review-{number}", submit=True)
    with chromium() as browser:
        found = _deciding(site, browser, reviewer)
    found += _in_bulk()
    if connection.vendor == "postgresql":
        found += _growing(site, reviewer)
        found += races.rows(ROUNDS, NAIVE_ROUNDS)
    return found


def _deciding(site: Site, browser: Browser, cookies: Mapping[str, str]) -> list[Row]:
    print("  deciding in Chromium", flush=True)
    took = []
    with visitor(browser, site, cookies, _DECIDED) as context:
        page = context.new_page()
        page.goto("/review/")
        for number in range(-WARM_UP, DECISIONS):
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(200)
            page.evaluate("() => { benchmark.next = benchmark.decided(); }")
            page.keyboard.press("a")
            painted: float = page.evaluate(f"() => ({_WAIT})(benchmark.next)")
            if number >= 0:
                took.append(painted / 1000)
        assert page.locator("#queue [role=row]").count() == 50
    name = "decision to the next item painted"
    return [Row(name, tuple(took), milliseconds, 0.080, None, "a tick", "none")]


def _in_bulk() -> list[Row]:
    """Many spans in one deed, and that deed undone, again and again."""
    print("  deciding in bulk", flush=True)
    for number in range(BULK_ARTICLES):
        document = make_approvable(seed=100 + number, length=2_000, spans=BULK // BULK_ARTICLES)
        put(document, f"in-bulk-{number}", submit=True)
    chosen = Span.objects.filter(article__slug__startswith="in-bulk-")
    reviewer = Person.objects.get(username="reviewer")
    approving, undoing = [], []
    for _ in range(BULK_REPEATS):
        seen = list(chosen.values_list("uid", "revision"))
        deed = actions.deed_of(reviewer)
        began = time.perf_counter()
        done = actions.decide_many(spans=seen, verdict="approve", deed=deed)
        approving.append(time.perf_counter() - began)
        if len(done.spans) != BULK or done.remaining:
            raise RuntimeError(f"{len(done.spans)} of {BULK} were approved")
        began = time.perf_counter()
        back = actions.undo(target=done.deed.pk, deed=actions.deed_of(reviewer))
        undoing.append(time.perf_counter() - began)
        if len(back.spans) != BULK:
            raise RuntimeError(f"{len(back.spans)} of {BULK} were undone")
    what = f"{BULK} spans of {BULK_ARTICLES} articles"
    return [
        Row(f"{what} approved in one deed", tuple(approving), seconds, 2.0),
        Row("  and that deed undone", tuple(undoing), seconds),
    ]


def _growing(site: Site, cookies: Mapping[str, str]) -> list[Row]:
    print("  making the texts", flush=True)
    filling = waiting.begin()
    found: list[Row] = []
    smaller: dict[str, Row] = {}
    for spans in SIZES:
        print(f"  making {spans:,} waiting spans", flush=True)
        waiting.fill(filling, spans // waiting.SPANS)
        with Client(site, cookies) as client:
            for row in on_the_server(site, client, filling, spans):
                name = row.name.replace(f"{spans:,}", "")
                base = smaller.get(name)
                found.append(Row(row.name, row.values, row.shown, row.bar, base))
                smaller[name] = row
    return found


def on_the_server(
    site: Site, client: Client, filling: waiting.Filling, spans: int
) -> Iterator[Row]:
    """The rows of one size; client: a reviewer's."""
    print("  asking the server", flush=True)
    chance = Random(f"{SEED} {spans}")
    for _ in range(WARM_UP):
        client.get("/review/")
    pages = _timed(_pages(client, filling, chance), PAGES)
    yield Row(f"queue page, {spans:,} waiting", pages, milliseconds)
    yield Row(f"queue page, {spans:,} waiting: p95", (p95(pages),), milliseconds, 0.050)
    decisions = _timed(_decisions(client, filling, chance), DEEDS)
    yield Row(f"approved and the next shown, {spans:,} waiting", decisions, milliseconds)
    yield Row(f"approved and the next shown, {spans:,}: p95", (p95(decisions),), milliseconds)
    handed = _timed(_handed_out(client, filling, chance), DEEDS)
    yield Row(f"next article handed out, {spans:,} waiting", handed, milliseconds)
    yield Row(f"next article handed out, {spans:,}: p95", (p95(handed),), milliseconds)
    worst = dict(_rare(site, filling))
    name = f"{len(worst)} rare filters, {spans:,} waiting: the worst of {RARE_REPEATS} each"
    yield Row(name, tuple(worst.values()), milliseconds)
    slowest = max(worst, key=lambda name: worst[name])
    yield Row(f"  the slowest: {slowest}", (worst[slowest],), milliseconds, 0.200)


def _rare(site: Site, filling: waiting.Filling) -> Iterator[tuple[str, float]]:
    """Each rare filter in words, and how long its page took at most, by several people's eyes."""
    for name, eyes in waiting.EYES.items():
        queries = waiting.rare(filling)
        with Client(site, sign_in(name, "reviewers")) as client:
            for words, query in queries:
                client.get(f"/review/?{query}")
                took = max(client.get(f"/review/?{query}")[0] for _ in range(RARE_REPEATS))
                print(f"    {took * 1000:5.0f} ms {eyes}: {words}", flush=True)
                yield f"{eyes}: {words}", took


def _timed(asked: Iterator[float], number: int) -> tuple[float, ...]:
    next(asked)  # the first warms up
    return tuple(islice(asked, number))


def _somewhere(filling: waiting.Filling, chance: Random) -> UUID:
    key = filling.first_span + chance.randrange(filling.spans)
    return Span.objects.values_list("uid", flat=True).get(pk=key)


def _pages(client: Client, filling: waiting.Filling, chance: Random) -> Iterator[float]:
    while True:
        for query in ("span", "after", "span", "after", "span", ""):
            at = f"?{query}={_somewhere(filling, chance)}" if query else ""
            yield client.get(f"/review/{at}")[0]


def _decisions(client: Client, filling: waiting.Filling, chance: Random) -> Iterator[float]:
    """Ten in a row, as the answers bring them, then elsewhere."""
    while True:
        uid = str(_somewhere(filling, chance))
        for _ in range(10):
            revision = Span.objects.values_list("revision", flat=True).get(uid=uid)
            fields = {"action": "approve", "seen": revision, "request_id": uuid4()}
            took, answer = client.post(f"/spans/{uid}/", fields | {"screen": "review", "queue": ""})
            shown = _OPEN.search(answer)
            if not shown or b"Approved." not in answer:
                raise RuntimeError(f"{uid} was not approved: {answer[:2000]!r}")
            yield took
            uid = shown[1].decode()


def _handed_out(client: Client, filling: waiting.Filling, chance: Random) -> Iterator[float]:
    while True:
        yield client.post("/review/next", {"after": _somewhere(filling, chance), "queue": ""})[0]
