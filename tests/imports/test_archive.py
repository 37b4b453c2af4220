"""An archive on its way back: what is no record, or not whole, is refused with its line."""

import io
import json
from hashlib import sha256
from uuid import uuid4

import pytest
from django.db import transaction

from annotations.domain.records import BadArchive
from annotations.imports import archive as reader
from annotations.queries.archive import KINDS
from tests.archives import archive, make_newsroom, sealed

pytestmark = pytest.mark.django_db  # for the archive is one that was made


@pytest.fixture(scope="module")
def lines(django_db_setup, django_db_blocker):
    """The lines of an archive with a record of every kind."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_newsroom()
        whole = archive()
        transaction.set_rollback(True)
    return list(io.BytesIO(whole))


def read(lines):
    stream = io.BytesIO(b"".join(lines))
    told = reader.check_whole(stream)
    stream.seek(0)
    return list(reader.read(stream, told))


def refused(lines):
    """Where and why."""
    with pytest.raises(BadArchive) as error:
        read(lines)
    return error.value.line, str(error.value)


def first(lines, name):
    """The index of the first record of that kind."""
    return next(at for at, raw in enumerate(lines) if json.loads(raw).get("record") == name)


def written(record):
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def test_every_line_is_a_record_of_its_kind(lines):
    records = read(lines)
    assert [record.line for record in records] == list(range(2, len(lines)))
    assert {record.kind.name for record in records} == {kind.name for kind in KINDS}


# The file as a whole.


def test_only_our_own_archives_of_this_version_are_read(lines):
    for other in (b"PK\x03\x04", b'{"schema":"newsroom.archive/2"}\n', b"{}\n", lines[1]):
        assert refused([other, *lines[1:]]) == (
            1,
            "This is no archive of ours: it must begin with newsroom.archive/1.",
        )


CUT_OFF = "The archive was cut off: its last line is missing or not whole."


@pytest.mark.parametrize("kept", [0, 1, 2, -1])
def test_an_archive_that_lacks_its_last_lines_is_refused(lines, kept):
    assert refused(lines[:kept]) == (len(lines[:kept]), CUT_OFF)


def test_an_archive_is_refused_wherever_it_is_cut_off(lines):
    whole = b"".join(lines)
    places = {0, 1, 10, len(whole) // 2, len(whole) - len(lines[-1]) + 20, len(whole) - 1}
    for place in places:
        with pytest.raises(BadArchive):
            read([whole[:place]])


def test_a_byte_that_changed_is_seen(lines):
    at = first(lines, "article")
    changed = lines[at].replace(b"Zoe", b"Zoa", 1)
    number, why = refused([*lines[:at], changed, *lines[at + 1 :]])
    assert (number, why) == (
        len(lines),
        "Its SHA-256 is not that of the lines above: something changed.",
    )


def test_nothing_stands_after_the_end(lines):
    assert refused([*lines, lines[-1]])[0] == len(lines) + 1
    assert refused([*lines, b"\n"])[0] == len(lines) + 1


def with_end(lines, **changes):
    return [*lines[:-1], written(json.loads(lines[-1]) | changes)]


def test_a_last_line_of_another_shape_is_none(lines):
    for changes in (
        {"more": 1},
        {"counts": []},
        {"counts": {"person": True}},
        {"counts": {"person": -1}},
        {"sha256": None},
    ):
        assert refused(with_end(lines, **changes))[0] == len(lines)


def test_counts_that_are_not_those_of_the_records_are_refused(lines):
    counts = json.loads(lines[-1])["counts"]
    more = counts | {"person": counts["person"] + 1}
    assert "and there are" in refused(with_end(lines, counts=more))[1]
    other = more | {"story": counts["story"] - 1}
    assert refused(with_end(lines, counts=other)) == (
        len(lines),
        f"It counts {more['person']} of “person”, and there are {counts['person']}.",
    )


def test_a_line_without_end_is_not_read_whole(lines, monkeypatch):
    monkeypatch.setattr(reader, "MOST_OF_A_LINE", 2_000_000)
    long = b'{"record":"article","text":"' + b"x" * 2_000_000
    assert refused([lines[0], long]) == (2, "The line is longer than 2 MB.")


# One line.


def put(lines, name, raw):
    at = first(lines, name)
    return at + 1, sealed([*lines[:at], raw, *lines[at + 1 :]])


NOT_JSON = [
    (b"\xff{}\n", "not UTF-8"),
    (b"{\n", "not JSON"),
    (b"\n", "not JSON"),
    (b'{"record":' + b"[" * 100_000 + b"\n", "nested too deeply"),
    (b'{"record":' + b"9" * 5000 + b"}\n", "too many digits"),
    (b'{"record":NaN}\n', "NaN"),
    (b'{"record":"deed","record":"deed"}\n', "“record” stands twice"),
    (b"[]\n", "in braces"),
    (b'{"record":"end"}\n', "no such kind"),
    (b'{"record":["deed"]}\n', "no such kind"),
    (b"{}\n", "no such kind"),
]


@pytest.mark.parametrize(("raw", "why"), NOT_JSON, ids=lambda value: str(value)[:16])
def test_what_is_no_record_is_refused(lines, raw, why):
    at = first(lines, "deed")
    counts = json.loads(lines[-1])["counts"]
    others = [*lines[:at], raw, *lines[at + 1 : -1]]
    seal = sha256(b"".join(others)).hexdigest()
    number, told = refused([*others, written({"record": "end", "counts": counts, "sha256": seal})])
    assert (number, why in told) == (at + 1, True), told


def changed(**changes):
    return lambda record: record | changes


def without(name):
    return lambda record: {key: value for key, value in record.items() if key != name}


def in_row(rows, **changes):
    return lambda record: record | {rows: record[rows] | changes}


BLANKS = "must be a time as"
CHANGES = [
    ("deed", without("at"), "“at” is missing"),
    ("deed", changed(approved_by="ada"), "There is no “approved_by” in “deed”"),
    ("person", changed(is_superuser=True), "There is no “is_superuser” in “person”"),
    ("person", changed(password="x"), "There is no “password” in “person”"),
    ("person", changed(is_active=1), "“is_active” must be true or false"),
    ("person", changed(username="a b"), "“username” cannot be stored"),
    ("person", changed(username=""), "“username” must not be empty"),
    ("person", changed(email="nowhere"), "“email” cannot be stored"),
    ("person", changed(groups="reviewers"), "“groups” must be a list"),
    ("person", changed(groups=["reviewers", "annotators"]), "“groups” must be in order"),
    ("person", changed(groups=["annotators", "annotators"]), "“groups” must be in order"),
    ("person", changed(groups=[1]), "“groups” must be a string"),
    ("outlet", changed(slug="a/b"), "“slug” cannot be stored"),
    ("outlet", changed(homepage="javascript:alert(1)"), "“homepage” cannot be stored"),
    ("outlet", changed(name="x" * 201), "“name” cannot be stored"),
    ("outlet", changed(name="\0"), "“name” holds a character"),
    ("outlet", changed(name="\ud800"), "“name” holds a character"),
    ("label", changed(colour="pitch-black"), "“colour” must be one of"),
    ("label", changed(guideline_revision=True), "“guideline_revision” must be a whole number"),
    ("label", changed(guideline_revision=-1), "“guideline_revision” must be a whole number"),
    ("label", changed(guideline_revision=1.0), "“guideline_revision” must be a whole number"),
    ("label", changed(position=2**15), "“position” must be a whole number"),
    ("attribute", changed(unless_attribute=["quote"]), "“unless_attribute” must be a list of 2"),
    ("choice", changed(attribute="form"), "“attribute” must be a list of 2: label key."),
    ("choice", changed(attribute=["quote", 1]), "“attribute” must be a string"),
    ("article", changed(text=5), "“text” must be a string"),
    ("article", changed(text=None), "“text” must be a string"),
    ("article", changed(url="https://"), "“url” cannot be stored"),
    ("article", changed(state="lost"), "“state” must be one of"),
    ("article", changed(added_at="2024-05-28"), BLANKS),
    ("article", changed(added_at="2024-05-28T17:30:00.000000"), BLANKS),
    ("article", changed(added_at="2024-05-28T17:30:00Z"), BLANKS),
    ("article", changed(added_at="0001-01-01T00:00:00+14:00"), BLANKS),
    ("article", changed(added_at=5), BLANKS),
    ("article", changed(added_at=None), BLANKS),
    ("span", changed(uid="1"), "“uid” must be a UUID"),
    ("span", changed(uid=1), "“uid” must be a UUID"),
    ("span", changed(uid=str(uuid4()).upper()), "“uid” must be a UUID"),
    ("span", changed(start=True), "“start” must be a whole number"),
    ("span", changed(end=2**31), "“end” must be a whole number"),
    ("span", changed(attributes=[]), "“attributes” must be an object of"),
    ("span", changed(attributes={"form": 5}), "“attributes” must be an object of"),
    ("span", changed(attributes={"form": None}), "“attributes” must be an object of"),
    ("span", changed(attributes={"speaker": {"value": "A"}}), "“attributes” must be an object of"),
    (
        "span",
        changed(attributes={"speaker": {"value": "A", "start": True, "end": None}}),
        "“attributes” must be an object of",
    ),
    (
        "span",
        changed(attributes={"speaker": {"value": 1, "start": None, "end": None}}),
        "“attributes” must be an object of",
    ),
    ("span", changed(attributes={"form": "\0"}), "“attributes” holds a character"),
    ("span", changed(attributes={"\0": "form"}), "“attributes” holds a character"),
    ("span", changed(reason="dull"), "“reason” must be one of"),
    ("event", changed(waved=None), "“waved” must be a list of"),
    ("event", changed(waved=["all of it"]), "“waved” must be a list of"),
    ("event", changed(waved=[["cuts_word"]]), "“waved” must be a list of"),
    ("event", changed(after=None), "“after” must be an object with"),
    ("event", changed(after=[]), "“after” must be an object with"),
    ("event", changed(after={}), "“after” must be an object with"),
    ("event", in_row("after", more=1), "“after” must be an object with"),
    ("event", in_row("after", state="lost"), "“after” “state” must be one of"),
    ("event", in_row("after", outlet={"gone": 0}), "“after” “outlet” must be a string"),
    ("event", in_row("after", outlet={"gone": "1"}), "“after” “outlet” must be a whole number"),
    ("event", in_row("after", outlet={}), "“after” “outlet” must be a string"),
    ("event", in_row("after", published_at="2024-05-28T17:30:00Z"), BLANKS),
    ("event", in_row("after", published_at="2024-05-28"), BLANKS),
    ("event", in_row("after", published_at="2024-13-28T17:30:00+00:00"), BLANKS),
    ("event", in_row("after", published_at=5), BLANKS),
    ("export", in_row("chosen", more=[]), "“chosen” must be an object with"),
    ("export", changed(chosen=[]), "“chosen” must be an object with"),
    ("export", in_row("chosen", state="approved"), "must have a list of words as “state”"),
    ("export", in_row("chosen", label=[1]), "must have a list of words as “label”"),
    ("export", in_row("chosen", label=["\0"]), "“chosen” holds a character"),
    ("export", in_row("chosen", decided_from="soon"), "must have a day as “decided_from”"),
    ("export", in_row("chosen", decided_from="2024-13-01"), "a day as “decided_from”"),
    ("export", changed(via="pigeon"), "“via” must be one of"),
    ("token", changed(secret_sha256="0" * 64), "There is no “secret_sha256” in “token”"),
    ("outlet", lambda record: dict(reversed(record.items())), "not written as an archive"),
]


@pytest.mark.parametrize(("name", "change", "why"), CHANGES)
def test_a_record_that_its_model_does_not_take_is_refused(lines, name, change, why):
    record = json.loads(lines[first(lines, name)])
    # ASCII: half a character cannot be written otherwise.
    raw = json.dumps(change(record), separators=(",", ":")).encode() + b"\n"
    number, many = put(lines, name, raw)
    line, told = refused(many)
    assert (line, why in told) == (number, True), told


def test_a_record_is_written_in_one_way_only(lines):
    at = first(lines, "outlet")
    record = json.loads(lines[at])
    spaced = json.dumps(record).encode() + b"\n"
    escaped = lines[at].replace(b"O", b"\\u004f", 1)
    returned = lines[at].replace(b"\n", b"\r\n")
    for raw in (spaced, escaped, returned):
        number, many = put(lines, "outlet", raw)
        assert refused(many) == (number, "It is not written as an archive writes it.")


def test_no_kind_stands_after_one_that_may_name_it(lines):
    at = first(lines, "outlet")
    many = sealed([*lines[:at], *lines[at + 1 : -1], lines[at], lines[-1]])
    assert refused(many) == (len(lines) - 1, "“outlet” must stand before what may name it.")
