"""ValidaHub: reads product catalogues without losing a row, validates, corrects, publishes, and proves it.

Here live the library and its wiring. The rules themselves are data, in `rules`; the Dagster declarations are in
`assets`. Dependencies point one way: `assets -> validahub_pipeline -> rules`.
"""
