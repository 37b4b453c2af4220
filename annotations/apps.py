"""The app: what is made anew after each migration."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class AnnotationsConfig(AppConfig):
    name = "annotations"
    verbose_name = "Annotation desk"

    def ready(self) -> None:
        from annotations import checks  # noqa: F401  registers the system checks

        pre_migrate.connect(_drop_triggers, sender=self)
        post_migrate.connect(_create_triggers, sender=self)
        post_migrate.connect(_make_groups, sender=self)


def _drop_triggers(using: str, **_: Any) -> None:
    """SQLite rebuilds tables to alter them, silently losing triggers or failing over them."""
    from annotations import triggers

    triggers.drop(connections[using])


def _create_triggers(using: str, **_: Any) -> None:
    from annotations import triggers

    triggers.create(connections[using])


def _make_groups(sender: AppConfig, using: str, **_: Any) -> None:
    from django.contrib.auth.management import create_permissions

    from annotations import permissions

    # Django makes them in a receiver of its own, which may come after this one.
    create_permissions(sender, using=using, verbosity=0)
    permissions.make_groups(using)
