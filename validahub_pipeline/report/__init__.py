"""What people look at when an upload has ended: the HTML report, the summary in the terminal, and progress.

Everything shown comes from a manifest and a pack; nothing is decided or read from storage here.
"""

from validahub_pipeline.report.page import render
from validahub_pipeline.report.progress import StageProgress
from validahub_pipeline.report.summary import print_summary

__all__ = ["StageProgress", "print_summary", "render"]
