"""Verification: everything the log vouches for, derived again from the rows that Delta holds, and held against what was
signed. Reads only, and shares no reading of the events with the rest of the ledger.

What is found is told as findings; whether the whole is intact, tampered with or incomplete follows from them.
"""

from validahub_pipeline.ledger.verification.findings import Finding, Severity
from validahub_pipeline.ledger.verification.verifying import LogReport, Pin, verify_log

__all__ = ["Finding", "LogReport", "Pin", "Severity", "verify_log"]
