"""Analytics: DuckDB SQL over the ledger's Delta tables, charts of the results, and the gate that checks them.

Here live questions about many uploads at once, answered in bulk and rarely. Questions about one upload or one user
belong to the read models. Dagster is not known here; great_expectations and pandas only in `gate`, which is a process
of its own.
"""
