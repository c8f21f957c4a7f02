INSERT INTO validation_jobs (
    validation_id, user_id, file_name, marketplace, category, lang, state, uploaded_at, updated_at
)
SELECT DISTINCT ON (aggregate_id)
    aggregate_id, user_id, changes ->> 'file_name', changes ->> 'marketplace', changes ->> 'category',
    changes ->> 'lang', 'uploaded', at, at
FROM batch
WHERE action = 'file_uploaded'
ORDER BY aggregate_id, seq
ON CONFLICT (validation_id) DO NOTHING;

UPDATE validation_jobs AS job SET
    started_at = coalesce(moment.started_at, job.started_at),
    ingested_at = coalesce(moment.ingested_at, job.ingested_at),
    validated_at = coalesce(moment.validated_at, job.validated_at),
    corrected_at = coalesce(moment.corrected_at, job.corrected_at),
    published_at = coalesce(moment.published_at, job.published_at),
    refused_at = coalesce(moment.refused_at, job.refused_at),
    failed_at = coalesce(moment.failed_at, job.failed_at),
    updated_at = greatest(moment.updated_at, job.updated_at),
    failures = job.failures + moment.failures
FROM (
    SELECT
        aggregate_id,
        max(at) FILTER (WHERE action = 'validation_started') AS started_at,
        max(at) FILTER (WHERE action = 'file_ingested') AS ingested_at,
        max(at) FILTER (WHERE action = 'validation_completed') AS validated_at,
        max(at) FILTER (WHERE action = 'corrections_applied') AS corrected_at,
        max(at) FILTER (WHERE action = 'file_published') AS published_at,
        max(at) FILTER (WHERE action = 'publication_refused') AS refused_at,
        max(at) FILTER (WHERE action = 'validation_failed') AS failed_at,
        count(*) FILTER (WHERE action = 'validation_failed') AS failures,
        max(at) AS updated_at
    FROM batch
    GROUP BY aggregate_id
) AS moment
WHERE job.validation_id = moment.aggregate_id;

UPDATE validation_jobs AS job SET
    state = latest.state,
    failed_stage = CASE WHEN latest.state = 'failed' THEN latest.changes ->> 'stage' END,
    error_code = CASE WHEN latest.state = 'failed' THEN latest.changes #>> '{error,code}' END,
    error_message = CASE WHEN latest.state = 'failed' THEN latest.changes #>> '{error,message}' END,
    retryable = CASE WHEN latest.state = 'failed' THEN (latest.changes ->> 'retryable')::boolean END
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, state, changes
    FROM batch
    JOIN (VALUES
        ('validation_started', 'started'),
        ('file_ingested', 'ingested'),
        ('validation_completed', 'validated'),
        ('corrections_applied', 'corrected'),
        ('file_published', 'published'),
        ('publication_refused', 'refused'),
        ('revision_started', 'revising'),
        ('validation_failed', 'failed')
    ) AS reached (action, state) USING (action)
    ORDER BY aggregate_id, seq DESC
) AS latest
WHERE job.validation_id = latest.aggregate_id;
