"""Run a study: plan every group once, treat every patient, put the rows together; go on after a stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from milia import __version__
from milia.base import InputError, write_atomically
from milia.engine import workers
from milia.planning import Fire, fire_at, the_look
from milia.study.cohort import Group, group_of, person, truth
from milia.study.folder import RESULTS, Folder, open_folder, parameter_sets
from milia.study.places import Place, here, processes, scheduler
from milia.study.plans import Plan, most_looks, plan_fixed, plan_group
from milia.study.policies import Policy
from milia.study.spec import Study
from milia.study.tables import Row, from_bytes, row, table, to_bytes
from milia.study.treat import UNTREATED, treat

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 20
Progress = Callable[[float, str], None]
Plans = Mapping[tuple[str, str], Plan]
# of the whole time, roughly: what a progress bar gives to planning the groups
SHARE_OF_PLANS = 0.3


@dataclass(frozen=True)
class PlanTask:
    """One group to be planned by one policy."""

    study: Study
    group: Group
    policy: Policy


@dataclass(frozen=True)
class ChunkTask:
    """Some patients to be treated, with the plans of their groups by (group, policy)."""

    study: Study
    numbers: tuple[int, ...]
    plans: Plans


def run_study(
    study: Study,
    out: Path,
    *,
    resume: bool = False,
    address: str | None = None,
    count: int | None = None,
    chunk: int = CHUNK,
    fire: Fire | None = None,
    progress: Progress | None = None,
) -> pa.Table:
    """Run a study, or go on with one that was stopped, and write ``results.parquet``.

    Parameters
    ----------
    study
        What is studied.
    out
        Its folder.
    resume
        Whether the folder may hold a part of this study already.
    address
        Of a dask scheduler; processes of this machine where there is none.
    count
        Processes; 0 does the work in this one, ``None`` takes as many as there are processors.
    chunk
        Patients treated between two writes; the results do not depend on it.
    fire
        What simulates a shot, the full engine by default; another one needs ``count=0``.
    progress
        Called with the share done and what is being done.

    Returns
    -------
    pyarrow.Table
        One row for each patient and simulated policy, in this order.

    Raises
    ------
    InputError
        If the folder holds something else or the scheduler is not there.
    """
    if fire is not None and (count != 0 or address is not None):
        raise InputError(
            "a stand-in engine works in this process only", key="count", value=count, accepted="0"
        )
    with _place(address, count) as place:
        folder = open_folder(out, study, resume=resume)
        tell = progress or _silent
        groups = _groups(study)
        plans = _plan_all(study, folder, groups, place, fire, tell)
        _treat_all(study, folder, groups, plans, place, chunk, fire, tell)
    rows = _collect(study, folder)
    about = {
        "study": study.name,
        "id": folder.id,
        "seed": str(study.seed),
        "version": __version__,
        "parameter_sets": " ".join(parameter_sets(study)),
    }
    made = table(rows, about)
    write_atomically(folder.path / RESULTS, to_bytes(made))
    return made


def _silent(share: float, words: str) -> None:
    del share, words


def _place(address: str | None, count: int | None) -> AbstractContextManager[Place]:
    if address is not None:
        return scheduler(address)
    if count == 0:
        return nullcontext(here)
    return processes(count or workers())


def _groups(study: Study) -> list[Group]:
    """Return the group of every patient, by number."""
    return [group_of(study, person(study, number)) for number in range(study.patients)]


def _plan_all(
    study: Study,
    folder: Folder,
    groups: Sequence[Group],
    place: Place,
    fire: Fire | None,
    tell: Progress,
) -> dict[tuple[str, str], Plan]:
    plans: dict[tuple[str, str], Plan] = {}
    missing = []
    for group in sorted(set(groups)):
        for policy in study.simulated:
            if policy.fixed is not None:
                plans[group.name, policy.name] = plan_fixed(policy.fixed)
                continue
            known = folder.plan(group.name, policy.name)
            if known is None:
                missing.append(PlanTask(study, group, policy))
            else:
                plans[group.name, policy.name] = known
    done = len(plans)
    whole = done + len(missing)
    work = _plan if fire is None else lambda task: _plan(task, fire=fire)
    tell(0.0, f"planning {len(missing)} groups and policies")
    for number, plan in place(work, missing):
        task = missing[number]
        folder.keep_plan(task.group.name, task.policy.name, plan)
        plans[task.group.name, task.policy.name] = plan
        done += 1
        tell(SHARE_OF_PLANS * done / whole, f"planned {done} of {whole} groups and policies")
    return plans


def _plan(task: PlanTask, *, fire: Fire | None = None) -> Plan:
    return plan_group(task.study, task.group, task.policy, fire=fire)


def _treat_all(
    study: Study,
    folder: Folder,
    groups: Sequence[Group],
    plans: Plans,
    place: Place,
    chunk: int,
    fire: Fire | None,
    tell: Progress,
) -> None:
    done = _numbers_done(folder)
    left = [number for number in range(study.patients) if number not in done]
    tasks = []
    for first in range(0, len(left), chunk):
        numbers = tuple(left[first : first + chunk])
        used = {groups[number].name for number in numbers}
        own = {key: plan for key, plan in plans.items() if key[0] in used}
        tasks.append(ChunkTask(study, numbers, own))
    treated = study.patients - len(left)
    work = _treat if fire is None else lambda task: _treat(task, fire=fire)
    for number, data in place(work, tasks):
        write_atomically(folder.chunk_file(tasks[number].numbers[0]), data)
        treated += len(tasks[number].numbers)
        share = treated / study.patients
        tell(
            SHARE_OF_PLANS + (1.0 - SHARE_OF_PLANS) * share, f"treated {treated} of {study.patients} patients"
        )


def _treat(task: ChunkTask, *, fire: Fire | None = None) -> bytes:
    rows = [one for number in task.numbers for one in treat_person(task.study, number, task.plans, fire=fire)]
    return to_bytes(table(rows))


def treat_person(study: Study, number: int, plans: Plans, *, fire: Fire | None = None) -> list[Row]:
    """Treat one patient by every policy, with the same skin, hands and looks for all of them."""
    look, _ = the_look()
    who = person(study, number)
    group = group_of(study, who)
    known = truth(study, who, looks=most_looks(study))
    rows = []
    for policy in study.simulated:
        plan = plans[group.name, policy.name]
        if not plan.inside and study.without_window == "extract":
            course = UNTREATED
        else:
            course = treat(known, plan, look, sessions=study.sessions, fire=fire or fire_at)
        rows.append(row(who, group, policy.name, plan, course))
    return rows


def _chunks(folder: Folder) -> Iterator[pa.Table]:
    for path in sorted((folder.path / "chunks").glob("*.parquet")):
        yield from_bytes(path.read_bytes())


def _numbers_done(folder: Folder) -> set[int]:
    return {number for found in _chunks(folder) for number in found.column("patient").to_pylist()}


def _collect(study: Study, folder: Folder) -> list[Row]:
    """Return all rows in the order of the patients, and of the policies as the study lists them."""
    order = {policy.name: i for i, policy in enumerate(study.simulated)}
    rows: list[dict[str, Any]] = [one for found in _chunks(folder) for one in found.to_pylist()]
    rows.sort(key=lambda one: (one["patient"], order[one["policy"]]))
    return list(rows)
