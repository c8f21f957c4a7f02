"""A process that appends and seals: python sealing_process.py NAME COUNT. Settings come from the environment."""

from __future__ import annotations

import sys

from validahub_pipeline.ledger import Action, NewEvent, Resource
from validahub_pipeline.settings import Settings
from validahub_pipeline.stages import open_services


def main(name: str, count: str) -> None:
    services = open_services(Settings())
    for number in range(int(count)):
        act = NewEvent(Action.FILE_UPLOADED, name, "seller-7", Resource("upload", name, "x.csv"), {"n": number})
        services.ledger.append([act], idempotency=f"{name} {number}")
        services.seal()


if __name__ == "__main__":
    main(*sys.argv[1:])
