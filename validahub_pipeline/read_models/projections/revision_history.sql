-- Runs after correction_history, which it counts. A revision begins when somebody asks for it, the first one with what
-- could be corrected safely.
INSERT INTO revision_history (
    validation_id, revision, user_id, kind, codes, column_name, based_on, state, started_at
)
SELECT DISTINCT ON (aggregate_id, changes ->> 'revision')
    aggregate_id, (changes ->> 'revision')::integer, user_id, changes #>> '{decision,kind}',
    changes #> '{decision,codes}', changes #>> '{decision,column}', (changes ->> 'based_on')::integer, 'started', at
FROM batch
WHERE action = 'revision_started' AND changes ->> 'revision' IS NOT NULL
ORDER BY aggregate_id, changes ->> 'revision', seq
ON CONFLICT (validation_id, revision) DO NOTHING;

INSERT INTO revision_history (validation_id, revision, state, remaining)
SELECT DISTINCT ON (aggregate_id, coalesce((changes ->> 'revision')::integer, 1))
    aggregate_id, coalesce((changes ->> 'revision')::integer, 1), 'corrected',
    (SELECT coalesce(sum(code.value::bigint), 0) FROM jsonb_each_text(changes -> 'remaining') AS code)
FROM batch
WHERE action = 'corrections_applied'
ORDER BY aggregate_id, coalesce((changes ->> 'revision')::integer, 1), seq DESC
ON CONFLICT (validation_id, revision) DO UPDATE SET
    state = excluded.state,
    remaining = excluded.remaining;

UPDATE revision_history AS told SET
    cells = counted.cells,
    cells_by_people = counted.cells_by_people
FROM (
    SELECT
        applied.aggregate_id, applied.revision, coalesce(sum(history.count), 0) AS cells,
        coalesce(sum(history.count) FILTER (WHERE history.mode = 'manual'), 0) AS cells_by_people
    FROM (
        SELECT DISTINCT aggregate_id, coalesce((changes ->> 'revision')::integer, 1) AS revision
        FROM batch
        WHERE action = 'corrections_applied'
    ) AS applied
    LEFT JOIN correction_history AS history
        ON history.validation_id = applied.aggregate_id AND history.revision = applied.revision
    GROUP BY applied.aggregate_id, applied.revision
) AS counted
WHERE told.validation_id = counted.aggregate_id AND told.revision = counted.revision;

UPDATE revision_history AS told SET
    state = CASE verdict.action WHEN 'file_published' THEN 'published' ELSE 'refused' END,
    ended_at = verdict.at,
    refused_because = verdict.changes ->> 'reason',
    sha256 = verdict.changes #>> '{objects,corrected,sha256}'
FROM (
    SELECT DISTINCT ON (aggregate_id, coalesce((changes ->> 'revision')::integer, 1))
        aggregate_id, coalesce((changes ->> 'revision')::integer, 1) AS revision, action, at, changes
    FROM batch
    WHERE action IN ('file_published', 'publication_refused')
    ORDER BY aggregate_id, coalesce((changes ->> 'revision')::integer, 1), seq DESC
) AS verdict
WHERE told.validation_id = verdict.aggregate_id AND told.revision = verdict.revision;
