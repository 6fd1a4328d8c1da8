"""The tables. What says something about a person is in `sealed`; the rest is for looking up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

__all__ = ["CONTENT_TABLES", "GUARDED", "IMMUTABLE", "SIGNED", "Utc", "metadata"]

ID = String(32)
SEQ = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, and a moment without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


clinic = Table(
    "clinic",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("id", ID, primary_key=True),
    Column("clinic_id", ForeignKey("clinic.id"), nullable=False, index=True),
    Column("login", String(80), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Utc),
    Column("totp_sealed", LargeBinary),
    Column("totp_confirmed", Boolean, nullable=False),
    Column("totp_last_step", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Utc, nullable=False),
)

session_token = Table(
    "session_token",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)

account_link = Table(
    "account_link",
    metadata,
    Column("id", ID, primary_key=True),
    Column("clinic_id", ForeignKey("clinic.id"), nullable=False),
    Column("user_id", ForeignKey("account.id"), nullable=False),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255)),
    Column("sealed", LargeBinary),
    Column("created_at", Utc, nullable=False),
    Column("created_by", ID, nullable=False),
    Column("invited_until", Utc),
    Column("linked_at", Utc),
    UniqueConstraint("issuer", "subject"),
    UniqueConstraint("user_id", "issuer"),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", ID, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("label", String(80), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("revoked_at", Utc),
)

setup_code = Table(
    "setup_code",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
)

data_key = Table(
    "data_key",
    metadata,
    Column("owner", String(48), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("master_id", String(16), nullable=False, index=True),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("clinic_id", ForeignKey("clinic.id"), primary_key=True),
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("row_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("detail", Text, nullable=False),
    Column("mac", String(64), nullable=False),
    Index("ix_audit_entry_row", "clinic_id", "kind", "row_id", "seq"),
)

revision = Table(
    "revision",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("row_id", ID, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("owner", String(48), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Utc, nullable=False),
    Column("by", ID, nullable=False),
)


def _content(name: str, *columns: Column[Any] | Index, patient: bool = True) -> Table:
    links: list[Column[Any]] = (
        [Column("patient_id", ForeignKey("patient.id"), nullable=False)] if patient else []
    )
    indexes = [Index(f"ix_{name}_patient", "patient_id", "seq")] if patient else []
    return Table(
        name,
        metadata,
        Column("seq", SEQ, primary_key=True, autoincrement=True),
        Column("id", ID, nullable=False, unique=True),
        Column("clinic_id", ForeignKey("clinic.id"), nullable=False),
        *links,
        Column("version", Integer, nullable=False),
        *columns,
        Column("sealed", LargeBinary, nullable=False),
        Column("created_at", Utc, nullable=False),
        Column("created_by", ID, nullable=False),
        Column("updated_at", Utc, nullable=False),
        Column("updated_by", ID, nullable=False),
        Column("signed_at", Utc),
        Column("signed_by", ID),
        Column("amends", ForeignKey(f"{name}.id")),
        Column("removed_at", Utc),
        *indexes,
        # One amendment of an entry at a time; one that was taken back does not count.
        Index(
            f"uq_{name}_amends",
            "amends",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index(f"ix_{name}_clinic", "clinic_id", "seq"),
    )


def _link(name: str, table: str, *, needed: bool = False) -> Column[Any]:
    return Column(name, ForeignKey(f"{table}.id"), nullable=not needed, index=True)


patient = _content("patient", Column("state", String(12), nullable=False), patient=False)
consent = _content(
    "consent", Column("subject", String(20), nullable=False), Column("given", Boolean, nullable=False)
)
lesion = _content(
    "lesion",
    Column("site", String(24), nullable=False),
    Column("state", String(12), nullable=False),
    Index("ix_lesion_site_state", "clinic_id", "site", "state", "seq"),
)
visit = _content(
    "visit",
    Column("on", String(10), nullable=False),
    Column("state", String(12), nullable=False),
    Index("ix_visit_on", "clinic_id", "on"),
)
finding_sheet = _content(
    "finding_sheet",
    _link("visit_id", "visit"),
    _link("lesion_id", "lesion", needed=True),
    Column("state", String(12), nullable=False),
)
assessment = _content(
    "assessment",
    _link("lesion_id", "lesion", needed=True),
    _link("finding_sheet_id", "finding_sheet"),
)
diagnosis = _content(
    "diagnosis",
    _link("lesion_id", "lesion", needed=True),
    _link("assessment_id", "assessment"),
)
plan = _content(
    "plan",
    _link("visit_id", "visit"),
    _link("lesion_id", "lesion", needed=True),
    Column("plan_id", String(64), nullable=False, index=True),
)
decision = _content("decision", _link("plan_row_id", "plan", needed=True))
treatment = _content(
    "treatment",
    _link("visit_id", "visit"),
    _link("lesion_id", "lesion", needed=True),
    _link("plan_row_id", "plan"),
    Column("treated_on", String(10), nullable=False),
)
outcome = _content(
    "outcome",
    _link("lesion_id", "lesion", needed=True),
    _link("treatment_id", "treatment"),
    Column("seen_on", String(10), nullable=False),
)
photograph = _content(
    "photograph",
    _link("visit_id", "visit"),
    _link("lesion_id", "lesion"),
    Column("file", String(64), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
)
device = _content("device", Column("state", String(12), nullable=False), patient=False)
test_shots = _content("test_shots", _link("device_id", "device", needed=True), patient=False)
appointment = _content(
    "appointment",
    Column("starts_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
    Column("state", String(12), nullable=False),
    Index("ix_appointment_starts", "clinic_id", "starts_at"),
)

draft = Table(
    "draft",
    metadata,
    Column("id", ID, primary_key=True),
    Column("clinic_id", ForeignKey("clinic.id"), nullable=False),
    Column("user_id", ForeignKey("account.id"), nullable=False),
    Column("form", String(40), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("patient_id", ForeignKey("patient.id"), index=True),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("saved_at", Utc, nullable=False),
    UniqueConstraint("user_id", "form", "subject"),
)

job = Table(
    "job",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=True),
    Column("id", ID, nullable=False, unique=True),
    Column("clinic_id", ForeignKey("clinic.id"), nullable=False),
    Column("asked_by", ForeignKey("account.id"), nullable=False),
    Column("patient_id", ForeignKey("patient.id"), index=True),
    Column("task", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempts_max", Integer, nullable=False),
    Column("lease", String(32)),
    Column("lease_until", Utc),
    Column("progress", Integer, nullable=False),
    Column("problem", String(300), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("result_sealed", LargeBinary),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Index("ix_job_state", "state", "seq"),
)

name_token = Table(
    "name_token",
    metadata,
    Column("token", BigInteger, primary_key=True, autoincrement=False),
    Column("patient_seq", SEQ, ForeignKey("patient.seq"), primary_key=True, autoincrement=False, index=True),
    sqlite_with_rowid=False,
)

IMMUTABLE = ("plan", "decision")
SIGNED = (
    *("consent", "visit", "finding_sheet", "assessment", "diagnosis", "treatment", "outcome"),
    *("photograph", "test_shots"),
)
GUARDED = ("audit_entry", "revision", *IMMUTABLE, *SIGNED)
CONTENT_TABLES: dict[str, Table] = {
    each.name: each
    for each in (
        *(patient, consent, lesion, visit, finding_sheet, assessment, diagnosis, plan, decision, treatment),
        *(outcome, photograph, device, test_shots, appointment),
    )
}
