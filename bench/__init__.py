"""Measurements of speed and memory, as figures and ratios of one run. Nothing here passes or fails."""
