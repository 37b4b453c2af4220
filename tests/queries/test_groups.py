"""Text groups: their order, what a card holds, and that it costs the same however many they are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations import actions
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.groups import WHY_ONE_BY_ONE
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Span, TextGroup
from annotations.queries import groups as queries
from annotations.queries.checks import concerns
from annotations.queries.groups import At, group_card, next_group, page_of_groups
from annotations.queries.review import Queue
from tests.factories import make_article, make_deed, make_label, make_span, make_user

pytestmark = pytest.mark.django_db

APPEAL = "Support our work: donate today."
FORM = Attribute("form", "Form", Kind.CHOICE, ("direct", "scare"))
SPEAKER = Attribute("speaker", "Speaker", Kind.ANCHORED)
SURE = Attribute("sure", "Sure", Kind.YES_NO)


@pytest.fixture
def ann():
    return make_user("ann", annotator=True)


@pytest.fixture
def rev():
    return make_user("rev", reviewer=True, annotator=True)


def submitted(text, *marks, annotator, **particulars):
    """An article of that text, submitted, with these words marked: (label, words[, attributes])."""
    article = make_article(text, **particulars)
    for label, words, *attributes in marks:
        make_span(article, annotator, label, text=words, attributes=attributes and attributes[0])
    article.refresh_from_db()
    actions.submit(article=article.slug, seen=article.revision, deed=make_deed(annotator))
    return article


def appeals(count, annotator, words=APPEAL, **particulars):
    for _ in range(count):
        submitted(f"It rained. {words}", ("boilerplate", words), annotator=annotator, **particulars)
    return group_of(words)


def group_of(words, label="boilerplate"):
    span = Span.objects.filter(text=words, label__slug=label).exclude(group=None).first()
    return queries.group(span.group_id)


def listed(viewer, queue=None, after=None):
    return [each.text for each in page_of_groups(queue or Queue(), viewer, after).rows]


def lease(group, person, minutes=10):
    until = timezone.now() + timedelta(minutes=minutes)
    TextGroup.objects.filter(pk=group.pk).update(leased_to=person, leased_until=until)


def test_those_that_occur_most_come_first_then_the_oldest(ann, rev):
    one, two = appeals(1, ann, "One."), appeals(1, ann, "Two.")
    three = appeals(3, ann, "Three.")
    assert listed(rev) == ["Three.", "One.", "Two."]

    assert next_group(Queue(), rev) == three
    assert next_group(Queue(), rev, At(3, three.pk)) == one
    assert next_group(Queue(), rev, At(1, one.pk)) == two
    assert next_group(Queue(), rev, At(1, two.pk)) == three  # and again from the first
    assert next_group(Queue(), rev, At(1, two.pk), backwards=True) == one
    assert next_group(Queue(), rev, At(1, one.pk), backwards=True) == three
    assert next_group(Queue(), rev, At(3, three.pk), backwards=True) is None
    assert next_group(Queue(), rev, backwards=True) is None

    assert next_group(Queue(), rev, At(1, two.pk), besides=three.pk) == one
    assert next_group(Queue(label="quote"), rev, besides=three.pk) is None


def test_a_group_that_was_just_decided_comes_again_only_if_no_other_does(ann, rev):
    only = appeals(2, ann)
    assert next_group(Queue(), rev, At(3, only.pk), besides=only.pk) == only


def test_a_group_that_somebody_else_has_in_hand_is_passed_over_until_the_lease_ends(ann, rev):
    held = appeals(2, ann, "Two.")
    other = appeals(1, ann, "One.")
    lease(held, make_user("eve", reviewer=True))
    assert next_group(Queue(), rev) == other
    assert [each.at_it for each in page_of_groups(Queue(), rev).rows] == ["eve", ""]
    assert group_card(queries.group(held.pk), rev).at_it == "eve"

    lease(held, make_user("una", reviewer=True), minutes=-1)
    assert next_group(Queue(), rev) == held
    lease(held, rev)
    assert next_group(Queue(), rev) == held
    assert [each.at_it for each in page_of_groups(Queue(), rev).rows] == ["", ""]


def test_a_group_whose_last_hands_were_all_the_viewers_is_not_theirs(ann, rev):
    appeals(2, rev, "Two.")
    mixed = appeals(1, rev, "One.")
    assert next_group(Queue(), rev) is None
    appeals(1, ann, "One.")
    assert next_group(Queue(), rev) == mixed
    assert listed(rev) == ["One."]
    assert listed(ann) == ["One.", "Two."] or listed(ann) == ["Two.", "One."]


def test_the_filters_of_the_queue_narrow_the_groups(ann, rev):
    appeals(1, ann, "One.", outlet="Post", story="dam")
    article = submitted(
        "Two. They fled.", ("boilerplate", "Two."), ("claim", "They fled."), annotator=ann
    )
    assert listed(rev, Queue(label="claim")) == ["They fled."]
    assert listed(rev, Queue(outlet="post")) == listed(rev, Queue(story="dam")) == ["One."]
    assert sorted(listed(rev, Queue(article=article.slug))) == ["They fled.", "Two."]
    assert listed(rev, Queue(label="quote")) == []
    assert listed(rev, Queue(outlet="none")) == []
    # What is no state of waiting is no filter here; whose hand it was stays one.
    assert len(listed(rev, Queue(state=State.APPROVED, own=True, in_progress=True))) == 3


def test_the_list_goes_on_by_key(ann, rev, monkeypatch):
    monkeypatch.setattr(queries, "LISTED", 2)
    for words in ("One.", "Two.", "Three.", "Four."):
        appeals(1, ann, words)
    page = page_of_groups(Queue(), rev)
    assert [each.text for each in page.rows] == ["One.", "Two."]
    assert str(page.further) == f"1-{page.rows[-1].group.pk}"
    page = page_of_groups(Queue(), rev, page.further)
    assert ([each.text for each in page.rows], page.further) == (["Three.", "Four."], None)


def test_a_long_text_is_shown_by_its_beginning(ann, rev):
    words = "word " * 60 + "end"
    appeals(1, ann, words)
    assert listed(rev) == ["word " * 31 + "word…"]


def test_the_members_stand_under_their_outlets_in_context(ann, rev):
    long = "It rained and rained. " * 20
    submitted(
        f"{long}{APPEAL} {long}", ("boilerplate", APPEAL), annotator=ann, outlet="Sun", slug="sun"
    )
    submitted(f"One. {APPEAL}", ("boilerplate", APPEAL), annotator=ann, outlet="Post", slug="b")
    submitted(f"{APPEAL} Two.", ("boilerplate", APPEAL), annotator=ann, outlet="Post", slug="a")
    submitted(APPEAL, ("boilerplate", APPEAL), annotator=ann)

    card = group_card(group_of(APPEAL), rev)

    assert [each.outlet for each in card.outlets] == ["Post", "Sun", ""]
    contexts = [member.context for member in card.members]
    assert [(each.before, each.after) for each in contexts[:2]] == [("", " Two."), ("One. ", "")]
    assert contexts[2].before.startswith("…")
    assert contexts[2].after.endswith("…")
    assert 90 < len(contexts[2].before) <= 121
    assert long.endswith(contexts[2].before[1:])
    assert (card.text, card.more, card.why_not) == (APPEAL, 0, "")
    assert all(member.ticked for member in card.members)


def test_what_is_off_screen_is_counted(ann, rev, monkeypatch):
    monkeypatch.setattr(queries, "SHOWN", 2)
    card = group_card(appeals(5, ann), rev)
    assert (len(card.members), card.more) == (2, 3)


def test_ones_own_is_not_ticked_and_says_why(ann, rev):
    appeals(1, rev)
    card = group_card(appeals(1, ann), rev)
    mine, other = sorted(card.members, key=lambda member: member.span.last_editor != rev)
    assert "The last hand on this span was yours" in mine.why_not
    assert (mine.ticked, other.ticked, other.why_not) == (False, True, "")


def test_one_with_a_warning_is_not_ticked_and_says_which(ann, rev):
    words = "We were never asked about it"
    text, torn = f"She said: “{words} at all.” So.", f"“{words}"
    submitted(text, ("quote", torn), annotator=ann, slug="torn")
    submitted(f"She said: “{words}.” So.", ("quote", words), annotator=ann, slug="whole")
    card = group_card(group_of(words, "quote"), rev)
    torn, whole = card.members
    assert (torn.span.article.slug, torn.ticked, whole.ticked) == ("torn", False, True)
    assert torn.warnings == ("It takes only one of two quotation marks that belong together.",)


def test_a_quotation_that_began_long_before_warns_as_it_does_one_by_one(ann, rev):
    words = "We were never asked about it at all"
    text = f"She said: “{'So it went on and on. ' * 100}{words}.” So."
    submitted(text, ("quote", f"{words}.”"), annotator=ann)

    (member,) = group_card(group_of(f"{words}.”", "quote"), rev).members

    (alone,) = concerns([member.span]).values()
    assert member.warnings == tuple(each.sentence for each in alone)
    assert not member.ticked


def test_boilerplate_around_it_or_elsewhere_warns(ann, rev):
    words = "We were never asked about it"
    lead = "x" * 1500
    text = f"{lead} Ad. {words} at all. {lead}"
    article = submitted(
        text, ("quote", words), ("boilerplate", f"Ad. {words[:7]}"), annotator=ann, slug="a"
    )
    assert article.spans.count() == 2
    make_span(article, ann, "boilerplate", extent=Extent(len(text) - 5, len(text)))
    card = group_card(group_of(words, "quote"), rev)
    assert [member.warnings for member in card.members] == [
        ("It lies partly in boilerplate and partly outside.",)
    ]
    submitted(words, ("boilerplate", words), annotator=ann)
    assert group_card(group_of(words, "quote"), rev).members[0].warnings[1:] == (
        "The same words are marked as boilerplate elsewhere.",
    )


def test_claims_and_quotes_of_few_words_have_no_decision_together(ann, rev):
    submitted("They won by far.", ("claim", "They won by far."), annotator=ann)
    assert group_card(group_of("They won by far.", "claim"), rev).why_not == WHY_ONE_BY_ONE


def test_only_reviewers_decide(ann):
    assert group_card(appeals(1, make_user(annotator=True)), ann).why_not == (
        "Only reviewers may do this."
    )


def test_it_says_what_the_attributes_are_and_what_is_lacking(ann, rev):
    note = Attribute("note", "Note", Kind.TEXT, required=True)
    make_label("boilerplate", attributes=[FORM, SPEAKER, SURE, note])
    speaker = {"value": "Us", "start": None, "end": None}
    told = {"form": "direct", "speaker": speaker, "sure": False}
    submitted(APPEAL, ("boilerplate", APPEAL, told), annotator=ann)
    card = group_card(group_of(APPEAL), rev)
    assert card.facts == [("Form", "direct"), ("Speaker", "Us"), ("Sure", "no")]
    assert card.lacking == "note"

    unknown = {"form": "unknown", "sure": "unknown", "note": "odd"}
    submitted(f"{APPEAL} One.", ("boilerplate", APPEAL, unknown), annotator=ann)
    other = queries.group(Span.objects.get(article__text__endswith="One.").group_id)
    card = group_card(other, rev)
    assert card.facts == [("Form", "unknown"), ("Sure", "unknown"), ("Note", "odd")]
    assert card.lacking == ""
    assert [each.said for each in card.beside.spans] == ["Form direct, Speaker Us, Sure no"]


def test_what_has_another_label_or_attributes_stands_beside_and_the_rest_is_counted(
    ann, rev, monkeypatch
):
    words = "We were never asked about it."
    submitted(words, ("quote", words), annotator=ann)
    group = group_of(words, "quote")
    for state in (State.APPROVED, State.APPROVED, State.SENT_BACK, State.SUGGESTED):
        make_span(make_article(words), ann, text=words, state=state)
    make_span(make_article(words), ann, text=words, state=State.REJECTED)
    for number in range(3):
        make_span(make_article(f"{words} {number}"), ann, "claim", text=words)
    make_span(make_article(words, state=ArticleState.OPEN), ann, "claim", text=words)
    article = Span.objects.order_by("-pk")[0].article
    actions.set_aside(
        article=article.slug, seen=article.revision, reason="Out.", deed=make_deed(ann)
    )

    beside = group_card(group, rev).beside
    assert beside.same == {State.SUGGESTED: 1, State.SENT_BACK: 1, State.APPROVED: 2}
    assert [each.span.label.slug for each in beside.spans] == ["claim"] * 3
    assert (beside.more, beside.cut) == (0, False)

    monkeypatch.setattr(queries, "BESIDE", 2)
    beside = group_card(group, rev).beside
    assert (len(beside.spans), beside.more) == (2, 1)
    monkeypatch.setattr(queries, "LOOKED_AT", 5)
    assert group_card(group, rev).beside.cut


def test_a_group_that_nothing_waits_in_any_more_still_has_its_text(ann, rev):
    group = appeals(1, ann)
    span = Span.objects.get()
    actions.approve(span=span.uid, seen=1, deed=make_deed(rev))
    group.refresh_from_db()
    card = group_card(group, rev)
    assert (card.text, card.members, card.more, card.lacking) == (APPEAL, [], 0, "")
    assert card.beside.same == {State.APPROVED: 1}
    Span.objects.update(text_group="1:0", revision=2 + 1)
    assert group_card(group, rev).text == ""


def test_list_and_card_take_the_same_statements_however_many_there_are(ann, rev):
    def asked(act):
        with CaptureQueriesContext(connection) as caught:
            act()
        return len(caught)

    group = appeals(2, ann)
    assert rev.has_perm("annotations.review")  # from now on it is known
    few = [
        asked(lambda: page_of_groups(Queue(), rev)),
        asked(lambda: next_group(Queue(), rev)),
        asked(lambda: group_card(group, rev)),
    ]
    for number in range(12):
        appeals(1, ann, f"Number {number}.", outlet=f"Outlet {number}")
        appeals(1, ann, outlet=f"Outlet {number}")
    many = [
        asked(lambda: page_of_groups(Queue(), rev)),
        asked(lambda: next_group(Queue(), rev)),
        asked(lambda: group_card(group, rev)),
    ]
    assert few == many == [1, 1, 4]


def test_the_group_that_spans_are_back_in_is_found_by_them(ann, rev):
    group = appeals(1, ann)
    loose = make_span(make_article("One."), ann, text="One.")
    assert queries.group_with([loose, Span.objects.get(group=group)]) == group
    assert queries.group_with([loose]) is None


def test_boilerplate_at_its_own_place_is_not_elsewhere(ann, rev):
    words = "We were never asked about it"
    submitted(words, ("quote", words), ("boilerplate", words), annotator=ann)
    assert group_card(group_of(words, "quote"), rev).members[0].warnings == ()
