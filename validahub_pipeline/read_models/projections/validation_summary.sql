-- Runs after validation_jobs, whose state it repeats, and correction_history, which it counts.
INSERT INTO validation_summary (
    validation_id, user_id, file_name, size, marketplace, category, uploaded_at, state
)
SELECT DISTINCT ON (aggregate_id)
    aggregate_id, user_id, changes ->> 'file_name', (changes ->> 'size')::bigint, changes ->> 'marketplace',
    changes ->> 'category', at, 'uploaded'
FROM batch
WHERE action = 'file_uploaded'
ORDER BY aggregate_id, seq
ON CONFLICT (validation_id) DO NOTHING;

UPDATE validation_summary AS summary SET
    pack = started.changes #>> '{pack,name}',
    pack_version = started.changes #>> '{pack,version}',
    pack_hash = started.changes #>> '{pack,hash}',
    category = coalesce(started.changes ->> 'category', summary.category)
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, changes
    FROM batch
    WHERE action = 'validation_started'
    ORDER BY aggregate_id, seq DESC
) AS started
WHERE summary.validation_id = started.aggregate_id;

UPDATE validation_summary AS summary SET
    records = (ingested.changes ->> 'records')::bigint,
    quarantined = (ingested.changes ->> 'quarantined')::bigint,
    ingest_milliseconds = (ingested.changes ->> 'milliseconds')::bigint
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, changes
    FROM batch
    WHERE action = 'file_ingested'
    ORDER BY aggregate_id, seq DESC
) AS ingested
WHERE summary.validation_id = ingested.aggregate_id;

UPDATE validation_summary AS summary SET
    violations = (
        SELECT coalesce(sum(code.value::bigint), 0) FROM jsonb_each_text(completed.changes -> 'violations') AS code
    ),
    rows_with_violations = (completed.changes ->> 'rows_with_violations')::bigint,
    critical_rows = (completed.changes ->> 'critical_rows')::bigint,
    validate_milliseconds = (completed.changes ->> 'milliseconds')::bigint
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, changes
    FROM batch
    WHERE action = 'validation_completed'
    ORDER BY aggregate_id, seq DESC
) AS completed
WHERE summary.validation_id = completed.aggregate_id;

UPDATE validation_summary AS summary SET
    remaining_violations = (
        SELECT coalesce(sum(code.value::bigint), 0) FROM jsonb_each_text(applied.changes -> 'remaining') AS code
    ),
    remaining_critical_rows = (applied.changes ->> 'remaining_critical_rows')::bigint,
    correct_milliseconds = (applied.changes ->> 'milliseconds')::bigint
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, changes
    FROM batch
    WHERE action = 'corrections_applied'
    ORDER BY aggregate_id, seq DESC
) AS applied
WHERE summary.validation_id = applied.aggregate_id;

-- A revision is corrected from the rows anew, so its cells are all there are; those of either mode are told apart.
UPDATE validation_summary AS summary SET
    revision = latest.revision,
    cells_corrected = (
        SELECT coalesce(sum(history.count), 0) FROM correction_history AS history
        WHERE history.validation_id = latest.aggregate_id AND history.revision = latest.revision
    )
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, coalesce((changes ->> 'revision')::integer, 1) AS revision
    FROM batch
    WHERE action = 'corrections_applied'
    ORDER BY aggregate_id, seq DESC
) AS latest
WHERE summary.validation_id = latest.aggregate_id;

UPDATE validation_summary AS summary SET
    suggestions = (
        SELECT coalesce(sum(code.value::bigint), 0) FROM jsonb_each_text(suggested.changes -> 'suggestions') AS code
    )
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, changes
    FROM batch
    WHERE action = 'corrections_suggested'
    ORDER BY aggregate_id, seq DESC
) AS suggested
WHERE summary.validation_id = suggested.aggregate_id;

UPDATE validation_summary AS summary SET
    published = true,
    published_revision = (file.changes ->> 'revision')::integer,
    publish_milliseconds = (file.changes ->> 'milliseconds')::bigint
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, changes
    FROM batch
    WHERE action = 'file_published'
    ORDER BY aggregate_id, seq DESC
) AS file
WHERE summary.validation_id = file.aggregate_id;

-- The gate's last word: why it refused, or nothing once it has let a revision through.
UPDATE validation_summary AS summary SET refused_because = verdict.changes ->> 'reason'
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, changes
    FROM batch
    WHERE action IN ('file_published', 'publication_refused')
    ORDER BY aggregate_id, seq DESC
) AS verdict
WHERE summary.validation_id = verdict.aggregate_id;

UPDATE validation_summary AS summary SET state = job.state
FROM validation_jobs AS job
WHERE job.validation_id = summary.validation_id
    AND job.validation_id IN (SELECT aggregate_id FROM batch)
    AND job.state <> summary.state;
