"""What can be checked beyond the log: that detail rows, objects, cells and read models are what the events vouch for.

The log itself is verified by `validahub_pipeline.ledger.verification`; here is what has to know of uploads and files.
"""
