"""One file's whole history in the terminal: what was done, when, by whom, and by what it can be proven."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from rich.console import Console
from rich.text import Text

from validahub_pipeline.ledger import Action, Event
from validahub_pipeline.messages import Language
from validahub_pipeline.trail.telling import Teller

_WIDTH: Final = 100
_PAUSE: Final = timedelta(minutes=1)
_STYLES: Final = {
    Action.FILE_PUBLISHED: "bold green",
    Action.PUBLICATION_REFUSED: "bold yellow",
    Action.VALIDATION_FAILED: "bold red",
    "access_denied": "bold red",
}


def print_timeline(events: Sequence[Event], lang: Language, console: Console, *, sealed: int) -> None:
    """Print the history of one validation, in order; there is at least one event. The events up to number `sealed` are
    covered by the signed checkpoint."""
    teller = Teller(lang)
    words = teller.words

    def line(text: Text | str = "") -> None:
        console.print(text, soft_wrap=True, highlight=False)

    first, last = events[0], events[-1]
    line()
    line(Text(f"{first.resource.name}", style="bold"))
    line(Text(f"{first.aggregate_id}", style="dim"))
    indent = " " * 12
    day, before = None, first.timestamp
    for event in events:
        if event.timestamp.date() != day:
            day = event.timestamp.date()
            line()
            line(Text(words.moment(event.timestamp.isoformat())[:10], style="bold"))
        elif event.timestamp - before > _PAUSE:
            minutes = words.number(round((event.timestamp - before).total_seconds() / 60))
            line(Text(f"{indent}{teller.say('pause', minutes=minutes)}", style="dim italic"))
        before = event.timestamp
        title = Text.assemble(
            (f"  {event.timestamp:%H:%M:%S}  ", "dim"),
            (teller.title(event), _STYLES.get(event.action, "bold cyan")),
            (f"   {teller.actor(event.user_id)}", ""),
            (f"   #{event.seq}", "dim"),
        )
        line(title)
        for detail in teller.details(event):
            wrapped = textwrap.wrap(detail, _WIDTH, initial_indent=indent, subsequent_indent=indent)
            for part in wrapped:
                line(Text(part, style="dim" if detail.startswith("sha256") else ""))
    line()
    took = (last.timestamp - first.timestamp).total_seconds()
    counted = teller.say(
        "whole", events=words.number(len(events)), seconds=words.decimal(took), first=first.seq, last=last.seq
    )
    line(Text(counted, style="dim"))
    covered = "sealed" if last.seq <= sealed else "sealed_in_part" if first.seq <= sealed else "unsealed"
    line(Text(teller.say(covered, sealed=sealed), style="dim" if covered == "sealed" else "yellow"))
    line(Text(teller.say("verify"), style="dim"))
    line()
