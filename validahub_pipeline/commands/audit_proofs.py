"""`validahub audit prove` and `check-proof`: one event, proven to somebody who has nothing but a file and a key."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from validahub_pipeline.commands.audit_verification import existing_lake, hard_codes, read_key
from validahub_pipeline.commands.outcome import DONE, print_json
from validahub_pipeline.errors import InputError
from validahub_pipeline.ledger.verification.proofs import check, prove
from validahub_pipeline.messages import message
from validahub_pipeline.settings import Settings

FALSE: Final = 1


def write_proof(settings: Settings, event_id: str, output: Path | None) -> int:
    """Write the bundle of one event to a file, or to stdout: 0 written, 3 it could not be proven."""

    def work() -> int:
        text = json.dumps(prove(existing_lake(settings), event_id), ensure_ascii=False, indent=2) + "\n"
        if output is None:
            sys.stdout.write(text)
        else:
            output.write_text(text, encoding="utf-8")
            print(message("audit", "proof_written", settings.lang, file=output), file=sys.stderr)
        return DONE

    return hard_codes(settings.lang, work)


def check_proof(settings: Settings, bundle: Path, *, key: str | None, as_json: bool) -> int:
    """0 it proves the event, 1 it does not, 3 it could not be checked."""

    def work() -> int:
        try:
            text = bundle.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("audit_argument_unusable", option="BUNDLE", value=bundle, cause=str(error)) from error
        try:
            proven = check(text, read_key(key) if key else None)
        except InputError as error:
            if error.code != "audit_proof_false":
                raise
            if as_json:
                print_json({"proven": False, "why": error.values["cause"]})
            cause = message("audit", f"proof_false_{error.values['cause']}", settings.lang)
            print(message("audit", "proof_false", settings.lang, file=bundle, cause=cause), file=sys.stderr)
            return FALSE
        if as_json:
            print_json(
                {"proven": True, "seq": proven.seq, "size": proven.checkpoint.size, "origin": proven.checkpoint.origin}
                | {"key": proven.trusted.text, "key_given": proven.given, "event": proven.event}
            )
            return DONE
        told = {"seq": proven.seq, "size": proven.checkpoint.size, "origin": proven.checkpoint.origin}
        print(message("audit", "proof_true", settings.lang, **told))
        print(json.dumps(proven.event, ensure_ascii=False, indent=2))
        if not proven.given:
            print(message("audit", "proof_key", settings.lang, key=proven.trusted.text), file=sys.stderr)
        return DONE

    return hard_codes(settings.lang, work)
