"""`label_studio`, read by Label Studio's own library: its labeling interface, its converter."""

import json
from itertools import chain

import pytest

from annotations.domain.lifecycle import State

pytestmark = pytest.mark.django_db

CONFIG = """<View><Labels name="label" toName="text">
  <Label value="boilerplate"/><Label value="claim"/><Label value="mark"/><Label value="quote"/>
</Labels><Text name="text" value="$text"/></View>"""


@pytest.fixture(scope="module")
def tasks(exported):
    return json.loads(exported.files["label_studio"].read_bytes())


def test_every_task_and_region_fits_the_labeling_interface(tasks, exported):
    from label_studio_sdk.label_interface import LabelInterface

    interface = LabelInterface(CONFIG)
    assert len(tasks) == len(exported.texts)
    for task in tasks:
        assert interface.validate_task({"data": task["data"]})
        for annotation in task["annotations"]:
            assert interface.validate_annotation(annotation)
        for prediction in task["predictions"]:
            assert interface.validate_prediction(prediction)


def test_what_people_marked_comes_out_of_the_converter_with_its_words(tasks, exported, tmp_path):
    from label_studio_sdk.converter import Converter

    numbered = [
        task | {"id": number, "annotations": [one | {"id": number} for one in task["annotations"]]}
        for number, task in enumerate(tasks)
    ]
    (tmp_path / "tasks.json").write_text(json.dumps(numbered))
    converter = Converter(CONFIG, project_dir=str(tmp_path), download_resources=False)
    converter.convert_to_json_min(str(tmp_path / "tasks.json"), str(tmp_path), is_dir=False)
    found = []
    for task in json.loads((tmp_path / "result.json").read_text("utf-8")):
        for region in task.get("label", []):
            text = task["text"][region["start"] : region["end"]]
            assert region["text"] == text
            (label,) = region["labels"]
            found.append((task["slug"], label, region["start"], region["end"], text))
    assert sorted(found) == sorted(
        span[:5] for span in exported.spans.values() if span.state != State.SUGGESTED
    )


def test_every_region_has_its_words_and_suggestions_are_predictions(tasks, exported):
    found = {}
    for task in tasks:
        text = task["data"]["text"]
        for kind in ("annotations", "predictions"):
            for region in chain.from_iterable(each["result"] for each in task[kind]):
                value, state = region["value"], region["meta"]["state"]
                assert text[value["start"] : value["end"]] == value["text"]
                assert (state == State.SUGGESTED) == (kind == "predictions")
                place = (value["start"], value["end"], value["text"], state)
                found[region["id"]] = (task["data"]["slug"], *value["labels"], *place)
    assert found == exported.spans
    assert {task["data"]["slug"]: task["data"]["text"] for task in tasks} == exported.texts


def test_a_file_of_nothing_is_an_empty_array(nothing):
    assert json.loads(nothing["label_studio"].read_bytes()) == []
