"""Files that wait in the var folder: kept all or none, swept, gone on with step by step."""

import gzip
import io
import json
import os
import time
from types import SimpleNamespace
from uuid import uuid4

import pytest

from annotations import pipelines
from annotations.domain.refusals import Illegal, Invalid
from annotations.models import Article, Upload
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    """The folder in which files wait."""
    settings.VAR_DIR = tmp_path
    return tmp_path / "uploads"


@pytest.fixture
def importer():
    return make_user(importer=True)


@pytest.fixture
def one_by_one(monkeypatch):
    """Batches of one article, and no waiting between them."""
    monkeypatch.setattr("annotations.pipelines.imports.MOST_ARTICLES", 5)
    monkeypatch.setattr("annotations.pipelines.imports._Pace.took", lambda *_: None)
    monkeypatch.setattr("annotations.pipelines.imports.GIVEN_WAY", 0)


def keep(importer, *raw, **how):
    files = [(io.BytesIO(each), f"{number}.jsonl") for number, each in enumerate(raw)]
    return pipelines.keep_uploads(files, None, **{"uid": uuid4(), "importer": importer} | how)


def wire(count):
    rows = [{"title": "One", "text": f"We won {number}."} for number in range(count)]
    return "\n".join(map(json.dumps, rows)).encode()


def test_a_file_is_in_place_before_it_is_on_record(importer, folder, monkeypatch):
    def broken(*_):
        raise OSError("The power went.")

    monkeypatch.setattr("annotations.pipelines.uploads.Path.replace", broken)
    with pytest.raises(OSError, match="power"):
        keep(importer, wire(1))
    assert not Upload.objects.exists()
    assert list(folder.iterdir()) == []


def test_what_comes_out_of_all_files_of_a_request_is_bounded(importer, folder, settings):
    settings.UPLOAD_MB = 1
    packed = gzip.compress(os.urandom(50_000).hex().encode() * 30)  # 3 MB
    assert keep(importer, packed)[0].size == 3_000_000
    with pytest.raises(Invalid, match="Unpacked, this is more than 4 MB in all"):
        keep(importer, packed, packed)
    assert Upload.objects.count() == len(list(folder.iterdir())) == 1


def test_what_was_left_behind_is_swept_and_what_is_needed_stays(importer, folder):
    [going], [ended] = keep(importer, wire(1)), keep(importer, wire(2))
    Upload.objects.filter(pk=ended.pk).update(state="stopped", ended_at=ended.at)
    stays = {str(going.uid), f"{going.uid}.foreseen", "notes.txt"}
    goes = {str(ended.uid), f"{going.uid}.{uuid4().hex}", f"{uuid4()}.foreseen", str(uuid4())}
    for name in stays | goes:
        (folder / name).touch()
        os.utime(folder / name, (0, 0))
    fresh = f"{uuid4()}.{uuid4().hex}"
    (folder / fresh).touch()
    [last] = keep(importer, wire(3))
    assert {path.name for path in folder.iterdir()} == stays | {fresh, str(last.uid)}


def test_passing_over_what_came_in_before_takes_no_time_from_a_step(
    importer, monkeypatch, one_by_one
):
    clock, batches = [0.0], pipelines.uploads.batches

    def slow_to_begin(*args, after, **how):
        clock[0] += 60 * (after > 0)
        for batch in batches(*args, after=after, **how):
            clock[0] += 0.4
            yield batch

    monkeypatch.setattr("annotations.pipelines.uploads.batches", slow_to_begin)
    now = SimpleNamespace(monotonic=lambda: clock[0], time=time.time)
    monkeypatch.setattr("annotations.pipelines.uploads.time", now)
    [upload] = keep(importer, wire(12))
    came = []
    while upload.going:
        pipelines.step(upload, importer, 1)
        came.append(upload.added)
    assert came == [4, 8, 12, 12]


def test_a_file_that_is_not_here_or_cannot_be_read_now_is_gone_on_with_later(
    importer, folder, tmp_path
):
    [upload] = keep(importer, wire(2))
    path = folder / str(upload.uid)
    path.rename(tmp_path / "away")
    with pytest.raises(Illegal, match="Its file is not on this machine"):
        pipelines.step(upload, importer)
    path.mkdir()
    with pytest.raises(Illegal, match="It cannot go on just now: Is a directory"):
        pipelines.step(upload, importer)
    assert (upload.going, upload.busy_with, Article.objects.count()) == (True, None, 0)
    path.rmdir()
    (tmp_path / "away").rename(path)
    assert pipelines.step(upload, importer)
    assert (upload.state, upload.added) == ("done", 2)


def test_one_whose_file_goes_as_it_is_stopped_is_stopped(importer, monkeypatch):
    [upload] = keep(importer, wire(2))

    def meanwhile(upload, *_):
        pipelines.stop(Upload.objects.get(pk=upload.pk), importer)
        raise FileNotFoundError

    monkeypatch.setattr("annotations.pipelines.uploads._go_on", meanwhile)
    assert pipelines.step(upload, importer)
    assert upload.state == "stopped"


def test_a_trial_goes_on_after_a_line_that_a_full_disk_broke_off(importer, folder, one_by_one):
    rows = wire(2) + b"\n" + wire(2)
    [upload] = keep(importer, rows, trial=True)
    while upload.going:
        pipelines.step(upload, importer, 0)
        for path in folder.glob("*.foreseen"):
            path.write_text(path.read_text() + '[9, "bro')
    assert (upload.added, upload.known) == (2, 2)


def test_a_file_that_is_brought_again_by_the_same_form_is_there_again(importer, folder):
    uid = uuid4()
    [upload] = keep(importer, wire(2), uid=uid)
    (folder / str(upload.uid)).unlink()
    assert keep(importer, wire(2), uid=uid) == [upload]
    assert (folder / str(upload.uid)).read_bytes() == wire(2)
