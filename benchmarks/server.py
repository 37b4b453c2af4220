"""The newsroom as `make run` starts it, on a database and a var folder of its own."""

import http.client
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import django

from tests import run

HERE = Path(__file__).resolve().parent.parent
ADDRESS = "127.0.0.1"
PATIENCE = 60  # seconds
# What would make the settings others than a newsroom's that was just installed.
_SETTINGS = ("DATABASE_URL", "SECRET_KEY", "NEWSROOM_DEBUG", "NEWSROOM_HTTPS", "NEWSROOM_HOSTS")


@dataclass(frozen=True, slots=True)
class Site:
    """A newsroom that is up, with nobody and nothing in it but its labels and seed articles.

    database: which one, in words.
    """

    port: int
    database: str

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.port}"


@contextmanager
def newsroom(database: str) -> Iterator[Site]:
    """A newsroom of our own, gone afterwards; database: "sqlite" or "postgresql".

    Sets this process's Django up on the same database. Once in a process.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="newsroom-bench-"))
        for name in _SETTINGS:
            os.environ.pop(name, None)
        os.environ |= {"NEWSROOM_VAR": folder, "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
        if database == "postgresql":
            programs = run.found(run.postgresql_programs, "PostgreSQL", "postgresql")
            os.environ["DATABASE_URL"] = stack.enter_context(_database(programs))
        name = _prepare()
        yield Site(stack.enter_context(_granian()), name)


@contextmanager
def _database(programs: Path) -> Iterator[str]:
    """A PostgreSQL server with an empty database in it, as the tests start one."""
    with run.postgresql(programs) as url:
        folder = url.partition("host=")[2]
        subprocess.run(
            [programs / "createdb", "-h", folder, "-U", "newsroom", "newsroom"], check=True
        )
        yield url


def _prepare() -> str:
    """Everything `make run` does before it starts the server; the database's name and version."""
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    call_command("seed", skip_checks=True, stdout=io.StringIO())
    call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)
    if connection.vendor == "sqlite":
        from newsroom import sqlite

        version = sqlite.sqlite3.sqlite_version
        return f"SQLite {version} ({sqlite.JOURNAL} journal, synchronous FULL)"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]} (a socket, fsync off)"


@contextmanager
def _granian() -> Iterator[int]:
    """The server's port, once it answers. The same command as `make run`."""
    with socket.create_server((ADDRESS, 0)) as free:
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("granian"), "--interface", "wsgi"]
    command += ["--host", ADDRESS, "--port", str(port), "--no-ws", "--workers", "2"]
    command += ["--blocking-threads", "4", "--workers-kill-timeout", "2"]
    server = subprocess.Popen(
        [*command, "--log-level", "warning", "newsroom.wsgi:application"],
        cwd=HERE,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us: we stop it
    )
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, 9)
            server.wait()


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < until:
        connection = http.client.HTTPConnection(ADDRESS, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("the server does not answer")


class Client:
    """Somebody who is signed in, on one connection that stays open: no browser in the way."""

    def __init__(self, site: Site, cookies: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection(ADDRESS, site.port, timeout=PATIENCE)
        self._cookies = dict(cookies)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str, *, encoding: str = "identity") -> tuple[float, bytes]:
        """How many seconds the answer took, whole, and its body as it came over the wire."""
        return self._timed("GET", path, headers={"Accept-Encoding": encoding})

    def post(self, path: str, fields: Mapping[str, object]) -> tuple[float, bytes]:
        """The same for a form, sent as htmx sends it; `get` a page with a form first."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "X-CSRFToken": self._cookies["newsroom_csrf"],
        }
        return self._timed("POST", path, urlencode(fields).encode(), headers)

    def _timed(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[float, bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        begun = time.perf_counter()
        self._connection.request(method, path, body, {"Cookie": cookies, **headers})
        answer = self._connection.getresponse()
        content = answer.read()
        took = time.perf_counter() - begun
        for header in answer.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: each.value for name, each in SimpleCookie(header).items()}
        if answer.status != 200:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {content[:300]!r}")
        return took, content
