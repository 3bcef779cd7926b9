"""Other people on a case: alleged until convicted, beside no way to reach her, and on no paper (domain.md R20)."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit import clock
from casemgmt.access.errors import Hidden, Refused
from casemgmt.access.sections import Section
from cases import access
from cases.actions.other_people import SaidOfOther, change_other_person, end_other_person, note_other_person
from cases.choices.other_people import Standing
from cases.errors.casework import CaseIsClosed, ChangedMeanwhile
from cases.errors.other_people import ConvictionNeedsItsDay, IsNotListed, NobodyIsDescribed
from cases.models import OtherPerson, OtherPersonToken, TimelineEntry
from tests import make
from tests.cases.stored import dump

HIM = {
    "roles": ["Exploiter"], "first_name": "Osgood", "family_name": "Thrushlington", "other_names": "Oz the Rook",
    "phone": "+1 202 555 0166", "looks": "a scar like a heron", "known_as": "EMPLOYER", "dangers": "carries a Wigeonette",
}  # fmt: skip
WORDS = ("Osgood", "Thrushlington", "Oz the Rook", "555 0166", "scar like a heron", "Wigeonette", "hid the Smewlings")


def noted(actor, case, **changes):
    return note_other_person(
        actor=actor, now=clock.now(), case_uid=case.uid, said=SaidOfOther(**{**HIM, **changes})
    )  # fmt: skip


def changed(actor, case, row, mark=None, **changes):
    return change_other_person(
        actor=actor, now=clock.now(), case_uid=case.uid, person_uid=row.uid, said=SaidOfOther(**{**HIM, **changes}), mark=mark
    )  # fmt: skip


def url(name, case, *more):
    return reverse(name, args=[case.uid, *more])


def sent(**changes):
    return {**HIM, "standing": "ALLEGED", "form_key": str(uuid4()), **changes}


def test_written_down_once_by_its_form_and_sealed(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    said = sent(part="hid the Smewlings")
    for _again in range(2):
        assert client.post(url("case-other-new", case), said).status_code == 302
    row = access.for_the_house(OtherPerson).get()
    page = client.get(url("case-others", case)).text
    assert all(word in page for word in WORDS) and "Employer" in page
    assert "Alleged: Exploiter" in page
    stored = dump()
    assert not [word for word in WORDS if word.encode() in stored]
    assert b"EMPLOYER" not in stored and b"Exploiter" not in stored and b"ALLEGED" not in stored
    [event] = events("OTHER_PERSON_NOTED", case.uid)
    assert event.subject_uid == row.uid and event.sections == " NARRATIVE SAFETY "


@pytest.mark.parametrize(
    ("standing", "day", "words"),
    [
        ("ALLEGED", "", "Alleged"), ("CHARGED", "2026-02-01", "charged, not convicted"),
        ("ACQUITTED", "2026-02-01", "Was alleged: acquitted"), ("DROPPED", "", "charges dropped"),
        ("CONVICTED", "2026-02-01", "Convicted"),
    ],
)  # fmt: skip
def test_r20_alleged_until_a_court_has_convicted(cast, case, sign_in, standing, day, words):
    client = sign_in(cast.amina)
    assert client.post(url("case-other-new", case), sent(standing=standing, standing_on=day)).status_code == 302
    page = client.get(url("case-others", case)).text
    body = page[page.index("<article") : page.index("</article>")]
    assert words in body
    assert ("lleged" in body) == (standing != "CONVICTED")


def test_a_conviction_needs_its_day_and_an_entry_somebody(cast, case, sign_in):
    for changes, error in (
        ({"standing": "CONVICTED"}, ConvictionNeedsItsDay),
        (dict.fromkeys(("first_name", "family_name", "other_names", "phone", "looks"), ""), NobodyIsDescribed),
    ):
        with pytest.raises(error):
            noted(cast.amina, case, **changes)
    answer = sign_in(cast.amina).post(url("case-other-new", case), sent(standing="CONVICTED"))
    assert answer.status_code == 422 and "the page says “alleged”" in answer.text
    assert not access.for_the_house(OtherPerson).exists()


def test_of_a_witness_nothing_is_alleged_and_nothing_compared(cast, case, sign_in):
    noted(cast.amina, case, roles=["WITNESS", "HARMED_TOO"])
    page = sign_in(cast.amina).get(url("case-others", case)).text
    assert "lleged" not in page[page.index("<article") : page.index("</article>")]
    assert not access.for_the_house(OtherPersonToken).exists()


def test_r20_no_page_about_them_shows_or_links_the_way_to_reach_her(cast, case, sign_in):
    row = noted(cast.amina, case)
    changed(cast.amina, case, row, looks="a limp")
    client = sign_in(cast.amina)
    usual = client.get(url("case-overview", case)).text
    assert "Text on weekday mornings only." in usual and "Show name" in usual
    pages = [
        url("case-others", case), url("case-other-new", case), url("case-other-change", case, row.uid),
        url("case-other-end", case, row.uid), f"{url('case-record-versions', case, row.uid)}?kind=otherperson",
    ]  # fmt: skip
    contact = [reverse(name, args=[case.uid]) for name in ("case-contact", "case-reach", "case-contact-details")]
    for path in pages:
        page = client.get(path)
        assert page.status_code == 200, path
        for word in ("Text on weekday mornings only.", "Safe contact rule", "202 555 0123", "Show name", *contact):
            assert word not in page.text, (path, word)


def test_r20_never_on_a_card_a_header_a_list_a_print_or_a_summary(cast, case, sign_in):
    noted(cast.amina, case, part="hid the Smewlings")
    client = sign_in(cast.amina, is_fresh=True)
    paths = [
        url(name, case) for name in (
            "case-overview", "case-timeline", "case-survivor", "case-safety", "case-documents", "case-sharing", "case-history",
            "case-legal", "case-aftercare", "case-reintegration", "case-print", "case-summary", "case-exit-summary",
            "case-safety-plan-print",
        )
    ]  # fmt: skip
    for path in [*paths, reverse("cases"), reverse("day")]:
        page = client.get(path)
        assert page.status_code == 200, path
        assert not [word for word in WORDS if word in page.text], path
    for line in access.for_the_house(TimelineEntry).filter(kind="OTHER_PERSON_NOTED"):
        assert line.section == Section.SAFETY


def test_changed_and_what_is_the_same_writes_nothing(cast, case, sign_in, events):
    client = sign_in(cast.amina)
    row = noted(cast.amina, case, part="hid the Smewlings")
    page = client.get(url("case-other-change", case, row.uid))
    assert "Thrushlington" in page.text and "hid the Smewlings" in page.text
    changed(cast.amina, case, row, part="hid the Smewlings")
    assert not events("OTHER_PERSON_CHANGED", case.uid)
    said = sent(standing="CHARGED", standing_on="2026-02-01", part="hid the Smewlings")
    assert client.post(url("case-other-change", case, row.uid), said).status_code == 302
    [event] = events("OTHER_PERSON_CHANGED", case.uid)
    assert "CHARGED" not in str(event.detail.content)
    with pytest.raises(ChangedMeanwhile):
        changed(cast.amina, case, row, mark="of-a-page-of-before", looks="taller")
    versions = client.get(f"{url('case-record-versions', case, row.uid)}?kind=otherperson")
    assert versions.status_code == 200 and "Another person" in versions.text


def test_taken_off_with_a_reason_and_kept_in_the_history(cast, case, sign_in, events):
    row = noted(cast.amina, case)
    client = sign_in(cast.amina)
    assert client.post(url("case-other-end", case, row.uid), {"form_key": str(uuid4())}).status_code == 422
    assert client.post(url("case-other-end", case, row.uid), {"reason": "MISTAKE"}).status_code == 302
    page = client.get(url("case-others", case)).text
    assert "Nobody is written down" in page and "1 person is no longer listed" in page and "It was a mistake" in page
    assert not access.for_the_house(OtherPersonToken).exists()
    assert len(events("OTHER_PERSON_ENDED", case.uid)) == 1
    with pytest.raises(IsNotListed):
        changed(cast.amina, case, row)
    assert client.get(url("case-other-change", case, row.uid)).status_code == 404


def test_read_with_safety_and_what_they_did_with_what_happened(cast, case, sign_in):
    """The clinic reads safety and not what happened; it writes neither."""
    row = noted(cast.amina, case, part="hid the Smewlings")
    make.colleague(case, cast.bea, cast.gita, "CLINICAL")
    gita = sign_in(cast.gita)
    page = gita.get(url("case-others", case)).text
    assert "Thrushlington" in page and "hid the Smewlings" not in page and "What she said of their part" not in page
    for name, more in (("case-other-new", ()), ("case-other-change", (row.uid,)), ("case-other-end", (row.uid,))):
        assert gita.get(url(name, case, *more)).status_code == 403
    with pytest.raises(Refused):
        noted(cast.gita, case)


def test_closed_to_strangers_the_auditor_and_counsel_of_one_matter(cast, case, sign_in):
    row = noted(cast.amina, case)
    make.colleague(case, cast.bea, cast.luis, "STAFF_COUNSEL")
    for person, status in ((cast.dana, 404), (cast.chidi, 404), (cast.elif_, 404), (cast.farid, 404), (cast.luis, 403)):
        client = sign_in(person)
        for name, more in (("case-others", ()), ("case-other-new", ()), ("case-other-change", (row.uid,))):
            assert client.get(url(name, case, *more)).status_code == status, (person, name)
    with pytest.raises(Hidden):
        end_other_person(
            actor=cast.dana, now=clock.now(), case_uid=case.uid, person_uid=row.uid, reason="MISTAKE"
        )  # fmt: skip


def test_a_closed_case_takes_nobody_in_and_lets_them_go(cast, case):
    row = noted(cast.amina, case)
    over = make.closed(case, cast.amina)
    with pytest.raises(CaseIsClosed):
        noted(cast.amina, over)
    end_other_person(actor=cast.amina, now=clock.now(), case_uid=over.uid, person_uid=row.uid, reason="NO_LONGER")


def test_only_a_get_reads(cast, case, sign_in):
    assert sign_in(cast.amina).post(url("case-others", case)).status_code == 405


def test_every_standing_but_one_says_alleged():
    """Where a label loses the word, the page would call somebody guilty."""
    assert [one for one in Standing if "lleged" not in str(one.label)] == [Standing.CONVICTED]
