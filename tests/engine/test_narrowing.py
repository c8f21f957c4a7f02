"""What is quickly looked at says the same as what is looked at in full: each against a plain reading in Python."""

from __future__ import annotations

import re
import unicodedata

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from validahub_pipeline.domain import gtin, notation, wording
from validahub_pipeline.engine.plan import found
from validahub_pipeline.engine.working import working_frame
from validahub_pipeline.expectations import Cell, known_expectations
from validahub_pipeline.text import mojibake

DIGITS = st.text("0123456789", min_size=7, max_size=15)
CODES = st.lists(
    st.none()
    | DIGITS
    | DIGITS.map(lambda digits: digits[:-1] + str(_check_digit(digits[:-1])))
    | st.text("0123X- ", max_size=14)
    | st.sampled_from(["+7891000100103", "7891000100103 ", "0200000000011", "042100005264", "04252614", "٣" * 13]),
    max_size=20,
)
LETTERS = st.text("aAlLgGhHpPáÁçÇ3 5-'\u0301\u00a0ﬁª²İǅ&.", max_size=20)
TITLES = st.lists(
    st.none()
    | LETTERS
    | st.tuples(
        LETTERS,
        st.sampled_from(["LG", "Black & Decker", "3M", "hp", "L\u0301G", "\uff2c\uff27", "Bláck-Decker"]),
        LETTERS,
    ).map("".join),
    max_size=20,
)
LISTS = st.lists(
    st.none() | st.text("ab.gif ,\n", max_size=12) | st.sampled_from(["x.gif", "x.gif ,y", "a,b.gif\n,", "gif"]),
    max_size=20,
)


def _with_prefix(text: pl.Expr, prefixes: list[str]) -> pl.Expr:
    return gtin.has_prefix(text, text.str.contains(gtin.may_have_prefix(prefixes)), prefixes)


def test_valid_gtins_and_their_prefixes() -> None:
    @settings(deadline=None)
    @given(CODES)
    def told(cells: list[str | None]) -> None:
        assert _asked(cells, gtin.is_gtin) == [None if cell is None else _is_gtin(cell) for cell in cells]
        for prefixes in (["02", "04", "2"], ["981", "99", "05"], ["0"]):
            wanted = [None if cell is None else _has_prefix(cell, prefixes) for cell in cells]
            assert _asked(cells, lambda text, ways=prefixes: _with_prefix(text, ways)) == wanted

    told()


def test_isbn10() -> None:
    @settings(deadline=None)
    @given(CODES)
    def told(cells: list[str | None]) -> None:
        assert _asked(cells, gtin.is_isbn10) == [None if cell is None else _is_isbn10(cell) for cell in cells]

    told()


def test_bare_words_are_those_of_the_whole_text_normalised() -> None:
    @settings(deadline=None)
    @given(TITLES)
    def told(cells: list[str | None]) -> None:
        assert _asked(cells, wording.bare_words) == [None if cell is None else _bare(cell) for cell in cells]

    told()


def test_another_brand_is_found_wherever_its_bare_words_are() -> None:
    known = known_expectations()["expect_column_pair_values_a_to_name_no_brand_but_b"]
    brands = ["LG", "Black & Decker", "3M", "HP"]

    @settings(deadline=None)
    @given(TITLES, st.sampled_from([None, "LG", "hp brasil", "Ipê"]))
    def told(cells: list[str | None], brand: str | None) -> None:
        frame = pl.DataFrame({"a": cells, "b": [brand] * len(cells)}, schema={"a": pl.String, "b": pl.String})
        columns = [Cell(name, pl.String(), pl.col(name), pl.col(name)) for name in "ab"]
        held = frame.select(known.function(*columns, brands=brands, unless_after=["para"])).to_series()
        assert held.to_list() == [_names_no_other(cell, brand, brands) for cell in cells]

    told()


def test_shouting_and_damage() -> None:
    @settings(deadline=None)
    @given(st.lists(st.none() | st.text("AÁbÃ§Ââ€œ\ufffd 1\u00a0", max_size=12), max_size=20))
    def told(cells: list[str | None]) -> None:
        damaged = re.compile(
            (mojibake.DAMAGED + "|" + mojibake.LOST)
            .replace(r"\P{Lu}", r"[^A-ZÁÃÂ]").replace(r"\p{Ll}", "[a-zâ]").replace(r"\p{Lu}", "[A-ZÁÃÂ]")
        )  # fmt: skip
        assert _asked(cells, mojibake.is_damaged_or_lost) == [
            None if cell is None else damaged.search(cell) is not None for cell in cells
        ]
        assert _asked(cells, lambda text: wording.is_shouted(text, 3)) == [
            None if cell is None else sum(map(str.isupper, cell)) >= 3 and not any(map(str.islower, cell))
            for cell in cells
        ]

    told()


def test_entries_of_lists() -> None:
    known = known_expectations()
    entries_refused = known["expect_column_list_entries_to_not_match_regex"].function
    lengths = known["expect_column_list_lengths_to_be_between"].function

    @settings(deadline=None)
    @given(LISTS, st.sampled_from([r"\.gif$", "gif", "^a", "a|b$", "[^a]$", r"a.*b"]))
    def told(cells: list[str | None], regex: str) -> None:
        column = Cell("x", pl.String(), pl.col("x"), pl.col("x"))
        frame = pl.DataFrame({"x": cells}, schema={"x": pl.String})
        none_refused = frame.select(entries_refused(column, separator=",", regex=regex)).to_series().to_list()
        few = frame.select(lengths(column, separator=",", max_value=2)).to_series().to_list()
        for cell, kept, short in zip(cells, none_refused, few, strict=True):
            entries = None if cell is None else [one.strip() for one in cell.split(",") if one.strip()]
            assert kept == (None if entries is None else not any(re.search(regex, one) for one in entries))
            assert short == (None if entries is None else len(entries) <= 2)

    told()


def test_repair_looks_only_where_there_is_a_trace() -> None:
    @settings(deadline=None)
    @given(st.lists(st.none() | st.text("aÃ§Â£ð", max_size=8), max_size=20))
    def told(cells: list[str | None]) -> None:
        assert _asked(cells, mojibake.repaired) == [None if cell is None else mojibake.repair(cell) for cell in cells]

    told()


def _asked(cells, test):
    frame = pl.DataFrame({"x": cells}, schema={"x": pl.String})
    return frame.select(test(pl.col("x"))).to_series().to_list()


def _check_digit(body):
    return -sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(body))) % 10


def _is_gtin(cell):
    return bool(re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", cell)) and int(cell[-1]) == _check_digit(cell[:-1])


def _has_prefix(cell, prefixes):
    return _is_gtin(cell) and len(cell) > 8 and cell.zfill(14)[1:].startswith(tuple(prefixes))


def _is_isbn10(cell):
    if not re.fullmatch(r"(?:[0-9][-\s]*){9}[0-9Xx]", cell):
        return False
    digits = [10 if one in "Xx" else int(one) for one in cell if one.isalnum()]
    return sum(digit * (10 - place) for place, digit in enumerate(digits)) % 11 == 0


def _bare(cell):
    decomposed = unicodedata.normalize("NFKD", cell)
    plain = "".join(one for one in decomposed if not unicodedata.category(one).startswith("M")).lower()
    parted = re.sub(r"([0-9])([^\W\d_])", r"\1 \2", plain)
    return " " + " ".join(re.findall(r"[^\W_]+", parted)) + " "


def _names_no_other(cell, brand, brands):
    if cell is None:
        return True
    before = _bare(cell).split(" para ")[0] + " "
    ways = "|".join(_bare(one).strip() for one in brands)
    named = re.search(rf" (?:{ways}) ", before)
    if not named:
        return True
    return None if brand is None else named.group() in _bare(brand)


def test_what_is_looked_for_together_is_found_as_if_each_were_looked_for_alone() -> None:
    patterns = ["a+b", "(?i)^x", "b$", r"[0-9]{2}"]

    @settings(deadline=None)
    @given(st.lists(st.none() | st.text("abxX12", max_size=6), max_size=20))
    def told(cells: list[str | None]) -> None:
        frame = pl.DataFrame({"0": cells, "1": cells}, schema={"0": pl.String, "1": pl.String})
        working = working_frame(frame, [0, 1], [], {}, {0: patterns, 1: patterns[:1]})
        for place, wanted in ((0, patterns), (1, patterns[:1])):
            for pattern in wanted:
                assert working.get_column(found(place, pattern)).to_list() == [
                    None if not cell else re.search(pattern, cell) is not None for cell in cells
                ]

    told()


def test_a_column_votes_as_its_cells_do_one_by_one() -> None:
    @settings(deadline=None)
    @given(st.lists(st.none() | st.text("01.,-R$ ", max_size=10) | st.from_regex(r"\A[0-9]{1,4}[.,][0-9]{1,3}\Z")))
    def told(cells: list[str | None]) -> None:
        votes = [notation.vote(pl.Series([cell], dtype=pl.String)) for cell in cells]
        assert notation.vote(pl.Series(cells, dtype=pl.String)) == sum(votes, start=notation.Vote())
        for cell, vote in zip(cells, votes, strict=True):
            figure = re.fullmatch(r"-?[0-9]+\.[0-9]+", cell or "")
            undecided = re.fullmatch(r"-?[1-9][0-9]{0,2}\.[0-9]{3}", cell or "")
            if figure:
                assert vote == (notation.Vote(0, 0, 1) if undecided else notation.Vote(0, 1, 0))

    told()


def test_a_column_reads_as_its_cells_do_one_by_one() -> None:
    number = st.integers(-(10**22), 10**22).map(str) | st.from_regex(r"\A[+-]?[0-9]{1,4}[.,][0-9]{1,3}\Z")

    @settings(deadline=None)
    @given(st.lists(st.none() | number | st.text("019.,-+eR$ ", max_size=8)), st.booleans())
    def told(cells: list[str | None], comma_decimals: bool) -> None:
        def read(some: list[str | None]) -> list[float | None]:
            return notation.parse(pl.Series(some, dtype=pl.String), comma_decimals=comma_decimals).to_list()

        assert read(cells) == [value for cell in cells for value in read([cell])]
        wholes = [*(str(n) for n in range(len(cells) + 2)), *cells]
        assert read(wholes)[len(cells) + 2 :] == read(cells)

    told()
