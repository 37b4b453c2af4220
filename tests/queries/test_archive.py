"""What an archive keeps: every model and every field is in it, or is left out for a reason."""

import pytest
from django.apps import apps
from django.db import models

from annotations.domain.lifecycle import Action, ArticleState, State
from annotations.imports import _values
from annotations.models import Article, Deed, Event, Outlet, Span
from annotations.queries.archive import (
    KINDS,
    LEFT_OUT,
    fields_of,
    kind_of,
    name_paths,
    records,
    row_fields,
)
from tests.archives import make_newsroom


def test_every_model_of_the_app_is_a_kind_or_left_out_for_a_reason():
    there = {model.__name__ for model in apps.get_app_config("annotations").get_models(True)}
    kinds = {kind.model.__name__ for kind in KINDS}
    assert kinds | LEFT_OUT.keys() == there
    assert not kinds & LEFT_OUT.keys()
    assert all(LEFT_OUT.values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
class TestKind:
    def test_every_field_is_kept_or_left_out_for_a_reason(self, kind):
        meta = kind.model._meta
        there = {field.name for field in (*meta.concrete_fields, *meta.many_to_many)} - {"id"}
        kept, left_out = set(kind.fields.split()), kind.left_out or {}
        assert kept | left_out.keys() == there
        assert not kept & left_out.keys()
        assert all(left_out.values())

    def test_what_it_names_comes_before_it_or_is_of_its_own_kind(self, kind):
        earlier = KINDS[: KINDS.index(kind) + 1]
        for field in fields_of(kind):
            if field.is_relation and not field.many_to_many:
                assert kind_of(field) in earlier
                assert kind_of(field).named_by

    def test_a_name_is_of_one_row_only(self, kind):
        names = kind.named_by.split()
        alone = len(names) == 1 and kind.model._meta.get_field(names[0]).unique
        together = any(
            list(constraint.fields) in (names, names[::-1])
            for constraint in kind.model._meta.constraints
            if isinstance(constraint, models.UniqueConstraint)
        )
        assert not names or alone or together

    def test_json_is_a_row_of_an_event_or_has_its_own_reader(self, kind):
        held = {field.name for field in fields_of(kind) if isinstance(field, models.JSONField)}
        assert held <= {*kind.rows.split(), *_values._JSON}


def test_what_the_rows_of_events_name_is_a_kind_with_one_name(db):
    for model in (Span, Article):
        named = [kind_of(field) for field in row_fields(model).values() if field.is_relation]
        assert all(len(name_paths(kind)) == 1 for kind in named)


@pytest.fixture
def newsroom(db):
    make_newsroom()


def test_the_newsroom_of_these_tests_has_all_there_is(newsroom):
    """Else a round trip would prove less than it says."""
    assert set(Deed.objects.values_list("action", flat=True)) >= set(Action) - {
        Action.PROPAGATE, Action.MERGE, Action.START,
    }  # fmt: skip
    assert set(Event.objects.values_list("action", flat=True)) >= {Action.START}
    assert set(Span.objects.values_list("state", flat=True)) == set(State) - {State.MERGED}
    assert set(Article.objects.values_list("state", flat=True)) == set(ArticleState)
    for kind in KINDS:
        for field in fields_of(kind):
            rows = kind.model._default_manager
            if field.many_to_many:
                assert rows.filter(**{f"{field.name}__isnull": False}).exists()
            elif field.null:
                for nothing in (True, False):
                    assert rows.filter(**{f"{field.name}__isnull": nothing}).exists(), field


def test_no_key_of_the_database_is_in_a_record(newsroom):
    for record in records():
        assert not {"id", "pk"} & record.values.keys()
        for rows in record.kind.rows.split():
            assert not any(name.endswith("_id") for name in record.values[rows] or {})


def test_a_row_that_is_gone_is_told_by_the_order_in_which_such_ones_come_up(newsroom):
    events = [record.values for record in records() if record.kind.name == "event"]
    outlets = [event["after"]["outlet"] for event in events if event["span"] is None]
    assert {"gone": 1} in outlets
    key = Event.objects.get(after__outlet_id__isnull=False, after__title="Open", revision=2)
    assert not Outlet.objects.filter(pk=key.after["outlet_id"]).exists()


def test_people_leave_without_secrets_and_rights(newsroom):
    people = [record.values for record in records() if record.kind.name == "person"]
    [bo] = [person for person in people if person["username"] == "bo"]
    assert list(bo) == [
        "username", "first_name", "last_name", "email", "is_active", "date_joined", "groups",
    ]  # fmt: skip
    assert bo["groups"] == ["annotators", "exporters", "reviewers"]
