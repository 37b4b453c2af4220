"""Many articles at once: as if one after the other, in few statements, each by itself."""

from collections import Counter

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from annotations import actions
from annotations.actions import Added, Foreseen, Incoming, Known, Marked, Particulars
from annotations.domain.extents import Extent
from annotations.domain.refusals import Illegal, Invalid, Twin
from annotations.models import Article, Deed, Event, Outlet, Sketch, Span, Story
from annotations.queries import integrity
from tests.factories import TEXT, make_article, make_label
from tests.refusals import everything

pytestmark = pytest.mark.django_db
SAFE = Extent(TEXT.index("“as safe"), TEXT.index("house”") + 6)


def article(number, text=None, **particulars):
    return Incoming(text or f"Article {number}. {TEXT}", Particulars(**particulars))


def marked(extent=SAFE, label="quote", **attributes):
    return Marked(label, extent, extent.of(TEXT), attributes)


def bring(*incoming):
    return actions.add_articles(actions.draft_articles(incoming, "import:wire"))


def foresee(*incoming, foreseen=None):
    drafts = actions.draft_articles(incoming, "import:wire")
    return actions.foresee_articles(drafts, foreseen or Foreseen())


def whole():
    assert list(integrity.breaches(Counter())) == []


def test_each_comes_in_by_a_deed_of_its_own_with_its_outlet_and_story():
    came = bring(
        article(1, title="One", outlet="The Post", story="A bridge"),
        article(2, title="Two", outlet="the post", story="A bridge"),
        article(3, title="Three"),
    )
    assert came == [Added("one", 0), Added("two", 0), Added("three", 0)]
    assert [outlet.slug for outlet in Outlet.objects.all()] == ["the-post"]
    assert [story.slug for story in Story.objects.all()] == ["a-bridge"]
    assert Deed.objects.count() == 3
    kept = Event.objects.get(article__slug="two").after
    assert kept["outlet_id"] == Outlet.objects.get().pk
    assert kept["story_id"] == Story.objects.get().pk
    whole()


def test_many_take_as_many_statements_as_few():
    make_label()

    def statements(numbers):
        made = [
            Incoming(f"{TEXT} {number}", Particulars(outlet="Post"), [marked()])
            for number in numbers
        ]
        drafts = actions.draft_articles(made, "import:wire")
        with CaptureQueriesContext(connection) as asked:
            actions.add_articles(drafts)
        return len(asked)

    bring(article(0, outlet="Post"))
    few = statements(range(1, 3))
    assert statements(range(10, 40)) <= few + 12  # a statement holds so many rows
    whole()


def test_what_an_outlet_is_called_here_goes_before_what_its_name_makes():
    Outlet.objects.create(slug="post", name="The Daily Post")
    bring(article(1, outlet="The Daily Post"), article(2, outlet="post"), article(3, outlet="Post"))
    assert Outlet.objects.count() == 1


def test_those_with_one_title_are_numbered_on_from_what_is_here():
    for number in range(1, 6):
        make_article(slug="bridge" if number == 1 else f"bridge-{number}")
    make_article(slug="bridge-7")
    came = bring(*(article(number, title="Bridge") for number in range(4)))
    assert [each.slug for each in came] == ["bridge-6", "bridge-8", "bridge-9", "bridge-10"]


def test_a_title_of_hundreds_is_numbered_without_a_look_at_each():
    bring(*(article(number, title="Bridge", text=f"t{number}") for number in range(300)))
    with CaptureQueriesContext(connection) as asked:
        came = bring(article(1, title="Bridge"))
    assert came == [Added("bridge-301", 0)]
    assert len(asked) < 25


def test_one_that_stands_twice_among_them_is_known_the_second_time():
    came = bring(
        article(1, slug="one"),
        article(1, slug="one"),
        article(2, slug="one"),
        article(3, title="Three", url="https://example.org/3"),
        article(3, url="https://example.org/3"),
        article(3, url="https://example.org/4"),
        article(4, title="Three", slug="three"),
    )
    assert came[:3] == [Added("one", 0), Known("one", False), Known("one", True)]
    assert came[3:5] == [Added("three", 0), Known("three", False)]
    assert isinstance(came[5], Added)
    assert came[6] == Known("three", True)


def test_one_that_is_known_is_not_looked_at_further():
    make_article("We won.", slug="cup")
    bad = Incoming("We won.", Particulars(slug="cup", language="x" * 99), [marked(label="none")])
    assert bring(bad) == [Known("cup", False)]


def test_the_same_again_changes_nothing():
    make_label()
    made = [
        Incoming(TEXT, Particulars(outlet="Post", title="A"), [marked()]),
        article(2, slug="b", outlet="Post"),
        article(3),
    ]
    first = bring(*made)
    before = everything() | {"Sketch": list(Sketch.objects.order_by("pk").values_list())}
    again = bring(*made)
    assert again == [Known(each.slug, False) for each in first]
    assert everything() | {"Sketch": list(Sketch.objects.order_by("pk").values_list())} == before


REFUSED = {
    "a blank text": (Incoming(" \n"), Invalid),
    "a NUL": (Incoming("a\0b"), Invalid),
    "half a character in the title": (Incoming("Good.", Particulars(title="\udcff")), Invalid),
    "no address": (Incoming("Good.", Particulars(url="nowhere")), Invalid),
    "a slug that is none": (Incoming("Good.", Particulars(slug="a b")), Invalid),
    "an outlet's name that is too long": (
        Incoming("Good.", Particulars(outlet="x" * 201)),
        Invalid,
    ),
    "a label that is not there": (Incoming(TEXT, Particulars(), [marked(label="none")]), Invalid),
    "an attribute that is not there": (Incoming(TEXT, Particulars(), [marked(x="y")]), Invalid),
    "other words": (
        Incoming(TEXT, Particulars(), [Marked("quote", SAFE, "other words")]),
        Invalid,
    ),
    "a span that stands twice": (Incoming(TEXT, Particulars(), [marked(), marked()]), Twin),
}


@pytest.mark.parametrize(("bad", "kind"), REFUSED.values(), ids=REFUSED)
def test_one_that_is_refused_costs_only_itself(bad, kind):
    make_label()
    came = bring(article(1, title="One"), bad, article(2, title="Two"))
    assert (came[0], came[2]) == (Added("one", 0), Added("two", 0))
    assert type(came[1]) is kind
    assert str(came[1]).endswith((".", ")."))
    assert Article.objects.count() == Deed.objects.count() == 2
    assert not Outlet.objects.exists()
    assert not Span.objects.exists()


@pytest.mark.parametrize(("bad", "kind"), REFUSED.values(), ids=REFUSED)
def test_a_trial_says_the_same_and_stores_nothing(bad, kind):
    make_label()
    make_article(slug="here", text="It is here.")
    made = [
        article(1, title="Here"),
        bad,
        article(2, slug="here"),
        article(1, title="Here"),
        article(3, title="Here"),
    ]
    before = everything()
    foreseen = foresee(*made)
    assert everything() == before
    came = bring(*made)
    assert [type(each) for each in foreseen] == [type(each) for each in came]
    assert [str(each) for each in foreseen if not isinstance(each, Twin)] == [
        str(each) for each in came if not isinstance(each, Twin)
    ]


def test_a_trial_goes_on_with_what_it_has_foreseen():
    foreseen = Foreseen()
    first = foresee(
        article(1, title="Bridge", outlet="New"), article(2, slug="two"), foreseen=foreseen
    )
    assert first == [Added("bridge", 0), Added("two", 0)]
    again = foresee(
        article(1, outlet="new"), article(3, slug="two"), article(4, title="Bridge"),
        foreseen=foreseen,
    )  # fmt: skip
    assert again == [Known("bridge", False), Known("two", True), Added("bridge-2", 0)]
    assert [each[0] for each in foreseen.fresh] == ["bridge", "two", "bridge-2"]


def test_what_the_database_refuses_all_the_same_costs_only_itself(monkeypatch):
    make_label()
    drafts = actions.draft_articles(
        [
            Incoming(TEXT, Particulars(title="One", outlet="Post"), [marked()]),
            article(2, title="Two"),
            article(3, title="Three"),
            Incoming("half a \ud800"),
        ],
        "import:wire",
    )
    drafts[1].article.text_sha256 = "short"  # nothing that comes in by a file can be so
    came = actions.add_articles(drafts)
    assert (came[0], came[2]) == (Added("one", 1), Added("three", 0))
    assert type(came[1]) is Illegal
    assert str(came[1]).startswith("The database refused it: ")
    assert (type(came[3]), "half a character" in str(came[3])) == (Invalid, True)
    assert Article.objects.count() == Deed.objects.count() == 2
    whole()


def test_one_that_came_in_from_elsewhere_meanwhile_is_known(monkeypatch):
    drafts = actions.draft_articles([article(1, slug="one"), article(2, slug="two")], "import:wire")
    places, late = actions.intake._Coming, [True]

    class Late(places):
        """Looks before somebody else brings one in, and so does not see it."""

        def __init__(self, *args):
            super().__init__(*args)
            if late:
                late.clear()
                raise IntegrityError("twice")

    make_article(slug="one", text="Another text.")
    monkeypatch.setattr(actions.intake, "_Coming", Late)
    assert actions.add_articles(drafts) == [Known("one", True), Added("two", 0)]
    whole()


def test_a_sketch_belongs_to_the_first_that_has_it():
    first = make_article(slug="first")
    make_article(slug="second")
    assert Sketch.objects.exists()
    assert {each.article_id for each in Sketch.objects.all()} == {first.pk}
