"""Denials and unwritten readings outlive the transaction in which they happened."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import RequestFactory, TestCase
from django.urls import ResolverMatch

from audit import context, denials, pseudonyms
from audit.context import audit_context, request_context
from audit.models import ActorKind, Event
from audit.verbs import Verb
from casemgmt.access.errors import Hidden, Refused

from .people import Person, events


class DenialTests(TestCase):
    databases = {"default", "keystore"}

    def request(self, user, **kwargs):
        request = RequestFactory().get("/cases/x/", REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Reader/1")
        request.user = user
        request.resolver_match = ResolverMatch(lambda r: None, (), kwargs, "case", route="cases/<uuid:uid>/")
        return request

    def turned_away(self, user, error, **kwargs) -> Event:
        request = self.request(user, **kwargs)
        with request_context(request):
            try:
                with transaction.atomic():
                    raise error
            except (Hidden, Refused) as caught:
                denials.note(request, caught)
            self.assertEqual(denials.write_pending(request), 1)
            self.assertEqual(denials.write_pending(request), 0)
        return Event.objects.latest("pk")

    def test_a_refusal_names_person_case_and_permission(self) -> None:
        amina, uid = Person("Amina"), uuid.uuid4()
        event = self.turned_away(amina, Refused("read_health"), uid=uid)
        self.assertEqual((event.verb, event.outcome, event.actor_uid), (Verb.ACCESS_REFUSED, "REFUSED", amina.uid))
        self.assertEqual((event.subject_kind, event.case_uid), ("case", uid))
        self.assertEqual(event.detail.shown()["codes"]["permission"], "read_health")
        self.assertEqual(list(events().about_case(uid).denials()), [event])

    def test_a_stranger_asking_for_what_may_not_exist(self) -> None:
        event = self.turned_away(AnonymousUser(), Hidden(), uid=uuid.uuid4())
        self.assertEqual((event.verb, event.actor_kind, event.actor_uid), (Verb.ACCESS_HIDDEN, ActorKind.VISITOR, None))

    def test_another_exception_is_no_denial(self) -> None:
        request = self.request(AnonymousUser())
        with request_context(request):
            denials.note(request, ValueError())
            self.assertEqual(denials.write_pending(request), 0)

    def test_the_address_is_a_pseudonym_and_the_agent_is_erasable(self) -> None:
        event = self.turned_away(Person("Amina"), Hidden(), uid=uuid.uuid4())
        self.assertEqual(event.address, pseudonyms.of_address("192.0.2.7"))
        self.assertNotIn("192.0.2.7", bytes(event.canonical).decode() + str(event.detail.content))
        self.assertEqual(event.detail.shown()["agent"], "Reader/1")

    def test_a_reading_of_a_failed_page_is_recorded(self) -> None:
        amina, case_uid = Person("Amina"), uuid.uuid4()
        with request_context(self.request(amina)):
            try:
                with transaction.atomic():
                    denials.hand_over(
                        Verb.CASE_VIEWED,
                        actor=amina,
                        subject=denials.Ref("case", case_uid, case_uid),
                        sections=["CARD"],
                        basis={"kind": "ASSIGNMENT"},
                    )
                    raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            self.assertEqual(denials.write_pending(self.request(amina)), 1)
        event = events().get()
        self.assertEqual((event.verb, event.outcome, event.section_codes), ("CASE_VIEWED", "ROLLED_BACK", ["CARD"]))

    def test_a_job_writes_what_was_handed_over_at_its_end(self) -> None:
        amina, case_uid = Person("Amina"), uuid.uuid4()
        with self.assertRaises(ZeroDivisionError), audit_context("job", "nightly"):
            denials.hand_over(Verb.CASES_LISTED, actor=amina, refs=[denials.Ref("case", case_uid, case_uid)])
            raise ZeroDivisionError
        event = events().about_case(case_uid).get()
        self.assertEqual((event.outcome, event.source), ("ROLLED_BACK", "job"))

    def test_an_inner_context_hands_on_to_the_outer_one(self) -> None:
        with audit_context("test", "outer") as outer:
            with audit_context("job", "inner"):
                denials.hand_over(Verb.JOB_FAILED, actor=None, detail={"job": "due"})
            self.assertEqual((len(outer.handed_over), events().count()), (1, 0))
        self.assertEqual(events().get().verb, "JOB_FAILED")

    def test_nothing_of_a_request_is_left(self) -> None:
        with request_context(self.request(AnonymousUser())):
            self.assertIsNotNone(context.current())
        self.assertIsNone(context.current())


class PseudonymTests(TestCase):
    databases = {"default", "keystore"}

    def test_shape_stability_and_kinds(self) -> None:
        uid = uuid.UUID(int=7)
        self.assertRegex(pseudonyms.of_case(uid), r"^S-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$")
        self.assertEqual(pseudonyms.of_case(uid), pseudonyms.of_case(uid))
        self.assertNotEqual(pseudonyms.of_case(uid)[2:], pseudonyms.of_person(uid)[2:])
        self.assertEqual(pseudonyms.of_address(""), "")
        self.assertEqual(len({pseudonyms.of_case(uuid.UUID(int=number)) for number in range(500)}), 500)
