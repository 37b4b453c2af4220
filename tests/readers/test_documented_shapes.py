"""`doccano`, `prodigy` and `web_annotation` against the shapes that their readers document."""

import json
import re
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest

pytestmark = pytest.mark.django_db

OFFSET = {"type": "integer", "minimum": 0}
STRING = {"type": "string"}
# doccano, sequence labeling as JSONL: any key but these two becomes the document's metadata.
DOCCANO = {
    "type": "object",
    "required": ["text", "label"],
    "properties": {
        "text": {"type": "string", "minLength": 1},
        "label": {
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [OFFSET, OFFSET, {"type": "string", "minLength": 1}],
                "minItems": 3,
                "items": False,
            },
        },
    },
}
# Prodigy, a task of its spans_manual interface; a span's token_end is its last token.
PRODIGY = {
    "type": "object",
    "required": ["text", "tokens", "spans", "answer"],
    "properties": {
        "text": {"type": "string"},
        "tokens": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["text", "start", "end", "id", "ws"],
                "properties": {
                    "text": {"type": "string", "minLength": 1},
                    **dict.fromkeys(("start", "end", "id"), OFFSET),
                    "ws": {"type": "boolean"},
                },
            },
        },
        "spans": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["start", "end", "token_start", "token_end", "label"],
                "properties": {
                    **dict.fromkeys(("start", "end", "token_start", "token_end"), OFFSET),
                    "label": {"type": "string", "minLength": 1},
                },
            },
        },
        "meta": {"type": "object"},
        "answer": {"enum": ["accept", "reject", "ignore"]},
        "_view_id": {"const": "spans_manual"},
    },
}
IRI = {"type": "string", "pattern": r"^[a-z][a-z0-9+.-]*:\S+$"}
# W3C Web Annotation Data Model: what it says that an annotation, a textual body, a specific
# resource and these two selectors must have.
ANNOTATION = {
    "type": "object",
    "required": ["@context", "id", "type", "target"],
    "properties": {
        "@context": {"type": "array", "contains": {"const": "http://www.w3.org/ns/anno.jsonld"}},
        "id": IRI,
        "type": {"const": "Annotation"},
        "motivation": {"const": "tagging"},
        "creator": {
            "type": "object",
            "properties": {"type": {"enum": ["Person", "Software"]}},
            "anyOf": [{"required": ["nickname"]}, {"required": ["name"]}],
        },
        "body": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "value"],
                "properties": {
                    "type": {"const": "TextualBody"},
                    "value": {"type": "string"},
                    "purpose": {"const": "tagging"},
                },
            },
        },
        "target": {
            "type": "object",
            "required": ["source", "selector"],
            "properties": {
                "source": {
                    "type": "object",
                    "required": ["id"],
                    "properties": {"id": IRI, "via": IRI, "format": {"const": "text/plain"}},
                },
                "selector": {
                    "type": "array",
                    "prefixItems": [
                        {
                            "type": "object",
                            "required": ["type", "start", "end"],
                            "properties": {
                                "type": {"const": "TextPositionSelector"},
                                "start": OFFSET,
                                "end": OFFSET,
                            },
                            "additionalProperties": False,
                        },
                        {
                            "type": "object",
                            "required": ["type", "exact"],
                            "properties": {
                                "type": {"const": "TextQuoteSelector"},
                                "exact": STRING,
                                "prefix": STRING,
                                "suffix": STRING,
                            },
                            "additionalProperties": False,
                        },
                    ],
                    "minItems": 2,
                    "items": False,
                },
            },
        },
    },
}


def fits(schema, values):
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(schema)
    return not [error.message for value in values for error in validator.iter_errors(value)]


def lines(path):
    with path.open(encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


def test_doccano_gets_its_shape_and_every_spans_words_in_its_units(exported):
    documents = lines(exported.files["doccano"])
    assert fits(DOCCANO, documents)
    assert {each["slug"]: each["text"] for each in documents} == exported.texts
    found = {}
    for each in documents:
        units = each["text"].encode("utf-16-le")  # two bytes a unit, as in a browser
        for (start, end, label), known in zip(each["label"], each["spans"], strict=True):
            text = units[2 * start : 2 * end].decode("utf-16-le")
            assert (known["label"], known["text"]) == (label, text)
            found[known["uid"]] = (each["slug"], label, text, known["state"])
    assert found == {uid: (*span[:2], *span[4:]) for uid, span in exported.spans.items()}


def test_doccano_need_not_guess_the_encoding(exported):
    assert exported.files["doccano"].read_bytes().isascii()


def test_prodigy_gets_its_shape_and_every_spans_words(exported):
    tasks = lines(exported.files["prodigy"])
    assert fits(PRODIGY, tasks)
    assert {task["meta"]["slug"]: task["text"] for task in tasks} == exported.texts
    found = {}
    for task in tasks:
        for span in task["spans"]:
            text = task["text"][span["start"] : span["end"]]
            place = (span["start"], span["end"], text, span["state"])
            found[span["uid"]] = (task["meta"]["slug"], span["label"], *place)
    assert found == exported.spans


def test_prodigys_tokens_are_the_text_and_its_spans_whole_tokens(exported):
    for task in lines(exported.files["prodigy"]):
        text, tokens = task["text"], task["tokens"]
        assert [token["id"] for token in tokens] == list(range(len(tokens)))
        assert all(text[token["start"] : token["end"]] == token["text"] for token in tokens)
        assert text == "".join(token["text"] + " " * token["ws"] for token in tokens)
        for span in task["spans"]:
            assert tokens[span["token_start"]]["start"] == span["start"]
            assert tokens[span["token_end"]]["end"] == span["end"]


def test_web_annotations_are_in_shape_and_select_every_spans_words(exported):
    annotations = json.loads(exported.files["web_annotation"].read_bytes())
    assert fits(ANNOTATION, annotations)
    by_source = {named_by_hash(text): (slug, text) for slug, text in exported.texts.items()}
    found = {}
    for annotation in annotations:
        slug, whole = by_source[annotation["target"]["source"]["id"]]
        position, quote = annotation["target"]["selector"]
        start, end = position["start"], position["end"]
        assert whole[start:end] == quote["exact"]
        assert whole[:start].endswith(quote["prefix"])
        assert whole[end:].startswith(quote["suffix"])
        uid = re.fullmatch("urn:uuid:(.*)", annotation["id"])[1]
        label, state = annotation["body"][0]["value"], annotation["newsroom"]["state"]
        found[uid] = (slug, label, start, end, quote["exact"], state)
    assert found == exported.spans


def test_files_of_nothing_hold_nothing(nothing):
    assert lines(nothing["doccano"]) == lines(nothing["prodigy"]) == []
    assert json.loads(nothing["web_annotation"].read_bytes()) == []


def named_by_hash(text):
    digest = urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")
    return f"ni:///sha-256;{digest}"
