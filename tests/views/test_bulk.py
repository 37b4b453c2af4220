"""POST /review/bulk/: one verdict on many spans, and how far it is."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse

from annotations import actions
from annotations.actions import _many as many
from annotations.domain.lifecycle import ArticleState, State
from annotations.forms import SPANS_AT_ONCE
from annotations.models import Deed, Span
from tests.factories import make_article, make_deed, make_span, make_user
from tests.views.hands import browser_of
from tests.views.page import Page, database

pytestmark = pytest.mark.django_db

ways = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
BULK = "/review/bulk/"
WORDS = " ".join(f"word{number}" for number in range(12))


def waiting(number, author=None, **particulars):
    """So many spans that wait for review, in one article."""
    article = make_article(WORDS, state=ArticleState.SUBMITTED, **particulars)
    author = author or make_user(annotator=True)
    return [make_span(article, author) for _ in range(number)]


def named(spans):
    return [f"{span.uid}:{span.revision}" for span in spans]


def ticked(spans, action="approve", **fields):
    """The form's fields, with these spans as they stand."""
    return {
        "span": named(spans),
        "action": action,
        "request_id": str(uuid4()),
        "screen": "review",
        "queue": "",
        **fields,
    }


def states():
    return list(Span.objects.order_by("pk").values_list("state", flat=True))


def told(response):
    """What the page says of the deed, after the redirect if there is one."""
    return Page(response).toasts


def test_it_has_its_address():
    assert reverse("bulk") == BULK
    assert browser_of(make_user(reviewer=True)).get(BULK).status_code == 405


@ways
@pytest.mark.parametrize(
    ("action", "fields", "after", "said"),
    [
        ("approve", {}, "approved", "Approved 3."),
        ("reject", {"reason": "duplicate"}, "rejected", "Rejected 3."),
        ("send_back", {"comment": "Where does it end?"}, "sent_back", "Sent back 3."),
    ],
)
def test_all_that_are_ticked_get_the_verdict_and_the_review_goes_on(
    action, fields, after, said, htmx
):
    spans = waiting(4)
    response = browser_of(make_user(reviewer=True), htmx=htmx).post(
        BULK, ticked(spans[:3], action, **fields), follow=True
    )
    page = Page(response)
    assert (page.status, told(response), page.refusals) == (200, [said], [])
    assert states() == [after] * 3 + ["proposed"]
    if htmx:
        assert set(page.partials) >= {"#card", "#queue", "#undo", "#notice"}
    assert page.form(reverse("on_span", args=[spans[3].uid]))


@ways
def test_what_was_skipped_is_told_by_kind_most_first(htmx):
    reviewer = make_user(annotator=True, reviewer=True)
    good, settled, changed = waiting(3)
    own = waiting(2, reviewer)
    fields = ticked([good, settled, changed, *own])
    fields["span"][2] = f"{changed.uid}:7"
    actions.reject(
        span=settled.uid, seen=1, reason="other", deed=make_deed(make_user(reviewer=True))
    )
    fields["span"][1] = f"{settled.uid}:2"
    extra = waiting(2)

    response = browser_of(reviewer, htmx=htmx).post(
        BULK, {**fields, "span": [*fields["span"], *named(extra)]}, follow=True
    )

    assert told(response) == [
        "Approved 3 · skipped 4: 2 your own, 1 no longer waits, 1 changed meanwhile."
    ]


@ways
def test_one_undo_takes_the_whole_batch_back(htmx):
    spans = waiting(3)
    browser = browser_of(make_user(reviewer=True), htmx=htmx)
    page = Page(browser.post(BULK, ticked(spans), follow=True))
    undo = page.form(reverse("undo", args=[Deed.objects.get(action="approve").pk]))
    response = browser.post(undo["action"], undo.fields, follow=True)
    assert told(response) == ["Undone: approved 3 spans."]
    assert states() == ["proposed"] * 3


@ways
def test_where_nothing_could_be_done_it_says_why_and_writes_nothing(htmx):
    reviewer = make_user(annotator=True, reviewer=True)
    spans = waiting(2, reviewer)
    before = database()
    response = browser_of(reviewer, htmx=htmx).post(BULK, ticked(spans))
    page = Page(response)
    assert (page.status, database() == before) == (409, True)
    assert "Nothing was approved · skipped 2: 2 your own." in page.refusals


@ways
def test_only_reviewers_may(htmx):
    spans = waiting(1)
    before = database()
    page = Page(browser_of(make_user(annotator=True), htmx=htmx).post(BULK, ticked(spans)))
    assert (page.status, database() == before) == (403, True)
    assert "Only reviewers may do this." in page.refusals


@ways
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"span": []}, "Tick at least one span."),
        ({"span": ["nonsense"]}, "A span is named by its id and the revision you saw"),
        ({"span": ["١:1"]}, "A span is named by its id and the revision you saw"),
        ({"span": [f"{uuid4()}:"]}, "A span is named by its id and the revision you saw"),
        ({"span": [f"{uuid4()}:-1"]}, "A span is named by its id and the revision you saw"),
        ({"span": [f"{uuid4()}:1\n"]}, "A span is named by its id and the revision you saw"),
        ({"action": "amend"}, "There is no such verdict."),
        ({"action": ""}, "Choose a verdict."),
        ({"action": "reject"}, "Choose why it is rejected."),
        ({"action": "send_back", "comment": " \n"}, "Say what the annotator should look at."),
        ({"request_id": "nonsense"}, "The form’s request id is not one"),
    ],
)
def test_what_does_not_fit_is_422_with_a_sentence_and_nothing_is_written(fields, sentence, htmx):
    spans = waiting(1)
    before = database()
    response = browser_of(make_user(reviewer=True), htmx=htmx).post(BULK, ticked(spans) | fields)
    page = Page(response)
    assert (page.status, database() == before) == (422, True)
    assert any(sentence in refusal for refusal in page.refusals)


@ways
def test_more_than_can_be_decided_at_once_is_422_and_says_how_many(htmx):
    spans = waiting(1)
    named = [f"{uuid4()}:1" for _ in range(SPANS_AT_ONCE)]
    fields = ticked(spans)
    fields["span"] += named
    response = browser_of(make_user(reviewer=True), htmx=htmx).post(BULK, fields)
    page = Page(response)
    assert page.status == 422
    sentence = "5,000 spans at most can be decided at once; these are 5,001."
    assert sentence in page.refusals
    assert states() == ["proposed"]


def test_the_most_that_can_be_decided_at_once_can_be_sent():
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS >= SPANS_AT_ONCE + 50
    (span,) = waiting(1)
    fields = ticked([span])
    fields["span"] += [f"{uuid4()}:1" for _ in range(SPANS_AT_ONCE - 1)]
    response = browser_of(make_user(reviewer=True), htmx=True).post(BULK, fields)
    assert told(response) == ["Approved 1 · skipped 4,999: 4,999 not there."]


def test_the_same_form_again_is_one_deed():
    spans = waiting(3)
    browser, fields = browser_of(make_user(reviewer=True), htmx=True), ticked(spans)
    for _ in range(2):
        assert told(browser.post(BULK, fields)) == ["Approved 3."]
    assert Deed.objects.filter(action="approve").count() == 1


# A long list


@pytest.fixture
def _four_at_once(monkeypatch):
    decide_many = actions.decide_many
    monkeypatch.setattr(actions, "decide_many", lambda **told: decide_many(**told, at_most=4))


@pytest.mark.usefixtures("_four_at_once")
@ways
def test_a_long_list_says_how_far_it_is_and_goes_on_with_the_same_form(htmx):
    reviewer = make_user(annotator=True, reviewer=True)
    spans = [*waiting(5), *waiting(1, reviewer), *waiting(4)]
    browser = browser_of(reviewer, htmx=htmx)
    fields = ticked(spans, "reject", reason="other", comment="No <b>.\nNo.", queue="label=quote")

    page = Page(browser.post(BULK, fields))

    form = page.form(BULK)
    progress = form.one("progress")
    assert (page.status, progress["value"], progress["max"]) == (200, "4", "10")
    assert "4 of 10" in form.words
    assert "Rejected 4." in form.words
    assert [field["value"] for field in form.every("input", name="span")] == named(spans)
    kept = {name: form.fields[name] for name in fields if name != "span"}
    assert kept == {name: fields[name] for name in fields if name != "span"}
    assert [button.words for button in form.every("button")] == ["Go on"]
    if htmx:
        assert list(page.partials) == ["#notice"]
        assert form["hx-trigger"].startswith("load")
        assert form["hx-post"] == BULK
    else:
        assert not form.get("hx-post")

    page = Page(browser.post(BULK, fields))
    assert page.form(BULK).one("progress")["value"] == "9"
    response = browser.post(BULK, fields, follow=True)
    assert told(response) == ["Rejected 9 · skipped 1: 1 your own."]
    assert Deed.objects.filter(action="reject").count() == 1
    assert states().count("rejected") == 9


@pytest.mark.usefixtures("_four_at_once")
def test_going_on_after_an_undo_is_refused_with_a_sentence():
    reviewer, spans = make_user(reviewer=True), waiting(6)
    browser, fields = browser_of(reviewer, htmx=True), ticked(spans)
    browser.post(BULK, fields)
    actions.undo(target=Deed.objects.get(action="approve").pk, deed=make_deed(reviewer))
    page = Page(browser.post(BULK, fields))
    assert page.status == 409
    assert "This was undone meanwhile, so no more was approved." in page.refusals
    assert states() == [State.PROPOSED] * 6


def test_a_chunk_is_shorter_than_an_answer():
    assert many.CHUNK < many.AT_MOST < SPANS_AT_ONCE
