"""What was recorded, told to people and to other systems: one file's history, exports, a month's compliance report.

Reads the ledger and the lake, and nothing else. Whether what it reads can be believed is for `ledger.verification` to
say; what is told of a seller's cells is for `report`.
"""
