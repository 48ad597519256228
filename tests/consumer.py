"""A consumer that reads all figures through the API and all lines of the files: both have to say
the same of each figure, column by column."""

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

LANGUAGES = ("fr", "en")
ENDS = ("low", "median", "high")
YEARLY = tuple(f"annual_{end}{unit}" for unit in ("", "_eur") for end in ENDS)
# Of equal numbers the files may write one more zero: no spreadsheet then reads 1.125 as 1125.
NUMBERS = (*ENDS, *YEARLY, "euro_rate")
FIRST = "/api/v1/bands/?statements=all&size=500"
Data = dict[str, Any]


def pages(ask: Callable[[str], Data], address: str | None = FIRST) -> Iterator[Data]:
    """The answers from this address on, by their own links; `ask` reads one."""
    while address:
        page = ask(address)
        yield page
        address = page["links"]["next"]


def row(figure: Data) -> Data:
    """The figure as a line of salary_bands.jsonl says it, with the columns that `told` leaves."""
    said = {
        "id": int(figure["id"]),
        **_in_both("address", figure["address"]),
        "career": figure["career"]["slug"],
        "region": figure["region"]["code"],
        "level": figure["level"]["code"],
        "engagement": figure["engagement"]["code"],
        **_stated(figure["stated"]),
        **_no_figure(figure["no_figure"]),
        **_in_both("figure", figure["sentence"]),
        "source": figure["source"]["slug"],
        "observed_on": figure["observed_on"],
        "confirmed_on": figure["confirmed_on"],
        "stated_as": figure["stated_as"],
        **_in_both("inferred", figure["inferred"]),
        "is_current": figure["is_latest"],
        **_yearly(figure["yearly"]),
        "not_comparable": figure["not_comparable"] and figure["not_comparable"]["code"],
    }
    return _with_numbers(said)


def told(line: Data) -> Data:
    """The line without what the API leaves out: conditions of amounts that there are not, and by
    what they would have been converted."""
    left_out: set[str] = set()
    if line["no_figure_reason"]:
        left_out |= {"currency", "period", "basis", "range_kind"}
    if line["no_figure_reason"] or line["not_comparable"] not in (None, "no_fixing"):
        left_out |= {"yearly_hours", "euro_rate", "exchange_rate"}
    return _with_numbers({name: said for name, said in line.items() if name not in left_out})


def _with_numbers(said: Data) -> Data:
    amounts = {name: Decimal(said[name]) for name in NUMBERS if said.get(name)}
    return {**said, **amounts}


def _in_both(name: str, said: Data) -> Data:
    return {f"{name}_{language}": said[language] for language in LANGUAGES}


def _stated(stated: Data | None) -> Data:
    if stated is None:
        return {**dict.fromkeys(ENDS), "open_ended": False}
    codes = {name: stated[name]["code"] for name in ("period", "basis", "range_kind")}
    plain = {name: stated[name] for name in (*ENDS, "open_ended", "currency")}
    return {**plain, **codes}


def _no_figure(why: Data | None) -> Data:
    nothing = {"code": None, "note": dict.fromkeys(LANGUAGES)}
    said = why or nothing
    return {"no_figure_reason": said["code"], **_in_both("no_figure_note", said["note"])}


def _yearly(yearly: list[Data]) -> Data:
    """Its own currency comes first, then euros; a figure in euros has one for both, which the files
    round to the cent as they do all amounts in euros."""
    nothing = dict.fromkeys(ENDS)
    own = yearly[0] if yearly else nothing
    euros = next((each for each in yearly if each["currency"] == "EUR"), nothing)
    ends = [own[end] for end in ENDS] + [_cents(euros[end]) for end in ENDS]
    amounts = dict(zip(YEARLY, ends, strict=True))
    if not yearly:
        return amounts
    hours = own["made_from"]["yearly_hours"]
    [rate] = euros.get("rates") or [None]
    return {
        **amounts,
        "yearly_hours": hours and int(hours),
        "euro_rate": rate and rate["units_for_one_euro"],
        "exchange_rate": rate and f"{rate['currency']}-{rate['fixed_on']}",
    }


def _cents(amount: str | None) -> str | None:
    return amount and str(Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP))
