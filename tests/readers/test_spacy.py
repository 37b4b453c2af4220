"""`spacy`, loaded by spaCy."""

import pytest

from annotations.exports._spacy_strings import RESERVED

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def read():
    """What gives a file's documents. spaCy is imported when it is needed: that takes its time."""
    import spacy
    from spacy.tokens import DocBin

    return lambda path: list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))


@pytest.fixture(scope="module")
def docs(read, exported):
    return {doc.user_data["article"]["slug"]: doc for doc in read(exported.files["spacy"])}


def test_every_article_is_a_document_with_its_text(docs, exported):
    assert {slug: doc.text for slug, doc in docs.items()} == exported.texts


def test_every_span_is_in_the_group_with_its_words(docs, exported):
    found = {
        span.id_: (slug, span.label_, span.start_char, span.end_char, span.text)
        for slug, doc in docs.items()
        for span in doc.spans["sc"]
    }
    assert found == {uid: span[:5] for uid, span in exported.spans.items()}


def test_every_span_is_whole_tokens(docs):
    for doc in docs.values():
        for span in doc.spans["sc"]:
            assert doc.char_span(span.start_char, span.end_char).text == span.text


def test_a_document_says_what_a_split_needs(docs, exported):
    for slug, doc in docs.items():
        assert doc.user_data["article"]["slug"] == slug
        assert doc.user_data["spans"].keys() == {
            uid for uid, span in exported.spans.items() if span.article == slug
        }
    known = docs["emoji-basic"].user_data
    assert (known["article"]["story"], known["article"]["outlet"]) == ("nasty", "tests")
    for span in known["spans"].values():
        assert span["text_group"].startswith("1:")


def test_the_training_corpus_reads_it(exported):
    import spacy
    from spacy.training import Corpus

    examples = list(Corpus(exported.files["spacy"])(spacy.blank("en")))
    assert sorted(example.reference.text for example in examples) == sorted(exported.texts.values())
    assert all("sc" in example.reference.spans for example in examples)
    assert sum(len(example.reference.spans["sc"]) for example in examples) == len(exported.spans)


def test_a_span_categorizer_trains_on_it(exported):
    import spacy
    from spacy.training import Corpus

    nlp = spacy.blank("en")
    categorizer = nlp.add_pipe("spancat")
    examples = list(Corpus(exported.files["spacy"], gold_preproc=True)(nlp))
    nlp.initialize(lambda: examples)
    assert sorted(categorizer.labels) == sorted({span.label for span in exported.spans.values()})
    assert nlp.update(examples[:3])["spancat"] > 0


def test_what_spacy_stores_itself_of_the_same_documents_is_read_the_same(read, docs, tmp_path):
    from spacy.tokens import DocBin

    path = tmp_path / "again.spacy"
    DocBin(store_user_data=True, docs=docs.values()).to_disk(path)
    for ours, theirs in zip(docs.values(), read(path), strict=True):
        assert [token.orth for token in ours] == [token.orth for token in theirs]
        assert [(span.start, span.end, span.label) for span in ours.spans["sc"]] == [
            (span.start, span.end, span.label) for span in theirs.spans["sc"]
        ]


def test_a_file_of_nothing_is_read(read, nothing):
    assert read(nothing["spacy"]) == []


def test_the_words_that_spacy_keeps_for_itself_are_these():
    from spacy.symbols import IDS

    assert dict(IDS) == RESERVED
