"""What a bench needs in the newsroom: somebody who may mark, and articles with spans."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client

from annotations import actions
from annotations.models import Person
from benchmarks.documents import Document


@dataclass(frozen=True, slots=True)
class Put:
    """A document in the newsroom: its address, and the document."""

    slug: str
    document: Document

    @property
    def path(self) -> str:
        return f"/articles/{self.slug}/"


def make_annotator(name: str = "annotator") -> dict[str, str]:
    """A person who may mark; their cookies, as one has them who has signed in."""
    person = Person.objects.create_user(name)
    person.groups.add(Group.objects.get(name="annotators"))
    client = Client()
    client.force_login(person)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def put(document: Document, slug: str, annotator: str = "annotator") -> Put:
    """Bring the document in and mark its spans, each by a deed of its own, as people do."""
    person = Person.objects.get(username=annotator)
    with transaction.atomic():  # one commit: nobody measures this
        actions.add_article(
            text=document.text,
            particulars=actions.Particulars(slug=slug, url=f"https://example.org/{slug}"),
            deed=actions.deed_of_machine("import:benchmarks"),
        )
        for mark in document.marks:
            actions.propose(
                article=slug,
                label=mark.label,
                extent=mark.extent,
                text=mark.extent.of(document.text),
                deed=actions.deed_of(person),
            )
    return Put(slug, document)
