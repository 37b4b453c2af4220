"""The review by text group: what the screen shows, and where each button leads."""

from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import actions
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.groups import WHY_ONE_BY_ONE
from annotations.domain.lifecycle import State
from annotations.forms import AmongGroupsForm
from annotations.models import Span
from annotations.queries.groups import At
from tests.factories import make_article, make_deed, make_label, make_span, make_user
from tests.queries.test_groups import APPEAL, appeals, group_of, lease, submitted
from tests.views.hands import browser_of
from tests.views.page import Page, database

pytestmark = pytest.mark.django_db

GROUPS = reverse("groups")
WORDS = "We were never asked about it."


@pytest.fixture
def ann():
    return make_user("ann", annotator=True)


@pytest.fixture
def rev():
    return make_user("rev", reviewer=True)


def look(person, *, htmx=False, status=200, **query):
    response = browser_of(person, htmx=htmx).get(f"{GROUPS}?{urlencode(query)}")
    assert response.status_code == status
    return Page(response)


def send(person, form, button=None, *, htmx=True, **fields):
    """Send a form as it was drawn, with a button and with these fields changed."""
    sent = form.fields | fields | (dict([button]) if button else {})
    return browser_of(person, htmx=htmx).post(form["action"], sent)


def ticks(page):
    """What is ticked, and what cannot be."""
    boxes = page.every("input", name="span", type="checkbox")
    ticked = [box["value"] for box in boxes if "checked" in box.attributes]
    return ticked, [box["value"] for box in boxes if "disabled" in box.attributes]


def title(page):
    return page.one("h2", id="card-title").words


def test_it_opens_the_group_that_occurs_most_with_its_places_ticked(ann, rev):
    appeals(1, ann, "One.")
    appeals(2, ann, outlet="Post")
    appeals(1, ann)
    page = look(rev)
    assert title(page) == f"Boilerplate {APPEAL}"
    headings = [row.words for row in page.every(role="row", class_="of")]
    assert headings == ["Post 2", "No outlet 1"]
    spans = Span.objects.filter(text=APPEAL)
    ticked, rests = ticks(page)
    assert sorted(ticked) == sorted(f"{span.uid}:{span.revision}" for span in spans)
    assert rests == []
    form = page.form(reverse("bulk"))
    assert form.buttons == ["approve", "reject", "send_back"]
    approve = form.one("button", value="approve")
    assert (approve.words, approve["data-key"]) == ("Approve the 3 ticked ⇧a", "A")
    current = [link.words for link in page.every("a", aria_current="true")]
    assert current == [f"Boilerplate 3 waiting {APPEAL}"]


def test_ones_own_stands_there_unticked_and_disabled_with_the_reason(ann):
    rev = make_user(reviewer=True, annotator=True)
    appeals(1, rev)
    appeals(1, ann)
    own = Span.objects.get(last_editor=rev)
    page = look(rev)
    ticked, rests = ticks(page)
    assert (len(ticked), rests) == (1, [f"{own.uid}:1"])
    row = page.one(id=f"row-{own.uid}")
    assert "The last hand on this span was yours" in row.words
    assert row["aria-selected"] == "false"


def test_a_short_claim_has_links_and_no_decision_for_the_group(ann, rev):
    submitted("They won.", ("claim", "They won."), annotator=ann)
    page = look(rev)
    assert WHY_ONE_BY_ONE in [note.words for note in page.every("p", class_="note")]
    assert ticks(page) == ([], [])
    assert page.every("button", value="approve") == []
    link = f"{reverse('review')}?span={Span.objects.get().uid}"
    assert [each.words for each in page.every("a", href=link)] == [
        "They won.",
        "decide on this one",
    ]


def test_who_does_not_review_may_look(ann):
    appeals(1, make_user(annotator=True))
    page = look(ann)
    assert title(page) == f"Boilerplate {APPEAL}"
    assert page.every("button", value="approve") == []
    assert "Only reviewers may do this." in [note.words for note in page.every("p", class_="note")]


def test_it_tells_what_is_off_the_screen_beside_and_unmarked(ann, rev, monkeypatch):
    monkeypatch.setattr("annotations.queries.groups.SHOWN", 1)
    appeals(2, ann, outlet="Post")
    make_span(make_article(APPEAL), ann, "boilerplate", text=APPEAL, state=State.APPROVED)
    claim = make_span(make_article(APPEAL, title="The bill"), ann, "claim", text=APPEAL)
    make_article(f"More. {APPEAL}", outlet="Post", slug="more")
    page = look(rev)
    notes = [note.words for note in page.every("p", class_="note")]
    assert "and 1 more, which is not on this screen and not decided" in notes
    assert "As boilerplate with the same attributes: 1 approved already." in notes
    beside = page.one("a", href=f"{reverse('review')}?span={claim.uid}")
    assert beside.words == "Claim proposed No outlet · The bill"
    form = page.form(reverse("suggest_like"))
    assert form.fields["place"] == f"more:6-{6 + len(APPEAL)}"
    assert form.every("button")[-1].words == "Suggest at the 1 unmarked place"


def test_a_required_attribute_that_lacks_leaves_no_approval(ann, rev):
    make_label("boilerplate", attributes=[Attribute("kind", "Kind", Kind.TEXT, required=True)])
    appeals(1, ann)
    page = look(rev)
    assert page.form(reverse("bulk")).buttons == ["reject", "send_back"]
    assert page.one("p", class_="lacking").words == "Before it can be approved it needs: kind."


def test_the_address_chooses_group_filters_and_where_the_list_begins(ann, rev, monkeypatch):
    appeals(2, ann, outlet="Post")
    one = appeals(1, ann, "One.", outlet="Sun")
    assert title(look(rev, group=one.pk)) == "Boilerplate One."
    page = look(rev, outlet="sun")
    assert title(page) == "Boilerplate One."
    assert page.form(reverse("bulk")).fields["queue"] == "outlet=sun"
    monkeypatch.setattr("annotations.queries.groups.LISTED", 1)
    page = look(rev)
    further = f"2-{group_of(APPEAL).pk}"
    assert page.one("a", href=f"{GROUPS}?after={further}").words == "Those that occur less"
    page = look(rev, after=further)
    assert [row["id"] for row in page.every("li") if "id" in row.attributes] == [f"group-{one.pk}"]
    assert "From the first" in [link.words for link in page.every("a", href=GROUPS)]
    assert title(look(rev, after="nonsense")) == f"Boilerplate {APPEAL}"


def test_show_keeps_what_narrows_the_review_and_is_no_choice_here(ann, rev):
    group = appeals(1, ann, outlet="Post")
    span = Span.objects.get()
    hidden = {
        "article": span.article.slug,
        "author": "ann",
        "origin": "human",
        "days": "1",
        "answered": "on",
        "in_progress": "on",
        "own": "on",
    }
    form = look(rev, label="boilerplate", group=group.pk, **hidden).one("form", class_="filters")
    ticked = form.every("input", type="checkbox")
    assert {
        each["name"]: each["value"] for each in ticked if "checked" in each.attributes
    } == hidden
    assert "marked by ann" in form.words
    assert "waiting for 1 day or more" in form.words
    assert look(rev).one("form", class_="filters").every("input", type="checkbox") == []


def test_the_sheet_of_the_keys_is_there(rev):
    page = look(rev)
    assert page.one("dialog", id="help")
    assert any("js/help" in script["src"] for script in page.every("script"))


@pytest.mark.parametrize("group", ["0", "17", "nonsense", "9" * 30])
def test_a_group_that_is_not_there_is_not_found(rev, group):
    assert "There is no such text group." in look(rev, group=group, status=404).words


def test_with_nothing_waiting_it_says_so(rev):
    page = look(rev)
    assert "No text group waits for you." in page.words


def test_a_fragment_holds_card_list_undo_and_notice(ann, rev):
    appeals(1, ann)
    page = look(rev, htmx=True)
    assert set(page.partials) == {"#card", "#queue", "#undo", "#notice"}


def test_looking_writes_nothing(ann, rev):
    group = appeals(1, ann)
    before = database()
    look(rev, group=group.pk)
    assert database() == before
    group.refresh_from_db()
    assert group.leased_to is None


def test_next_takes_the_group_after_this_one_on_a_lease(ann, rev):
    first, second = appeals(2, ann), appeals(1, ann, "One.")
    form = look(rev).form(reverse("next_group"))
    page = Page(send(rev, form, ("back", "")))
    assert title(page.partials["#card"]) == "Boilerplate One."
    second.refresh_from_db()
    assert second.leased_to == rev

    page = Page(send(rev, page.form(reverse("next_group")), ("back", "on")))
    assert title(page.partials["#card"]) == f"Boilerplate {APPEAL}"
    page = Page(send(rev, page.form(reverse("next_group")), ("back", "on")))
    assert title(page.partials["#card"]) == f"Boilerplate {APPEAL}"
    assert page.toasts == ["This is the first group."]
    first.refresh_from_db()
    assert first.leased_to == rev


def test_without_htmx_next_leads_to_its_address(ann, rev):
    appeals(2, ann, outlet="Post")
    other = appeals(1, ann, "One.", outlet="Post")
    form = look(rev, outlet="post").form(reverse("next_group"))
    response = send(rev, form, htmx=False)
    assert (response.status_code, response["Location"]) == (
        302,
        f"{GROUPS}?outlet=post&group={other.pk}",
    )


def test_what_others_have_in_hand_is_named_and_passed_over(ann, rev):
    held = appeals(2, ann)
    appeals(1, ann, "One.")
    lease(held, make_user("eve", reviewer=True))
    page = look(rev)
    assert title(page) == "Boilerplate One."
    assert "eve is at it · 2 waiting" in page.one(id=f"group-{held.pk}").words
    assert "eve is at it now" in look(rev, group=held.pk).words


def test_what_is_open_is_taken_by_a_form_that_the_page_sends_by_itself(ann, rev):
    group, eve = appeals(2, ann), make_user("eve", reviewer=True)
    appeals(1, ann, "One.")
    forms = [look(person).form(reverse("take_group")) for person in (rev, eve)]
    assert [(form["hx-trigger"], form["hx-swap"]) for form in forms] == [("load", "none")] * 2
    for person, form in zip((rev, eve), forms, strict=True):
        response = send(person, form)
        assert (response.status_code, response.content) == (204, b"")
    group.refresh_from_db()
    assert group.leased_to == rev  # who was first
    assert "rev is at it now" in look(eve, group=group.pk).words
    assert title(look(eve)) == "Boilerplate One."
    for person in (rev, eve):
        assert look(person, group=group.pk).every("form", action=reverse("take_group")) == []
    lease(group, rev, minutes=-1)
    assert look(rev, group=group.pk).form(reverse("take_group"))


def test_what_next_took_is_not_taken_again(ann, rev):
    appeals(2, ann)
    appeals(1, ann, "One.")
    page = Page(send(rev, look(rev).form(reverse("next_group")), ("back", "")))
    assert page.every("form", action=reverse("take_group")) == []


def test_no_group_is_taken_by_who_does_not_review_or_where_nothing_waits(ann, rev):
    group = appeals(1, make_user(annotator=True))
    span = Span.objects.get()
    assert look(ann).every("form", action=reverse("take_group")) == []
    page = Page(browser_of(ann).post(reverse("take_group"), {"group": group.pk}))
    assert (page.status, page.toasts) == (403, ["Only reviewers take text groups to review."])
    for nothing in ("0", "17", "odd"):
        response = browser_of(rev).post(reverse("take_group"), {"group": nothing})
        assert response.status_code == 204
    actions.approve(span=span.uid, seen=1, deed=make_deed(rev))
    assert look(rev, group=group.pk).every("form", action=reverse("take_group")) == []
    group.refresh_from_db()
    assert group.leased_to is None


def test_only_reviewers_take_a_group(ann):
    group = appeals(1, make_user(annotator=True))
    response = browser_of(ann).post(reverse("next_group"), {"group": group.pk})
    page = Page(response)
    assert (page.status, page.toasts) == (403, ["Only reviewers take text groups to review."])
    assert title(page) == f"Boilerplate {APPEAL}"


def test_unmarked_places_become_suggestions_by_their_button(ann, rev):
    appeals(1, ann, outlet="Post")
    make_article(f"More. {APPEAL}", outlet="Post", slug="more")
    form = look(rev).form(reverse("suggest_like"))

    page = Page(send(rev, form))

    made = Span.objects.get(article__slug="more")
    assert (made.state, made.text, made.author) == (State.SUGGESTED, APPEAL, None)
    assert made.origin == f"propagated:{Span.objects.get(author=ann).uid}"
    assert page.toasts == ["Suggested at 1 place."]
    assert title(page.partials["#card"]) == f"Boilerplate {APPEAL}"
    assert page.every("form", action=reverse("suggest_like")) == []


@pytest.mark.parametrize("place", ["more:6-37", "more:0-4"], ids=["suggested", "refused"])
@pytest.mark.parametrize("number", [0, 1])
def test_what_was_unticked_stays_so_when_places_are_suggested(ann, rev, place, number):
    appeals(3, ann, outlet="Post")
    make_article(f"More. {APPEAL}", outlet="Post", slug="more")
    page = look(rev)
    form, kept = page.form(reverse("suggest_like")), ticks(page)[0][:number]
    assert form["hx-include"] == "#occurrences"
    brought = {
        "span": kept,
        "ticks": page.one(id="occurrences").one("input", name="ticks")["value"],
    }

    page = Page(send(rev, form, place=place, **brought))

    assert page.status == (422 if place == "more:0-4" else 200)
    assert ticks(page.partials["#card"])[0] == kept


def test_suggestions_that_cannot_be_made_are_refused_where_the_person_is(ann, rev):
    group = appeals(1, ann, outlet="Post")
    make_article(f"More. {APPEAL}", outlet="Post", slug="more")
    form = look(rev).form(reverse("suggest_like"))
    for fields, status, words in (
        ({"place": "more:0-4"}, 422, "do not stand at every place"),
        ({"place": "more-0-4"}, 422, "A place is an article’s slug and two whole numbers."),
        ({"place": []}, 422, "Tick at least one place."),
        ({"seen": "2"}, 409, "This span has changed since you saw it."),
        ({"like": "no"}, 422, "There is no such span."),
    ):
        page = Page(send(rev, form, **fields))
        assert (page.status, len(page.refusals)) == (status, 1)
        assert words in page.refusals[0]
        assert page.form(reverse("bulk")).fields["group"] == str(group.pk)
    assert Span.objects.count() == 1
    assert send(rev, form, like=str(uuid4())).status_code == 404
    assert send(rev, form, place="none:0-4").status_code == 404


def test_an_undo_from_here_comes_back_to_the_group(ann, rev):
    group = appeals(1, ann)
    appeals(2, ann, "Two.")
    span = Span.objects.get(text=APPEAL)
    actions.approve(span=span.uid, seen=1, deed=make_deed(rev))
    page = look(rev)
    undo = next(form for form in page.every("form") if form.get("id") == "undo-form")
    page = Page(send(rev, undo))
    assert title(page.partials["#card"]) == f"Boilerplate {APPEAL}"
    assert page.partials["#card"].one(data_open=str(group.pk))
    assert page.toasts[0].startswith("Undone: approved.")
    page = Page(send(rev, undo, request_id=str(uuid4())))
    assert (page.status, page.refusals) == (409, ["This is undone already."])


def test_a_refused_undo_leaves_the_card_that_is_open_alone(ann, rev):
    appeals(2, ann, outlet="Post")
    open_one = appeals(1, ann, "One.", outlet="Post")
    appeals(1, ann, "Two.", outlet="Post")
    span = Span.objects.get(text="Two.")
    deed = actions.approve(span=span.uid, seen=1, deed=make_deed(rev)).deed
    undo = look(rev, group=open_one.pk, outlet="post").one("form", id="undo-form")
    actions.undo(target=deed.pk, deed=make_deed(rev))

    page = Page(send(rev, undo))

    assert (page.status, page.refusals) == (409, ["This is undone already."])
    assert list(page.partials) == ["#undo", "#notice"]
    assert page.every("form", id="undo-form") == []
    assert page.one("form", id="redo-form").fields["queue"] == "outlet=post"
    assert "refused" in Page(send(rev, undo, htmx=False, request_id=str(uuid4()))).html


def test_the_screen_takes_the_same_statements_however_much_waits(ann, rev):
    appeals(2, ann, outlet="Post")
    client = browser_of(rev)

    def asked():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(GROUPS).status_code == 200
        return len(caught)

    few = asked()
    for number in range(9):
        appeals(1, ann, f"Number {number}.", outlet="Post")
        appeals(1, ann, outlet="Post")
        make_article(f"{number} {APPEAL}", outlet="Post")
    assert asked() == few <= 32


def test_a_place_in_the_order_is_read_from_what_was_sent():
    told = AmongGroupsForm({"group": "3", "after": "12-7", "more": "on"}).chosen()
    assert told == {"group": 3, "after": At(12, 7), "more": True, "back": False, "ticks": False}
    told = AmongGroupsForm({"group": "x", "after": "12"}).chosen()
    nothing = {"more": False, "back": False, "ticks": False}
    assert told == {"group": None, "after": None, **nothing}


def test_the_ticked_are_decided_in_one_deed_and_the_next_group_comes_on_a_lease(ann, rev):
    appeals(3, ann)
    following = appeals(1, ann, "One.")
    left_out, *ticked = Span.objects.filter(text=APPEAL).order_by("pk")
    form = look(rev).form(reverse("bulk"))

    page = Page(send(rev, form, ("action", "approve"), span=[f"{each.uid}:1" for each in ticked]))

    assert list(Span.objects.filter(state=State.APPROVED).order_by("pk")) == ticked
    assert len({span.events.latest("pk").deed_id for span in ticked}) == 1
    assert page.toasts == ["Approved 2."]
    assert title(page.partials["#card"]) == "Boilerplate One."
    following.refresh_from_db()
    assert following.leased_to == rev
    left_out.refresh_from_db()
    assert left_out.state == State.PROPOSED


def test_one_undo_brings_all_back_and_shows_their_group(ann, rev):
    appeals(2, ann)
    spans = [f"{each.uid}:1" for each in Span.objects.all()]
    page = Page(send(rev, look(rev).form(reverse("bulk")), ("action", "approve"), span=spans))
    assert "No text group waits for you." in page.partials["#card"].words
    undo = page.one("form", id="undo-form")
    page = Page(send(rev, undo))
    assert page.toasts == ["Undone: approved 2 spans."]
    assert title(page.partials["#card"]) == f"Boilerplate {APPEAL}"
    assert len(ticks(page.partials["#card"])[0]) == 2


def test_what_was_not_on_the_screen_comes_next(ann, rev, monkeypatch):
    monkeypatch.setattr("annotations.queries.groups.SHOWN", 2)
    appeals(3, ann)
    appeals(1, ann, "One.")
    page = look(rev)
    form = page.form(reverse("bulk"))
    assert form.fields["more"] == "on"
    page = Page(send(rev, form, ("action", "approve"), span=ticks(page)[0]))
    assert title(page.partials["#card"]) == f"Boilerplate {APPEAL}"
    assert len(ticks(page.partials["#card"])[0]) == 1
    # Somebody else was quicker with the rest of it.
    form = page.form(reverse("bulk"))
    rest = Span.objects.get(text=APPEAL, state=State.PROPOSED)
    page = Page(send(rev, form, ("action", "approve"), span=[f"{rest.uid}:1"], more="on"))
    assert title(page.partials["#card"]) == "Boilerplate One."


def test_a_refusal_keeps_ticks_and_words(ann, rev):
    appeals(3, ann)
    one, two, three = (f"{each.uid}:1" for each in Span.objects.order_by("pk"))
    form = look(rev).form(reverse("bulk"))
    page = Page(
        send(rev, form, ("action", "reject"), span=[one, three, "odd"], comment="Please look.")
    )
    assert page.status == 422
    page = Page(send(rev, form, ("action", "reject"), span=[one, three], comment="Please look."))
    assert (page.status, page.refusals) == (422, ["Choose why it is rejected."])
    card = page.partials["#card"]
    assert sorted(ticks(card)[0]) == sorted([one, three])
    assert "open" in card.one(id="reject").attributes
    assert card.one("textarea").text.strip() == "Please look."
    page = Page(send(rev, form, ("action", "send_back"), span=[two], comment=" "))
    assert (page.status, page.refusals) == (422, ["Say what the annotator should look at."])
    assert "open" in page.partials["#card"].one(id="send-back").attributes
    page = Page(send(rev, form, ("action", "enter"), span=[two]))
    assert (page.status, page.refusals) == (422, ["There is no such verdict."])
    assert set(Span.objects.values_list("state", flat=True)) == {State.PROPOSED}


def test_the_server_refuses_a_short_claim_for_its_group(ann, rev):
    submitted("They won.", ("claim", "They won."), annotator=ann)
    span = Span.objects.get()
    sent = {
        "span": f"{span.uid}:1",
        "action": "approve",
        "request_id": uuid4(),
        "screen": "groups",
        "group": span.group_id,
    }
    page = Page(browser_of(rev, htmx=True).post(reverse("bulk"), sent))
    assert (page.status, page.refusals) == (422, [WHY_ONE_BY_ONE])
    span.refresh_from_db()
    assert span.state == State.PROPOSED


def test_who_may_not_review_decides_nothing(ann, rev):
    appeals(1, make_user(annotator=True))
    form = look(rev).form(reverse("bulk"))
    span = Span.objects.get()
    page = Page(send(ann, form, ("action", "approve"), span=f"{span.uid}:1"))
    assert (page.status, page.refusals) == (403, ["Only reviewers may do this."])


def test_a_span_decided_from_elsewhere_with_this_screen_comes_back_here(ann, rev):
    appeals(1, ann)
    span = Span.objects.get()
    sent = {"action": "approve", "seen": "7", "request_id": uuid4(), "screen": "groups"}
    page = Page(browser_of(rev, htmx=True).post(reverse("on_span", args=[span.uid]), sent))
    assert (page.status, title(page.partials["#card"])) == (409, f"Boilerplate {APPEAL}")
