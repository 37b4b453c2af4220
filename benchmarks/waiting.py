"""As many waiting spans as are asked for, written by SQL as the deeds would have written them.

PostgreSQL only. The triggers do not fire meanwhile, the constraints hold; `check_integrity` finds
nothing to say of what is here.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection, transaction

from annotations.domain.attributes import check_attributes
from annotations.domain.fingerprints import attributes_group, text_group
from annotations.domain.text import digest
from annotations.models import Label, Outlet, Person, Story
from annotations.models.spans import NO_STORY
from benchmarks.documents import Document, make_approvable
from benchmarks.people import GIVEN


def author_name(number: int) -> str:
    return f"author-{number:02}"


OUTLETS, STORIES, AUTHORS = 50, 500, 20
SPANS = 50  # of an article
LENGTH = 2_000  # of an article's text
TEXTS = 500  # different ones; the articles take turns
SETTLED = 500  # articles without a span, to sign off; from the first filling on
# What a rare filter finds: one span in so many.
ANSWERED, WIRED, OWN_HAND = 1_000, 10_000, 2_000
RARE_ORIGIN, MACHINE = "import:wire", "suggester:quotes/1"
CHIEF = "chief"  # whose hand was the last on nearly all
# By whose eyes: what was last in one's own hands is left out.
EYES = {
    "reviewer": "a reviewer",
    CHIEF: "who had nearly all in hand",
    author_name(3): "who marked one in twenty",
}
OLDEST = 90  # days that one article in a hundred waits; the others at most 30


@dataclass(slots=True)
class Filling:
    """How far the newsroom is filled, and what the rows refer to."""

    articles: int = 0
    first_article: int = 1_000_000  # ids: beyond all that came by deeds
    first_span: int = 100_000_000
    first_deed: int = 100_000_000

    @property
    def spans(self) -> int:
        return self.articles * SPANS


def begin(texts: int = TEXTS) -> Filling:
    """Outlets, stories, people and the texts; no article yet."""
    labels = {label.slug: label for label in Label.objects.all()}
    Outlet.objects.bulk_create(
        Outlet(slug=f"outlet-{n:02}", name=f"Outlet {n:02}") for n in range(OUTLETS)
    )
    Story.objects.bulk_create(
        Story(slug=f"story-{n:03}", title=f"Story {n:03}") for n in range(STORIES)
    )
    annotators = Group.objects.get(name="annotators")
    Outlet.objects.create(slug="outlet-last", name="The last outlet")
    for name in (*map(author_name, range(AUTHORS)), "author-last", CHIEF):
        Person.objects.create_user(name).groups.add(annotators)
    documents = [
        make_approvable(seed=number, length=LENGTH, spans=SPANS) for number in range(texts)
    ]
    marks = list(_marks(documents, labels))
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        with cursor.copy("COPY bench_text FROM STDIN") as rows:
            for number, document in enumerate(documents):
                rows.write_row((number, document.text, digest(document.text)))
        with cursor.copy("COPY bench_mark FROM STDIN") as rows:
            for mark in marks:
                rows.write_row(mark)
        cursor.execute(_GROUPS)
        cursor.execute(_SEQUENCES)
    return Filling()


def fill(filling: Filling, articles: int) -> None:
    """Let there be so many articles, each with SPANS spans that wait for review."""
    facts: dict[str, Any] = {
        "from": filling.articles,
        "to": articles,
        "article": filling.first_article,
        "span": filling.first_span,
        "deed": filling.first_deed,
        "spans": SPANS,
        "settled": SETTLED,
        "no_story": NO_STORY,
        "chief": Person.objects.get(username=CHIEF).pk,
        "last_author": Person.objects.get(username="author-last").pk,
        "last_outlet": Outlet.objects.get(slug="outlet-last").pk,
        "own_hand": OWN_HAND,
        "answered": ANSWERED,
        "wired": WIRED,
        "rare": RARE_ORIGIN,
        "machine": MACHINE,
        "oldest": OLDEST,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in _FILL:
            cursor.execute(statement, facts)
    filling.articles = articles
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _marks(documents: Sequence[Document], labels: dict[str, Label]) -> Iterator[tuple[Any, ...]]:
    """The rows of bench_mark: SPANS of each text, of which a reviewer is warned of nothing."""
    asked = {
        slug: [attribute.spec for attribute in label.attributes.all()]
        for slug, label in labels.items()
    }
    for number, document in enumerate(documents):
        for place, mark in enumerate(document.marks):
            given = check_attributes(asked[mark.label], GIVEN[mark.label], document.text)
            words = mark.extent.of(document.text)
            yield (
                number,
                place,
                labels[mark.label].pk,
                mark.extent.start,
                mark.extent.end,
                words,
                json.dumps(given),
                text_group(words),
                attributes_group(given),
            )


def rare(filling: Filling) -> list[tuple[str, str]]:
    """(what, the address's query) of filters that find few, none, or only what comes last."""
    usual = f"label=quote&outlet=outlet-07&author={author_name(3)}"
    return [
        ("everything", ""),
        ("nothing", "label=quote&outlet=outlet-nowhere"),
        ("label, outlet and author", usual),
        ("the same, waiting for 60 days", f"{usual}&days=60"),
        ("the same, answered", f"{usual}&answered=on"),
        ("the same, of one story", f"{usual}&story=story-250"),
        ("the same, of a rare origin", f"{usual}&origin={RARE_ORIGIN}"),
        ("the same, answered, of a machine", f"{usual}&answered=on&origin=machine"),
        ("a rare origin", f"origin={RARE_ORIGIN}"),
        ("a rare origin and a label", f"origin={RARE_ORIGIN}&label=claim"),
        ("an origin of nothing", "origin=import:nothing"),
        ("a machine, waiting for 80 days", "origin=machine&days=80"),
        ("waiting for 80 days", "days=80"),
        (
            "waiting for 80 days, outlet and author",
            f"days=80&outlet=outlet-07&author={author_name(3)}",
        ),
        ("waiting for 1,000 days", "days=1000"),
        ("answered, of a label and an outlet", "answered=on&label=claim&outlet=outlet-11"),
        ("answered, waiting for 80 days", "answered=on&days=80"),
        ("one story", "story=story-499"),
        ("one story and label", "story=story-499&label=boilerplate"),
        ("one story and an outlet that did not tell it", "story=story-499&outlet=outlet-last"),
        ("the last of all, by outlet", "outlet=outlet-last"),
        ("the last of all, by outlet and label", "outlet=outlet-last&label=claim"),
        ("the last of all, by author", "author=author-last"),
        ("the last of all, by author and label", "author=author-last&label=claim"),
        ("the last outlet, others' author", f"outlet=outlet-last&author={author_name(3)}"),
        ("the last author, another outlet", "outlet=outlet-07&author=author-last"),
        ("one article", f"article=waiting-{filling.articles - 1}"),
        ("one article and another's outlet", "article=waiting-1&outlet=outlet-last"),
        ("in progress too, the last of all", "in_progress=on&outlet=outlet-last"),
        ("in progress too, nothing", "in_progress=on&days=1000"),
    ]


# What comes by a deed has its id after all that is filled in, however often there is more of it.
_SEQUENCES = "".join(
    f"SELECT setval(pg_get_serial_sequence('annotations_{table}', 'id'), 10000000000);"
    for table in ("article", "span", "deed")
)
# picked(n, salt, k): the same pick from 0 to k - 1 on every machine.
_TABLES = """
CREATE FUNCTION picked(n bigint, salt int, k int) RETURNS int LANGUAGE sql IMMUTABLE AS
  'SELECT (hashint8extended(n, salt) & 2147483647)::int % k';
CREATE UNLOGGED TABLE bench_text (number int PRIMARY KEY, text text, sha text);
CREATE UNLOGGED TABLE bench_mark (
  number int, place int, label bigint, "start" int, "end" int, words text, attributes jsonb,
  text_group text, attributes_group text, PRIMARY KEY (number, place));
"""

_GROUPS = """
INSERT INTO annotations_textgroup (label_id, text_group, attributes_group, waiting)
  SELECT DISTINCT label, text_group, attributes_group, 0 FROM bench_mark
  ON CONFLICT DO NOTHING;
ALTER TABLE bench_mark ADD COLUMN group_id bigint;
UPDATE bench_mark m SET group_id = g.id FROM annotations_textgroup g
  WHERE g.text_group = m.text_group AND g.label_id = m.label
    AND g.attributes_group = m.attributes_group;
ANALYZE bench_text; ANALYZE bench_mark;
"""

# Of each article: a deed a span, in its order, then the one that submits it. The first span's deed
# begins the article, which is its revision 2; each further deed raises it by one.
_ARTICLE_ROW = """jsonb_build_object(
    'outlet_id', outlet_id, 'story_id', story_id, 'title', title, 'url', url,
    'published_at', published_at, 'language', language, 'replaces_id', NULL,
    'reviewed_by_id', NULL, 'reviewed_at', NULL)"""
_IN_STATE = "jsonb_build_object('state', {}, 'submitted_by_id', {}, 'submitted_at', {})"
_OPEN, _BEGUN = (
    f"{_ARTICLE_ROW} || {_IN_STATE.format(f''' '{state}'::text ''', 'NULL', 'NULL')}"
    for state in ("open", "in_progress")
)
_SUBMITTED = f"{_ARTICLE_ROW} || {_IN_STATE.format('state', 'submitted_by_id', 'submitted_at')}"
_HERE = "id >= %(article)s + %(from)s AND id < %(article)s + %(to)s"
_FILL = (
    """
CREATE TEMPORARY TABLE bench_article ON COMMIT DROP AS
SELECT n, %(article)s + n AS id, t.text, t.sha,
       CASE WHEN n < %(to)s - 1 THEN h.author ELSE %(last_author)s END AS author,
       CASE WHEN n < %(to)s - 1 THEN o.id ELSE %(last_outlet)s END AS outlet,
       CASE WHEN n < %(to)s - 1 THEN s.id END AS story,
       now() - (picked(n, 3, CASE WHEN picked(n, 4, 100) = 0 THEN %(oldest)s ELSE 30 END * 86400)
                + 60) * interval '1 second' AS submitted_at
FROM generate_series(%(from)s::bigint, %(to)s::bigint - 1) n
JOIN bench_text t ON t.number = n %% (SELECT count(*) FROM bench_text)
JOIN (SELECT id AS author, row_number() OVER (ORDER BY id) - 1 AS at FROM annotations_person
      WHERE username LIKE 'author-__') h ON h.at = picked(n, 0, 20)
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM annotations_outlet
      WHERE slug LIKE 'outlet-__') o ON o.at = picked(n, 1, 50)
LEFT JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM annotations_story
      WHERE slug LIKE 'story-%%') s ON s.at = picked(n, 2, 510)
""",
    """
INSERT INTO annotations_article (id, slug, outlet_id, story_id, title, url, language, text,
  text_sha256, state, submitted_by_id, submitted_at, revision, proposed, sent_back, added_at)
SELECT id, 'waiting-' || n, outlet, story, 'What waits, ' || n,
  'https://example.org/waiting-' || n, 'en', text, sha, 'submitted', author, submitted_at,
  %(spans)s + 2, %(spans)s, 0, submitted_at - interval '1 day'
FROM bench_article ORDER BY n
""",
    """
INSERT INTO annotations_deed (id, request_id, payload_sha256, actor_id, machine, action, at, undone)
SELECT %(deed)s + n * (%(spans)s + 1) + k, gen_random_uuid(), repeat('0', 64), author, '',
  CASE WHEN k = %(spans)s THEN 'submit' ELSE 'propose' END,
  submitted_at - (%(spans)s - k) * interval '1 minute', false
FROM bench_article, generate_series(0, %(spans)s) k ORDER BY n, k
""",
    """
INSERT INTO annotations_span (id, uid, article_id, label_id, "start", "end", text, attributes,
  state, amended, checked, revision, origin, author_id, last_editor_id, reason, fresh, waiting,
  waiting_since, outlet_id, story_rank, group_id, text_group, created_at)
SELECT s.id, gen_random_uuid(), a.id, m.label, m."start", m."end", m.words, m.attributes,
  'proposed', false, false, 1,
  CASE WHEN picked(s.id, 5, %(wired)s) = 0 THEN %(rare)s
       WHEN picked(s.id, 6, 10) = 0 THEN %(machine)s ELSE 'human' END,
  a.author, CASE WHEN picked(s.id, 7, %(own_hand)s) = 0 THEN a.author ELSE %(chief)s END,
  '', picked(s.id, 8, %(answered)s) <> 0, 'review', a.submitted_at, a.outlet,
  coalesce(a.story, %(no_story)s), m.group_id, m.text_group,
  a.submitted_at - (%(spans)s - m.place) * interval '1 minute'
FROM bench_article a
JOIN bench_mark m ON m.number = a.n %% (SELECT count(*) FROM bench_text)
CROSS JOIN LATERAL (SELECT %(span)s + a.n * %(spans)s + m.place AS id) s
ORDER BY a.n, m.place
""",
    """
INSERT INTO annotations_event (deed_id, article_id, span_id, action, revision, before, after,
  reason, comment, waved)
SELECT %(deed)s + (article_id - %(article)s) * (%(spans)s + 1)
    + (id - %(span)s) %% %(spans)s,
  article_id, id, 'propose', 1, NULL, jsonb_build_object('label_id', label_id, 'start', "start",
    'end', "end", 'text', text, 'attributes', attributes, 'state', state, 'amended', amended,
    'author_id', author_id, 'last_editor_id', last_editor_id, 'decided_by_id', NULL,
    'decided_at', NULL, 'reason', reason, 'guideline_revision', NULL, 'fresh', fresh),
  '', '', '[]'::jsonb
FROM annotations_span WHERE article_id >= %(article)s + %(from)s
  AND article_id < %(article)s + %(to)s ORDER BY id
""",
    f"""
INSERT INTO annotations_event (deed_id, article_id, action, revision, before, after, reason,
  comment, waved)
SELECT %(deed)s + (id - %(article)s) * (%(spans)s + 1), id, 'start', 2, {_OPEN}, {_BEGUN},
  '', '', '[]'::jsonb
FROM annotations_article WHERE {_HERE}
UNION ALL
SELECT %(deed)s + (id - %(article)s) * (%(spans)s + 1) + %(spans)s, id, 'submit',
  %(spans)s + 2, {_BEGUN}, {_SUBMITTED}, '', '', '[]'::jsonb
FROM annotations_article WHERE {_HERE}
""",
    """
UPDATE annotations_textgroup g SET waiting = c.there
FROM (SELECT group_id, count(*) AS there FROM annotations_span WHERE waiting = 'review'
      GROUP BY group_id) c
WHERE c.group_id = g.id AND g.waiting <> c.there
""",
    """
WITH made AS (
  INSERT INTO annotations_article (slug, title, url, language, text, text_sha256, state,
    submitted_by_id, submitted_at, revision, proposed, sent_back, added_at)
  SELECT 'settled-' || n, 'Nothing in it, ' || n, 'https://example.org/settled-' || n, 'en',
    t.text, t.sha, 'submitted', %(chief)s, now(), 2, 0, 0, now()
  FROM generate_series(0, CASE WHEN %(from)s = 0 THEN %(settled)s ELSE 0 END - 1) n
  JOIN bench_text t ON t.number = n %% (SELECT count(*) FROM bench_text)
  RETURNING *),
acted AS (
  INSERT INTO annotations_deed (request_id, payload_sha256, actor_id, machine, action, at, undone)
  SELECT gen_random_uuid(), text_sha256 || '', %(chief)s, '', 'submit', submitted_at, false
  FROM made RETURNING id),
paired AS (SELECT id AS deed_id, row_number() OVER (ORDER BY id) AS at FROM acted)
INSERT INTO annotations_event (deed_id, article_id, action, revision, before, after, reason,
  comment, waved)
SELECT deed_id, id, 'submit', 2,"""
    f" {_OPEN}, {_SUBMITTED}, '', '', '[]'::jsonb"
    """
FROM (SELECT *, row_number() OVER (ORDER BY id) AS at FROM made) m JOIN paired USING (at)
""",
)
