"""The kinds of providers of a root key as the conformance suite needs them."""

import os

from casemgmt.crypto.providers import asking, keyfile, local, sheets
from casemgmt.crypto.providers.local import LocalFile
from casemgmt.crypto.providers.root import RootKey
from casemgmt.crypto.providers.shares import PaperShares
from casemgmt.crypto.providers.token import Token
from tests import softhsm

PASSPHRASE = "seven green doors behind the mill"


class Keeper:
    """A kind of provider as the suite needs it: ``fresh()`` is a new process with the same root key, ``other()`` another."""

    def __init__(self, settings, tmp_path):
        self.settings, self.tmp_path = settings, tmp_path
        self.secrets: list[bytes] = []
        self.made = []

    def break_it(self):
        """Take away what it needs, as a pulled plug does; and make this process forget what it holds."""
        raise NotImplementedError


class Plain(Keeper):
    def fresh(self):
        if not local.exists():
            local.create()
        self.secrets = [keyfile.read(self.settings.ROOT_KEY_FILE).open().reveal()]
        return LocalFile()

    def other(self):
        self.settings.ROOT_KEY_FILE = self.tmp_path / "other" / "root.key"
        return self.fresh()

    def break_it(self, provider):
        self.settings.ROOT_KEY_FILE.unlink()
        provider.lock()


class Sealed(Plain):
    def fresh(self):
        asking.ask_with(lambda question: PASSPHRASE)
        if not local.exists():
            local.create(passphrase=PASSPHRASE)
        self.secrets = [keyfile.read(self.settings.ROOT_KEY_FILE).open(PASSPHRASE).reveal(), PASSPHRASE.encode()]
        return LocalFile()


class Paper(Keeper):
    def __init__(self, *args):
        super().__init__(*args)
        self.root = RootKey.new()

    def fresh(self):
        made = sheets.split(self.root)
        self.secrets = [self.root.reveal(), *(" ".join(sheet.words[4:8]).encode() for sheet in made)]
        asking.ask_with(lambda question: " ".join(made[question.number].words))
        return PaperShares()

    def other(self):
        self.root = RootKey.new()
        return self.fresh()

    def break_it(self, provider):
        asking.ask_with(None)
        provider.lock()


class InToken(Keeper):
    def __init__(self, settings, tmp_path):
        super().__init__(settings, tmp_path)
        settings.PKCS11_MODULE = softhsm.module()
        settings.PKCS11_TOKEN = softhsm.TOKEN
        settings.PKCS11_KEY_LABEL = f"root-{os.urandom(4).hex()}"
        self.secrets = [softhsm.PIN.encode()]

    def fresh(self):
        asking.ask_with(lambda question: softhsm.PIN)
        provider = Token()
        self.made.append(provider)
        if "current" not in provider.marks():
            provider.create()
        return provider

    def other(self):
        self.settings.PKCS11_KEY_LABEL += "-other"
        return self.fresh()

    def break_it(self, provider):
        provider.hang_up()
        self.settings.PKCS11_TOKEN = "not plugged in"
