"""Possible conflicts of interest: who may know of which, and what the comparison asks of many cases at once.

A family name is frequent, so it is compared with those only who hold access to the case or have opened it; a telephone
with everybody of the house who wrote down her own. Who knows whom is for the privacy officer alone: no supervisor, no
director and no auditor reads it, nor whoever it is about.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from casemgmt.access.sections import RETENTION_CLASS_OF, Section
from casemgmt.accounts.choices import Role
from casemgmt.accounts.models import Team, User
from cases import access, likeness, programmes
from cases.choices.conflicts import ConflictAnswer, ConflictLikeness
from cases.choices.other_people import ComparedAs
from cases.models import DeclarationToken, LikenessCard, OtherPersonToken, PossibleConflict

#: One should not wait longer for its answer.
ANSWER_WITHIN = timedelta(days=7)
ANSWERED = (ConflictAnswer.NO_CONFLICT, ConflictAnswer.KEPT_APART)
#: Of whoever a survivor accuses, what is compared with the people of the house, and its fingerprints.
_OF_THE_HOUSE = (ComparedAs.FAMILY.value, ComparedAs.PHONE.value)
Named = dict[str, frozenset[int]]


# ---- Who may know ----


def told(actor: User, *, at: datetime) -> QuerySet[PossibleConflict]:
    """What this privacy officer may know of: of her organisation, never about herself, never on a case she is kept from.

    Where programmes are kept apart, an officer who belongs to some of them hears of their cases alone. Not what was gone
    before anybody answered.
    """
    rows = access.for_the_house(PossibleConflict)
    if not (actor.is_active and actor.holds_role(Role.PRIVACY_OFFICER, at=at)):
        return rows.none()
    rows = rows.filter(case__organisation_id=actor.organisation_id).exclude(person=actor)
    rows = rows.exclude(answer=ConflictAnswer.GONE).exclude(case__in=access.walled_cases(actor))
    rows = rows.exclude(case__erased__has_key=RETENTION_CLASS_OF[Section.CARD])
    if programmes.are_kept_apart():
        house = actor.organisation_id
        hers = programmes.programmes_of(person=actor, organisation_id=house, at=at)
        if hers:
            teams = Team.objects.filter(organisation=house)
            theirs = [
                team.pk for team in teams
                if programmes.programmes_of(team=team, organisation_id=house, at=at) & hers
            ]  # fmt: skip
            rows = rows.filter(case__team__in=theirs)
    return rows.select_related("case", "person", "answered_by")


def waiting(rows: QuerySet[PossibleConflict], *, at: datetime) -> QuerySet[PossibleConflict]:
    """Those that nobody has answered, and whose person no wall keeps from that case already; the oldest first."""
    return rows.filter(answered_at__isnull=True).exclude(access.wall_between(at)).order_by("found_at", "pk")


# ---- What is compared ----


@dataclass(frozen=True)
class Found:
    """Somebody of the house, by key, is like a person on a case."""

    case_id: int
    person_id: int
    how: str
    fingerprint: int


class House:
    """The people of the house as they are compared: names of those who matter, read when they first do; all telephones."""

    def __init__(self) -> None:
        self._names: dict[int, likeness.Texts] = {}
        self._uids: dict[int, object] = {}
        self._keys: dict[object, int] = {}
        self.phones: dict[int, set[int]] = {}
        own = access.for_the_house(DeclarationToken).filter(
            declaration__is_own=True, declaration__ended_at__isnull=True, declaration__owner__is_active=True
        )
        for token, person in own.values_list("token", "declaration__owner_id"):
            self.phones.setdefault(token, set()).add(person)

    def learn(self, keys: Collection[int] = (), uids: Collection[object] = ()) -> None:
        """Read the names of these people, who are known by key or uid, where they were not read before. Two queries at most."""
        people = User.objects.filter(is_active=True)
        for rows in (
            people.filter(pk__in=set(keys) - set(self._names)) if set(keys) - set(self._names) else (),
            people.filter(uid__in=set(uids) - set(self._keys)) if set(uids) - set(self._keys) else (),
        ):
            for person in rows:
                self._names[person.pk] = likeness.texts_of_person(person.name)
                self._keys[person.uid] = person.pk

    def key_of(self, uid: object) -> int | None:
        """The key of somebody with an account, by uid; None for whoever has none now."""
        return self._keys.get(uid)

    def alike(self, card: LikenessCard, near: Collection[int], named: Named | None = None) -> list[Found]:
        """Who of the house is like a person on this case; ``near`` hold access to it, or opened it.

        ``named``: the fingerprints of whoever the survivor accuses, for they count as well (domain.md R20).
        """
        uid, names, phones = card.case.uid, likeness.unpacked(bytes(card.names)), likeness.unpacked(bytes(card.phones))
        if named:
            names, phones = names | named[ComparedAs.FAMILY], phones | named[ComparedAs.PHONE]
        found = []
        key = likeness.name_key(uid)
        for person in sorted(near) if names else ():
            shared = likeness.names_shared(uid, key, self._names.get(person, {}), names)
            if shared is not None:
                found.append(Found(card.case_id, person, *shared))
        same: dict[int, list[int]] = {}
        for token in phones:
            for person in self.phones.get(token, ()):
                same.setdefault(person, []).append(token)
        for person, tokens in sorted(same.items()):
            found.append(Found(card.case_id, person, ConflictLikeness.PHONE, likeness.fingerprint(uid, tokens)))
        return found


def compare(house: House, cards: Sequence[LikenessCard], *, whole: Collection[int], at: datetime) -> list[Found]:
    """Everybody who is like a person on one of these cases. Twelve queries at most, however many cases; nothing is opened.

    ``whole``: keys of the cases of which also those count who have ever opened them.
    """
    near: Mapping[int, set[int]] = access.holders_of([card.case_id for card in cards], at)
    house.learn(keys={person for people in near.values() for person in people})
    by_uid = {card.case.uid: card.case_id for card in cards if card.case_id in whole}
    readers = access.LastUses(by_uid).readers() if by_uid else set()
    house.learn(uids={person for _case, person in readers})
    for case_uid, person_uid in readers:
        key = house.key_of(person_uid)
        if key is not None:
            near[by_uid[case_uid]].add(key)
    named = _named_in([card.case_id for card in cards])
    return [found for card in cards for found in house.alike(card, near[card.case_id], named.get(card.case_id))]


def _named_in(keys: Collection[int]) -> dict[int, Named]:
    """The fingerprints of whoever is accused in these cases, by the key of the case. One query."""
    found: dict[int, Named] = {}
    rows = access.for_the_house(OtherPersonToken).filter(case_id__in=keys, compared_as__in=_OF_THE_HOUSE)
    for case_id, how, token in rows.values_list("case_id", "compared_as", "token"):
        of_case = found.setdefault(case_id, dict.fromkeys(_OF_THE_HOUSE, frozenset()))
        of_case[how] = of_case[how] | {token}
    return found
