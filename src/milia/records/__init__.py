"""The clinic's records: encrypted, versioned, audited, on SQLite or PostgreSQL."""

from milia.records.audit import AuditLine, AuditReport
from milia.records.backup import BackupSummary, back_up, check_backup, restore
from milia.records.doors import ClinicCard, OpenSession, OpenToken, role_actions, role_table
from milia.records.drafts import Draft
from milia.records.entities import (
    KINDS,
    Appointment,
    Assessment,
    Consent,
    Content,
    Decision,
    Device,
    Diagnosis,
    FindingSheet,
    Lesion,
    Outcome,
    Patient,
    Photograph,
    Plan,
    TestShots,
    Treatment,
    Visit,
)
from milia.records.errors import Conflict, Denied, NotFound, Unavailable
from milia.records.facade import Records, open_records
from milia.records.jobs import Claim, Job
from milia.records.keyring import Keyring, data_folder, key_path, load_keyring
from milia.records.links import INVITED_days, Link, Proven
from milia.records.roles import ROLES, allowed
from milia.records.sign_in import SignedIn
from milia.records.sign_in_provider import ProviderSignIn
from milia.records.store import Entry
from milia.records.unit import Acting
from milia.records.users import User

__all__ = [
    "KINDS",
    "ROLES",
    "Acting",
    "Appointment",
    "Assessment",
    "AuditLine",
    "AuditReport",
    "BackupSummary",
    "Claim",
    "ClinicCard",
    "Conflict",
    "Consent",
    "Content",
    "Decision",
    "Denied",
    "Device",
    "Diagnosis",
    "Draft",
    "Entry",
    "FindingSheet",
    "INVITED_days",
    "Job",
    "Keyring",
    "Lesion",
    "Link",
    "NotFound",
    "OpenSession",
    "OpenToken",
    "Outcome",
    "Patient",
    "Photograph",
    "Plan",
    "Proven",
    "ProviderSignIn",
    "Records",
    "SignedIn",
    "TestShots",
    "Treatment",
    "Unavailable",
    "User",
    "Visit",
    "allowed",
    "back_up",
    "check_backup",
    "data_folder",
    "key_path",
    "load_keyring",
    "open_records",
    "restore",
    "role_actions",
    "role_table",
]
