"""`hugging_face`, loaded by Hugging Face's datasets."""

import json
import os
import zipfile

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    """What loads an archive as a user does; nothing is asked of any network."""
    cache = tmp_path_factory.mktemp("hugging_face")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
            patch.setenv(name, "1")
        patch.setenv("HF_HOME", os.fspath(cache))
        from datasets import Features, load_dataset

        def load(path):
            folder = tmp_path_factory.mktemp("unpacked")
            with zipfile.ZipFile(path) as archive:
                assert archive.testzip() is None
                archive.extractall(folder)
            features = json.loads((folder / "features.json").read_text("utf-8"))
            return load_dataset(
                "json",
                data_files=os.fspath(folder / "tokens.jsonl"),
                features=Features.from_dict(features),
                split="train",
                cache_dir=os.fspath(cache / "datasets"),
            )

        yield load


@pytest.fixture(scope="module")
def dataset(load, exported):
    return load(exported.files["hugging_face"])


def test_every_article_is_a_record_with_its_text_and_tokens(dataset, exported):
    assert {record["slug"]: record["text"] for record in dataset} == exported.texts
    for record in dataset:
        cut = [
            record["text"][start:end]
            for start, end in zip(record["starts"], record["ends"], strict=True)
        ]
        assert record["tokens"] == cut
        assert all(token.strip() == token for token in cut)


def test_every_span_is_listed_with_its_words(dataset, exported):
    found = {}
    for record in dataset:
        for span in record["spans"]:
            text = record["text"][span["start"] : span["end"]]
            assert text == span["text"]
            words = range(span["token_start"], span["token_end"])
            starts, ends = record["starts"], record["ends"]
            assert record["text"][starts[words[0]] : ends[words[-1]]] == text.strip()
            place = (span["start"], span["end"], text, span["state"])
            found[span["uid"]] = (record["slug"], span["label"], *place)
    assert found == exported.spans


def test_each_layer_holds_the_spans_that_say_so_and_no_other(dataset):
    layers = [name for name in dataset.features if name.startswith("tags_")]
    assert layers == ["tags_boilerplate", "tags_claim", "tags_mark", "tags_quote"]
    for record in dataset:
        for layer in layers:
            label = layer.removeprefix("tags_")
            tags = dataset.features[layer].feature.int2str(record[layer])
            assert sorted(runs(tags, label)) == sorted(
                (span["token_start"], span["token_end"])
                for span in record["spans"]
                if span["label"] == label and span["in_layer"]
            )


def test_a_span_is_left_out_of_its_layer_only_for_one_that_is_no_shorter(dataset):
    left_out = 0
    for record in dataset:
        for span in record["spans"]:
            rivals = [
                other
                for other in record["spans"]
                if other["label"] == span["label"]
                and other["in_layer"]
                and other["token_start"] < span["token_end"]
                and span["token_start"] < other["token_end"]
            ]
            if span["in_layer"]:
                assert rivals == [span]
            else:
                left_out += 1
                assert max(map(length, rivals)) >= length(span)
    assert left_out > 10


def test_a_record_says_what_a_split_needs(dataset):
    (record,) = [record for record in dataset if record["slug"] == "emoji-basic"]
    assert (record["story"], record["outlet"]) == ("nasty", "tests")
    assert all(span["text_group"].startswith("1:") for span in record["spans"])
    (span,) = [span for span in record["spans"] if span["text"] == "“we are 😀 fine”"]
    assert json.loads(span["attributes"])["form"] == "scare"


def test_a_file_of_nothing_has_its_features_and_no_line(load, nothing):
    from datasets import Dataset, Features

    with zipfile.ZipFile(nothing["hugging_face"]) as archive:
        assert archive.read("tokens.jsonl") == b""
        features = Features.from_dict(json.loads(archive.read("features.json")))
    assert len(Dataset.from_dict({key: [] for key in features}, features=features)) == 0
    assert "tags_quote" in features


def length(span):
    return span["end"] - span["start"]


def runs(tags, label):
    """The half-open runs that the tags mark; B- begins one, I- only goes on."""
    found, start = [], None
    for at, tag in enumerate([*tags, "O"]):
        if start is not None and tag != f"I-{label}":
            found.append((start, at))
            start = None
        if tag == f"B-{label}":
            start = at
        else:
            assert tag == "O" or start is not None
    return found
