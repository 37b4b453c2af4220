"""Which label a file means."""

import pytest

from annotations.models import Label
from annotations.queries.labels import label_names
from tests.factories import load_labels


@pytest.fixture
def labels(db):
    load_labels()
    Label.objects.filter(slug="claim").update(name="Checkable claim")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("claim", "claim"),
        ("CLAIM", "claim"),
        ("checkable CLAIM", "claim"),
        (" Quote ", "quote"),
        ("rumour", None),
        ("", None),
    ],
)
def test_a_label_is_known_by_its_slug_else_by_its_name_case_aside(labels, name, slug):
    assert label_names().slug_of(name) == slug


def test_a_name_that_two_labels_have_is_none_but_a_slug_is(labels):
    Label.objects.filter(slug="quote").update(name="Claim")
    assert label_names().slug_of("CLAIM") is None
    assert label_names().slug_of("claim") == "claim"


def test_an_archived_label_is_none(labels):
    Label.objects.filter(slug="claim").update(archived=True)
    assert label_names().slug_of("claim") is None
