"""`make bench`: the whole pipeline on a messy catalogue of about 105 MB."""

from __future__ import annotations

import argparse

from bench import pipeline


def main() -> None:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=240_000, help="rows of the catalogue (240000: about 105 MB)")
    arguments = parser.parse_args()
    print("\n".join(pipeline.measure(arguments.rows).lines()))


if __name__ == "__main__":
    main()
