"""What we remember: tables and the named queries over them, one file per aggregate.

Rows end, they are not deleted (decision 3): what is true now has ``valid_to IS NULL`` or ``ended_at IS NULL``.
Nobody outside this package imports SQLAlchemy; nobody inside it commits.
"""
