"""Every write: one function for each deed of a person or a machine.

    actions.approve(span=uid, seen=3, deed=actions.deed_of(request.user, request_id))

Each locks, checks, writes rows and events in one transaction and returns what it did, or
raises a Refusal with a sentence and has written nothing.
"""

from annotations.actions._deeds import Done, Skipped, counted, deed_of, deed_of_machine
from annotations.actions._names import Particulars
from annotations.actions.articles import (
    describe_article,
    reopen_article,
    restore_article,
    set_aside,
    sign_off,
    submit,
    take_back,
)
from annotations.actions.bulk import decide_many
from annotations.actions.comments import comment, resolve, take_back_comment, unresolve
from annotations.actions.corrections import foresee_replacement, inherited, replace_article
from annotations.actions.exports import Sum, begin_export, end_export
from annotations.actions.intake import (
    Added,
    Came,
    Draft,
    Foreseen,
    Incoming,
    Known,
    add_article,
    add_articles,
    draft_articles,
    foresee_articles,
    known_article,
    sketch_article,
)
from annotations.actions.leases import lease_article, lease_group, lease_next_group
from annotations.actions.likeness import mark_like
from annotations.actions.propagation import suggest_like
from annotations.actions.relabel import Approvals, LabelChange, change_many
from annotations.actions.restore import Restored
from annotations.actions.restore import restore as restore_archive
from annotations.actions.spans import (
    Change,
    Marked,
    accept,
    amend,
    answer,
    approve,
    dismiss,
    edit,
    propose,
    reject,
    reopen,
    restore,
    send_back,
    suggest,
    withdraw,
)
from annotations.actions.spot_checks import record_finding
from annotations.actions.tokens import LIFETIMES, known_token, make_token, revoke_token
from annotations.actions.undo import undo
from annotations.actions.uploads import begin_upload, end_upload, let_go, note_batch, take_up

__all__ = [
    "LIFETIMES",
    "Added",
    "Approvals",
    "Came",
    "Change",
    "Done",
    "Draft",
    "Foreseen",
    "Incoming",
    "Known",
    "LabelChange",
    "Marked",
    "Particulars",
    "Restored",
    "Skipped",
    "Sum",
    "accept",
    "add_article",
    "add_articles",
    "amend",
    "answer",
    "approve",
    "begin_export",
    "begin_upload",
    "change_many",
    "comment",
    "counted",
    "decide_many",
    "deed_of",
    "deed_of_machine",
    "describe_article",
    "dismiss",
    "draft_articles",
    "edit",
    "end_export",
    "end_upload",
    "foresee_articles",
    "foresee_replacement",
    "inherited",
    "known_article",
    "known_token",
    "lease_article",
    "lease_group",
    "lease_next_group",
    "let_go",
    "make_token",
    "mark_like",
    "note_batch",
    "propose",
    "record_finding",
    "reject",
    "reopen",
    "reopen_article",
    "replace_article",
    "resolve",
    "restore",
    "restore_archive",
    "restore_article",
    "revoke_token",
    "send_back",
    "set_aside",
    "sign_off",
    "sketch_article",
    "submit",
    "suggest",
    "suggest_like",
    "take_back",
    "take_back_comment",
    "take_up",
    "undo",
    "unresolve",
    "withdraw",
]
