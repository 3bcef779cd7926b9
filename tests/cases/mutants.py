"""Bugs on purpose: one small change of the source each. The oracle must find every one of them."""

from tests.cases.planting import Mutant

DOOR, PAGES, ORDERS, ROWS = "cases.access.door", "cases.access.pages", "cases.access.orders", "cases.access.rows"
AMONG, BY_SECTION = "cases.access.among", "cases.access.by_section"
EXPLAIN, PAST, BEHIND, LOCKING = (f"cases.access.{name}" for name in ("explanation", "past", "behind", "locking"))
DESK, RECEPTION, PEOPLE = "casemgmt.access.permissions", "casemgmt.accounts.querysets", "casemgmt.accounts.models.user"
ABSENCES, DECLARATIONS = "casemgmt.accounts.actions.absences", "cases.actions.declarations"
POLICIES, POSTGRESQL = "casemgmt.operations.row_security", "postgresql"

MUTANTS = (
    # ---- Ends and beginnings, walls, restricted cases, teams, pages, the past ----
    Mutant("an end that is one instant late", DESK, '}expires_at__gt": at})', '}expires_at__gte": at})'),
    Mutant("a beginning that is one instant late", DESK, '}valid_from__lte": at,', '}valid_from__lt": at,'),
    Mutant("guardian's backend knows no end", DESK, ', f"{name}__expires_at__gt": self.at}', "}"),
    Mutant("guardian's backend knows no wall", DESK, "or self.is_walled:", "or False:"),
    Mutant("walls against teams dropped", DOOR, "\n        | Q(team__group_id__in=group_ids)", ""),
    Mutant("walls against people dropped", DOOR, "        Q(person=actor)\n        | ", "        "),
    Mutant("a wall that stands for ever", DOOR, "placed_at__lte=at, lifted_at__gt=at", "placed_at__lte=at"),
    Mutant("a wall before it was placed", DOOR, "placed_at__lte=at, lifted_at__gt=at", "lifted_at__gt=at"),
    Mutant("walls dropped from lists", DOOR, "rows = rows.filter(~Exists(walls), **{", "rows = rows.filter(**{"),
    Mutant("walls dropped from single checks", DOOR, "        found.pop(key, None)\n", "        pass\n"),
    Mutant("any permission opens a section", BY_SECTION, ', permission_id=_reading(OuterRef("section"))) &', ") &"),
    Mutant("a section is that of another case", BY_SECTION, "{column: OuterRef(outer), f", "{f"),
    Mutant("walls dropped from pages", PAGES, "rows.filter(~Exists(walls)).values_list", "rows.values_list"),
    Mutant(
        "walls dropped from explanations", EXPLAIN,
        "if _standing_walls(actor, group_ids, at).filter(case=case).exists():\n        return no_ground",
        "if False:\n        return no_ground",
    ),
    Mutant("walls dropped from the past", PAST, "people.exclude(pk__in=Walls(case, at).keep_away(found))", "people"),
    Mutant(
        "restricted ignored in lists", DOOR,
        "(here, group_id__in=group_ids, content_object__is_restricted=False)",
        "(here, group_id__in=group_ids)",
    ),
    Mutant(
        "restricted ignored in pages", PAGES,
        "        if number:\n            wanted &= Q(is_restricted=False)",
        "        if number < 0:\n            wanted &= Q(is_restricted=False)",
    ),
    Mutant("restricted ignored where cases lead", PAGES, " & Q(is_restricted=False)\n    return", "\n    return"),
    Mutant(
        "restriction of today asked of the past", PAST,
        "return case.is_restricted if last is None else last",
        "return case.is_restricted",
    ),
    Mutant(
        "the union lost: teams forgotten", DOOR,
        "    if not group_ids:\n        return own\n",
        "    return own\n",
    ),
    Mutant("a gap in the walk", PAGES, "content_object_id__lt=before)", "content_object_id__lt=before - 1)"),
    Mutant("a repeat in the walk", PAGES, "content_object_id__lt=before)", "content_object_id__lte=before)"),
    Mutant("a gap where cases lead", PAGES, "rows.filter(pk__lt=before)", "rows.filter(pk__lt=before - 1)"),
    Mutant("oldest first", PAGES, "ORDER BY 1 DESC", "ORDER BY 1 ASC"),
    Mutant("no older page", PAGES, "if len(found) > size else None", "if len(found) > size + 1 else None"),
    Mutant("accounts that rest keep their pages", PAGES, "    if not actor.is_active:\n        return [], None\n", ""),
    Mutant(
        "accounts that rest are explained in", EXPLAIN,
        "    if not actor.is_active:\n        return no_ground\n",
        "",
    ),
    Mutant("accounts that rest keep single checks", DOOR, "    if not actor.is_active:\n        return found\n", ""),
    Mutant("closed accounts forgotten in the past", PAST, ", account_states__in=AccountState.objects.at(at))", ")"),
    Mutant(
        "the end of a membership ignored", RECEPTION,
        " & (Q(**{f\"{end}__isnull\": True}) | Q(**{f\"{end}__gt\": at}))",
        "",
    ),
    Mutant("an end of a membership one instant late", RECEPTION, '__gt": at}))', '__gte": at}))'),
    Mutant(
        "memberships that nobody accepted", RECEPTION,
        "self.filter(within(moment), status=MembershipStatus.ACCEPTED)",
        "self.filter(within(moment))",
    ),
    Mutant("the end of releases ignored", ROWS, "ends.append(grant.release.expires_at)", "pass"),
    Mutant(
        "releases that are withdrawn go on", ROWS,
        "            ends.append(grant.release.withdrawn_at)",
        "            pass",
    ),
    Mutant("the end of what an access rests on ignored, and of releases", ROWS, "    if grant.parent:\n", "    if False:\n"),
    Mutant("what rests on another access stays", ROWS, "        materialise(child)\n", "        pass\n"),
    Mutant(
        "accesses that were taken back go on in questions", ROWS,
        "    if grant.revoked_at:\n        ends",
        "    if False:\n        ends",
    ),
    Mutant(
        "the past asked without its ends", ROWS,
        "if grant.valid_from <= at < end_for(grant, one)]",
        "if grant.valid_from <= at]",
    ),
    # ---- After an engagement ----
    Mutant("an own file that closes with the engagement", ROWS, "until = closes if codename == READ_MATTER", "until = end if True"),
    Mutant("an own file that is written afterwards", ROWS, "until = closes if codename == READ_MATTER", "until = closes if True"),
    Mutant(
        "an own file that answers say is written after the engagement", ROWS,
        "return closes_at(grant) if permission == READ_MATTER else end_of(grant)",
        "return closes_at(grant)",
    ),
    Mutant("days to read for everybody", ROWS, "if not grant.is_own_file or end <= grant.valid_from:", "if False:"),
    Mutant("a file closed at once stays open", ROWS, "return min(closes, grant.revoked_at) if", "return closes if True or"),
    Mutant(
        "who can see forgets the days after an engagement", EXPLAIN,
        "if at < closes_at(grant) and not (grant.team_id and case.is_restricted)]",
        "if at < end_of(grant) and not (grant.team_id and case.is_restricted)]",
    ),
    Mutant(
        "the past knows no day after an engagement", PAST,
        "if opened_by(grant, at) and (grant.person_id or not restricted)]",
        "if at < grant.expires_at and opened_by(grant, at) and (grant.person_id or not restricted)]",
    ),
    Mutant(
        "an end by hand takes the own file, too", "cases.actions.grants",
        "if not (grant.is_own_file and grant.is_approved and grant.valid_from < now):",
        "if True:",
    ),
    # ---- Organisations, and whoever is on duty ----
    Mutant("walls against organisations dropped", DOOR, " | Q(organisation=actor.organisation_id)", ""),
    Mutant("whoever is on duty walks past her team's wall", DOOR, "\n        | Q(team__rota__group_id__in=group_ids)", ""),
    Mutant(
        "walls against organisations dropped from the past", BEHIND,
        'found |= set(staff.values_list("pk", flat=True))',
        "pass",
    ),
    Mutant(
        "walls against teams dropped from the past", BEHIND,
        'found |= set(members.values_list("user_id", flat=True))',
        "pass",
    ),
    Mutant(
        "walls against teams spare who was on duty then", BEHIND,
        'found |= set(on_duty.values_list("user_id", flat=True))',
        "pass",
    ),
    Mutant(
        "members counted as on duty", BEHIND,
        "behind = on_duty if grant.kind == GrantKind.ON_CALL else members",
        "behind = members",
    ),
    Mutant(
        "on duty: every shift counted, whenever it was", BEHIND,
        "Shift.objects.at(at).filter(rota__team__in=of_rotas)",
        "Shift.objects.filter(rota__team__in=of_rotas)",
    ),
    Mutant(
        "on duty: shifts forgotten", PEOPLE,
        "union([of_teams, on_duty], everything=True)",
        "union([of_teams], everything=True)",
    ),
    Mutant(
        "on duty: a shift that never ends", PEOPLE,
        "somebody.shifts.at(MOMENT)",
        "somebody.shifts.filter(starts_at__lte=MOMENT)",
    ),
    Mutant(
        "on duty: a shift that has begun before it began", PEOPLE,
        "somebody.shifts.at(MOMENT)",
        "somebody.shifts.not_over(MOMENT)",
    ),
    Mutant(
        "on duty: the rota's access given to all members", ROWS,
        "return grant.team.rota.group_id if grant.kind == GrantKind.ON_CALL else grant.team.group_id",
        "return grant.team.group_id",
    ),
    Mutant(
        "the end of a shift ignored by what came when somebody was woken", ROWS,
        "        ends.append(grant.shift.ends_at)",
        "        pass",
    ),
    Mutant("among keys: also others", AMONG, "rows.filter(content_object_id__among=THESE)", "rows"),
    Mutant("among keys: accounts that rest", AMONG, "if not actor.is_active or not keys:", "if not keys:"),
    Mutant("a kept query forgets whose organisation it is for", PAGES, "HOUSE: actor.organisation_id, ", ""),
    # ---- Two people, accounts, declarations ----
    Mutant(
        "what nobody has approved opens", ROWS,
        "    if not grant.is_approved:\n        return grant.valid_from\n",
        "",
    ),
    Mutant("an account opens though something else keeps it closed", ABSENCES, "    if rests(user) or not", "    if not"),
    Mutant(
        "an organisation that is suspended while one of its people travels forgets her", "cases.actions.organisations",
        "if person.is_active or person.absences.filter(ended_at__isnull=True).exists():",
        "if person.is_active:",
    ),
    Mutant("an account that rests stays open", ABSENCES, "        user.is_active = False\n", "        pass\n"),
    Mutant(
        "a resting account was open then", ABSENCES,
        "        period.ends_at = max(now, period.starts_at)\n",
        "        period.ends_at = max(now.replace(year=2999), period.starts_at)\n",
    ),
    Mutant("a declaration places again the wall that somebody lifted", DECLARATIONS, "Q(placed_by__isnull=True) | ", ""),
    # ---- Answers in words, writes, the past ----
    Mutant(
        "restricted ignored in explanations", EXPLAIN,
        "group_of(grant) in group_ids and not case.is_restricted",
        "group_of(grant) in group_ids",
    ),
    Mutant("who can see: also whom a wall keeps away", EXPLAIN, "if not viewer.rests]", "if True]"),
    Mutant("who can see: also closed accounts", EXPLAIN, " or not grant.person.is_active", ""),
    Mutant("who can see: teams of restricted cases", EXPLAIN, " and not (grant.team_id and case.is_restricted)", ""),
    Mutant("behind a team: also whom a wall keeps away", EXPLAIN, "keys - Walls(case, at).keep_away(keys)", "keys"),
    Mutant(
        "behind a team: also closed accounts", EXPLAIN,
        "filter(pk__in=open_to, is_active=True)",
        "filter(pk__in=open_to)",
    ),
    Mutant(
        "why: walls dropped", EXPLAIN,
        "if _standing_walls(actor, group_ids, at).filter(case=case).exists():\n        return []",
        "if False:\n        return []",
    ),
    Mutant("whoever reads may write", LOCKING, "if not holding.may_write(section, matter_uid):", "if False:"),
    Mutant("ends that were moved since asked of the past", PAST, "    _as_they_were(grants, at)\n", ""),
    Mutant(
        "only the nearest of the ends that were moved put back", PAST,
        "        whole += above\n",
        "        whole += above\n        break\n",
    ),
    Mutant("walls dropped from matters", DOOR, "admitted_by_the_door().filter(~Exists(walls))", "admitted_by_the_door()"),
    Mutant(
        "a hidden line moves a case", ORDERS,
        "visible(self.model, actor, None, at=at, among=among)",
        "visible(self.model, actor, READ_CARD, at=at, among=among)",
    ),
    # ---- The second wall ----
    Mutant(
        "policies: an inactive reader", POLICIES,
        'f"WHERE u.is_active AND u.uid = ',
        'f"WHERE u.uid = ',
        POSTGRESQL,
    ),
    Mutant(
        "policies: restricted cards", POLICIES,
        '= p.content_object_id AND NOT c.is_restricted "',
        '= p.content_object_id "',
        POSTGRESQL,
    ),
    Mutant("policies: restricted matters", POLICIES, '= m.case_id AND NOT c.is_restricted "', '= m.case_id "', POSTGRESQL),
    Mutant(
        "policies: walls dropped from one's own cards", POLICIES,
        "f\"AND NOT {_walled('p.content_object_id')} \"",
        '" "',
        POSTGRESQL,
    ),
    Mutant(
        "policies: walls dropped from a team's cards", POLICIES,
        "f\"AND NOT {_walled('p.content_object_id')}\"",
        '""',
        POSTGRESQL,
    ),
    Mutant("policies: walls against people", POLICIES, 'f"w.person_id = {_READER}",', "", POSTGRESQL),
    Mutant(
        "policies: walls against teams", POLICIES,
        '"w.team_id IN (SELECT team_id FROM haven_held_teams)",',
        "",
        POSTGRESQL,
    ),
    Mutant(
        "policies: walls against organisations", POLICIES,
        'against.append("w.organisation_id = (SELECT organisation_id FROM haven_reader)")',
        "pass",
        POSTGRESQL,
    ),
    Mutant("policies: a wall that stands for ever", POLICIES, 'f"AND w.lifted_at > {_NOW} AND ', 'f"AND ', POSTGRESQL),
    Mutant("policies: memberships that nobody accepted", POLICIES, "AND m.status = 'ACCEPTED' ", "", POSTGRESQL),
    Mutant(
        "policies: memberships that ended", POLICIES,
        'f"AND (m.ends_at IS NULL OR m.ends_at > {_NOW}) "',
        '" "',
        POSTGRESQL,
    ),
    Mutant("policies: shifts that ended", POLICIES, " AND s.ends_at > {_NOW}", "", POSTGRESQL),
)  # fmt: skip
