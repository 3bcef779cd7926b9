"""The whole catalogue: each verb is recorded by some line of the product, and by some test; each act rests on something."""

import ast

import pytest

from audit.context import audit_context
from audit.log import record
from audit.models import Event
from audit.presenting import BASIS_WORDS, GROUND_WORDS
from audit.verbs import Verb
from tests.audit.people import Person
from tests.house.rules import ROOT, product_files
from tests.house.world import World, world  # noqa: F401  a fixture
from tests.recorded_by import RECORDED_BY

#: What the handbook's catalogue (ledger.md §2) names, and by which verbs it is told.
CATALOGUE = {
    "views": {"CASE_VIEWED", "MATTER_VIEWED", "HISTORY_VIEWED", "SHARING_VIEWED", "PAGE_OPENED"},
    "lists": {"CASES_LISTED", "MATTERS_LISTED", "NAMES_SHOWN"},
    "searches": {"CASES_SEARCHED", "INTAKE_SEARCHED"},
    "exports": {"EXPORT_MADE"},
    "prints": {"PRINT_MADE", "RELEASE_PRINTED"},
    "downloads": {"DOCUMENT_DOWNLOADED"},
    "disclosures": {"DISCLOSURE_MADE", "DISCLOSURES_ACCOUNTED", "SURVIVOR_NOTIFIED", "MANDATED_REPORT_RECORDED",
                    "LEGAL_PROCESS_RECORDED"},
    "releases": {"RELEASE_RECORDED", "RELEASE_RENEWED", "RELEASE_WITHDRAWN", "RELEASE_ENDED"},
    "grants": {"ACCESS_GRANTED", "ACCESS_REVOKED", "ACCESS_EXPIRED", "ACCESS_CHANGED"},
    "walls": {"WALL_PLACED", "WALL_LIFTED"},
    "emergency access": {"EMERGENCY_OPENED", "ACCESS_REVOKED", "EMERGENCY_REVIEWED", "EMERGENCY_ESCALATED"},
    "denials": {"ACCESS_HIDDEN", "ACCESS_REFUSED", "DECRYPTION_REFUSED"},
    "sign-in and second factor": {"SIGNED_IN", "SIGN_IN_FAILED", "SIGNED_OUT", "SECOND_FACTOR_PASSED", "SECOND_FACTOR_FAILED",
                                  "SECOND_FACTOR_ADDED", "SECOND_FACTOR_REMOVED", "RECOVERY_CODE_USED", "STEP_UP_PASSED"},
    "key operations": {"KEY_CREATED", "KEY_PROMOTED", "KEY_ROTATED", "KEY_RETIRED", "KEY_DESTROYED", "KEYS_REWRAPPED",
                       "CASE_KEYS_RENEWED", "ROOT_KEY_CHANGED"},
    "shredding": {"ERASURE_ASKED", "ERASURE_APPROVED", "ERASURE_CONFIRMED", "ERASURE_DONE", "ERASURE_REFUSED"},
    "holds": {"HOLD_PLACED", "HOLD_LIFTED"},
    "configuration": {"CONFIGURATION_CHANGED"},
    "users and roles": {"USER_INVITED", "USER_CHANGED", "USER_DEACTIVATED", "ROLE_ASSIGNED", "ROLE_ENDED"},
    "jobs": {"JOB_RUN", "JOB_FAILED", "DUE_STAMPED"},
    "backup and restore": {"BACKUP_MADE", "BACKUP_FAILED", "BACKUP_RESTORED", "RESTORE_DRILLED"},
    "migrations": {"MIGRATION_RUN"},
    "reading the ledger": {"LEDGER_READ", "LEDGER_VERIFIED"},
}  # fmt: skip
#: Modules that name verbs only to read events.
READERS = ("audit/verbs.py", "audit/presenting.py", "audit/reader.py", "audit/forms.py", "audit/querysets.py")
_ASKING = {"filter", "exclude", "of_verbs", "get", "by_verb"}


def recorded_in(source: str) -> set[str]:
    """Verbs that a module hands on: named outside comparisons and questions."""
    tree = ast.parse(source)
    asked: set[ast.AST] = set()
    for node in ast.walk(tree):
        is_question = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKING
        if is_question or isinstance(node, ast.Compare):
            asked.update(ast.walk(node))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Verb"
        and node not in asked
    }


def test_each_verb_is_recorded_by_some_line() -> None:
    found: set[str] = set()
    for path in product_files():
        if str(path.relative_to(ROOT)) not in READERS:
            found |= recorded_in(path.read_text(encoding="utf-8"))
    assert set(Verb.names) - found == set()


def test_a_verb_that_is_only_asked_for_is_found() -> None:
    assert recorded_in("Event.objects.filter(verb=Verb.JOB_RUN)\nif one.verb == Verb.HOLD_LIFTED: pass") == set()
    assert recorded_in("record(Verb.JOB_RUN, actor=None)") == {"JOB_RUN"}


def test_the_catalogue_is_all_there() -> None:
    for part, verbs in CATALOGUE.items():
        assert verbs and verbs <= set(Verb.values), part


def test_the_tests_that_record_a_verb_are_there() -> None:
    """``conftest.py`` demands the verb of each when it runs."""
    for verb, place in RECORDED_BY.items():
        path, _colons, name = place.partition("::")
        assert f"def {name.rpartition('::')[2].partition('[')[0]}(" in (ROOT / path).read_text(encoding="utf-8"), verb


@pytest.mark.django_db(databases=["default", "keystore"])
def test_each_event_of_the_world_says_on_what_it_rests(world: World) -> None:  # noqa: F811
    """What was refused rests on nothing; for everything else there are words."""
    bare = Event.objects.exclude(outcome="REFUSED").filter(basis_kind="")
    assert list(bare.values_list("verb", "source")) == []
    kinds = set(Event.objects.exclude(basis_kind="").values_list("basis_kind", flat=True))
    assert kinds <= {*BASIS_WORDS, *GROUND_WORDS, "WALL_DESK", "TEST"} and len(kinds) > 5


@pytest.mark.django_db(databases=["default", "keystore"])
def test_without_words_an_act_rests_on_what_began_it() -> None:
    for source, kind in (("job", "JOB"), ("command", "COMMAND"), ("test", "TEST")):
        with audit_context(source, "trying"):
            assert record(Verb.JOB_RUN, actor=None).basis == {"kind": kind}
            assert record(Verb.ACCESS_REFUSED, actor=Person("Amina"), outcome="REFUSED").basis is None
            given = {"kind": "ASSIGNMENT"}
            assert record(Verb.JOB_RUN, actor=None, basis=given).basis == given
