"""`check_integrity`: whether everything in the database is as it must be."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.queries.integrity import breaches

KINDS = ("article", "span", "event", "deed", "comment", "spot check")


class Command(BaseCommand):
    help = "Checks every invariant and every copied value; a line and exit code 1 for a breach."

    def handle(self, **options: Any) -> None:
        checked: Counter[str] = Counter()
        found = 0
        for breach in breaches(checked):
            self.stdout.write(breach)
            found += 1
        looked = ", ".join(f"{checked[kind]} {kind}(s)" for kind in KINDS)
        if found:
            raise CommandError(f"{found} breach(es) in {looked}.")
        self.stdout.write(f"No breach in {looked}.")
