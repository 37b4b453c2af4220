"""Every write: one function for each deed of a person or a machine.

    actions.approve(span=uid, seen=3, deed=actions.deed_of(request.user, request_id))

Each locks, checks, writes rows and events in one transaction and returns what it did, or
raises a Refusal with a sentence and has written nothing.
"""

from annotations.actions._deeds import Done, Skipped, counted, deed_of, deed_of_machine
from annotations.actions.articles import (
    Particulars,
    add_article,
    describe_article,
    known_article,
    reopen_article,
    restore_article,
    set_aside,
    sign_off,
    submit,
    take_back,
)
from annotations.actions.bulk import decide_many
from annotations.actions.comments import comment, resolve, take_back_comment, unresolve
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
from annotations.actions.undo import undo

__all__ = [
    "Approvals",
    "Change",
    "Done",
    "LabelChange",
    "Marked",
    "Particulars",
    "Restored",
    "Skipped",
    "accept",
    "add_article",
    "amend",
    "answer",
    "approve",
    "change_many",
    "comment",
    "counted",
    "decide_many",
    "deed_of",
    "deed_of_machine",
    "describe_article",
    "dismiss",
    "edit",
    "known_article",
    "lease_article",
    "lease_group",
    "lease_next_group",
    "mark_like",
    "propose",
    "record_finding",
    "reject",
    "reopen",
    "reopen_article",
    "resolve",
    "restore",
    "restore_archive",
    "restore_article",
    "send_back",
    "set_aside",
    "sign_off",
    "submit",
    "suggest",
    "suggest_like",
    "take_back",
    "take_back_comment",
    "undo",
    "unresolve",
    "withdraw",
]
