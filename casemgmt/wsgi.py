"""The WSGI entry. The demo opens only when ``manage.py serve`` started it, for that checks the address it binds."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casemgmt.settings")
if settings.HAVEN_DEMO and not os.environ.get("HAVEN_SERVED"):
    raise ImproperlyConfigured("The demo is started by `make run` or `manage.py serve`, never by another server.")
application = get_wsgi_application()
