"""Bringing files in, in real Chromium: by keys alone, with its progress and its report."""

import json
from uuid import uuid4

import pytest
from django.conf import settings

from annotations import pipelines
from annotations.models import Article, Upload
from tests.browser.hand import until
from tests.browser.test_access import faults
from tests.factories import TEXT, load_labels, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def importer(browse):
    load_labels()
    person = make_user("imp", importer=True)
    browse.sign_in(person)
    return person


@pytest.fixture
def wire(tmp_path):
    """A file of many articles, one line of which is none, and the last nearly the first."""
    rows = [json.dumps({"title": f"Part {n}", "text": f"{n}. {TEXT[:60]}"}) for n in range(60)]
    rows[7] = "{oops"
    rows.append(json.dumps({"title": "Long", "text": TEXT}))
    rows.append(json.dumps({"title": "Longer", "text": f"{TEXT} More."}))
    path = tmp_path / "wire.jsonl"
    path.write_text("\n".join(rows))
    return path


def tab_to(page, place):
    """Press Tab until what was meant has the focus."""
    for _ in range(30):
        if page.locator(f"{place}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {place}")


def choose_by_keys(page, *paths):
    page.on("filechooser", lambda chooser: chooser.set_files(paths))
    page.goto("/")
    tab_to(page, "a[href='/import/']")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Bring articles in").wait_for()
    tab_to(page, "input[type=file]")
    page.keyboard.press("Enter")
    until(
        page, "(n) => document.querySelector('input[type=file]').files.length === n", arg=len(paths)
    )


def test_a_file_comes_in_by_keys_alone_and_its_report_is_read(importer, browse, wire, monkeypatch):
    step = pipelines.step
    monkeypatch.setattr(pipelines, "step", lambda *args: step(*args, 0.2))

    def bring(page):
        choose_by_keys(page, wire)
        tab_to(page, "main button.main")
        page.keyboard.press("Enter")
        page.locator(".ended").wait_for()
        told = page.locator(".ended").inner_text()
        tab_to(page, ".outcomes a[href$='=refused']")
        page.keyboard.press("Enter")
        page.locator("[aria-current]", has_text="1 refused").wait_for()
        refused = page.locator(".lines tbody tr").all_inner_texts()
        return told, refused, page.locator("#stop").inner_text()

    told, refused, stop = browse(bring)
    assert told == "Done: 61 articles came in. 1 was refused."
    assert len(refused) == 1
    assert "This is not JSON" in refused[0]
    assert stop == ""
    assert Article.objects.count() == 61
    upload = Upload.objects.get()
    assert (upload.near, upload.state) == (upload.lines.filter(outcome="near").count(), "done")


def test_its_progress_moves_and_it_is_stopped_by_keys(importer, browse, wire, monkeypatch):
    step = pipelines.step
    monkeypatch.setattr("annotations.pipelines.imports.MOST_ARTICLES", 5)
    monkeypatch.setattr(pipelines, "step", lambda *args: step(*args, 0))

    def stop(page):
        choose_by_keys(page, wire)
        tab_to(page, "main button.main")
        page.keyboard.press("Enter")
        page.locator(".lines tbody tr").nth(4).wait_for()
        tab_to(page, "#stop button")
        page.keyboard.press("Enter")
        page.locator(".ended").wait_for()
        return page.locator(".ended").inner_text()

    assert browse(stop).startswith("It was stopped at line ")
    upload = Upload.objects.get()
    assert 0 < upload.line < 62
    assert Article.objects.count() == upload.added


def test_a_page_that_was_left_goes_on_when_it_is_opened_again(importer, browse, wire, monkeypatch):
    step = pipelines.step
    monkeypatch.setattr("annotations.pipelines.imports.MOST_ARTICLES", 20)
    monkeypatch.setattr(pipelines, "step", lambda *args: step(*args, 0))

    def leave_and_return(page):
        choose_by_keys(page, wire)
        tab_to(page, "main button.main")
        page.keyboard.press("Enter")
        page.locator(".lines tbody tr").nth(4).wait_for()
        stays = page.locator(".scripted").inner_text()
        address = page.url
        page.goto("/import/")
        page.goto(address)
        page.locator(".ended").wait_for()
        return stays, page.locator(".ended").inner_text()

    stays, told = browse(leave_and_return)
    assert stays == "Keep this page open; it goes on where it was when you come back."
    assert told == "Done: 61 articles came in. 1 was refused."


def test_several_files_come_in_without_a_further_key(importer, browse, tmp_path):
    paths = [tmp_path / f"part-{number}.txt" for number in range(4)]
    for path in paths:
        path.write_text(f"Words of {path.stem}.")

    def bring(page):
        choose_by_keys(page, *paths)
        tab_to(page, "main button.main")
        page.keyboard.press("Enter")
        page.get_by_text("4 files are done.").wait_for()
        return page.locator(".uploads tbody tr").count()

    assert browse(bring) == 4
    assert Article.objects.count() == 4


def test_axe_finds_nothing_on_the_pages_of_an_import(importer, browse, wire):
    with wire.open("rb") as file:
        [upload] = pipelines.keep_uploads([(file, wire.name)], None, uid=uuid4(), importer=importer)

    def look(page):
        page.goto("/import/")
        found = faults(page, "import")
        page.goto(f"/import/{upload.uid}/")
        found += faults(page, "going")
        page.locator(".ended").wait_for()
        return found + faults(page, "done")

    assert browse(look) == []


def test_a_file_that_is_not_here_is_told_of_on_the_page_that_asks_for_it(importer, browse, wire):
    with wire.open("rb") as file:
        [upload] = pipelines.keep_uploads([(file, wire.name)], None, uid=uuid4(), importer=importer)
    (settings.VAR_DIR / "uploads" / str(upload.uid)).unlink()
    browse.allow("status of 409")

    def look(page):
        page.goto(f"/import/{upload.uid}/")
        page.get_by_role("button", name="Go on").click()
        page.locator("#coming .refused").wait_for()
        return page.locator("#coming .refused").inner_text(), faults(page, "not here")

    told, found = browse(look)
    assert told.startswith("Its file is not on this machine.")
    assert found == []
