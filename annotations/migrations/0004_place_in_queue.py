"""Copies and counts for what is there already; events say what they did not know of yet."""

from collections import Counter

from django.db import migrations
from django.db.models import F
from django.utils import timezone

from annotations.domain.fingerprints import attributes_group

NO_STORY = 2**62


def place(apps, schema_editor):
    Article, Span, TextGroup, Event = (
        apps.get_model("annotations", name) for name in ("Article", "Span", "TextGroup", "Event")
    )
    for event in Event.objects.exclude(span=None).iterator(chunk_size=500):
        for row in filter(None, (event.before, event.after)):
            row.setdefault("fresh", True)
        event.save(update_fields=["before", "after"])
    for article in Article.objects.defer("text").iterator(chunk_size=100):
        spans = Span.objects.filter(article=article)
        rank = article.story_id or NO_STORY
        spans.update(outlet=article.outlet_id, story_rank=rank)
        states = Counter(spans.filter(layer=None).values_list("state", flat=True))
        Article.objects.filter(pk=article.pk).update(
            proposed=states["proposed"], sent_back=states["sent_back"]
        )
        waiting = spans.filter(layer=None, state="proposed")
        if article.state in ("open", "in_progress"):
            waiting.update(waiting="early")
        elif article.state in ("submitted", "reopened"):
            for span in waiting:
                group, _ = TextGroup.objects.get_or_create(
                    label=span.label,
                    text_group=span.text_group,
                    attributes_group=attributes_group(span.attributes),
                )
                TextGroup.objects.filter(pk=group.pk).update(waiting=F("waiting") + 1)
                Span.objects.filter(pk=span.pk).update(
                    waiting="review",
                    group=group,
                    waiting_since=article.submitted_at or timezone.now(),
                )


class Migration(migrations.Migration):
    dependencies = [("annotations", "0003_review_queue")]
    operations = [migrations.RunPython(place, migrations.RunPython.noop)]
