"""The database itself refuses to change or delete the audit trail, plans, decisions and signed entries."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ALWAYS = ("audit_entry", "revision", "plan", "decision")
WHEN_SIGNED = (
    *("consent", "visit", "finding_sheet", "assessment", "diagnosis", "treatment", "outcome"),
    *("photograph", "test_shots"),
)
SAYS = "milia: this entry is final"


def upgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute(
            "CREATE FUNCTION milia_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{SAYS}'; END $$"
        )
    for table in (*ALWAYS, *WHEN_SIGNED):
        condition = " WHEN (OLD.signed_at IS NOT NULL)" if table in WHEN_SIGNED else ""
        for verb in ("UPDATE", "DELETE"):
            name = f"guard_{table}_{verb.lower()}"
            head = f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW{condition}"
            if postgres:
                op.execute(f"{head} EXECUTE FUNCTION milia_refuse()")
            else:
                op.execute(f"{head} BEGIN SELECT RAISE(ABORT, '{SAYS}'); END")
        if postgres:
            op.execute(
                f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION milia_refuse()"
            )


def downgrade() -> None:
    postgres = op.get_bind().dialect.name == "postgresql"
    for table in (*ALWAYS, *WHEN_SIGNED):
        verbs = ("update", "delete", "truncate") if postgres else ("update", "delete")
        for verb in verbs:
            where = f" ON {table}" if postgres else ""
            op.execute(f"DROP TRIGGER guard_{table}_{verb}{where}")
    if postgres:
        op.execute("DROP FUNCTION milia_refuse()")
