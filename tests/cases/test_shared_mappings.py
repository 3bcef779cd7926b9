"""A choice of columns is shared with a team: colleagues use it and change nothing of it; whoever shared it takes it back."""

from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden
from casemgmt.crypto.errors import SealedShut
from cases import access
from cases.actions import import_mapping, import_sharing, imports
from cases.errors.exchange import NothingToShare
from cases.htcds.columns import Columns
from cases.htcds.sheet import read_sheet
from cases.models import ImportBatch, SharedMapping
from cases.opening import open_own
from tests.cases.htcds import sheets
from tests.cases.test_import_actions import bring as bring_official
from tests.cast import Cast

pytestmark = pytest.mark.walks

HEADS = ("Canaryhead", "Clan", "Tongue")
CHOSEN = {"A": "prs_FirstName", "B": "prs_SecondName", "C": "prs_PrimaryLanguage"}


def bring(actor, team, *names):
    rows = [dict(zip(HEADS, (name, "Quill", "es"), strict=True)) for name in names or ("Ysolde", "Wren")]
    sheet = read_sheet(sheets.delimited(rows, HEADS), any_header=True)
    return imports.begin_import(actor=actor, now=clock.now(), team=team, file_name="x.csv", sheet=sheet)


def choose(actor, batch, names=CHOSEN):
    return import_mapping.choose_columns(
        actor=actor, now=clock.now(), batch_uid=batch.uid, header_row=1, names=names
    )  # fmt: skip


def share(actor, batch):
    return import_sharing.share_mapping(actor=actor, now=clock.now(), batch_uid=batch.uid)


def proposed(actor, batch):
    with open_own(actor):
        return import_mapping.choice_of(actor, batch)


@pytest.fixture
def team(cast: Cast):
    return cast.team_of("amina")


@pytest.fixture
def shared(cast, team):
    batch = choose(cast.amina, bring(cast.amina, team))
    return share(cast.amina, batch)


def test_a_colleague_uses_it_and_changes_nothing(cast, team, shared, sign_in):
    assert Event.objects.filter(verb="MAPPING_SHARED", subject_uid=shared.uid).count() == 1
    batch = bring(cast.bea, team, "Isolde")
    choice = proposed(cast.bea, batch)
    assert choice.proposed == CHOSEN and choice.shared_by == cast.amina and not choice.is_remembered
    client = sign_in(cast.bea)
    assert (
        f"{cast.amina.name} shared what such columns hold"
        in client.get(reverse("import-columns", args=[batch.uid])).text
    )
    # She chooses otherwise: that is hers, and what is shared stays as it is.
    own = {"A": "prs_SecondName", "B": "prs_FirstName", "C": "prs_PrimaryLanguage"}
    choose(cast.bea, batch, own)
    again = proposed(cast.bea, bring(cast.bea, team, "Maud"))
    assert again.proposed == own and again.is_remembered and again.shared_by is None
    [kept] = import_sharing.shared_with(cast.bea, clock.now())
    assert {one.letter: one.name for one in kept.columns.columns} == CHOSEN and kept.row == shared
    # Sharing hers is a second offer, and does not write over Amina's.
    share(cast.bea, batch)
    assert len(import_sharing.shared_with(cast.amina, clock.now())) == 2


def test_another_team_is_offered_nothing(cast, shared, sign_in):
    dana_batch = bring(cast.dana, cast.team_of("dana"))
    assert proposed(cast.dana, dana_batch).shared_by is None
    assert not import_sharing.shared_with(cast.dana, clock.now())
    assert "Canaryhead" not in sign_in(cast.dana).get(reverse("import")).text
    for stranger in (cast.dana, cast.elif_, cast.hugo, cast.chidi):
        answer = sign_in(stranger).post(reverse("import-unshare", args=[shared.uid]))
        assert answer.status_code in (403, 404), stranger.name
    shared.refresh_from_db()
    assert shared.ended_at is None


def test_whoever_shared_it_changes_it_by_sharing_again(cast, team, shared):
    other = {"A": "prs_FirstName", "B": "prs_MiddleName", "C": "prs_PrimaryLanguage"}
    share(cast.amina, choose(cast.amina, bring(cast.amina, team, "Maud"), other))
    assert access.for_the_house(SharedMapping).count() == 1
    assert proposed(cast.bea, bring(cast.bea, team)).proposed == other


def test_taken_back_by_whoever_shared_it_or_supervises(cast, team, shared, sign_in):
    address = reverse("import-unshare", args=[shared.uid])
    page = sign_in(cast.amina).get(reverse("import")).text
    assert address in page and "Canaryhead · Clan · Tongue" in page
    colleague = cast.jonas if team.group_id in cast.jonas.team_group_ids() else None
    assert colleague is None or address not in sign_in(colleague).get(reverse("import")).text
    sent = {"form_key": str(uuid4())}
    assert [sign_in(cast.bea).post(address, sent).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(verb="MAPPING_UNSHARED", subject_uid=shared.uid).count() == 1
    assert proposed(cast.bea, bring(cast.bea, team)).shared_by is None
    # Her own choice is offered to herself as before.
    assert proposed(cast.amina, bring(cast.amina, team)).is_remembered


def test_the_button_stands_where_somebody_chose(cast, team, sign_in):
    client = sign_in(cast.amina)
    chosen = choose(cast.amina, bring(cast.amina, team))
    page = client.get(reverse("import-batch", args=[chosen.uid])).text
    assert reverse("import-share", args=[chosen.uid]) in page and f"Share the choice with {team.name}" in page
    assert client.post(reverse("import-share", args=[chosen.uid]), {"form_key": str(uuid4())}).status_code == 302
    assert access.for_the_house(SharedMapping).count() == 1
    official = bring_official(cast.amina, team, [sheets.person()])
    assert (
        reverse("import-share", args=[official.uid])
        not in client.get(reverse("import-batch", args=[official.uid])).text
    )
    with pytest.raises(NothingToShare):
        share(cast.amina, official)
    with pytest.raises(Hidden):
        share(cast.bea, chosen)
    assert client.get(reverse("import-share", args=[chosen.uid])).status_code == 405


def test_headers_are_sealed_and_opened_by_no_other_gate(cast, team, shared):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {SharedMapping._meta.db_table}")
        assert "Canaryhead" not in str(
            [bytes(one) if isinstance(one, memoryview) else one for one in cursor.fetchone()]
        )
    row = access.for_the_house(SharedMapping).get()
    with open_own(cast.amina), pytest.raises(SealedShut):
        Columns.of_json(row.content)
    assert not access.own(ImportBatch, cast.bea).exists()
