"""An import that is killed at any moment and run again ends as one that nobody disturbed."""

import io
import json
import os
import signal
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from annotations import pipelines
from annotations.models import Article, Deed, Event, Span, Upload, UploadLine
from annotations.queries import integrity
from tests.factories import TEXT, load_labels, make_user

pytestmark = pytest.mark.django_db(transaction=True)
POINTS = 20
ARTICLES = 12
QUOTE = "“as safe as a house”"


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr("annotations.pipelines.imports.MOST_ARTICLES", 15)  # begins with a fifth
    monkeypatch.setattr("annotations.pipelines.imports._Pace.took", lambda *_: None)
    monkeypatch.setattr("annotations.pipelines.imports.GIVEN_WAY", 0)
    monkeypatch.setattr("annotations.actions.uploads.PATIENCE", timedelta(0))
    load_labels()


def file_of(run):
    """A file like the others but for the word `run`, as long, so that all of them may come in."""
    lines = []
    for number in range(ARTICLES):
        text = f"{run}, number {number:02}.\r\n{TEXT}"
        start = text.index(QUOTE)
        span = {"label": "quote", "start": start, "end": start + len(QUOTE), "text": QUOTE}
        line = {"title": f"{run} and the bridge", "outlet": f"Outlet {run}", "text": text}
        line |= {"url": f"https://example.org/{run}/{number}", "story": f"Story {run}"}
        lines.append(json.dumps(line | {"spans": [span] * (number % 3 > 0)}))
    lines[5] = "{" + run
    lines.append(lines[3])
    return "\n".join(lines).encode()


def killed(work, at):
    """Do the work in a process of its own, killed before its statement of that number; which was
    its last. Returns how many there were if it got through.
    """
    read, write = os.pipe()
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            statements = 0

            def count(execute, *args):
                nonlocal statements
                statements += 1
                if statements == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return execute(*args)

            with connection.execute_wrapper(count):
                work()
            os.write(write, str(statements).encode())
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as told:
        told = told.read()
    assert os.WIFSIGNALED(status) == (at is not None)
    return int(told or 0)


def points(statements):
    return [1 + point * (statements - 1) // (POINTS - 1) for point in range(POINTS)]


def stored(run):
    """All that is there of that run, but for ids, times and uids."""
    articles = Article.objects.filter(url__contains=run).order_by("url")
    told = {
        "articles": articles.values_list(
            "slug", "title", "url", "text", "outlet__slug", "outlet__name", "story__slug",
            "language", "state", "revision", "proposed", "sent_back",
        ),
        "spans": Span.objects.filter(article__in=articles).order_by("article__url").values_list(
            "article__slug", "label__slug", "start", "end", "text", "attributes", "state",
            "origin", "revision", "text_group", "author", "waiting",
        ),
        "events": Event.objects.filter(article__in=articles)
        .order_by("article__url", "action")
        .values_list("article__slug", "action", "revision", "before", "deed__machine"),
        "deeds": Deed.objects.filter(events__article__in=articles).order_by("action")
        .values_list("action", "machine").distinct(),
        "how many": [
            Deed.objects.filter(events__article__in=articles).distinct().count(),
            len(articles),
        ],
    }  # fmt: skip
    return json.loads(json.dumps({k: list(v) for k, v in told.items()}).replace(run, "RUN"))


def whole():
    return list(integrity.breaches(Counter())) == []


def bring(run):
    return pipelines.import_file(io.BytesIO(file_of(run)), "wire.jsonl")


def test_killed_at_twenty_points_and_run_again_it_ends_as_undisturbed():
    statements = killed(lambda: bring("run00"), None)
    undisturbed = stored("run00")
    assert undisturbed["how many"] == [ARTICLES - 1] * 2
    some_there = set()
    for number, point in enumerate(points(statements), 1):
        run = f"run{number:02}"
        killed(lambda run=run: bring(run), point)
        some_there.add(len(stored(run)["articles"]))
        report = bring(run)
        assert len(report.added) + len(report.known) == ARTICLES
        assert [row.line for row in report.refused] == [6]
        assert stored(run) == undisturbed, point
    assert len(some_there) > 3  # it was killed half-way, not only before and after
    assert whole()


@pytest.mark.parametrize("trial", [False, True])
def test_an_upload_that_was_killed_goes_on_and_its_report_is_that_of_an_undisturbed_one(trial):
    importer = make_user(importer=True)

    def begun(run):
        [upload] = pipelines.keep_uploads(
            [(io.BytesIO(file_of(run)), "wire.jsonl")],
            None,
            uid=uuid4(),
            importer=importer,
            trial=trial,
        )
        return upload

    def work(upload):
        while upload.going:
            pipelines.step(upload, importer)

    def told(upload):
        counts = Upload.objects.filter(pk=upload.pk).values_list(
            "state", "line", "position", "added", "known", "refused", "remarks",
            "suggestions",
        )  # fmt: skip
        lines = UploadLine.objects.filter(upload=upload).exclude(outcome="near").order_by("id")
        lines = [[*counts[0]], *lines.values_list("line", "outcome", "slug", "words")]
        return lines

    first = begun("run00")
    statements = killed(lambda: work(first), None)
    undisturbed = json.dumps(told(first)).replace("run00", "RUN")
    for number, point in enumerate(points(statements), 1):
        run = f"run{number:02}"
        upload = begun(run)
        killed(lambda upload=upload: work(upload), point)
        upload.refresh_from_db()
        work(upload)
        assert json.dumps(told(upload)).replace(run, "RUN") == undisturbed, point
        assert stored(run) == stored("run00")
    assert os.listdir(settings.VAR_DIR / "uploads") == []
    assert whole()
