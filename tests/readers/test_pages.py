"""What the formats' pages tell people to run does run, on the corpus of these tests."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings

from annotations.exports import FORMATS

pytestmark = pytest.mark.django_db

PAGES = sorted(Path(settings.BASE_DIR, "docs/formats").glob("*.md"))


def run(page, folder, files, monkeypatch):
    """The page's Python, block after block, where the file lies; gives its names."""
    path = files[page.stem]
    (folder / FORMATS[page.stem].file_name).write_bytes(path.read_bytes())
    monkeypatch.chdir(folder)
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("HF_HOME", os.fspath(folder / "cache"))
    monkeypatch.setenv("HF_DATASETS_CACHE", os.fspath(folder / "cache/datasets"))
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.M):
        exec(compile(block, page.name, "exec"), names)  # noqa: S102  our own page
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs(page, exported, tmp_path, monkeypatch, capsys):
    assert run(page, tmp_path, exported.files, monkeypatch)
    assert capsys.readouterr().out


def test_the_spacy_pages_split_keeps_a_story_and_a_text_group_on_one_side(
    exported, tmp_path, monkeypatch
):
    (page,) = [page for page in PAGES if page.stem == "spacy"]
    run(page, tmp_path, exported.files, monkeypatch)
    import spacy
    from spacy.tokens import DocBin

    sides = []
    for name in ("train.spacy", "dev.spacy"):
        docs = list(DocBin().from_disk(tmp_path / name).get_docs(spacy.blank("en").vocab))
        assert docs
        sides.append((len(docs), held_together(docs)))
    (train, of_train), (dev, of_dev) = sides
    assert train + dev == len(exported.texts)
    assert of_train.isdisjoint(of_dev)


def held_together(docs):
    found = set()
    for doc in docs:
        found.add(doc.user_data["article"]["story"] or doc.user_data["article"]["slug"])
        for span in doc.spans["sc"]:
            if span.label_ != "boilerplate":
                found.add(doc.user_data["spans"][span.id_]["text_group"])
    return found


def test_the_hugging_face_pages_split_does_the_same(exported, tmp_path, monkeypatch):
    (page,) = [page for page in PAGES if page.stem == "hugging_face"]
    names = run(page, tmp_path, exported.files, monkeypatch)
    train, test = names["train"], names["test"]
    assert min(len(train), len(test)) > 0
    assert len(train) + len(test) == len(exported.texts)
    of_train, of_test = (
        {record["story"] or record["slug"] for record in side}
        | {
            span["text_group"]
            for record in side
            for span in record["spans"]
            if span["label"] != "boilerplate"
        }
        for side in (train, test)
    )
    assert of_train.isdisjoint(of_test)
