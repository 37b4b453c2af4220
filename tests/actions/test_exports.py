"""Exports on record: begun before they leave, ended once, whole or cut off."""

from datetime import date

import pytest

from annotations import actions
from annotations.actions import Sum
from annotations.domain.refusals import Illegal, NotPermitted
from annotations.models import Export
from annotations.queries.exports import ExportFilter
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db

OUT = Sum(3, 2, 900, "a" * 64)


def begun(person=None, **changes):
    told = {"format": "spans", "chosen": ExportFilter()}
    return actions.begin_export(person=person, **told | changes)


def test_who_takes_what_is_on_record_before_it_leaves():
    person = make_user(exporter=True)
    chosen = ExportFilter(
        states=("rejected", "approved"), labels=("b", "a", "b"), decided_from=date(2026, 1, 31)
    )
    begun(person, chosen=chosen, pseudonyms=True)

    export = Export.objects.get()
    assert (export.person, export.via, export.format) == (person, "session", "spans")
    assert (export.pseudonyms, export.whole, export.ended_at) == (True, False, None)
    assert export.chosen == {
        "state": ["approved", "rejected"],
        "label": ["a", "b"],
        "outlet": [],
        "story": [],
        "article": [],
        "article_state": [],
        "reviewer": [],
        "decided_from": "2026-01-31",
        "decided_until": None,
    }


def test_it_says_by_what_they_came_in():
    token, _ = make_token()
    assert begun(token.person, token=token).via == "token"
    operator = begun()
    assert (operator.via, operator.person) == ("command", None)


@pytest.mark.parametrize("part", ["annotator", "reviewer", "importer"])
def test_who_does_not_export_begins_none(part):
    with pytest.raises(NotPermitted, match="Only exporters may take spans away"):
        begun(make_user(**{part: True}))
    assert not Export.objects.exists()


def test_a_whole_one_ends_with_its_counts_and_its_sum():
    export = actions.end_export(export=begun(), out=OUT, whole=True)
    assert (export.spans, export.articles, export.bytes, export.sha256) == OUT
    assert export.whole
    assert export.ended_at >= export.begun_at


def test_one_that_was_cut_off_ends_without_a_sum():
    export = actions.end_export(export=begun(), out=OUT, whole=False)
    assert (export.spans, export.bytes, export.sha256, export.whole) == (3, 900, "", False)
    assert export.ended_at


@pytest.mark.parametrize("whole", [True, False])
def test_it_ends_once(whole):
    export = actions.end_export(export=begun(), out=OUT, whole=whole)
    with pytest.raises(Illegal, match="has ended"):
        actions.end_export(export=export, out=OUT._replace(spans=9), whole=True)
    export.refresh_from_db()
    assert export.spans == 3
