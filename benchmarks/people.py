"""What a bench needs in the newsroom: somebody who may mark, and articles with spans."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client

from annotations import actions
from annotations.models import Article, Person
from benchmarks.documents import Document

# What each label asks before approval, filled in.
GIVEN: dict[str, dict[str, Any]] = {
    "quote": {"form": "scare"},
    "boilerplate": {"kind": "other"},
    "claim": {},
}


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
    Person.objects.create_user(name)
    return sign_in(name, "annotators")


def make_reviewer(name: str = "reviewer") -> dict[str, str]:
    """A person who may decide; their cookies."""
    Person.objects.create_user(name)
    return sign_in(name, "reviewers")


def sign_in(name: str, group: str) -> dict[str, str]:
    """The person's cookies, as one has them who has signed in; of the group from now on."""
    person = Person.objects.get(username=name)
    person.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(person)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def put(
    document: Document, slug: str, annotator: str = "annotator", *, submit: bool = False
) -> Put:
    """Bring the document in and mark its spans, each by a deed of its own, as people do.

    submit: and give it to the reviewers, its spans with the attributes that an approval needs.
    """
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
                attributes=GIVEN[mark.label] if submit else {},
                deed=actions.deed_of(person),
            )
        if submit:
            seen = Article.objects.get(slug=slug).revision
            actions.submit(article=slug, seen=seen, deed=actions.deed_of(person))
    return Put(slug, document)
