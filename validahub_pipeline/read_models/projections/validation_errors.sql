-- A validation completed anew replaces what was known of it.
DELETE FROM validation_errors AS error
USING batch
WHERE batch.action = 'validation_completed' AND error.validation_id = batch.aggregate_id;

INSERT INTO validation_errors
SELECT
    completed.aggregate_id, found.code, coalesce(found."column", ''), coalesce(found.severity, ''), sum(found.count),
    completed.at
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, at, changes
    FROM batch
    WHERE action = 'validation_completed'
    ORDER BY aggregate_id, seq DESC
) AS completed
CROSS JOIN LATERAL jsonb_to_recordset(completed.changes -> 'by_column')
    AS found (code text, "column" text, severity text, count bigint)
GROUP BY 1, 2, 3, 4, 6;
