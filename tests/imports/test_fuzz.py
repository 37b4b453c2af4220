"""Whatever bytes come in: rows come out, nothing is raised, and no span is another's words."""

import gzip
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.domain.text import is_storable
from annotations.imports import FORMATS, HEAD, guess, unpacked
from annotations.imports.rows import ArticleRow, BadRow, Remark
from tests.imports.test_feed import ATOM, RDF, RSS
from tests.imports.test_hostile import GOOD
from tests.imports.test_html import PAGE

FILES = [json.dumps(value).encode() + b"\n" for value in GOOD.values()]
FILES += [json.dumps([value, value], ensure_ascii=False).encode() for value in GOOD.values()]
FILES += [json.dumps(value, indent=1).encode() for value in GOOD.values()]
FILES += [words.encode() for words in (ATOM, RDF, RSS, PAGE)]
PIECES = [b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"<", b">", b"&", b"\0", b"\xff", b"\n"]
PIECES += [b"true", b"NaN", b"1e999", b"-1", b"\\ud800", b"\xf0\x9f\x8c\x89", b"\xef\xbb\xbf"]
PIECES += [
    b"<pre>",
    b"<p hidden>",
    b"</div>",
    b"<!--",
    b"<![CDATA[",
    b"&#0;",
    b'"text"',
    b'"start"',
]


@st.composite
def mutated(draw):
    """A file that was good, with some of it cut out, put in or put in once more."""
    raw = draw(st.sampled_from(FILES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 30)))
        piece = draw(st.sampled_from([*PIECES, raw[start : start + 40]]) | st.binary(max_size=4))
        raw = raw[:start] + piece + raw[end:]
    return raw


def check(raw, format):
    for row in FORMATS[format].read(unpacked(io.BytesIO(raw)), "wire"):
        assert row.line >= 1
        match row:
            case BadRow(_, why):
                assert is_storable(why)
            case Remark(_, what):
                assert is_storable(what)
            case ArticleRow():
                for span in row.spans:
                    assert 0 <= span.start < span.end <= len(row.text)
                    assert row.text[span.start : span.end] == span.text
                for words in (row.title, row.url, row.outlet, row.slug, row.language):
                    assert is_storable(words)


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=40, deadline=None)
@given(raw=st.binary(max_size=200) | mutated())
def test_no_file_raises_or_lies(format, raw):
    check(raw, format)


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=200) | mutated(), name=st.text(max_size=12))
def test_every_file_is_guessed_to_be_of_some_format(raw, name):
    found = guess(name, raw[:HEAD])
    assert found.format in FORMATS
    assert found.why
    check(raw, found.format)


@settings(max_examples=80, deadline=None)
@given(cut=st.integers(0, 3000), flip=st.integers(0, 3000))
def test_no_damaged_packed_file_raises(cut, flip):
    raw = bytearray(gzip.compress(b"".join(FILES)))
    raw[flip % len(raw)] ^= 0xFF
    check(bytes(raw[: max(2, cut)]), "articles")
