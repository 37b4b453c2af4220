"""Everything out, an empty database, everything back: nothing is lost and nothing is different."""

import io
import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from annotations import pipelines, triggers
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Export, Person, Span
from annotations.queries.archive import KINDS
from annotations.queries.exports import ExportFilter
from tests.archives import archive, emptied, make_newsroom, sealed
from tests.factories import make_user

HERE = Path(__file__).resolve().parent.parent


def run(*words):
    """What the command prints, and what it prints as errors."""
    out, error = io.StringIO(), io.StringIO()
    call_command(*map(str, words), stdout=out, stderr=error)
    return out.getvalue(), error.getvalue()


@pytest.fixture
def newsroom(db):
    make_newsroom()


def spans():
    """Every span there is, as data people get it."""
    every = tuple(map(str, State)), tuple(map(str, ArticleState))
    chosen = ExportFilter(states=every[0], article_states=every[1])
    return [b"".join(pipelines.export(format, chosen)) for format in ("spans", "articles")]


def test_there_and_back_by_the_commands(newsroom, tmp_path):
    first, again = tmp_path / "first.jsonl", tmp_path / "again.jsonl"
    run("export_spans", "--format", "archive", "--output", first)
    before, people = spans(), Person.objects.count()
    emptied()
    out, _ = run("import_articles", "--restore", first)
    assert f"restored {people} person(s)" in out
    assert "These groups are new here and have no rights yet: Night shift.\n" in out
    assert "Nobody has a password" in out
    assert spans() == before
    run("export_spans", "--format", "archive", "--output", again)
    assert again.read_bytes() == first.read_bytes()
    assert run("check_integrity")[0].startswith("No breach in ")
    assert triggers.breaches(connection) == []


def test_the_same_newsroom_gives_the_same_bytes(newsroom):
    assert archive() == archive()


def test_an_archive_comes_in_chunks(newsroom):
    chunks = list(pipelines.export("archive", ExportFilter(states=())))
    assert len(chunks) > 1
    assert max(map(len, chunks)) < 200_000


def test_a_trial_says_what_would_come_back_and_stores_nothing(newsroom, tmp_path):
    path = tmp_path / "archive.jsonl"
    path.write_bytes(archive())
    emptied()
    out, _ = run("import_articles", "--restore", "--dry-run", path)
    assert "restored" in out
    assert "This was a trial: nothing was stored." in out
    assert not Person.objects.exists()
    assert triggers.breaches(connection) == []


class TestRefusals:
    def refusal(self, *words):
        with pytest.raises(CommandError) as refused:
            run(*words)
        return str(refused.value)

    @pytest.mark.parametrize(
        "words",
        [["--state", "proposed"], ["--decided-from", "2024-05-28"], ["--people", "pseudonym"]],
    )
    def test_an_archive_is_of_everything(self, words, newsroom):
        told = self.refusal("export_spans", "--format", "archive", *words)
        assert told == "An archive holds everything: without a filter, with names."

    def test_one_file_at_a_time_as_it_is(self, db, tmp_path):
        path = tmp_path / "archive.jsonl"
        for more in ([path], ["--format", "text"], ["--corrections"], ["--replaces", "x"]):
            told = self.refusal("import_articles", "--restore", path, *more)
            assert told == "One archive is restored at a time, as it is."

    def test_a_file_that_is_not_there(self, db, tmp_path):
        told = self.refusal("import_articles", "--restore", tmp_path / "none")
        assert told.endswith("none: cannot be read: No such file or directory.")

    def test_a_file_that_is_cut_off_is_told_with_its_line(self, newsroom, tmp_path):
        path = tmp_path / "archive.jsonl"
        path.write_bytes(archive()[:-50])
        lines = path.read_bytes().count(b"\n") + 1
        emptied()
        told = self.refusal("import_articles", "--restore", path)
        assert f"archive.jsonl, line {lines}: The archive was cut off" in told
        assert told.endswith(" Nothing was stored.")
        assert not Person.objects.exists()

    def test_a_database_that_is_not_empty_is_told_without_a_line(self, newsroom, tmp_path):
        path = tmp_path / "archive.jsonl"
        path.write_bytes(archive())
        told = self.refusal("import_articles", "--restore", path)
        assert "archive.jsonl: The database is not empty" in told

    def test_what_no_terminal_shows_is_told_all_the_same(self, newsroom, tmp_path):
        path = tmp_path / "archive.jsonl"
        first, second, *others, end = io.BytesIO(archive())
        strange = second.replace(b'"username"', b'"\\ud800"')
        path.write_bytes(b"".join(sealed([first, strange, *others, end])))
        emptied()
        told = self.refusal("import_articles", "--restore", path)
        assert "line 2: “username” is missing." in told

    def test_screen_and_tokens_give_no_archive(self, newsroom):
        chosen, exporter = ExportFilter(states=()), make_user(exporter=True)
        with pytest.raises(KeyError):
            pipelines.take_away("archive", chosen, person=exporter)


def test_an_archive_is_on_record_but_not_in_itself(newsroom, tmp_path):
    path = tmp_path / "archive.jsonl"
    before = archive()
    run("export_spans", "--format", "archive", "--output", path)
    assert path.read_bytes() == before == archive()
    kept = Export.objects.get(format="archive")
    assert (kept.whole, kept.spans, kept.via) == (True, Span.objects.count(), "command")
    assert kept.sha256 == sha256(before).hexdigest()
    beside = json.loads((tmp_path / "archive.jsonl.manifest.json").read_text())
    assert (beside["format_schema"], beside["complete"]) == ("newsroom.archive/1", True)
    assert beside["filter"]["state"] == []


MAKE = """
import django
django.setup()
from django.db import transaction
from tests.archives import make_newsroom
with transaction.atomic():
    make_newsroom()
"""


class OtherDatabase:
    """An SQLite newsroom of its own, reached as an operator does."""

    def __init__(self, var):
        inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        self.environment = inherited | {
            "NEWSROOM_VAR": str(var),
            "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        }
        self.manage("migrate", "--no-input", "--verbosity", "0")

    def manage(self, *words):
        self.run("manage.py", *map(str, words), "--skip-checks")

    def run(self, *words):
        command = [sys.executable, *words]
        subprocess.run(
            command, cwd=HERE, env=self.environment, check=True, capture_output=True, timeout=300
        )


@pytest.mark.postgresql
def test_a_newsroom_moves_from_sqlite_to_postgresql_and_back(db, tmp_path):
    first, second, third = (tmp_path / f"{name}.jsonl" for name in ("first", "second", "third"))
    there = OtherDatabase(tmp_path / "there")
    there.run("-c", MAKE)
    there.manage("export_spans", "--format", "archive", "--output", first)

    run("import_articles", "--restore", first)
    assert Article.objects.filter(slug="bridge").exists()
    run("check_integrity")
    run("export_spans", "--format", "archive", "--output", second)
    assert second.read_bytes() == first.read_bytes()

    back = OtherDatabase(tmp_path / "back")
    back.manage("import_articles", "--restore", second)
    back.manage("check_integrity")
    back.manage("export_spans", "--format", "archive", "--output", third)
    assert third.read_bytes() == first.read_bytes()


def test_the_documentation_has_a_line_of_each_kind_with_its_keys():
    page = (HERE / "docs/archive.md").read_text()
    shown = [json.loads(line) for line in page.split("\n") if line.startswith("{")]
    assert [list(line) for line in shown] == [
        ["schema"],
        *(["record", *kind.fields.split()] for kind in KINDS),
        ["record", "counts", "sha256"],
    ]
    assert [line.get("record") for line in shown[1:-1]] == [kind.name for kind in KINDS]
