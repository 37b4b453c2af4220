"""The project's settings, made quick and harmless for tests.

Nothing of the developer's is read or written: settings that stand in the environment are
dropped (save DATABASE_URL, which names the server to test on) and var/ is a folder that goes
when the tests end. A process that a test starts inherits that folder, or is given its own.
"""

import atexit
import os
import shutil
import tempfile

if "NEWSROOM_TESTS" not in os.environ:
    for name in list(os.environ):
        if name.startswith("NEWSROOM_") or name in ("SECRET_KEY", "TIME_ZONE"):
            del os.environ[name]
    folder = tempfile.mkdtemp(prefix="newsroom-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ |= {"NEWSROOM_TESTS": "yes", "NEWSROOM_VAR": folder}

from newsroom.settings import *  # noqa: F403
from newsroom.settings import DATABASES, STATIC_ROOT, STORAGES, VAR_DIR

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file: a database in memory has one connection, and races need two.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Plain names: no collectstatic before the tests. WhiteNoise warns where the folder is missing.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir(exist_ok=True)
