"""Every way by which something of a client leaves as a file: found in the code, and none leaves for outside unreleased.

The views are found, not listed: whatever answers with a file of its own or prints. A new one is missing in ``WAYS`` and fails
here, until somebody has said what it is: a file for a recipient outside (then the release guard is walked), one for people of
the house alone, or one that holds no client.
"""

import ast
import inspect
import io
import zipfile
from argparse import ArgumentParser
from datetime import date
from functools import cache
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audit import clock
from audit.models import Event
from casemgmt.accounts.choices import Role
from cases.actions.walls import restrict_case
from cases.choices.sharing import Purpose
from cases.htcds.export import Profile
from tests import make
from tests.accounts import signing_in
from tests.cases.test_exports import release
from tests.cases.walling import newcomer, wall

pytestmark = pytest.mark.walks

#: What in a view, or in a function of a view's module that it calls, says that a file or a paper leaves.
_SIGNS = frozenset({"Content-Disposition", "open_printed", "handing_out"})
_ROOMS = ("cases", "services", "casemgmt", "audit")
#: OUTSIDE: for a recipient who is named. HOUSE: what the reader's own rights open, and nobody else can be named.
#: NOBODY: codes and counts of no client.
OUTSIDE, HOUSE, NOBODY = "outside", "house", "nobody"
WAYS: dict[str, str] = {
    "export": OUTSIDE,
    **dict.fromkeys(
        (
            "calendar-feed", "case-account", "case-bulk", "case-consent-print", "case-document", "case-document-play",
            "case-document-preview", "case-document-print", "case-exit-summary", "case-photo-picture", "case-print",
            "case-safety-plan-print", "case-sheet", "case-summary", "matter-document", "matter-document-play",
            "matter-document-preview", "matter-file", "production-take", "release-print",
        ),
        HOUSE,
    ),
    **dict.fromkeys(
        (
            "access-evidence-file", "erasure-certificate", "ledger-copy", "retention-certificate",
            "sample-evidence-file",
        ),
        NOBODY,
    ),
}  # fmt: skip
#: Commands that write into a folder or file.
COMMANDS: dict[str, str] = {"audit_bundle": NOBODY, "backup": HOUSE, "way_out": HOUSE}

NAMES = {
    "released": "Canaryreleased", "unreleased": "Canarykept", "walled": "Canarywalled", "elsewhere": "Canaryelsewhere",
    "minor": "Canaryminor",
}  # fmt: skip


def views() -> dict[str, Any]:
    """Every view of ours by the name of its address."""
    found: dict[str, Any] = {}

    def walk(resolver: URLResolver) -> None:
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                walk(one)
            elif isinstance(one, URLPattern) and one.name:
                found[one.name] = inspect.unwrap(one.callback)

    walk(get_resolver())
    return {name: view for name, view in found.items() if view.__module__.split(".")[0] in _ROOMS}


@cache
def _bodies(module: ModuleType) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(module))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def words_of(view: Any) -> set[str]:
    """Every name and text in a view and in the functions of views' modules that it reaches."""
    seen: set[tuple[str, str]] = set()
    words: set[str] = set()
    waiting = [(inspect.getmodule(view), view.__name__)]
    while waiting:
        module, name = waiting.pop()
        body = _bodies(module).get(name)
        if body is None or (module.__name__, name) in seen:
            continue
        seen.add((module.__name__, name))
        for node in ast.walk(body):
            text = node.value if isinstance(node, ast.Constant) else getattr(node, "id", None)
            if not isinstance(text, str):
                continue
            words.add(text)
            other = inspect.unwrap(getattr(module, text, None)) if isinstance(node, ast.Name) else None
            if inspect.isfunction(other) and ".views" in other.__module__:
                waiting.append((inspect.getmodule(other), other.__name__))
    return words


def test_every_way_out_is_known():
    assert {name for name, view in views().items() if words_of(view) & _SIGNS} == set(WAYS)


def test_every_command_that_writes_is_known_and_hands_nothing_to_somebody_outside():
    """``backup --recipient`` is the house's own public key, under which all of it is sealed."""
    found = set()
    for name, app in get_commands().items():
        if app.split(".")[0] in _ROOMS:
            parser = ArgumentParser()
            load_command_class(app, name).add_arguments(parser)
            if {one.dest for one in parser._actions} & {"out", "recipient", "organisation", "to"}:
                found.add(name)
    assert found - {"create_administrator"} == set(COMMANDS)
    assert OUTSIDE not in COMMANDS.values()


@pytest.fixture
def scene(cast):
    """A case with a release, one without, one from which Amina is kept, one of another team, one of a minor."""
    amina, team, clinic = cast.amina, cast.team_of("amina"), cast.hugo.organisation
    of = {"released": {}, "unreleased": {}, "minor": {"birth_date": date(2015, 1, 1)}}
    cases = {key: make.case(amina, team, first_name=NAMES[key], **more) for key, more in of.items()}
    cases["walled"] = make.case(cast.bea, team, first_name=NAMES["walled"])
    wall(cases["walled"], cast.bea, person=amina)
    cases["elsewhere"] = make.case(cast.dana, cast.team_of("dana"), first_name=NAMES["elsewhere"])
    restrict_case(actor=cast.dana, now=clock.now(), case_uid=cases["elsewhere"].uid, is_restricted=True)
    guardian = {"signer": "PARENT_GUARDIAN", "signer_name": "Mother Quill", "guardian_is_not_abuser": True}
    named = ["IDENTITY", "DEMOGRAPHICS", "SERVICE_PLAN"]
    release(amina, cases["released"], clinic, categories=named)
    release(amina, cases["minor"], clinic, categories=named, signed=guardian)
    release(cast.bea, cases["walled"], clinic, categories=named)
    release(cast.dana, cases["elsewhere"], clinic, categories=named)
    return cases


def bytes_of(answer):
    """What an answer holds, unpacked where it is a workbook."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return b"".join(package.read(name) for name in package.namelist())


def named_in(content):
    """Which of the people stand there."""
    return {key for key, name in NAMES.items() if name.encode() in content}


@pytest.mark.parametrize("profile", Profile.values)
@pytest.mark.parametrize("way", [way for way, kind in WAYS.items() if kind == OUTSIDE])
def test_outside_only_what_a_release_lets_go_and_what_stays_is_counted(cast, scene, way, profile):
    client = signing_in.sign_in(cast.amina, is_fresh=True)
    clinic = cast.hugo.organisation
    asked = {"profile": profile, "recipient": str(clinic.uid), "purpose": Purpose.REFERRAL}
    page = client.post(reverse(way), asked).text
    assert "<b>1</b> rows go out" in page and "<b>2</b> rows stay here" in page, "What she may not open is no row."
    answer = client.post(reverse(way), {**asked, "make": "1"})
    assert answer.status_code == 200 and named_in(bytes_of(answer)) == {"released"}
    codes = Event.objects.filter(verb="EXPORT_MADE").latest("pk").detail.content["codes"]
    assert (codes["count"], codes["left_out"], codes["recipient"]) == (1, 2, str(clinic.uid))
    assert Event.objects.filter(verb="DISCLOSURE_MADE").count() == 1
    # Inside it is what her list shows.
    inside = client.post(reverse(way), {"profile": profile, "make": "1"})
    assert named_in(bytes_of(inside)) == {"released", "unreleased", "minor"}
    # And nothing that a stranger can say makes her a recipient.
    forged = client.post(reverse(way), {**asked, "recipient": str(uuid4()), "make": "1"})
    assert forged.status_code == 422 and not named_in(bytes_of(forged))


def address(way, uid):
    """The address of a way with this case, and anything for its other parts."""
    [(_pattern, parts)] = get_resolver().reverse_dict.getlist(way)[0][0]
    return reverse(way, kwargs={part: uid if part == "uid" else _other(part) for part in parts})


def _other(part):
    return uuid4() if part.endswith("uid") else "x" * 43


@pytest.mark.parametrize("way", [way for way, kind in WAYS.items() if kind == HOUSE])
def test_a_way_inside_names_no_recipient_and_opens_nothing_to_strangers(cast, scene, way):
    """A recipient in the address or the form changes nothing: whom it is for, only the guarded way asks."""
    sent = {"recipient": str(cast.hugo.organisation.uid), "purpose": Purpose.REFERRAL, "go": "1", "names": "1"}
    before = Event.objects.latest("pk").pk
    kept_from = [(cast.amina, "walled"), (cast.amina, "elsewhere"), (cast.hugo, "released"), (cast.elif_, "released")]
    for reader, key in kept_from:
        client = signing_in.sign_in(reader, is_fresh=True)
        for answer in (client.get(address(way, scene[key].uid), sent), client.post(address(way, scene[key].uid), sent)):
            hers = {"released", "unreleased", "minor"} if reader == cast.amina and way == "case-sheet" else set()
            content = bytes_of(answer)
            assert named_in(content) <= hers, (reader.name, key)
            assert scene[key].number.encode() not in content, (reader.name, key)
    assert not Event.objects.filter(pk__gt=before, verb="DISCLOSURE_MADE").exists()


def test_a_copy_of_the_ledger_holds_no_client(cast, scene):
    client = signing_in.sign_in(cast.elif_, is_fresh=True)
    answer = client.post(reverse("ledger-copy"), {"form": "CSV", "names": "NAMES"})
    content = bytes_of(answer)
    assert answer.status_code == 200 and cast.amina.name.encode() in content and not named_in(content)


def test_who_works_elsewhere_is_nobody_inside(cast, scene):
    """A caseworker of a partner would take a file "for somebody inside the organisation" out of the house herself."""
    guest = newcomer(cast, "orla", cast.hugo.organisation, Role.CASEWORKER)
    client = signing_in.sign_in(guest, is_fresh=True)
    for way in ("export", "case-sheet"):
        assert client.get(reverse(way)).status_code == 404, way
    assert client.post(reverse("export"), {"profile": Profile.HTCDS_CORE_STRICT, "make": "1"}).status_code == 404
