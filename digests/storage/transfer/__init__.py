"""Moving whole tables: between databases, into a backup, and out of it.

Rows travel as lines of text in one form, whichever database they are from: that of PostgreSQL's COPY
(https://www.postgresql.org/docs/current/sql-copy.html, "Text Format"), in the order of their keys. So a table has the
same checksum wherever it is, and PostgreSQL reads and writes it without a Python step per row.
"""
