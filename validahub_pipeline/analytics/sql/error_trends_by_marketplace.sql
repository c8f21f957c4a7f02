-- Per UTC day of upload and marketplace: how much came in, and what was wrong with it.
-- An upload belongs to the day it was handed in, however late it was validated, so that shares compare like with like.
WITH uploaded AS (
    SELECT
        aggregate_id AS validation_id,
        CAST(timestamp AS DATE) AS day,
        json_extract_string(event, '$.changes.marketplace') AS marketplace
    FROM audit_events
    WHERE action = 'file_uploaded'
    QUALIFY row_number() OVER (PARTITION BY aggregate_id ORDER BY seq) = 1
),
completed AS (
    SELECT
        aggregate_id AS validation_id,
        CAST(json_extract(event, '$.changes.records') AS BIGINT) AS records,
        CAST(json_extract(event, '$.changes.rows_with_violations') AS BIGINT) AS rows_with_violations,
        CAST(json_extract(event, '$.changes.critical_rows') AS BIGINT) AS critical_rows,
        from_json(
            json_extract(event, '$.changes.by_column'), '[{"code": "VARCHAR", "severity": "VARCHAR", "count": "BIGINT"}]'
        ) AS by_column
    FROM audit_events
    WHERE action = 'validation_completed'
    QUALIFY row_number() OVER (PARTITION BY aggregate_id ORDER BY seq DESC) = 1
),
uploads AS (
    SELECT
        day,
        marketplace,
        count(*) AS uploads,
        count(completed.validation_id) AS validations,
        coalesce(sum(records), 0) AS records,
        coalesce(sum(rows_with_violations), 0) AS rows_with_violations,
        coalesce(sum(critical_rows), 0) AS critical_rows
    FROM uploaded LEFT JOIN completed USING (validation_id)
    GROUP BY ALL
),
found AS (
    SELECT validation_id, unnest(by_column, recursive := true) FROM completed
),
codes AS (
    SELECT day, marketplace, code, severity, sum("count") AS violations, count(DISTINCT validation_id) AS validations
    FROM found JOIN uploaded USING (validation_id)
    GROUP BY ALL
),
per_code AS (
    SELECT
        day,
        marketplace,
        sum(violations) AS violations,
        coalesce(sum(violations) FILTER (WHERE severity = 'critical'), 0) AS critical,
        coalesce(sum(violations) FILTER (WHERE severity = 'warning'), 0) AS warning,
        coalesce(sum(violations) FILTER (WHERE severity = 'info'), 0) AS info,
        list(
            struct_pack(
                code := code,
                severity := severity,
                violations := CAST(violations AS BIGINT),
                validations := CAST(validations AS BIGINT)
            )
            ORDER BY violations DESC, code, severity
        ) AS codes
    FROM codes
    GROUP BY ALL
),
-- The same total from the other side: the rows themselves.
stored AS (
    SELECT day, marketplace, count(*) AS violations
    FROM violations JOIN completed USING (validation_id) JOIN uploaded USING (validation_id)
    GROUP BY ALL
)
SELECT
    day,
    marketplace,
    CAST(uploads AS BIGINT) AS uploads,
    CAST(uploads.validations AS BIGINT) AS validations,
    CAST(records AS BIGINT) AS records,
    CAST(rows_with_violations AS BIGINT) AS rows_with_violations,
    CAST(critical_rows AS BIGINT) AS critical_rows,
    CASE WHEN records > 0 THEN CAST(rows_with_violations AS DOUBLE) / CAST(records AS DOUBLE) END AS share_with_violations,
    CAST(coalesce(per_code.violations, 0) AS BIGINT) AS violations,
    CAST(coalesce(critical, 0) AS BIGINT) AS critical,
    CAST(coalesce(warning, 0) AS BIGINT) AS warning,
    CAST(coalesce(info, 0) AS BIGINT) AS info,
    CAST(coalesce(stored.violations, 0) AS BIGINT) AS violations_stored,
    coalesce(codes, []) AS codes
FROM uploads
LEFT JOIN per_code USING (day, marketplace)
LEFT JOIN stored USING (day, marketplace)
ORDER BY day, marketplace;
