"""Every setting, read from the environment (`VALIDAHUB_*`) in one place.

Nothing is read at import: whoever needs settings calls `Settings()` once at its edge and passes it on.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from validahub_pipeline.messages import Language


class Settings(BaseSettings):
    """Settings of one installation. Folders are made absolute, so that a change of working folder moves nothing."""

    model_config = SettingsConfigDict(env_prefix="VALIDAHUB_", frozen=True, extra="ignore")

    home: Path = Field(default=Path(".validahub"), description="All that is embedded: lake, PostgreSQL, scratch")
    lake: str = Field(default="", description="Root of the lake: a folder or s3://bucket[/prefix]; default HOME/lake")
    postgres_url: SecretStr | None = Field(
        default=None, description="postgresql://user:password@host:port/database; default: the embedded server"
    )
    subjects_url: SecretStr | None = Field(
        default=None,
        description="The database that keeps names and keys of persons; default: the one of the read models",
    )
    lang: Language = Field(default="pt-BR", description="Language of messages where nobody asked for another")
    s3_endpoint_url: str | None = Field(default=None, description="An S3-compatible server; default: AWS")
    s3_region: str = Field(default="us-east-1")
    s3_access_key_id: str | None = Field(default=None, description="Default: the usual AWS credential chain")
    s3_secret_access_key: SecretStr | None = Field(default=None)
    openlineage_url: str | None = Field(
        default=None, pattern=r"^https?://.+", description="OpenLineage server lineage is sent on to; default: nowhere"
    )
    openlineage_api_key: SecretStr | None = Field(default=None, description="Sent to it as a bearer token")
    ledger_key: SecretStr | None = Field(default=None, description="What signs the ledger: private keys, one per line")
    ledger_key_file: Path | None = Field(
        default=None, description="A file with them; default: keys made at first use in HOME/ledger"
    )
    ledger_origin: str | None = Field(
        default=None, description="Name of a new log, e.g. audit.example.com/validahub; default: one at random"
    )
    checkpoint_copies: str = Field(
        default="",
        description="Where signed checkpoints are copied, separated by commas: folders, s3://bucket/prefix?retain_days=N,"
        " https://...",
    )
    partitions_kept_days: int = Field(
        default=30, ge=1, description="How long a finished upload keeps its partition in Dagster"
    )
    partitions_kept: int = Field(default=10_000, ge=1, description="How many partitions there may be beyond a night")
    scratch_folder: Path | None = Field(default=None, description="Local working space; default HOME/scratch")

    def model_post_init(self, _context: object, /) -> None:
        """Make the folders absolute once, here."""
        object.__setattr__(self, "home", self.home.expanduser().absolute())
        if not self.lake:
            object.__setattr__(self, "lake", str(self.home / "lake"))
        elif not self.lake.startswith("s3://"):
            object.__setattr__(self, "lake", str(Path(self.lake).expanduser().absolute()))

    @property
    def scratch(self) -> Path:
        """Where work in progress lies; may be deleted whenever nothing runs."""
        return (self.scratch_folder or self.home / "scratch").expanduser().absolute()
