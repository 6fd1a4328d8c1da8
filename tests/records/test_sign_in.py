"""The door: passwords, second factor, lock-out, sessions, tokens."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlparse

import pytest

from milia.base import InputError
from milia.records import Denied, Device, Patient
from milia.records.credentials import check_password, hash_password, totp_code

PASSWORD = "a long enough password"


def test_argon2_hashes_differ_and_compare():
    first, second = hash_password("correct horse battery"), hash_password("correct horse battery")
    assert first != second
    assert first.startswith("$argon2id$")
    assert check_password(first, "correct horse battery")
    assert not check_password(first, "correct horse batterz")
    assert not check_password(None, "correct horse battery")
    with pytest.raises(InputError):
        hash_password("short")


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_totp_gives_the_numbers_of_rfc_6238(seconds, code):
    assert totp_code(b"12345678901234567890", seconds // 30) == code


def test_the_setup_code_works_once(clinic):
    with pytest.raises(Denied):
        clinic.records.setup_code()
    with pytest.raises(Denied):
        clinic.records.first_administrator(
            "x", clinic="B", time_zone="UTC", login="second", name="B", password=PASSWORD
        )


def test_five_wrong_passwords_lock_and_an_administrator_opens_again(clinic):
    records = clinic.records
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    records.clock = lambda: now[0]
    for _ in range(5):
        with pytest.raises(Denied):
            records.sign_in("doctor", "wrong password!")
    with pytest.raises(Denied):
        records.sign_in("doctor", PASSWORD)
    now[0] += timedelta(minutes=16)
    assert records.sign_in("doctor", PASSWORD).user.id == clinic.doctor
    with records.acting(clinic.administrator) as acting:
        once = acting.users.reset_password(clinic.doctor)
    assert records.sign_in("doctor", once).user.must_change
    with pytest.raises(Denied):
        records.sign_in("nobody", PASSWORD)
    with records.acting(clinic.administrator) as acting:
        told = [line.action for line in acting.audit(row_id=clinic.doctor)]
    assert told.count("sign_in_failed") == 4
    assert {"locked_out", "sign_in_refused", "sign_in", "reset_password"} <= set(told)


def test_a_session_ends_by_idleness_age_sign_out_and_revocation(clinic):
    records = clinic.records
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    records.clock = lambda: now[0]
    idle = records.sign_in("nurse", PASSWORD).token
    assert records.session(idle).id == clinic.nurse
    now[0] += timedelta(minutes=31)
    old = records.sign_in("nurse", PASSWORD).token
    for _ in range(35):
        now[0] += timedelta(minutes=20)
        records.session(old)
    now[0] += timedelta(minutes=21)
    out = records.sign_in("nurse", PASSWORD).token
    records.sign_out(out)
    revoked = records.sign_in("nurse", PASSWORD).token
    with records.acting(clinic.administrator) as acting:
        acting.users.revoke_sessions(clinic.nurse)
    for token in (idle, old, out, revoked, "made up"):
        with pytest.raises(Denied):
            records.session(token)


def test_the_second_factor_is_asked_and_no_code_counts_twice(clinic):
    records = clinic.records
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    records.clock = lambda: now[0]
    with records.acting(clinic.doctor) as acting:
        address = acting.users.begin_second_factor()
    secret = base64.b32decode(parse_qs(urlparse(address).query)["secret"][0])
    code = totp_code(secret, int(now[0].timestamp()) // 30)
    with records.acting(clinic.doctor) as acting:
        acting.users.confirm_second_factor(code)
    for given in (None, code, "000000x"):
        with pytest.raises(Denied):
            records.sign_in("doctor", PASSWORD, given)
    now[0] += timedelta(seconds=60)
    later = totp_code(secret, int(now[0].timestamp()) // 30)
    assert records.sign_in("doctor", PASSWORD, later).user.second_factor


def test_a_token_does_only_what_its_scopes_say(clinic):
    records = clinic.records
    with records.acting(clinic.doctor) as acting:
        token = acting.users.add_token("camera", scopes=["device.read"], days=1)
    user, scopes = records.api_token(token)
    with records.acting(user.id, scopes=scopes) as acting:
        assert acting.entries(Device) == []
    with pytest.raises(Denied), records.acting(user.id, scopes=scopes) as acting:
        acting.entries(Patient)
    records.clock = lambda: datetime.fromtimestamp(time.time() + 2 * 86400, UTC)
    with pytest.raises(Denied):
        records.api_token(token)


def test_the_last_administrator_stays(clinic):
    for step in (
        lambda users: users.disable(clinic.administrator),
        lambda users: users.change_role(clinic.administrator, "nurse"),
    ):
        with (
            pytest.raises(InputError, match="no administrator"),
            clinic.records.acting(clinic.administrator) as acting,
        ):
            step(acting.users)
    with pytest.raises(Denied), clinic.records.acting(clinic.doctor) as acting:
        acting.users.reset_password(clinic.nurse)
    with clinic.records.acting(clinic.administrator) as acting:
        acting.users.disable(clinic.nurse)
    with pytest.raises(Denied), clinic.records.acting(clinic.nurse):
        pass
