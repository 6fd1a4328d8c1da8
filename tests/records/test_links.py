"""Accounts linked to people at a provider: who may, what is kept, and the way up and down of its table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import inspect, text

from milia.base import InputError
from milia.records import Denied, INVITED_days, NotFound, Proven, back_up, restore
from milia.records.database import migrate, revision_of

PASSWORD = "a long enough password"
ISSUER = "https://sign-in.hospital.example"


@pytest.fixture
def linked(clinic):
    """The doctor is linked, the nurse invited."""
    with clinic.records.acting(clinic.administrator) as acting:
        acting.links.add(clinic.doctor, issuer=ISSUER, subject="d-17")
        acting.links.invite(clinic.nurse, issuer=ISSUER, email="nora@hospital.example")
    return clinic


def test_whoever_is_linked_gets_in_and_nobody_else(linked):
    records = linked.records
    found = records.sign_in_by_provider(Proven(issuer=ISSUER, subject="d-17"))
    assert found.signed_in.user.id == linked.doctor
    assert records.session(found.signed_in.token).login == "doctor"
    for stranger in (
        Proven(issuer=ISSUER, subject="D-17"),
        Proven(issuer=ISSUER, subject="d-17 "),
        Proven(issuer=f"{ISSUER}/", subject="d-17"),
        Proven(issuer=ISSUER, subject="n-1", email="other@hospital.example"),
        Proven(issuer="https://other.example", subject="n-1", email="nora@hospital.example"),
    ):
        assert records.sign_in_by_provider(stranger).why == "unknown"
    assert records.verify_audit().whole


def test_an_invitation_is_for_one_person_once_and_for_a_fortnight(linked):
    records = linked.records
    nora = Proven(issuer=ISSUER, subject="n-1", email="NORA@hospital.example")
    now = datetime.now(UTC)
    records.clock = lambda: now + timedelta(days=INVITED_days, minutes=1)
    assert records.sign_in_by_provider(nora).why == "unknown"
    records.clock = lambda: now + timedelta(days=INVITED_days - 1)
    assert records.sign_in_by_provider(nora).signed_in.user.id == linked.nurse
    second = Proven(issuer=ISSUER, subject="n-2", email="nora@hospital.example")
    assert records.sign_in_by_provider(second).why == "unknown"
    assert records.sign_in_by_provider(Proven(issuer=ISSUER, subject="n-1")).signed_in
    with records.acting(linked.nurse) as acting:
        (own,) = acting.links.of()
    assert (own.subject, own.invited_until) == ("n-1", None)


def test_only_an_administrator_links_and_the_trail_keeps_it(linked):
    records, doctor = linked.records, linked.doctor
    steps = (
        lambda links: links.add(doctor, issuer="https://evil.example", subject="x"),
        lambda links: links.invite(doctor, issuer="https://evil.example", email="a@b.example"),
        lambda links: links.of(linked.nurse),
        lambda links: links.end(doctor, "0" * 32),
    )
    for step in steps:
        with pytest.raises(Denied), records.acting(doctor) as acting:
            step(acting.links)
    with records.acting(doctor) as acting:
        (own,) = acting.links.of()
    token = records.sign_in("doctor", PASSWORD).token
    with records.acting(linked.administrator) as acting:
        acting.links.end(doctor, own.id)
    with pytest.raises(Denied):
        records.session(token)
    with pytest.raises(NotFound), records.acting(linked.administrator) as acting:
        acting.links.end(doctor, own.id)
    with records.acting(linked.administrator) as acting:
        told = [line.action for line in acting.audit(row_id=doctor)]
    assert {"link", "unlink", "refused"} <= set(told)
    assert told.index("unlink") < told.index("link")


@pytest.mark.parametrize(
    ("step", "key"),
    [
        (lambda links, who: links.add(who, issuer=ISSUER, subject=""), "subject"),
        (lambda links, who: links.add(who, issuer=ISSUER, subject=" x"), "subject"),
        (lambda links, who: links.add(who, issuer=ISSUER, subject="ㄱ"), "subject"),
        (lambda links, who: links.add(who, issuer=ISSUER, subject="x" * 256), "subject"),
        (lambda links, who: links.add(who, issuer=ISSUER, subject="d-17"), "subject"),
        (lambda links, who: links.invite(who, issuer=ISSUER, email="no address"), "email"),
        (lambda links, who: links.invite(who, issuer=ISSUER, email="Nora@hospital.example"), "email"),
    ],
)
def test_what_cannot_be_a_link_is_named(linked, step, key):
    with pytest.raises(InputError) as said, linked.records.acting(linked.administrator) as acting:
        step(acting.links, linked.front_desk)
    assert said.value.key == key
    with pytest.raises(InputError), linked.records.acting(linked.administrator) as acting:
        acting.links.add(linked.doctor, issuer=ISSUER, subject="second")


def test_a_closed_or_locked_account_stays_so_through_this_door(linked):
    records, dora = linked.records, Proven(issuer=ISSUER, subject="d-17", second_factor=True)
    for _ in range(5):
        with pytest.raises(Denied):
            records.sign_in("doctor", "wrong password!")
    assert records.sign_in_by_provider(dora).why == "closed"
    real = records.clock
    records.clock = lambda: real() + timedelta(minutes=16)
    assert records.sign_in_by_provider(dora).signed_in
    with records.acting(linked.administrator) as acting:
        acting.users.disable(linked.doctor)
    assert records.sign_in_by_provider(dora).why == "closed"


def test_the_table_goes_down_and_up_with_data_in_the_others(linked):
    records = linked.records
    migrate(records.engine, "0002")
    with records.engine.connect() as connection:
        assert revision_of(connection) == "0002"
        assert not inspect(connection).has_table("account_link")
    assert records.sign_in("doctor", PASSWORD).user.id == linked.doctor
    migrate(records.engine)
    assert records.sign_in_by_provider(Proven(issuer=ISSUER, subject="d-17")).why == "unknown"
    with records.acting(linked.administrator) as acting:
        acting.links.add(linked.doctor, issuer=ISSUER, subject="d-17")
    assert records.sign_in_by_provider(Proven(issuer=ISSUER, subject="d-17")).signed_in
    assert records.verify_audit().whole


def test_links_are_in_the_backup_and_addresses_are_sealed(linked, make_records, tmp_path):
    back_up(linked.records, tmp_path / "b.milia")
    other = make_records(key=linked.records.keyring)
    restore(other, tmp_path / "b.milia")
    with other.acting(linked.administrator) as acting:
        assert acting.links.of(linked.doctor)[0].subject == "d-17"
        assert acting.links.of(linked.nurse)[0].email == "nora@hospital.example"
    with other.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM account_link")).all()
    assert "nora" not in str(
        [bytes(cell) if isinstance(cell, memoryview) else cell for row in rows for cell in row]
    )
