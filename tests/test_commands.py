"""The commands: thin, so what is tested is what they say, write and exit with."""

import gzip
import io
import json
import os
import stat
from hashlib import sha256

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection

from annotations import triggers
from annotations.domain.lifecycle import ArticleState, State
from annotations.models import Article, Export, Label, Person, Span
from annotations.pipelines import TakenAway
from tests.factories import load_labels, make_article, make_span, make_user


def run(*words, **options):
    """What the command prints, and what it prints as errors."""
    out, error = io.StringIO(), io.StringIO()
    call_command(*words, stdout=out, stderr=error, **options)
    return out.getvalue(), error.getvalue()


class TestSeed:
    def test_it_loads_what_is_missing_and_says_so(self, db):
        assert run("seed")[0] == "Loaded 3 label(s) and 5 article(s).\n"
        assert (Label.objects.count(), Article.objects.count()) == (3, 5)

    def test_a_second_time_it_does_nothing_and_says_so(self, db):
        run("seed")
        Label.objects.filter(slug="quote").update(name="Zitat")
        before = list(Article.objects.values()), list(Label.objects.values())
        assert run("seed")[0] == "Labels and seed articles are here already.\n"
        assert (list(Article.objects.values()), list(Label.objects.values())) == before


@pytest.fixture
def var(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path


def accounts(var):
    return dict(line.split() for line in (var / "demo-accounts.txt").read_text().splitlines())


class TestDemo:
    def test_it_makes_one_of_each_part_and_an_admin(self, db, var):
        run("demo")
        groups = {
            person.username: [group.name for group in person.groups.all()]
            for person in Person.objects.all()
        }
        assert groups == {
            "annotator": ["annotators"],
            "reviewer": ["reviewers"],
            "exporter": ["exporters"],
            "importer": ["importers"],
            "admin": [],
        }
        admin = Person.objects.get(username="admin")
        assert admin.is_superuser
        assert admin.is_staff
        assert Person.objects.filter(is_staff=True).count() == 1

    def test_the_passwords_are_printed_and_on_file_for_the_owner_only(self, db, var):
        out, _ = run("demo")
        path = var / "demo-accounts.txt"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert os.listdir(var) == ["demo-accounts.txt"]
        assert list(accounts(var)) == ["annotator", "reviewer", "exporter", "importer", "admin"]
        assert len(set(accounts(var).values())) == 5
        for name, password in accounts(var).items():
            assert authenticate(username=name, password=password).username == name
            assert f"  {name} {password}\n" in out

    def test_a_second_time_it_leaves_people_alone_and_prints_the_same(self, db, var):
        first = run("demo")
        people = list(Person.objects.values())
        assert run("demo") == first
        assert list(Person.objects.values()) == people

    def test_a_lost_file_is_written_anew_with_new_passwords(self, db, var):
        run("demo")
        before = accounts(var)
        (var / "demo-accounts.txt").unlink()
        run("demo")
        after = accounts(var)
        assert before.keys() == after.keys()
        assert all(before[name] != after[name] for name in before)
        assert authenticate(username="annotator", password=after["annotator"])

    def test_a_line_that_is_lost_costs_only_that_password(self, db, var):
        run("demo")
        before = accounts(var)
        (var / "demo-accounts.txt").write_text(f"annotator {before['annotator']}\nnonsense\n")
        run("demo")
        after = accounts(var)
        assert after["annotator"] == before["annotator"]
        assert after["reviewer"] != before["reviewer"]

    def test_who_is_missing_is_made_again_with_the_password_on_file(self, db, var):
        run("demo")
        before = accounts(var)
        Person.objects.get(username="reviewer").delete()
        run("demo")
        assert accounts(var) == before
        assert authenticate(username="reviewer", password=before["reviewer"])

    def test_somebody_else_of_that_name_keeps_their_password(self, db, var):
        make_user("admin", superuser=True, password="their own")
        out, _ = run("demo")
        assert "  admin: somebody of that name is here" in out
        assert "admin" not in accounts(var)
        assert authenticate(username="admin", password="their own")


class TestImportArticles:
    @pytest.fixture
    def wire(self, db, tmp_path):
        load_labels()
        path = tmp_path / "wire.jsonl"
        span = {"label": "claim", "start": 0, "end": 6, "text": "We won"}
        lines = [
            {"slug": "cup", "text": "We won.", "spans": [span]},
            {"text": "\ud800", "slug": "half"},
            {"text": "We won it.", "spans": [span | {"label": "\udcff"}]},
        ]
        path.write_bytes(b"\xef\xbb\xbf" + "\n".join(map(json.dumps, lines)).encode())
        return path

    def test_it_tells_what_came_in_and_each_line_that_did_not(self, wire):
        out, error = io.StringIO(), io.StringIO()
        with pytest.raises(CommandError, match=r"^2 line\(s\) or file\(s\) could not come in\.$"):
            call_command("import_articles", wire, stdout=out, stderr=error)
        assert out.getvalue() == (
            f"{wire}, line 1: A byte order mark at the start of the file was dropped.\n"
            f"{wire} (articles, by its name): 1 article(s) came in with 1 suggestion(s), "
            "0 known already, 2 refused.\n"
        )
        first, second = error.getvalue().splitlines()
        assert first.startswith(f"{wire}, line 2: The text holds half a character")
        assert second == (
            f"{wire}, line 3: There is no label “\\udcff”; there are boilerplate, claim, quote."
        )
        assert Span.objects.get().state == State.SUGGESTED

    def test_a_trial_stores_nothing_and_says_so(self, wire):
        out = io.StringIO()
        with pytest.raises(CommandError):
            call_command(
                "import_articles", "--dry-run", wire, wire, stdout=out, stderr=io.StringIO()
            )
        assert "0 article(s) would come in with 0 suggestion(s), 1 known" in out.getvalue()
        assert "came in" not in out.getvalue()
        assert out.getvalue().endswith("This was a trial: nothing was stored.\n")
        assert not Article.objects.exists()

    @pytest.mark.parametrize("more", [[], ["--restore"]])
    def test_without_tables_it_says_how_to_make_them(self, wire, more, monkeypatch):
        monkeypatch.setattr(connection.introspection, "table_names", list)
        with pytest.raises(CommandError, match=r"no tables yet: run `manage\.py migrate` first\.$"):
            run("import_articles", wire, *more)

    def test_an_archive_is_led_to_its_own_way_and_nothing_of_it_comes_in(self, db, tmp_path):
        make_span()
        before = Article.objects.count()
        path = tmp_path / "all.jsonl"
        run("export_spans", "--format", "archive", "--output", path)
        error = io.StringIO()
        with pytest.raises(CommandError, match=r"^1 line"):
            call_command("import_articles", path, stdout=io.StringIO(), stderr=error)
        assert "line 1: This is an archive of a newsroom" in error.getvalue()
        assert Article.objects.count() == before

    def test_a_text_of_another_wording_under_a_known_slug_is_told(self, db, tmp_path):
        make_article("We won.", slug="cup")
        path = tmp_path / "cup.txt"
        path.write_text("They lost.")
        out, _ = run("import_articles", path)
        assert f"{path}, line 1: cup is here with another text, which was left as it is." in out

    def test_several_files_come_in_and_the_format_may_be_given(self, db, tmp_path):
        paths = [tmp_path / "one.text", tmp_path / "two.jsonl"]
        for path in paths:
            path.write_text(f"Words of {path.stem}.")
        run("import_articles", "--format", "text", *paths)
        assert set(Article.objects.values_list("slug", flat=True)) == {"one", "two"}

    def test_a_file_that_is_packed_is_unpacked(self, db, tmp_path):
        path = tmp_path / "cup.txt.gz"
        path.write_bytes(gzip.compress(b"We won."))
        run("import_articles", path)
        assert Article.objects.get().slug == "cup"

    def test_a_packed_file_that_is_broken_is_told(self, db, tmp_path):
        path = tmp_path / "cup.txt.gz"
        path.write_bytes(gzip.compress(b"We won.")[:-9])
        error = io.StringIO()
        with pytest.raises(CommandError, match="1 line"):
            call_command("import_articles", path, stdout=io.StringIO(), stderr=error)
        assert f"{path}, line 1: The gzip file is broken off" in error.getvalue()

    def test_the_standard_input_is_a_file_too(self, db, monkeypatch):
        raw = json.dumps({"slug": "cup", "text": "We won."}).encode()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        out, _ = run("import_articles", "-")
        assert out.startswith("- (articles, ")
        assert Article.objects.get().slug == "cup"

    def test_one_that_is_nearly_the_same_is_told(self, db, tmp_path):
        text = " ".join(f"word{number}" for number in range(100))
        make_article(text, slug="first")
        path = tmp_path / "second.txt"
        path.write_text(f"{text} And more.")
        out, _ = run("import_articles", path)
        assert f"{path}, line 1: second is nearly the same as first." in out
        assert "1 article(s) came in with 0 suggestion(s), 1 nearly the same as another," in out

    def test_on_a_terminal_it_shows_how_far_it_is(self, db, tmp_path):
        class Terminal(io.StringIO):
            def isatty(self):
                return True

        path = tmp_path / "cup.txt"
        path.write_text("We won.")
        error = Terminal()
        call_command("import_articles", path, stdout=io.StringIO(), stderr=error)
        assert "cup.txt: line 1, 1 came in" in error.getvalue()
        assert error.getvalue().endswith("\r\033[K")

    def test_a_file_that_is_not_there_does_not_stop_the_others(self, db, tmp_path):
        path = tmp_path / "one.txt"
        path.write_text("Words.")
        error = io.StringIO()
        with pytest.raises(CommandError, match="1 line"):
            call_command(
                "import_articles", tmp_path / "none.txt", path, stdout=io.StringIO(), stderr=error
            )
        assert "none.txt: cannot be read: No such file or directory." in error.getvalue()
        assert Article.objects.get().slug == "one"


class TestExportSpans:
    @pytest.fixture(autouse=True)
    def desk(self, db):
        ann, rob = make_user("ann", annotator=True), make_user("rob", reviewer=True)
        article = make_article(slug="main", outlet="Daily")
        make_span(article, ann, "claim", text="5 million", state=State.APPROVED, reviewer=rob)
        make_span(article, ann, "quote", text="asked")
        make_article(slug="bare", state=ArticleState.REVIEWED)

    def test_it_prints_approved_spans_and_nothing_else(self):
        out, error = run("export_spans")
        assert [json.loads(line)["text"] for line in out.split("\n") if line] == ["5 million"]
        assert error == ""

    def test_to_standard_output_it_writes_bytes(self, capfdbinary):
        call_command("export_spans", "--format", "articles")
        lines = capfdbinary.readouterr().out.split(b"\n")
        assert [json.loads(line)["slug"] for line in lines[:-1]] == ["bare", "main"]
        assert "“as safe as a house”".encode() in lines[1]

    def test_filters_may_be_repeated(self):
        states = ["--state", "approved", "--state", "proposed"]
        assert run("export_spans", *states)[0].count("\n") == 2
        assert run("export_spans", *states, "--label", "quote")[0].count("\n") == 1
        assert run("export_spans", "--outlet", "daily")[0].count("\n") == 1
        assert run("export_spans", "--article-state", "reviewed")[0] == ""
        assert run("export_spans", "--format", "articles", "--article", "bare")[0].count("\n") == 1

    def test_a_name_that_is_not_there_is_an_error_and_no_empty_file(self, tmp_path):
        path = tmp_path / "out.jsonl"
        with pytest.raises(CommandError, match=r"There is no label “rumour”\."):
            run("export_spans", "--label", "rumour", "--output", str(path))
        assert not path.exists()

    def test_a_file_is_written_whole_or_not_at_all(self, tmp_path, monkeypatch):
        path = tmp_path / "out.jsonl"
        path.write_text("the old one")
        with monkeypatch.context() as patch:

            def breaks_off(*_):
                yield b"half"
                raise OSError(28, "No space left on device")

            patch.setattr(TakenAway, "chunks", breaks_off)
            with pytest.raises(CommandError, match="cannot be written: No space left"):
                run("export_spans", "--output", str(path))
        assert path.read_text() == "the old one"
        assert os.listdir(tmp_path) == ["out.jsonl"]
        assert not Export.objects.get().whole
        _, error = run("export_spans", "--output", str(path))
        assert error == f"Wrote 1 span(s) of 1 article(s) to {path}.\n"
        assert json.loads(path.read_text())["author"] == "ann"
        assert sorted(os.listdir(tmp_path)) == ["out.jsonl", "out.jsonl.manifest.json"]

    def test_a_file_has_its_manifest_beside_it_and_is_on_record(self, tmp_path):
        path = tmp_path / "out.jsonl"
        run("export_spans", "--format", "articles", "--output", str(path))
        told = json.loads((tmp_path / "out.jsonl.manifest.json").read_text())
        export = Export.objects.get()
        assert told["sha256"] == sha256(path.read_bytes()).hexdigest() == export.sha256
        assert (told["complete"], told["id"], told["file"]) == (True, str(export.uid), "out.jsonl")
        assert (told["spans"], told["articles"]) == (1, 2) == (export.spans, export.articles)
        assert (export.via, export.person, export.whole) == ("command", None, True)

    def test_the_manifest_goes_where_it_is_wanted(self, tmp_path):
        path = tmp_path / "told.json"
        out, _ = run("export_spans", "--manifest", str(path))
        told = json.loads(path.read_text())
        assert told["sha256"] == sha256(out.encode()).hexdigest()
        assert told["file"] == "spans.jsonl"

    def test_what_goes_to_standard_output_is_on_record_too(self):
        out, _ = run("export_spans", "--state", "proposed")
        export = Export.objects.get()
        assert (export.bytes, export.whole) == (len(out.encode()), True)
        assert export.chosen["state"] == ["proposed"]

    def test_where_nobody_reads_on_it_was_cut_off_and_that_is_an_error(self):
        class Shut(io.StringIO):
            def write(self, _):
                raise BrokenPipeError

        with pytest.raises(CommandError, match="Nobody reads on"):
            call_command("export_spans", stdout=Shut(), stderr=io.StringIO())
        assert not Export.objects.get().whole

    def test_people_may_go_by_pseudonyms(self):
        out, _ = run("export_spans", "--people", "pseudonym")
        line = json.loads(out)
        assert (line["author"], line["decided_by"]) == ("person-1", "person-2")
        assert "ann" not in out


class TestCheckIntegrity:
    def test_it_says_in_one_line_that_all_is_well(self, db):
        make_span(state=State.APPROVED)
        assert run("check_integrity")[0] == (
            "No breach in 1 article(s), 1 span(s), 4 event(s), 3 deed(s), 0 comment(s), "
            "0 spot check(s).\n"
        )

    def test_a_breach_is_a_line_and_an_exit_code(self, db):
        span = make_span()
        triggers.drop(connection)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE annotations_span SET text_group = '1:0'")
        out = io.StringIO()
        with pytest.raises(CommandError) as error:
            call_command("check_integrity", stdout=out)
        assert error.value.returncode == 1
        assert f"span {span.uid} (article {span.article.slug}): its text group" in out.getvalue()
        assert str(error.value).startswith(f"{len(triggers.TRIGGERS) + 1} breach(es) in 1 article")
