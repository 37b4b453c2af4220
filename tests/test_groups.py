"""The four groups are there, each with its permission, whatever happened to the database."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection

from annotations import triggers
from tests.factories import make_user

GROUPS = {
    "annotators": {"annotate"},
    "reviewers": {"review"},
    "exporters": {"export"},
    "importers": {"import_articles"},
}


def groups():
    return {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }


def test_after_migrate_the_four_groups_have_their_permissions(db):
    assert groups() == GROUPS


def test_migrating_again_changes_nothing(db):
    before = list(Group.objects.order_by("pk").values())

    call_command("migrate", verbosity=0)

    assert list(Group.objects.order_by("pk").values()) == before
    assert groups() == GROUPS


def test_what_an_administrator_gave_a_group_besides_stays(db):
    extra = Permission.objects.get(codename="view_outlet")
    Group.objects.get(name="annotators").permissions.add(extra)

    call_command("migrate", verbosity=0)

    assert groups() == GROUPS | {"annotators": {"annotate", "view_outlet"}}


@pytest.mark.django_db(transaction=True)
def test_after_a_flush_the_groups_are_there_again_and_let_people_in():
    triggers.drop(connection)
    call_command("flush", interactive=False, verbosity=0)

    assert groups() == GROUPS
    assert make_user(annotator=True).has_perm("annotations.annotate")


@pytest.mark.parametrize(("name", "codenames"), GROUPS.items())
def test_a_group_lets_its_members_do_its_part_and_no_other(name, codenames, db):
    person = make_user(**{name.removesuffix("s"): True})

    may = {
        codename
        for part in GROUPS.values()
        for codename in part
        if person.has_perm(f"annotations.{codename}")
    }

    assert may == codenames
