"""What a hand does at the desk: select words as a mouse leaves them, and wait for what follows."""

from annotations.models import Article

# The range of DOM text from code point `start` to `end`, selected as a mouse would leave it.
_SELECT = """([start, end]) => {
  const article = document.getElementById("article");
  const units = (points) => [...article.textContent].slice(0, points).join("").length;
  const [from, to] = [units(start), units(end)];
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let at = 0, begun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const next = at + node.data.length;
    if (!begun && from < next) { range.setStart(node, from - at); begun = true; }
    if (begun && to <= next) { range.setEnd(node, to - at); break; }
    at = next;
  }
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  return range.toString();
}"""


def select(page, start, end):
    """Select the code points [start, end) of the article and wait until the desk has seen it."""
    words = page.evaluate(_SELECT, [start, end])
    length = len(words.strip())
    page.wait_for_function(
        "(told) => document.querySelector('#chosen .length')?.textContent === told",
        arg=f"{length} characters",
    )
    return words


def extent_of(article: Article, first: str, last: str | None = None) -> tuple[int, int]:
    """Where the words are, or the run from `first` to the end of `last`."""
    start = article.text.index(first)
    closing = first if last is None else last
    return start, article.text.index(closing, start) + len(closing)


def tag(page, start, end, key):
    """Select, press a label's key, and wait for the toast that says so."""
    select(page, start, end)
    page.keyboard.press(key)
    page.locator("#notice .toast", has_text="Marked as").wait_for()
    page.locator("#chosen .hint").wait_for()


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
