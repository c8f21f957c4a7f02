"""Measurements of speed and memory, as figures and ratios of one run. Nothing here passes or fails."""

from validahub_pipeline.allocator import keep_memory_between_batches

# As the command line does, and as early, since polars must not be loaded yet. Whoever works in polars here has it so.
keep_memory_between_batches()
