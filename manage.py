#!/usr/bin/env python
"""Haven's command line. Honours HAVEN_HOME, the folder that holds everything that is not code."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from casemgmt.crypto.errors import KeystoreUnavailable

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgmt.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, KeystoreUnavailable) as problem:
        sys.exit(f"{problem}")
