"""The code location's entry point, for `dg`, `workspace.yaml` and every deployment: it stays where it is."""

from validahub_pipeline.build import build_defs

defs = build_defs()
