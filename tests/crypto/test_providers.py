"""One suite for whatever holds the root key; each provider must pass it: file, sealed file, paper, and a real token."""

import copy
import os
import pickle
import subprocess
import sys
import threading
import time

import pytest

from casemgmt.crypto import providers
from casemgmt.crypto.errors import KeystoreUnavailable, RootKeyUnavailable, WrongSecret
from casemgmt.crypto.providers import asking, keyfile
from casemgmt.crypto.providers.local import LocalFile
from casemgmt.crypto.providers.punctual import Punctual
from casemgmt.crypto.providers.root import RootKey, mark_of
from casemgmt.crypto.providers.shares import PaperShares
from casemgmt.crypto.providers.token import Token
from tests import softhsm
from tests.crypto.keepers import PASSPHRASE, InToken, Paper, Plain, Sealed

pytestmark = pytest.mark.once

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def cheap_argon(monkeypatch):
    """The least that a file may ask for: these tests open dozens of them."""
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 64 * 1024)
    monkeypatch.setattr(keyfile, "PASSES", 1)


@pytest.fixture(autouse=True)
def asked():
    """What people are asked, and who answers: nobody, unless a test says so."""
    before = list(asking._askers)
    asking.ask_with(None)
    providers.use(None)
    yield
    asking._askers[:] = before
    providers.use(None)


@pytest.fixture
def root_key_file(settings, tmp_path):
    settings.ROOT_KEY_FILE = tmp_path / "keys" / "root.key"
    return settings.ROOT_KEY_FILE


@pytest.fixture(scope="module")
def token_folder(tmp_path_factory):
    """One token for this process: the module reads where it lies when it is loaded."""
    environment = softhsm.make_token(tmp_path_factory.mktemp("softhsm"))
    os.environ.update(environment)
    yield
    del os.environ["SOFTHSM2_CONF"]


@pytest.fixture(params=[Plain, Sealed, Paper, InToken], ids=["plain file", "sealed file", "paper", "token"])
def keeper(request, settings, tmp_path, root_key_file):
    if request.param is InToken:
        softhsm.module()
        request.getfixturevalue("token_folder")
    made = request.param(settings, tmp_path)
    yield made
    for one in made.made:
        one.lock()  # a token knows the process: while one session is open, any PIN would do


@pytest.fixture
def provider(keeper):
    provider = keeper.fresh()
    provider.open()
    yield provider
    provider.lock()


class TestConformance:
    """What each provider promises."""

    def test_wrap_and_unwrap(self, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        assert KEY not in wrapped
        assert provider.unwrap(wrapped, context=b"kek 1") == KEY
        assert isinstance(provider.unwrap(wrapped, context=b"kek 1"), bytearray)
        assert provider.wrap(KEY, context=b"kek 1") != wrapped

    def test_another_process_unwraps(self, keeper, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        again = keeper.fresh()
        assert again.unwrap(wrapped, context=b"kek 1") == KEY

    def test_what_is_handed_over_opens_without_a_question(self, keeper, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        child = type(provider)()
        child.take_over(provider.hand_over())
        asking.ask_with(None)
        assert child.unwrap(wrapped, context=b"kek 1") == KEY
        assert not child.must_ask()

    def test_the_context_is_part_of_it(self, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        with pytest.raises(RootKeyUnavailable):
            provider.unwrap(wrapped, context=b"kek 2")
        assert provider.unwrap(wrapped, context=b"kek 1") == KEY, "a refusal breaks nothing"

    def test_damage_is_refused(self, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        for position in range(len(wrapped)):
            damaged = bytearray(wrapped)
            damaged[position] ^= 1
            with pytest.raises(RootKeyUnavailable):
                provider.unwrap(bytes(damaged), context=b"kek 1")
        for cut in (0, 1, 5, 9, 12, 21, len(wrapped) - 1):
            with pytest.raises(RootKeyUnavailable):
                provider.unwrap(wrapped[:cut], context=b"kek 1")

    def test_another_root_key_is_refused(self, keeper, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        other = keeper.other()
        assert mark_of(other.wrap(KEY, context=b"kek 1")) != mark_of(wrapped)
        with pytest.raises(RootKeyUnavailable, match="another root key"):
            other.unwrap(wrapped, context=b"kek 1")

    def test_rewrap_keeps_the_key(self, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        again = provider.rewrap(wrapped, context=b"kek 1")
        assert again != wrapped
        assert provider.unwrap(again, context=b"kek 1") == KEY

    def test_nothing_it_says_is_secret(self, keeper, provider):
        provider.health()
        said = " ".join([provider.describe(), repr(provider), str(provider), repr(vars(provider))]).encode()
        for secret in keeper.secrets:
            assert secret not in said and secret.hex().encode() not in said
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError):
                copied(provider)

    def test_locked_it_asks_again(self, keeper, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        held = list(vars(provider).values())
        buffers = [one._signs for one in held if hasattr(one, "_signs")] + [
            root._key
            for one in held
            for root in (one.values() if isinstance(one, dict) else [one])
            if isinstance(root, RootKey)
        ]
        assert buffers or type(keeper) is Plain
        provider.lock()
        assert not any(map(any, buffers)), "the bytes are overwritten"
        assert provider.hand_over() == b""
        if type(keeper) is not Plain:
            asking.ask_with(None)
            with pytest.raises(RootKeyUnavailable):
                provider.unwrap(wrapped, context=b"kek 1")
        assert keeper.fresh().unwrap(wrapped, context=b"kek 1") == KEY

    def test_a_wrong_answer_is_refused(self, keeper, provider):
        if type(keeper) is Plain:
            assert not provider.must_ask(), "there is nobody to ask"
            return
        provider.lock()
        given = []
        asking.ask_with(lambda question: given.append(question) or "000 wrong wrong wrong 000")
        with pytest.raises(WrongSecret) as refusal:
            provider.open()
        assert 2 <= len(given) <= 3 and given[-1].problem and "wrong wrong" not in str(refusal.value)

    def test_down(self, keeper, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        keeper.break_it(provider)
        for use in (
            provider.health,
            lambda: provider.wrap(KEY, context=b"kek 1"),
            lambda: provider.unwrap(wrapped, context=b"kek 1"),
        ):
            with pytest.raises(RootKeyUnavailable):
                use()

    def test_slow(self, provider):
        """Whatever it waits for, who asks is told in time; and when it answers again, all is well."""
        wrapped = provider.wrap(KEY, context=b"kek 1")
        stuck = threading.Event()
        slow = Punctual(provider, 0.2)
        real, waits = type(provider).unwrap, [True]

        def wait(self, *args, **options):
            if waits:
                stuck.wait(10)
            return real(self, *args, **options)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(provider), "unwrap", wait)
            began = time.monotonic()
            with pytest.raises(RootKeyUnavailable, match="in time"):
                slow.unwrap(wrapped, context=b"kek 1")
            assert time.monotonic() - began < 2
            began = time.monotonic()
            with pytest.raises(RootKeyUnavailable, match="still"):
                slow.unwrap(wrapped, context=b"kek 1")
            assert time.monotonic() - began < 0.15, "nobody queues behind a call that hangs"
            waits.clear()
            stuck.set()
            slow._stuck.join(5)
            assert slow.unwrap(wrapped, context=b"kek 1") == KEY

    def test_many_threads(self, provider):
        wrapped = provider.wrap(KEY, context=b"kek 1")
        wrong = []

        def use():
            for _ in range(20):
                if provider.unwrap(provider.rewrap(wrapped, context=b"kek 1"), context=b"kek 1") != KEY:
                    wrong.append(1)

        threads = [threading.Thread(target=use) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert not wrong

    def test_after_a_fork(self, keeper, provider):
        """As gunicorn does it: opened, hung up, forked; parent and child go on side by side."""
        wrapped = provider.wrap(KEY, context=b"kek 1")
        for hang_up in (provider.hang_up, lambda: None):
            hang_up()
            asking.ask_with(None)
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    code = 0 if provider.unwrap(wrapped, context=b"kek 1") == KEY else 2
                finally:
                    os._exit(code)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            assert provider.unwrap(wrapped, context=b"kek 1") == KEY

    def test_the_next_root_key_takes_its_place(self, keeper, provider):
        if isinstance(provider, PaperShares):
            provider.expect(RootKey.new())
        before = provider.marks()["current"]
        wrapped = provider.wrap(KEY, context=b"kek 1")
        following = provider.stage(PASSPHRASE if type(keeper) is Sealed else None)
        anew = provider.wrap_next(KEY, context=b"kek 1")
        assert mark_of(wrapped) == before and mark_of(anew) == following != before
        assert mark_of(provider.wrap(KEY, context=b"kek 1")) == before, "not before it is promoted"
        provider.promote()
        assert provider.marks()["current"] == following
        assert provider.unwrap(anew, context=b"kek 1") == KEY
        assert mark_of(provider.wrap(KEY, context=b"kek 1")) == following
        if not isinstance(provider, PaperShares):
            assert provider.marks()["old"] == before
            assert provider.unwrap(wrapped, context=b"kek 1") == KEY, "the old one is there until it is dropped"
            provider.drop("old")
        with pytest.raises(RootKeyUnavailable, match="another root key"):
            provider.unwrap(wrapped, context=b"kek 1")


# ---- which one ----


@pytest.mark.parametrize(("name", "kind"), [("local", LocalFile), ("shares", PaperShares), ("pkcs11", Token)])
def test_settings_name_the_provider_and_no_call_of_it_hangs(settings, name, kind):
    settings.ROOT_KEY_PROVIDER = name
    assert isinstance(providers.current(), Punctual)
    assert isinstance(providers.current().provider, kind)
    assert providers.current() is providers.current()


def test_an_unknown_provider(settings):
    settings.ROOT_KEY_PROVIDER = "cloud"
    with pytest.raises(KeystoreUnavailable, match="ROOT_KEY_PROVIDER"):
        providers.current()


def test_a_key_file_that_hangs(settings, root_key_file):
    """A mounted disk that went away, as the kernel shows it: reading never ends."""
    settings.ROOT_KEY_SECONDS = 0.2
    root_key_file.parent.mkdir()
    os.mkfifo(root_key_file, 0o400)
    began = time.monotonic()
    with pytest.raises(RootKeyUnavailable, match="in time"):
        providers.current().wrap(KEY, context=b"kek 1")
    assert time.monotonic() - began < 2
    os.close(os.open(root_key_file, os.O_WRONLY | os.O_NONBLOCK))  # let the thread end


def test_everything_imports_without_the_package_for_tokens():
    program = (
        "import sys; sys.modules['pkcs11'] = None\n"
        "from casemgmt.crypto import providers\n"
        "from casemgmt.crypto.providers.token import Token\n"
        "try: Token().take_over(b'1') or Token().unwrap(b'\\x02' + bytes(60), context=b'')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "RootKeyUnavailable" in done.stdout and "requirements-token.txt" in done.stdout


def test_a_wrong_pin_is_not_tried_again_by_itself(settings, tmp_path, token_folder):
    """Tokens lock after a few wrong PINs: one answer, one try."""
    InToken(settings, tmp_path).fresh().lock()
    provider = Token()
    provider.take_over(b"000000")
    asking.ask_with(None)
    with pytest.raises(RootKeyUnavailable, match="PIN"):
        provider.health()
    assert provider.must_ask(), "the wrong one is forgotten"
    provider.take_over(softhsm.PIN.encode())
    provider.health()


def test_the_key_of_a_token_cannot_be_taken_out(settings, tmp_path, token_folder):
    import pkcs11

    provider = InToken(settings, tmp_path).fresh()
    with provider._talking() as session:
        (key,) = session.get_objects({pkcs11.Attribute.LABEL: settings.PKCS11_KEY_LABEL})
        assert key[pkcs11.Attribute.SENSITIVE] and not key[pkcs11.Attribute.EXTRACTABLE]
        assert key[pkcs11.Attribute.NEVER_EXTRACTABLE] and not key[pkcs11.Attribute.WRAP]
        with pytest.raises(pkcs11.PKCS11Error):
            key[pkcs11.Attribute.VALUE]
    with pytest.raises(FileExistsError):
        provider.create()
