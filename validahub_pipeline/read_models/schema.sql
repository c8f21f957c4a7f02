-- The read models: tables that answer questions, every one of them a projection of the ledger.
-- Names are unqualified because the same text builds the live schema and the shadow of a rebuild.
-- A change here, or in projections/, is rolled out by a rebuild and never by a migration.

-- How far the projector has come. The event's id tells whether the ledger is still the one that was projected.
CREATE TABLE projector_position (
    only_row       boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    last_seq       bigint NOT NULL DEFAULT 0,
    last_event_id  text,
    last_timestamp timestamptz,
    schema_hash    text NOT NULL
);

-- Every event, unknown actions included. Partitioned by the ledger's own month; the projector adds the partitions.
CREATE TABLE audit_log (
    seq            bigint NOT NULL,
    month          text NOT NULL,
    event_id       text NOT NULL,
    at             timestamptz NOT NULL,
    user_id        text NOT NULL,
    action         text NOT NULL,
    aggregate_id   text NOT NULL,
    resource_type  text NOT NULL,
    resource_id    text NOT NULL,
    resource_name  text NOT NULL,
    changes        jsonb NOT NULL,
    metadata       jsonb NOT NULL,
    schema_version integer NOT NULL,
    PRIMARY KEY (seq, month)
) PARTITION BY LIST (month);
CREATE INDEX audit_log_of_aggregate ON audit_log (aggregate_id, seq);
CREATE INDEX audit_log_by_action ON audit_log (action, seq);
CREATE INDEX audit_log_by_user ON audit_log (user_id, seq);
-- One expression rather than two columns: it has statistics of its own. A frequent user and a frequent action may be rare
-- together; taking them for independent, the planner walks the whole log backwards, extended statistics or not.
CREATE INDEX audit_log_by_user_and_action ON audit_log ((user_id || ' ' || action), seq);

-- Where each validation stands. `state` is that of the latest event: uploaded, started, ingested, validated,
-- corrected, published, refused, revising or failed; error_* are filled in the state failed only.
CREATE TABLE validation_jobs (
    validation_id text PRIMARY KEY,
    user_id       text NOT NULL,
    file_name     text,
    marketplace   text,
    category      text,
    lang          text,
    state         text NOT NULL,
    uploaded_at   timestamptz NOT NULL,
    started_at    timestamptz,
    ingested_at   timestamptz,
    validated_at  timestamptz,
    corrected_at  timestamptz,
    published_at  timestamptz,
    refused_at    timestamptz,
    failed_at     timestamptz,
    updated_at    timestamptz NOT NULL,
    failures      integer NOT NULL DEFAULT 0,
    failed_stage  text,
    error_code    text,
    error_message text,
    retryable     boolean
);
CREATE INDEX validation_jobs_by_state ON validation_jobs (state, updated_at);

-- What was handed in, how it was read, and every object it became: {name: {key, size, sha256}}.
CREATE TABLE file_metadata (
    validation_id text PRIMARY KEY,
    user_id       text NOT NULL,
    inbox_key     text,
    version       text,
    file_name     text,
    size          bigint,
    sha256        text,
    marketplace   text,
    category      text,
    lang          text,
    uploaded_at   timestamptz NOT NULL,
    encoding      text,
    delimiter     text,
    header_lines  jsonb,
    columns       jsonb,
    records       bigint,
    quarantined   bigint,
    repairs       jsonb,
    objects       jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX file_metadata_by_sha256 ON file_metadata (sha256);

-- One row per validation: what came of it, in figures.
CREATE TABLE validation_summary (
    validation_id           text PRIMARY KEY,
    user_id                 text NOT NULL,
    file_name               text,
    size                    bigint,
    marketplace             text,
    category                text,
    pack                    text,
    pack_version            text,
    pack_hash               text,
    uploaded_at             timestamptz NOT NULL,
    state                   text NOT NULL,
    records                 bigint,
    quarantined             bigint,
    violations              bigint,
    rows_with_violations    bigint,
    critical_rows           bigint,
    cells_corrected         bigint NOT NULL DEFAULT 0,
    suggestions             bigint,
    remaining_violations    bigint,
    remaining_critical_rows bigint,
    published               boolean NOT NULL DEFAULT false,
    revision                integer NOT NULL DEFAULT 1,
    published_revision      integer,
    refused_because         text,
    ingest_milliseconds     bigint,
    validate_milliseconds   bigint,
    correct_milliseconds    bigint,
    publish_milliseconds    bigint
);
CREATE INDEX validation_summary_of_user ON validation_summary (user_id, uploaded_at);

-- Violations of one validation per code and column: finds the files that have an error.
CREATE TABLE validation_errors (
    validation_id text NOT NULL,
    code          text NOT NULL,
    column_name   text NOT NULL,
    severity      text NOT NULL,
    count         bigint NOT NULL,
    validated_at  timestamptz NOT NULL,
    PRIMARY KEY (validation_id, code, column_name, severity)
);
CREATE INDEX validation_errors_by_code ON validation_errors (code, validated_at);

-- Acts per user, UTC day and action.
CREATE TABLE user_activity (
    user_id text NOT NULL,
    day     date NOT NULL,
    action  text NOT NULL,
    count   bigint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, day, action)
);

-- Violations per UTC day of the validation. `validations` counts those that had the code in that column.
CREATE TABLE error_statistics (
    day         date NOT NULL,
    marketplace text NOT NULL,
    pack        text NOT NULL,
    code        text NOT NULL,
    column_name text NOT NULL,
    severity    text NOT NULL,
    count       bigint NOT NULL,
    validations bigint NOT NULL,
    PRIMARY KEY (day, marketplace, pack, code, column_name, severity)
);

-- What was corrected in which validation, per code and column.
CREATE TABLE correction_history (
    validation_id text NOT NULL,
    revision      integer NOT NULL,
    code          text NOT NULL,
    column_name   text NOT NULL,
    confidence    text NOT NULL,
    count         bigint NOT NULL,
    mode          text NOT NULL,
    applied_by    text NOT NULL,
    at            timestamptz NOT NULL,
    PRIMARY KEY (validation_id, revision, mode, code, column_name, confidence)
);

-- The revisions of each validation: what was decided by whom, and what became of it. Nobody asked for the first one.
-- `state` is started, corrected, published or refused; `cells` are those that differ from the file handed in.
CREATE TABLE revision_history (
    validation_id   text NOT NULL,
    revision        integer NOT NULL,
    user_id         text,
    kind            text,
    codes           jsonb,
    column_name     text,
    based_on        integer,
    state           text NOT NULL,
    started_at      timestamptz,
    ended_at        timestamptz,
    cells           bigint,
    cells_by_people bigint,
    remaining       bigint,
    refused_because text,
    sha256          text,
    PRIMARY KEY (validation_id, revision)
);

-- Use of each resolved pack per UTC day of the event that counts.
CREATE TABLE rule_pack_usage (
    day         date NOT NULL,
    pack        text NOT NULL,
    version     text NOT NULL,
    hash        text NOT NULL,
    validations bigint NOT NULL DEFAULT 0,
    records     bigint NOT NULL DEFAULT 0,
    violations  bigint NOT NULL DEFAULT 0,
    published   bigint NOT NULL DEFAULT 0,
    refused     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (day, pack, version, hash)
);

-- Every state of a rule pack, as it was announced before its first use: what it followed and what it changed. The first
-- state of a pack for a category follows none; how many rules came, went or changed is unknown of it.
CREATE TABLE rule_pack_history (
    pack          text NOT NULL,
    category      text NOT NULL,
    seq           bigint NOT NULL,
    version       text NOT NULL,
    hash          text NOT NULL,
    previous      text,
    at            timestamptz NOT NULL,
    user_id       text NOT NULL,
    rules_added   integer,
    rules_removed integer,
    rules_changed integer,
    difference    jsonb,
    PRIMARY KEY (pack, category, seq)
);
