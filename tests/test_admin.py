"""Django's admin: everything to look at; articles and spans changed only by deeds."""

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import actions
from annotations.actions.labels import remove_attribute, remove_choice, save_label
from annotations.admin import label_changes
from annotations.domain.attributes import Attribute, Kind
from annotations.domain.extents import Extent
from annotations.domain.lifecycle import State
from annotations.domain.refusals import Illegal, Stale
from annotations.models import (
    Article,
    Choice,
    Deed,
    Event,
    Label,
    LabelAttribute,
    Outlet,
    Person,
    Span,
    Story,
)
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
    replace_article,
)

pytestmark = pytest.mark.django_db

FORM = Attribute("form", "Form", Kind.CHOICE, choices=("direct", "scare"))
SPEAKER = Attribute("speaker", "Speaker", Kind.ANCHORED, required=True, unless=("form", "scare"))


@pytest.fixture
def boss():
    return make_user("boss", superuser=True)


@pytest.fixture
def desk(boss):
    """The admin as a superuser's browser sees it."""
    return signed_in(boss)


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def staff(**parts):
    """Somebody who may enter the admin and has no permission there."""
    person = make_user(**parts)
    person.is_staff = True
    person.save()
    return person


def at(model, page="changelist", *args):
    return reverse(f"admin:annotations_{model}_{page}", args=args)


def fields_of(response):
    """What the page's form would send, as a browser would."""
    form = response.context["adminform"].form
    sent = {}
    for page_form in [form, *_rows(response)]:
        for bound in page_form:
            _put(sent, bound)
    for inline in response.context["inline_admin_formsets"]:
        for bound in inline.formset.management_form:
            sent[bound.html_name] = bound.value()
    return sent


def _rows(response):
    return [
        row for inline in response.context["inline_admin_formsets"] for row in inline.formset.forms
    ]


def _put(sent, bound):
    value = bound.value()
    if hasattr(bound.field.widget, "widgets"):
        parts = value if isinstance(value, list) else bound.field.widget.decompress(value)
        sent |= {f"{bound.html_name}_{at}": part or "" for at, part in enumerate(parts)}
    elif value is not None and value is not False:
        sent[bound.html_name] = value


def messages_of(response):
    return [str(message).strip() for message in response.context["messages"]]


def errors_of(response):
    return re.findall(r"<li>([^<]*)</li>", " ".join(map(str, _error_lists(response))))


def _error_lists(response):
    form = response.context["adminform"].form
    return [*form.errors.values(), *(formset_errors(response))]


def formset_errors(response):
    return [errors for row in _rows(response) for errors in row.errors.values()]


def tick(desk, model, action, *rows, **more):
    """Choose an action for the ticked rows, as the list shows them now."""
    seen = [f"{row.pk}:{row.revision}" for row in rows]
    told = {"action": action, "index": 0, "_selected_action": [row.pk for row in rows]}
    return desk.post(at(model), told | {"seen": seen} | more, follow=True)


def filler(**values):
    """The fields of an article that comes in."""
    empty = dict.fromkeys(
        ("title", "outlet", "story", "url", "published_at_0", "published_at_1", "language", "slug"),
        "",
    )
    return empty | {"text": "Words.\n", "request_id": uuid4()} | values


# Everybody and everything can be looked at


@pytest.fixture
def something():
    """One of everything, with history."""
    reviewer = make_user(reviewer=True)
    make_label("quote", attributes=[FORM, SPEAKER])
    article = make_article(outlet="The Herald", story="The bridge")
    span = make_span(
        article,
        text="as safe as a house",
        attributes={"form": "scare"},
        state=State.APPROVED,
        reviewer=reviewer,
    )
    return {
        "person": reviewer,
        "outlet": article.outlet,
        "story": article.story,
        "label": span.label,
        "labelattribute": span.label.attributes.get(key="form"),
        "article": article,
        "span": span,
        "deed": Deed.objects.latest("id"),
        "event": span.events.latest("id"),
        "comment": make_comment(article, span, author=reviewer),
        "spotcheck": make_spot_check(span, finding="wrong"),
        "export": make_export(),
        "token": make_token()[0],
    }


def test_a_superuser_opens_every_list_and_every_row(desk, something):
    assert desk.get(reverse("admin:index")).status_code == 200
    for model, row in something.items():
        assert desk.get(at(model)).status_code == 200, model
        assert desk.get(at(model, "change", row.pk)).status_code == 200, model


def test_a_search_finds_something_or_nothing_and_never_breaks(desk, something):
    for model in something.keys() - {"labelattribute"}:
        for words in ("nothing of the kind", "%", "-", "\0", str(something["span"].uid)):
            assert desk.get(at(model), {"q": words}).status_code == 200, (model, words)


def test_staff_without_any_permission_look_at_what_deeds_govern(something):
    client = signed_in(staff())
    for model, row in something.items():
        governed = ("article", "span", "deed", "event", "comment", "spotcheck")
        expected = 200 if model in governed else 403
        assert client.get(at(model)).status_code == expected, model
        assert client.get(at(model, "change", row.pk)).status_code == expected, model


def test_staff_who_may_only_view_what_the_newsroom_is_set_up_with_view_it(something):
    clerk = staff()
    models = ("person", "outlet", "story", "label", "labelattribute", "choice")
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=[f"view_{model}" for model in models])
    )
    client = signed_in(clerk)
    for model in models[:-1]:
        assert client.get(at(model)).status_code == 200, model
        page = client.get(at(model, "change", something[model].pk))
        assert page.status_code == 200, model
        assert 'name="_save"' not in page.content.decode()
        assert "seen" not in page.content.decode().lower()
        assert client.post(at(model, "change", something[model].pk), {}).status_code == 403


def test_an_article_shows_what_it_replaces_and_what_replaced_it(desk):
    old = make_article("Old.")
    new = replace_article(old, "New.", title="The newer")
    there, here = (
        desk.get(at("article", "change", each.pk)).content.decode() for each in (old, new)
    )
    assert f'<a href="{at("article", "change", new.pk)}">The newer</a>' in there
    assert f'href="{at("article", "change", old.pk)}"' in here
    assert 'name="replaces"' not in here


def test_nobody_else_enters(something):
    client = signed_in(make_user(annotator=True, reviewer=True))
    for model in something:
        assert client.get(at(model)).status_code == 302


@pytest.mark.parametrize(
    "model",
    [
        "person",
        "label",
        "article",
        "span",
        "deed",
        "event",
        "comment",
        "spotcheck",
        "export",
        "token",
    ],
)
def test_what_is_kept_for_good_offers_no_deletion(desk, something, model):
    row = something[model]
    assert desk.post(at(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    tick_all = {"action": "delete_selected", "index": 0, "_selected_action": row.pk, "post": "yes"}
    desk.post(at(model), tick_all)
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", ["span", "deed", "event", "comment", "export", "token"])
def test_what_deeds_wrote_is_neither_added_nor_changed(desk, something, model):
    assert desk.get(at(model, "add")).status_code == 403
    response = desk.post(at(model, "change", something[model].pk), {"state": "approved"})
    assert response.status_code == 403


def test_a_list_costs_as_many_queries_with_fifty_rows_as_with_five(desk):
    def grow(number):
        """As many more of everything, each with outlets, stories, authors of its own."""
        for _ in range(number):
            tag = uuid4().hex[:8]
            author = make_user(annotator=True, reviewer=True)
            article = make_article(outlet=f"Outlet {tag}", story=f"Story {tag}")
            make_comment(article, make_span(article, author, state=State.APPROVED))
            exporter = make_user(exporter=True)
            make_export(exporter, token=make_token(exporter)[0])
            label = make_label(f"label-{tag}", attributes=[FORM, SPEAKER])
            label.attributes.all()

    models = "person outlet story label labelattribute article span deed event comment".split()
    models += ["export", "token"]

    def costs():
        counted = {}
        for model in models:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert desk.get(at(model)).status_code == 200
            counted[model] = len(queries)
        return counted

    grow(5)
    few = costs()
    grow(45)
    assert costs() == few
    assert max(few.values()) <= 16


def test_a_span_s_page_costs_the_same_with_a_long_history(desk):
    span = make_span()
    author = span.author
    page = at("span", "change", span.pk)
    with CaptureQueriesContext(connection) as few:
        desk.get(page)
    for _ in range(4):
        span = actions.withdraw(span=span.uid, seen=span.revision, deed=make_deed(author)).span
        span = actions.restore(span=span.uid, seen=span.revision, deed=make_deed(author)).span
    with CaptureQueriesContext(connection) as many:
        desk.get(page)
    assert len(many) == len(few)


# People


def test_a_person_is_added_changed_and_deactivated(desk):
    new = {"username": "ann", "usable_password": "true"}
    secret = "a-long-enough-phrase-7"
    desk.post(at("person", "add"), new | {"password1": secret, "password2": secret})
    ann = Person.objects.get(username="ann")
    page = desk.get(at("person", "change", ann.pk))
    sent = fields_of(page) | {"groups": [Group.objects.get(name="annotators").pk]}
    sent.pop("is_active")
    assert desk.post(at("person", "change", ann.pk), sent).status_code == 302
    ann.refresh_from_db()
    assert not ann.is_active
    assert "annotators" in desk.get(at("person")).content.decode()


def test_only_superusers_change_people():
    clerk = staff()
    permissions = ("view_person", "add_person", "change_person", "delete_person")
    clerk.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = signed_in(clerk)
    assert client.get(at("person", "change", clerk.pk)).status_code == 200
    assert client.post(at("person", "change", clerk.pk), {"is_superuser": "on"}).status_code == 403
    assert client.get(at("person", "add")).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[clerk.pk])
    assert client.get(password).status_code == 403


# Outlets and stories


def test_an_outlet_goes_only_while_no_article_is_its(desk, something):
    herald = something["outlet"]
    page = desk.post(at("outlet", "delete", herald.pk), {"post": "yes"})
    assert "Cannot delete" in page.content.decode()
    unused = Outlet.objects.create(slug="unused", name="Unused")
    assert desk.post(at("outlet", "delete", unused.pk), {"post": "yes"}).status_code == 302
    assert list(Outlet.objects.all()) == [herald]


def test_an_outlet_s_homepage_without_a_scheme_is_https(desk):
    told = {"name": "Post", "slug": "post", "homepage": "post.example.org"}
    assert desk.post(at("outlet", "add"), told).status_code == 302
    assert Outlet.objects.get().homepage == "https://post.example.org"


# Labels


def label_page(desk, label, **changes):
    page = at("label", "change", label.pk)
    return desk.post(page, fields_of(desk.get(page)) | changes)


def test_another_guideline_is_another_revision(desk):
    label = make_label(guideline="Mark it.")
    assert label_page(desk, label, guideline="Mark\r\nit whole.").status_code == 302
    label.refresh_from_db()
    assert (label.guideline, label.guideline_revision) == ("Mark\nit whole.", 2)


def test_other_edits_leave_the_guideline_s_revision(desk):
    label = make_label(guideline="One line.\nAnother.")
    as_a_browser_sends_it = "One line.\r\nAnother."
    response = label_page(desk, label, name="Quotation", guideline=as_a_browser_sends_it)
    assert response.status_code == 302
    label.refresh_from_db()
    assert (label.name, label.guideline_revision) == ("Quotation", 1)


def test_a_guideline_that_changed_meanwhile_is_not_overwritten_unread(desk):
    label = make_label(guideline="Old.")
    page = at("label", "change", label.pk)
    sent = fields_of(desk.get(page))
    label_page(desk, label, guideline="Hers.")
    response = desk.post(page, sent | {"guideline": "Mine."})
    assert response.status_code == 409
    assert any("changed since" in error for error in errors_of(response))
    assert "Now it is: Hers." in errors_of(response)
    again = fields_of(response)
    assert again["guideline"] == "Mine."
    assert desk.post(page, again).status_code == 302
    label.refresh_from_db()
    assert (label.guideline, label.guideline_revision) == ("Mine.", 3)


def test_saving_a_label_from_elsewhere_needs_no_seen_revision():
    label = make_label(guideline="Old.")
    label.guideline = "New."
    assert save_label(label=label).guideline_revision == 2
    label.guideline = "Newer."
    with pytest.raises(Stale):
        save_label(label=label, seen=1)


def test_a_label_s_slug_and_its_attributes_keys_and_kinds_are_fixed_once_saved(desk):
    label = make_label("quote", attributes=[FORM])
    sent = {"slug": "other", "attributes-0-key": "other", "attributes-0-kind": "text"}
    assert label_page(desk, label, **sent).status_code == 302
    label.refresh_from_db()
    attribute = label.attributes.get()
    assert (label.slug, attribute.key, attribute.kind) == ("quote", "form", "choice")


def test_a_label_comes_with_its_attributes_in_one_go(desk):
    page = desk.get(at("label", "add"))
    told = {"name": "Rumour", "slug": "rumour", "key": "r", "colour": "red", "line": "solid"}
    row = {"key": "source", "name": "Source", "kind": "text", "position": "1"}
    rows = {f"attributes-0-{name}": value for name, value in row.items()}
    sent = fields_of(page) | told | rows | {"attributes-TOTAL_FORMS": 1, "position": 4}
    assert desk.post(at("label", "add"), sent).status_code == 302
    assert Label.objects.get(slug="rumour").attributes.get().key == "source"
    assert Label.objects.get(slug="rumour").guideline_revision == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("key", "a", "the screens use the others"),
        ("key", "c", "Another label has this key."),
        ("colour", "beige", "not one of the available choices"),
        ("name", "", "required"),
    ],
)
def test_a_label_that_does_not_fit_is_told_why(desk, field, value, sentence):
    make_label("claim")
    response = label_page(desk, make_label("quote"), **{field: value})
    assert any(sentence in error for error in errors_of(response))
    assert Label.objects.get(slug="quote").key == "q"


def test_two_attributes_with_one_key_are_refused(desk):
    label = make_label("quote", attributes=[FORM])
    row = {"key": "form", "name": "Form again", "kind": "text", "position": "1"}
    rows = {f"attributes-1-{name}": value for name, value in row.items()}
    response = label_page(desk, label, **rows, **{"attributes-TOTAL_FORMS": 2})
    assert response.status_code == 200
    assert label.attributes.count() == 1


def test_an_attribute_with_a_condition_stays_required(desk):
    label = make_label("quote", attributes=[FORM, SPEAKER])
    page = at("label", "change", label.pk)
    sent = fields_of(desk.get(page))
    sent = {name: value for name, value in sent.items() if not name.endswith("-required")}
    response = desk.post(page, sent)
    assert "A condition needs an attribute, a value and “required”." in errors_of(response)
    assert label.attributes.get(key="speaker").required


def attribute_page(desk, attribute, **changes):
    page = at("labelattribute", "change", attribute.pk)
    return desk.post(page, fields_of(desk.get(page)) | changes)


def test_a_condition_is_whole_and_names_a_value_of_the_same_label(desk):
    label = make_label("quote", attributes=[FORM, SPEAKER])
    tone = Attribute("tone", "Tone", Kind.CHOICE, choices=("calm",))
    elsewhere = make_label("claim", attributes=[tone]).attributes.get()
    speaker = label.attributes.get(key="speaker")
    form = label.attributes.get(key="form")
    for changes, sentence in (
        ({"unless_attribute": elsewhere.pk}, "not one of the available choices"),
        ({"unless_attribute": speaker.pk}, "not one of the available choices"),
        ({"unless_value": ""}, "A condition needs an attribute, a value and “required”."),
        ({"unless_value": "loud"}, "One of: direct, scare, unknown."),
    ):
        response = attribute_page(desk, speaker, **changes)
        assert any(sentence in error for error in errors_of(response)), changes
    assert attribute_page(desk, speaker, unless_value="unknown").status_code == 302
    speaker.refresh_from_db()
    assert (speaker.unless_attribute, speaker.unless_value) == (form, "unknown")


def choice_rows(attribute, **changes):
    return {"choices-TOTAL_FORMS": attribute.choices.count() + 1} | {
        f"choices-{attribute.choices.count()}-{name}": value for name, value in changes.items()
    }


def test_choices_are_added_renamed_and_removed(desk):
    form = make_label("quote", attributes=[FORM]).attributes.get()
    scare = form.choices.get(key="scare")
    new = choice_rows(form, key="block", name="Block", position=3)
    changes = {"choices-0-name": "Said", "choices-0-key": "other", "choices-1-DELETE": "on"}
    assert attribute_page(desk, form, **new, **changes).status_code == 302
    assert [(each.key, each.name) for each in form.choices.order_by("pk")] == [
        ("direct", "Said"),
        ("block", "Block"),
    ]
    assert not Choice.objects.filter(pk=scare.pk).exists()


def test_unknown_is_no_choice_of_its_own(desk):
    form = make_label("quote", attributes=[FORM]).attributes.get()
    new = choice_rows(form, key="unknown", name="Unknown", position=3)
    assert "“unknown” may always be chosen, so it is not listed." in errors_of(
        attribute_page(desk, form, **new)
    )


def test_a_choice_that_a_span_ever_had_stays(desk):
    label = make_label("quote", attributes=[FORM])
    form = label.attributes.get()
    span = make_span(attributes={"form": "direct"})
    emptied = actions.Change(attributes={})
    actions.edit(span=span.uid, seen=1, change=emptied, deed=make_deed(span.author))
    response = attribute_page(desk, form, **{"choices-0-DELETE": "on", "name": "Kept words"})
    assert response.status_code == 409
    assert "Spans have “direct” chosen, so it stays." in errors_of(response)
    assert fields_of(response)["name"] == "Kept words"
    form.refresh_from_db()
    assert (form.name, form.choices.count()) == ("Form", 2)


def test_a_choice_that_a_condition_names_stays():
    make_label("quote", attributes=[FORM, SPEAKER])
    with pytest.raises(Illegal, match="depends on"):
        remove_choice(choice=Choice.objects.get(key="scare"))
    remove_choice(choice=Choice.objects.get(key="direct"))


def test_an_attribute_goes_only_if_no_span_ever_had_it_filled(desk):
    note = Attribute("note", "Note", Kind.TEXT)
    typo = Attribute("note-2", "Typo", Kind.TEXT)
    label = make_label("quote", attributes=[note, typo])
    make_span(attributes={"note": "Words."})
    kept, unused = label.attributes.get(key="note"), label.attributes.get(key="note-2")
    page = desk.post(at("labelattribute", "delete", kept.pk), {"post": "yes"}, follow=True)
    assert messages_of(page) == ["Spans have “Note” filled, so it stays."]
    response = desk.post(at("labelattribute", "delete", unused.pk), {"post": "yes"})
    assert response.status_code == 302
    assert list(label.attributes.all()) == [kept]
    with pytest.raises(Illegal):
        remove_attribute(attribute=kept)


def test_an_attribute_of_another_kind_offers_no_choices(desk):
    note = make_label("quote", attributes=[Attribute("note", "Note", Kind.TEXT)]).attributes.get()
    page = desk.get(at("labelattribute", "change", note.pk))
    assert page.context["inline_admin_formsets"] == []
    assert attribute_page(desk, note, name="Remark").status_code == 302
    assert LabelAttribute.objects.get().name == "Remark"


# Many spans of a label


NOTE = Attribute("note", "Note", Kind.TEXT)
SURE = Attribute("sure", "Sure", Kind.YES_NO)


@pytest.fixture
def quotes():
    """The label quote, one beside it, and a span of it in each state."""
    make_label("claim", attributes=[NOTE])
    make_label("quote", attributes=[FORM, NOTE, SURE, SPEAKER])
    article = make_article(state="submitted", outlet="The Herald", story="The bridge")
    return {
        state: make_span(article, state=state, attributes={"form": "scare"})
        for state in State
        if state is not State.MERGED
    }


def spans_page(label="quote"):
    return at("label", "spans", Label.objects.get(slug=label).pk)


def count(client, **chosen):
    """The second step, as a browser asks for it."""
    told = {"what": "relabel", "approvals": "reopen", "step": "count"}
    if "what" not in chosen:
        told["to"] = Label.objects.get(slug="claim").pk
    return client.get(spans_page(), told | chosen)


def do(client, response, **more):
    """Send the form of the second step."""
    sent = {"step": "do"}
    for form in (response.context["form"], response.context["do"]):
        sent |= {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    return client.post(spans_page(), sent | more, follow=True)


def test_a_label_s_page_leads_to_changing_its_spans_and_tells_of_outdated_ones(desk, quotes):
    label = quotes[State.APPROVED].label
    page = desk.get(at("label", "change", label.pk)).content.decode()
    assert f'href="{spans_page()}"' in page
    assert "older guideline" not in page
    label_page(desk, label, guideline="Mark it whole.")
    page = " ".join(desk.get(at("label", "change", label.pk)).content.decode().split())
    assert "1 approved span was decided under an older guideline than revision 2." in page
    assert f'{spans_page()}?what=reopen&amp;outdated=on"' in page
    chosen = desk.get(spans_page(), {"what": "reopen", "outdated": "on"}).context["form"]
    assert (chosen["what"].value(), chosen["outdated"].value()) == ("reopen", "on")
    counted = count(desk, what="reopen", outdated="on")
    assert counted.context["counts"]["changes"] == [("approved", 1, "waits for review again")]
    assert messages_of(do(desk, counted))[0].startswith("Reopened 1 span.")


def test_the_counts_come_first_and_nothing_is_changed_by_them(desk, quotes):
    before = list(Span.objects.values_list())
    page = count(desk, approvals="stand")
    counts = page.context["counts"]
    assert sorted(counts["changes"]) == [
        ("approved", 1, "the approval stands, as yours"),
        ("proposed", 1, "waits for review; you are its last editor, so somebody else decides"),
        ("sent back", 1, "waits for review; you are its last editor, so somebody else decides"),
    ]
    assert sorted(counts["left"]) == [
        ("dismissed", 1), ("rejected", 1), ("suggested", 1), ("withdrawn", 1),
    ]  # fmt: skip
    assert (counts["dropped"], counts["number"], counts["beyond"]) == ([("form", 3)], 3, 0)
    words = " ".join(page.content.decode().split())
    assert "Quote becomes Claim" in words
    assert "Values that Claim does not take, and that go: 3 of form." in words
    assert 'value="Change 3 spans"' in words
    assert "Undo gives no approval back" not in words
    assert list(Span.objects.values_list()) == before


def test_what_was_counted_is_changed_by_one_deed_that_is_undone_from_there(desk, boss, quotes):
    page = count(desk)
    assert "Undo gives no approval back" in page.content.decode()
    page = do(desk, count(desk, approvals="stand"))
    [said] = messages_of(page)
    assert said.startswith("Changed 3 spans.")
    deed = Deed.objects.latest("id")
    assert (deed.action, deed.actor) == ("edit", boss)
    assert Span.objects.filter(label__slug="claim").count() == 3
    action = re.search(r'<form method="post" action="([^"]+)"', page.content.decode())[1]
    assert action == reverse("undo", args=[deed.pk])
    undo = {"request_id": uuid4(), "next": spans_page()}
    undone = desk.post(action, undo, follow=True)
    assert undone.redirect_chain == [(spans_page(), 302)]
    assert messages_of(undone) == ["Undone: edited 3 spans."]
    assert not Span.objects.filter(label__slug="claim").exists()
    again = desk.post(action, undo | {"request_id": uuid4()}, follow=True)
    assert messages_of(again) == ["This is undone already."]


def test_undoing_leads_back_to_nowhere_but_here(desk, quotes):
    do(desk, count(desk))
    undo = {"request_id": uuid4(), "next": "https://elsewhere.example.org/"}
    undone = desk.post(reverse("undo", args=[Deed.objects.latest("id").pk]), undo)
    assert undone["Location"].startswith("/articles/")


def test_what_changed_since_the_counts_is_left_and_told(desk, quotes):
    page = count(desk)
    span = quotes[State.PROPOSED]
    actions.withdraw(span=span.uid, seen=1, deed=make_deed(span.author))
    [said] = messages_of(do(desk, page))
    assert said.startswith("Changed 2 spans · skipped 1: 1 changed meanwhile.")


def test_a_second_click_changes_nothing_twice(desk, quotes):
    page = count(desk)
    do(desk, page)
    [said] = messages_of(do(desk, page))
    assert said.startswith("Changed 3 spans.")
    assert Deed.objects.filter(action="edit").count() == 1


@pytest.mark.parametrize(
    ("what", "values", "sentence", "found"),
    [
        ("form", ("scare", "direct"), "Form of Quote: “scare” becomes “direct”", 3),
        ("form", ("scare", ""), "Form of Quote: “scare” becomes “empty”", 3),
        ("form", ("direct", "scare"), "Form of Quote: “direct” becomes “scare”", 0),
        ("sure", ("", "yes"), "Sure of Quote: “empty” becomes “yes”", 3),
        ("note", ("", " So. "), "Note of Quote: “empty” becomes “So.”", 3),
        ("note", ("So.", ""), "Note of Quote: “So.” becomes “empty”", 0),
    ],
)
def test_an_attribute_s_value_is_changed_where_it_is_the_old_one(
    what, values, sentence, found, desk, quotes
):
    old, new = values
    chosen = {"what": f"attribute:{what}", f"old_{what}": old, f"new_{what}": new}
    page = count(desk, **chosen)
    counts = page.context["counts"]
    assert (counts["sentence"], counts["number"]) == (sentence, found)
    if found:
        do(desk, page)
        stored = {"yes": True, "": None}.get(new, new.strip())
        changed = Span.objects.get(pk=quotes[State.PROPOSED].pk)
        assert changed.attributes.get(what) == stored
        assert quotes[State.REJECTED].attributes == {"form": "scare"}
    else:
        assert "No span would be changed." in page.content.decode()
        assert 'type="submit"' not in page.content.decode().split('name="step"')[1]


def test_only_those_of_a_story_or_an_outlet_are_meant_if_one_is_chosen(desk, quotes):
    elsewhere = make_span(make_article(outlet="The Post", story="The tower"))
    article = elsewhere.article
    for chosen in ({"outlet": article.outlet_id}, {"story": article.story_id}):
        assert count(desk, **chosen).context["counts"]["number"] == 1
    assert count(desk).context["counts"]["number"] == 4


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"what": ""}, "This field is required."),
        ({"what": "attribute:speaker"}, "not one of the available choices"),
        ({"what": "relabel"}, "Choose the label that they are to have."),
        ({"what": "relabel", "to": "0"}, "not one of the available choices"),
        ({"approvals": ""}, "Choose what becomes of approvals."),
        ({"what": "attribute:form"}, "Choose another value than the old one."),
        ({"what": "attribute:form", "new_form": "verse"}, "not one of the available choices"),
    ],
)
def test_what_was_not_chosen_well_is_told_and_nothing_counted(chosen, sentence, desk, quotes):
    page = count(desk, **chosen)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert "do" not in page.context


@pytest.mark.parametrize("spans", ["", "nonsense", "-" * 36 + ":1"])
def test_without_spans_that_were_counted_nothing_is_done(spans, desk, quotes):
    page = do(desk, count(desk), spans=spans)
    assert page.status_code == 422
    assert "Count the spans first" in page.content.decode()
    assert not Deed.objects.filter(action="edit").exists()


def test_more_than_one_go_takes_are_told_and_more_than_one_request_are_gone_on_with(
    desk, quotes, monkeypatch
):
    monkeypatch.setattr(label_changes, "IN_ONE_REQUEST", 1)
    monkeypatch.setattr(label_changes, "MOST", 2)
    page = count(desk)
    assert (page.context["counts"]["number"], page.context["counts"]["beyond"]) == (2, 1)
    assert "1 more are not looked at" in page.content.decode()
    page = do(desk, page)
    assert "1 are done, 1 are still to be looked at." in page.content.decode()
    [said] = messages_of(do(desk, page))
    assert said.startswith("Changed 2 spans.")
    assert Deed.objects.filter(action="edit").count() == 1
    assert do(desk, page, spans=" ".join(["a" * 36 + ":1"] * 3)).status_code == 422


def test_what_is_refused_as_a_whole_is_a_sentence(desk, quotes):
    page = count(desk)
    for span in quotes.values():
        if span.state in (State.PROPOSED, State.SENT_BACK, State.APPROVED):
            change = actions.Change(attributes={"note": "!"})
            actions.edit(
                span=span.uid, seen=span.revision, change=change, deed=make_deed(span.author)
            )
    page = do(desk, page)
    assert page.status_code == 409
    assert "Nothing was changed · skipped 3: 3 changed meanwhile." in page.content.decode()


def test_who_may_not_change_labels_changes_no_spans_of_them(quotes):
    clerk = staff(annotator=True, reviewer=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_label"))
    client = signed_in(clerk)
    label = quotes[State.APPROVED].label
    assert client.get(at("label", "change", label.pk)).status_code == 200
    assert "Change spans" not in client.get(at("label", "change", label.pk)).content.decode()
    assert client.get(spans_page()).status_code == 403
    assert client.post(spans_page(), {"step": "do"}).status_code == 403
    assert signed_in(make_user(reviewer=True)).get(spans_page()).status_code == 302


def test_who_keeps_the_labels_and_does_not_review_is_told_before_the_counts(quotes):
    clerk = staff(annotator=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="change_label"))
    page = count(signed_in(clerk), approvals="stand")
    assert page.status_code == 403
    assert "Only reviewers may do this." in page.content.decode()


# Articles


def test_an_article_comes_in_by_its_deed_to_the_character(desk, boss):
    herald = Outlet.objects.create(slug="herald", name="The Herald")
    bridge = Story.objects.create(slug="bridge", title="The bridge")
    told = filler(
        text="\r\n  First line.\r\n\r\n  Second 😀 line. ",
        title="A bridge",
        outlet=herald.pk,
        story=bridge.pk,
        url="example.org/bridge",
        published_at_0="2025-03-01",
        published_at_1="12:30:00",
        language="en",
    )
    assert desk.post(at("article", "add"), told).status_code == 302
    article = Article.objects.get()
    assert article.text == "\n  First line.\n\n  Second 😀 line. "
    assert (article.slug, article.outlet, article.story) == ("a-bridge", herald, bridge)
    assert article.url == "https://example.org/bridge"
    event = article.events.get()
    assert (event.action, event.deed.actor) == ("import", boss)


def test_an_article_needs_only_its_text(desk):
    assert desk.post(at("article", "add"), filler(text="A headline.\nMore.")).status_code == 302
    assert Article.objects.get().slug == "a-headline"


def test_a_second_click_on_save_brings_in_nothing_twice(desk):
    told = filler()
    for _ in range(2):
        assert desk.post(at("article", "add"), told).status_code == 302
    assert Deed.objects.filter(action="import").count() == 1


@pytest.mark.parametrize(
    ("values", "status", "sentence"),
    [
        ({"text": "Words."}, 409, "This article is here already."),
        ({"text": "Words.", "url": "https://other.example.org/"}, 302, ""),
        ({"text": ""}, 200, "This field is required."),
        ({"text": "  \n "}, 422, "The text is empty or only blank"),
        ({"text": "New.", "slug": "known"}, 200, "already exists"),
        ({"text": "New.", "url": "nowhere at all"}, 200, "Enter a valid URL."),
        ({"text": "New.", "language": "x" * 36}, 200, "at most 35 characters"),
        ({"text": "New.", "title": "\0"}, 200, "Null characters are not allowed."),
        ({"text": "New.\0"}, 200, "Null characters are not allowed."),
    ],
)
def test_an_article_that_cannot_come_in_is_told_why_and_kept_in_the_form(
    desk, values, status, sentence
):
    make_article("Words.", "known", url="")
    response = desk.post(at("article", "add"), filler(title="What I typed") | values)
    assert response.status_code == status
    if sentence:
        assert any(sentence in error for error in errors_of(response))
        typed = {"title": "What I typed"} | values
        assert {name: fields_of(response).get(name, "") for name in typed} == typed
        assert Article.objects.count() == 1


def test_the_database_s_own_refusal_is_a_sentence_too(desk, monkeypatch):
    def race(**_):
        raise IntegrityError

    monkeypatch.setattr("annotations.actions.add_article", race)
    response = desk.post(at("article", "add"), filler())
    assert response.status_code == 409
    assert any("somebody may have done the same" in error for error in errors_of(response))


def describe(desk, article, **changes):
    page = at("article", "change", article.pk)
    return desk.post(page, fields_of(desk.get(page)) | changes)


def test_describing_is_a_deed_that_leaves_the_text(desk, boss):
    article = make_article(outlet="The Herald")
    response = describe(desk, article, title="Another title", text="Other words.", slug="other")
    assert response.status_code == 302
    described = Article.objects.get()
    assert (described.title, described.text, described.slug) == (
        "Another title",
        TEXT,
        article.slug,
    )
    assert described.outlet.name == "The Herald"
    event = described.events.latest("id")
    assert (event.action, event.deed.actor, event.revision) == ("describe", boss, 2)


def test_saving_without_a_change_is_no_deed(desk):
    article = make_article()
    assert describe(desk, article).status_code == 302
    assert article.events.count() == 1


def test_describing_leaves_what_the_form_does_not_show(desk):
    published = datetime(2025, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
    article = make_article(published_at=published)
    describe(desk, article, title="Another title")
    article.refresh_from_db()
    assert (article.title, article.published_at) == ("Another title", published)


def test_a_description_that_changed_meanwhile_is_told_and_what_was_typed_kept(desk):
    article = make_article(outlet="The Herald")
    page = at("article", "change", article.pk)
    sent = fields_of(desk.get(page))
    describe(desk, article, title="Hers", outlet="")
    response = desk.post(page, sent | {"title": "Mine"})
    assert response.status_code == 409
    assert any("has changed since you saw it" in error for error in errors_of(response))
    assert {"Now it is: Hers", "Now it is: empty"} <= set(errors_of(response))
    again = fields_of(response)
    assert again["title"] == "Mine"
    assert Article.objects.get().title == "Hers"
    assert desk.post(page, again).status_code == 302
    assert Article.objects.get().title == "Mine"


def test_a_form_sent_again_with_other_contents_is_told(desk):
    article = make_article()
    page = at("article", "change", article.pk)
    sent = fields_of(desk.get(page))
    desk.post(page, sent | {"title": "First"})
    response = desk.post(page, sent | {"title": "Second"})
    assert response.status_code == 409
    assert desk.post(page, fields_of(response)).status_code == 302
    assert Article.objects.get().title == "Second"


def test_a_title_may_not_be_emptied(desk):
    article = make_article()
    assert "This field is required." in errors_of(describe(desk, article, title=""))


def test_staff_who_are_no_importers_are_told_so_before_and_after():
    article = make_article(title="As it was")
    client = signed_in(staff(reviewer=True))
    sentence = "Only importers may bring articles in or describe them."
    assert messages_of(client.get(at("article", "add"))) == [sentence]
    response = client.post(at("article", "add"), filler(title="What I typed"))
    assert (response.status_code, errors_of(response)) == (403, [sentence])
    assert fields_of(response)["title"] == "What I typed"
    response = describe(client, article, title="Mine")
    assert (response.status_code, errors_of(response)) == (403, [sentence])
    assert Article.objects.get().title == "As it was"


def test_staff_who_are_importers_bring_articles_in():
    client = signed_in(staff(importer=True))
    assert client.post(at("article", "add"), filler()).status_code == 302
    assert describe(client, Article.objects.get(), language="en").status_code == 302
    assert Article.objects.get().language == "en"


def test_the_text_is_shown_to_the_character(desk):
    text = "\n  Two  blanks <b>&amp; </b>\n\n\tA tab. "
    article = make_article(text)
    page = desk.get(at("article", "change", article.pk)).content.decode()
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f'<div class="exact">{escaped}</div>' in page
    assert reverse("desk", args=[article.slug]) in page


def test_articles_are_set_aside_for_a_reason_and_restored(desk):
    one, two = make_article(), make_article()
    asked = tick(desk, "article", "set_aside_chosen", one, two)
    assert asked.templates[0].name == "admin/annotations/article/set_aside.html"
    empty = tick(desk, "article", "set_aside_chosen", one, two, reason="  ")
    assert empty.status_code == 422
    assert empty.context["error"] == "Say why it is set aside."
    done = tick(desk, "article", "set_aside_chosen", one, two, reason="Out of scope.")
    assert messages_of(done) == ["Set aside: 2."]
    assert {article.state for article in Article.objects.all()} == {"set_aside"}
    assert Event.objects.latest("id").reason == "Out of scope."
    again = tick(desk, "article", "restore_chosen", *Article.objects.all())
    assert messages_of(again) == ["Restored: 2."]
    assert {article.state for article in Article.objects.all()} == {"open"}


def test_what_cannot_be_set_aside_is_told_and_the_rest_done(desk):
    aside, stale, fresh = make_article(state="set_aside"), make_article(), make_article()
    seen = {"seen": [f"{aside.pk}:{aside.revision}", f"{stale.pk}:7", f"{fresh.pk}:1"]}
    done = tick(
        desk, "article", "set_aside_chosen", aside, stale, fresh, reason="A duplicate.", **seen
    )
    assert set(messages_of(done)) == {
        "Set aside: 1.",
        "Left as it is: 1. The article has changed since you saw it. It is shown as it is now.",
        "Left as it is: 1. This article is set aside, so it cannot be set aside.",
    }


def test_what_the_list_did_not_show_is_left_alone(desk):
    article = make_article(state="set_aside")
    tick(desk, "article", "restore_chosen", article, seen=["nonsense", f"{article.pk}:x"])
    article.refresh_from_db()
    assert article.state == "set_aside"


def test_an_article_s_history_is_its_events(desk):
    article = make_article()
    make_article()
    page = desk.get(at("article", "history", article.pk), follow=True)
    assert [event.article_id for event in page.context["cl"].result_list] == [article.pk]


# Spans


def test_a_span_is_shown_with_its_events_and_where_to_work_on_it(desk):
    make_label("quote", attributes=[FORM, SPEAKER])
    speaker = {"value": "The mayor", "start": 0, "end": 9}
    span = make_span(
        text="as safe as a house",
        attributes={"form": "direct", "speaker": speaker},
        state=State.SENT_BACK,
        comment="Its end is wrong.",
    )
    page = desk.get(at("span", "change", span.pk)).content.decode()
    assert '<div class="exact">as safe as a house</div>' in page
    assert "form: direct" in page
    assert "The mayor" in page
    assert "Its end is wrong." in page
    assert "state: proposed → sent_back" in page
    assert f"/articles/{span.article.slug}/?span={span.uid}" in page
    assert f"/review/?span={span.uid}" in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("filtered", ["state", "label", "outlet", "text", "uid"])
def test_spans_are_found_by_what_they_are(desk, filtered):
    wanted = make_span(
        make_article(outlet="Herald"), text="estimate", label="claim", state=State.APPROVED
    )
    make_span(text="as safe as a house")
    query = {
        "state": {"state__exact": "approved"},
        "label": {"label__id__exact": wanted.label_id},
        "outlet": {"article__outlet__id__exact": wanted.article.outlet_id},
        "text": {"q": "estimate"},
        "uid": {"q": str(wanted.uid)},
    }[filtered]
    found = desk.get(at("span"), query).context["cl"].result_list
    assert [span.pk for span in found] == [wanted.pk]


def test_the_chosen_are_reopened_and_of_the_others_told_why_not(desk, boss):
    article = make_article()
    approved = make_span(article, state=State.APPROVED)
    rejected = make_span(article, text="estimate", state=State.REJECTED)
    waiting = [make_span(article), make_span(article)]
    done = tick(desk, "span", "reopen_chosen", approved, rejected, *waiting)
    assert messages_of(done) == [
        "Reopened: 2.",
        "Left as they are: 2. This span is proposed, so it cannot be reopened.",
    ]
    event = Event.objects.filter(span=approved).latest("id")
    assert (event.action, event.deed.actor) == ("reopen", boss)


def test_selecting_all_takes_nothing_that_the_page_did_not_show(desk):
    article = make_article()
    shown = make_span(article, text="estimate", state=State.APPROVED)
    other = make_span(article, text="as safe", state=State.APPROVED)
    done = tick(desk, "span", "reopen_chosen", shown, select_across=1)
    assert messages_of(done) == ["Reopened: 1."]
    other.refresh_from_db()
    assert other.state == State.APPROVED


def test_a_span_that_changed_since_the_list_was_drawn_is_left_even_if_filtered_out(desk):
    span = make_span(text="as safe", state=State.APPROVED)
    page = desk.get(at("span"), {"state__exact": "approved"}).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    change = actions.Change(extent=Extent(0, 3), text="The")
    actions.edit(span=span.uid, seen=2, change=change, deed=make_deed(span.author))
    told = {"action": "reopen_chosen", "index": 0, "_selected_action": span.pk, "seen": seen}
    url = f"{at('span')}?state__exact=approved"
    done = desk.post(url, told, follow=True)
    assert messages_of(done)[0].startswith("Left as it is: 1. This span has changed since")


def test_staff_who_are_no_reviewers_reopen_nothing():
    span = make_span(state=State.APPROVED)
    done = tick(signed_in(staff(annotator=True)), "span", "reopen_chosen", span)
    assert messages_of(done) == ["Left as it is: 1. Only reviewers may do this."]
    assert Span.objects.get().state == State.APPROVED


# Deeds and events


def test_a_deed_leads_to_what_it_did(desk):
    span = make_span(state=State.APPROVED)
    deed = span.events.latest("id").deed
    page = desk.get(at("deed", "change", deed.pk)).content.decode()
    assert f'<a href="{at("event")}?deed__id__exact={deed.pk}">1 event</a>' in page
    events = desk.get(at("event"), {"deed__id__exact": deed.pk}).context["cl"].result_list
    assert [event.span_id for event in events] == [span.pk]


def test_an_event_shows_the_rows_before_and_after(desk):
    span = make_span(text="as safe as a house", state=State.APPROVED)
    made, approved = span.events.all()
    page = desk.get(at("event", "change", approved.pk)).content.decode()
    assert "state: proposed → approved" in page
    assert "&quot;text&quot;: &quot;as safe as a house&quot;" in page
    page = desk.get(at("event", "change", made.pk)).content.decode()
    assert '<div class="exact"></div>' in page


def test_a_machine_s_deed_names_the_machine(desk):
    make_article()
    assert "import:tests" in desk.get(at("deed")).content.decode()


# Comments


def test_a_comment_is_shown_to_the_character_with_the_way_to_where_it_stands(desk):
    span = make_span()
    comment = make_comment(span.article, span, text="One <b>\n  two")

    page = desk.get(at("comment", "change", comment.pk)).content.decode()

    assert '<div class="exact">One &lt;b&gt;\n  two</div>' in page
    assert f"?span={span.uid}#comment-{comment.uid}" in page


def test_what_was_taken_back_is_on_record_and_not_in_the_list(desk):
    comment = make_comment(make_article(), text="Rash words.")
    actions.take_back_comment(comment=comment.uid, person=comment.author)

    listed = desk.get(at("comment")).content.decode()

    assert "taken back" in listed
    assert "Rash words." not in listed
    assert "Rash words." in desk.get(at("comment", "change", comment.pk)).content.decode()


# Exports and tokens


def test_only_exporters_among_the_staff_look_at_exports(something):
    for part, expected in ({}, 403), ({"exporter": True}, 200):
        client = signed_in(staff(**part))
        assert client.get(at("export")).status_code == expected
        assert client.get(at("export", "change", something["export"].pk)).status_code == expected
        assert client.get(at("token")).status_code == 403


def test_a_token_is_shown_without_what_would_open_the_door(desk):
    token, secret = make_token()
    for page in (at("token"), at("token", "change", token.pk)):
        html = desk.get(page).content.decode()
        assert token.public_id in html
        assert token.secret_sha256 not in html
        assert secret not in html


def test_a_superuser_revokes_the_tokens_they_tick(desk):
    (token, _), (revoked, _), (other, _) = make_token(), make_token(), make_token()
    actions.revoke_token(token=revoked.public_id, by=revoked.person)
    told = {"action": "revoke", "index": 0, "_selected_action": [token.pk, revoked.pk]}
    response = desk.post(at("token"), told, follow=True)
    assert messages_of(response) == ["Revoked: 1."]
    token.refresh_from_db()
    other.refresh_from_db()
    assert token.revoked_at
    assert other.revoked_at is None
