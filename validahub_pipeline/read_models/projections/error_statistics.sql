-- Runs after validation_jobs, which knows the marketplace.
INSERT INTO error_statistics
SELECT
    batch.day, coalesce(job.marketplace, ''), coalesce(batch.changes #>> '{pack,name}', ''), found.code,
    coalesce(found."column", ''), coalesce(found.severity, ''), sum(found.count), count(DISTINCT batch.seq)
FROM batch
LEFT JOIN validation_jobs AS job ON job.validation_id = batch.aggregate_id
CROSS JOIN LATERAL jsonb_to_recordset(batch.changes -> 'by_column')
    AS found (code text, "column" text, severity text, count bigint)
WHERE batch.action = 'validation_completed'
GROUP BY 1, 2, 3, 4, 5, 6
ON CONFLICT (day, marketplace, pack, code, column_name, severity) DO UPDATE SET
    count = error_statistics.count + excluded.count,
    validations = error_statistics.validations + excluded.validations;
