-- Per class of file size and stage: how long the stage took, and how much it got through.
WITH sizes AS (
    SELECT
        aggregate_id AS validation_id,
        CAST(json_extract(event, '$.changes.size') AS BIGINT) AS size,
        CASE
            WHEN size < 1000000 THEN 0
            WHEN size < 10000000 THEN 1000000
            WHEN size < 100000000 THEN 10000000
            WHEN size < 1000000000 THEN 100000000
            ELSE 1000000000
        END AS from_bytes
    FROM audit_events
    WHERE action = 'file_uploaded'
    QUALIFY row_number() OVER (PARTITION BY aggregate_id ORDER BY seq) = 1
),
stages (place, stage, action) AS (
    VALUES
        (1, 'ingest', 'file_ingested'),
        (2, 'validate', 'validation_completed'),
        (3, 'correct', 'corrections_applied'),
        (4, 'publish', 'file_published')
),
-- A stage that ran again, for a later revision, counts as it ran first.
took AS (
    SELECT
        aggregate_id AS validation_id,
        place,
        stage,
        CAST(json_extract(event, '$.changes.milliseconds') AS BIGINT) AS milliseconds
    FROM audit_events JOIN stages USING (action)
    QUALIFY row_number() OVER (PARTITION BY aggregate_id, action ORDER BY seq) = 1
)
SELECT
    CAST(from_bytes AS BIGINT) AS from_bytes,
    stage,
    count(*) AS validations,
    quantile_cont(milliseconds, 0.5) AS median_milliseconds,
    quantile_cont(milliseconds, 0.95) AS p95_milliseconds,
    CAST(max(milliseconds) AS BIGINT) AS slowest_milliseconds,
    CAST(sum(size) AS DOUBLE) / nullif(sum(milliseconds), 0) * 1000 AS bytes_per_second
FROM sizes JOIN took USING (validation_id)
WHERE milliseconds IS NOT NULL
GROUP BY from_bytes, place, stage
ORDER BY from_bytes, place;
