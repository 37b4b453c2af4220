"""The triggers are those of their file, and come back after each migration."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_migrate

from annotations import permissions, triggers

pytestmark = pytest.mark.django_db

ANY = triggers.TRIGGERS[0]
NAMES = {trigger.name for trigger in triggers.TRIGGERS}


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def dropped(name, table):
    on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
    return f'DROP TRIGGER "{name}"{on}'


def created(name, table, event="UPDATE", moment="BEFORE"):
    """Statements that make a trigger of that name that does nothing."""
    if connection.vendor == "postgresql":
        return [
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql'
            " AS $$BEGIN RETURN NEW; END$$",
            f'CREATE TRIGGER "{name}" {moment} {event} ON "{table}"'
            f' FOR EACH ROW EXECUTE FUNCTION "{name}"()',
        ]
    return [f'CREATE TRIGGER "{name}" {moment} {event} ON "{table}" BEGIN SELECT 1; END']


def test_a_migrated_database_has_the_triggers_of_the_file_and_no_others():
    assert triggers.breaches(connection) == []


def test_every_trigger_has_a_name_of_its_own():
    assert len(NAMES) == len(triggers.TRIGGERS)


@pytest.mark.parametrize("trigger", triggers.TRIGGERS, ids=lambda trigger: trigger.name)
def test_a_trigger_that_was_dropped_is_told_as_missing(trigger):
    run(dropped(trigger.name, trigger.table))
    assert triggers.breaches(connection) == [f"trigger {trigger.name} is missing"]


@pytest.mark.parametrize("trigger", triggers.TRIGGERS, ids=lambda trigger: trigger.name)
def test_a_trigger_that_was_rewritten_is_told_as_differing(trigger):
    body = created(trigger.name, trigger.table, trigger.event)
    run(dropped(trigger.name, trigger.table), *body)
    [told] = triggers.breaches(connection)
    assert told == f"trigger {trigger.name} differs from annotations/triggers.py"


def test_a_trigger_of_nobodys_is_told_as_strange():
    run(*created("annotations_forged", "annotations_span"))
    assert triggers.breaches(connection) == ["trigger annotations_forged is not ours"]


def test_a_trigger_that_was_switched_off_is_told():
    if connection.vendor == "postgresql":
        run(f'ALTER TABLE "{ANY.table}" DISABLE TRIGGER "{ANY.name}"')
    else:  # the only way there is
        run(dropped(ANY.name, ANY.table))
    [told] = triggers.breaches(connection)
    assert ANY.name in told


@pytest.mark.parametrize(
    "moment", ["AFTER UPDATE", "BEFORE INSERT", "BEFORE UPDATE OF title"], ids=str.lower
)
def test_a_trigger_that_does_the_same_at_another_moment_is_told_as_differing(moment):
    if connection.vendor == "postgresql":
        does = f' FOR EACH ROW EXECUTE FUNCTION "{ANY.name}"()'
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [ANY.name])
            does = cursor.fetchone()[0].partition(f'"{ANY.table}"')[2]
        if "INSERT" in moment:
            does = does.replace("OLD.", "NEW.")  # an insert has no old row
    run(
        dropped(ANY.name, ANY.table),
        f'CREATE TRIGGER "{ANY.name}" {moment} ON "{ANY.table}"{does}',
    )
    [told] = triggers.breaches(connection)
    assert told == f"trigger {ANY.name} differs from annotations/triggers.py"


def test_creating_replaces_what_was_changed_and_removes_what_is_strange():
    run(
        dropped(ANY.name, ANY.table),
        *created(ANY.name, ANY.table),
        *created("annotations_of_an_earlier_version", "annotations_span"),
    )
    triggers.create(connection)
    assert triggers.breaches(connection) == []


def test_while_a_migration_runs_no_trigger_is_there_and_afterwards_all_are():
    meanwhile = []

    def look(**_):
        meanwhile.extend(triggers.breaches(connection))

    ours = apps.get_app_config("annotations")
    pre_migrate.connect(look, sender=ours)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(look, sender=ours)
    assert set(meanwhile) == {f"trigger {name} is missing" for name in NAMES}
    assert triggers.breaches(connection) == []


def test_a_migration_gives_each_group_its_permission_again_and_takes_none_away():
    Group.objects.get(name="exporters").delete()
    Group.objects.get(name="annotators").permissions.clear()
    Group.objects.create(name="interns")
    call_command("migrate", verbosity=0)
    held = {
        group.name: [permission.codename for permission in group.permissions.all()]
        for group in Group.objects.all()
    }
    assert held == {
        "annotators": ["annotate"],
        "reviewers": ["review"],
        "exporters": ["export"],
        "importers": ["import_articles"],
        "interns": [],
    }
    assert held.keys() - {"interns"} == set(permissions.GROUPS)


@pytest.mark.django_db(transaction=True)
def test_a_migration_to_before_the_first_table_and_back_ends_with_all_of_them():
    try:
        call_command("migrate", "annotations", "zero", verbosity=0)
        assert len(triggers.breaches(connection)) == len(NAMES)
    finally:
        call_command("migrate", verbosity=0)
    assert triggers.breaches(connection) == []
    assert Group.objects.filter(name__in=permissions.GROUPS).count() == len(permissions.GROUPS)
