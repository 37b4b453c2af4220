"""A corpus of nasty texts and of the seed articles, marked up, and exported in every format.

The readers know nothing of the database: each test loads a file with the tool that people load
it with, and compares every span's words with those that the database holds.
"""

import json
import random
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import call_command
from django.db import transaction

from annotations import actions, pipelines
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.domain.text import clean
from annotations.exports import FORMATS
from annotations.models import Article, Span
from annotations.queries.exports import ExportFilter
from tests.factories import load_labels, make_article, make_deed, make_label, make_span, make_user

NASTY = Path(__file__).parent.parent / "data/nasty/texts.jsonl"
# What each label asks before approval. `mark` is a word that spaCy keeps for itself.
ATTRIBUTES = {"quote": {"form": "scare"}, "boilerplate": {"kind": "other"}, "claim": {}, "mark": {}}
STATES = [State.APPROVED, State.PROPOSED, State.SUGGESTED, State.REJECTED]
MORE_TEXTS = {
    "family": "The 👨‍👩‍👧‍👦 said “👍🏽 yes, 🇺🇦”.\n\nTen came\u2028and went\u2029– all ตัวเลข 5 ล้าน, "
    "o\u0308 and ö.",
    "formulas": "=1+1 was -2 or +3, said @home.\n'Tis so\n\t=cmd|' /C calc'!A0 “=SUM(A1)” ＝2 "
    "; 'end'",
    "for-spacy": "The agent had no TIME, IS_ALPHA or DEPRECATED001 _ to mark X. FLAG19 obj ID NOUN",
    "quoted": 'He said "a, ""b"" c"\nand; \\"d\\" , said ‘e’.\n\n\n"f"\n',
}


class Marked(NamedTuple):
    """A span as the database holds it."""

    article: str
    label: str
    start: int
    end: int
    text: str
    state: str


class Exported(NamedTuple):
    """Where the files are, and what must be in them: texts by slug, spans by uid."""

    files: dict[str, Path]
    texts: dict[str, str]
    spans: dict[str, Marked]


@pytest.fixture(scope="session")
def exported(django_db_setup, django_db_blocker, tmp_path_factory):
    """Every format's file of the same corpus, which is gone from the database again."""
    folder = tmp_path_factory.mktemp("exports")
    with django_db_blocker.unblock(), transaction.atomic():
        _make_corpus()
        files = {format: _write(folder, format, states=()) for format in FORMATS}
        texts = dict(Article.objects.values_list("slug", "text"))
        spans = {
            str(span.uid): Marked(
                span.article.slug, span.label.slug, span.start, span.end, span.text, span.state
            )
            for span in Span.objects.select_related("article", "label")
        }
        transaction.set_rollback(True)
    assert len(spans) > 300
    assert {span.state for span in spans.values()} == set(STATES)
    return Exported(files, texts, spans)


@pytest.fixture(scope="session")
def nothing(django_db_setup, django_db_blocker, tmp_path_factory):
    """Every format's file of a choice that chose nothing, from a newsroom that has labels."""
    folder = tmp_path_factory.mktemp("nothing")
    with django_db_blocker.unblock(), transaction.atomic():
        load_labels()
        files = {format: _write(folder, format) for format in FORMATS}
        transaction.set_rollback(True)
    return files


def _write(folder, format, **chosen):
    path = folder / FORMATS[format].file_name
    path.write_bytes(b"".join(pipelines.export(format, ExportFilter(**chosen))))
    return path


def _make_corpus():
    call_command("loaddata", "labels", "seed_articles", verbosity=0)
    make_label("mark")
    people = {"author": make_user(annotator=True), "reviewer": make_user(reviewer=True)}
    seeds = list(Article.objects.order_by("slug"))
    for slug, text in MORE_TEXTS.items():
        seeds.append(make_article(text, slug=slug, title="=cmd, “quoted”", url=""))
    for article in seeds:
        for number, (label, extent) in enumerate(_by_chance(article.slug, article.text)):
            _mark(article, label, extent, STATES[number % len(STATES)], people)
    with NASTY.open(encoding="utf-8", newline="\n") as file:
        cases = [case for case in map(json.loads, file) if case["expect"] == "ok"]
    for case in cases:
        _bring_in(case, people)
    _review_a_bare_one(people)


def _bring_in(case, people):
    """A nasty text: of its own spans the first is approved, all else comes as suggestions."""
    clean_text = clean(case["text"])
    own = [
        (span["label"], Extent(clean_text.moved(span["start"]), clean_text.moved(span["end"])))
        for span in case["spans"]
    ]
    places = dict.fromkeys([*own, *_by_chance(case["id"], clean_text.text)])
    first, *others = places
    article = actions.add_article(
        text=clean_text.text,
        particulars=actions.Particulars(slug=case["id"], story="Nasty", outlet="Tests"),
        suggestions=[
            actions.Marked(label, extent, extent.of(clean_text.text), ATTRIBUTES[label])
            for label, extent in others
        ],
        deed=actions.deed_of_machine("import:nasty"),
    ).article
    _mark(article, *first, State.APPROVED, people)


def _by_chance(name, text):
    """Spans with any edges: inside words and clusters, on blanks, over lines, in one another."""
    chance = random.Random(name)
    lengths = [1, 3, 12, 40, 200]
    found = {}
    for number in range(10):
        label = chance.choice(list(ATTRIBUTES))
        start = 0 if number == 0 else chance.randrange(len(text))
        end = len(text) if number == 1 else min(len(text), start + chance.choice(lengths))
        if text[start:end].strip():
            found[label, Extent(start, end)] = None
    return list(found)


def _mark(article, label, extent, state, people):
    make_span(
        article, label=label, extent=extent, state=state, attributes=ATTRIBUTES[label], **people
    )


def _review_a_bare_one(people):
    article = make_article("Nothing in it. 🌉", slug="bare", annotator=people["author"])
    author, reviewer = make_deed(people["author"]), make_deed(people["reviewer"])
    article = actions.submit(article="bare", seen=article.revision, deed=author).article
    actions.sign_off(article="bare", seen=article.revision, nothing_missing=True, deed=reviewer)
