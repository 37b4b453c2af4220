"""A real Chromium for the tests of this folder.

    def test_a_reader_finds_the_login(browse):
        assert browse(lambda page: page.goto("/") and page.title()) == "Sign in"

`browse` runs a function with this test's page and returns what it returns. Between two calls the
page stays as it is, so that a test can look into the database in between, and only there:
Playwright's sync API runs an event loop in its thread, where Django refuses queries.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Error, sync_playwright

from tests import run
from tests.factories import load_labels, make_user

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
PATIENCE = 10_000  # milliseconds
FLAGS = [  # as root, without a screen, and without calling home
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items):
    """All of this folder is marked `browser`; nobody can forget it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With a failure, what each visitor's page showed then."""
    report = yield
    if call.when == "call" and report.failed:
        for one in getattr(item.funcargs.get("visitor"), "all", []):
            report.sections.append(("What the page showed", one.shown()))
    return report


@pytest.fixture(scope="session")
def chromium():
    """The thread that the browser lives in, and the browser."""
    program = run.chromium()
    assert program, "no Chromium here; Debian: apt install chromium"
    with ThreadPoolExecutor(1, "browser") as thread:
        playwright = thread.submit(lambda: sync_playwright().start()).result()
        try:
            launch = thread.submit(playwright.chromium.launch, executable_path=program, args=FLAGS)
            browser = launch.result()
            yield thread, browser
            thread.submit(browser.close).result()
        finally:
            thread.submit(playwright.stop).result()


class Browse:
    """One visitor: a context of its own (cookies, storage) with one page.

    What the page complains of on the console - script errors, refused requests, violations of
    the content security policy - fails the test, unless `allow` was told of it.
    """

    def __init__(self, chromium, url, viewport, **options):
        self._thread, browser = chromium
        self._url = url
        self.complaints = []
        self._allowed = []
        self._page = self._thread.submit(self._open, browser, viewport, options).result()

    def _open(self, browser, viewport, options):
        page = browser.new_context(base_url=self._url, viewport=viewport, **options).new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        return page

    def _note(self, message):
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def __call__(self, function):
        """What `function(page)` returns, run in the browser's thread."""
        return self._thread.submit(function, self._page).result()

    def sign_in(self, user):
        """Sign in without the form: the next page is seen as `user`."""
        client = Client()
        client.force_login(user)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": self._url}
        self(lambda page: page.context.add_cookies([cookie]))

    def allow(self, *parts):
        """Expect complaints that contain one of these, such as "status of 409"."""
        self._allowed += parts

    def shown(self):
        """The address and the words of the page, those too that only a screen reader reads."""
        try:
            text = self(lambda page: f"{page.url}\n{page.locator('body').inner_text(timeout=1000)}")
        except Error as error:
            return str(error)
        return "\n".join(line for line in text.splitlines() if line.strip())

    def close(self):
        self(lambda page: page.context.close())

    def unexpected(self):
        return [text for text in self.complaints if not any(part in text for part in self._allowed)]


@pytest.fixture
def visitor(chromium, live_server):
    """Make as many visitors as the test needs: visitor(), visitor(PHONE), visitor(locale="de")."""
    visitors = []

    def new(viewport=DESKTOP, **options):
        visitors.append(Browse(chromium, live_server.url, viewport, **options))
        return visitors[-1]

    new.all = visitors
    yield new
    for one in visitors:
        one.close()
    assert [text for one in visitors for text in one.unexpected()] == []


@pytest.fixture
def browse(visitor):
    """One visitor at a desk."""
    return visitor()


@pytest.fixture
def annotator(browse):
    """Who has `browse` in hand: somebody who may mark, with the newsroom's own labels."""
    load_labels()
    person = make_user("ann", annotator=True)
    browse.sign_in(person)
    return person


@pytest.fixture
def phone(visitor):
    """One visitor with a narrow phone, 360 pixels wide."""
    return visitor(PHONE, has_touch=True)
