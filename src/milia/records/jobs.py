"""Heavy work that outlives a restart: a queue with leases, heartbeats and a last attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from milia.base import InputError, one_line
from milia.records.entities import Patient
from milia.records.errors import NotFound
from milia.records.sealing import DataKeys, open_json, seal_json
from milia.records.store import new_id, owner_of
from milia.records.tables import job
from milia.records.unit import Work

__all__ = ["Claim", "Job", "Jobs", "beat", "claim", "fail", "finish"]

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Where a job stands, for the person who asked for it."""

    id: str
    task: str
    state: str
    attempts: int
    progress_percent: int
    problem: str
    result: Any
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job in the hands of one worker, until its lease ends."""

    id: str
    clinic_id: str
    asked_by: str
    task: str
    attempt: int
    lease: str
    content: Any


class Jobs:
    """The jobs of the person who acts."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, task: str, content: Any, *, patient_id: str | None = None, attempts_max: int = 3) -> str:
        """Put a job into the queue and return its id."""
        work = self._work
        work.require("job.own", "job")
        if not 1 <= len(task) <= 40 or not 1 <= attempts_max <= 20:
            raise InputError(
                "name or attempts of the job", key="job", value=task, accepted="1 to 40 letters, 1 to 20"
            )
        if patient_id is not None:
            work.store.get(Patient, patient_id)
        row_id = new_id()
        key = work.keys.get(owner_of(work.store.clinic_id, "job", row_id, patient_id))
        work.connection.execute(
            insert(job).values(
                id=row_id,
                clinic_id=work.store.clinic_id,
                asked_by=work.user.id,
                patient_id=patient_id,
                task=task,
                state="queued",
                attempts=0,
                attempts_max=attempts_max,
                progress=0,
                problem="",
                sealed=seal_json(key, content, table="job", row_id=row_id),
                created_at=work.now,
                updated_at=work.now,
            )
        )
        work.note("add", "job", row_id, task=task)
        return row_id

    def get(self, row_id: str, *, with_result: bool = True) -> Job:
        """Say where one's own job stands, and give what it found unless that is not asked for."""
        work = self._work
        work.require("job.own", "job", row_id)
        row = work.connection.execute(
            select(job).where(job.c.id == row_id, job.c.asked_by == work.user.id)
        ).first()
        if row is None:
            raise NotFound(f"There is no job {row_id}.")
        result = None
        if with_result and row.result_sealed is not None:
            key = work.keys.get(owner_of(row.clinic_id, "job", row.id, row.patient_id))
            result = open_json(key, row.result_sealed, table="job", row_id=row.id, column="result")
            work.note("read", "job", row_id)
        return Job(
            id=row.id,
            task=row.task,
            state=row.state,
            attempts=row.attempts,
            progress_percent=row.progress,
            problem=row.problem,
            result=result,
            created_at=row.created_at,
        )

    def cancel(self, row_id: str) -> None:
        """Stop a job that is not finished; a worker that holds it learns at its next heartbeat."""
        self._work.require("job.own", "job", row_id)
        done = self._work.connection.execute(
            update(job)
            .where(
                job.c.id == row_id,
                job.c.asked_by == self._work.user.id,
                job.c.state.in_(("queued", "running")),
            )
            .values(state="cancelled", lease=None, updated_at=self._work.now)
        )
        if done.rowcount:
            self._work.note("cancel", "job", row_id)


def claim(connection: Connection, keys: DataKeys, *, now: datetime) -> Claim | None:
    """Take the oldest job that waits, or whose worker has gone silent; ``None`` when there is none.

    A job that was begun too often is given up here, so that one which kills its worker cannot do so for ever.
    """
    left = and_(job.c.state == "running", job.c.lease_until <= now)
    connection.execute(
        update(job)
        .where(left, job.c.attempts >= job.c.attempts_max)
        .values(
            state="failed",
            lease=None,
            problem="the work stopped without an answer every time",
            updated_at=now,
        )
    )
    row = connection.execute(
        select(job)
        .where(or_(job.c.state == "queued", left))
        .order_by(job.c.seq)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if row is None:
        return None
    lease = new_id()
    connection.execute(
        update(job)
        .where(job.c.id == row.id)
        .values(
            state="running", lease=lease, lease_until=now + LEASE, attempts=row.attempts + 1, updated_at=now
        )
    )
    return _claimed(keys, row, lease)


def _claimed(keys: DataKeys, row: Row[Any], lease: str) -> Claim:
    key = keys.get(owner_of(row.clinic_id, "job", row.id, row.patient_id))
    return Claim(
        id=row.id,
        clinic_id=row.clinic_id,
        asked_by=row.asked_by,
        task=row.task,
        attempt=row.attempts + 1,
        lease=lease,
        content=open_json(key, row.sealed, table="job", row_id=row.id),
    )


def beat(connection: Connection, held: Claim, *, now: datetime, progress_percent: int = 0) -> bool:
    """Say that the work goes on; ``False`` if the job is no longer this worker's."""
    return _update(connection, held, lease_until=now + LEASE, progress=progress_percent, updated_at=now)


def finish(connection: Connection, keys: DataKeys, held: Claim, result: Any, *, now: datetime) -> bool:
    """Store the result; ``False`` (and nothing stored) if the job is no longer this worker's."""
    patient_id = connection.execute(select(job.c.patient_id).where(job.c.id == held.id)).scalar()
    key = keys.get(owner_of(held.clinic_id, "job", held.id, patient_id))
    sealed = seal_json(key, result, table="job", row_id=held.id, column="result")
    return _update(
        connection,
        held,
        state="done",
        lease=None,
        progress=100,
        result_sealed=sealed,
        problem="",
        updated_at=now,
    )


def fail(connection: Connection, held: Claim, problem: str, *, now: datetime) -> bool:
    """Note what went wrong; the job waits for its next attempt, or has failed after the last."""
    most = connection.execute(select(job.c.attempts_max).where(job.c.id == held.id)).scalar_one()
    state = "failed" if held.attempt >= most else "queued"
    return _update(connection, held, state=state, lease=None, problem=one_line(problem, 300), updated_at=now)


def _update(connection: Connection, held: Claim, **values: Any) -> bool:
    done = connection.execute(
        update(job)
        .where(job.c.id == held.id, job.c.lease == held.lease, job.c.state == "running")
        .values(**values)
    )
    return done.rowcount == 1
