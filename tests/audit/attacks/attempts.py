"""What an insider tries, and in which words it must be told: by the database itself, and by what lies outside.

The first fifteen are those of the handbook's experiment. An attack without ``inside`` is not seen by anything in the
database; one without ``outside`` either is seen by nothing but the shadow in another's log, or by nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from audit.context import audit_context
from audit.log import record
from audit.models import Checkpoint, Event, EventCase, EventDetail, Leaf, Stream
from audit.sealing.entries import leaf_of
from tests.audit.kept.models import Folder

from . import insider
from .insider import at_leaf
from .scene import Scene


@dataclass(frozen=True)
class Attempt:
    """One attack. ``holds``: what he has beside the database: nothing, the key that signs heads, that from
    which streams begin, or both."""

    name: str
    holds: str
    do: Callable[[Scene], None]
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


NOTHING, SIGNING_KEY, LEDGER_KEY, BOTH_KEYS = "nothing", "the signing key", "the ledger's key", "both keys"
CUT_OFF = (r"its end was cut off", r"by what was written into|the anchor file|The witness .* saw")
NOT_THOSE = (r"The first \d+ events are not those of the anchor file", r"The witness witness\.example\.org refused")


# ---- the fifteen ----


def edit_sealed(scene: Scene) -> None:
    event = at_leaf(scene.base + 9)
    insider.rewrite(event, actor_uid=scene.bea.uid)


def edit_unsealed(scene: Scene) -> None:
    insider.rewrite(scene.tail()[2], actor_uid=scene.bea.uid)


def delete_sealed(scene: Scene) -> None:
    insider.remove(at_leaf(scene.base + 9).pk)


def delete_sealed_and_leaf(scene: Scene) -> None:
    insider.remove(at_leaf(scene.base + 9).pk)
    Leaf.objects.filter(position=scene.base + 9)._raw_delete("default")


def swap_leaves(scene: Scene) -> None:
    here, there = scene.base + 9, scene.base + 13
    for old, new in ((here, -1), (there, here), (-1, there)):
        Leaf.objects.filter(position=old).update(position=new)


def insert_back_dated(scene: Scene) -> None:
    like = at_leaf(scene.base + 9)
    like.at -= timedelta(days=300)
    insider.forged_event(like, scene.stream_of(1), mac=bytes(32))


def delete_unsealed(scene: Scene) -> None:
    insider.remove(scene.tail()[2].pk)


def delete_last_of_stream(scene: Scene) -> None:
    insider.remove(scene.last_of(1).pk)


def truncate_before_anchor(scene: Scene) -> None:
    insider.forget_anchors()
    scene.put_back(scene.old_copy)
    insider.forget_anchors()


def truncate_after_anchor(scene: Scene) -> None:
    """To the last head that left: what came after it goes, events without histories alone."""
    last = at_leaf(scene.anchored - 1).pk
    named = Event.objects.filter(pk__gt=last)
    for _table, history_id, _digest in [row for rows in named.values_list("history_rows", flat=True) for row in rows]:
        version = Folder.history.get(history_id=history_id)
        insider.run("DELETE FROM kept_historicalfolder WHERE history_id = %s", history_id)
        insider.run("DELETE FROM kept_folder WHERE id = %s", version.id)
    insider.cut_seal(scene.anchored)
    insider.remove(*named.values_list("pk", flat=True))
    Stream.objects.filter(uid=scene.chains[-1].uid)._raw_delete("default")


def own_key(scene: Scene) -> None:
    insider.rewrite(at_leaf(scene.base + 9), actor_uid=scene.bea.uid)
    event = at_leaf(scene.base + 9)
    Leaf.objects.filter(position=scene.base + 9).update(hash=leaf_of(bytes(event.canonical), bytes(event.mac)))
    for size in Checkpoint.objects.values_list("size", flat=True):
        insider.sign_with_own_key(size)


def stolen_signing_key(scene: Scene) -> None:
    insider.forget_anchors()
    insider.rewrite(at_leaf(scene.base + 9), actor_uid=scene.bea.uid)
    event = at_leaf(scene.base + 9)
    insider.reseal_by_hand(scene.base + 9, leaf_of(bytes(event.canonical), bytes(event.mac)))


def _with_both_keys(scene: Scene, position: int, touch: Callable[[Event], None]) -> None:
    insider.forget_anchors()
    sizes = [size for size in (scene.first, scene.anchored, scene.newest) if size > position]
    kept = max((size for size in (scene.first, scene.anchored) if size <= position), default=0)
    event = at_leaf(position)
    insider.cut_seal(kept)
    before = Event.objects.count()
    touch(event)
    insider.forge_streams()
    for size in sizes:
        insider.reseal(size - (before - Event.objects.count()))


def both_keys_before_anchor(scene: Scene) -> None:
    _with_both_keys(scene, scene.base + 9, lambda event: insider.rewrite(event, actor_uid=scene.bea.uid))


def both_keys_after_anchor(scene: Scene) -> None:
    _with_both_keys(scene, scene.anchored + 5, lambda event: insider.rewrite(event, actor_uid=scene.bea.uid))


def both_keys_delete(scene: Scene) -> None:
    _with_both_keys(scene, scene.base + 9, lambda event: insider.remove(event.pk))


# ---- and more ----


def change_time(scene: Scene) -> None:
    event = at_leaf(scene.base + 9)
    insider.change(event, at=event.at - timedelta(hours=3), recorded_at=event.recorded_at - timedelta(hours=3))


def change_reason(scene: Scene) -> None:
    detail = EventDetail.objects.get(event_id=at_leaf(scene.base + 9).pk)
    EventDetail.objects.filter(pk=detail.pk).update(content={**(detail.content or {}), "reason": "other words"})


def hide_from_a_case(scene: Scene) -> None:
    EventCase.objects.filter(event_id=at_leaf(scene.base + 9).pk)._raw_delete("default")


def erase_without_order(scene: Scene) -> None:
    event = at_leaf(scene.base + 9)
    EventDetail.objects.filter(pk=event.pk).update(content=None, salt=None)


def change_history(scene: Scene) -> None:
    insider.run(
        "UPDATE kept_historicalfolder SET status = 'ODD' WHERE history_id = (SELECT min(history_id) FROM kept_historicalfolder)"
    )


def change_history_and_record(scene: Scene) -> None:
    change_history(scene)
    insider.run("UPDATE kept_folder SET status = 'ODD' WHERE id = (SELECT min(id) FROM kept_folder)")


def change_record(scene: Scene) -> None:
    insider.run("UPDATE kept_folder SET status = 'ODD' WHERE id = (SELECT min(id) FROM kept_folder)")


def delete_history(scene: Scene) -> None:
    insider.run(
        "DELETE FROM kept_historicalfolder WHERE history_id = (SELECT min(history_id) FROM kept_historicalfolder)"
    )


def change_leaf_alone(scene: Scene) -> None:
    insider.forget_anchors()
    insider.reseal_by_hand(scene.base + 9, bytes(range(32)))


def forge_mac_alone(scene: Scene) -> None:
    """With the ledger's key alone: the streams hold again, the tree does not."""
    insider.rewrite(at_leaf(scene.base + 9), actor_uid=scene.bea.uid)
    insider.forge_streams()


def restore_old_copy(scene: Scene) -> None:
    """A backup is played back, and the house goes on from there: longer than the anchors, and another ledger."""
    insider.forget_anchors()
    scene.put_back(scene.old_copy)
    insider.forget_anchors()
    with audit_context("test", "the house goes on"):
        for _ in range(70):
            record("JOB_RUN", actor=None, detail={"job": "sealing"})
    scene.seal()


def remove_young_stream(scene: Scene) -> None:
    """Everything that one connection wrote and nobody sealed yet, and that it ever was there."""
    young = Event.objects.filter(stream=scene.chains[-1].uid)
    assert young.filter(leaf__isnull=True).count() == young.count() > 2
    insider.remove(*young.values_list("pk", flat=True))
    Stream.objects.filter(uid=scene.chains[-1].uid)._raw_delete("default")


def forge_with_keys(scene: Scene) -> None:
    """An act that never happened, in the name of somebody who did not do it, at the end of a stream that has ended."""
    like = at_leaf(scene.base + 9)
    insider.forged_event(like, scene.stream_of(2))


def forge_without_keys(scene: Scene) -> None:
    insider.forged_event(at_leaf(scene.base + 9), scene.stream_of(2), mac=bytes(32))


ATTEMPTS = (
    Attempt("change an event that is sealed", NOTHING, edit_sealed,
            (r"is not the one that was signed", r"is not what was sealed at leaf")),
    Attempt("change an event that waits for the seal", NOTHING, edit_unsealed, (r"is not the one that was signed",)),
    Attempt("delete an event that is sealed", NOTHING, delete_sealed, (r"The event of leaf \d+ is gone", r"jumps from")),
    Attempt("delete an event and its leaf", NOTHING, delete_sealed_and_leaf,
            (r"Leaf \d+ is missing, so no root", r"jumps from")),
    Attempt("let two leaves change places", NOTHING, swap_leaves,
            (r"Leaf \d+ has event \d+ of stream", r"has another root than its leaves give")),
    Attempt("put in an event of last year", NOTHING, insert_back_dated, (r"is not the one that was signed",)),
    Attempt("delete an event in the middle that waits for the seal", NOTHING, delete_unsealed, (r"jumps from",)),
    Attempt("delete the last event of a connection before it is sealed", NOTHING, delete_last_of_stream),
    Attempt("cut everything back to before the last head that left", NOTHING, truncate_before_anchor, (), CUT_OFF),
    Attempt("cut everything back to the last head that left", NOTHING, truncate_after_anchor),
    Attempt("rewrite and sign with a key of one's own", NOTHING, own_key,
            (r"None of the known keys signed this checkpoint", r"is not the one that was signed")),
    Attempt("rewrite and seal anew", SIGNING_KEY, stolen_signing_key, (r"is not the one that was signed",), NOT_THOSE),
    Attempt("rewrite, sign and seal anew what left the house", BOTH_KEYS, both_keys_before_anchor, (), NOT_THOSE),
    Attempt("rewrite, sign and seal anew what came after", BOTH_KEYS, both_keys_after_anchor),
    Attempt("take an event out, sign and seal anew", BOTH_KEYS, both_keys_delete, (), NOT_THOSE),
    Attempt("change the time of an event", NOTHING, change_time, (r"was altered: (week, )?at, recorded_at",)),
    Attempt("change the reason of an event", NOTHING, change_reason, (r"was altered: reason",)),
    Attempt("hide an event from a case it touched", NOTHING, hide_from_a_case, (r"has a wrong index of cases",)),
    Attempt("erase the details of an event without an order", NOTHING, erase_without_order, (r"was altered: detail",)),
    Attempt("change a version of a record", NOTHING, change_history, (r"kept_historicalfolder \d+ was altered",)),
    Attempt("change a version and the record alike", NOTHING, change_history_and_record,
            (r"kept_historicalfolder \d+ was altered",)),
    Attempt("change a record past the house", NOTHING, change_record, (r"kept_folder \d+ is not what its last version says",)),
    Attempt("delete a version of a record", NOTHING, delete_history, (r"kept_historicalfolder \d+ is gone", r"has no version")),
    Attempt("change a leaf and make tree and heads fit", SIGNING_KEY, change_leaf_alone,
            (r"is not what was sealed at leaf",), NOT_THOSE),
    Attempt("change an event and make its stream fit", LEDGER_KEY, forge_mac_alone, (r"is not what was sealed at leaf",)),
    Attempt("play an old copy back and go on from there", NOTHING, restore_old_copy, (), NOT_THOSE),
    Attempt("remove a connection whose events wait for the seal", NOTHING, remove_young_stream),
    Attempt("make up an act of somebody", LEDGER_KEY, forge_with_keys),
    Attempt("make up an act of somebody without the key", NOTHING, forge_without_keys, (r"is not the one that was signed",)),
)  # fmt: skip
