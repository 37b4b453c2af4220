"""Whoever asks for pseudonyms finds no name in any format."""

import io
import zipfile
import zlib

import pytest

from annotations import pipelines
from annotations.domain.lifecycle import State
from annotations.exports import FORMATS
from annotations.queries.exports import ExportFilter
from tests.factories import make_span, make_user

pytestmark = pytest.mark.django_db


def contents(format, raw):
    """The file's bytes as they are before anything is compressed."""
    if format == "spacy":
        return zlib.decompress(raw)
    if format == "hugging_face":
        archive = zipfile.ZipFile(io.BytesIO(raw))
        return b"".join(map(archive.read, archive.namelist()))
    return raw


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "archive"])
def test_pseudonyms_go_through_every_format(format):
    people = {
        "author": make_user("ann.author", annotator=True),
        "reviewer": make_user("rob.reviewer", reviewer=True),
    }
    make_span(state=State.APPROVED, label="claim", **people)

    named, hidden = (
        contents(format, b"".join(pipelines.export(format, ExportFilter(), pseudonyms=asked)))
        for asked in (False, True)
    )

    assert b"ann.author" in named
    assert b"person-1" in hidden
    for person in people.values():
        assert person.username.encode() not in hidden
