"""Settings of the tests: those of the product, in a throwaway home, on the engine that HAVEN_TEST_ENGINE names."""

import atexit
import os
import shutil
import tempfile

ENGINE = os.environ.get("HAVEN_TEST_ENGINE", "sqlite")
if "HAVEN_TEST_HOME" not in os.environ:
    _home = tempfile.mkdtemp(prefix="haven-test-")
    os.environ["HAVEN_TEST_HOME"] = _home
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
# Each process of a run in parallel has a home of its own: there is one renewal of keys at a time in a home.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ["HAVEN_HOME"] = (
    os.path.join(os.environ["HAVEN_TEST_HOME"], _worker) if _worker else os.environ["HAVEN_TEST_HOME"]
)
os.makedirs(os.environ["HAVEN_HOME"], mode=0o700, exist_ok=True)
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
for _folder in ("keys", "files", "tmp"):
    os.makedirs(os.path.join(os.environ["HAVEN_HOME"], _folder), mode=0o700, exist_ok=True)
if ENGINE == "postgresql":
    from tests.postgres import throwaway_cluster

    _address = throwaway_cluster()
    os.environ["DATABASE_URL"] = f"{_address}/haven"
    os.environ["KEYSTORE_URL"] = f"{_address}/keystore"
else:
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("KEYSTORE_URL", None)

from casemgmt.settings import *  # noqa: E402, F403
from casemgmt.settings import DATABASES, INSTALLED_APPS, STORAGES  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "tests.crypto.vaulted", "tests.audit.kept"]
# Unit tests build their tables from the models; the migrations themselves are run by every real server that the
# tests of operations and the journeys start, and `makemigrations --check` compares the two.
# All apps, because on PostgreSQL a table without migrations cannot point to one that is still to be migrated.
# Only django_tasks_db, whose label is another, keeps its own: so there is a table of migrations, as in life.
MIGRATION_MODULES = (
    {} if "HAVEN_MAKE_MIGRATIONS" in os.environ else {name.rpartition(".")[2]: None for name in INSTALLED_APPS}
)
HAVEN_MAY_BACKDATE = True
ADDRESS_KEPT_DAYS = 0  # one more row on the first page of a day would be a query that comes and goes
HAVEN_CONFIGURED_SECONDS = 10**9  # read where a test changed something; otherwise a query that comes and goes
ROOT_KEY_AUTOCREATE = True
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
for _database in DATABASES.values():
    _database["CONN_MAX_AGE"] = 0
