"""`seed`: the labels and the seed articles, as far as they are missing."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from annotations.models import Article, Label

FIXTURES = ("labels", "seed_articles")


class Command(BaseCommand):
    help = "Loads the labels and seed articles that are missing and touches nothing else."

    def handle(self, **options: Any) -> None:
        before = _counts()
        call_command("loaddata", *FIXTURES, verbosity=0)
        labels, articles = (now - then for now, then in zip(_counts(), before, strict=True))
        if labels or articles:
            self.stdout.write(f"Loaded {labels} label(s) and {articles} article(s).")
        else:
            self.stdout.write("Labels and seed articles are here already.")


def _counts() -> tuple[int, int]:
    return Label.objects.count(), Article.objects.count()
