"""Her plan, one act a method: needs, goals, the steps towards them, versions of the plan, contacts after the exit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from casemgmt.operations.demo.telling import Thread
from cases import access
from cases.actions import tasks
from cases.models import Task
from services.actions import needs, plan, reintegration
from services.choices import FollowUpState
from services.models import FollowUp, Goal, ServicePlan


class Planning(Thread):
    """What the worker of a case and the survivor plan. ``ago`` counts days before now."""

    def need(
        self, ago: int, clock: str, said: str, area: str, urgency: str, ours: str, *, hers: str = "",
        ended: tuple[int, str, str] | None = None,
    ) -> None:  # fmt: skip
        """A need in her words, and what became of it: (days ago, state, what stood in the way)."""
        name = f"need {len(self.telling.planned)}"
        self.plan(
            ago, clock,
            lambda now: needs.note_need(
                actor=self.worker, now=now, case_uid=self.uid, words=said, area=area, urgency=urgency, our_priority=ours,
                her_priority=hers,
            ),
            name=name,
        )  # fmt: skip
        if ended is not None:
            when, state, barrier = ended
            self.plan(
                when, "15:40",
                lambda now: needs.settle_need(
                    actor=self.worker, now=now, case_uid=self.uid, need_uid=self.made[name], status=state, on=now.date(),
                    barrier=barrier,
                ),
            )  # fmt: skip

    def goal(
        self,
        ago: int,
        clock: str,
        title: str,
        area: str,
        *,
        target: int | None = None,
        progress: tuple[tuple[int, int, str], ...] = (),
    ) -> str:
        """A goal in her words, and how it came on: (days ago, percentage, words). Gives the name of what was made."""
        name = f"goal {len(self.telling.planned)}"
        self.plan(
            ago, clock,
            lambda now: reintegration.set_goal(
                actor=self.worker, now=now, case_uid=self.uid, title=title, area=area,
                target_on=self.telling.day(target) if target is not None else None,
            ),
            name=name,
        )  # fmt: skip
        for when, percentage, words in progress:
            self.plan(
                when, "15:25",
                lambda now, percentage=percentage, words=words: reintegration.note_progress(
                    actor=self.worker, now=now, case_uid=self.uid, goal_uid=self.made[name], progress=percentage, words=words
                ),
            )  # fmt: skip
        return name

    def step(
        self, ago: int, clock: str, goal: str, title: str, *, due: int, repeats: str = "", done: Sequence[int] = ()
    ) -> None:
        """A step towards a goal, due so many days ago; done on those days, one after the other where it comes again."""
        self.plan(
            ago, clock,
            lambda now: reintegration.add_step(
                actor=self.worker, now=now, case_uid=self.uid, goal_uid=self.made[goal], title=title,
                due_on=self.telling.day(due), assigned_to=self.worker, repeats=repeats,
            ),
        )  # fmt: skip

        def finish(now: datetime) -> Task:
            open_steps = access.for_the_house(Task).filter(subject_uid=self.made[goal], done_at__isnull=True)
            step = open_steps.order_by("due_on", "pk")[0]
            return tasks.finish_task(actor=self.worker, now=now, case_uid=self.uid, task_uid=step.uid)

        for day in done:
            self.plan(day, clock, finish)

    def her_plan(
        self, ago: int, clock: str, answer: str, *, steps: tuple[str, str], decided: tuple[int, str] | None, by: str = "bea"
    ) -> None:  # fmt: skip
        """Her open goals that are not planned yet planned alike, all put together, and looked at by the supervisor.

        ``decided``: (days ago, what was missing), None where it still waits for somebody.
        """
        name = f"plan {len(self.telling.planned)}"

        def write(now: datetime) -> ServicePlan:
            common: dict[str, Any] = {"actor": self.worker, "now": now, "case_uid": self.uid}
            objective, action = steps
            for goal in access.for_the_house(Goal).filter(
                case__uid=self.uid, closed_on__isnull=True, plan__isnull=True
            ):
                plan.plan_goal(
                    **common, goal_uid=goal.uid, objective=objective, action_words=action, responsible="WORKER",
                    target_on=goal.target_on,
                )  # fmt: skip
            return plan.write_plan(**common, her_answer=answer)

        self.plan(ago, clock, write, name=name)
        if decided is None:
            return
        when, missing = decided
        self.plan(
            when, "16:20",
            lambda now: plan.decide_plan(
                actor=self.who(by), now=now, case_uid=self.uid, plan_uid=self.made[name], is_approved=not missing,
                remark=missing,
            ),
        )  # fmt: skip

    def follow_ups(
        self, ago: int, clock: str, *, results: tuple[tuple[int, str, FollowUpState, str], ...] = ()
    ) -> None:
        """She has left the programme: contacts are planned, and some have been: (days ago, label, how, words)."""
        self.plan(
            ago, clock,
            lambda now: reintegration.plan_follow_ups(actor=self.worker, now=now, case_uid=self.uid, exit_on=now.date()),
        )  # fmt: skip
        for when, label, state, said in results:
            self.plan(
                when, "10:25", lambda now, label=label, state=state, said=said: self._spoken(now, label, state, said)
            )

    def _spoken(self, now: datetime, label: str, state: FollowUpState, said: str) -> FollowUp:
        planned = access.for_the_house(FollowUp).get(case__uid=self.uid, label=label)
        return reintegration.finish_follow_up(
            actor=self.worker,
            now=now,
            case_uid=self.uid,
            follow_up_uid=planned.uid,
            state=state,
            done_on=now.date(),
            words=said,
        )
