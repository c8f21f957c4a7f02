"""What was made of an upload, looked at: suggestions by pattern, and what differs between revisions.

Reads the ledger and the lake and changes neither; making revisions is the business of `stages`.
"""
