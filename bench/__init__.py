"""Measurements of speed and memory, as figures and ratios of one run. Nothing here passes or fails."""

from validahub_pipeline.allocator import keep_memory_between_batches
from validahub_pipeline.loading import start_no_idle_threads

# As the command line does, and as early, since polars and numpy must not be loaded yet. Whoever works in them here has
# it so.
keep_memory_between_batches()
start_no_idle_threads()
