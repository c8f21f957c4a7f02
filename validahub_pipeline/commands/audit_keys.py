"""`validahub audit keygen`, `rotate` and `seal`: what holds the pen."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.errors import LedgerError
from validahub_pipeline.ledger.sealing import open_keys
from validahub_pipeline.ledger.sealing.keys import new_signer, read_key_file, write_key_file
from validahub_pipeline.ledger.sealing.rotating import rotate_to
from validahub_pipeline.messages import message
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services


def keygen(settings: Settings, *, output: Path | None, origin: str | None, as_json: bool) -> int:
    """Make a key. Only the public half is printed.

    Raises:
        LedgerError: `ledger_key_unusable`.
    """
    if output is None:
        keys = open_keys(settings.model_copy(update={"ledger_key": None, "ledger_key_file": None}))
        signer = keys.generate(origin)
        output = keys.key_file(signer)
    else:
        signer = new_signer(origin or settings.ledger_origin)
        write_key_file(output, signer)
    public = signer.verifier.text
    if as_json:
        print_json({"private_key_file": str(output), "public_key": public})
    else:
        print(message("audit", "key_made", settings.lang, file=output), file=sys.stderr)
        print(public)
    return DONE


def rotate(settings: Settings, *, to: Path | None, lost: bool, as_json: bool) -> int:
    """Change the key. Repeated after a crash with the same `to` it ends where it would have.

    Raises:
        LedgerError: `ledger_key_unusable`, `ledger_key_missing`, or as `Sealer.seal`.
    """
    services = open_services(settings)
    keys = services.sealer.keys
    if to is None and (settings.ledger_key is not None or settings.ledger_key_file is not None):
        raise LedgerError("ledger_rotation_target", setting="VALIDAHUB_LEDGER_KEY, VALIDAHUB_LEDGER_KEY_FILE")
    first = services.sealer.key()
    new = read_key_file(to)[-1] if to else keys.generate(first.name)
    rotation = rotate_to(services.sealer, new, lost=lost)
    if as_json:
        print_json({"seq": rotation.seq, "old_key": rotation.old.text, "new_key": rotation.new.text})
    else:
        print(message("audit", "rotated", settings.lang, seq=rotation.seq), file=sys.stderr)
        print(rotation.new.text)
    return DONE


def seal(settings: Settings, *, as_json: bool) -> int:
    """Sign what has been recorded, and put back tiles that are missing.

    Raises:
        LedgerError: what is stored is not what was signed, or the key is not at hand.
    """
    checkpoint = open_services(settings).sealer.seal(repair=True)
    root = base64.b64encode(checkpoint.root).decode()
    if as_json:
        print_json({"origin": checkpoint.origin, "size": checkpoint.size, "root": root, "checkpoint": checkpoint.note})
    else:
        print(message("audit", "sealed", settings.lang, size=checkpoint.size, origin=checkpoint.origin, root=root))
    return DONE
