"""People who are signed in, and the forms they send."""

from uuid import uuid4

from django.test import Client
from django.urls import reverse

from tests.views.page import HTMX


def browser_of(person, *, htmx=False, **options):
    """A test client signed in as that person; with `htmx` as a page's own requests come."""
    client = Client(headers=HTMX if htmx else None, **options)
    client.force_login(person)
    return client


def span_url(span):
    return reverse("on_span", args=[span.uid])


def desk_url(article):
    return reverse("desk", args=[article.slug])


def mark_url(article):
    return reverse("mark", args=[article.slug])


def deed(action, thing, **fields):
    """A form's fields for that deed on a span or an article, as it stands now."""
    return {"action": action, "seen": thing.revision, "request_id": str(uuid4()), **fields}


def words(article, extent, label="quote", **fields):
    """The fields that mark `extent` of the article."""
    return {
        "label": label,
        "start": extent.start,
        "end": extent.end,
        "text": extent.of(article.text),
        "request_id": str(uuid4()),
        **fields,
    }
