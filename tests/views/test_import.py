"""Import: files are chosen, come in step by step, and each line is told of."""

import gzip
import io
import json
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotations import pipelines
from annotations.models import Article, Deed, Span, Upload, UploadLine
from tests.factories import TEXT, load_labels, make_article, make_user
from tests.refusals import everything
from tests.views.hands import browser_of
from tests.views.page import HTMX, Page

pytestmark = pytest.mark.django_db
IMPORT = "/import/"
QUOTE = "“as safe as a house”"


@pytest.fixture(autouse=True)
def uploads(tmp_path, settings):
    """The folder in which files wait."""
    load_labels()
    settings.VAR_DIR = tmp_path
    return tmp_path / "uploads"


@pytest.fixture
def importer():
    return make_user("imp", importer=True)


@pytest.fixture
def browser(importer):
    return browser_of(importer)


def lines(*rows):
    return "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows).encode()


def wire(*rows, name="wire.jsonl"):
    return SimpleUploadedFile(name, lines(*(rows or ({"title": "One", "text": "We won."},))))


def send(browser, *files, **fields):
    fields = {"request_id": str(uuid4()), "file": list(files)} | fields
    return browser.post(IMPORT, fields)


def bring(browser, *files, **fields):
    """Send them and go on to the end; the upload."""
    response = send(browser, *files, **fields)
    assert response.status_code == 302, Page(response).words
    upload = Upload.objects.latest("pk")
    while (upload := Upload.objects.get(pk=upload.pk)).going:
        browser.post(address(upload), {"action": "go"})
    return upload


def address(upload):
    return reverse("upload", args=[upload.uid])


def told(upload):
    rows = UploadLine.objects.filter(upload=upload).order_by("pk")
    return list(rows.values_list("line", "outcome", "slug", "words"))


# Who may


def test_who_may_not_is_told_who_may(importer):
    make_user("ann", annotator=True)
    upload = bring(browser_of(importer), wire())
    for person in (make_user(annotator=True, reviewer=True, exporter=True), make_user()):
        for where in (IMPORT, address(upload), reverse("import_report", args=[upload.uid])):
            response = browser_of(person).get(where)
            page = Page(response)
            assert response.status_code == 403
            assert "Only importers may bring articles in" in page.words
            assert [each.words for each in page.one("main").every("li")] == ["imp"]


def test_who_may_not_brings_nothing_in_and_stops_nothing(uploads, browser):
    send(browser, wire())
    upload = Upload.objects.get()
    stranger = browser_of(make_user(annotator=True))
    for action in ("go", "stop"):
        assert stranger.post(address(upload), {"action": action}).status_code == 403
    assert send(stranger, wire()).status_code == 403
    upload.refresh_from_db()
    assert (upload.going, upload.line, Article.objects.count()) == (True, 0, 0)
    assert [path.name for path in uploads.iterdir()] == [str(upload.uid)]


def test_the_library_leads_importers_there_and_nobody_else(browser):
    assert Page(browser.get("/")).every("a", href=IMPORT)
    assert not Page(browser_of(make_user(annotator=True)).get("/")).every("a", href=IMPORT)


def test_the_list_of_articles_in_the_admin_leads_importers_there():
    admin = browser_of(make_user(superuser=True))
    assert f'href="{IMPORT}"' in admin.get("/admin/annotations/article/").content.decode()


# Coming in


def test_a_file_comes_in_and_each_line_is_told_of(browser, importer, uploads):
    make_article("It is here.", slug="here")
    text = f"Another day. {TEXT}"
    start = text.index(QUOTE)
    span = {"label": "quote", "start": start, "end": start + len(QUOTE), "text": QUOTE}
    upload = bring(
        browser,
        wire(
            {"title": "One", "text": text, "spans": [span, span]},
            "{oops\n",
            {"slug": "here", "text": "It is not."},
            {"slug": "here", "text": "It is here."},
            {"title": "Two", "text": f"{text} And more."},
        ),
    )
    assert told(upload) == [
        (1, "added", "one", ""),
        (1, "remark", "", "1 span(s) stood there twice."),
        (2, "refused", "", told(upload)[2][3]),
        (3, "known", "here", "Its text here is another, which was left as it is."),
        (4, "known", "here", ""),
        (5, "added", "two", ""),
        (5, "near", "two", "Nearly the same as one."),
    ]
    assert told(upload)[2][3].startswith("This is not JSON")
    counts = (upload.added, upload.suggestions, upload.known, upload.refused, upload.near)
    assert counts == (2, 1, 2, 1, 1)
    assert (upload.importer, upload.name, upload.format) == (importer, "wire.jsonl", "articles")
    assert upload.why_format
    assert upload.position == upload.size
    assert list(uploads.iterdir()) == []
    assert Span.objects.get().origin == "import:wire.jsonl"
    assert Deed.objects.filter(machine="import:wire.jsonl", actor=None).count() == 2


def test_the_report_shows_what_became_of_each_line_and_only_some_where_asked(browser):
    upload = bring(browser, wire({"title": "One", "text": "We won."}, "{oops\n"))
    page = Page(browser.get(address(upload)))
    rows = [row.words for row in page.one("table").every("tr")][1:]
    assert rows[0] == "line 1 came in one"
    assert rows[1].startswith("line 2 refused This is not JSON")
    assert page.one("table").one("a")["href"] == reverse("desk", args=["one"])
    only = Page(browser.get(f"{address(upload)}?outcome=refused"))
    assert len(only.one("table").every("tr")) == 2
    none = Page(browser.get(f"{address(upload)}?outcome=near"))
    assert "No line is of this kind." in none.words
    strange = Page(browser.get(f"{address(upload)}?outcome=nonsense&page=99"))
    assert len(strange.one("table").every("tr")) == 3


def test_a_long_report_comes_in_pages(browser):
    rows = [{"title": f"T{number}", "text": f"Words {number}."} for number in range(130)]
    upload = bring(browser, wire(*rows))
    page = Page(browser.get(f"{address(upload)}?page=2"))
    assert len(page.one("table").every("tr")) == 31
    assert "page 2 of 2" in page.words


def test_the_report_is_taken_away_as_csv_without_formulas(browser):
    upload = bring(browser, wire())
    UploadLine.objects.create(upload=upload, line=9, outcome="refused", words="=1+1")
    response = browser.get(reverse("import_report", args=[upload.uid]))
    body = b"".join(response.streaming_content).decode()
    assert body.splitlines() == [
        "\ufeffline,outcome,article,suggestions,words",
        "1,came in,one,0,",
        "9,refused,,0,'=1+1",
    ]
    assert response["Content-Type"].startswith("text/csv")


def test_the_report_is_read_in_pages_of_which_none_stays_open(
    browser, monkeypatch, django_assert_num_queries
):
    upload = bring(browser, wire(*[{"text": f"Words {number}."} for number in range(5)]))
    monkeypatch.setattr("annotations.queries.uploads.LINES_AT_ONCE", 2)
    response = browser.get(reverse("import_report", args=[upload.uid]))
    with django_assert_num_queries(4):
        assert len(list(response.streaming_content)) == 1 + 5


def test_the_same_file_again_changes_nothing(browser):
    rows = ({"title": "One", "text": TEXT}, {"title": "Two", "text": "We won.", "outlet": "Post"})
    bring(browser, wire(*rows))
    before = everything()
    upload = bring(browser, wire(*rows))
    assert everything() == before
    assert (upload.added, upload.known) == (0, 2)
    assert "Nothing new: all of it is here already." in Page(browser.get(address(upload))).words


def test_a_trial_stores_nothing_across_its_steps_and_sees_what_it_saw_before(
    browser, monkeypatch, uploads
):
    monkeypatch.setattr("annotations.pipelines.STEP", 0)
    monkeypatch.setattr("annotations.pipelines.uploads.STEP", 0)
    monkeypatch.setattr("annotations.pipelines.imports.MOST_ARTICLES", 5)
    step = pipelines.step
    monkeypatch.setattr("annotations.pipelines.step", lambda *args: step(*args, 0))
    rows = [{"title": "One", "text": f"We won {number % 3}."} for number in range(6)]
    before = everything()
    upload = bring(browser, wire(*rows), trial="on")
    assert everything() == before
    assert [(outcome, slug) for _, outcome, slug, _ in told(upload)] == [
        ("added", "one"), ("added", "one-2"), ("added", "one-3"),
        ("known", "one"), ("known", "one-2"), ("known", "one-3"),
    ]  # fmt: skip
    page = Page(browser.get(address(upload)))
    assert "This was a trial: nothing was stored. 3 articles would come in." in page.words
    assert list(uploads.iterdir()) == []
    really = bring(browser, wire(*rows))
    assert told(really) == told(upload)


def test_a_correction_in_a_file_replaces_only_where_the_importer_says_so(browser):
    make_article(slug="old", text="It cost 5 million.")
    row = {"slug": "new", "text": "It cost 6 million.", "replaces": "old"}
    beside = bring(browser, wire(row))
    assert "nothing was replaced" in Page(browser.get(address(beside))).words
    row |= {"slug": "newer", "text": "It cost 7 million."}
    page = Page(browser.get(address(bring(browser, wire(row), corrections="on"))))
    assert "It replaces old: 0 span(s) came along as suggestions, 0 did not." in page.words
    assert Article.objects.get(slug="newer").replaces == Article.objects.get(slug="old")
    assert Article.objects.get(slug="new").replaces is None


def test_several_files_come_in_one_after_the_other(browser, uploads):
    files = [SimpleUploadedFile(f"part-{n}.txt", f"Part {n}.".encode()) for n in range(3)]
    response = send(browser, *files)
    first = Upload.objects.order_by("pk").first()
    assert response["Location"] == address(first)
    response = browser.post(address(first), {"action": "go"})
    assert response["Location"] == IMPORT
    assert "3 files are done." in Page(browser.get(IMPORT)).words
    assert set(Article.objects.values_list("slug", flat=True)) == {"part-0", "part-1", "part-2"}
    assert {upload.format for upload in Upload.objects.all()} == {"text"}
    assert list(uploads.iterdir()) == []


def test_a_file_that_is_packed_is_unpacked(browser):
    packed = gzip.compress(lines({"title": "One", "text": "We won."}))
    upload = bring(browser, SimpleUploadedFile("wire.jsonl.gz", packed))
    assert (upload.name, upload.added) == ("wire.jsonl", 1)


def test_the_format_may_be_named(browser):
    upload = bring(browser, wire("Plain words.", name="wire.jsonl"), format="text")
    assert (upload.format, upload.why_format, upload.added) == ("text", "", 1)


# What goes wrong


def test_no_file_and_one_that_cannot_be_unpacked_are_told_and_not_kept(browser, uploads):
    for files, sentence in (
        ([], "Choose a file first."),
        ([wire(), SimpleUploadedFile("b.gz", b"\x1f\x8b broken")], "“b” cannot be read:"),
    ):
        response = send(browser, *files)
        assert response.status_code == 422
        assert sentence in Page(response).one("main").words
    assert not Upload.objects.filter(state="going").exists()
    assert not uploads.exists() or list(uploads.iterdir()) == []


def test_an_empty_file_costs_only_itself(browser, uploads):
    files = [
        SimpleUploadedFile("a.jsonl", b""),
        wire(),
        SimpleUploadedFile("b.gz", gzip.compress(b"")),
        SimpleUploadedFile("c.txt", b""),
    ]
    first = bring(browser, *files)
    browser.post(address(first), {"action": "go"})
    assert list(Upload.objects.order_by("pk").values_list("name", "state", "added", "refused")) == [
        ("a.jsonl", "done", 0, 1),
        ("wire.jsonl", "done", 1, 0),
        ("b", "done", 0, 1),
        ("c.txt", "done", 0, 1),
    ]
    assert list(uploads.iterdir()) == []
    page = Page(browser.get(address(Upload.objects.get(name="a.jsonl"))))
    assert "There is no article in this file." in page.words


def test_a_form_that_is_none_is_told(browser):
    for fields, sentence in (
        ({"format": "word"}, "There is no such format."),
        ({"request_id": "x"}, "reload"),
        ({"request_id": ""}, "reload"),
    ):
        response = send(browser, wire(), **fields)
        assert response.status_code == 422
        assert sentence in Page(response).one("main").words
    assert not Upload.objects.exists()


def test_too_many_files_are_told(browser):
    files = [wire(name=f"{number}.jsonl") for number in range(51)]
    response = send(browser, *files)
    assert response.status_code == 422
    assert "at most 50 files" in Page(response).words


def test_files_that_are_too_large_are_told_and_not_kept(browser, settings, uploads):
    settings.UPLOAD_MB = 0.001
    response = send(browser, wire({"text": "x" * 2000}))
    assert response.status_code == 413
    assert "can be brought at once" in Page(response).one("main").words
    assert not Upload.objects.exists()
    assert not uploads.exists()


def headline(browser, upload):
    page = Page(browser.get(address(upload)))
    return next(each.words for each in page.every("p") if "ended" in each.get("class", ""))


def test_the_headline_of_what_came_in_counts_what_did_not(browser):
    make_article("It is here.", slug="here")
    row, bad = {"title": "One", "text": "We won."}, "{oops\n"
    other = {"slug": "here", "text": "It is not."}
    same = {"slug": "here", "text": "It is here."}
    for rows, words in (
        ([other], "Nothing new came in. 1 is here with another text, which was left as it is."),
        ([same], "Nothing new: all of it is here already."),
        ([same, bad], "Nothing new came in. 1 was refused."),
        ([row, bad, bad], "Done: 1 article came in. 2 were refused."),
        (
            [row, other, other, bad],
            "Nothing new came in. 1 was refused. 2 are here with another text, which were left as "
            "they are.",
        ),
    ):
        assert headline(browser, bring(browser, wire(*rows))) == words


def test_the_line_of_another_text_leads_to_bringing_in_a_correction(browser):
    make_article("It is here.", slug="here")
    rows = ({"slug": "here", "text": "It is not."}, {"slug": "here", "text": "It is here."})
    correct = reverse("correct", args=["here"])
    upload = bring(browser, wire(*rows))
    page = Page(browser.get(address(upload)))
    first, second = page.one("table").every("tr")[1:]
    assert first.one("a", href=correct).words == "Bring in a correction"
    assert not second.every("a", href=correct)
    assert browser.get(correct).status_code == 200
    assert page.every("a", href="?outcome=known")


def test_one_line_that_is_refused_is_not_asked_about(browser):
    upload = bring(browser, wire("{oops\n"))
    assert headline(browser, upload) == "Nothing came in: all of it was refused."


def test_a_format_that_is_only_a_guess_is_said_to_be_one(browser):
    row = {"headline": "One", "body": "We won."}
    words = Page(browser.get(address(bring(browser, wire(row))))).one("main").words
    assert "Format: articles, by its name only, as it does not begin like any format" in words
    assert "Nothing in the file tells its format." in words
    words = Page(browser.get(address(bring(browser, wire())))).one("main").words
    assert "Nothing in the file tells its format." not in words


def test_a_table_is_refused_with_a_sentence(browser):
    upload = bring(browser, SimpleUploadedFile("spans.csv", b"slug,text\nwe,We won.\n"))
    assert (upload.added, upload.refused) == (0, 1)
    assert "A table (CSV) cannot come in." in Page(browser.get(address(upload))).words


def test_nothing_of_a_trial_came_in_anywhere(browser):
    upload = bring(browser, wire({"title": "One", "text": "We won."}, "{oops\n"), trial="on")
    assert headline(browser, upload) == (
        "This was a trial: nothing was stored. 1 article would come in. 1 was refused."
    )
    response = browser.get(reverse("import_report", args=[upload.uid]))
    report = b"".join(response.streaming_content).decode()
    assert "1,would come in,one,0," in report.splitlines()
    row = Page(browser.get(IMPORT)).one("table").every("tr")[1]
    assert "would: 1" in row.words
    assert row.one("td", data_name="would come in")
    send(browser, wire(), trial="on")
    going = Page(browser.get(address(Upload.objects.latest("pk"))))
    for told in (Page(browser.get(address(upload))).one("main").words, report, going.words):
        assert "came in" not in told
        assert "has come in" not in told


def test_a_file_of_which_everything_is_refused_is_asked_about(browser):
    upload = bring(browser, wire("These\n", "are\n", "words.\n"))
    words = Page(browser.get(address(upload))).words
    assert "Nothing came in: all of it was refused. Is it really of the format “articles”?" in words


def test_a_file_of_blank_lines_holds_no_article(browser):
    upload = bring(browser, wire("\n\n \n"))
    assert "There is no article in this file." in Page(browser.get(address(upload))).words


HOSTILE = {
    "../../etc/passwd.txt": "passwd.txt",
    "..\\..\\boot.txt": "boot.txt",
    "<script>alert(1)</script>.txt": "script>.txt",
    "evil\u202etxt.exe": "evil?txt.exe",
    "a\x07b\nc.txt": "a?b?c.txt",
    "x" * 300 + ".txt": "…" + "x" * 145 + ".txt",
    "…": "…",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_harmlessly(name, importer, browser, uploads):
    [upload] = pipelines.keep_uploads(
        [(io.BytesIO(b"Words."), name)], "text", uid=uuid4(), importer=importer
    )
    assert upload.name == HOSTILE[name]
    assert [path.name for path in uploads.iterdir()] == [str(upload.uid)]
    browser.post(address(upload), {"action": "go"})
    upload.refresh_from_db()
    assert upload.added == 1
    for where in (IMPORT, address(upload)):
        page = Page(browser.get(where))
        assert upload.name in page.text
        assert "\u202e" not in page.text


def test_what_a_file_says_is_drawn_as_words(browser):
    span = {"label": "<script>alert(1)</script>\udcff", "start": 0, "end": 1, "text": "W"}
    upload = bring(browser, wire({"text": "We won.", "spans": [span]}))
    page = Page(browser.get(address(upload)))
    assert "There is no label “<script>alert(1)</script>\\udcff”" in page.words
    assert "alert(1)" not in "".join(each.text for each in page.every("script"))


# Going on


def test_looking_brings_nothing_in(browser):
    send(browser, wire())
    upload = Upload.objects.get()
    before = everything()
    for _ in range(2):
        response = browser.get(address(upload))
        browser.get(IMPORT)
    assert everything() == before
    assert Upload.objects.get().line == 0
    assert Page(response).one("button", value="go").words == "Go on"


def test_a_page_goes_on_by_itself_whenever_its_importer_opens_it_and_says_so(browser):
    send(browser, wire())
    upload = Upload.objects.get()
    stays = "Keep this page open; it goes on where it was when you come back."

    def form(browser):
        page = Page(browser.get(address(upload)))
        return page.one("form", hx_post=address(upload))

    for again in (browser, browser, browser_of(upload.importer)):
        assert form(again)["hx-trigger"] == "load, submit"
        assert stays in form(again).words
    other = browser_of(make_user(importer=True))
    assert form(other)["hx-trigger"] == "submit"
    assert "It goes on when imp opens this page, or by this button." in form(other).words
    assert stays not in form(other).words
    answer = Page(other.post(address(upload), {"action": "stop"}))
    assert stays not in answer.words


def test_a_step_answers_with_the_form_that_asks_for_the_next(browser, monkeypatch):
    monkeypatch.setattr("annotations.pipelines.imports.MOST_ARTICLES", 5)
    step = pipelines.step
    monkeypatch.setattr("annotations.pipelines.step", lambda *args: step(*args, 0))
    send(browser, wire(*({"title": f"T{n}", "text": f"Words {n}."} for n in range(3))))
    upload = Upload.objects.get()
    answers = [
        Page(browser.post(address(upload), {"action": "go"}, headers=HTMX)) for _ in range(4)
    ]
    going = answers[0].one("form", hx_post=address(upload))
    assert going["hx-trigger"] == "load, submit"
    assert going.one("progress")["max"] == str(upload.size)
    assert "1 came in" in answers[0].partials["#report"].words
    assert answers[-1].partials["#stop"].words == ""
    assert "Done: 3 articles came in." in answers[-1].words


def test_a_second_window_looks_on_while_the_first_one_works(browser, importer, monkeypatch):
    send(browser, wire())
    upload = Upload.objects.get()
    seen = []
    go_on = pipelines.uploads._go_on

    def meanwhile(*args):
        answer = browser.post(address(upload), {"action": "go"}, headers=HTMX)
        seen.append(Page(answer))
        return go_on(*args)

    monkeypatch.setattr("annotations.pipelines.uploads._go_on", meanwhile)
    assert pipelines.step(upload, importer)
    assert "Another window brings it in right now" in seen[0].words
    assert seen[0].one("form", hx_post=address(upload))["hx-trigger"] == "load delay:2s, submit"
    assert (upload.state, upload.added, len(seen)) == ("done", 1, 1)
    assert Article.objects.count() == 1


def test_what_was_stopped_stays_stopped_and_what_came_in_stays(browser, importer, uploads):
    send(browser, wire({"title": "One", "text": "We won."}))
    upload = Upload.objects.get()
    response = browser.post(address(upload), {"action": "stop"})
    assert response["Location"] == address(upload)
    assert list(uploads.iterdir()) == []
    browser.post(address(upload), {"action": "go"})
    assert not Article.objects.exists()
    assert "It was stopped at line 0" in Page(browser.get(address(upload))).words


def test_one_that_is_stopped_while_a_step_works_brings_no_more_in(browser, importer, monkeypatch):
    send(browser, wire())
    upload = Upload.objects.get()
    ready = pipelines.imports.actions.draft_articles

    def stop_first(*args):
        browser.post(address(upload), {"action": "stop"})
        return ready(*args)

    monkeypatch.setattr("annotations.pipelines.imports.actions.draft_articles", stop_first)
    pipelines.step(upload, importer)
    assert (upload.state, upload.line, upload.added) == ("stopped", 0, 0)
    assert not Article.objects.exists()
    assert not UploadLine.objects.exists()


def test_one_whose_file_is_not_here_says_so_and_is_not_ended(browser, uploads):
    send(browser, wire())
    upload = Upload.objects.get()
    path = uploads / str(upload.uid)
    path.rename(uploads / "away")
    for headers in ({}, HTMX):
        response = browser.post(address(upload), {"action": "go"}, headers=headers)
        page = Page(response)
        assert response.status_code == 409
        going = page.one("form", hx_post=address(upload))
        assert "Its file is not on this machine." in going.one("p", role="alert").words
        assert going.one("button", value="go").words == "Go on"
        assert going["hx-trigger"] == "submit"
    (uploads / "away").rename(path)
    browser.post(address(upload), {"action": "go"})
    assert "Done: 1 article came in." in Page(browser.get(address(upload))).words


def test_one_of_several_whose_file_is_not_here_says_so_on_its_own_page(browser, uploads):
    send(browser, wire(), wire({"title": "Two", "text": "We lost."}))
    first, second = Upload.objects.order_by("pk")
    (uploads / str(second.uid)).unlink()
    response = browser.post(address(first), {"action": "go"})
    assert response["Location"] == address(second)
    page = Page(browser.get(address(second)))
    assert page.one("form", hx_post=address(second))["hx-trigger"] == "load, submit"
    response = browser.post(address(second), {"action": "go"})
    assert "Its file is not on this machine." in Page(response).words


def test_a_form_that_is_sent_twice_is_one_upload(browser):
    request_id = str(uuid4())
    for _ in range(2):
        response = send(browser, wire(), request_id=request_id)
    assert response["Location"] == address(Upload.objects.get())
    other = browser_of(make_user(importer=True))
    response = send(other, wire(), request_id=request_id)
    assert response.status_code == 409
    assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    ("files", "choices"),
    [
        ([wire({"title": "Two", "text": "We lost."})], {}),
        ([wire(name="other.jsonl")], {}),
        ([wire()], {"trial": "on"}),
        ([wire()], {"corrections": "on"}),
        ([wire()], {"format": "text"}),
        ([wire(), wire({"text": "We lost."}, name="b.jsonl")], {}),
    ],
    ids=["file", "name", "trial", "corrections", "format", "second file"],
)
def test_a_form_that_is_sent_again_with_something_else_is_told_and_keeps_the_first(
    files, choices, browser, uploads
):
    request_id = str(uuid4())
    send(browser, wire(), wire(name="b.jsonl"), request_id=request_id)
    before = list(Upload.objects.values()), {p.name: p.read_bytes() for p in uploads.iterdir()}
    for file in files:
        file.seek(0)
    response = send(browser, *files, request_id=request_id, **choices)
    page = Page(response)
    assert response.status_code == 409
    assert "This form was sent before with another file or other choices" in page.words
    form = page.form(IMPORT)
    assert form.fields["request_id"] != request_id
    assert {name: form.fields[name] for name in choices} == choices
    kept = list(Upload.objects.values()), {p.name: p.read_bytes() for p in uploads.iterdir()}
    assert kept == before


def test_an_upload_that_is_not_there_is_404(browser):
    assert browser.get(reverse("upload", args=[uuid4()])).status_code == 404


def test_the_list_takes_as_many_statements_for_many_as_for_few(
    browser, importer, django_assert_max_num_queries
):
    for _ in range(30):
        Upload.objects.create(importer=importer, name="a", format="text", size=1, sha256="0" * 64)
    with django_assert_max_num_queries(8):
        page = Page(browser.get(IMPORT))
    assert len(page.one("table").every("tr")) == 26
    assert "page 1 of 2" in page.words


def test_files_lie_in_a_folder_of_the_var_folder(browser, uploads):
    send(browser, wire())
    assert uploads.parent == settings.VAR_DIR
    assert (uploads / str(Upload.objects.get().uid)).read_bytes() == wire().read()
