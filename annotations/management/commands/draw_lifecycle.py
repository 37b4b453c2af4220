"""manage.py draw_lifecycle: print docs/lifecycle.md as the tables have it."""

from typing import Any

from django.core.management.base import BaseCommand

from annotations.domain.lifecycle_drawing import draw


class Command(BaseCommand):
    help = "Prints docs/lifecycle.md, drawn from the tables in annotations/domain/lifecycle.py."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        self.stdout.write(draw(), ending="")
