"""Signs of trafficking: kept sealed with source and weight, a suggestion worked out anew, and a status that people decide."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import clock
from audit.models import Event
from casemgmt.access.errors import Hidden, Refused
from cases import access, deciding, opening, record_versions
from cases import signs as rules
from cases.actions import identifying, survivor
from cases.actions.restoring import restore_version
from cases.choices.signs import (
    LIST_VERSION,
    POINTS_TO,
    SIGNS_LIST,
    SIGNS_OF_GROUP,
    TALKED,
    Sign,
    SignGroup,
    kept_as,
    source_of,
    strength_of,
    words_of_group,
)
from cases.errors.casework import CaseIsClosed, StaleVersion
from cases.errors.survivor import AnswerImpossible, DecisionIsTheSupervisors, DecisionLacks
from cases.htcds.codes import TraffickingStatus
from cases.marks import mark_of
from cases.models import TimelineEntry, TraffickingProfile
from cases.signs import Caution, Finding, suggest
from tests import make
from tests.accounts.signing_in import sign_in as sign_in_fresh

ACTUAL, NOT_ONE = "ActualVictimOfTrafficking", "NotAVictimOfTrafficking"
BY_POLICE = {
    "vic_TraffickingStatus": ACTUAL, "vic_TraffickingStatusDecisionMakingOrg": "Police",
    "x_StatusDecidedBy": "Unit 4", "x_StatusDecidedOn": "2026-02-01",
}  # fmt: skip
BY_US = {**BY_POLICE, "vic_TraffickingStatusDecisionMakingOrg": "NGO", "x_StatusDecidedBy": "Bea Summers"}
#: The same on the page.
SENT = {
    "vic_TraffickingStatus": ACTUAL, "vic_TraffickingStatusDecisionMakingOrg": "NGO", "decided_by": "Bea Summers",
    "decided_on": "2026-02-01",
}  # fmt: skip


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def of(case, name, *args):
    return reverse(name, args=[case.uid, *args])


def stored(cast, case, name="answers"):
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        return getattr(access.within(TraffickingProfile, case).get(), name)


def write(person, case, group, mark=None, **signs):
    return identifying.write_signs(
        actor=person, now=clock.now(), case_uid=case.uid, group=group, signs=signs, mark=mark
    )


def decide(person, case, **decision):
    return identifying.decide_status(actor=person, now=clock.now(), case_uid=case.uid, decision=decision)


def yes(*signs):
    return {kept_as(sign): "YES" for sign in signs}


# ---- The suggestion, by itself ----

ACT, MEANS = yes(Sign.RECRUITMENT), yes(Sign.DECEPTION)
LABOUR, SEX = yes(Sign.FORCED_LABOUR_SERVICES), yes(Sign.PROSTITUTION_OF_OTHERS)
YOUNG = yes(Sign.WAS_UNDER_18)
SEXUAL_ANSWER = {"vic_TypeOfExploitation": ["SexualExploitation"]}


@pytest.mark.parametrize(
    ("signs", "answers", "is_minor", "finding", "lacking", "cautions"),
    [
        ({}, {}, None, Finding.NOTHING, "act means purpose", set()),
        ({kept_as(Sign.RECRUITMENT): "NO"}, {}, None, Finding.NOTHING, "act means purpose", set()),
        ({kept_as(Sign.SLAVERY): "DECLINED"}, {}, None, Finding.NOTHING, "act means purpose", set()),
        (ACT, {}, None, Finding.SIGNS, "means purpose", set()),
        ({**ACT, **MEANS}, {}, None, Finding.SIGNS, "purpose", set()),
        (LABOUR, {}, None, Finding.SIGNS, "act means", set()),
        ({**ACT, **LABOUR}, {}, None, Finding.POSSIBLE, "means", {Caution.ALL_WEAK}),
        ({**MEANS, **LABOUR}, {}, None, Finding.POSSIBLE, "act", {Caution.ALL_WEAK}),
        ({**ACT, **MEANS, **LABOUR}, {}, None, Finding.ALL, "", {Caution.ALL_WEAK}),
        ({**ACT, **MEANS, **LABOUR, strength_of(Sign.DECEPTION): "STRONG"}, {}, None, Finding.ALL, "", set()),
        # Under 18: no means; for labour the law of the United States asks for it all the same, for sex none does.
        ({**ACT, **SEX, **YOUNG}, {}, None, Finding.ALL, "", {Caution.ALL_WEAK}),
        ({**ACT, **SEX}, {"vic_AgeWhenTrafficked": 17}, None, Finding.ALL, "", {Caution.ALL_WEAK}),
        ({**ACT, **SEX}, {"vic_AgeWhenTrafficked": 18}, None, Finding.POSSIBLE, "means", {Caution.ALL_WEAK}),
        ({**ACT, **SEX}, {"vic_AgeWhenTrafficked": "UNKNOWN"}, None, Finding.POSSIBLE, "means", {Caution.ALL_WEAK}),
        ({**ACT, **SEX}, {}, True, Finding.ALL, "", {Caution.ALL_WEAK}),
        ({**ACT, **SEX}, {}, False, Finding.POSSIBLE, "means", {Caution.ALL_WEAK}),
        ({**ACT, **LABOUR, **YOUNG}, {}, None, Finding.ALL, "", {Caution.ALL_WEAK, Caution.US_MEANS}),
        (ACT, SEXUAL_ANSWER, True, Finding.ALL, "", {Caution.ALL_WEAK}),
        (YOUNG, SEXUAL_ANSWER, None, Finding.POSSIBLE, "act", set()),
        # The coded answers of the profile count as well.
        (
            {}, {"x_Acts": ["RECEIPT"], "vic_MethodsOfControl": ["DebtBondage"], "vic_TypeOfExploitation": ["Servitude"]},
            None, Finding.ALL, "", set(),
        ),
        ({}, {"x_Acts": "DECLINED", "vic_TypeOfExploitation": "UNKNOWN"}, None, Finding.NOTHING, "act means purpose", set()),
        # What it may be instead.
        (yes(Sign.TRANSPORTATION), {}, None, Finding.SIGNS, "means purpose", {Caution.SMUGGLING}),
        (yes(Sign.ARRANGED), {}, None, Finding.SIGNS, "act means purpose", {Caution.SMUGGLING}),
        (yes(Sign.LESS_PAY), {}, None, Finding.SIGNS, "act means purpose", {Caution.LABOUR_LAW}),
        (yes(Sign.LESS_PAY, Sign.OTHER_COERCION), {}, None, Finding.SIGNS, "act purpose", set()),
        (
            {kept_as(sign): "NO" for sign in SIGNS_OF_GROUP[SignGroup.PURPOSE]}, {}, None, Finding.NO_PURPOSE,
            "act means purpose", set(),
        ),
    ],
)  # fmt: skip
def test_r5_what_the_signs_suggest(signs, answers, is_minor, finding, lacking, cautions):
    found = suggest(signs, answers, is_minor=is_minor)
    assert (found.finding, " ".join(found.lacking), set(found.cautions)) == (finding, lacking, cautions)
    is_possible = finding in (Finding.POSSIBLE, Finding.ALL)
    assert found.status == (TraffickingStatus.POSSIBLE_VICTIM_OF_TRAFFICKING if is_possible else None)


def test_r5_more_than_possible_is_never_suggested():
    everything = {kept_as(sign): "YES" for sign in Sign} | {strength_of(sign): "STRONG" for sign in Sign}
    assert suggest(everything, {}).status == TraffickingStatus.POSSIBLE_VICTIM_OF_TRAFFICKING
    nothing = {kept_as(sign): "NO" for sign in Sign}
    assert suggest(nothing, {}).status is None


def test_the_talk_points_to_indicators_and_what_was_denied_is_not_pointed_to():
    found = suggest({**yes(Sign.WATCHED, Sign.PAY_KEPT), kept_as(Sign.ILO_WAGES): "NO"}, {})
    assert found.points_to == (Sign.ILO_MOVEMENT,)
    assert set(POINTS_TO.values()) <= set(SIGNS_OF_GROUP[SignGroup.FORCED_LABOUR])
    assert {sign for group in TALKED for sign in SIGNS_OF_GROUP[group]} >= set(POINTS_TO)


def test_every_sign_stands_in_one_group_and_the_eleven_are_eleven():
    listed = [sign for group in SignGroup for sign in SIGNS_OF_GROUP[group]]
    assert sorted(listed) == sorted(Sign) and len(set(listed)) == len(listed)
    assert len(SIGNS_OF_GROUP[SignGroup.FORCED_LABOUR]) == 11


# ---- Writing them down ----


def test_signs_are_kept_with_source_and_weight_sealed_and_versioned(cast, case, sign_in):
    client = sign_in(cast.amina)
    page = of(case, "case-signs-part", "means")
    sent = {
        kept_as(Sign.DECEPTION): "YES", source_of(Sign.DECEPTION): "DOCUMENT", strength_of(Sign.DECEPTION): "STRONG",
        kept_as(Sign.FRAUD): "NO", kept_as(Sign.ABDUCTION): "DECLINED", kept_as(Sign.OTHER_COERCION): "NOT_APPLICABLE",
        source_of(Sign.ABDUCTION): "OBSERVED", words_of_group("means"): "a letter from Quillmoor", "onward": "1",
    }  # fmt: skip
    assert client.post(page, sent).url == of(case, "case-signs-part", "purpose")
    kept = stored(cast, case, "signs")
    assert kept[kept_as(Sign.DECEPTION)] == "YES" and kept[strength_of(Sign.DECEPTION)] == "STRONG"
    assert kept[source_of(Sign.FRAUD)] == "CLIENT_STATEMENT" and kept[strength_of(Sign.FRAUD)] == "WEAK"
    assert kept[kept_as(Sign.ABDUCTION)] == "DECLINED" and source_of(Sign.ABDUCTION) not in kept
    assert kept[kept_as(Sign.OTHER_COERCION)] == "NOT_APPLICABLE" and kept_as(Sign.ABUSE_OF_POWER) not in kept
    assert kept[SIGNS_LIST] == LIST_VERSION and stored(cast, case).get("vic_TraffickingStatus") is None
    raw = TraffickingProfile._base_manager.filter(case=case).values_list("signs", flat=True)[0]
    assert b"Quillmoor" not in bytes(raw.raw) and b"DECEPTION" not in bytes(raw.raw)
    shown = client.get(of(case, "case-signs")).text
    assert "A paper shows it" in shown and "a letter from Quillmoor" in shown and "Preferred not to say" in shown
    profile = access.within(TraffickingProfile, case).get()
    assert len(record_versions.of_record(access.get_for(cast.amina, case.uid), profile.uid).versions) == 2
    restore_version(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, record_uid=profile.uid, kind="traffickingprofile", number=1,
        fields=["signs"],
    )  # fmt: skip
    assert not stored(cast, case, "signs")


def test_the_event_names_the_group_and_no_sign(cast, case):
    write(cast.amina, case, "body", **yes(Sign.PICTURES))
    write(cast.amina, case, "body", **yes(Sign.PICTURES))
    event = Event.objects.get(verb="PROFILE_CHANGED")
    assert event.detail.content["fields"] == ["profile.signs.body"] and event.section_codes == ["NARRATIVE"]
    assert "PICTURES" not in str(event.detail.content).upper()


def test_a_name_of_another_group_or_a_code_of_none_is_refused(cast, case):
    for signs in (yes(Sign.HURT), {kept_as(Sign.FRAUD): "PERHAPS"}, {source_of(Sign.FRAUD): "RUMOUR"}):
        with pytest.raises(ValueError, match=r"(?i)sign"):
            write(cast.amina, case, "means", **signs)
    assert not Event.objects.filter(verb="PROFILE_CHANGED").exists()


def test_the_page_says_what_it_suggests_and_why_and_keeps_no_suggestion(cast, case, sign_in):
    client, page = sign_in(cast.amina), of(case, "case-signs")
    assert "Too little was gone through" in client.get(page).text
    write(cast.amina, case, "act", **ACT)
    write(cast.amina, case, "purpose", **SEX)
    shown = client.get(page).text
    assert "suggests “possible”" in shown and "Not recorded yet:" in shown and "Others earned by selling sex" in shown
    survivor.change_survivor(
        actor=cast.amina,
        now=clock.now(),
        case_uid=case.uid,
        names={"birth_date": timezone.localdate() - timedelta(6000)},
    )
    shown = client.get(page).text
    assert "no means is needed" in shown and "Not recorded yet:" not in shown
    assert "vic_TraffickingStatus" not in stored(cast, case), "nothing of it became the status"


def test_signs_are_for_who_writes_what_happened(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    pages = (of(case, "case-signs"), of(case, "case-signs-part", "act"), of(case, "case-status"))
    for page in pages:
        for stranger in (cast.dana, cast.elif_, cast.farid, cast.chidi):
            client = sign_in(stranger)
            assert {client.get(page).status_code, client.post(page, {}).status_code} <= {404, 405}, (stranger, page)
        assert sign_in(cast.gita).get(page).status_code == 403
    assert sign_in(cast.bea).get(pages[0]).status_code == 200
    assert sign_in(cast.bea).post(pages[1], {}).status_code == 403
    assert sign_in(cast.amina).get(of(case, "case-signs-part", "nothing")).status_code == 404
    assert sign_in(cast.amina).post(pages[0]).status_code == 405
    with pytest.raises(Hidden):
        write(cast.dana, case, "act", **ACT)
    mark = mark_of(access.within(TraffickingProfile, case).get(), "signs")
    write(cast.amina, case, "act", **ACT)
    with pytest.raises(StaleVersion):
        write(cast.amina, case, "act", mark=mark, **yes(Sign.RECEIPT))
    make.closed(case, cast.amina)
    for act in (lambda: write(cast.amina, case, "act", **yes(Sign.RECEIPT)), lambda: decide(cast.bea, case, **BY_US)):
        with pytest.raises(CaseIsClosed):
            act()


# ---- Deciding ----


@pytest.mark.parametrize("status", [ACTUAL, NOT_ONE])
@pytest.mark.parametrize(
    "lacking", ["vic_TraffickingStatusDecisionMakingOrg", "x_StatusDecidedBy", "x_StatusDecidedOn"]
)
def test_r5_a_decision_says_which_organisation_who_and_when(cast, case, sign_in, status, lacking):
    whole = {**BY_POLICE, "vic_TraffickingStatus": status}
    for missing in ({**whole, lacking: ""}, {**whole, lacking: "NOT_ASKED"}):
        with pytest.raises(DecisionLacks) as lack:
            decide(cast.bea, case, **missing)
        assert lack.value.what == [lacking]
    field = {"x_StatusDecidedBy": "decided_by", "x_StatusDecidedOn": "decided_on"}.get(lacking, lacking)
    answer = sign_in(cast.bea).post(of(case, "case-status"), {**SENT, "vic_TraffickingStatus": status, field: ""})
    assert answer.status_code == 422 and f'id="id_{field}_error"' in answer.text
    assert not Event.objects.filter(verb="STATUS_DECIDED").exists() and deciding.STATUS not in stored(cast, case)


def test_r5_what_the_house_finds_its_supervisor_decides(cast, case, sign_in):
    answer = sign_in(cast.amina).post(of(case, "case-status"), SENT)
    assert answer.status_code == 422 and 'id="id_vic_TraffickingStatusDecisionMakingOrg_error"' in answer.text
    for attempt in (
        lambda: decide(cast.amina, case, **BY_US),
        lambda: survivor.change_profile(actor=cast.amina, now=clock.now(), case_uid=case.uid, answers=BY_US),
    ):
        with pytest.raises(DecisionIsTheSupervisors):
            attempt()
    assert deciding.STATUS not in stored(cast, case)
    assert sign_in(cast.bea).post(of(case, "case-status"), SENT).status_code == 302
    assert stored(cast, case)["vic_TraffickingStatus"] == ACTUAL
    for change in (
        {"vic_TraffickingStatus": NOT_ONE},
        {"vic_TraffickingStatus": "", "x_StatusDecidedBy": ""},
        BY_POLICE,
    ):
        with pytest.raises(DecisionIsTheSupervisors):
            decide(cast.amina, case, **change)
    decide(cast.bea, case, vic_TraffickingStatus="PossibleVictimOfTrafficking")
    event = Event.objects.filter(verb="STATUS_DECIDED").order_by("pk").first()
    assert event.actor_uid == cast.bea.uid and event.section_codes == ["NARRATIVE"]
    assert "profile.answers.vic_traffickingstatus" in event.detail.content["fields"]
    assert ACTUAL not in str(event.detail.content)
    assert access.within(TimelineEntry, case).filter(kind="STATUS_DECIDED", section="NARRATIVE").count() == 2


def test_r5_a_former_version_brings_no_decision_back_past_the_supervisor(cast, case):
    decide(cast.bea, case, **BY_US)
    decide(cast.bea, case, **dict.fromkeys(BY_US, ""))
    profile = access.within(TraffickingProfile, case).get()
    with pytest.raises(DecisionIsTheSupervisors):
        restore_version(
            actor=cast.amina, now=clock.now(), case_uid=case.uid, record_uid=profile.uid, kind="traffickingprofile",
            number=2, fields=["answers"],
        )  # fmt: skip


def test_r5_what_another_body_decided_is_written_down_by_who_writes_the_case(cast, case, sign_in):
    decide(cast.amina, case, **BY_POLICE)
    assert stored(cast, case)["x_StatusDecidedBy"] == "Unit 4"
    ahead = (timezone.localdate() + timedelta(2)).isoformat()
    with pytest.raises(AnswerImpossible) as wrong:
        decide(cast.amina, case, x_StatusDecidedOn=ahead)
    assert wrong.value.what == ["x_StatusDecidedOn"]
    overview = sign_in(cast.amina).get(of(case, "case-overview")).text
    assert (
        str(TraffickingStatus(ACTUAL).label) in overview and "Unit 4" in overview and of(case, "case-signs") in overview
    )
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    elsewhere = sign_in(cast.gita).get(of(case, "case-overview")).text
    assert "Unit 4" not in elsewhere and of(case, "case-signs") not in elsewhere
    with pytest.raises(Refused):
        decide(cast.gita, case, **BY_POLICE)
    with pytest.raises(ValueError, match="decision"):
        decide(cast.amina, case, vic_TypeOfExploitation=["Servitude"])
    decide(cast.amina, case, **BY_POLICE)
    assert Event.objects.filter(verb="STATUS_DECIDED").count() == 1, "the same again is no decision"


def test_a_new_decision_forgets_where_the_former_came_from(cast, case):
    decide(cast.amina, case, **BY_POLICE, x_StatusSource="Letter of the unit")
    decide(cast.amina, case, **BY_POLICE)
    assert stored(cast, case)["x_StatusSource"] == "Letter of the unit", "nothing was decided anew"
    decide(cast.bea, case, **BY_US)
    assert "x_StatusSource" not in stored(cast, case)


def test_what_is_printed_has_the_signs(cast, case, sign_in):
    write(cast.amina, case, "means", **yes(Sign.DECEPTION), **{words_of_group("means"): "a letter from Quillmoor"})
    shown = sign_in_fresh(cast.amina, is_fresh=True).get(of(case, "case-print")).text
    assert "She was deceived about what awaited her: how we know" in shown and "a letter from Quillmoor" in shown
    assert LIST_VERSION not in shown


def test_a_double_click_decides_once(cast, case, sign_in):
    client, page = sign_in(cast.bea), of(case, "case-status")
    key = client.get(page).text.split('name="form_key" value="')[1][:36]
    for _time in (1, 2):
        assert client.post(page, {**SENT, "form_key": key}).status_code == 302
    assert Event.objects.filter(verb="STATUS_DECIDED").count() == 1


def test_the_export_takes_the_decision(cast, case):
    decide(cast.bea, case, **BY_US)
    client = sign_in_fresh(cast.amina, is_fresh=True)
    answer = client.post(reverse("export"), {"profile": "HTCDS_CORE_STRICT", "make": "1"})
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    [row] = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["vic_TraffickingStatus"] == ACTUAL and row["vic_TraffickingStatusDecisionMakingOrg"] == "NGO"


def test_a_minor_by_a_doubt_counts_as_one():
    assert rules.was_minor({}, {}, is_minor=True) and not rules.was_minor({}, {"vic_AgeWhenTrafficked": "x"})
    assert not rules.was_minor({}, {"vic_AgeWhenTrafficked": date.max.year}, is_minor=False)
