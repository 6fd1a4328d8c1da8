"""The outcome record: what was really done to one lesion, and how it went; one row a lesion."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from milia.base import InputError, as_list, as_mapping, one_line, read_yaml_mapping

if TYPE_CHECKING:
    from milia.care.pack import CarePack

MAX_BYTES = 16 << 20
YesNo = Literal["yes", "no", "not_seen"]
Mark = Literal["none", "red", "dark", "pale", "raised", "sunken", "not_seen"]
"""What is left: colour or shape; the worse of two counts, raised and sunken before the colours."""
_ISO_DAY = re.compile(r"2[01][0-9]{2}-[0-9]{2}-[0-9]{2}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _iso_day(value: object) -> object:
    # Lax reading would take a number for seconds since 1970.
    if not isinstance(value, str):
        return value
    if not _ISO_DAY.fullmatch(value):
        raise ValueError("this is not a day such as 2026-12-01")
    return date.fromisoformat(value)


def _one_line(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise ValueError("this is not one line of printable text")
    return value


Line = Annotated[str, AfterValidator(_one_line)]


class OutcomeRecord(BaseModel):
    """One treated lesion. What nobody looked at is ``not_seen``; a number nobody took is empty.

    Attributes
    ----------
    plan_id
        The plan's first twelve characters, as printed on every document.
    lesion
        The clinic's own name for the lesion, such as ``1`` or ``left lid, outer``.
    treated_on, action, session
        When, what, and the how-many-eth session on this lesion.
    device, pulse_energy_mJ, pulse_duration_us, spot_diameter_um, interval_ms, pulses_fired
        What was really fired; a laser record needs all but the device.
    opened, opened_in_pulses, emptied
        Whether the roof opened, after how many pulses, and whether the keratin came out.
    healed_day, open_on_day
        Day on which it was found closed; last day on which it was seen open. Together they bracket closure.
    pain, infection, eye_trouble, scab
        Worst pain of 0 to 10 in the first days; infection; trouble of the eye; scab fallen by itself.
    mark_week_6, mark_week_12, itch_week_6, itch_week_12
        What is left, and whether it itches.
    recurrence_week, gone_by_itself_week
        Week in which it came back, or in which an untreated one was found gone.
    new_lesions, sessions, satisfaction, photograph, note
        New milia elsewhere; sessions on this lesion so far; 0 to 10; photographs kept; a line of text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    plan_id: str = Field(pattern=r"^[0-9a-f]{12}$")
    lesion: Line = Field(min_length=1, max_length=60)
    treated_on: Annotated[date, BeforeValidator(_iso_day)]
    action: Literal["laser", "extract", "electrosurgery", "observe"]
    session: int = Field(default=1, ge=1, le=20)
    device: Line | None = Field(default=None, max_length=80)
    pulse_energy_mJ: float | None = Field(default=None, gt=0.0, le=10000.0)
    pulse_duration_us: float | None = Field(default=None, gt=0.0, le=1e6)
    spot_diameter_um: float | None = Field(default=None, ge=20.0, le=10000.0)
    interval_ms: float | None = Field(default=None, ge=0.0, le=60000.0)
    pulses_fired: int | None = Field(default=None, ge=1, le=1000)
    opened: YesNo = "not_seen"
    opened_in_pulses: int | None = Field(default=None, ge=1, le=1000)
    emptied: Literal["yes", "partly", "no", "not_seen"] = "not_seen"
    healed_day: int | None = Field(default=None, ge=0, le=365)
    open_on_day: int | None = Field(default=None, ge=0, le=365)
    scab: Literal["fell", "picked", "none", "not_seen"] = "not_seen"
    pain: int | None = Field(default=None, ge=0, le=10)
    infection: YesNo = "not_seen"
    eye_trouble: Literal["none", "red", "abrasion", "other", "not_seen"] = "not_seen"
    mark_week_6: Mark = "not_seen"
    mark_week_12: Mark = "not_seen"
    itch_week_6: YesNo = "not_seen"
    itch_week_12: YesNo = "not_seen"
    recurrence_week: int | None = Field(default=None, ge=1, le=520)
    gone_by_itself_week: int | None = Field(default=None, ge=1, le=520)
    new_lesions: int | None = Field(default=None, ge=0, le=500)
    sessions: int | None = Field(default=None, ge=1, le=20)
    satisfaction: int | None = Field(default=None, ge=0, le=10)
    photograph: YesNo = "not_seen"
    note: Line | None = Field(default=None, max_length=500)

    @model_validator(mode="after")
    def _agree(self) -> OutcomeRecord:
        for problem, broken in self._contradictions().items():
            if broken:
                raise ValueError(problem)
        return self

    def _contradictions(self) -> Mapping[str, bool]:
        fired = ("pulse_energy_mJ", "pulse_duration_us", "spot_diameter_um", "pulses_fired")
        given = [name for name in fired if getattr(self, name) is not None]
        opened, pulses = self.opened_in_pulses, self.pulses_fired
        return {
            f"a laser record needs {', '.join(fired)}": self.action == "laser" and len(given) < len(fired),
            "only a laser record has pulses": self.action != "laser" and bool(given or opened),
            "opened_in_pulses needs opened: yes": opened is not None and self.opened != "yes",
            "opened: yes needs opened_in_pulses in a laser record": self.action == "laser"
            and self.opened == "yes"
            and opened is None,
            "it cannot open in more pulses than were fired": opened is not None
            and pulses is not None
            and opened > pulses,
            "interval_ms is needed with more than one pulse": pulses is not None
            and pulses > 1
            and self.interval_ms is None,
            "it was seen open after the day on which it was found closed": self.healed_day is not None
            and self.open_on_day is not None
            and self.open_on_day > self.healed_day,
            "only an untreated lesion goes by itself": self.gone_by_itself_week is not None
            and self.action != "observe",
            "an untreated lesion does not come back": self.recurrence_week is not None
            and self.action == "observe",
        }


COLUMNS = tuple(OutcomeRecord.model_fields)
"""The columns of the CSV file, in order."""


def choices(column: str) -> tuple[str, ...]:
    """Return the words that a column accepts; none where it holds a number, a date or free text."""
    annotation = OutcomeRecord.model_fields[column].annotation
    found = get_args(annotation)
    return found if found and all(isinstance(word, str) for word in found) else ()


def outcome_rows(pack: CarePack) -> tuple[Mapping[str, Any], ...]:
    """Return the rows to fill in for one treatment, a lesion each, with what the plan knows filled in."""
    setting: dict[str, Any] = {}
    if pack.setting is not None:
        setting = dict(pack.setting)
    count = pack.sessions.today if pack.sessions is not None else 1
    action = pack.action if pack.sessions is not None else "observe"
    return tuple(
        {
            "plan_id": pack.plan_id,
            "lesion": str(number),
            "treated_on": pack.start.isoformat(),
            "action": action,
            "session": 1,
            **setting,
        }
        for number in range(1, count + 1)
    )


def read_outcomes(path: str | os.PathLike[str]) -> tuple[OutcomeRecord, ...]:
    """Read outcome records from a CSV file with a header line, or from YAML with a list ``outcomes``.

    Raises
    ------
    InputError
        Naming file, row, column, value and what would be accepted; nothing is skipped.
    """
    file = os.fspath(path)
    if Path(path).suffix.lower() in (".yaml", ".yml"):
        top = read_yaml_mapping(path)
        found = as_list(
            top.get("outcomes"), key="outcomes", file=file, accepted="a list of records", longest=100_000
        )
        accepted = "a section with " + ", ".join(COLUMNS)
        rows = [
            as_mapping(row, key=f"outcomes[{index}]", file=file, accepted=accepted)
            for index, row in enumerate(found)
        ]
        return tuple(record(row, file=file, key=f"outcomes[{index}]") for index, row in enumerate(rows))
    return tuple(
        record(
            {name: value for name, value in row.items() if value}, file=file, key=f"line {line}", text=True
        )
        for line, row in _csv_rows(Path(path), file=file)
    )


def record(row: Mapping[str, Any], *, file: str, key: str, text: bool = False) -> OutcomeRecord:
    """Return one checked record; ``text`` where numbers are written as text. InputError names the column."""
    try:
        if text:
            return OutcomeRecord.model_validate_strings(dict(row))
        # As JSON, because only there are strict types and dates written as text at peace.
        return OutcomeRecord.model_validate_json(json.dumps(dict(row), default=str), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        column = ".".join(str(part) for part in first["loc"])
        message = str(first["msg"]).removeprefix("Value error, ")
        missing = first["type"] == "missing"
        words = ", ".join(choices(column)) if column in COLUMNS else "the columns " + ", ".join(COLUMNS)
        raise InputError(
            "this is missing" if missing else one_line(message[:1].lower() + message[1:], 200),
            file=file,
            key=f"{key}: {column}" if column else key,
            value=first["input"] if column and not missing else None,
            accepted=words or None,
        ) from None


def write_outcomes(records: Iterable[OutcomeRecord | Mapping[str, Any]]) -> str:
    """Return records as CSV text: one header line, LF line ends, empty cells for what is not known.

    Text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for entry in records:
        row = entry.model_dump(mode="json") if isinstance(entry, OutcomeRecord) else dict(entry)
        writer.writerow({name: _cell(row.get(name)) for name in COLUMNS})
    return out.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _csv_rows(path: Path, *, file: str) -> Sequence[tuple[int, Mapping[str, str]]]:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise InputError(f"the file cannot be read ({reason})", file=file) from None
    if len(data) > MAX_BYTES:
        raise InputError("the file is larger than 16 MiB", file=file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("this is not UTF-8 text", file=file, accepted="a CSV file in UTF-8") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header = list(reader.fieldnames or ())
        unknown = [name for name in header if name not in COLUMNS]
        if unknown or len(set(header)) != len(header) or "plan_id" not in header:
            named = unknown[0] if unknown else "header"
            raise InputError(
                "this is not the header of an outcome file",
                file=file,
                key=named,
                accepted=", ".join(COLUMNS),
            )
        rows = []
        for row in reader:
            if None in row or any(value is None for value in row.values()):
                raise InputError(
                    "this line has another number of cells than the header",
                    file=file,
                    key=f"line {reader.line_num}",
                    accepted=f"{len(header)} cells",
                )
            rows.append((reader.line_num, {name: _read(value) for name, value in row.items()}))
        return rows
    except csv.Error as error:
        raise InputError(
            f"this is not CSV ({error})", file=file, accepted="a CSV file with a header line"
        ) from None


def _read(value: str) -> str:
    stripped = value.strip()
    return stripped[1:] if stripped[:1] == "'" and stripped[1:].startswith(_FORMULA) else stripped
