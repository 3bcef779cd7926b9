"""The long talk: one topic a screen with its reason, left and taken up again, every answer where the case keeps it."""

from html import unescape

import pytest
from django.urls import reverse

from audit.models import Event
from casemgmt.access.sections import Section
from cases import access, opening, talk
from cases.choices.signs import Sign, kept_as, source_of
from cases.forms.answers import MarkedForm
from cases.models import Survivor, TraffickingProfile
from tests import make


@pytest.fixture
def case(cast):
    return make.case(cast.amina, cast.team_of("amina"))


def of(case, name, *args):
    return reverse(name, args=[case.uid, *args])


def step_of(case, slug):
    return of(case, "case-talk-step", slug)


def stored(cast, case, model, column):
    with opening.open_case(cast.amina, access.get_for(cast.amina, case.uid)):
        return getattr(access.within(model, case).get(), column) or {}


def test_every_screen_has_its_reason_its_ways_out_and_the_null_flavours(cast, case, sign_in):
    client = sign_in(cast.amina)
    for place, step in enumerate(talk.STEPS, start=1):
        page = unescape(client.get(step_of(case, step.slug)).text)
        assert f"<h2>{step.heading}</h2>" in page and "Why we ask" in page and str(step.why) in page, step.slug
        assert "Stop here, it is enough for today" in page and "Skip this topic" in page, step.slug
        assert f"Topic {place} of {len(talk.STEPS)}" in page
        assert (str(step.warning) in page) if step.warning else 'class="note warn"' not in page.split("<form")[-1]
        for words in ("Not asked yet", "Prefers not to say", "Does not know"):
            assert words in page.split("<form")[-1], (step.slug, words)
    signs = unescape(client.get(step_of(case, "work")).text)
    assert "Does not apply" in signs


def test_answers_stand_where_the_case_keeps_them_and_a_topic_can_be_skipped(cast, case, sign_in):
    client = sign_in(cast.amina)
    slugs = [step.slug for step in talk.STEPS]
    sent = {
        "called": {"x_WantedName": "Zora", "x_Pronouns": "THEY"},
        "family": {"prs_MaritalStatus": "DECLINED", "prs_NumberOfChildren_0": "2"},
        "work": {kept_as(Sign.LESS_PAY): "YES", kept_as(Sign.QUOTA): "UNKNOWN", kept_as(Sign.LONG_HOURS): "NO"},
        "began": {"vic_AgeWhenTrafficked_1": "DECLINED", "vic_MethodOfRecruitment": ["AtWork"]},
        "protection": {"migrant_type": ["DECLINED"]},
    }
    for slug, answers in sent.items():
        following = slugs[slugs.index(slug) + 1]
        assert client.post(step_of(case, slug), {**answers, "onward": "1"}).url == step_of(case, following), slug
    assert stored(cast, case, Survivor, "called")["x_WantedName"] == "Zora"
    about = stored(cast, case, Survivor, "about")
    assert (about["prs_MaritalStatus"], about["prs_NumberOfChildren"]) == ("DECLINED", 2)
    signs = stored(cast, case, TraffickingProfile, "signs")
    assert (signs[kept_as(Sign.LESS_PAY)], signs[kept_as(Sign.QUOTA)]) == ("YES", "UNKNOWN")
    assert signs[source_of(Sign.LESS_PAY)] == "CLIENT_STATEMENT" and kept_as(Sign.OTHER_WORK) not in signs
    answers = stored(cast, case, TraffickingProfile, "answers")
    assert answers["vic_AgeWhenTrafficked"] == "DECLINED" and answers["vic_MethodOfRecruitment"] == ["AtWork"]
    assert stored(cast, case, Survivor, "protection")["migrant_type"] == "DECLINED"


def test_it_is_left_and_taken_up_where_it_stopped(cast, case, sign_in):
    client, start = sign_in(cast.amina), of(case, "case-talk")
    assert "Begin with:" in client.get(start).text
    stop = {kept_as(Sign.ARRANGED): "DECLINED", "stop": "1"}
    assert client.post(step_of(case, "journey"), stop).url == start
    page = unescape(client.get(start).text)
    assert "Go on with: Work and pay" in page and "0 of 5 answered, 1 left open by her" in page
    assert "1 of 13 topics" in page
    # A colleague, another day, another machine: what is kept is the case's.
    make.colleague(case, cast.bea, cast.nadia, "ASSIGNMENT")
    assert "Go on with: Work and pay" in unescape(sign_in(cast.nadia).get(start).text)
    kept = unescape(client.get(step_of(case, "journey")).text)
    assert '<option value="DECLINED" selected>' in kept


def test_where_to_go_on():
    steps = list(talk.STEPS)
    none = {step.slug: (0, 0) for step in steps}
    assert talk.next_step(steps, none) is steps[0]
    assert talk.next_step(steps, {**none, steps[3].slug: (0, 1)}) is steps[4]
    assert talk.next_step(steps, {**none, steps[-1].slug: (1, 0)}) is steps[0], (
        "what was skipped comes again at the end"
    )
    assert talk.next_step(steps, {step.slug: (1, 0) for step in steps}) is None


def test_what_cannot_be_right_is_said_and_nothing_is_lost(cast, case, sign_in):
    client = sign_in(cast.amina)
    answer = client.post(step_of(case, "began"), {"vic_AgeWhenTrafficked_0": "121", "onward": "1"})
    assert answer.status_code == 422 and 'id="id_vic_AgeWhenTrafficked_error"' in answer.text and "121" in answer.text
    first = client.get(step_of(case, "work")).text
    mark = first.split('name="mark" value="')[1].split('"')[0]
    assert client.post(step_of(case, "work"), {kept_as(Sign.QUOTA): "YES", "mark": mark}).status_code == 302
    late = client.post(step_of(case, "work"), {kept_as(Sign.QUOTA): "NO", "mark": mark, "onward": "1"})
    assert late.status_code == 409 and "Stop here, it is enough for today" in late.text


def test_only_who_writes_what_happened_and_only_their_parts(cast, case, sign_in):
    make.colleague(case, cast.amina, cast.gita, "CLINICAL")
    for page in (of(case, "case-talk"), step_of(case, "called"), step_of(case, "body")):
        for person, status in (("dana", 404), ("elif_", 404), ("chidi", 404), ("gita", 403), ("bea", 403)):
            client = sign_in(getattr(cast, person))
            assert client.get(page).status_code == status, (person, page)
            assert client.post(page, {}).status_code in (status, 405), (person, page)
    assert sign_in(cast.amina).get(step_of(case, "nothing")).status_code == 404
    make.closed(case, cast.amina)
    closed = sign_in(cast.amina).post(step_of(case, "work"), {kept_as(Sign.QUOTA): "YES"})
    assert closed.status_code == 422 and "closed" in closed.text


def test_its_events_name_no_answer(cast, case, sign_in):
    client = sign_in(cast.amina)
    client.post(step_of(case, "body"), {kept_as(Sign.HURT): "YES"})
    client.post(step_of(case, "called"), {"x_WantedName": "Zora"})
    told = Event.objects.filter(verb__in=["PROFILE_CHANGED", "SURVIVOR_CHANGED"]).order_by("pk")
    assert [event.detail.content["fields"] for event in told] == [
        ["profile.signs.body"],
        ["survivor.called.x_wantedname"],
    ]


def test_every_topic_is_whole():
    assert len({step.slug for step in talk.STEPS}) == len(talk.STEPS)
    for step in talk.STEPS:
        form = step.make_form()
        assert isinstance(form, MarkedForm) and set(step.names) == {field.name for field in form.visible_fields()}
        assert step.section in (Section.IDENTITY, Section.NARRATIVE, Section.STATUS) and step.why
