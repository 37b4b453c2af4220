"""`make pictures`: the desk as docs/desk.md shows it, article 004 marked up by its keys."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.server import Site, newsroom

FOLDER = Path(__file__).resolve().parent.parent / "docs/images"
ARTICLE = "/articles/putin-western-weapons-004/"
WIDE = {"width": 1400, "height": 900}
NARROW = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LOOKS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": WIDE},
    "desk-dark": {"viewport": WIDE, "color_scheme": "dark"},
    "desk-forced-colours": {"viewport": WIDE, "forced_colors": "active"},
    "desk-360": NARROW,
    "desk-360-dark": {**NARROW, "color_scheme": "dark"},
    "desk-print": {"viewport": {"width": 800, "height": 1120}},
}


def main() -> None:
    with newsroom("sqlite") as site:
        from benchmarks.browser import chromium, visitor
        from benchmarks.people import make_annotator

        cookies = make_annotator()
        with chromium() as browser:
            with visitor(browser, site, cookies) as context:
                _mark_up(context.new_page())
            for name, look in LOOKS.items():
                _draw(browser, site, cookies, name, look)


def _mark_up(page: Page) -> None:
    from tests.browser.hand import until
    from tests.browser.test_article_004 import MARKS

    page.goto(ARTICLE)
    for at, (keys, *_) in enumerate(MARKS, start=1):
        for key in keys.split():
            page.keyboard.press(key)
        rows = "document.querySelectorAll('[role=row][data-drawn]').length"
        until(page, f"(count) => {rows} === count", arg=at)


def _draw(
    browser: Browser, site: Site, cookies: dict[str, str], name: str, look: dict[str, Any]
) -> None:
    context = browser.new_context(base_url=site.url, reduced_motion="reduce", **look)
    context.add_cookies(
        [{"name": key, "value": it, "url": site.url} for key, it in cookies.items()]
    )  # type: ignore[list-item]
    page = context.new_page()
    page.goto(ARTICLE)
    page.locator("#watch[data-htmx-powered]").wait_for(state="attached")
    if name == "desk":  # the attributes of a span under its words
        page.keyboard.press("w")
        page.locator("#panel [data-open]").wait_for()
        page.keyboard.press("n")
        page.locator("#panel .words", has_text="Serious").wait_for()
        page.keyboard.press("Enter")
        page.locator("#strip-form").wait_for()
    elif "360" in name:
        page.locator("#p8").tap()
    elif "print" in name:
        page.emulate_media(media="print")
    page.wait_for_timeout(300)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} KB", flush=True)
    context.close()


if __name__ == "__main__":
    main()
