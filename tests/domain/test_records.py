"""Records of an archive: written in one way, and read only as they are written."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.records import BadRecord, instant, line, parsed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab\u2028"\\é'), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.text("xyz"), VALUES))
def test_what_is_written_is_read_again_and_written_the_same(record):
    raw = line(record)
    assert raw.count(b"\n") == 1
    assert raw.endswith(b"\n")
    assert parsed(raw) == record
    assert line(parsed(raw)) == raw


def test_keys_come_as_they_are_and_within_values_sorted():
    record = {"b": {"z": 1, "a": [{"y": 2, "x": 3}]}, "a": None}
    assert line(record) == b'{"b":{"a":[{"x":3,"y":2}],"z":1},"a":null}\n'


def test_characters_stand_as_themselves():
    assert line({"a": "é🌉\u2028\n"}) == '{"a":"é🌉\u2028\\n"}\n'.encode()


def test_times_and_uuids_are_strings():
    uid = "12345678-1234-5678-1234-567812345678"
    moment = datetime(2024, 5, 28, 19, 30, tzinfo=timezone(timedelta(hours=2)))
    raw = line({"uid": UUID(uid), "at": moment})
    assert raw == f'{{"uid":"{uid}","at":"2024-05-28T17:30:00.000000Z"}}\n'.encode()
    assert (
        instant(datetime(2024, 5, 28, microsecond=5, tzinfo=UTC)) == "2024-05-28T00:00:00.000005Z"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "half \ud800 a character"])
def test_what_json_does_not_know_is_not_written(value):
    with pytest.raises(BadRecord, match="cannot be written"):
        line({"a": value})


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"\xff{}", "not UTF-8"),
        (b'{"a":', "not JSON"),
        (b"", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"a":' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"a":NaN}', "NaN is not a number"),
        (b'{"a":-Infinity}', "-Infinity is not a number"),
        (b'{"a":{"b":1,"b":1}}', "“b” stands twice"),
        (b"[1]", "in braces"),
        (b"true", "in braces"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_line_that_is_no_object_of_json_is_refused(raw, why):
    with pytest.raises(BadRecord, match=why):
        parsed(raw)
