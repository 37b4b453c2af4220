"""A real Chromium, and how it tells when what we wait for has been painted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.server import Site
from tests import run
from tests.browser.conftest import FLAGS

WINDOW = {"width": 1400, "height": 900}
PATIENCE = 60_000  # milliseconds

# `benchmark.painted(holds)`: when, in milliseconds since the navigation started, the frame was
# over in which `holds()` was true before its layout and paint. The second animation frame begins
# after the first has been painted, so up to one frame (16.7 ms) too much is counted, never less.
_CLOCK = """
globalThis.benchmark = {
  painted(holds) {
    return new Promise((done) => {
      const look = () => requestAnimationFrame(
        holds() ? () => done(performance.now()) : look);
      requestAnimationFrame(look);
    });
  },
};
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that the tests use, without a screen. No ORM call while it is open."""
    program = run.found(run.chromium, "Chromium", "chromium", "libatomic1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visitor(
    browser: Browser, site: Site, cookies: Mapping[str, str], script: str = ""
) -> Iterator[BrowserContext]:
    """Somebody signed in whose browser has kept nothing: a cache and a storage of its own.

    script: runs in every page before the page's own.
    """
    context = browser.new_context(base_url=site.url, viewport=WINDOW)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    try:
        context.add_cookies(
            [{"name": name, "value": value, "url": site.url} for name, value in cookies.items()]
        )
        context.add_init_script(_CLOCK + script)
        yield context
    finally:
        context.close()


class Wire:
    """Bytes on the wire, heads and compressed bodies, of the responses of some kinds.

    kinds: as the DevTools protocol calls them: "Script", "Stylesheet", "Document".
    """

    def __init__(self, session: Any, *kinds: str) -> None:
        """Count from now on; session: a DevTools session of the page."""
        self._kinds, self._kind_of = kinds, dict[str, str]()
        self.bytes = 0
        session.on("Network.responseReceived", self._came)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _came(self, event: Mapping[str, Any]) -> None:
        self._kind_of[event["requestId"]] = event["type"]

    def _finished(self, event: Mapping[str, Any]) -> None:
        if self._kind_of.get(event["requestId"]) in self._kinds:
            self.bytes += int(event["encodedDataLength"])
