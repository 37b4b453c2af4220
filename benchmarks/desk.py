"""The desk: how long it takes to open, to tag by key and to answer, as its text and spans grow."""

from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Browser, Page

from benchmarks.browser import Wire, chromium, visitor
from benchmarks.documents import make_document
from benchmarks.people import Put, make_annotator, put
from benchmarks.report import Row, kilobytes, milliseconds, seconds, times
from benchmarks.server import Client, Site
from tests.browser import hand

DEFINITIONS = """\
Opened: from the navigation's start in a browser that has kept nothing (a fresh context; the
server is warm) to the end of the frame in which the page was parsed whole, every span of the
article was in it, as a mark or a bar, and none was left out by content-visibility. Off-screen
text is laid out, as everywhere; Chromium draws the pixels of what is near the window.
Tagged: words are selected by script and in view; from the time stamp of the key's keydown to the
end of the frame in which a mark with a new id over exactly these words stood in the text. Ten
places all over the text, on one page that stays open; the server stores each.
Both end at the second animation frame, so up to 17 ms too much is counted, never less.
Over the wire: heads and compressed bodies of all scripts and style sheets of a cold opening.
Server: from the request's first byte to the answer's last on one open connection, on this
machine, without a browser; a tag answers what htmx gets. The articles take turns."""

SEED = 3
KEY = "c"  # of the label "claim", in fixtures/labels.json
TAGS = 30  # by the server alone, in each article
WARM_UP = 6  # requests until both of the server's processes have loaded what they need

# When all spans, or one that was just made, are painted; see DEFINITIONS.
_SPANS = """
const uidsOf = (element) => element.dataset.spans.trim().split(/\\s+/);

benchmark.allPainted = (expected) => benchmark.painted(() => {
  if (document.readyState === "loading") return false;
  const drawn = [...document.querySelectorAll("[data-spans]")];
  if (new Set(drawn.flatMap(uidsOf)).size !== expected) return false;
  return drawn.every((element) => element.checkVisibility({ contentVisibilityAuto: true }));
});

// From the next keydown to the frame with a new span over exactly `words`; in milliseconds.
benchmark.tagPainted = (words) => new Promise((done) => {
  const known = new Set([...document.querySelectorAll("[data-spans]")].flatMap(uidsOf));
  let pressed = null;
  addEventListener("keydown", (event) => { pressed ??= event.timeStamp; }, { capture: true });
  const isIn = (paragraph) => {
    const marks = [...paragraph.querySelectorAll("mark[data-spans]")];
    const text = {};
    for (const mark of marks) {
      for (const uid of uidsOf(mark)) text[uid] = (text[uid] ?? "") + mark.textContent;
    }
    return Object.keys(text).some((uid) => !known.has(uid) && text[uid] === words);
  };
  const observer = new MutationObserver((records) => {
    const near = records.flatMap(({ target, addedNodes }) => [target, ...addedNodes]);
    const elements = near.map((node) => node.nodeType === 1 ? node : node.parentElement);
    const paragraphs = new Set(elements.map((element) => element?.closest(".paragraph")));
    paragraphs.delete(null); paragraphs.delete(undefined);
    if (pressed === null || ![...paragraphs].some(isIn)) return;
    observer.disconnect();
    benchmark.painted(() => true).then((now) => done(now - pressed));
  });
  observer.observe(document.body, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
});
"""
_OPENED = "benchmark.opened = benchmark.allPainted({expected});"
_NEVER = 30_000  # milliseconds until we stop waiting for a span to be painted
_WAIT = f"""(promise) => Promise.race([
  promise, new Promise((done) => setTimeout(done, {_NEVER}, Infinity))])"""
_CENTRE = """() => getSelection().getRangeAt(0).startContainer.parentElement
  .scrollIntoView({ block: "center" })"""


def rows(site: Site, repeats: int) -> list[Row]:
    """The rows of the table; repeats: how often each is measured."""
    print("  making the documents", flush=True)
    cookies = make_annotator()
    small = make_document(seed=SEED, length=5_000, spans=200)
    sparse = make_document(seed=SEED, length=100_000, spans=200)
    large = make_document(seed=SEED, length=100_000, spans=2_000)
    # What is tagged is a copy, so that what is opened keeps its number of spans.
    opened = [put(small, "small"), put(large, "large")]
    tagged = [put(small, "small-keys"), put(large, "large-keys")]
    posted = [put(small, "small-posts"), put(sparse, "sparse-posts"), put(large, "large-posts")]
    with Client(site, cookies) as client, chromium() as browser:
        return [
            *_opening(site, browser, cookies, opened, repeats),
            *_tagging(site, browser, cookies, tagged, repeats),
            *_tags_on_the_server(client, posted),
            *_pages_on_the_server(client, opened, repeats),
        ]


def _opening(
    site: Site, browser: Browser, cookies: dict[str, str], articles: list[Put], repeats: int
) -> list[Row]:
    print("  opening in Chromium", flush=True)
    took: list[list[float]] = [[] for _ in articles]
    assets: list[float] = []
    for number in range(-2, repeats):  # the first two warm the server up
        for article, times_of in zip(articles, took, strict=True):
            script = _SPANS + _OPENED.format(expected=len(article.document.marks))
            with visitor(browser, site, cookies, script) as context:
                page = context.new_page()
                wire = Wire(context.new_cdp_session(page), "Script", "Stylesheet")
                page.goto(article.path, wait_until="commit")
                painted = page.evaluate(f"() => ({_WAIT})(benchmark.opened)")
                page.wait_for_load_state("networkidle")
                if number >= 0:
                    times_of.append(painted / 1000)
                    assets.append(wire.bytes)
    few, many = map(tuple, took)
    name = "open cold, every span painted: "
    small = Row(f"{name}5,000 characters, 200 spans", few, seconds, 0.4, None, "2.3 s", "4.5 s")
    return [
        small,
        Row(f"{name}100,000 characters, 2,000", many, seconds, 0.8, small, "4.0 s", "9.3 s"),
        Row(
            "scripts and styles over the wire",
            tuple(assets),
            kilobytes,
            60_000,
            None,
            "717 KB",
            "7.8 MB",
        ),
    ]


def _tagging(
    site: Site, browser: Browser, cookies: dict[str, str], articles: list[Put], repeats: int
) -> list[Row]:
    print("  tagging in Chromium", flush=True)
    took = []
    for article in articles:
        with visitor(browser, site, cookies, _SPANS) as context:
            page = context.new_page()
            page.goto(article.path)
            places = article.document.free[:repeats]
            took.append(tuple(_tag(page, place.start, place.end) for place in places))
    few, many = took
    name = "label key to span painted: "
    small = Row(f"{name}200 spans", few, milliseconds, 0.060, None, "490 ms", "197 ms")
    return [
        small,
        Row(f"{name}2,000 spans", many, milliseconds, 0.100, small, "750 ms", "2,048 ms"),
    ]


def _tag(page: Page, start: int, end: int) -> float:
    """Tag [start, end) by key; how many seconds until it was painted."""
    words = hand.select(page, start, end)
    page.evaluate(_CENTRE)
    page.evaluate("(words) => { benchmark.tagged = benchmark.tagPainted(words); }", words)
    page.wait_for_timeout(200)  # whatever the selection set off is over
    page.keyboard.press(KEY)
    painted: float = page.evaluate(f"() => ({_WAIT})(benchmark.tagged)")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(200)
    return painted / 1000


def _tags_on_the_server(client: Client, articles: list[Put]) -> list[Row]:
    print("  tagging on the server", flush=True)
    for _ in range(WARM_UP):
        client.get(articles[0].path)
    took: list[list[float]] = [[] for _ in articles]
    for number in range(-WARM_UP, TAGS):
        for article, times_of in zip(articles, took, strict=True):
            place = article.document.free[number]  # the last ones for warming up
            fields = {"label": "claim", "start": place.start, "end": place.end}
            fields |= {"text": place.of(article.document.text), "request_id": uuid4()}
            seconds_taken, _ = client.post(f"{article.path}spans/", fields)
            if number >= 0:
                times_of.append(seconds_taken)
    name = "one tag on the server: "
    small = Row(
        f"{name}5,000 characters, 200 spans",
        tuple(took[0]),
        milliseconds,
        None,
        None,
        "grows",
        "grows",
    )
    sparse = Row(f"{name}100,000 characters, 200", tuple(took[1]), milliseconds, None, small)
    large = Row(
        f"{name}100,000 characters, 2,000",
        tuple(took[2]),
        milliseconds,
        None,
        small,
        "grows",
        "grows",
    )
    return [
        small,
        sparse,
        large,
        Row("  2,000 spans against 200", (large.median / small.median,), times, 1.25),
        Row("  the same, in one text", (large.median / sparse.median,), times, 1.25),
    ]


def _pages_on_the_server(client: Client, articles: list[Put], repeats: int) -> list[Row]:
    print("  drawing on the server", flush=True)
    sizes = ("5,000 characters, 200 spans", "100,000 characters, 2,000")
    found = []
    for name, shown, measure in _OF_A_PAGE:
        base = None
        for article, size in zip(articles, sizes, strict=True):
            values = tuple(measure(client, article.path) for _ in range(repeats))
            row = Row(f"{name}: {size}", values, shown, None, base)
            base = base or row
            found.append(row)
    return found


_OF_A_PAGE: tuple[tuple[str, Callable[[float], str], Callable[[Client, str], float]], ...] = (
    ("the page on the server", milliseconds, lambda client, path: client.get(path)[0]),
    ("the page’s HTML", kilobytes, lambda client, path: len(client.get(path)[1])),
    (
        "the page’s HTML over the wire",
        kilobytes,
        lambda client, path: len(client.get(path, encoding="gzip")[1]),
    ),
)
