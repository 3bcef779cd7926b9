"""``manage.py verify_certificate``: is a certificate of erasure by this vault, and unchanged?"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casemgmt.crypto import certificates
from casemgmt.crypto.errors import KeystoreUnavailable


class Command(BaseCommand):
    """Check a certificate with a public key; without one, with this vault's own. Asks no database if a key is given."""

    help = "Check the signature of a certificate of erasure, or print the public key by which anybody can."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="The certificate, a JSON file.")
        parser.add_argument(
            "--key", default="", help="The public key in hex, as it was published. Then no vault is needed."
        )
        parser.add_argument("--print-key", action="store_true", help="Print the public key of this vault.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["print_key"]:
            self.stdout.write(self._own_key())
            return
        if not options["file"]:
            raise CommandError("Name the file of the certificate.")
        try:
            certificate = json.loads(Path(options["file"]).read_text(encoding="utf-8"))
        except OSError:
            raise CommandError("This file cannot be read.") from None
        except ValueError:
            raise CommandError("This file is no certificate.") from None
        try:
            body = certificates.verify(certificate, options["key"].strip().lower() or self._own_key())
        except certificates.BadCertificate as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(body, indent=2, sort_keys=True, ensure_ascii=False))
        self.stdout.write("The signature fits: the certificate is by this key, and unchanged.")

    @staticmethod
    def _own_key() -> str:
        try:
            return certificates.public_key()
        except KeystoreUnavailable as error:
            raise CommandError(str(error)) from None
