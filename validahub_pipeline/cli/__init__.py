"""The command line: arguments in, exit codes and words out. What is done is done by `commands`.

One module per family of commands; `main` puts them together. Imports of the library are made inside the commands,
since Dagster alone costs a second and `--help` should not.
"""

from validahub_pipeline.cli.main import main

__all__ = ["main"]
