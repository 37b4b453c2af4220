"""What the newsroom begins with, and that it never begins again."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command

from annotations import actions
from annotations.actions._names import opening_words
from annotations.domain.attributes import Kind
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Choice, Label, LabelAttribute, Outlet, Person
from annotations.models.labels import Colour, Line
from tests.factories import make_deed, make_span, make_user

FIXTURES = Path(settings.BASE_DIR, "fixtures")
SUMS = {
    "putin-serious-consequences-000": (
        "f3ddd002747e1ecc7f7256a03c3026f9e6a7203fa4ec8d21ce2b803d9755bb11"
    ),
    "putin-warns-west-001": "322c5965ea6cab0d71284c263ef2d8a03a81e7cb8924d04799683aecef42f3fb",
    "putin-long-range-missiles-002": (
        "02b59e66941e2d738da000a3bdf8ab7f5c639a24ca3958444500bb1d0a3958cb"
    ),
    "putin-long-range-strikes-003": (
        "4c33778aa600e5da4128f58ea1c87b9c6d8d7215a435512d29e2d29ddef5c5ea"
    ),
    "putin-western-weapons-004": (
        "dcad7ce7817f9dc192ffca29470ebd2cbad319591b0ea4e858988eede6026875"
    ),
}
SLICES = [
    ("putin-serious-consequences-000", 402, 414, "“neutralize”"),
    ("putin-serious-consequences-000", 3049, 3057, "Comments"),
    ("putin-warns-west-001", 1887, 1902, '"playing with,"'),
    ("putin-long-range-strikes-003", 2204, 2222, "“We don’t refuse!”"),
    ("putin-western-weapons-004", 81, 103, "‘Serious Consequences'"),
    ("putin-western-weapons-004", 2096, 2111, '"foreign agent"'),
]
BOILERPLATE = (
    "donation_appeal subscription_prompt newsletter comments_stub share_bar related_links "
    "navigation caption_credit byline_dateline correction_note copyright ad cookie_notice other"
).split()


def rows(name, model):
    objects = json.loads((FIXTURES / f"{name}.json").read_bytes())
    return [row["fields"] for row in objects if row["model"] == f"annotations.{model}"]


ARTICLES = {row["slug"]: row for row in rows("seed_articles", "article")}


@pytest.fixture
def loaded(db):
    call_command("loaddata", "labels", "seed_articles", verbosity=0)


@pytest.mark.parametrize("slug", SUMS)
def test_a_seed_text_is_the_one_that_was_given(slug):
    article = ARTICLES[slug]
    assert hashlib.sha256(article["text"].encode()).hexdigest() == SUMS[slug]
    assert article["text_sha256"] == SUMS[slug]


def test_the_readme_holds_the_sums_of_all_seed_texts_and_no_others():
    told = re.findall(r"\| (\S+) \| `([0-9a-f]{64})` \|", (FIXTURES / "README.md").read_text())
    assert dict(told) == SUMS
    assert ARTICLES.keys() == SUMS.keys()


@pytest.mark.parametrize(("slug", "start", "end", "words"), SLICES)
def test_offsets_in_the_seed_texts_are_code_points(slug, start, end, words):
    assert ARTICLES[slug]["text"][start:end] == words


@pytest.mark.parametrize("slug", SUMS)
def test_a_seed_article_is_called_by_its_headline_or_its_opening_words(slug):
    article = ARTICLES[slug]
    lines = article["text"].split("\n")
    assert article["title"] in {lines[0], lines[2], opening_words(article["text"])}


@pytest.mark.parametrize("name", ["labels", "seed_articles"])
def test_a_fixture_names_rows_by_natural_keys_and_shows_its_letters(name):
    raw = (FIXTURES / f"{name}.json").read_text("utf-8")
    objects = json.loads(raw)
    assert all(row.keys() == {"model", "fields"} for row in objects)
    assert raw == json.dumps(objects, ensure_ascii=False, indent=1) + "\n"


def test_the_labels_are_told_apart_by_key_colour_and_line(loaded):
    told = Label.objects.values_list("slug", "key", "line")
    assert list(told) == [
        ("claim", "c", Line.WAVY),
        ("quote", "q", Line.SOLID),
        ("boilerplate", "b", Line.DOTTED),
    ]
    colours = {Colour(label.colour) for label in Label.objects.all()}
    assert len(colours) == 3
    assert all(len(label.guideline) > 500 for label in Label.objects.all())


def test_the_attributes_are_those_that_were_agreed_on(loaded):
    asked = {
        str(attribute): (
            Kind(attribute.kind),
            [choice.key for choice in attribute.choices.all()],
            attribute.spec.required,
            attribute.spec.unless,
        )
        for attribute in LabelAttribute.objects.all()
    }
    forms = ["direct", "indirect", "mixed", "scare", "block"]
    worth = ["check_worthy", "unimportant", "not_factual"]
    assert asked == {
        "claim.claimant": (Kind.ANCHORED, [], False, None),
        "claim.worthiness": (Kind.CHOICE, worth, False, None),
        "quote.speaker": (Kind.ANCHORED, [], True, ("form", "scare")),
        "quote.cue": (Kind.ANCHORED, [], False, None),
        "quote.form": (Kind.CHOICE, forms, False, None),
        "quote.continues": (Kind.YES_NO, [], False, None),
        "boilerplate.kind": (Kind.CHOICE, BOILERPLATE, True, None),
    }


def test_the_seed_articles_stand_with_their_outlets_and_stories(loaded):
    article = Article.objects.get(slug="putin-western-weapons-004")
    assert (article.outlet.slug, article.outlet.name) == ("the-moscow-times", "The Moscow Times")
    assert article.title == (
        "Putin Says Western Weapons Striking Russia Would Have ‘Serious Consequences'"
    )
    assert (article.state, article.revision, article.events.count()) == (ArticleState.OPEN, 1, 0)
    other = Article.objects.get(slug="putin-long-range-missiles-002")
    assert other.outlet.name == "Unidentified outlet 002"
    assert set(article.story.articles.all()) == set(Article.objects.exclude(pk=other.pk))
    assert other.story.articles.get() == other


def test_loading_again_resets_no_work(loaded, capsys):
    annotator, reviewer = make_user(annotator=True), make_user(reviewer=True)
    article = Article.objects.get(slug="putin-western-weapons-004")
    span = make_span(
        article,
        annotator,
        text="‘Serious Consequences'",
        attributes={"form": "scare"},
        state=State.APPROVED,
        reviewer=reviewer,
    )
    article.refresh_from_db()
    actions.submit(article=article.slug, seen=article.revision, deed=make_deed(annotator))
    Label.objects.filter(slug="quote").update(name="Zitat", guideline="Ours.")
    Outlet.objects.filter(slug="the-moscow-times").update(homepage="")
    before = list(Article.objects.values()), list(Label.objects.values())

    call_command("loaddata", "labels", "seed_articles")

    assert (list(Article.objects.values()), list(Label.objects.values())) == before
    article.refresh_from_db()
    span.refresh_from_db()
    assert (article.state, article.revision) == (ArticleState.SUBMITTED, 4)
    assert (span.state, span.decided_by) == (State.APPROVED, reviewer)
    assert Outlet.objects.get(slug="the-moscow-times").homepage == ""
    assert "Left alone 44 object(s) that were here already" in capsys.readouterr().out


def test_what_was_taken_off_a_label_stays_off(loaded):
    Choice.objects.get(attribute__key="form", key="block").delete()
    worthiness = LabelAttribute.objects.get(key="worthiness")
    worthiness.choices.all().delete()
    worthiness.delete()

    call_command("loaddata", "labels", verbosity=0)

    assert not Choice.objects.filter(key__in=["block", "unimportant"]).exists()
    assert not LabelAttribute.objects.filter(key="worthiness").exists()


def test_an_attribute_in_a_fixture_of_its_own_comes_to_a_label_that_is_here(loaded, tmp_path):
    path = tmp_path / "topic.json"
    topic = {"label": ["claim"], "key": "topic", "name": "Topic", "kind": "text"}
    path.write_text(json.dumps([{"model": "annotations.labelattribute", "fields": topic}]))

    call_command("loaddata", path, verbosity=0)

    assert Label.objects.get(slug="claim").attributes.filter(key="topic").exists()


def test_an_article_that_is_here_under_another_slug_is_left_alone(loaded, tmp_path):
    seed = dict(ARTICLES["putin-western-weapons-004"], slug="another-slug")
    path = tmp_path / "again.json"
    path.write_text(json.dumps([{"model": "annotations.article", "fields": seed}]))

    call_command("loaddata", path, verbosity=0)

    assert not Article.objects.filter(slug="another-slug").exists()


def test_a_fixture_does_not_overwrite_a_person_even_by_their_id(db, tmp_path):
    person = make_user("eve", annotator=True)
    path = tmp_path / "people.json"
    row = {"model": "annotations.person", "pk": person.pk, "fields": {"username": "mallory"}}
    path.write_text(json.dumps([row]))

    call_command("loaddata", path, verbosity=0)

    assert Person.objects.get(pk=person.pk).username == "eve"


def test_rows_of_other_apps_are_loaded_as_ever(db, tmp_path):
    path = tmp_path / "groups.json"
    path.write_text(json.dumps([{"model": "auth.group", "pk": 900, "fields": {"name": "desk"}}]))

    call_command("loaddata", path, verbosity=0)
    path.write_text(json.dumps([{"model": "auth.group", "pk": 900, "fields": {"name": "news"}}]))
    call_command("loaddata", path, verbosity=0)

    assert Group.objects.get(pk=900).name == "news"
