"""One event with all that is needed to prove that it is in the log: written from a lake, checked without one.

A bundle is JSON; its `tlog_proof` is a proof as https://c2sp.org/tlog-proof defines it, for which others have tools.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from validahub_pipeline.errors import InputError, LedgerError
from validahub_pipeline.ledger.events import Action
from validahub_pipeline.ledger.merkle.checkpoint import Checkpoint
from validahub_pipeline.ledger.merkle.hashing import leaf_hash
from validahub_pipeline.ledger.merkle.note import NoteError, Verifier
from validahub_pipeline.ledger.merkle.tree import Tree, includes
from validahub_pipeline.ledger.sealing.published import PublishedLog, TileMissing
from validahub_pipeline.ledger.sealing.rotation import Rotation, Succession
from validahub_pipeline.ledger.tables import AUDIT_EVENTS
from validahub_pipeline.ledger.verification.findings import Findings
from validahub_pipeline.ledger.verification.raw_table import RawTable
from validahub_pipeline.storage.lake import Lake

FORMAT: Final = "validahub/inclusion-proof@v1"

_PROOF: Final = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Proven:
    """What a bundle proves: this event is number `seq` of the log, signed by a key that trust in `trusted` reaches."""

    event: Mapping[str, Any]
    seq: int
    checkpoint: Checkpoint
    trusted: Verifier
    given: bool


def prove(lake: Lake, event_id: str) -> dict[str, Any]:
    """The bundle for one event.

    Raises:
        InputError: `audit_event_unknown`, `audit_event_unsealed`.
        LedgerError: the log is not in a state to prove anything; `audit verify` says more.
    """
    published = PublishedLog(lake)
    found = published.checkpoint()
    seq, text, rotations = _find(lake, event_id)
    if found is None or seq > found[0].size:
        raise InputError("audit_event_unsealed", event=event_id, seq=seq)
    checkpoint = found[0]
    tree = Tree(lambda level, start, end: published.row(checkpoint.size, level, start, end))
    try:
        proof = tree.inclusion(seq - 1, checkpoint.size)
    except TileMissing as missing:
        raise LedgerError("ledger_tile_missing", tile=str(missing)) from missing
    if not includes(leaf_hash(text.encode("utf-8")), seq - 1, checkpoint.size, proof, checkpoint.root):
        raise LedgerError("ledger_event_altered", seq=seq, what="event")
    lines = [_PROOF, f"index {seq - 1}", *(base64.b64encode(node).decode() for node in proof), "", checkpoint.note]
    key = rotations[0].old if rotations else published.key()
    return {
        "format": FORMAT,
        "event": text,
        "tlog_proof": "\n".join(lines),
        "key": key.text if key else None,
        "rotations": [
            {"seq": rotation.seq, **rotation.changes()} for rotation in rotations if rotation.seq <= checkpoint.size
        ],
    }


def check(bundle: str, key: Verifier | None) -> Proven:
    """What a bundle proves to somebody who trusts `key` (None: the one in the bundle itself).

    Raises:
        InputError: `audit_proof_unreadable`: it is no bundle. `audit_proof_false`: it proves nothing, and why.
    """
    try:
        document = json.loads(bundle)
        if document["format"] != FORMAT:
            raise ValueError(document["format"])
        text, first = str(document["event"]), document["key"]
        event = json.loads(text)
        index, proof, checkpoint = _parse(document["tlog_proof"])
        rotations = [Rotation.read(int(told["seq"]), told) for told in document["rotations"]]
        began = rotations[0].old if rotations else Verifier.parse(first) if first else key
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise InputError("audit_proof_unreadable", cause=str(error)) from error
    if not includes(leaf_hash(text.encode("utf-8")), index, checkpoint.size, proof, checkpoint.root):
        raise InputError("audit_proof_false", cause="root")
    if not isinstance(event, dict) or event.get("seq") != index + 1:
        raise InputError("audit_proof_false", cause="seq")
    if began is None:
        raise InputError("audit_proof_false", cause="key")
    _check_signature(checkpoint, began, rotations, key)
    return Proven(event, index + 1, checkpoint, key or began, key is not None)


def _check_signature(checkpoint: Checkpoint, began: Verifier, rotations: list[Rotation], key: Verifier | None) -> None:
    try:
        succession = Succession.of(began, rotations)
        signer = succession.in_force(checkpoint.size)
        if succession.trusted_from(key or began) != signer or not checkpoint.signed_by(signer):
            raise NoteError("another key's")
    except NoteError as error:
        raise InputError("audit_proof_false", cause="signature") from error
    if checkpoint.origin != signer.name:
        raise InputError("audit_proof_false", cause="origin")


def _parse(text: str) -> tuple[int, list[bytes], Checkpoint]:
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or len(lines) < 2 or lines[0] != _PROOF or not lines[1].startswith("index "):
        raise ValueError("it is no tlog-proof")
    proof = [base64.b64decode(line, validate=True) for line in lines[2:]]
    return int(lines[1].removeprefix("index ")), proof, Checkpoint.parse(note)


def _find(lake: Lake, event_id: str) -> tuple[int, str, list[Rotation]]:
    """The event's seq and text, and the rotations of keys, in order."""
    wanted: list[tuple[int, str]] = []
    rotations = []
    for rows in RawTable(lake, AUDIT_EVENTS, Findings()).chunks():
        text = pl.col("event")
        hits = rows.filter(
            text.str.contains(event_id, literal=True) | text.str.starts_with(f'{{"action":"{Action.KEY_ROTATED}",')
        )
        for seq, event in hits.select("seq", "event").iter_rows():
            document = json.loads(event)
            if document["event_id"] == event_id:
                wanted.append((seq, event))
            if document["action"] == Action.KEY_ROTATED:
                rotations.append(Rotation.read(seq, document["changes"]))
    if not wanted:
        raise InputError("audit_event_unknown", event=event_id)
    return (*wanted[0], sorted(rotations, key=lambda rotation: rotation.seq))
