"""How Outlook repeats an event (patternedRecurrence), and the RRULE that says the same."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from integrations.providers._events import Unkeepable

_DAYS = {
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
    "SU": "sunday",
}
_CODES = {name: code for code, name in _DAYS.items()}
_INDEXES = {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}
_NUMBERS = {name: number for number, name in _INDEXES.items()}
_KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"}


def recurrence(rule: str, start: datetime, zone: str) -> dict[str, Any]:
    """Raises Unkeepable for a rule that Outlook has no words for."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    if set(parts) - _KNOWN:
        raise Unkeepable("Outlook cannot repeat by this rule.")
    pattern = {**_pattern(parts, start), "interval": int(parts.get("INTERVAL", "1"))}
    if "WKST" in parts or pattern["type"] == "weekly":
        pattern["firstDayOfWeek"] = _DAYS[parts.get("WKST", "MO")]
    return {"pattern": pattern, "range": _range(parts, start, zone)}


def _pattern(parts: Mapping[str, str], start: datetime) -> dict[str, Any]:
    frequency, days = parts["FREQ"], [day for day in parts.get("BYDAY", "").split(",") if day]
    by_date = {"BYMONTHDAY", "BYMONTH", "BYSETPOS"} & set(parts)
    if frequency == "DAILY" and not days and not by_date:
        return {"type": "daily"}
    if frequency == "WEEKLY" and not by_date:
        return {"type": "weekly", "daysOfWeek": [_DAYS[day] for day in days] or [_weekday(start)]}
    if frequency == "MONTHLY" and "BYMONTH" not in parts:
        return _in_month("Monthly", parts, days, start)
    if frequency == "YEARLY" and (not days or "BYMONTH" in parts):
        return {**_in_month("Yearly", parts, days, start), "month": _one(parts.get("BYMONTH", str(start.month)))}
    raise Unkeepable("Outlook cannot repeat by this rule.")


def _in_month(kind: str, parts: Mapping[str, str], days: list[str], start: datetime) -> dict[str, Any]:
    if not days and "BYSETPOS" not in parts:
        day = _one(parts.get("BYMONTHDAY", str(start.day)))
        if day < 1:
            raise Unkeepable("Outlook cannot count days from a month's end.")
        return {"type": f"absolute{kind}", "dayOfMonth": day}
    if "BYMONTHDAY" in parts:
        raise Unkeepable("Outlook cannot repeat by this rule.")
    numbers = {day[:-2] for day in days}
    position = parts.get("BYSETPOS", "") if numbers == {""} else "".join(numbers) if len(numbers) == 1 else ""
    if position.removeprefix("+") not in _INDEXES or (len(days) > 1 and numbers != {""}):
        raise Unkeepable("Outlook cannot repeat by this rule.")
    return {
        "type": f"relative{kind}",
        "daysOfWeek": [_DAYS[day[-2:]] for day in days],
        "index": _INDEXES[position.removeprefix("+")],
    }


def _one(text: str) -> int:
    if "," in text:
        raise Unkeepable("Outlook cannot repeat by this rule.")
    return int(text)


def _weekday(start: datetime) -> str:
    return list(_DAYS.values())[start.weekday()]


def _range(parts: Mapping[str, str], start: datetime, zone: str) -> dict[str, Any]:
    found: dict[str, Any] = {"startDate": start.date().isoformat(), "recurrenceTimeZone": zone}
    if "COUNT" in parts:
        return found | {"type": "numbered", "numberOfOccurrences": int(parts["COUNT"])}
    if "UNTIL" in parts:
        ends = datetime.strptime(parts["UNTIL"][:8], "%Y%m%d").date()  # noqa: DTZ007  a day
        return found | {"type": "endDate", "endDate": ends.isoformat()}
    return found | {"type": "noEnd"}


def rule(told: Mapping[str, Any]) -> str:
    """The RRULE of a recurrence as Outlook tells it. Raises Unkeepable, KeyError, TypeError, ValueError."""
    pattern, span = told["pattern"], told["range"]
    kind = str(pattern["type"])
    parts = [f"FREQ={_frequency(kind)}", f"INTERVAL={int(pattern.get('interval') or 1)}"]
    if kind == "weekly":
        parts += [f"BYDAY={','.join(_CODES[day] for day in pattern['daysOfWeek'])}"]
        parts += [f"WKST={_CODES[pattern.get('firstDayOfWeek') or 'monday']}"]
    if kind.endswith("Yearly"):
        parts.append(f"BYMONTH={int(pattern['month'])}")
    if kind.startswith("absolute"):
        parts.append(f"BYMONTHDAY={int(pattern['dayOfMonth'])}")
    if kind.startswith("relative"):
        parts += _relative(pattern)
    return ";".join([*parts, *_end(span)])


def _frequency(kind: str) -> str:
    found = {"daily": "DAILY", "weekly": "WEEKLY"}.get(kind) or kind.removeprefix("absolute").removeprefix("relative")
    if found.upper() not in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}:
        raise Unkeepable("It repeats in a way that is not known here.")
    return found.upper()


def _relative(pattern: Mapping[str, Any]) -> list[str]:
    days, number = [_CODES[day] for day in pattern["daysOfWeek"]], _NUMBERS[pattern.get("index") or "first"]
    if len(days) == 1:
        return [f"BYDAY={number}{days[0]}"]
    return [f"BYDAY={','.join(days)}", f"BYSETPOS={number}"]


def _end(span: Mapping[str, Any]) -> list[str]:
    if span["type"] == "numbered":
        return [f"COUNT={int(span['numberOfOccurrences'])}"]
    if span["type"] == "endDate":
        return [f"UNTIL={date.fromisoformat(span['endDate']):%Y%m%d}"]
    return []
