"""The compliance report on a month: one HTML file that needs nothing but a browser, and loads nothing."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

from validahub_pipeline.ledger.verification import LogReport, Severity
from validahub_pipeline.messages import Language
from validahub_pipeline.report.shown import clipped
from validahub_pipeline.storage.layout import LEDGER
from validahub_pipeline.trail.month import BESIDE, TRAIL, Actor, Month, Overhead
from validahub_pipeline.trail.telling import Teller

_TONES: Final = {Severity.TAMPERED: "bad", Severity.INCOMPLETE: "warned", Severity.NOTE: "good"}
_ACTORS: Final = 50
_ROWS: Final = 200
_CHART_HEIGHT: Final = 96


def render_month(
    month: Month,
    integrity: LogReport,
    overhead: Overhead,
    lang: Language,
    *,
    lake: str,
    at: datetime,
    unreadable: str | None = None,
) -> str:
    """The report on a month of the ledger in `lake`, made at a moment. Every value is escaped, every list bounded.

    `unreadable` is why there are no figures: the ledger cannot be read.
    """
    teller = Teller(lang)
    words = teller.words
    people = sorted(month.actors.values(), key=lambda actor: (-actor.events, actor.user_id))
    checkpoint = integrity.checkpoint
    return _template().render(
        lang=lang,
        t=teller.say,
        n=words.number,
        size=words.size,
        clip=clipped,
        teller=teller,
        moment=lambda moment: words.moment(moment.isoformat()),
        percent=lambda part, whole: f"{words.decimal(100 * part / whole)} %" if whole else "-",
        month=month,
        title=f"{month.since:%Y-%m}",
        lake=lake,
        at=at,
        unreadable=unreadable,
        integrity=integrity,
        verdict=str(integrity.worst()),
        tone=_TONES[integrity.worst()],
        findings=[(str(finding.severity), finding.render(lang)) for finding in integrity.findings],
        root=base64.b64encode(checkpoint.root).decode() if checkpoint else None,
        actions=sorted(month.actions.items(), key=lambda item: (-item[1], item[0])),
        most=max(month.actions.values(), default=0),
        actors=people[:_ACTORS],
        more_actors=max(0, len(people) - _ACTORS),
        did=lambda actor: _did(actor, teller),
        downloads=sorted(month.downloads.items(), key=lambda item: (-item[1], item[0]))[:_ROWS],
        noted=month.noted[:_ROWS],
        more_noted=max(0, len(month.noted) - _ROWS),
        opened=month.open[:_ROWS],
        days=_days(month),
        chart_height=_CHART_HEIGHT,
        overhead=overhead,
        parts=[(name, overhead.parts[name], overhead.month.get(name)) for name in (*TRAIL, LEDGER, *BESIDE)],
        counted={*TRAIL, LEDGER},
    )


def _did(actor: Actor, teller: Teller) -> str:
    counts: Sequence[tuple[str, int]] = actor.actions.most_common(4)
    return ", ".join(f"{teller.action(action)} {teller.words.number(count)}" for action, count in counts)


def _days(month: Month) -> list[dict[str, Any]]:
    """A bar per day of the month."""
    days = (month.until - month.since).days
    most = max(month.days.values(), default=0)
    bars = []
    for number in range(days):
        day: date = (month.since + timedelta(days=number)).date()
        count = month.days[day]
        height = max(2.0, _CHART_HEIGHT * count / most) if count else 0.0
        bars.append({"day": day, "count": count, "height": f"{height:.1f}", "y": f"{_CHART_HEIGHT - height:.1f}"})
    return bars


@cache
def _template() -> Template:
    environment = Environment(
        # The style is the seller's report's: one house, one look.
        loader=ChoiceLoader([PackageLoader("validahub_pipeline.trail"), PackageLoader("validahub_pipeline.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("month.html.j2")
