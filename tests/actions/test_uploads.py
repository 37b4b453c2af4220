"""An upload's record: begun once, gone on with by one at a time, ended for good."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from annotations import actions
from annotations.domain.intake import Outcome, UploadState
from annotations.domain.refusals import Illegal, NotPermitted, Reused
from annotations.models import Upload, UploadLine
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ME, OTHER = uuid4(), uuid4()


@pytest.fixture
def importer():
    return make_user(importer=True)


@pytest.fixture
def upload(importer):
    return actions.begin_upload(an_upload(importer))


def an_upload(importer, uid=None):
    return Upload(
        uid=uid or uuid4(), importer=importer, name="a", format="text", size=9, sha256="0" * 64
    )


def lines_of(upload):
    return [
        UploadLine(upload=upload, line=1, outcome=Outcome.ADDED, slug="a", suggestions=2),
        UploadLine(upload=upload, line=1, outcome=Outcome.NEAR, slug="a"),
        UploadLine(upload=upload, line=2, outcome=Outcome.REFUSED, words="No."),
    ]


def test_only_importers_begin_go_on_or_end(upload):
    stranger = make_user(annotator=True, reviewer=True, exporter=True)
    for act in (
        lambda: actions.begin_upload(an_upload(stranger)),
        lambda: actions.take_up(upload, ME, stranger),
        lambda: actions.end_upload(upload, UploadState.DONE, stranger),
    ):
        with pytest.raises(NotPermitted):
            act()
    upload.refresh_from_db()
    assert (upload.going, upload.busy_with, Upload.objects.count()) == (True, None, 1)


def test_one_that_is_told_twice_is_begun_once_and_belongs_to_its_importer(upload, importer):
    assert actions.begin_upload(an_upload(importer, upload.uid)) == upload
    with pytest.raises(Illegal, match="somebody else"):
        actions.begin_upload(an_upload(make_user(importer=True), upload.uid))


def test_one_at_a_time_goes_on_until_it_lets_go_or_is_gone(upload, importer):
    assert actions.take_up(upload, ME, importer)
    assert not actions.take_up(upload, OTHER, importer)
    actions.let_go(upload, OTHER)  # which has nothing to let go
    assert not actions.take_up(upload, OTHER, importer)
    actions.let_go(upload, ME)
    assert actions.take_up(upload, OTHER, importer)
    Upload.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    assert actions.take_up(upload, ME, importer)


def test_a_batch_is_written_down_with_its_counts_and_how_far_it_is(upload, importer):
    actions.take_up(upload, ME, importer)
    upload.position = 7
    actions.note_batch(upload, ME, lines_of(upload), 2)
    upload.refresh_from_db()
    assert (upload.line, upload.position) == (2, 7)
    counts = (upload.added, upload.suggestions, upload.near, upload.refused, upload.known)
    assert counts == (1, 2, 1, 1, 0)
    assert upload.lines.count() == 3
    actions.note_batch(upload, ME, lines_of(upload), 4)
    assert Upload.objects.get().added == 2


@pytest.mark.parametrize("what", ["another worker", "another line", "it was stopped"])
def test_a_batch_that_somebody_else_has_brought_in_is_not_written_down(what, upload, importer):
    actions.take_up(upload, ME, importer)
    if what == "another line":
        Upload.objects.update(line=5)
    if what == "it was stopped":
        actions.end_upload(upload, UploadState.STOPPED, importer)
    before = list(Upload.objects.values())
    worker = OTHER if what == "another worker" else ME
    with pytest.raises(Illegal, match="Somebody else goes on"):
        actions.note_batch(upload, worker, lines_of(upload), 2)
    assert list(Upload.objects.values()) == before
    assert not UploadLine.objects.exists()


def test_what_is_ended_stays_so(upload, importer):
    assert actions.end_upload(upload, UploadState.DONE, importer)
    assert not actions.end_upload(upload, UploadState.STOPPED, importer)
    assert not actions.take_up(upload, ME, importer)
    upload.refresh_from_db()
    assert (upload.state, upload.going) == (UploadState.DONE, False)
    assert upload.ended_at is not None


@pytest.mark.parametrize(
    "other",
    [{"name": "b"}, {"format": "html"}, {"trial": True}, {"corrections": True}, {"sha256": "1"}],
)
def test_one_that_is_told_otherwise_is_refused(other, upload, importer):
    again = an_upload(importer, upload.uid)
    for name, value in other.items():
        setattr(again, name, value)
    before = list(Upload.objects.values())
    with pytest.raises(Reused, match="another file or other choices"):
        actions.begin_upload(again)
    assert list(Upload.objects.values()) == before
