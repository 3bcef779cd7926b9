"""The indexes find what comparing in memory finds, follow every change, and lose nothing when they are killed."""

from collections import Counter
from contextlib import ExitStack
from datetime import date

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from audit import clock
from casemgmt.access.sections import Section
from casemgmt.crypto import blind_index, keks, keyring
from casemgmt.crypto.errors import KeystoreUnavailable
from casemgmt.crypto.models import CaseKey
from cases import access, search, search_index, search_plan
from cases.actions import indexing
from cases.actions.safety import SafeContact, replace_contact
from cases.actions.survivor import change_contact_details, change_survivor
from cases.actions.walls import place_wall, restrict_case
from cases.choices.search import IndexName
from cases.models import BlindToken, Case, Survivor
from cases.opening import open_case, open_job
from cases.search import find_cases, person_question, read_question
from tests import make
from tests.cases import stored
from tests.crypto.gates import reading

PEOPLE = [
    ("Ana María", "López García", "Lupita", date(1998, 4, 5), "+34 600 111 222"),
    ("Ana", "López", "", date(1998, 12, 1), "202 555 0100"),
    ("محمد", "الحسن", "", date(1990, 1, 1), ""),
    ("Mohammed", "Hassan", "", None, "+1 202 555 0100"),
    ("Наталья", "Чернова", "", date(1985, 6, 7), "0100 600111222"),
    ("Thị Ánh", "Nguyễn", "Mai", date(2001, 2, 3), ""),
    ("Văn Nam", "Nguyễn", "", date(2001, 2, 3), ""),
    ("Zoraida", "", "", date(1998, 4, 5), ""),
    ("", "", "", None, "111222"),
]
WORDS = [
    "Ana", "Maria", "López", "Lopes", "Garcia", "Lupita", "محمد", "Muhammad", "Al-Hassan", "Natalia", "Tchernova",
    "Nguyen", "Anh", "Thi", "Mai", "Zoraida", "Zor", "Ngu", "An", "x", "1998", "2001", "1990",
]  # fmt: skip


@pytest.fixture
def people(cast):
    """Cases of Amina and of Dana, in turn, one with parts of a name only."""
    made = []
    for number, (first, family, others, born, phone) in enumerate(PEOPLE):
        opener = cast.amina if number % 3 else cast.dana
        facts = {"first_name": first, "second_name": family, "other_names": others, "birth_date": born}
        made.append(make.case(opener, cast.team_of("amina" if number % 3 else "dana"), contact_value=phone, **facts))
    return made


@pytest.fixture
def indexed(settings, people):
    """The same people, with indexes that are ready."""
    settings.CASE_SEARCH = "index"
    assert indexing.fill(reason="a test")
    assert search_index.ready()
    return people


def both_ways(settings, actor, question):
    """What comparing finds, and what the indexes find."""
    settings.CASE_SEARCH = "scan"
    scanned = find_cases(actor, question)
    settings.CASE_SEARCH = "index"
    assert search_index.ready()
    return scanned, find_cases(actor, question)


def tokens():
    return set(BlindToken._base_manager.values_list("index", "epoch", "token", "case_id"))


def alias_of(actor, case):
    """The alias, read through the gate."""
    mine = access.get_for(actor, case.uid)
    with open_case(actor, mine):
        return mine.alias


def reckoned_anew():
    """What the indexes must hold, from the records as they are now."""
    BlindToken._base_manager.all().delete()
    cases = access.lock_cases(list(access.for_the_house(Case).values_list("pk", flat=True)))
    search_index.remember_all(None, cases, search_index.states())
    return tokens()


questions = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join).map(read_question),
    st.sampled_from(["5.4.1998", "2001-02-03", "1.1.1970", "202 555 0100", "111222", "600111222"]).map(read_question),
    st.builds(
        person_question,
        names=st.lists(st.sampled_from(WORDS[:18]), max_size=3).map(" ".join),
        birth_date=st.sampled_from([None, date(1998, 4, 5), date(1970, 1, 1)]),
        phone=st.sampled_from(["", "2025550100", "12"]),
    ),
)


def test_both_ways_find_the_same(cast, indexed, settings):
    hits = Counter()

    @effort(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(question=questions, who=st.sampled_from(["amina", "dana", "bea"]))
    def compare(question, who):
        scanned, found = both_ways(settings, getattr(cast, who), question)
        assert scanned == found
        hits[bool(found.uids)] += 1

    compare()
    assert min(hits[True], hits[False]) > 10  # the test compares hits as well as misses


def test_alias_and_number_both_ways(cast, indexed, settings):
    case = indexed[1]
    alias = alias_of(cast.amina, case)
    for text in (alias, " ".join(reversed(alias.split())), case.number, case.number[-4:], case.number[-6:].lower()):
        scanned, found = both_ways(settings, cast.amina, read_question(text))
        assert scanned == found and case.uid in found.uids, text


def test_whole_names_are_found_by_token_without_comparing_everybody(cast, indexed, monkeypatch):
    monkeypatch.setattr(search, "_by_scan", lambda *_: pytest.fail("compared with everybody"))
    for text in ("López Ana", "Lopes Ana", "Zor 1998", "1.12.1998", "202 555 0100", "5.4.1998"):
        assert find_cases(cast.amina, read_question(text)).uids, text
    assert find_cases(cast.dana, read_question("Lupita Lopez")).uids == [indexed[0].uid]
    assert find_cases(cast.amina, read_question("Nobody 1998")).uids == []


def test_nothing_is_opened_that_the_reader_may_not_see(cast, indexed, monkeypatch):
    opened = []
    real = search_index.facts_of

    def noted(case, *rest, **options):
        opened.append(case.uid)
        return real(case, *rest, **options)

    monkeypatch.setattr(search_index, "facts_of", noted)
    assert find_cases(cast.dana, read_question("Ana López")).uids == [indexed[0].uid]
    mine = set(access.visible(Case, cast.dana).values_list("uid", flat=True))
    assert opened and set(opened) <= mine
    opened.clear()
    assert find_cases(cast.jonas, read_question("Ana López")).uids == [] and opened == []


def test_no_more_is_opened_than_the_question_needs(cast, indexed):
    with open_job("look", [Section.CARD, Section.IDENTITY]):
        case = indexed[0]
        survivor = access.for_the_house(Survivor).get(case=case)
        born = survivor.birth_date.year
    with reading() as gate:
        search_index.facts_of(case, survivor, [], with_phones=False, born_in=born + 1)
        assert [fid for _case, _section, fid, _scope in gate.admitted] == ["survivor.birth_date"]
        assert search_index.facts_of(case, survivor, [], with_phones=False, born_in=born).first
        assert "survivor.contact" not in [fid for _case, _section, fid, _scope in gate.admitted]
        gate.admitted.clear()
        [row] = search_index.named_rows(access.of_cases(Survivor, [case.pk]))
        assert row.born_in(born + 1) is None
        assert [fid for _case, _section, fid, _scope in gate.admitted] == ["survivor.birth_date"]
        assert row.born_in(born).first == survivor.first_name
        search_index.facts_of(case, survivor, [])
        assert "survivor.contact" in [fid for _case, _section, fid, _scope in gate.admitted]


def test_names_need_identity_and_aliases_the_card(cast, indexed, settings):
    case = indexed[1]
    make.colleague(case, cast.bea, cast.jonas, "RESIDENCE")
    alias = alias_of(cast.amina, case)
    for text, is_found in (("Ana López", False), ("1.12.1998", False), ("202 555 0100", False), (alias, True)):
        scanned, found = both_ways(settings, cast.jonas, read_question(text))
        assert scanned == found and bool(found.uids) is is_found, text


def test_walls_and_restrictions_hold_in_the_index_too(cast, indexed, settings):
    case = indexed[1]
    question = read_question("Ana López")
    assert case.uid in find_cases(cast.amina, question).uids
    place_wall(actor=cast.kemi, now=clock.now(), case_uid=case.uid, person=cast.amina)
    for found in both_ways(settings, cast.amina, question):
        assert case.uid not in found.uids
    restrict_case(actor=cast.bea, now=clock.now(), case_uid=case.uid, is_restricted=True)
    for found in both_ways(settings, cast.bea, question):
        assert (case.uid in found.uids) is (case.pk in access.visible(Case, cast.bea).values_list("pk", flat=True))


def test_a_search_sends_the_same_queries_however_many_there_are(cast, indexed):
    def sent(text):
        with ExitStack() as stack:
            seen = [stack.enter_context(CaptureQueriesContext(connections[alias])) for alias in ("default", "keystore")]
            assert find_cases(cast.amina, read_question(text)).uids
        return sum(len(one.captured_queries) for one in seen)

    names, days = sent("Ana López"), sent("1.12.1998")
    for _ in range(4):
        make.case(
            cast.amina, cast.team_of("amina"), first_name="Ana", second_name="López", birth_date=date(1998, 12, 1)
        )
    # Five cases more than before: the keys of all of them come in one query, which two cases in memory may not need.
    # Asked twice, because a key that grew old in memory meanwhile costs another.
    assert min(sent("Ana López"), sent("Ana López")) <= names + 1
    assert min(sent("1.12.1998"), sent("1.12.1998")) <= days + 1


# ---- Tokens follow the case ----


def test_every_change_is_found_at_once_and_the_old_name_no_more(cast, indexed, settings):
    case = indexed[1]
    facts = {"first_name": "Ysolde", "second_name": "Marchbanks", "birth_date": date(1977, 7, 7)}
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=case.uid, names=facts)
    change_contact_details(
        actor=cast.amina, now=clock.now(), case_uid=case.uid, contact={"prs_MobilePhone": "+49 30 5550199"}
    )
    new = SafeContact(channel="SMS", words="Mornings", verified_on=date(2026, 3, 2), value="+33 1 55501234")
    replace_contact(actor=cast.amina, now=clock.now(), case_uid=case.uid, contact=new)
    for text in ("Marchbanks Ysolde", "7.7.1977", "Yso 1977", "030 5550199", "01 55501234"):
        scanned, found = both_ways(settings, cast.amina, read_question(text))
        assert found.uids == scanned.uids == [case.uid], text
    for text in ("Ana López", "1.12.1998", "Ana 1998"):
        scanned, found = both_ways(settings, cast.amina, read_question(text))
        assert scanned == found and case.uid not in found.uids, text
    kept = tokens()
    assert kept == reckoned_anew()


def test_a_case_opened_while_the_index_is_filled_is_in_it(cast, people, settings, monkeypatch):
    settings.CASE_SEARCH = "index"
    monkeypatch.setattr(indexing, "CASES_AT_ONCE", 4)
    epoch = blind_index.newest_epoch()
    indexing.begin_fill(actor=None, now=clock.now(), epoch=epoch, bits={}, reason="a test")
    assert indexing.fill_some(actor=None, now=clock.now(), reason="a test")
    assert not search_index.ready()  # questions wait, and are answered by comparing
    early = make.case(cast.amina, cast.team_of("amina"), first_name="Ysolde", second_name="Marchbanks")
    change_survivor(actor=cast.dana, now=clock.now(), case_uid=people[0].uid, names={"first_name": "Perpetua"})
    change_survivor(actor=cast.amina, now=clock.now(), case_uid=people[8].uid, names={"first_name": "Ottoline"})
    assert find_cases(cast.amina, read_question("Ysolde Marchbanks")).uids == [early.uid]
    assert indexing.go_on(reason="a test") and search_index.ready()
    assert find_cases(cast.amina, read_question("Ysolde Marchbanks")).uids == [early.uid]
    kept = tokens()
    assert kept == reckoned_anew()


def test_forgotten_tokens_are_gone_and_the_fill_does_not_bring_back_what_was_erased(cast, indexed):
    case = indexed[1]
    assert BlindToken._base_manager.filter(case=case).exists()
    search_index.forget(case)
    assert not BlindToken._base_manager.filter(case=case).exists()
    keyring_rows = CaseKey.objects.filter(case_uid=case.uid)
    keyring_rows.delete()
    keyring.forget()
    search_index.remember_all(None, access.lock_cases([case.pk]), search_index.states())
    assert not BlindToken._base_manager.filter(case=case).exists()
    # And whoever compares in memory goes on without it.
    assert case.uid not in find_cases(cast.amina, read_question("Ana")).uids


def test_a_card_that_was_tampered_with_stops_nobody_elses_search(cast, indexed, settings, events):
    broken, other = indexed[1], indexed[4]
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT first_name FROM cases_survivor WHERE case_id = %s", [broken.pk])
        whole = bytes(cursor.fetchone()[0])
        cursor.execute(
            "UPDATE cases_survivor SET first_name = %s WHERE case_id = %s",
            [whole[:-1] + bytes([whole[-1] ^ 1]), broken.pk],
        )
    for found in both_ways(settings, cast.amina, read_question("Natalia")):
        assert found.uids == [other.uid]
    assert events("DECRYPTION_REFUSED", broken.uid)


# ---- Keys ----


def test_rotation_changes_every_token_and_destroys_the_old_key(cast, indexed, settings, events):
    old_epoch, before = blind_index.newest_epoch(), tokens()
    new_epoch = indexing.rotate(reason="a test", bits={IndexName.NAME: 14})
    assert new_epoch == old_epoch + 1 == blind_index.newest_epoch()
    after = tokens()
    assert {epoch for _index, epoch, _token, _case in after} == {new_epoch}
    kept = [{(index, case) for index, _epoch, _token, case in rows} for rows in (before, after)]
    assert kept[0] == kept[1]
    assert abs(len(after) - len(before)) <= 5, "two short tokens of one case may be the same by chance"
    assert {one.epoch for one in search_index.states()} == {new_epoch}
    assert search_index.ready()[IndexName.NAME].bits == 14
    assert search_index.ready()[IndexName.SOUND].bits == search_index.BITS[IndexName.SOUND]
    with pytest.raises(KeystoreUnavailable):
        blind_index.token("NAME", old_epoch, 16, "ana lopez")
    scanned, found = both_ways(settings, cast.amina, read_question("Ana López"))
    assert scanned == found and found.uids
    assert [event.detail.content["codes"]["key"] for event in events("KEY_DESTROYED")] == ["SEARCH"]
    assert len(events("INDEX_ROTATED")) == len(IndexName)


@pytest.mark.parametrize("after", ["add_epoch", "begin_fill", "fill_some", "drop_some", "destroy_epochs"])
def test_a_rotation_that_was_cut_off_goes_on_with_the_same_key(cast, indexed, settings, monkeypatch, after):
    """Cut off right after each of its steps, and asked again."""

    class Cut(Exception):
        """As if the power went."""

    monkeypatch.setattr(indexing, "CASES_AT_ONCE", 3)
    monkeypatch.setattr(indexing, "TOKENS_AT_ONCE", 10)
    old = blind_index.newest_epoch()
    owner = blind_index if hasattr(blind_index, after) else indexing
    real = getattr(owner, after)

    def then_cut(*args, **kwargs):
        real(*args, **kwargs)
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(owner, after, then_cut)
        with pytest.raises(Cut):
            indexing.rotate(reason="a test")
    scanned, found = both_ways(settings, cast.amina, read_question("Ana López"))  # it answers all the time
    assert scanned == found and found.uids
    if after == "destroy_epochs":
        return  # nothing was left to do but to say so
    assert indexing.rotate(reason="a test") == old + 1
    assert {epoch for _index, epoch, _token, _case in tokens()} == {old + 1}
    assert keks.oldest_shared_epoch(keks.SEARCH) == old + 1
    kept = tokens()
    assert kept == reckoned_anew()


def test_the_worker_finishes_a_rotation_that_was_cut_off(cast, indexed):
    old = blind_index.newest_epoch()
    indexing.begin_fill(actor=None, now=clock.now(), epoch=blind_index.add_epoch(), bits={}, reason="a test")
    assert indexing.keep_indexes()
    assert {one.epoch for one in search_index.states()} == {old + 1} and not blind_index.has_older_epochs()


def test_dropped_indexes_leave_no_tokens_but_those_for_matches(cast, indexed):
    indexing.drop(reason="a test")
    assert {index for index, *_rest in tokens()} == set(search_index.MATCHING)
    assert not search_index.ready()
    assert find_cases(cast.amina, read_question("Ana López")).uids


def test_the_setting_decides_and_auto_counts(cast, indexed, settings, monkeypatch):
    for setting, answers in (("scan", False), ("index", True), ("auto", False)):
        settings.CASE_SEARCH = setting
        assert bool(search_index.ready()) is answers, setting
    monkeypatch.setattr(search_index, "SCAN_BELOW", len(PEOPLE))
    assert search_index.ready()


def test_auto_fills_by_itself_once_there_are_many(cast, people, settings, monkeypatch):
    settings.CASE_SEARCH = "auto"
    indexing.keep_indexes()
    assert {index for index, *_rest in tokens()} <= set(search_index.MATCHING)
    monkeypatch.setattr(search_index, "SCAN_BELOW", 3)
    indexing.keep_indexes()
    assert search_index.ready() and {index for index, *_rest in tokens()} == set(IndexName)


# ---- What a thief learns ----


def test_r16_the_tables_hold_neither_names_nor_whole_fingerprints(cast, indexed):
    dump = stored.dump().lower()
    for word in ("marchbanks", "lópez", "lopez", "zoraida", "600111222", "1998-04-05"):
        assert word.encode() not in dump, word
    bits = {one.index: one.bits for one in search_index.states()}
    assert all(token < 2 ** bits[index] for index, _epoch, token, _case in tokens())


def test_a_rare_name_hides_among_strangers_and_a_frequent_value_does_not():
    """The planner's measure: whole names of a million people hide; surnames, or a yes and no, do not."""
    whole = Counter({f"name {number}": 1 + (number % 5 == 0) for number in range(100_000)})
    surnames = Counter({f"surname {number}": 60_000 // (number + 1) for number in range(2_000)})
    assert search_plan.identifiable(whole, 12) == 0
    assert search_plan.identifiable(surnames, 16) > 0.5
    assert search_plan.identifiable(Counter({"yes": 900, "no": 100}), 12) == 1
    assert search_plan.recommended(IndexName.NAME, whole) == 13
    assert search_plan.recommended(IndexName.NAME, Counter({"yes": 900, "no": 100})) == 0


def test_the_plan_measures_the_real_names_and_tells_none(cast, people, events):
    leaks = {leak.index: leak for leak in search_plan.measure()}
    assert leaks[IndexName.BIRTH].rows == 7 and leaks[IndexName.BIRTH].distinct == 5
    assert leaks[IndexName.BIRTH].unindexed == pytest.approx(2 / 9)
    assert leaks[IndexName.NAME].unindexed == pytest.approx(2 / 9)  # one word alone is in no index of names
    assert leaks[IndexName.ALIAS].rows == 9
    assert len(events("JOB_RUN")) == 1
