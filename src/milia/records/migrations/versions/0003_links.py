"""Accounts that are also opened by a provider's sign-in: which person there is which account here."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "account_link",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("clinic_id", sa.String(32), nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255)),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("created_by", sa.String(32), nullable=False),
        sa.Column("invited_until", UTC),
        sa.Column("linked_at", UTC),
        sa.PrimaryKeyConstraint("id", name="pk_account_link"),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name="fk_account_link_clinic_id"),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name="fk_account_link_user_id"),
        sa.UniqueConstraint("issuer", "subject", name="uq_account_link_issuer"),
        sa.UniqueConstraint("user_id", "issuer", name="uq_account_link_user_id"),
    )


def downgrade() -> None:
    op.drop_table("account_link")
