"""Rule packs looked over before anybody is judged by them: everything that is wrong, odd or slow in a pack, with the
file and the line it stands in.

`reading` finds what keeps a pack from being one, `examples` runs the rules on the values they were written with,
`idle` finds what has no effect, `slow` what will not run in Rust. Not here: what a pack may say, which is
`validahub_pipeline.rulepacks`' business.
"""

from validahub_pipeline.linting.findings import Finding, Level
from validahub_pipeline.linting.packs import Linted, lint

__all__ = ["Finding", "Level", "Linted", "lint"]
