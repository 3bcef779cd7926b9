"""Settings, and a few errands, for processes of their own that rotate keys at the same time: in a home of their own.

``HAVEN_TEST_HOME`` names the home; on PostgreSQL ``OWN_DATABASES`` is the prefix of its two databases.
"""

import os
import sys

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

if "OWN_DATABASES" in os.environ:
    DATABASES["default"]["NAME"] = os.environ["OWN_DATABASES"]
    DATABASES["keystore"]["NAME"] = f"{os.environ['OWN_DATABASES']}_keys"


def prepare() -> None:
    """Tables, the cast, and a case with versions and two documents; prints its uid."""
    from django.core.management import call_command

    from audit import clock
    from audit.context import audit_context
    from cases.actions import survivor
    from tests import make
    from tests.cast import Cast

    for alias in ("keystore", "default"):
        call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
    Cast.make()
    cast = Cast()
    with audit_context("test", "a home of its own"):
        case = make.case(cast.amina, cast.team_of("amina"))
        for name in ("Zora", "Zuleika", "Zora", "Zenobia"):
            survivor.change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names={"first_name": name})
        for letter in (b"A", b"B"):
            make.document(case, cast.amina, letter * 300_000)
    print(case.uid)


def many_keys(number: str) -> None:
    """So many more cases have keys."""
    import uuid

    from casemgmt.crypto import keyring

    keyring.create_keys_of_cases([uuid.uuid4() for _ in range(int(number))])


def fill_own() -> None:
    """Amina has drafts, a PIN and kept forms; prints her address."""
    import uuid

    from audit import clock
    from audit.context import audit_context
    from casemgmt.accounts import held
    from casemgmt.accounts.actions.sessions import change_pin
    from casemgmt.accounts.models import HeldForm
    from casemgmt.crypto.tokens import seal_token
    from cases.actions.drafts import MAX_DRAFTS, save_draft
    from tests.accounts.signing_in import give_app
    from tests.cast import Cast

    amina = Cast().amina
    with audit_context("test", "a home of its own"):
        for number in range(MAX_DRAFTS):
            about = uuid.UUID(int=number)
            save_draft(actor=amina, now=clock.now(), kind="note", about_uid=about, fields={"b": [f"w{number}"]})
        change_pin(actor=amina, now=clock.now(), pin="271828")
        give_app(amina)
        for number in range(held.MAX_FORMS):
            sealed = seal_token(amina.uid, held.PURPOSE, {"path": "/x/", "fields": [["body", f"late {number}"]]})
            HeldForm.objects.create(user=amina, sealed=sealed, held_at=clock.now())
    print(amina.email)


def read_own() -> None:
    """Open everything that is sealed for Amina alone, and print it and the epochs it is under."""
    from audit import rekeying
    from casemgmt.accounts import own_secrets
    from casemgmt.crypto.tokens import epoch_of_token, open_token
    from cases.actions.own_rekeying import own_models
    from cases.opening import open_own
    from tests.cast import Cast

    amina = Cast().amina
    found, epochs = [], set()
    with open_own(amina):
        for model in own_models():
            for row in rekeying.rows_of(model, amina.uid):
                for field, _bound, raw in rekeying.ciphertexts_in(row):
                    epochs.add(int.from_bytes(raw.raw[1:3], "big"))
                    found.append((row._meta.label, row.pk, field.attname, repr(getattr(row, field.attname))))
    for secret in own_secrets.secrets_of(amina):
        epochs.add(epoch_of_token(amina.uid, secret.purpose, secret.text))
        found.append((secret.name, "", "", open_token(amina.uid, secret.purpose, secret.text)))
    print("\n".join(map(repr, sorted(found))))
    print("epochs", *sorted(epochs))


def read_all(case: str) -> None:
    """Open every value, version and file of the case, and print a digest of them all and the epochs they are under."""
    import hashlib
    import uuid

    from audit import rekeying
    from casemgmt.crypto import envelope
    from casemgmt.crypto.gate import open_gate
    from casemgmt.crypto.sealing import sealed_fields_of
    from cases import access, files
    from cases.models import Document

    class Gate:
        def admit(self, *place, **named):
            """Everybody."""

    found, epochs = [], set()
    case_uid = uuid.UUID(case)
    with open_gate(Gate()):
        for model in rekeying.sealed_models():
            for row in rekeying.rows_of(model, case_uid):
                for field in sealed_fields_of(type(row)):
                    raw = row.__dict__[field.attname]
                    if raw is not None:
                        epochs.add(envelope.epoch_of(raw, field.fid, row.uid))
                        found.append((row._meta.label, row.pk, field.attname, repr(getattr(row, field.attname))))
    # Versions that a switch of files wrote are not there before: only what was there at first is compared.
    kept = sorted(line for line in found if "storage" not in line)
    for document in access.for_the_house(Document).filter(case_uid=case_uid).order_by("pk"):
        content = b"".join(files.open_pieces(document))
        kept.append(("content", document.pk, "", hashlib.sha256(content).hexdigest()))
    print("\n".join(map(repr, kept)))
    print("epochs", *sorted(epochs))


def seal_for(seconds: str, case: str) -> None:
    """Seal, open and key new cases without pause, and print which KEKs wrapped what was made."""
    import time
    import uuid

    from casemgmt.crypto import keyring
    from casemgmt.crypto.models import CaseKey
    from cases.models import Survivor

    field = Survivor._meta.get_field("first_name")

    class Gate:
        def admit(self, *place, **named):
            """Everybody."""

    from casemgmt.crypto.gate import open_gate

    deadline, rounds, made = time.monotonic() + float(seconds), 0, []
    print("began", flush=True)
    while time.monotonic() < deadline:
        keyring.begin_request()
        made.append(uuid.uuid4())
        keyring.create_case_keys(made[-1], ["CORE"])
        row = Survivor(case_uid=uuid.UUID(case), first_name=f"n{rounds}")
        sealed = field.seal(row, f"n{rounds}")
        with open_gate(Gate()):
            assert field.open_through_gate(row, sealed) == f"n{rounds}"
        for uid in made[:: max(1, len(made) // 5)]:
            keyring.forget()
            keyring.sealing_cipher(uid, "CARD")
        rounds += 1
        time.sleep(0.01)
    print(
        "rounds", rounds, "keks", *sorted(set(CaseKey.objects.filter(case_uid__in=made).values_list("kek", flat=True)))
    )


def follow(case: str) -> None:
    """Answer lines: ``look`` begins a request and says which KEKs are in memory, and reads a value."""
    import uuid

    from casemgmt.crypto import keks, keyring

    for line in sys.stdin:
        if line.strip() == "look":
            keyring.begin_request()
            held = sorted(keks._ciphers)
            keyring.sealing_cipher(uuid.UUID(case), "CARD")
            print("held", *held, "primary", keks.primary()[0], "now", *sorted(keks._ciphers), flush=True)
        else:
            break


if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.crypto.own_home"
    django.setup()
    globals()[sys.argv[1]](*sys.argv[2:])
