"""Run every test: on SQLite, on PostgreSQL, in Chromium. `make test` calls this.

PG=skip and BROWSER=skip in the environment leave a part out; arguments go to pytest. The two
databases are tested side by side. Every part runs, whatever another said, and the exit code is
the worst of all.
"""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from contextlib import ExitStack, contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
CACHE = HERE / "var/cache/tests"
ARGUMENTS = sys.argv[1:]
NOTHING_CHOSEN = 5  # pytest's exit code


class Missing(Exception):
    """What a part needs is not on this machine; the text says what to do."""


def title(text):
    print(f"\n{'=' * 8} {text} {'=' * 8}\n", flush=True)


class Pytest:
    """One run of pytest, in full sight, or written down while another one is in sight."""

    def __init__(self, part, marks, *, coverage, hidden=False, **environment):
        self.part, self.report = part, CACHE / f"{part}.xml"
        measured = ["-m", "coverage", "run", f"--data-file={CACHE / part}.coverage"]
        command = [sys.executable, *(measured if coverage else []), "-m", "pytest", "-m", marks]
        inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        self.log = (CACHE / f"{part}.log").open("w+") if hidden else None
        self.child = subprocess.Popen(
            [*command, f"--junitxml={self.report}", *ARGUMENTS],
            cwd=HERE,
            env=inherited | environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log and subprocess.STDOUT,
        )

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is KeyboardInterrupt:  # pytest heard Ctrl-C too: let it tidy up
            self.child.wait()
        elif self.child.poll() is None:  # a signal that only we heard
            self.child.terminate()
            self.child.wait()

    def ends(self):
        """What it counted, in words, and its exit code."""
        code = self.child.wait()
        if self.log:
            self.log.seek(0)
            shutil.copyfileobj(self.log, sys.stdout)
            self.log.close()
        if code == NOTHING_CHOSEN and ARGUMENTS:
            return "no test chosen", 0
        return counts(self.report) or f"pytest broke off with {code}", code


def counts(report):
    if not report.exists():
        return ""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    words = {"failures": "failed", "errors": "errors", "skipped": "skipped"}
    number = {word: int(suite.get(key)) for key, word in words.items()}
    passed = int(suite.get("tests")) - sum(number.values())
    return ", ".join(
        [f"{passed} passed", *(f"{count} {word}" for word, count in number.items() if count)]
    )


def found(look, name, *packages):
    """What `look()` finds, after installing Debian's packages where we are root."""
    wanted = " ".join(packages)
    if not look() and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"{name} is missing; installing {wanted} by apt.", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        with no_cluster_of_its_own():
            for order in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
                command = ["apt-get", "-qq", *order]
                subprocess.run(command, env=environment, stdin=subprocess.DEVNULL)
    if result := look():
        return result
    raise Missing(f"{name} is missing: install it (Debian: apt install {wanted})")


@contextmanager
def no_cluster_of_its_own():
    """Debian's PostgreSQL makes and starts a database on installation; the tests need none."""
    folder = Path("/etc/postgresql-common/createcluster.d")
    setting = folder / "newsroom-tests.conf"
    folder.mkdir(parents=True, exist_ok=True)
    setting.write_text("create_main_cluster = false\n")
    try:
        yield
    finally:
        setting.unlink()


def postgresql_programs():
    """The folder of the newest server: Debian's are not on the PATH."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: float(folder.parent.name))
    initdb = shutil.which("initdb")
    return initdb and Path(initdb).resolve().parent


@contextmanager
def postgresql(programs):
    """A server of our own, reached by a socket in its folder; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="newsroom-pg-", dir="/tmp"))  # a socket's path is short
    server = None
    try:
        with open(folder / "log", "w") as log:
            run = {"cwd": folder, "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
            if os.geteuid() == 0:  # the server refuses to be root
                shutil.chown(folder, "postgres")
                run |= {"user": "postgres", "group": "postgres", "extra_groups": []}
            initdb = [programs / "initdb", "-D", "data", "-U", "newsroom", "-A", "trust"]
            made = subprocess.run([*initdb, "-E", "UTF8", "--locale=C.UTF-8", "-N"], **run)
            if made.returncode == 0:
                server = started(programs, folder, run)
        if not server or server.poll() is not None:
            raise Missing("PostgreSQL does not start:\n" + (folder / "log").read_text())
        yield f"postgresql://newsroom@/newsroom?host={folder}"
    except LookupError as error:
        raise Missing(f"PostgreSQL refuses to run as root: {error}") from error
    finally:
        if server:
            stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def started(programs, folder, run):
    """The server, when it listens or has given up. A power cut may take what it holds."""
    settings = ["listen_addresses=", f"unix_socket_directories={folder}"]
    settings += ["fsync=off", "full_page_writes=off", "synchronous_commit=off"]
    server = subprocess.Popen(
        [programs / "postgres", "-D", "data", *(f"--{setting}" for setting in settings)],
        start_new_session=True,  # Ctrl-C is for us: we stop it when its clients are gone
        **run,
    )
    ready = [programs / "pg_isready", "-q", "-h", folder]
    while server.poll() is None and subprocess.run(ready).returncode != 0:
        time.sleep(0.1)
    return server


def stop(server):
    for wish in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # at once; without care; by force
        server.send_signal(wish)
        try:
            server.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            continue


def chromium():
    """Where the browser is. tests/browser/conftest.py starts the same."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def version(program):
    line = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return re.search(r"\d+(\.\d+)+", line)[0]


def on_both():
    """On SQLite in sight; on PostgreSQL meanwhile, and shown when that is done."""
    sqlite = f"SQLite {sqlite3.sqlite_version}"
    ends = []
    with ExitStack() as stack:
        other = None
        if os.environ.get("PG") == "skip":
            ends.append(("PostgreSQL: skipped, as PG=skip asks", 0))
        else:
            try:
                programs = found(postgresql_programs, "PostgreSQL", "postgresql")
                name = f"PostgreSQL {version(programs / 'postgres')}"
                url = stack.enter_context(postgresql(programs))
                run = Pytest(
                    "postgresql", "not browser", coverage=True, hidden=True, DATABASE_URL=url
                )
                other = stack.enter_context(run)
            except Missing as error:
                ends.append((str(error), 1))
        title(f"1 of 3: on {sqlite}" + (f", and meanwhile on {name}" if other else ""))
        with Pytest("sqlite", "not browser", coverage=True) as run:
            words, code = run.ends()
        ends.insert(0, (f"{sqlite}: {words}", code))
        if other:
            title(f"2 of 3: on {name}")
            words, code = other.ends()
            ends.append((f"{name}: {words}", code))
    return ends


def in_chromium():
    if os.environ.get("BROWSER") == "skip":
        return [("Chromium: skipped, as BROWSER=skip asks", 0)]
    title("3 of 3: in Chromium")
    program = found(chromium, "Chromium", "chromium", "libatomic1")  # Playwright's Node needs that
    name = f"Chromium {version(program)}"
    with Pytest("chromium", "browser", coverage=False) as run:
        words, code = run.ends()
    return [(f"{name}: {words}", code)]


def coverage_of_both():
    """Judged when every test ran on both databases; each has lines that only it reaches."""
    data = [CACHE / "sqlite.coverage", CACHE / "postgresql.coverage"]
    if ARGUMENTS or not all(path.exists() for path in data):
        return [("Coverage: not judged, for not every test ran on both databases", 0)]
    title("Branch coverage, both databases together")
    together = f"--data-file={CACHE / 'both.coverage'}"
    call = [sys.executable, "-m", "coverage"]
    subprocess.run([*call, "combine", "-q", "--keep", together, *data], cwd=HERE, check=True)
    words, worst = [], 0
    for part, least, files in (
        ("everything", 90, "*"),
        ("domain and actions", 100, "annotations/domain/*,annotations/actions/*"),
    ):
        print(f"\n{part}:", flush=True)
        report = [*call, "report", together, f"--fail-under={least}", f"--include={files}"]
        code = subprocess.run(report, cwd=HERE).returncode
        words.append(f"{part} {'below' if code else 'at least'} {least} %")
        worst = max(worst, code)
    return [("Coverage: " + ", ".join(words), worst)]


def main():
    shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True)
    ends = []
    for part in (on_both, in_chromium, coverage_of_both):
        try:
            ends += part()
        except Missing as error:
            ends.append((str(error), 1))
    title("What ran")
    for words, code in ends:
        print(words + (" (FAILED)" if code else ""))
    return max(abs(code) for _, code in ends)  # below zero: ended by a signal


if __name__ == "__main__":
    for wish in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(wish, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
