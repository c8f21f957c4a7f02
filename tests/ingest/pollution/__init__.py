"""Polluted tables in the manner of Pollock (Vitagliano et al., "Pollock: A Data Loading Benchmark", VLDB 2023).

One table, many variants with one defect each, and a score: success, and precision, recall and F1 of header cells,
records and cells, ten at most; as a plain mean and weighted by how often a defect occurs in the wild. Nothing here
uses the code that is tested.
"""
