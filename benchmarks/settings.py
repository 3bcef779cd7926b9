"""Settings of the benchmarks: those of the tests, and the peers that Haven is measured against."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS, MIGRATION_MODULES

INSTALLED_APPS = [*INSTALLED_APPS, "auditlog", "benchmarks.peers"]
MIGRATION_MODULES = {**MIGRATION_MODULES, "auditlog": None}
#: What django-fernet-encrypted-fields mixes into its key.
SALT_KEY = "a salt for measuring"
