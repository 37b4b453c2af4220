"""The floor under the constraints: what no CHECK can reach, for both databases.

Created on post_migrate and dropped on pre_migrate, in no migration, because SQLite loses or
trips over triggers when it rebuilds a table. A breach is an IntegrityError on both.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

# The mutable row of each, which events keep and a revision counts; a name ending in _id is a key of
# another row.
SPAN_ROW = (
    "label_id",
    "start",
    "end",
    "text",
    "attributes",
    "state",
    "amended",
    "author_id",
    "last_editor_id",
    "decided_by_id",
    "decided_at",
    "reason",
    "guideline_revision",
    "fresh",
)
ARTICLE_ROW = (
    "outlet_id",
    "story_id",
    "title",
    "url",
    "published_at",
    "language",
    "state",
    "submitted_by_id",
    "submitted_at",
    "reviewed_by_id",
    "reviewed_at",
    "replaces_id",
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Refuse `event` on `table` when `breach` holds, saying `sentence`.

    event: INSERT, UPDATE or DELETE. breach: a condition over NEW and OLD that is never NULL,
    in SQL that both databases read alike; `IS DISTINCT FROM` stands for a NULL-safe "differs".
    """

    name: str
    table: str
    event: str
    breach: str
    sentence: str


def _frozen(table: str, columns: list[str], sentence: str) -> Trigger:
    breach = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
    return Trigger(f"{table}_frozen", table, "UPDATE", breach, sentence)


def _revision(table: str, columns: tuple[str, ...], sentence: str) -> Trigger:
    """The revision rises by one, and stays only where none of these columns changes."""
    changed = " OR ".join(f'NEW."{column}" IS DISTINCT FROM OLD."{column}"' for column in columns)
    breach = f"NEW.revision <> OLD.revision + 1 AND (NEW.revision <> OLD.revision OR {changed})"
    return Trigger(f"{table}_revision", table, "UPDATE", breach, sentence)


_SLICE_DIFFERS = (  # PostgreSQL's substr fails, with another error, on a negative length
    'CASE WHEN NEW."end" > NEW."start" THEN NEW."text" IS DISTINCT FROM'
    ' (SELECT substr(a."text", NEW."start" + 1, NEW."end" - NEW."start")'
    " FROM annotations_article a WHERE a.id = NEW.article_id) ELSE TRUE END"
)
_PAST_THE_END = (
    'COALESCE(NEW."end" > (SELECT length(a."text")'
    " FROM annotations_article a WHERE a.id = NEW.article_id), TRUE)"
)
_COMMENT_ELSEWHERE = (
    "NEW.span_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM annotations_span s"
    " WHERE s.id = NEW.span_id AND s.article_id = NEW.article_id)"
)
_REPLY_ELSEWHERE = (
    "NEW.reply_to_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM annotations_comment c"
    " WHERE c.id = NEW.reply_to_id AND c.reply_to_id IS NULL AND c.article_id = NEW.article_id"
    " AND NOT (c.span_id IS DISTINCT FROM NEW.span_id))"
)

TRIGGERS = (
    _frozen(
        "annotations_article",
        ["slug", '"text"', "text_sha256"],
        "an article's slug and text are frozen",
    ),
    _revision(  # not for a lease
        "annotations_article",
        (*ARTICLE_ROW, "proposed", "sent_back", "added_at"),
        "an article's revision rises by one",
    ),
    Trigger(
        "annotations_article_kept", "annotations_article", "DELETE", "TRUE", "articles are kept"
    ),
    *(
        Trigger(
            f"annotations_span_{name}_{event.lower()}", "annotations_span", event, breach, sentence
        )
        for event in ("INSERT", "UPDATE")
        for name, breach, sentence in (
            ("text", _SLICE_DIFFERS, "a span's text is the slice of its article's"),
            ("end", _PAST_THE_END, "a span ends within its article's text"),
        )
    ),
    _frozen(
        "annotations_span",
        ["uid", "article_id", "layer_id", "origin"],
        "a span's uid, article, layer and origin are frozen",
    ),
    _revision(  # not for its place in the queue
        "annotations_span",
        (*SPAN_ROW, "text_group", "created_at"),
        "a span's revision rises by one",
    ),
    Trigger(
        "annotations_span_first_revision",
        "annotations_span",
        "INSERT",
        "NEW.revision <> 1",
        "a span's first revision is 1",
    ),
    Trigger("annotations_span_kept", "annotations_span", "DELETE", "TRUE", "spans are kept"),
    Trigger(
        "annotations_event_unchanged", "annotations_event", "UPDATE", "TRUE", "events never change"
    ),
    Trigger("annotations_event_kept", "annotations_event", "DELETE", "TRUE", "events are kept"),
    Trigger("annotations_deed_kept", "annotations_deed", "DELETE", "TRUE", "deeds are kept"),
    _frozen(
        "annotations_deed",
        [
            "request_id",
            "payload_sha256",
            "actor_id",
            "machine",
            "action",
            "at",
            "undoes_id",
            "root_id",
        ],
        "of a deed only whether it is undone changes",
    ),
    _frozen(
        "annotations_comment",
        [
            "uid",
            "article_id",
            "span_id",
            "reply_to_id",
            "author_id",
            '"text"',
            "at",
            "request_id",
            "payload_sha256",
        ],
        "of a comment only whether it is resolved or taken back changes",
    ),
    Trigger(
        "annotations_comment_span",
        "annotations_comment",
        "INSERT",
        _COMMENT_ELSEWHERE,
        "a comment on a span belongs to the span's article",
    ),
    Trigger(
        "annotations_comment_reply",
        "annotations_comment",
        "INSERT",
        _REPLY_ELSEWHERE,
        "a reply goes to a root in the same place",
    ),
    Trigger(
        "annotations_comment_kept", "annotations_comment", "DELETE", "TRUE", "comments are kept"
    ),
    Trigger(
        "annotations_spotcheck_unchanged",
        "annotations_spotcheck",
        "UPDATE",
        "TRUE",
        "spot checks never change",
    ),
    Trigger(
        "annotations_spotcheck_kept",
        "annotations_spotcheck",
        "DELETE",
        "TRUE",
        "spot checks are kept",
    ),
    _frozen(
        "annotations_export",
        ["uid", "person_id", "via", "token_id", "format", "chosen", "pseudonyms", "begun_at"],
        "of an export only how it ended is written later",
    ),
    Trigger(
        "annotations_export_ended",
        "annotations_export",
        "UPDATE",
        "OLD.ended_at IS NOT NULL",
        "an export that has ended never changes",
    ),
    Trigger("annotations_export_kept", "annotations_export", "DELETE", "TRUE", "exports are kept"),
    _frozen(
        "annotations_token",
        [
            "public_id",
            "secret_sha256",
            "person_id",
            "name",
            "scope",
            "created_at",
            "expires_at",
            "request_id",
        ],
        "of a token only its use and its end are written later",
    ),
    Trigger(
        "annotations_token_revoked",
        "annotations_token",
        "UPDATE",
        "OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at",
        "a token is revoked for good",
    ),
    Trigger("annotations_token_kept", "annotations_token", "DELETE", "TRUE", "tokens are kept"),
    _frozen("annotations_label", ["slug"], "a label's slug never changes"),
    Trigger(
        "annotations_label_kept",
        "annotations_label",
        "DELETE",
        "TRUE",
        "labels are archived, never deleted",
    ),
    _frozen("annotations_labelattribute", ["key", "label_id"], "an attribute's key never changes"),
    _frozen("annotations_choice", ["key", "attribute_id"], "a choice's key never changes"),
)


def create(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers whose tables exist, replacing what was there of them."""
    drop(connection)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for trigger in TRIGGERS:
            if trigger.table in tables:
                for statement in _statements(connection.vendor, trigger):
                    cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drop every trigger of ours, those of earlier versions, too."""
    with connection.cursor() as cursor:
        for name, table in _existing(connection):
            for statement in _removal(connection.vendor, name, table):
                cursor.execute(statement)


@contextmanager
def lifted(connection: BaseDatabaseWrapper, names: Collection[str]) -> Iterator[None]:
    """Do without the triggers of these names within; in a transaction, which an error rolls back.

    Nobody else reaches their tables until it ends (PostgreSQL locks them, SQLite the whole).
    """
    chosen = [trigger for trigger in TRIGGERS if trigger.name in names]
    with connection.cursor() as cursor:
        connection.check_constraints()  # PostgreSQL alters no table with foreign keys to look at
        for trigger in chosen:
            for statement in _removal(connection.vendor, trigger.name, trigger.table):
                cursor.execute(statement)
    yield
    with connection.cursor() as cursor:
        connection.check_constraints()
        for trigger in chosen:
            for statement in _statements(connection.vendor, trigger):
                cursor.execute(statement)


def breaches(connection: BaseDatabaseWrapper) -> list[str]:
    """How the database's triggers differ from this file, a sentence each; none if they agree."""
    expected = {trigger.name: trigger.table for trigger in TRIGGERS}
    existing = dict(_existing(connection))
    missing = [f"trigger {name} is missing" for name in expected if name not in existing]
    strange = [f"trigger {name} is not ours" for name in existing if name not in expected]
    changed = [
        f"trigger {trigger.name} differs from annotations/triggers.py"
        for trigger in TRIGGERS
        if trigger.name in existing and _differs(connection, trigger)
    ]
    return missing + strange + changed


def _statements(vendor: str, trigger: Trigger) -> list[str]:
    if vendor == "postgresql":
        return [
            f'CREATE FUNCTION "{trigger.name}"() RETURNS trigger LANGUAGE plpgsql '
            f"AS $body${_body(trigger)}$body$",
            f'CREATE TRIGGER "{trigger.name}" BEFORE {trigger.event} ON "{trigger.table}" '
            f'FOR EACH ROW EXECUTE FUNCTION "{trigger.name}"()',
        ]
    breach = trigger.breach.replace("IS DISTINCT FROM", "IS NOT")
    return [
        f'CREATE TRIGGER "{trigger.name}" BEFORE {trigger.event} ON "{trigger.table}" '
        f"FOR EACH ROW WHEN {breach} "
        f"BEGIN SELECT RAISE(ABORT, '{_quoted(trigger.sentence)}'); END"
    ]


def _removal(vendor: str, name: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [
            f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
            f'DROP FUNCTION IF EXISTS "{name}"()',
        ]
    return [f'DROP TRIGGER IF EXISTS "{name}"']


def _body(trigger: Trigger) -> str:
    # 23514, check_violation: Django makes an IntegrityError of it, as of SQLite's ABORT.
    row = "OLD" if trigger.event == "DELETE" else "NEW"
    return (
        f"BEGIN IF ({trigger.breach}) THEN RAISE EXCEPTION '{_quoted(trigger.sentence)}' "
        f"USING ERRCODE = '23514'; END IF; RETURN {row}; END"
    )


def _quoted(sentence: str) -> str:
    return sentence.replace("'", "''")


def _existing(connection: BaseDatabaseWrapper) -> list[tuple[str, str]]:
    """(name, table) of every trigger on a table of ours."""
    if connection.vendor == "postgresql":
        query = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND c.relname LIKE 'annotations\\_%'"
            " AND c.relnamespace = current_schema()::regnamespace"
        )
    else:
        query = (
            "SELECT name, tbl_name FROM sqlite_master"
            " WHERE type = 'trigger' AND tbl_name LIKE 'annotations\\_%' ESCAPE '\\'"
        )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _differs(connection: BaseDatabaseWrapper, trigger: Trigger) -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT p.prosrc, t.tgenabled, pg_get_triggerdef(t.oid, true)"
                " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgname = %s",
                [trigger.name],
            )
            definition = _statements("postgresql", trigger)[1].replace('"', "")
            return cursor.fetchone() != (_body(trigger), "O", definition)
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [trigger.name])
        return cursor.fetchone() != (_statements("sqlite", trigger)[0],)
