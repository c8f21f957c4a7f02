"""Charts of the analyses, as PNG for a page of metadata. What they show is worked out elsewhere."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any, Final

import altair as alt
import polars as pl

from validahub_pipeline.analytics.png import indexed
from validahub_pipeline.messages import Language, message

DAYS: Final = 90
"""How far back a trend is drawn."""

_MARKETPLACES: Final = 4
_CODES: Final = 8
# With labels and legend beside it, what Dagster's dialog shows without scrolling on a common laptop.
_WIDTH: Final = 500
_HALF_A_DAY: Final = 43_200_000
_INK: Final = "#2b3440"
_OTHER: Final = "…"
_OTHER_COLOUR: Final = "#c4c9cf"
_SEVERITIES: Final = {"critical": "#c8442f", "warning": "#e5a03a", "info": "#7a94b0", _OTHER: _OTHER_COLOUR}
_COLOURS: Final = ("#2f6f9f", "#e07b39", "#4f9d69", "#b8475a", "#7d6bb3", "#caa53d", "#5fb0b7", "#94705a")


def error_trends_chart(frame: pl.DataFrame, lang: Language = "en") -> bytes:
    """The result of `error_trends` as a PNG of less than 100 KB on a light background.

    Several days: the share of records with violations per marketplace, and below it the violations of each marketplace
    stacked by code, over at most `DAYS` days. A single day has no trend and is drawn as its most frequent codes.
    Marketplaces beyond the four with the most violations, and codes beyond the eight most frequent, are left out or
    summed up as "other codes"; the frame has them all.
    """
    validated = frame.filter(pl.col("validations") > 0)
    if validated.is_empty():
        return _png(_text(message("charts", "no_uploads", lang)).properties(width=_WIDTH, height=60))
    shown = validated.filter(pl.col("day") > max(validated["day"].to_list()) - timedelta(days=DAYS))
    leading = (
        shown.group_by("marketplace")
        .agg(pl.col("violations").sum())
        .sort(["violations", "marketplace"], descending=[True, False])
        .head(_MARKETPLACES)["marketplace"]
    )
    shown = shown.filter(pl.col("marketplace").is_in(leading.implode()))
    if shown["day"].n_unique() == 1:
        return _png(alt.vconcat(*(_one_day(shown, name, lang) for name in leading)))
    panels = [_shares(shown, list(leading), lang), *_violations(shown, list(leading), lang)]
    return _png(alt.vconcat(*panels).resolve_scale(color="independent"))


def overhead_chart(history: pl.DataFrame, lang: Language = "en") -> bytes:
    """What the parts of the trail take of the bytes of the uploads, night by night, as a PNG; `history` has `at`,
    `part`, `bytes`, `log_bytes`, `replaced_bytes` and `uploads_bytes`. The last measurement of a day counts."""
    daily = (
        history.sort("at")
        .with_columns(pl.col("at").dt.date().alias("day"))
        .group_by("day", "part", maintain_order=True)
        .last()
        .filter(pl.col("uploads_bytes") > 0)
        .with_columns(
            (pl.sum_horizontal("bytes", "log_bytes", "replaced_bytes") / pl.col("uploads_bytes")).alias("share")
        )
        .select("day", "part", "share")
    )
    if daily.is_empty():
        return _png(_text(message("charts", "no_uploads", lang)).properties(width=_WIDTH, height=60))
    colour = alt.Color("part:N", title=None, scale=alt.Scale(range=list(_COLOURS)))
    title = alt.Title(message("charts", "share_of_uploads", lang))
    if daily["day"].n_unique() == 1:
        shown = daily.drop("day").with_columns(
            figure=pl.col("share").map_elements(lambda share: _percent(share, lang), pl.String)
        )
        base = alt.Chart(_values(shown)).encode(y=alt.Y("part:N", sort="-x", title=None), x=alt.X("share:Q", axis=None))
        bars = base.mark_bar(size=16).encode(color=colour.legend(None))
        figures = base.mark_text(align="left", dx=6, color=_INK).encode(text="figure:N")
        return _png((bars + figures).properties(title=title, width=_WIDTH, height=alt.Step(26)))
    lines = (
        alt.Chart(_values(daily))
        .mark_line(point=True)
        .encode(x=alt.X("day:T", title=None), y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".1%")), color=colour)
    )
    return _png(lines.properties(title=title, width=_WIDTH, height=220))


def _one_day(shown: pl.DataFrame, marketplace: str, lang: Language) -> Any:
    row = shown.filter(pl.col("marketplace") == marketplace).row(0, named=True)
    codes = pl.DataFrame(row["codes"], schema=_code_schema(shown))
    top = codes.head(_CODES).select("code", "severity", "violations")
    rest = int(codes["violations"].sum()) - int(top["violations"].sum())
    if rest:
        other = {"code": message("charts", "other_codes", lang), "severity": _OTHER, "violations": rest}
        top = pl.concat([top, pl.DataFrame([other], schema=top.schema)])
    title = alt.Title(
        message("charts", "violations_on", lang, marketplace=marketplace, day=row["day"].isoformat()),
        subtitle=message(
            "charts",
            "records_on",
            lang,
            dirty=_number(row["rows_with_violations"]),
            records=_number(row["records"]),
            share=_percent(row["share_with_violations"] or 0.0, lang),
        ),
    )
    if top.is_empty():
        return _text(message("charts", "no_violations", lang)).properties(title=title, width=_WIDTH, height=40)
    severities = [severity for severity in _SEVERITIES if severity in top["severity"].to_list()]
    base = alt.Chart(_values(top.with_columns(figure=pl.col("violations").map_elements(_number, pl.String)))).encode(
        y=alt.Y("code:N", sort=None, title=None),
        x=alt.X("violations:Q", axis=None),
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        color=alt.Color(
            "severity:N",
            scale=alt.Scale(domain=severities, range=[_SEVERITIES[severity] for severity in severities]),
            title=message("charts", "severity", lang),
            legend=alt.Legend(values=[severity for severity in severities if severity != _OTHER]),
        )
    )
    figures = base.mark_text(align="left", dx=4, color=_INK).encode(text="figure:N")
    return alt.layer(bars, figures).properties(title=title, width=_WIDTH, height=22 * top.height)


def _shares(shown: pl.DataFrame, leading: list[str], lang: Language) -> Any:
    return (
        alt.Chart(_values(shown.select("day", "marketplace", "share_with_violations")))
        .mark_line(point=alt.OverlayMarkDef(size=26, filled=True), strokeWidth=2)
        .encode(
            x=_days(shown),
            y=alt.Y("share_with_violations:Q", title=None, axis=alt.Axis(format="%", tickCount=5)),
            color=alt.Color(
                "marketplace:N",
                scale=alt.Scale(domain=leading, range=list(_COLOURS[: len(leading)])),
                title=message("charts", "marketplace", lang),
            ),
        )
        .properties(title=message("charts", "share_of_records", lang), width=_WIDTH, height=150)
    )


def _violations(shown: pl.DataFrame, leading: list[str], lang: Language) -> list[Any]:
    other = message("charts", "other_codes", lang)
    found = shown.select("day", "marketplace", "codes").explode("codes").drop_nulls("codes").unnest("codes")
    ranked = (
        found.group_by("code")
        .agg(pl.col("violations").sum())
        .sort(["violations", "code"], descending=[True, False])["code"]
    )
    named = ranked.head(_CODES).to_list()
    found = (
        found.with_columns(code=pl.when(pl.col("code").is_in(named)).then("code").otherwise(pl.lit(other)))
        .group_by("day", "marketplace", "code")
        .agg(pl.col("violations").sum())
        .sort("day", "marketplace", "code")
    )
    domain = [*named, other] if len(ranked) > _CODES else named
    colours = [*_COLOURS[: len(named)], _OTHER_COLOUR][: len(domain)]
    place = {code: position for position, code in enumerate(domain)}
    found = found.with_columns(place=pl.col("code").replace_strict(place, return_dtype=pl.Int32))
    # Gaps between the bars as wide as looks right for a week and for three months.
    width = max(2.0, min(36.0, 0.8 * _WIDTH / _span(shown)[1]))
    return [
        alt.Chart(_values(found.filter(pl.col("marketplace") == name)))
        .mark_bar(size=width)
        .encode(
            x=_days(shown),
            y=alt.Y("violations:Q", title=None, axis=alt.Axis(labelExpr="format(datum.value, '~s')", tickCount=4)),
            color=alt.Color(
                "code:N",
                scale=alt.Scale(domain=domain, range=colours),
                title=message("charts", "code", lang),
                legend=alt.Legend() if position == 0 else None,
            ),
            order=alt.Order("place:Q"),
        )
        .properties(title=message("charts", "violations_of", lang, marketplace=name), width=_WIDTH, height=130)
        for position, name in enumerate(leading)
    ]


def _code_schema(shown: pl.DataFrame) -> pl.Schema:
    return shown.select("codes").explode("codes").unnest("codes").schema


def _span(shown: pl.DataFrame) -> tuple[date, int]:
    """The last day, and how many days up to it are drawn: never less than a week."""
    days: list[date] = shown["day"].to_list()
    return max(days), max(7, (max(days) - min(days)).days + 1)


def _days(shown: pl.DataFrame) -> alt.X:
    """A time axis of at least a week that ends with the last day, with as many labels as are readable."""
    last, span = _span(shown)
    labelled = [last - timedelta(days=back) for back in range(0, span, max(1, round(span / 9)))]
    edges = [_milliseconds(last - timedelta(days=span)) + _HALF_A_DAY, _milliseconds(last) + _HALF_A_DAY]
    return alt.X(
        "day:T",
        title=None,
        scale=alt.Scale(type="utc", domain=edges, nice=False, padding=0),
        axis=alt.Axis(values=[_milliseconds(day) for day in labelled], format="%m-%d", grid=False),
    )


def _milliseconds(day: date) -> int:
    """Midnight UTC of a day, since 1970: text would be read in the time zone of whoever draws."""
    return (day - date(1970, 1, 1)) // timedelta(milliseconds=1)


def _values(frame: pl.DataFrame) -> alt.InlineData:
    if "day" in frame.columns:
        frame = frame.with_columns(pl.col("day").cast(pl.Datetime("ms")).cast(pl.Int64))
    return alt.InlineData(values=frame.to_dicts())


def _text(text: str) -> Any:
    return alt.Chart(_values(pl.DataFrame({"text": [text]}))).mark_text(size=14, color=_INK).encode(text="text:N")


def _number(value: int) -> str:
    # A thin space is understood in all three languages; point and comma are not.
    return f"{value:,}".replace(",", "\u202f")


def _percent(share: float, lang: Language) -> str:
    text = f"{share:.1%}"
    return text if lang == "en" else text.replace(".", ",")


def _png(chart: Any) -> bytes:
    styled = (
        chart.configure(background="#ffffff", padding=12, font="DejaVu Sans, Arial, sans-serif")
        .configure_view(stroke=None)
        .configure_title(anchor="start", fontSize=14, subtitleFontSize=12, color=_INK, subtitleColor=_INK, offset=8)
        .configure_axis(labelColor=_INK, labelFontSize=12, gridColor="#e6e9ec", domainColor="#9aa3ad", labelLimit=260)
        .configure_legend(labelColor=_INK, titleColor=_INK, labelFontSize=12, titleFontSize=12, labelLimit=260)
    )
    picture = BytesIO()
    styled.save(picture, format="png", scale_factor=1.25)
    return indexed(picture.getvalue())
