"""What a hand does at the desk: point, select, press keys, and see what follows."""

from playwright.sync_api import Error

from annotations.models import Article
from tests.views.hands import desk_url

# rangeOf(start, end): the range of the article's text from code point `start` to `end`.
_RANGE = """
  const article = document.getElementById("article");
  const unitsTo = (points) => [...article.textContent].slice(0, points).join("").length;
  const rangeOf = (start, end) => {
    const [from, to] = [unitsTo(start), unitsTo(end)];
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let at = 0, begun = false;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const next = at + node.data.length;
      if (!begun && from < next) { range.setStart(node, from - at); begun = true; }
      if (begun && to <= next) { range.setEnd(node, to - at); break; }
      at = next;
    }
    return range;
  };"""

_SELECT = f"""([start, end]) => {{ {_RANGE}
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(rangeOf(start, end));
  return selection.toString() && rangeOf(start, end).toString();
}}"""

# Where a mouse has to go for the caret to stand at `start`, and at `end`: on a grapheme beside it
# (within what is selected, if that will do), in one of its halves, whatever its direction.
_EDGES = f"""([start, end]) => {{ {_RANGE}
  const caretAt = (x, y) => {{
    const caret = document.caretPositionFromPoint(x, y);
    if (!caret || !article.contains(caret.offsetNode)) return -1;
    const before = document.createRange();
    before.setStart(article, 0);
    before.setEnd(caret.offsetNode, caret.offset);
    return before.toString().length;
  }};
  const lengths = (from, to) =>
    [...new Intl.Segmenter().segment([...article.textContent].slice(from, to).join(""))]
      .map(({{ segment }}) => [...segment].length);
  const pointAt = (wanted, ...beside) => {{
    for (const [from, to] of beside.filter(([from, to]) => from >= 0 && from < to))
      for (const box of rangeOf(from, to).getClientRects())
        for (const part of [0.2, 0.8]) {{
          const [x, y] = [box.left + box.width * part, box.top + box.height / 2];
          if (box.width && caretAt(x, y) === unitsTo(wanted)) return [x, y];
        }}
    return null;
  }};
  const element = rangeOf(start, end).startContainer.parentElement;
  element.scrollIntoView({{ block: "center", behavior: "instant" }});
  const within = lengths(start, end);
  const [before, after] = [lengths(Math.max(0, start - 20), start), lengths(end, end + 20)];
  return [
    pointAt(start, [start, start + within[0]], [start - before.at(-1), start]),
    pointAt(end, [end - within.at(-1), end], [end, end + after[0]]),
  ];
}}"""

_TARGET = """() => {
  const { start, end } = document.getElementById("mark").elements;
  return end.value && [Number(start.value), Number(end.value)];
}"""


def open_desk(page, article, span=None):
    """Go to the article's desk, with that span's panel open, and wait until htmx is at work."""
    page.goto(desk_url(article) + (f"?span={span.uid}" if span else ""))
    page.locator("#watch[data-htmx-powered]").wait_for(state="attached")


def choose(page, start, end):
    """Select the code points [start, end) of the article, as they are; return the words."""
    return page.evaluate(_SELECT, [start, end])


def until(page, holds, arg=None):
    """Wait until the script's `holds` is true of the page, at most ten seconds.

    Playwright's own `wait_for_function` evaluates within the page when it looks again, which the
    content security policy forbids; what the browser evaluates for its driver it does not bind.
    """
    for _ in range(500):
        try:
            if page.evaluate(holds, arg):
                return
        except Error as error:  # another page came meanwhile, as after a form without htmx
            if "context was destroyed" not in str(error):
                raise
        page.wait_for_timeout(20)
    raise AssertionError(f"Never came true: {holds}")


def select(page, start, end):
    """Select the code points [start, end) of the article and wait until the desk has seen it."""
    words = choose(page, start, end)
    length = len(words.strip())
    until(
        page,
        "(told) => document.querySelector('#chosen .length')?.textContent === told",
        arg=f"{length} characters",
    )
    return words


def edges(page, start, end):
    """Where in the window the mouse takes hold of [start, end): two points (x, y).

    Scrolls there. None instead of a point where the text shows nothing to take hold of.
    """
    return page.evaluate(_EDGES, [start, end])


def drag(page, start, end, *, alt=False):
    """Draw the mouse over [start, end), with Alt held on its release."""
    draw(page, *edges(page, start, end), alt=alt)


def draw(page, begin, finish, *, alt=False):
    """Draw the mouse from one point of the window to another."""
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move(*finish, steps=3)
    if alt:
        page.keyboard.down("Alt")
    page.mouse.up()
    if alt:
        page.keyboard.up("Alt")
    next_frame(page)


def click_at(page, point, count=1):
    """Click on the character at that code point."""
    page.mouse.click(*edges(page, point, point + 1)[0], click_count=count)
    next_frame(page)


def next_frame(page):
    """Wait until the page has drawn, and with it seen what is selected."""
    page.evaluate("new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")


def press_keys(page, keys, every=0):
    """Press keys, named with blanks between: "j j Shift+J"; one `every` so many milliseconds."""
    for at, key in enumerate(keys.split()):
        if at and every:
            page.wait_for_timeout(every)
        page.keyboard.press(key)


def slow(page, latency):
    """From now on the line takes that many milliseconds more."""
    conditions = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
    session = page.context.new_cdp_session(page)
    session.send("Network.emulateNetworkConditions", {**conditions, "latency": latency})


def answered(page):
    """Wait until all that was pressed is answered: nothing is under way for a while."""
    page.evaluate("""() => new Promise((go) => {
      let since = performance.now();
      const wait = () => {
        if (document.querySelector(".htmx-request")) since = performance.now();
        if (performance.now() - since > 200) go();
        else requestAnimationFrame(wait);
      };
      wait();
    })""")


def target(page):
    """What a label would tag: (start, end), or None."""
    extent = page.evaluate(_TARGET)
    return tuple(extent) if extent else None


def extent_of(article: Article, first: str, last: str | None = None) -> tuple[int, int]:
    """Where the words are, or the run from `first` to the end of `last`."""
    start = article.text.index(first)
    closing = first if last is None else last
    return start, article.text.index(closing, start) + len(closing)


def tag(page, start, end, key):
    """Select, press a label's key, and wait until the span stands in the list."""
    select(page, start, end)
    press(page, key)


def press(page, key):
    """Press a label's key and wait until what was the target is marked with it."""
    label = page.locator(f"#mark .label-button[data-key~='{key}']").get_attribute("value")
    before = page.locator(f"[role=row][data-drawn][data-slug={label}]").count()
    page.keyboard.press(key)
    until(
        page,
        "([label, before]) => document.querySelectorAll("
        "`[role=row][data-drawn][data-slug=${label}]`).length > before",
        arg=[label, before],
    )


def look(page):
    """Let the page ask at once what others changed, and wait until it knows."""
    page.evaluate("""() => new Promise((go) => {
      const watch = document.getElementById("watch");
      document.addEventListener("htmx:finally:request", function seen({ detail }) {
        if (detail.ctx.sourceElement !== watch) return;
        document.removeEventListener("htmx:finally:request", seen);
        go();
      });
      htmx.trigger(watch, "look");
    })""")
    next_frame(page)


def sign_in(page, name, password):
    """Through the sign-in page, as people do."""
    page.goto("/accounts/login/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Library").wait_for()


def said(page, words):
    """Wait until the toast says so."""
    page.locator("#notice .toast", has_text=words).wait_for()


def announced(page, words):
    """Wait until the desk tells it to whoever listens."""
    page.locator("#announced", has_text=words).wait_for(state="attached")
