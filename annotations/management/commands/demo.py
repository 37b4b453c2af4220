"""`demo`: people for trying the desk out."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db import transaction

from annotations.models import Person

# Username -> group; the admin is in none, and may do all.
PEOPLE = {
    "annotator": "annotators",
    "reviewer": "reviewers",
    "exporter": "exporters",
    "importer": "importers",
    "admin": None,
}
# How we know our own again: nobody else's password is ever changed.
MAIL_DOMAIN = "demo.invalid"
PASSWORD_LENGTH = 14
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that look alike


class Command(BaseCommand):
    help = "Makes one person of each part and an admin, with random passwords, and prints them."

    def handle(self, **options: Any) -> None:
        path = settings.VAR_DIR / "demo-accounts.txt"
        accounts = _read(path)
        with transaction.atomic():
            known = accounts | _make_people(accounts)
            if known != accounts:
                _write(path, known)
        self.stdout.write(f"May sign in (also in {path}):")
        for name in PEOPLE:
            password = known.get(name)
            self.stdout.write(f"  {name} {password}" if password else f"  {name}: {_STRANGER}")


_STRANGER = "somebody of that name is here who is not of this demo, and was left alone"


def _make_people(accounts: dict[str, str]) -> dict[str, str]:
    """Make who is missing; give who is there, but not in `accounts`, a new password.

    Who is missing gets the password on file, which so stays right for every database that
    is tried with one var folder. accounts, result: username -> password.
    """
    given = {}
    for name, group in PEOPLE.items():
        person = Person.objects.filter(username=name).first()
        if person is None:
            given[name] = accounts.get(name) or _password()
            _make(name, group, given[name])
        elif name not in accounts and person.email == _mail(name):
            given[name] = _password()
            person.set_password(given[name])
            person.save(update_fields=["password"])
    return given


def _make(name: str, group: str | None, password: str) -> None:
    if group is None:
        Person.objects.create_superuser(name, _mail(name), password)
        return
    person = Person.objects.create_user(name, _mail(name), password)
    person.groups.add(Group.objects.get(name=group))


def _mail(name: str) -> str:
    return f"{name}@{MAIL_DOMAIN}"


def _password() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(PASSWORD_LENGTH))


def _read(path: Path) -> dict[str, str]:
    """The accounts on file; those of nobody we make are dropped."""
    if not path.exists():
        return {}
    lines = (line.split() for line in path.read_text("utf-8").splitlines())
    return {line[0]: line[1] for line in lines if len(line) == 2 and line[0] in PEOPLE}


def _write(path: Path, accounts: dict[str, str]) -> None:
    """Replace the file in one step, readable by its owner only."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name} {accounts[name]}\n" for name in PEOPLE if name in accounts)
    new.replace(path)
