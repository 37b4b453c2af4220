"""What a reviewer is warned of, looked up for many spans at once."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.domain.checks import Concern
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Label, Span
from annotations.queries.checks import concerns, errors
from tests.domain.test_checks import BOILERPLATE as SEEDS
from tests.domain.test_checks import right_marks, seed
from tests.factories import make_article, make_deed, make_span, make_user

pytestmark = pytest.mark.django_db

APPEAL = "He left. Read more of this. “We won,” she said."
ELSEWHERE, CROSSES = Concern.BOILERPLATE_ELSEWHERE, Concern.CROSSES_BOILERPLATE


def loaded(*spans):
    rows = Span.objects.select_related("label", "article").in_bulk([span.pk for span in spans])
    return [rows[span.pk] for span in spans]


def told(span):
    """The warnings of that span, looked up alone."""
    return concerns(loaded(span))[span.pk]


def in_a_layer(article, text):
    """Boilerplate of somebody who works by themselves; no deed works in a layer yet."""
    span = make_span(article, label="boilerplate", text=text, state=State.WITHDRAWN)
    span.pk, span.uid, span.layer, span.state = None, uuid4(), span.author, State.PROPOSED
    span.revision = 1
    span.save(force_insert=True)


def test_each_span_gets_its_own_warnings_however_many_are_asked_for():
    article = make_article(APPEAL)
    cut, torn = make_span(article, text="eft"), make_span(article, text="“We won,")
    right = make_span(article, text="“We won,”")
    assert concerns(loaded(cut, torn, right)) == {
        cut.pk: [Concern.CUTS_WORD],
        torn.pk: [Concern.UNBALANCED_QUOTES],
        right.pk: [],
    }
    assert concerns([]) == {}


def test_a_quote_that_lies_partly_in_live_boilerplate_of_its_article_is_told():
    article = make_article(APPEAL)
    quote = make_span(article, text="He left. Read")
    assert told(quote) == []
    make_span(make_article(APPEAL), label="boilerplate", text="Read more of this.")
    assert told(quote) == []
    make_span(article, label="boilerplate", text="Read more of this.")
    assert told(quote) == [CROSSES]
    assert told(make_span(article, label="claim", text="He left. Read")) == []
    assert told(make_span(article, text="more")) == []


@pytest.mark.parametrize("state", [State.REJECTED, State.WITHDRAWN, State.DISMISSED])
def test_boilerplate_that_is_not_live_is_in_nobodys_way(state):
    article = make_article(APPEAL)
    make_span(article, label="boilerplate", text="Read more of this.", state=state)
    other = make_article("Read more of this. He left.")
    assert told(make_span(article, text="He left. Read")) == []
    assert told(make_span(other, label="claim", text="Read more of this.")) == []


def test_boilerplate_of_somebody_who_works_by_themselves_is_in_nobodys_way():
    article = make_article(APPEAL)
    in_a_layer(article, "Read more of this.")
    other = make_article("Read more of this. He left.")
    assert told(make_span(article, text="He left. Read")) == []
    assert told(make_span(other, label="claim", text="Read more of this.")) == []


def test_words_that_are_boilerplate_in_another_article_are_told_where_they_are_something_else():
    make_span(make_article(APPEAL), label="boilerplate", text="Read more of this.")
    other = make_article("“READ more of this!” He left.")
    assert told(make_span(other, text="“READ more of this!”")) == [ELSEWHERE]
    assert told(make_span(other, label="claim", text="READ more of this")) == [ELSEWHERE]
    assert told(make_span(other, label="boilerplate", text="READ more of this!")) == []
    assert told(make_span(other, text="He left.")) == []


def test_in_the_same_article_only_another_place_is_elsewhere():
    article = make_article("Read more. He left. Read more.")
    make_span(article, label="boilerplate", extent=Extent(0, 10))
    assert told(make_span(article, label="claim", extent=Extent(0, 10))) == []
    assert told(make_span(article, label="claim", extent=Extent(20, 30))) == [ELSEWHERE]


def test_what_rests_says_nothing_of_others():
    article = make_article(APPEAL)
    make_span(article, label="boilerplate", text="Read more of this.")
    claim = make_span(make_article("Read more of this."), label="claim", text="Read more of this.")
    assert told(claim) == [ELSEWHERE]
    article.refresh_from_db()
    actions.set_aside(
        article=article.slug,
        seen=article.revision,
        reason="Twice.",
        deed=make_deed(make_user(annotator=True)),
    )
    article.refresh_from_db()
    assert article.state == ArticleState.SET_ASIDE
    assert told(claim) == []


def test_a_span_is_told_as_it_is_to_be_and_is_never_in_its_own_way():
    article = make_article("Read more. He left.")
    (span,) = loaded(make_span(article, label="boilerplate", text="Read more."))
    make_span(article, text="He left.")
    assert concerns([span]) == {span.pk: []}
    span.label = Label.objects.get(slug="quote")
    span.end, span.text = 9, "Read more"
    assert concerns([span]) == {span.pk: []}
    span.end, span.text = 12, "Read more. H"
    assert concerns([span]) == {span.pk: [Concern.CUTS_WORD]}


def test_it_takes_two_statements_however_many_spans_there_are():
    articles = [make_article(APPEAL * 3) for _ in range(3)]
    for article in articles:
        make_span(article, label="boilerplate", text="Read more of this.")
    spans = [make_span(article) for article in articles for _ in range(9)]
    for asked in (spans[:1], spans):
        rows = loaded(*asked)
        with CaptureQueriesContext(connection) as sent:
            concerns(rows)
        assert len(sent) == 2


def test_no_warning_is_given_on_the_five_seeds_rightly_marked():
    spans = []
    for number in SEEDS:
        article, author = make_article(seed(number)), make_user(annotator=True)
        marks = dict.fromkeys(right_marks(number))
        spans += [make_span(article, author, label, extent=extent) for label, extent in marks]
    assert len(spans) > 150
    found = concerns(loaded(*spans))
    assert [(span.text, found[span.pk]) for span in spans if found[span.pk]] == []


def test_what_is_not_the_articles_words_is_an_error_and_not_a_warning():
    (span,) = loaded(make_span(make_article(APPEAL), text="He left."))
    assert errors(span) == []
    span.text = "He leaves."
    assert errors(span) == ["Its words are not those that stand at its place in the article."]
    span.end = 4000
    assert len(errors(span)) == 1
    assert errors(span)[0].endswith(".")
