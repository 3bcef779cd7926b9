"""R21: what she was read stays word for word, with its version and language, whatever a later Haven says."""

import pytest
from django.urls import reverse

from audit import clock
from audit.models import Event
from cases import access, consent_words, opening, release_words
from cases.actions.survivor import record_consent
from cases.errors.survivor import ConsentLacks
from cases.htcds.codes import ConsentPrompt
from cases.models import Consent, Release
from tests.accounts import signing_in
from tests.cases.test_consent import ALL, FACTS, kept, sent
from tests.cases.test_release_pages import page_of
from tests.services.test_release_and_matter import a_matter, release


def consents(cast, case, **changes):
    facts = {**FACTS, "language": "en", "given_by": "HERSELF", **changes}
    state = facts.pop("state", "CONSENTED")
    return record_consent(actor=cast.amina, now=clock.now(), case_uid=case.uid, state=state, told=ALL, facts=facts)


def rewrite(monkeypatch, words="We keep everything for ever."):
    """A later Haven says it otherwise."""
    monkeypatch.setattr(consent_words, "VERSION", 2)
    monkeypatch.setitem(consent_words.POINTS, ConsentPrompt.TOLD_HOW_LONG, words)


def test_r21_the_wording_of_a_consent_stays_with_her_answer(cast, case, monkeypatch, sign_in):
    consents(cast, case)
    first = kept(cast, case)[2]["wording"]
    assert first["version"] == 1 and first["code"] == "en" and len(first["points"]) == 7
    rewrite(monkeypatch)
    client, tab = sign_in(cast.amina), reverse("case-survivor", args=[case.uid])
    shown = client.get(tab).text
    assert "only as long as the law wants" in shown and "for ever" not in shown
    assert "for ever" in client.get(reverse("case-consent", args=[case.uid])).text, (
        "who is asked now hears what holds now"
    )
    consents(cast, case, witness="Gita")
    assert kept(cast, case)[2]["wording"] == first, "another fact about the same answer changes no word of it"
    consents(cast, case, obtained_on="2026-04-02")
    assert kept(cast, case)[2]["wording"]["version"] == 2
    with opening.open_history(cast.amina, access.get_for(cast.amina, case.uid)):
        rows = access.within(Consent, case).get().history.order_by("history_id")
        versions = [(row.record or {}).get("wording", {}).get("version") for row in rows]
    assert versions == [None, 1, 1, 2], "what stood there before stays"


def test_r21_the_wording_of_a_release_stays_as_she_signed_it(cast, case, monkeypatch):
    made = release(cast, case, a_matter(cast, case))
    client = signing_in.sign_in(cast.amina, is_fresh=True)
    monkeypatch.setattr(release_words, "TITLE", "Something else")
    for name in ("release", "release-print"):
        page = client.get(page_of(case, made, name)).text
        assert "Permission to share information about me" in page and "Something else" not in page
    row = access.for_the_house(Release).get(uid=made.uid)
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        assert row.signing["wording"]["title"] == "Permission to share information about me"


def test_nobody_who_was_not_asked_was_read_anything(cast, case):
    consents(cast, case, state="PENDING")
    assert "wording" not in kept(cast, case)[2]


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ({"given_by": "WITH_GUARDIAN", "guardian": "Ana", "guardian_is_not_abuser": True}, {"assent"}),
        (
            {"given_by": "WITH_GUARDIAN", "guardian": "Ana", "guardian_is_not_abuser": True, "assent": "NO"},
            {"assent"},
        ),
        ({"given_by": "WITH_GUARDIAN", "guardian": "Ana", "assent": "YES"}, {"guardian_is_not_abuser"}),
        ({"given_by": "REPRESENTATIVE", "guardian_is_not_abuser": True}, {"guardian"}),
        ({"given_by": "MINOR_ALONE"}, {"authority"}),
    ],
    ids=["not asked", "she said no", "not looked at", "nobody named", "no law named"],
)
def test_r2_a_consent_of_somebody_else_needs_her_own_and_a_look_at_them(cast, case, facts, missing, sign_in):
    with pytest.raises(ConsentLacks) as lacks:
        consents(cast, case, **facts)
    assert set(lacks.value.what) == missing
    form = {name: "on" if value is True else value for name, value in facts.items()}
    answer = sign_in(cast.amina).post(reverse("case-consent", args=[case.uid]), sent(**form))
    assert answer.status_code == 422 and all(f'id="id_{name}_error"' in answer.text for name in missing)
    assert kept(cast, case)[0] == "PENDING"


def test_a_minor_assents_and_her_guardian_consents(cast, case, sign_in):
    client, tab = sign_in(cast.amina), reverse("case-survivor", args=[case.uid])
    answer = client.post(
        reverse("case-consent", args=[case.uid]),
        sent(
            language="en",
            given_by="WITH_GUARDIAN",
            guardian="Ana Quillfeather",
            guardian_is_not_abuser="on",
            assent="YES",
        ),
    )
    assert answer.status_code == 302
    shown = client.get(tab).text
    assert (
        "She, and her parent or guardian" in shown and "Ana Quillfeather" in shown and "Your own answer counts" in shown
    )


def test_the_paper_names_nobody_and_is_recorded(cast, case, sign_in):
    page = reverse("case-consent-print", args=[case.uid])
    answer = sign_in(cast.amina).get(page)
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    assert answer.status_code == 200 and "you get the same help" in main
    assert case.number not in main and str(case.organisation.name) not in main
    assert Event.objects.filter(verb="PRINT_MADE", subject_uid=case.uid).exists()
    assert sign_in(cast.dana).get(page).status_code == 404


def test_her_language_is_kept_with_her_answer(cast, case):
    consents(cast, case, language="es")
    wording = kept(cast, case)[2]["wording"]
    assert (wording["code"], wording["untranslated"]) == ("es", "") and "May we keep" not in wording["title"]


def test_a_language_without_all_sentences_says_so(cast, case):
    text = consent_words.text_in("so")
    assert (text.code, text.untranslated) == ("en", "Somali")
    assert consent_words.text_in("en").untranslated == ""
