"""A database that was worked in before a migration is whole after it."""

from collections import Counter
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from annotations import actions, triggers
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Event, Span, TextGroup
from annotations.queries.integrity import breaches
from tests.factories import TEXT, make_article, make_deed, make_label, make_span, make_user

A, S = ArticleState, State
UNSETTLED = {S.PROPOSED, S.SENT_BACK}
SETTLED = set(S) - UNSETTLED - {S.MERGED}
SUBMIT = (actions.submit, {})
SIGN_OFF = (actions.sign_off, {"nothing_missing": True})
SET_ASIDE = (actions.set_aside, {"reason": "A twin."})
# An article in each state: the spans marked in it, the deeds that lead there, the spans after that.
ARTICLES = {
    A.OPEN: ({S.SUGGESTED, S.DISMISSED}, [], set()),
    A.IN_PROGRESS: (SETTLED | UNSETTLED, [], UNSETTLED),
    A.SUBMITTED: (SETTLED | UNSETTLED, [SUBMIT], UNSETTLED),
    A.REVIEWED: (SETTLED, [SUBMIT, SIGN_OFF], set()),
    A.REOPENED: (SETTLED, [SUBMIT, SIGN_OFF, (actions.reopen_article, {})], UNSETTLED),
    A.SET_ASIDE: (SETTLED | UNSETTLED, [SUBMIT, SET_ASIDE], set()),
}


def work():
    """Articles in all states with spans in all states, of two outlets, a story, and none."""
    make_label(attributes=[Attribute("speaker", "Speaker", Kind.ANCHORED)])
    annotator, reviewer = make_user(annotator=True), make_user(annotator=True, reviewer=True)
    for (state, (spans, deeds, later)), outlet in zip(
        ARTICLES.items(), ["", "Daily", "Weekly", "Daily", "Weekly", ""], strict=True
    ):
        article = make_article(outlet=outlet, story="A bridge" if outlet == "Daily" else "")
        for span in sorted(spans):
            make_span(article, annotator, state=span, reviewer=reviewer)
        for act, needs in deeds:
            seen = Article.objects.get(pk=article.pk).revision
            act(article=article.slug, seen=seen, deed=make_deed(reviewer), **needs)
        for span in sorted(later):
            make_span(article, annotator, state=span, reviewer=reviewer)
        assert Article.objects.get(pk=article.pk).state == state
    submitted = Article.objects.get(state=A.SUBMITTED)
    answered = submitted.spans.filter(state=S.SENT_BACK).first()
    actions.answer(span=answered.uid, seen=2, comment="It is right.", deed=make_deed(annotator))
    for start in (TEXT.index("as safe"), TEXT.index("as a house")):  # one text group
        anchor = {"speaker": {"value": "as", "start": start, "end": start + 2}}
        make_span(make_article(state=A.SUBMITTED), text="the bridge", attributes=anchor)
    hide(submitted.spans.filter(state=S.PROPOSED, revision=1).first())


def hide(span):
    """The same in somebody's layer, where no deed works yet."""
    event = span.events.get()
    span.pk, span.uid, span.layer = None, uuid4(), span.author
    span.waiting, span.waiting_since, span.group = "", None, None
    span.save(force_insert=True)
    event.pk, event.span = None, span
    event.save(force_insert=True)


def migrate(*target):
    call_command("migrate", "annotations", *target, verbosity=0)


def forget_the_queue():
    """Leave the database as it was before there was one."""
    migrate("0002")
    triggers.drop(connection)  # they know columns that are not there now
    state = MigrationExecutor(connection).loader.project_state(("annotations", "0002_comment"))
    for event in state.apps.get_model("annotations", "Event").objects.exclude(span=None):
        for row in filter(None, (event.before, event.after)):
            del row["fresh"]
        event.save(update_fields=["before", "after"])


def queue():
    """All that the queue keeps, save since when a span waits."""
    spans = Span.objects.order_by("pk")
    groups = TextGroup.objects.filter(waiting__gt=0)
    group = ("group__text_group", "group__label", "group__attributes_group", "group__waiting")
    return {
        "spans": list(spans.values_list("pk", "waiting", "outlet", "story_rank", *group)),
        "articles": list(Article.objects.order_by("pk").values_list("proposed", "sent_back")),
        "groups": set(groups.values_list(*(name.removeprefix("group__") for name in group))),
    }


@pytest.mark.django_db(transaction=True)
def test_what_was_there_before_the_queue_takes_its_place_in_it():
    work()
    before = queue()
    assert {waiting for _, waiting, *_ in before["spans"]} == {"", "early", "review"}
    assert Span.objects.filter(fresh=False).exists()
    try:
        forget_the_queue()
    finally:
        migrate()
    assert list(breaches(Counter())) == []
    assert queue() == before
    assert not Span.objects.filter(fresh=False).exists()  # nobody knows that any more
    for span in Span.objects.filter(waiting="review").select_related("article"):
        assert span.waiting_since == span.article.submitted_at
    assert all(event.after["fresh"] for event in Event.objects.exclude(span=None))
