"""A bundle whose process is killed in the middle: no half file has the name that was asked for, and it can be made again."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audit.sealing.own_home import OwnHome

from .scene import unpacked, verify

pytestmark = [pytest.mark.deep, pytest.mark.django_db(databases=["default", "keystore"])]

FILL = """
from tests.cast import Cast
from tests.audit.sealing.scene import note, seal
Cast.make()
note(300)
seal()
print("{}")
"""
MAKE = """
from tests.cast import Cast
from audit.bundling import writing
from casemgmt.operations import bundles
def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)
PLACE
auditor = getattr(Cast(), "elif")
call_command("audit_bundle", "OUT", "--as", auditor.email, "--reason", "For the yearly audit.", stdout=sys.stderr)
from audit.models import Event
print(json.dumps(Event.objects.filter(verb="LEDGER_BUNDLED").count()))
"""
#: While entries are written, when everything but the manifest is, and when the file is whole and not recorded.
PLACES = ("writing._line = die", "writing._Pack.manifest = die", "bundles.record_bundle = die")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[OwnHome]:
    made = OwnHome(tmp_path / "home")
    yield made
    made.close()


def test_a_killed_bundle_leaves_nothing_of_its_name(home: OwnHome, tmp_path: Path) -> None:
    home.run(FILL)
    folder = tmp_path / "given"
    folder.mkdir()
    program = MAKE.replace("OUT", str(folder / "out.zip"))
    for place in PLACES:
        killed = home.start(program.replace("PLACE", place))
        _out, errors = killed.communicate(timeout=600)
        assert killed.returncode == -signal.SIGKILL, errors[-2000:]
        assert not (folder / "out.zip").exists()
        assert all(one.name.startswith(".bundle-") and one.stat().st_mode & 0o77 == 0 for one in folder.iterdir())
    assert home.run(program.replace("PLACE", "")) == 1, "what did not go out is not recorded as gone"
    status, told = verify(unpacked(folder / "out.zip"))
    assert status == 0, told
