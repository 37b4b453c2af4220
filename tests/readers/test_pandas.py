"""`csv`, `spans` and `articles`, loaded by pandas, and `csv` by Python's own reader."""

import csv

import pytest

from annotations.exports.table import COLUMNS

pytestmark = pytest.mark.django_db


@pytest.fixture
def pandas():
    """Imported when it is needed, for that takes its time."""
    import pandas

    return pandas


@pytest.fixture
def table(pandas):
    """What loads the rows as docs/formats/csv.md says: exact to the character."""

    def table(path):
        rows = pandas.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
        return rows.map(lambda cell: cell.removeprefix("'"))

    return table


def test_every_row_of_the_table_has_its_spans_words(table, exported):
    rows = table(exported.files["csv"])
    assert tuple(rows.columns) == COLUMNS
    found = {
        row.uid: (row.article, row.label, int(row.start), int(row.end), row.text, row.state)
        for row in rows.itertuples()
    }
    assert found == exported.spans
    for row in rows.itertuples():
        whole = exported.texts[row.article]
        around = row.before + row.text + row.after
        assert whole[int(row.start) - len(row.before) :].startswith(around)


def test_no_cell_is_taken_for_a_formula(exported):
    with exported.files["csv"].open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@＝＋－＠")]
    assert not [cell for cell in cells if cell[:1] in tuple("\t\r\n")]
    assert sum(cell.startswith("'=") for cell in cells) >= 2


def test_a_spreadsheet_is_told_that_it_is_utf_8_and_rows_end_as_it_ends_them(exported):
    raw = exported.files["csv"].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbflabel,text,")
    assert raw.endswith(b"\r\n")


def test_every_line_of_spans_has_its_words(pandas, exported):
    rows = pandas.read_json(exported.files["spans"], lines=True, dtype=False)
    found = {
        row.uid: (row.article["slug"], row.label, row.start, row.end, row.text, row.state)
        for row in rows.itertuples()
    }
    assert found == exported.spans


def test_every_span_of_a_line_of_articles_has_its_words(pandas, exported):
    rows = pandas.read_json(exported.files["articles"], lines=True, dtype=False)
    assert dict(zip(rows["slug"], rows["text"], strict=True)) == exported.texts
    found = {}
    for row in rows.itertuples():
        for span in row.spans:
            text = row.text[span["start"] : span["end"]]
            place = (span["label"], span["start"], span["end"], text, span["state"])
            found[span["uid"]] = (row.slug, *place)
    assert found == exported.spans


def test_files_of_nothing_are_read(pandas, table, nothing):
    assert table(nothing["csv"]).empty
    assert tuple(table(nothing["csv"]).columns) == COLUMNS
    for format in ("spans", "articles"):
        assert pandas.read_json(nothing[format], lines=True).empty
        assert nothing[format].read_bytes() == b""
