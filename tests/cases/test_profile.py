"""What happened, in codes; her statement; and the rules R5 and R6."""

from datetime import date

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Event
from cases import access, opening, rules
from cases.actions import survivor as actions
from cases.actions.drafts import save_draft
from cases.errors.survivor import AnswerImpossible, DecisionLacks
from cases.marks import mark_of
from cases.models import Draft, TimelineEntry, TraffickingProfile
from tests import make

DECIDED = {
    "vic_TraffickingStatus": "ActualVictimOfTrafficking", "vic_TraffickingStatusDecisionMakingOrg": "Police",
    "decided_by": "Unit 4", "decided_on": "2026-02-01",
}  # fmt: skip


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def part(case, slug):
    return reverse("case-profile", args=[case.uid, slug])


def answers_of(cast, case):
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        return access.within(TraffickingProfile, case).get().answers


def change(cast, case, **answers):
    return actions.change_profile(actor=cast.amina, now=clock.now(), case_uid=case.uid, answers=answers)


def test_each_part_is_kept_and_shown_in_words(cast, case, sign_in):
    client, tab = sign_in(cast.amina), reverse("case-survivor", args=[case.uid])
    recruited = {
        "x_Acts": ["RECRUITMENT"],
        "vic_MethodOfRecruitment": ["AtWork", "Other"],
        "vic_AgeWhenTrafficked_0": "16",
    }
    assert client.post(part(case, "recruitment"), {**recruited, "onward": "1"}).url == part(case, "control")
    assert client.post(part(case, "control"), {"vic_MethodsOfControl": ["RestrictsMovement"]}).url == tab
    assert client.post(part(case, "exploitation"), {"vic_TypeOfExploitation": ["UNKNOWN"]}).status_code == 302
    page = client.get(tab).text
    for words in ("At work, Other", "Restricts movement", "Recruited", "Does not know", "16"):
        assert words in page, words
    kept = answers_of(cast, case)
    assert kept["vic_MethodsOfControl"] == ["RestrictsMovement"] and kept["vic_TypeOfExploitation"] == "UNKNOWN"
    assert kept["vic_AgeWhenTrafficked"] == 16


def test_a_decided_status_needs_who_and_when(cast, case, sign_in):
    client = sign_in(cast.amina)
    for name in ("vic_TraffickingStatusDecisionMakingOrg", "decided_by", "decided_on"):
        lacking = {**DECIDED, name: "NOT_ASKED" if name.startswith("vic") else ""}
        answer = client.post(part(case, "status"), lacking)
        assert answer.status_code == 422 and f'id="id_{name}_error"' in answer.text
    assert (
        client.post(part(case, "status"), {"vic_TraffickingStatus": "PossibleVictimOfTrafficking"}).status_code == 302
    )
    assert client.post(part(case, "status"), DECIDED).status_code == 302
    assert answers_of(cast, case)["x_StatusDecidedOn"] == "2026-02-01"
    with pytest.raises(DecisionLacks) as lack:
        change(cast, case, vic_TraffickingStatus="NotAVictimOfTrafficking", x_StatusDecidedBy="")
    assert lack.value.what == ["x_StatusDecidedBy"]


def test_r6_an_age_that_cannot_be_is_refused(cast, case, sign_in):
    client = sign_in(cast.amina)
    answer = client.post(part(case, "recruitment"), {"vic_AgeWhenTrafficked_0": "121"})
    assert answer.status_code == 422 and 'id="id_vic_AgeWhenTrafficked_error"' in answer.text
    older_than_she_is = client.post(part(case, "recruitment"), {"vic_AgeWhenTrafficked_0": "60"})
    assert older_than_she_is.status_code == 422 and "This answer cannot be right" in older_than_she_is.text
    with pytest.raises(AnswerImpossible):
        change(cast, case, vic_AgeWhenTrafficked=-1)
    assert client.post(part(case, "recruitment"), {"vic_AgeWhenTrafficked_1": "DECLINED"}).status_code == 302
    assert answers_of(cast, case)["vic_AgeWhenTrafficked"] == "DECLINED"


def test_r6_what_does_not_go_together_is_said_and_never_refused(cast, case, sign_in):
    change(cast, case, vic_ForcedLabourIndustry=["F_Construction"], vic_TypeOfSexExploitation=["Pornography"])
    page = sign_in(cast.amina).get(reverse("case-survivor", args=[case.uid])).text
    assert "An industry is recorded, but no form of labour exploitation." in page
    assert "sexual exploitation itself is not ticked" in page


def test_the_rules_by_themselves():
    actual = {"vic_TraffickingStatus": "ActualVictimOfTrafficking"}
    assert rules.decision_gaps({"vic_TraffickingStatus": "PossibleVictimOfTrafficking"}) == []
    assert rules.decision_gaps(actual) == list(rules.DECISION)
    assert len(rules.to_check(actual)) == 4
    minor = {
        **actual,
        "x_Acts": ["RECEIPT"],
        "vic_TypeOfExploitation": ["SexualExploitation"],
        "vic_AgeWhenTrafficked": 15,
    }
    assert not any("means of control" in sentence for sentence in rules.to_check(minor))
    assert any("means of control" in sentence for sentence in rules.to_check({**minor, "vic_AgeWhenTrafficked": 18}))
    fitting = {"vic_ForcedLabourIndustry": ["F_Construction"], "vic_TypeOfExploitation": ["Servitude"]}
    assert rules.to_check(fitting) == []
    assert rules.impossible({"vic_AgeWhenTrafficked": "UNKNOWN"}) is None
    assert rules.impossible({"vic_AgeWhenTrafficked": "twelve"}) == "vic_AgeWhenTrafficked"
    assert rules.impossible({"vic_AgeWhenTrafficked": 30}, birth_date=date(2010, 1, 1)) == "vic_AgeWhenTrafficked"


def test_the_event_holds_names_of_answers_only(cast, case):
    change(cast, case, vic_TypeOfExploitation=["ForcedBegging"])
    event = Event.objects.get(verb="PROFILE_CHANGED")
    assert event.detail.content["fields"] == ["profile.answers.vic_typeofexploitation"]
    assert event.section_codes == ["NARRATIVE"] and "ForcedBegging" not in str(event.detail.content)
    change(cast, case, vic_TypeOfExploitation=["ForcedBegging"])
    assert Event.objects.filter(verb="PROFILE_CHANGED").count() == 1, "the same again is no change"


def test_her_statement_is_folded_and_its_draft_forgotten(cast, case, sign_in):
    client, page = sign_in(cast.amina), reverse("case-statement", args=[case.uid])
    save_draft(
        actor=cast.amina,
        now=clock.now(),
        kind="statement",
        about_uid=case.uid,
        fields={"statement": ["half a sentence"]},
    )
    assert "half a sentence" in client.get(page).text
    mark = mark_of(access.within(TraffickingProfile, case).get(), "statement")
    sent = {"statement": "I was told it was a hotel.\nIt was not.", "mark": mark}
    assert client.post(page, sent).status_code == 302
    assert not access.own(Draft, cast.amina).filter(kind="statement").exists()
    tab = client.get(reverse("case-survivor", args=[case.uid])).text
    before, after = tab.split("Show statement")
    assert "I was told it was a hotel." in after and "I was told" not in before
    assert client.post(page, {**sent, "statement": "Another"}).status_code == 409
    assert access.within(TimelineEntry, case).filter(kind="PROFILE_CHANGED", section="NARRATIVE").count() == 1


def test_who_may_not_is_kept_out(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    for slug in ("status", "recruitment", "control", "exploitation"):
        assert sign_in(cast.dana).get(part(case, slug)).status_code == 404
        assert sign_in(cast.gita).post(part(case, slug), {}).status_code == 403
    assert sign_in(cast.bea).get(part(case, "control")).status_code == 403, "a supervisor reads, and does not write"
    assert sign_in(cast.bea).get(part(case, "status")).status_code == 200, "she decides on the status (test_signs.py)"
