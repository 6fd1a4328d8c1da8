"""How fast names are found among many, and whether a killed process loses a save.

``python -m benchmarks.records [--patients N] [--lesions N] [--kills N] [--url ADDRESS]``
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from milia.records import Keyring, Lesion, Patient, Records, open_records
from milia.records.names import stored_tokens
from milia.records.sealing import DataKeys, seal_json, wrap
from milia.records.tables import CONTENT_TABLES, data_key, name_token

_PASSWORD = "only for measuring"
_FAMILY = "김이박최정강조윤장임한오서신권황안송류홍"
_GIVEN = "민서지예하은준현우진수연주아영윤호재성도시유나원경희혜정미선"
_LATIN = (
    "Zoë",
    "Björk",
    "Anna",
    "Marek",
    "Lucía",
    "Kwame",
    "Nguyễn",
    "Olga",
    "Sørensen",
    "O'Neil",
    "Ibrahim",
)
_SITES = ("lower_eyelid", "upper_eyelid", "cheek", "nose", "temple", "forehead")


def new_clinic(url: str | None, folder: Path, keyring: Keyring) -> tuple[Records, str]:
    """Open an empty database and make a clinic with one doctor."""
    records = open_records(url, keyring, data=folder)
    administrator = records.first_administrator(
        records.setup_code(),
        clinic="Measured",
        time_zone="UTC",
        login=f"a{os.getpid()}",
        name="A",
        password=_PASSWORD,
    )
    with records.acting(administrator.id) as acting:
        doctor = acting.users.add(login=f"d{os.getpid()}", role="doctor", name="D", password=_PASSWORD)
    return records, doctor.id


def fill(records: Records, doctor: str, *, patients: int, lesions: int, seed: int = 1) -> None:
    """Write many patients and lesions straight into the tables, sealed and indexed as the room does it."""
    draw = random.Random(seed)
    now = datetime.now(UTC)
    at_once = 2000
    for start in range(0, patients, at_once):
        with records.engine.begin() as connection:
            keys = DataKeys(connection, records.keyring)
            clinic_id = connection.execute(text("SELECT id FROM clinic")).scalar_one()
            index = keys.get(f"index:{clinic_id}")
            rows: dict[Any, list[dict[str, Any]]] = {
                t: [] for t in (data_key, "patient", "lesion", name_token)
            }
            common = {
                "clinic_id": clinic_id,
                "version": 1,
                "created_at": now,
                "created_by": doctor,
                "updated_at": now,
                "updated_by": doctor,
            }
            for seq in range(start + 1, min(start + at_once, patients) + 1):
                row_id, key = f"{seq:032x}", draw.randbytes(32)
                owner, name = f"patient:{row_id}", _name(draw)
                rows[data_key].append(
                    {
                        "owner": owner,
                        "wrapped": wrap(records.keyring, owner, key),
                        "master_id": records.keyring.current,
                    }
                )
                plain = Patient(name=name, phone=f"{seq}").model_dump(mode="json", exclude={"state"})
                sealed = seal_json(key, plain, table="patient", row_id=row_id)
                rows["patient"].append(
                    {**common, "seq": seq, "id": row_id, "state": "active", "sealed": sealed}
                )
                rows[name_token] += [{"token": t, "patient_seq": seq} for t in stored_tokens(index, name)]
                for number in range(lesions * (seq - 1) // patients, lesions * seq // patients):
                    rows["lesion"].append(_lesion(draw, common, number, row_id, key))
            for table, found in rows.items():
                if found:
                    connection.execute(insert(CONTENT_TABLES.get(table, table)), found)
    with records.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            for name in ("patient", "lesion"):
                connection.execute(
                    text(
                        f"SELECT setval(pg_get_serial_sequence('{name}', 'seq'), "
                        f"(SELECT max(seq) FROM {name}))"
                    )
                )
        connection.execute(text("ANALYZE"))


def _name(draw: random.Random) -> str:
    if draw.random() < 0.7:
        return draw.choice(_FAMILY) + draw.choice(_GIVEN) + draw.choice(_GIVEN)
    tail = "".join(draw.choice("aeioubcdfglmnrst") for _ in range(draw.randint(3, 9)))
    return f"{draw.choice(_LATIN)} {tail.title()}"


def _lesion(
    draw: random.Random, common: dict[str, Any], number: int, patient_id: str, key: bytes
) -> dict[str, Any]:
    row_id = f"{number + (1 << 100):032x}"
    plain = Lesion(patient_id=patient_id, site="cheek", pin_x=0.5, pin_y=0.5).model_dump(mode="json")
    sealed = {name: value for name, value in plain.items() if name not in Lesion.clear}
    return {
        **common,
        "seq": number + 1,
        "id": row_id,
        "patient_id": patient_id,
        "site": draw.choice(_SITES),
        "state": draw.choice(("open", "treated", "closed")),
        "sealed": seal_json(key, sealed, table="lesion", row_id=row_id),
    }


def measure_search(
    records: Records, doctor: str, *, repeats: int = 15
) -> dict[str, tuple[float, float, int]]:
    """Time searches from call to decrypted, audited answer: median and worst [ms], and entries found."""

    def search(asked: str) -> Callable[[Any], Any]:
        return lambda acting: acting.search(asked)

    asked: dict[str, Callable[[Any], Any]] = {
        f"name {words!r}": search(words)
        for words in (
            "김",
            "ㄱ",
            "김민",
            "민준",
            "ㄱㅁㅈ",
            "김민준",
            "zoe",
            "z",
            "bjork a",
            "sorensen",
            "nnis",
            "nobody",
        )
    }
    asked["lesions of a patient"] = lambda acting: acting.entries(Lesion, patient_id=f"{7:032x}")
    asked["open lesions of the nose"] = lambda acting: acting.entries(
        Lesion, site="nose", state="open", limit=50
    )
    asked["newest patients"] = lambda acting: acting.entries(Patient, limit=50)
    measured = {}
    for name, ask in asked.items():
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            with records.acting(doctor) as acting:
                found = ask(acting)
            times.append((time.perf_counter() - start) * 1e3)
        measured[name] = (statistics.median(times), max(times), len(found))
    return measured


def kill_savers(
    url: str | None, folder: Path, keyring: Keyring, doctor: str, *, kills: int, seed: int
) -> int:
    """Kill a saving process at random moments and check each time; returns how many saves were acknowledged.

    Raises
    ------
    AssertionError
        If an acknowledged save is missing, or the audit trail is not whole.
    """
    draw = random.Random(seed)
    acknowledged: list[str] = []
    for _ in range(kills):
        acknowledged += _one_kill(url, folder, keyring, doctor, draw.uniform(0.0, 0.15))
    records = open_records(url, keyring, data=folder)
    try:
        report = records.verify_audit()
        assert report.whole, report.problems
        with records.acting(doctor) as acting:
            for row_id in acknowledged:
                entry = acting.get(Patient, row_id)
                assert entry.content.phone == "saved twice", row_id
    finally:
        records.close()
    return len(acknowledged)


def _one_kill(url: str | None, folder: Path, keyring: Keyring, doctor: str, after_s: float) -> list[str]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _save_for_ever(url, folder, keyring, doctor, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as answers:
        first = answers.readline()
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        said = first + answers.read()
    # A line that was cut off was not acknowledged.
    return [line.decode() for line in said.split(b"\n")[:-1]]


def _save_for_ever(url: str | None, folder: Path, keyring: Keyring, doctor: str, writer: int) -> None:
    try:
        records = open_records(url, keyring, data=folder)
        while True:
            with records.acting(doctor) as acting:
                entry = acting.add(Patient(name="Kill Test"))
                acting.change(Patient, entry.id, version=1, phone="saved twice")
            os.write(writer, f"{entry.id}\n".encode())
    finally:
        os._exit(1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.records", description=__doc__)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--lesions", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=0, help="kill a saving process so often instead")
    parser.add_argument("--url", help="an empty PostgreSQL database; SQLite in a temporary folder by default")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, keyring = Path(name), Keyring.fresh()
        records, doctor = new_clinic(chosen.url, folder, keyring)
        if chosen.kills:
            records.close()
            count = kill_savers(chosen.url, folder, keyring, doctor, kills=chosen.kills, seed=1)
            print(f"{chosen.kills} kills, {count} acknowledged saves, none lost; the audit trail is whole")
            return
        start = time.perf_counter()
        fill(records, doctor, patients=chosen.patients, lesions=chosen.lesions)
        print(
            f"{chosen.patients} patients, {chosen.lesions} lesions "
            f"written in {time.perf_counter() - start:.0f} s"
        )
        for what, (median, worst, found) in measure_search(records, doctor).items():
            print(f"{what:28} {median:8.1f} ms  worst {worst:8.1f} ms  {found} found")
        records.close()


if __name__ == "__main__":
    main()
