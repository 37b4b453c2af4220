"""What no shell, no admin and no SQL gets past: every constraint and every trigger, broken once."""

import hashlib
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from annotations import actions, triggers
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.models import (
    Article,
    Event,
    LabelAttribute,
    Outlet,
    Span,
    Story,
    TextGroup,
    Upload,
)
from annotations.queries.exports import ExportFilter
from tests.factories import (
    TEXT,
    make_article,
    make_comment,
    make_deed,
    make_export,
    make_label,
    make_span,
    make_spot_check,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db

LENGTH = len(TEXT)
SHA = hashlib.sha256(b"another text").hexdigest()


@pytest.fixture(scope="module")
def desk(django_db_setup, django_db_blocker):
    """A desk where every kind of row stands, by name; each test puts back what it did to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield stand()
        transaction.set_rollback(True)


def stand():
    people = {
        "annotator": make_user(annotator=True),
        "reviewer": make_user(reviewer=True),
        "other": make_user(annotator=True, reviewer=True),
    }
    form = Attribute("form", "Form", Kind.CHOICE, ("direct", "scare"))
    speaker = Attribute("speaker", "Speaker", Kind.ANCHORED, (), True, ("form", "scare"))
    make_label("quote", attributes=[form])
    label = make_label("claim", attributes=[form, speaker])
    known = {"outlet": "The Bridge", "story": "A bridge"}
    article = make_article(slug="worked-on", annotator=people["annotator"], **known)
    spans = {
        state.value: make_span(
            article, people["annotator"], "quote", state=state, reviewer=people["reviewer"]
        )
        for state in State
        if state is not State.MERGED
    }
    proposing = spans["proposed"].events.get().deed
    withdrawing = actions.withdraw(
        span=spans["proposed"].uid, seen=1, deed=make_deed(people["annotator"])
    ).deed
    undoing = actions.undo(target=withdrawing.pk, deed=make_deed(people["annotator"])).deed
    in_review = make_article(slug="in-review", state="submitted")
    waiting = make_span(in_review, people["annotator"], "quote")
    looked_at = make_span(
        make_article(), people["annotator"], state="approved", reviewer=people["reviewer"]
    )
    remark = make_comment(article, author=people["annotator"])
    on_span = make_comment(article, spans["proposed"], author=people["annotator"])
    settled = make_comment(article, author=people["annotator"])
    exporter = make_user(exporter=True)
    token, revoked = make_token(exporter)[0], make_token(exporter)[0]
    upload = Upload.objects.create(
        importer=people["annotator"], name="wire.jsonl", format="articles", size=1, sha256=SHA
    )
    rows = {
        "token": token,
        "revoked": actions.revoke_token(token=revoked.public_id, by=exporter),
        "begun": actions.begin_export(person=exporter, format="spans", chosen=ExportFilter()),
        "by_token": actions.begin_export(
            person=exporter, token=token, format="spans", chosen=ExportFilter()
        ),
        "by_command": actions.begin_export(person=None, format="spans", chosen=ExportFilter()),
        "whole": make_export(exporter),
        "remark": remark,
        "reply": make_comment(article, reply_to=remark, author=people["other"]),
        "span_remark": on_span,
        "settled": actions.resolve(comment=settled.uid, person=people["other"]),
        "looked_at": looked_at,
        "check": make_spot_check(looked_at, checker=people["other"]),
        **people,
        **spans,
        "quote": label.spans.model.objects.first().label,
        "claim": label,
        "form": label.attributes.get(key="form"),
        "speaker": label.attributes.get(key="speaker"),
        "direct": label.attributes.get(key="form").choices.get(key="direct"),
        "outlet": Outlet.objects.get(),
        "story": Story.objects.get(),
        "in_progress": Article.objects.get(pk=article.pk),
        "open": make_article(slug="nowhere-yet"),
        "submitted": make_article(state="submitted"),
        "reviewed": make_article(state="reviewed"),
        "waiting": waiting,
        "upload": upload,
        "upload_line": upload.lines.create(line=1, outcome="added", slug="worked-on"),
        "group": TextGroup.objects.get(),
        "deed": proposing,
        "machine": Article.objects.get(slug="nowhere-yet").events.get().deed,
        "undo": undoing,
        "withdrawal": withdrawing,
        "span_event": spans["proposed"].events.first(),
        "article_event": Event.objects.filter(span=None).first(),
    }
    return SimpleNamespace(**rows)


def run(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def resolved(desk, values):
    """Columns and their values; `@name` is the id of that row."""
    return {
        column: getattr(desk, value[1:]).pk
        if isinstance(value, str) and value.startswith("@")
        else value
        for column, value in values.items()
    }


def copy(name, /, **values):
    """INSERT a row as the one of that name, but for these columns and what must be unique."""

    def act(desk):
        row = getattr(desk, name)
        table = row._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}" WHERE id = %s', [row.pk])
            columns = [column[0] for column in cursor.description]
            copied = dict(zip(columns, cursor.fetchone(), strict=True))
        del copied["id"]
        fresh = {
            "annotations_span": {"uid": uuid4().hex, "revision": 1},
            "annotations_article": {"slug": uuid4().hex, "url": "", "revision": 1},
            "annotations_deed": {"request_id": uuid4().hex},
            "annotations_event": {"revision": 99},
            "annotations_comment": {"uid": uuid4().hex, "request_id": uuid4().hex},
            "annotations_label": {"slug": uuid4().hex, "key": ""},
            "annotations_labelattribute": {"key": "fresh"},
            "annotations_choice": {"key": "fresh"},
            "annotations_textgroup": {},
            "annotations_export": {"uid": uuid4().hex},
            "annotations_token": {"public_id": uuid4().hex[:8], "request_id": uuid4().hex},
            "annotations_spotcheck": {"request_id": uuid4().hex, "revision": 1},
            "annotations_upload": {"uid": uuid4().hex},
            "annotations_uploadline": {},
        }[table]
        copied |= fresh | resolved(desk, values)
        names = ", ".join(f'"{column}"' for column in copied)
        marks = ", ".join(["%s"] * len(copied))
        run(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(copied.values()))

    return act


def change(name, /, *, raised=1, **values):
    """UPDATE the row of that name, its revision rising by so much unless it is given."""

    def act(desk):
        row = getattr(desk, name)
        changes = resolved(desk, values)
        table = row._meta.db_table
        if table in ("annotations_span", "annotations_article"):
            changes.setdefault("revision", type(row).objects.get(pk=row.pk).revision + raised)
        sets = ", ".join(f'"{column}" = %s' for column in changes)
        run(f'UPDATE "{table}" SET {sets} WHERE id = %s', [*changes.values(), row.pk])

    return act


def delete(name):
    """DELETE the row of that name."""

    def act(desk):
        row = getattr(desk, name)
        run(f'DELETE FROM "{row._meta.db_table}" WHERE id = %s', [row.pk])

    return act


def moved(act_on, name, by, **values):
    """That act, at the span's place moved by so many characters."""

    def act(desk):
        span = getattr(desk, name)
        place = Extent(span.start + by, span.end + by)
        act_on(name, start=place.start, end=place.end, **values)(desk)

    return act


REVIEWED = {"reviewed_by_id": "@reviewer", "reviewed_at": "2024-05-06 07:08:09+00:00"}
DECIDED = {
    "decided_by_id": "@reviewer",
    "decided_at": "2024-05-06 07:08:09+00:00",
    "guideline_revision": 1,
}
AT = "2024-05-06 07:08:09+00:00"
AUTHORLESS = {"author_id": None, "last_editor_id": None}
SINCE = {"waiting_since": "2024-05-06 07:08:09+00:00"}
NOWHERE = {"waiting": "", "waiting_since": None, "group_id": None}
IN_REVIEW = {"waiting": "review", "group_id": "@group", **SINCE}
LEASED = {"leased_to_id": "@reviewer", "leased_until": "2024-05-06 07:08:09+00:00"}
# A lease: begun, longer, another's, over.
LEASES = (
    LEASED,
    {"leased_until": "2024-05-06 08:00:00+00:00"},
    {"leased_to_id": "@other"},
    {"leased_to_id": None, "leased_until": None},
)

# The name of what refuses (| another that may speak first), what is tried, and how.
BREACHES = [
    # Spans: what a row knows of itself.
    ("span_not_empty", "a span of nothing", copy("withdrawn", start=4, end=4, text="")),
    ("span_not_empty", "a span that ends first", copy("withdrawn", start=9, end=4, text="")),
    ("span_not_empty", "shrinking one to nothing", change("proposed", start=4, end=4, text="")),
    ("span_text_as_long", "a longer text", copy("withdrawn", text="Some of it and more")),
    ("span_text_as_long", "no text", change("proposed", text="")),
    ("span_state_known", "a strange state", copy("withdrawn", state="lost")),
    ("span_state_known", "no state", change("proposed", state="", waiting="")),
    ("span_revision_from_one", "revision 0", copy("withdrawn", revision=0)),
    ("span_has_origin", "no origin", copy("withdrawn", origin="")),
    *(
        ("span_authorless_if_suggested_or_dismissed", f"{title}, {state}", change(state, **values))
        for state in ("proposed", "sent_back", "approved", "rejected", "withdrawn")
        for title, values in (
            ("no author", {"author_id": None}),
            ("no last editor", {"last_editor_id": None}),
            ("neither", AUTHORLESS),
        )
        # Of a decided one the rule on its decider may speak first: a hand is missing there, too.
        if state in ("proposed", "withdrawn") or title == "no author"
    ),
    *(
        (
            "span_authorless_if_suggested_or_dismissed|span_decided_by_another_hand",
            f"no last editor, {state}",
            change(state, last_editor_id=None),
        )
        for state in ("sent_back", "approved", "rejected")
    ),
    *(
        ("span_authorless_if_suggested_or_dismissed", f"{title}, {state}", change(state, **values))
        for state in ("suggested", "dismissed")
        for title, values in (
            ("an author", {"author_id": "@annotator"}),
            ("a last editor", {"last_editor_id": "@annotator"}),
            ("both", {"author_id": "@annotator", "last_editor_id": "@annotator"}),
        )
    ),
    (
        "span_authorless_if_suggested_or_dismissed",
        "proposed from nowhere",
        change("suggested", state="proposed"),
    ),
    *(
        (f"span_decided_by_somebody{instead}", f"{title}, {state}", change(state, **values))
        for state in ("approved", "rejected", "sent_back")
        for title, values, instead in (
            ("no decider", {"decided_by_id": None}, "|span_decided_by_another_hand"),
            ("no time of it", {"decided_at": None}, ""),
            ("no guideline", {"guideline_revision": None}, ""),
        )
    ),
    *(
        ("span_decided_by_somebody", f"{column} kept, {state}", change(state, **{column: value}))
        for state in ("proposed", "withdrawn", "suggested", "dismissed")
        for column, value in DECIDED.items()
    ),
    (
        "span_decided_by_somebody|span_decided_by_another_hand",
        "approved by nobody",
        change("proposed", state="approved", waiting=""),
    ),
    *(
        (
            "span_decided_by_another_hand",
            f"{state} by its last editor",
            change(state, decided_by_id="@annotator"),
        )
        for state in ("approved", "rejected", "sent_back")
    ),
    (
        "span_decided_by_another_hand",
        "edited by who approved it, still approved",
        change("approved", last_editor_id="@reviewer"),
    ),
    *(
        ("span_amended_if_approved", f"amended, {state}", change(state, amended=True))
        for state in ("proposed", "sent_back", "rejected", "withdrawn", "suggested", "dismissed")
    ),
    ("span_rejected_for_a_reason", "rejected for none", change("rejected", reason="")),
    *(
        ("span_rejected_for_a_reason", f"a reason, {state}", change(state, reason="other"))
        for state in ("proposed", "sent_back", "approved", "withdrawn", "suggested")
    ),
    ("span_reason_known", "a strange reason", change("rejected", reason="dull")),
    # Spans: where they wait.
    ("span_waits_if_proposed", "for nothing we know", change("proposed", waiting="later")),
    ("span_waits_if_proposed", "for nothing, since", change("proposed", waiting="", **SINCE)),
    ("span_waits_if_proposed", "for nothing, in a group", change("withdrawn", group_id="@group")),
    ("span_waits_if_proposed", "for nothing any more", change("waiting", waiting="")),
    ("span_waits_if_proposed", "early, since", change("proposed", **SINCE)),
    ("span_waits_if_proposed", "early, in a group", change("proposed", group_id="@group")),
    ("span_waits_if_proposed", "early, all the same", change("waiting", waiting="early")),
    ("span_waits_if_proposed", "for review, only said", change("proposed", waiting="review")),
    ("span_waits_if_proposed", "for review, never begun", change("waiting", waiting_since=None)),
    ("span_waits_if_proposed", "for review, in no group", change("waiting", group_id=None)),
    ("span_waits_if_proposed", "early, in a layer", copy("proposed", layer_id="@annotator")),
    ("span_waits_if_proposed", "for review, in a layer", copy("waiting", layer_id="@annotator")),
    (
        "span_waits_if_proposed",
        "decided, and not gone from the queue",
        change("waiting", state="approved", **DECIDED),
    ),
    *(
        ("span_waits_if_proposed", f"{title}, {state}", change(state, **values))
        for state in ("sent_back", "approved", "rejected", "withdrawn", "suggested", "dismissed")
        for title, values in (("early", {"waiting": "early"}), ("for review", IN_REVIEW))
    ),
    # Spans: one of a kind.
    ("span_one_live", "a twin in the shared layer", copy("proposed")),
    (
        "span_one_live",
        "a sent back twin",
        copy(
            "sent_back",
            state="proposed",
            decided_by_id=None,
            decided_at=None,
            guideline_revision=None,
        ),
    ),
    (
        "span_one_live",
        "a suggested twin",
        copy("proposed", state="suggested", waiting="", **AUTHORLESS),
    ),
    (
        "span_one_live",
        "a twin of an approved one",
        copy(
            "approved",
            state="proposed",
            decided_by_id=None,
            decided_at=None,
            guideline_revision=None,
        ),
    ),
    (
        "span_one_live",
        "a twin that comes back",
        lambda desk: (
            copy("proposed", state="withdrawn", waiting="")(desk),
            run(
                "UPDATE annotations_span SET state = 'proposed', revision = 2"
                " WHERE state = 'withdrawn' AND start = %s",
                [desk.proposed.start],
            ),
        ),
    ),
    (
        "span_one_live",
        "a twin in somebody's layer",
        lambda desk: [copy("proposed", layer_id="@annotator", waiting="")(desk) for _ in range(2)],
    ),
    ("span_one_live|span_one_approved", "approved twice", copy("approved")),
    ("span_one_approved", "approved in two layers", copy("approved", layer_id="@annotator")),
    # Articles.
    (
        "article_known_once",
        "the same again, of no outlet",
        lambda desk: [copy("open")(desk) for _ in range(2)],
    ),
    (
        "article_known_once",
        "the same again, of an outlet",
        lambda desk: [copy("in_progress")(desk) for _ in range(2)],
    ),
    ("article_state_known", "a strange state", copy("open", state="lost")),
    ("article_text_not_empty", "no text", copy("open", text="")),
    ("article_sha256_whole", "half a sum", copy("open", text_sha256="ab12")),
    ("article_revision_from_one", "revision 0", copy("open", revision=0)),
    ("article_submitted_by_somebody", "by nobody", change("submitted", submitted_by_id=None)),
    ("article_submitted_by_somebody", "at no time", change("submitted", submitted_at=None)),
    ("article_submitted_by_somebody", "untold", change("open", state="submitted")),
    ("article_reviewed_by_somebody", "by nobody", change("reviewed", reviewed_by_id=None)),
    ("article_reviewed_by_somebody", "at no time", change("reviewed", reviewed_at=None)),
    ("article_reviewed_by_somebody", "untold", change("open", state="reviewed")),
    ("article_reviewed_by_somebody", "but not reviewed", change("submitted", **REVIEWED)),
    ("article_reviewed_by_somebody", "half undone", change("reviewed", state="reopened")),
    *(
        (f"{kind}_leased_to_somebody", title, change(name, **values))
        for kind, name in (("article", "submitted"), ("group", "group"))
        for title, values in (
            ("to nobody", LEASED | {"leased_to_id": None}),
            ("for ever", LEASED | {"leased_until": None}),
        )
    ),
    # Text groups.
    ("group_known_once", "the same again", copy("group")),
    (
        "group_known_once",
        "made the same",
        lambda desk: (
            copy("group", attributes_group="0" * 16)(desk),
            change("group", attributes_group="0" * 16)(desk),
        ),
    ),
    # Labels.
    ("label_key_is_free", "a key the screens use", copy("quote", key="j")),
    ("label_key_is_free", "a capital", change("quote", key="Q")),
    ("label_key_used_once", "a key that is taken", copy("quote", key="q")),
    ("label_colour_known", "a strange colour", change("quote", colour="beige")),
    ("label_line_known", "a strange line", change("quote", line="dashed")),
    ("attribute_key_once_a_label", "a second of the key", copy("form", key="form")),
    ("attribute_kind_known", "a strange kind", copy("form", kind="number")),
    ("attribute_condition_whole", "of no value", copy("speaker", unless_value="")),
    ("attribute_condition_whole", "of no attribute", copy("speaker", unless_attribute_id=None)),
    ("attribute_condition_whole", "of what is optional", copy("speaker", required=False)),
    ("choice_key_once", "a second of the key", copy("direct", key="direct")),
    ("choice_is_not_unknown", "unknown, which always is", copy("direct", key="unknown")),
    ("choice_is_not_unknown", "no key", copy("direct", key="")),
    # Deeds and events.
    ("deed_action_known", "a strange deed", copy("deed", action="forge")),
    ("deed_has_an_actor", "a deed of nobody", copy("deed", actor_id=None)),
    ("deed_has_an_actor", "a deed of two", copy("deed", machine="import:file")),
    ("deed_has_an_actor", "a machine's without its name", copy("machine", machine="")),
    ("deed_undo_names_a_deed", "undoing nothing", copy("undo", undoes_id=None)),
    (
        "deed_undo_names_a_deed",
        "undoing without a root",
        copy("undo", undoes_id="@deed", root_id=None),
    ),
    ("deed_undo_names_a_deed", "undoing nothing at all", copy("deed", action="undo")),
    ("deed_undo_names_a_deed", "approving as undoing", copy("deed", undoes_id="@deed")),
    ("deed_undo_names_a_deed", "approving in a chain", copy("deed", root_id="@deed")),
    ("event_action_known", "a strange deed", copy("span_event", action="forge")),
    ("event_revision_from_one", "revision 0", copy("span_event", revision=0)),
    ("event_once_a_span_revision", "a second history", copy("span_event", revision=1)),
    ("event_once_an_article_revision", "a second history", copy("article_event", revision=1)),
    # Comments.
    ("comment_not_empty", "no words", copy("remark", text="")),
    ("comment_resolved_by_somebody", "by nobody", change("settled", resolved_by_id=None)),
    ("comment_resolved_by_somebody", "at no time", change("settled", resolved_at=None)),
    ("comment_resolved_by_somebody", "half", change("remark", resolved_by_id="@other")),
    (
        "comment_resolved_on_its_root",
        "a reply",
        change("reply", resolved_by_id="@other", resolved_at="2024-05-06 07:08:09+00:00"),
    ),
    # Spot checks.
    ("spot_check_once_a_revision", "a second look", copy("check", revision=2)),
    ("spot_check_revision_from_one", "revision 0", copy("check", revision=0)),
    ("spot_check_finding_known", "a strange finding", copy("check", finding="so-so", note="Hm.")),
    ("spot_check_wrong_says_why", "wrong for nothing", copy("check", finding="wrong")),
    ("spot_check_by_another_hand", "by its decider", copy("check", checker_id="@reviewer")),
    *(
        ("span_checked_if_approved", f"checked, {state}", change(state, checked=True))
        for state in ("proposed", "sent_back", "rejected", "withdrawn", "suggested", "dismissed")
    ),
    # Exports and tokens.
    ("export_via_known", "by fax", change("begun", via="fax")),
    ("export_has_its_person", "from the screen, by nobody", change("begun", person_id=None)),
    ("export_has_its_person", "a person's command", copy("by_command", person_id="@other")),
    ("export_has_its_token", "by no token", change("by_token", token_id=None)),
    ("export_has_its_token", "a token at the screen", change("begun", token_id="@token")),
    ("export_whole_has_its_sum", "whole, untold", change("begun", whole=True)),
    ("export_whole_has_its_sum", "whole, not ended", change("begun", whole=True, sha256=SHA)),
    ("export_whole_has_its_sum", "half a sum", copy("whole", sha256="ab12")),
    ("export_whole_has_its_sum", "cut off, with a sum", copy("whole", whole=False)),
    ("token_scope_known", "for everything", copy("token", scope="everything")),
    ("token_has_a_name", "no name", copy("token", name="")),
    ("token_is_a_hash", "half a hash", copy("token", secret_sha256="ab12")),
    ("token_is_a_hash", "half a name to find it by", copy("token", public_id="ab12")),
    (
        "token_expires_later",
        "expired before it was made",
        copy("token", expires_at="2001-02-03 04:05:06+00:00"),
    ),
    # What stays as it was made.
    *(
        ("annotations_export_frozen", f"another {column}", change(name, **{column: value}))
        for name, column, value in (
            ("begun", "uid", uuid4().hex),
            ("begun", "person_id", "@other"),
            ("begun", "format", "articles"),
            ("begun", "chosen", '{"state": []}'),
            ("begun", "pseudonyms", True),
            ("begun", "begun_at", "2001-02-03 04:05:06+00:00"),
            ("by_token", "token_id", "@revoked"),
        )
    ),
    (
        "annotations_export_frozen",
        "not from the screen",
        change("begun", via="command", person_id=None),
    ),
    ("annotations_export_ended", "fewer spans", change("whole", spans=7)),
    (
        "annotations_export_ended",
        "cut off after all",
        change("whole", whole=False, sha256="", ended_at=None),
    ),
    *(
        ("annotations_token_frozen", f"another {column}", change("token", **{column: value}))
        for column, value in (
            ("public_id", "00000000"),
            ("secret_sha256", SHA),
            ("person_id", "@other"),
            ("name", "weekly"),
            ("created_at", "2001-02-03 04:05:06+00:00"),
            ("expires_at", "2101-02-03 04:05:06+00:00"),
            ("request_id", uuid4().hex),
        )
    ),
    ("annotations_token_revoked", "good again", change("revoked", revoked_at=None)),
    (
        "annotations_token_revoked",
        "revoked at another time",
        change("revoked", revoked_at="2001-02-03 04:05:06+00:00"),
    ),
    ("annotations_article_frozen", "another slug", change("open", slug="renamed")),
    ("annotations_article_frozen", "a text silently corrected", change("open", text=TEXT + ".")),
    ("annotations_article_frozen", "another sum", change("open", text_sha256=SHA)),
    ("annotations_span_frozen", "another uid", change("proposed", uid=uuid4().hex)),
    ("annotations_span_frozen", "another article", change("proposed", article_id="@open")),
    ("annotations_span_frozen", "another layer", change("proposed", layer_id="@annotator")),
    ("annotations_span_frozen", "another origin", change("suggested", origin="human")),
    *(
        ("annotations_deed_frozen", f"another {column}", change(name, **{column: value}))
        for name, column, value in (
            ("deed", "request_id", uuid4().hex),
            ("deed", "payload_sha256", SHA),
            ("deed", "actor_id", "@reviewer"),
            ("machine", "machine", "import:another"),
            ("deed", "action", "edit"),
            ("deed", "at", "2024-05-06 07:08:09+00:00"),
            ("undo", "undoes_id", "@deed"),
            ("undo", "root_id", "@deed"),
        )
    ),
    ("annotations_event_unchanged", "another story", change("span_event", comment="No, I said.")),
    ("annotations_event_unchanged", "another span", change("span_event", span_id="@approved")),
    *(
        ("annotations_comment_frozen", f"another {column}", change(name, **{column: value}))
        for name, column, value in (
            ("remark", "uid", uuid4().hex),
            ("remark", "article_id", "@open"),
            ("span_remark", "span_id", "@approved"),
            ("span_remark", "span_id", None),
            ("reply", "reply_to_id", "@settled"),
            ("reply", "reply_to_id", None),
            ("remark", "author_id", "@other"),
            ("remark", "text", "I never said that."),
            ("remark", "at", "2024-05-06 07:08:09+00:00"),
            ("remark", "request_id", uuid4().hex),
            ("remark", "payload_sha256", SHA),
        )
    ),
    ("annotations_spotcheck_unchanged", "another finding", change("check", note="Not quite.")),
    ("annotations_spotcheck_unchanged", "another span", change("check", span_id="@proposed")),
    ("annotations_label_frozen", "another slug", change("quote", slug="quotation")),
    ("annotations_labelattribute_frozen", "another key", change("form", key="shape")),
    ("annotations_labelattribute_frozen", "another label", change("speaker", label_id="@quote")),
    ("annotations_choice_frozen", "another key", change("direct", key="straight")),
    ("annotations_choice_frozen", "another attribute", change("direct", attribute_id="@speaker")),
    # What rises by one.
    ("annotations_article_revision", "a change that keeps it", change("open", raised=0, title="T")),
    (
        "annotations_article_revision",
        "a lease and a change that keep it",
        change("submitted", raised=0, title="T", **LEASED),
    ),
    ("annotations_article_revision", "two with a lease", change("submitted", raised=2, **LEASED)),
    ("annotations_article_revision", "two at once", change("open", revision=3)),
    ("annotations_article_revision", "back", change("in_progress", revision=1)),
    (
        "annotations_span_revision",
        "a change that keeps it",
        change("approved", raised=0, amended=True),
    ),
    (
        "annotations_span_revision",
        "a place in the queue and a change that keep it",
        change("waiting", raised=0, fresh=False, **NOWHERE),
    ),
    ("annotations_span_revision", "two with its place", change("waiting", raised=2, **NOWHERE)),
    ("annotations_span_revision", "two at once", change("approved", revision=4)),
    ("annotations_span_revision", "back", change("approved", revision=1)),
    ("annotations_span_first_revision", "beginning with 2", copy("withdrawn", revision=2)),
    # What a span covers.
    ("annotations_span_text_insert", "other words as long", moved(copy, "withdrawn", 2)),
    ("annotations_span_text_insert", "a text that is longer", copy("withdrawn", text=TEXT)),
    ("annotations_span_text_insert", "a span that ends first", copy("withdrawn", start=9, end=4)),
    ("annotations_span_text_update", "other words as long", moved(change, "proposed", 2)),
    ("annotations_span_text_update", "other letters", change("proposed", text="???")),
    (
        "annotations_span_end_insert",
        "past the end",
        copy("withdrawn", start=LENGTH - 6, end=LENGTH + 3, text=TEXT[-6:]),
    ),
    (
        "annotations_span_end_insert|annotations_span_text_insert",
        "past the end, as long",
        copy("withdrawn", start=LENGTH - 6, end=LENGTH + 3, text=TEXT[-6:] + "???"),
    ),
    (
        "annotations_span_end_insert|annotations_span_text_insert",
        "of no article",
        copy("withdrawn", article_id=10**6),
    ),
    (
        "annotations_span_end_update",
        "past the end",
        change("proposed", start=LENGTH - 6, end=LENGTH + 3, text=TEXT[-6:]),
    ),
    (
        "annotations_span_end_update|annotations_span_text_update",
        "past the end, as long",
        change("proposed", start=LENGTH - 6, end=LENGTH + 3, text=TEXT[-6:] + "???"),
    ),
    # Where a comment stands.
    ("annotations_comment_span", "another article's span", copy("span_remark", article_id="@open")),
    ("annotations_comment_span", "a span of nowhere", copy("span_remark", span_id=10**6)),
    ("annotations_comment_reply", "to another article", copy("reply", article_id="@open")),
    ("annotations_comment_reply", "to no span", copy("reply", reply_to_id="@span_remark")),
    ("annotations_comment_reply", "to a span", copy("reply", span_id="@proposed")),
    ("annotations_comment_reply", "to a reply", copy("reply", reply_to_id="@reply")),
    ("annotations_comment_reply", "to nothing", copy("reply", reply_to_id=10**6)),
    # What importers brought.
    ("upload_state_known", "a strange state", copy("upload", state="lost", ended_at=AT)),
    ("upload_ended_at_some_time", "done at no time", copy("upload", state="done")),
    ("upload_ended_at_some_time", "going and ended", copy("upload", ended_at=AT)),
    ("upload_line_outcome_known", "a strange outcome", copy("upload_line", outcome="lost")),
    # What is kept.
    ("annotations_article_kept", "an article goes", delete("open")),
    ("annotations_span_kept", "a span goes", delete("withdrawn")),
    ("annotations_event_kept", "an event goes", delete("span_event")),
    ("annotations_deed_kept", "a deed goes", delete("undo")),
    ("annotations_comment_kept", "a comment goes", delete("reply")),
    ("annotations_spotcheck_kept", "a spot check goes", delete("check")),
    ("annotations_label_kept", "a label goes", delete("claim")),
    ("annotations_export_kept", "an export goes", delete("whole")),
    ("annotations_token_kept", "a token goes", delete("revoked")),
]
SENTENCES = {trigger.name: trigger.sentence for trigger in triggers.TRIGGERS}
MODELS = list(apps.get_app_config("annotations").get_models())
CONSTRAINTS = {
    constraint.name: constraint for model in MODELS for constraint in model._meta.constraints
}


def said_by(name):
    """What the database says when the constraint or trigger of that name refuses."""
    if name in SENTENCES:
        return SENTENCES[name]
    constraint = CONSTRAINTS[name]
    if connection.vendor == "sqlite" and getattr(constraint, "fields", ()):
        return "UNIQUE constraint failed: annotations_"  # it names the columns, not the index
    return name


@pytest.mark.parametrize(
    ("names", "act"),
    [(names, act) for names, _, act in BREACHES],
    ids=[f"{names.partition('|')[0]}: {title}" for names, title, _ in BREACHES],
)
def test_the_database_refuses_it_and_says_why(desk, names, act):
    if names.partition("|")[0] in CONSTRAINTS:
        with pytest.raises(IntegrityError), transaction.atomic():
            act(desk)
        triggers.drop(connection)  # so that the constraint has to stand by itself
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        act(desk)
    assert any(said_by(name) in str(refusal.value) for name in names.split("|"))


def test_every_constraint_and_every_trigger_is_broken_above():
    tried = {names.partition("|")[0] for names, _, _ in BREACHES}
    assert tried == {*CONSTRAINTS, *SENTENCES}


ALLOWED = {
    "a withdrawn twin": copy("withdrawn"),
    "a withdrawn one proposed": copy("withdrawn", state="proposed"),
    "a twin in somebody's layer": copy("proposed", layer_id="@annotator", waiting=""),
    "one in each of two layers": lambda desk: [
        copy("proposed", layer_id=layer, waiting="")(desk) for layer in ("@annotator", "@other")
    ],
    "the same words under another label": copy("proposed", label_id="@claim"),
    "rejected next to proposed": copy(
        "rejected",
        state="proposed",
        reason="",
        decided_by_id=None,
        decided_at=None,
        guideline_revision=None,
    ),
    "a change that raises the revision by one": change("proposed", attributes="{}"),
    "approved by another": change("proposed", state="approved", waiting="", **DECIDED),
    "approved by another and amended": change(
        "waiting", state="approved", amended=True, **DECIDED, **NOWHERE
    ),
    "the last word of the text": copy("withdrawn", start=LENGTH - 6, end=LENGTH, text=TEXT[-6:]),
    "the same text from another place": copy("open", url="https://example.org/elsewhere"),
    "an article set aside": change(
        "reviewed", state="set_aside", reviewed_by_id=None, reviewed_at=None
    ),
    **{
        f"{title}, {by}": change(name, raised=raised, **values)
        for by, raised in (("without a revision", 0), ("with one", 1))
        for title, name, values in (
            ("a span that waits for review", "proposed", IN_REVIEW),
            ("a span that waits early", "waiting", {**NOWHERE, "waiting": "early"}),
            ("a span that waits no longer", "waiting", NOWHERE),
            ("a span that waits since then", "waiting", SINCE),
            ("a decided span's outlet", "approved", {"outlet_id": None}),
            ("a decided span's story", "approved", {"story_rank": 1}),
            ("a span that is not checked any more", "looked_at", {"checked": False}),
            ("an article leased", "submitted", LEASED),
            ("nothing changed of a span", "approved", {"state": "approved"}),
            ("nothing changed of an article", "reviewed", {"state": "reviewed"}),
        )
    },
    "an article leased, for longer, to another, to nobody": lambda desk: [
        change("submitted", raised=0, **values)(desk) for values in LEASES
    ],
    "a text group leased, for longer, to another, to nobody": lambda desk: [
        change("group", **values)(desk) for values in LEASES
    ],
    "a text group of another label": copy("group", label_id="@claim"),
    "a text group of other words": copy("group", text_group="1:0"),
    "a text group of other attributes": copy("group", attributes_group="0" * 16),
    "a text group where nothing waits": change("group", waiting=0),
    "an event of the next revision": copy("span_event"),
    "a deed marked as undone": change("deed", undone=True),
    "a comment resolved, open again and taken back": lambda desk: [
        change("remark", **values)(desk)
        for values in (
            {"resolved_by_id": "@other", "resolved_at": "2024-05-06 07:08:09+00:00"},
            {"resolved_by_id": None, "resolved_at": None},
            {"withdrawn_at": "2024-05-06 07:08:09+00:00"},
        )
    ],
    "a second reply": copy("reply"),
    "a token used, used again and revoked": lambda desk: [
        change("token", **values)(desk)
        for values in (
            {"used_at": "2024-05-06 07:08:09+00:00"},
            {"used_at": "2024-05-06 07:18:09+00:00"},
            {"revoked_at": "2024-05-06 07:28:09+00:00"},
        )
    ],
    "a revoked token used": change("revoked", used_at="2024-05-06 07:08:09+00:00"),
    "an export that ends whole": change(
        "begun", whole=True, sha256=SHA, ended_at="2024-05-06 07:08:09+00:00", spans=7
    ),
    "an export that is cut off": change("by_token", ended_at="2024-05-06 07:08:09+00:00", bytes=9),
    "a look at another revision": copy("check"),
    "wrong, and why": copy("check", finding="wrong", note="Too long."),
    "a reply on a span": copy("span_remark", reply_to_id="@span_remark"),
    "a label's new name and key": change("quote", name="Quotation", key="t"),
    "an archived label's key used again": lambda desk: (
        change("quote", archived=True)(desk),
        copy("claim", key="q")(desk),
    ),
    "two labels without a key": lambda desk: [copy("quote")(desk) for _ in range(2)],
    "an attribute of another name": change("form", name="Shape"),
    "a choice of another name": change("direct", name="Straight"),
}


@pytest.mark.parametrize("act", ALLOWED.values(), ids=ALLOWED)
def test_what_is_right_gets_through(desk, act):
    act(desk)
    connection.check_constraints()


ONCE = {
    "a span's uid": lambda desk: copy("withdrawn", uid=desk.proposed.uid.hex)(desk),
    "an article's slug": copy("open", slug="worked-on"),
    "what an article replaces": lambda desk: [
        copy("open", url=f"https://example.org/{part}", replaces_id="@reviewed")(desk)
        for part in "ab"
    ],
    "a request": lambda desk: copy("deed", request_id=desk.withdrawal.request_id.hex)(desk),
    "the undoing of a deed": copy("undo"),
    "a comment's uid": lambda desk: copy("remark", uid=desk.reply.uid.hex)(desk),
    "a comment's request": lambda desk: copy("remark", request_id=desk.reply.request_id.hex)(desk),
    "a label's slug": copy("quote", slug="claim"),
    "an export's uid": lambda desk: copy("begun", uid=desk.whole.uid.hex)(desk),
    "a token's public id": lambda desk: copy("token", public_id=desk.revoked.public_id)(desk),
    "a token's request": lambda desk: copy("token", request_id=desk.token.request_id.hex)(desk),
    "a spot check's request": lambda desk: copy("check", request_id=desk.check.request_id.hex)(
        desk
    ),
}


@pytest.mark.parametrize("act", ONCE.values(), ids=ONCE)
def test_there_is_only_one_of(desk, act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act(desk)


@pytest.mark.parametrize("column", ["start", "end"])
def test_an_offset_is_never_negative(desk, column):
    with pytest.raises(IntegrityError), transaction.atomic():
        copy("withdrawn", **{column: -1})(desk)


@pytest.mark.parametrize(
    ("name", "column"), [("open", "proposed"), ("open", "sent_back"), ("group", "waiting")]
)
def test_a_count_is_never_negative(desk, name, column):
    triggers.drop(connection)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(name, **{column: -1})(desk)


# What stays by the triggers of its table, and what the queue changes: all else takes a revision.
UNRAISED = {
    Span: "id revision uid article layer origin waiting waiting_since outlet story_rank group "
    "checked",
    Article: "id revision slug text text_sha256 leased_to leased_until",
}


def another(field, value):
    """A value that differs; it need not be one that would be allowed."""
    if isinstance(field, models.JSONField):
        return '{"another": true}'
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateTimeField):
        return "2001-02-03 04:05:06+00:00"
    return f"{value}x" if isinstance(value, str) else (value or 0) + 1


@pytest.mark.parametrize(
    "field",
    [
        field
        for model, unraised in UNRAISED.items()
        for field in model._meta.concrete_fields
        if field.name not in unraised.split()
    ],
    ids=str,
)
def test_no_other_column_changes_without_a_revision(desk, field, monkeypatch):
    name = {Span: "waiting", Article: "reviewed"}[field.model]
    row = getattr(desk, name)
    rule = next(each for each in triggers.TRIGGERS if each.name == f"{row._meta.db_table}_revision")
    monkeypatch.setattr(triggers, "TRIGGERS", [rule])
    triggers.create(connection)  # and no other that might speak first
    value = another(field, getattr(row, field.attname))
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        change(name, raised=0, **{field.column: value})(desk)
    assert rule.sentence in str(refusal.value)


@pytest.mark.parametrize(
    "relation",
    [field for model in MODELS for field in model._meta.fields if field.is_relation],
    ids=str,
)
def test_every_relation_protects_what_it_points_at(relation):
    assert relation.remote_field.on_delete is models.PROTECT


REFERRED_TO = [
    "outlet",
    "story",
    "quote",
    "form",
    "annotator",
    "reviewer",
    "in_progress",
    "proposed",
    "deed",
    "remark",
    "group",
]


@pytest.mark.parametrize("name", REFERRED_TO)
def test_what_is_referred_to_cannot_be_deleted_through_the_orm(desk, name):
    with pytest.raises(ProtectedError):
        getattr(desk, name).delete()


@pytest.mark.parametrize("name", REFERRED_TO)
def test_what_is_referred_to_cannot_be_deleted_by_sql_with_no_trigger_there(desk, name):
    triggers.drop(connection)
    person = getattr(desk, name)
    if name in ("annotator", "reviewer"):  # membership is no record of what they did
        person.groups.clear()

    def act():
        delete(name)(desk)
        connection.check_constraints()  # they are deferred to the end of the transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_an_attribute_that_a_condition_names_cannot_be_deleted(desk):
    LabelAttribute.objects.get(pk=desk.form.pk).choices.all().delete()
    with pytest.raises(ProtectedError):
        desk.form.delete()
