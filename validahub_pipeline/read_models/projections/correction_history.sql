-- A revision corrected anew replaces what was known of it.
DELETE FROM correction_history AS history
USING batch
WHERE batch.action = 'corrections_applied'
    AND history.validation_id = batch.aggregate_id
    AND history.revision = coalesce((batch.changes ->> 'revision')::integer, 1)
    AND history.mode = coalesce(batch.changes ->> 'mode', '');

INSERT INTO correction_history
SELECT
    applied.aggregate_id, applied.revision, found.code, coalesce(found."column", ''), coalesce(found.confidence, ''),
    sum(found.count), applied.mode, applied.user_id, applied.at
FROM (
    SELECT DISTINCT ON (aggregate_id, revision, mode)
        aggregate_id, coalesce((changes ->> 'revision')::integer, 1) AS revision,
        coalesce(changes ->> 'mode', '') AS mode, user_id, at, changes
    FROM batch
    WHERE action = 'corrections_applied'
    ORDER BY aggregate_id, revision, mode, seq DESC
) AS applied
CROSS JOIN LATERAL jsonb_to_recordset(applied.changes -> 'by_column')
    AS found (code text, "column" text, confidence text, count bigint)
GROUP BY 1, 2, 3, 4, 5, 7, 8, 9;
