"""The front door of the room: one database, one key, and units of work by people."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from milia.base import MiliaError
from milia.records import jobs as queue
from milia.records import sign_in as door
from milia.records.audit import AuditReport, Note, append, lines, verify
from milia.records.database import database_url, engine_for, explained, migrate, read_only
from milia.records.doors import ClinicCard, Doors, clinic_card
from milia.records.drafts import Drafts
from milia.records.errors import Denied
from milia.records.jobs import Claim, Jobs
from milia.records.keyring import Keyring, data_folder, load_keyring
from milia.records.ledger import Ledger
from milia.records.links import Links, Proven
from milia.records.photographs import Photographs, sweep_orphans
from milia.records.sealing import DataKeys, unwrap, wrap
from milia.records.sign_in import SignedIn
from milia.records.sign_in_provider import ProviderSignIn, try_provider
from milia.records.store import Store
from milia.records.tables import account, data_key
from milia.records.unit import Acting, Work
from milia.records.users import User, Users, user_of

__all__ = ["Records", "open_records"]

_REWRAP_AT_ONCE = 500


def open_records(
    url: str | None = None, key: Keyring | Path | None = None, *, data: Path | None = None
) -> Records:
    """Open the clinic's records, making database and key on the first start.

    Parameters
    ----------
    url
        Address of the database; ``MILIA_DATABASE_URL``, or a SQLite file in the data folder.
    key
        The key or its file; ``MILIA_KEY_FILE``, or a file in the configuration folder.
    data
        Folder for database, photographs and ledger; ``MILIA_DATA``, or the user's own.
    """
    folder = data or data_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    address = database_url(url, folder)
    with _start_lock(folder):
        engine = engine_for(address)
        migrate(engine)
        if isinstance(key, Keyring):
            ring = key
        else:
            with read_only(engine) as connection:
                empty = connection.execute(select(data_key.c.owner).limit(1)).first() is None
            # With data there and no key, a new key would only hide the mistake.
            ring = load_keyring(key, create=empty)
    records = Records(engine, ring, folder)
    records.catch_up()
    return records


@contextlib.contextmanager
def _start_lock(folder: Path) -> Iterator[None]:
    handle = os.open(folder / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Records:
    """The records of one database; safe to use from several threads and processes."""

    def __init__(self, engine: Engine, keyring: Keyring, folder: Path) -> None:
        self.engine = engine
        self.keyring = keyring
        self.folder = folder
        self.ledger = Ledger(folder, keyring)
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def photograph_folder(self) -> Path:
        """Where the encrypted pictures lie."""
        return self.folder / "photographs"

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextlib.contextmanager
    def acting(
        self, user_id: str, reason: str | None = None, *, scopes: frozenset[str] | None = None
    ) -> Iterator[Acting]:
        """Do one unit of work as somebody: saved and audited as a whole when the block ends, else nothing is.

        Parameters
        ----------
        user_id
            Who acts.
        reason
            Why, where the role needs one; it is kept in the trail.
        scopes
            What a program's token may do; ``None`` for a person at the screen.
        """
        try:
            with self._writing() as (connection, keys):
                now = self.clock()
                row = connection.execute(select(account).where(account.c.id == user_id)).first()
                if row is None or row.disabled:
                    raise Denied("This account does not exist or is closed.", action="act")
                user = user_of(keys, row)
                store = Store(connection, keys, user.clinic_id, now)
                work = Work(connection, keys, store, user, reason, scopes, now)
                yield Acting(
                    work,
                    photographs=Photographs(work, self.photograph_folder),
                    users=Users(work),
                    drafts=Drafts(work),
                    jobs=Jobs(work),
                    doors=Doors(work),
                    links=Links(work),
                )
                for patient_id in work.erased:
                    # Before the commit: an erasure that is remembered but not done is done at the next start.
                    self.ledger.add_erased(patient_id)
                self._append(connection, keys, user.clinic_id, work.notes, now)
        except Denied as denied:
            self._note_refusal(user_id, denied)
            raise
        for step in work.after:
            step()
        if work.erased:
            self._scrub()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[tuple[Connection, DataKeys]]:
        ends: dict[str, tuple[int, str]] = {}
        with explained(), self.engine.begin() as connection:
            connection.info["milia_ends"] = ends
            yield connection, DataKeys(connection, self.keyring)
        for clinic_id, (seq, mac) in ends.items():
            # The data is safe by now; a ledger that cannot be written catches up at the next save.
            with contextlib.suppress(MiliaError):
                self.ledger.advance(clinic_id, seq, mac)

    def _append(
        self, connection: Connection, keys: DataKeys, clinic_id: str, notes: list[Note], now: datetime
    ) -> None:
        if notes:
            connection.info["milia_ends"][clinic_id] = append(connection, keys, clinic_id, notes, at=now)

    def _note_refusal(self, user_id: str, denied: Denied) -> None:
        with self._writing() as (connection, keys):
            clinic_id = connection.execute(
                select(account.c.clinic_id).where(account.c.id == user_id)
            ).scalar()
            if clinic_id:
                note = Note(
                    actor=user_id,
                    action="refused",
                    kind=denied.kind,
                    row_id=denied.row_id[:32],
                    detail={"wanted": denied.action},
                )
                self._append(connection, keys, clinic_id, [note], self.clock())

    def setup_code(self) -> str:
        """Give the one-time code with which the first administrator is made."""
        with self._writing() as (connection, _):
            return door.make_setup_code(connection, now=self.clock())

    def first_administrator(
        self, code: str, *, clinic: str, time_zone: str, login: str, name: str, password: str
    ) -> User:
        """Make the clinic and its first administrator with the one-time code."""
        now = self.clock()
        with self._writing() as (connection, keys):
            user = door.first_administrator(
                connection,
                keys,
                code=code,
                clinic_name=clinic,
                time_zone=time_zone,
                login=login,
                name=name,
                password=password,
                now=now,
            )
            note = Note(actor=user.id, action="setup", kind="account", row_id=user.id)
            self._append(connection, keys, user.clinic_id, [note], now)
        return user

    def sign_in(self, login: str, password: str, code: str | None = None) -> SignedIn:
        """Let somebody in and give the session's token.

        Raises
        ------
        Denied
            For a wrong login, password or code, or while the account is locked: always in the same words.
        """
        now = self.clock()
        with self._writing() as (connection, keys):
            attempt = door.try_sign_in(connection, keys, login, password, code, now=now)
            if attempt.clinic_id and attempt.note:
                self._append(connection, keys, attempt.clinic_id, [attempt.note], now)
        if attempt.signed_in is None:
            raise door.wrong()
        return attempt.signed_in

    def sign_in_by_provider(self, proven: Proven, code: str | None = None) -> ProviderSignIn:
        """Let in whom a provider vouches for, if an account is linked; lock-out counts here too."""
        now = self.clock()
        with self._writing() as (connection, keys):
            tried = try_provider(connection, keys, proven, code, now=now)
            for clinic_id, note in tried.notes:
                self._append(connection, keys, clinic_id, [note], now)
        return tried.result

    def session(self, token: str) -> User:
        """Give the person behind a session's token; each use keeps the session from falling asleep."""
        with self._writing() as (connection, keys):
            return door.by_session(connection, keys, token, now=self.clock())

    def sign_out(self, token: str) -> None:
        """End one session."""
        from milia.records.credentials import digest
        from milia.records.tables import session_token

        with self._writing() as (connection, _):
            connection.execute(
                update(session_token)
                .where(session_token.c.digest == digest(token), session_token.c.revoked_at.is_(None))
                .values(revoked_at=self.clock())
            )

    def api_token(self, token: str) -> tuple[User, frozenset[str]]:
        """Give the person behind a program's token and the scopes to act with."""
        with self._writing() as (connection, keys):
            return door.by_api_token(connection, keys, token, now=self.clock())

    def clinic(self, clinic_id: str) -> ClinicCard:
        """Give a clinic's name and time zone."""
        with read_only(self.engine) as connection:
            return clinic_card(connection, clinic_id)

    def answers(self) -> bool:
        """Ask the database something; raises `Unavailable` if it is away."""
        with read_only(self.engine) as connection:
            return bool(connection.execute(select(1)).scalar_one())

    def claim_job(self) -> Claim | None:
        """Take the next job for a worker."""
        with self._writing() as (connection, keys):
            return queue.claim(connection, keys, now=self.clock())

    def beat_job(self, held: Claim, *, progress_percent: int = 0) -> bool:
        """Keep a job's lease; ``False`` if it was cancelled or taken over."""
        with self._writing() as (connection, _):
            return queue.beat(connection, held, now=self.clock(), progress_percent=progress_percent)

    def finish_job(self, held: Claim, result: Any) -> bool:
        """Store a job's result, unless the job is no longer this worker's."""
        with self._writing() as (connection, keys):
            return queue.finish(connection, keys, held, result, now=self.clock())

    def fail_job(self, held: Claim, problem: str) -> bool:
        """Give a job back with what went wrong."""
        with self._writing() as (connection, _):
            return queue.fail(connection, held, problem, now=self.clock())

    def verify_audit(self) -> AuditReport:
        """Check the whole trail and every row against it."""
        with read_only(self.engine) as connection:
            return verify(connection, DataKeys(connection, self.keyring), self.ledger)

    def catch_up(self) -> None:
        """After a stop: bring the ledger to the trail's end, and finish an erasure that was begun."""
        from milia.records.tables import clinic

        with read_only(self.engine) as connection:
            for clinic_id in connection.execute(select(clinic.c.id)).scalars().all():
                newest = lines(connection, clinic_id, limit=1)
                head = self.ledger.head(clinic_id)
                if newest and head and head[0] < newest[0].seq:
                    mac = _mac_of(connection, clinic_id, newest[0].seq)
                    self.ledger.advance(clinic_id, newest[0].seq, mac)
        if self.ledger.erased():
            self._erase_again()

    def _erase_again(self) -> None:
        from milia.records.export import erase_again
        from milia.records.photographs import file_of

        with self._writing() as (connection, keys):
            notes, files = erase_again(connection, keys, self.ledger.erased(), now=self.clock())
            for clinic_id, found in notes.items():
                self._append(connection, keys, clinic_id, found, self.clock())
        for name in files:
            file_of(self.photograph_folder, name).unlink(missing_ok=True)
        if notes:
            self._scrub()

    def sweep(self, *, older_than_s: float = 3600.0) -> int:
        """Remove pictures that no entry names; returns how many."""
        with read_only(self.engine) as connection:
            return sweep_orphans(connection, self.photograph_folder, older_than_s=older_than_s)

    def rotate_key(self, *, forget: bool = False) -> int:
        """Wrap every data key with a new master key; after a stop, the next call goes on where it stopped.

        Returns
        -------
        int
            How many data keys were wrapped anew.
        """
        if self.keyring.path is not None:
            self.keyring = load_keyring(self.keyring.path)
        if not self._wrapped_otherwise(1):
            self.keyring = self.keyring.rotated()
            if self.keyring.path is not None:
                # On the disk before the first data key needs it.
                self.keyring.write()
        self.ledger.renewed(self.keyring)
        count = 0
        while batch := self._wrapped_otherwise(_REWRAP_AT_ONCE):
            with self._writing() as (connection, _):
                for owner, wrapped, master_id in batch:
                    key = unwrap(self.keyring, owner, wrapped, master_id)
                    done = connection.execute(
                        update(data_key)
                        .where(data_key.c.owner == owner, data_key.c.master_id == master_id)
                        .values(wrapped=wrap(self.keyring, owner, key), master_id=self.keyring.current)
                    )
                    count += done.rowcount
        if forget:
            self.keyring = self.keyring.without_retired()
            if self.keyring.path is not None:
                self.keyring.write()
        return count

    def _wrapped_otherwise(self, limit: int) -> list[tuple[str, bytes, str]]:
        with read_only(self.engine) as connection:
            found = connection.execute(
                select(data_key).where(data_key.c.master_id != self.keyring.current).limit(limit)
            )
            return [(row.owner, row.wrapped, row.master_id) for row in found]

    def _scrub(self) -> None:
        # What was deleted must also leave the write-ahead log and the dead rows.
        with self.engine.connect() as connection:
            raw = connection.execution_options(isolation_level="AUTOCOMMIT")
            if self.engine.dialect.name == "sqlite":
                raw.exec_driver_sql("COMMIT")
                raw.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                for table in ("data_key", "patient", "name_token", "draft", "job"):
                    raw.exec_driver_sql(f"VACUUM {table}")


def _mac_of(connection: Connection, clinic_id: str, seq: int) -> str:
    from milia.records.tables import audit_entry

    mac: str = connection.execute(
        select(audit_entry.c.mac).where(audit_entry.c.clinic_id == clinic_id, audit_entry.c.seq == seq)
    ).scalar_one()
    return mac
