"""A messy product catalogue, made up from word lists and a seed: what a Brazilian seller's ERP would export.

It knows the defects it writes and how often it wrote them, and nothing of rules, corrections or the pipeline.
"""

from validahub_pipeline.sample.generator import SampleTruth, generate

__all__ = ["SampleTruth", "generate"]
