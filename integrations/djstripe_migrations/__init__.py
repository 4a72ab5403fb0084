"""dj-stripe's schema in one step.

Upstream reaches it in three migrations that build and take down hundreds of columns, a minute or
more of work for every new database. Here the first creates the final tables (written by
`makemigrations djstripe` from the models of dj-stripe 2.11) and the others, empty, keep
upstream's names: a database made here and one made by upstream record the same history, so that
an upgrade of dj-stripe migrates either. When one brings a new migration, add it here under its
name; tests/integrations/test_djstripe_migrations.py fails until it is.
"""
