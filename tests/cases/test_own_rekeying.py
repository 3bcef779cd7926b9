"""New keys for a person: drafts, imports, second factors, PIN and kept forms open before, during and after."""

import threading
import uuid
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection, connections

from audit import clock, rekeying
from audit.models import Event
from casemgmt.access.errors import Hidden
from casemgmt.accounts import held, own_secrets
from casemgmt.accounts.actions.sessions import change_pin
from casemgmt.accounts.adapters import kind_of
from casemgmt.accounts.models import HeldForm, UnlockPin
from casemgmt.crypto import keyring
from casemgmt.crypto import rekeying as vault
from casemgmt.crypto.errors import BadToken, DecryptionRefused
from casemgmt.crypto.models import CaseKey
from casemgmt.crypto.tokens import epoch_of_token, open_token, seal_token
from cases import renewing
from cases.actions import own_rekeying as actions
from cases.actions.drafts import save_draft
from cases.drafts import kept_draft
from cases.models import Draft
from cases.opening import open_own
from tests.accounts.signing_in import give_app
from tests.audit.whole import verified
from tests.cases.htcds import sheets
from tests.cases.test_import_actions import bring


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(vault.Renewal, "wait_for_writers", lambda renewal: None)


@pytest.fixture
def amina(cast):
    """Amina with everything that is sealed for her alone."""
    person = cast.amina
    for number in range(3):
        save_draft(
            actor=person, now=clock.now(), kind="note", about_uid=uuid.UUID(int=number), fields={"b": [f"w{number}"]}
        )
    bring(person, cast.team_of("amina"), sheets.people(2))
    person.totp = give_app(person)
    seed = "5" * 80
    codes = {"seed": f"recovery_codes:{seal_token(person.uid, 'recovery_codes', seed)}", "used_mask": 0}
    Authenticator.objects.create(user=person, type=Authenticator.Type.RECOVERY_CODES, data=codes)
    change_pin(actor=person, now=clock.now(), pin="271828")
    sealed = seal_token(person.uid, held.PURPOSE, {"path": "/cases/x/", "fields": [["body", "late"]]})
    HeldForm.objects.create(user=person, sealed=sealed, held_at=clock.now())
    return person


def everything(person) -> tuple[list[Any], set[int]]:
    """All that is sealed for her, opened, and the epochs it is under."""
    keyring.begin_request()
    values, epochs = [], set()
    with open_own(person):
        for model in actions.own_models():
            for row in rekeying.rows_of(model, person.uid):
                for field, bound, raw in rekeying.ciphertexts_in(row):
                    epochs.add(int.from_bytes(raw.raw[1:3], "big"))
                    values.append((row._meta.label, row.pk, field.attname, repr(getattr(row, field.attname))))
                    assert bound.case_uid == person.uid
    for secret in own_secrets.secrets_of(person):
        epochs.add(epoch_of_token(person.uid, secret.purpose, secret.text))
        values.append((secret.name, open_token(person.uid, secret.purpose, secret.text)))
    return values, epochs


def epochs_kept(person):
    return set(CaseKey.objects.filter(case_uid=person.uid).values_list("epoch", flat=True))


def renew(person, **options):
    return actions.renew_own_keys(owner_uid=person.uid, wait=0, **options)


def test_everything_is_under_the_new_key(amina):
    values, epochs = everything(amina)
    kinds = {value[0].split()[0] for value in values}
    assert {"cases.Draft", "cases.ImportBatch", "cases.ImportRow", "pin", "held", "factor"} <= kinds and epochs == {1}
    result = renew(amina)
    assert result.is_done and result.keys_deleted == 1 and result.values >= len(values) and not result.damaged
    assert everything(amina) == (values, {2}) and epochs_kept(amina) == {2}
    assert renew(amina).is_done and everything(amina) == (values, {3})


def test_the_second_factor_and_the_pin_still_work(amina):
    renew(amina)
    factor = Authenticator.objects.get(user=amina, type=Authenticator.Type.TOTP)
    kind, _colon, token = factor.data["secret"].partition(":")
    assert open_token(amina.uid, kind, token) == amina.totp and kind_of(amina.totp) == "totp"
    assert len(open_token(amina.uid, "pin", UnlockPin.objects.get(user=amina).sealed_digest)) > 20
    with open_own(amina):
        assert kept_draft(amina, "note", uuid.UUID(int=1)).fields == {"b": ["w1"]}


def test_what_a_backup_holds_does_not_open_any_more(amina):
    draft = Draft._base_manager.filter(owner=amina).first()
    raw, token = bytes(draft.__dict__["body"].raw), HeldForm.objects.get().sealed
    renew(amina)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_draft SET body = %s WHERE id = %s", [raw, draft.pk])
    old = Draft._base_manager.get(pk=draft.pk)
    with open_own(amina), pytest.raises(DecryptionRefused):
        str(old.body)
    with pytest.raises(BadToken):
        open_token(amina.uid, held.PURPOSE, token)


def test_the_ledger_is_whole_and_says_what_was_done(amina):
    renew(amina)
    assert verified().problems == []
    told = Event.objects.filter(verb="KEY_ROTATED", subject_uid=amina.uid).order_by("pk")
    states = [event.detail.content["codes"]["status"] for event in told]
    assert states[0] == "BEGUN" and states[-1] == "DONE" and "RUNNING" in states


@pytest.mark.parametrize("step", ["reseal_own_records", "reseal_own_secrets", "finish_own_renewal"])
@pytest.mark.parametrize("after", [False, True])
def test_interrupted_at_any_step_it_opens_and_goes_on(amina, monkeypatch, step, after):
    values, _epochs = everything(amina)
    real = getattr(actions, step)

    def killed(**arguments):
        if after:
            real(**arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, step, killed)
    with pytest.raises(KeyboardInterrupt):
        renew(amina)
    assert everything(amina)[0] == values
    monkeypatch.setattr(actions, step, real)
    assert renew(amina).is_done
    values_now, epochs = everything(amina)
    assert values_now == values and len(epochs) == 1 and epochs == epochs_kept(amina)
    assert verified().problems == []


def test_what_she_writes_in_the_middle_is_kept(amina, monkeypatch):
    real, done = actions.reseal_own_records, []

    def step(**arguments):
        if not done:
            done.append(True)
            save_draft(actor=amina, now=clock.now(), kind="note", about_uid=uuid.UUID(int=1), fields={"b": ["newer"]})
            change_pin(actor=amina, now=clock.now(), pin="314159")
        return real(**arguments)

    monkeypatch.setattr(actions, "reseal_own_records", step)
    assert renew(amina).is_done
    with open_own(amina):
        assert kept_draft(amina, "note", uuid.UUID(int=1)).fields == {"b": ["newer"]}
    assert everything(amina)[1] == {2}


def test_what_is_written_under_the_old_key_before_the_last_look_is_seen(amina, monkeypatch):
    """A slow writer comes with a ciphertext of the old key after everything was resealed."""
    real, done = actions.finish_own_renewal, []
    old = HeldForm.objects.get().sealed

    def late(**arguments):
        if not done:
            done.append(True)
            HeldForm.objects.create(user=amina, sealed=old, held_at=clock.now())
        return real(**arguments)

    monkeypatch.setattr(actions, "finish_own_renewal", late)
    assert renew(amina).is_done
    assert everything(amina)[1] == {2} and HeldForm.objects.count() == 2


def test_a_newer_secret_is_not_overwritten(amina):
    """Compare and set: she set another PIN after the old one was read."""
    stale = next(secret for secret in own_secrets.secrets_of(amina) if secret.name == "pin")
    change_pin(actor=amina, now=clock.now(), pin="314159")
    now = UnlockPin.objects.get(user=amina).sealed_digest
    assert stale.put("something else") == 0 and UnlockPin.objects.get(user=amina).sealed_digest == now
    factor = next(secret for secret in own_secrets.secrets_of(amina) if secret.purpose == "totp")
    assert factor.put("x") == 1 and factor.put("y") == 0


def test_what_does_not_open_keeps_the_old_key_until_it_is_given_up(amina):
    draft = Draft._base_manager.filter(owner=amina).first()
    raw = bytearray(draft.__dict__["body"].raw)
    raw[-1] ^= 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_draft SET body = %s WHERE id = %s", [bytes(raw), draft.pk])
    pin = UnlockPin.objects.get(user=amina).sealed_digest
    UnlockPin.objects.filter(user=amina).update(sealed_digest=pin[:-3] + ("AAA" if pin[-3:] != "AAA" else "BBB"))
    result = renew(amina)
    assert not result.is_done and result.damaged == {f"draft.body {draft.uid}", f"token.pin {amina.uid}"}
    assert epochs_kept(amina) == {1, 2}
    assert Event.objects.filter(verb="DECRYPTION_REFUSED").count() == 2
    assert renew(amina, damaged_too=True).is_done and epochs_kept(amina) == {2}


def test_others_keep_theirs(amina, cast):
    save_draft(actor=cast.bea, now=clock.now(), kind="note", about_uid=uuid.UUID(int=9), fields={"b": ["hers"]})
    renew(amina)
    assert everything(cast.bea)[1] == {1} and epochs_kept(cast.bea) == {1}


def test_one_at_a_time(amina, cast):
    """Another process is at it: on PostgreSQL for the same person, on SQLite for anybody."""
    started, end, said = threading.Event(), threading.Event(), []

    def other():
        with renewing.alone_with(amina.uid):
            started.set()
            end.wait(10)
        connections.close_all()

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert started.wait(10)
        with pytest.raises(vault.RenewalUnderWay):
            renew(amina)
        said.append(epochs_kept(amina))
    finally:
        end.set()
        thread.join(10)
    assert said == [{1}] and renew(amina).is_done


def test_nobody_of_this_uid_and_nobody_with_a_key(cast):
    with pytest.raises(Hidden):
        actions.renew_own_keys(owner_uid=uuid.uuid4(), wait=0)
    organisation = cast.amina.organisation
    with pytest.raises(vault.RenewalRefused):
        actions.renew_own_keys(owner_uid=organisation.uid, wait=0)
    keyring.ensure_own_keys(organisation.uid)
    assert actions.renew_own_keys(owner_uid=organisation.uid, wait=0).epochs == {"CORE": 2}


# ---- the command ----


def command(*arguments):
    out = StringIO()
    call_command("keys", "renew", *arguments, "--wait", "0", "--reason", "A test", stdout=out, stderr=StringIO())
    return out.getvalue()


def test_by_command(amina):
    values = everything(amina)[0]
    assert "values and 0 documents; " in command("--person", amina.email.upper())
    assert "; 1 old key is deleted." in command("--owner", str(amina.uid))
    assert everything(amina) == (values, {3})
    assert Event.objects.filter(verb="KEY_ROTATED").latest("pk").detail.content["context_reason"] == "A test"


def test_the_command_says_what_does_not_go(amina):
    for arguments, words in (
        (["--person", "nobody@example.org"], "no such person"),
        (["--owner", str(uuid.uuid4())], "no such person"),
        (["--person", amina.email, "--class", "CORE"], "--class goes with a case"),
        (["--person", amina.email, "--number", "HV-0000-0000"], "not allowed with"),
    ):
        with pytest.raises(CommandError, match=words):
            command(*arguments)
    assert epochs_kept(amina) == {1}


def test_every_table_of_own_things_is_known():
    """A new model whose rows belong to no case is renewed by itself; a new kind of kept secret must be named."""
    labels = {
        model._meta.label
        for model in actions.own_models()
        if model._meta.app_label in ("cases", "services", "accounts")
    }
    assert labels == {
        "cases.Contact", "cases.Declaration", "cases.Draft", "cases.HouseContact",
        "cases.ImportBatch", "cases.ImportRow", "cases.Inquiry",
        "cases.KnownQuestion", "cases.Proceeding", "cases.SavedView", "cases.SharedMapping", "cases.TextTemplate",
    }  # fmt: skip
