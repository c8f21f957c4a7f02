-- Per marketplace: which corrections are made most, how surely, and in which columns. Suggestions stand beside what was
-- applied, in the mode 'suggested'.
WITH uploaded AS (
    SELECT aggregate_id AS validation_id, json_extract_string(event, '$.changes.marketplace') AS marketplace
    FROM audit_events
    WHERE action = 'file_uploaded'
    QUALIFY row_number() OVER (PARTITION BY aggregate_id ORDER BY seq) = 1
),
-- A revision is corrected from the rows anew: the last one of a validation tells all that was corrected in it.
latest AS (
    SELECT aggregate_id, action, event
    FROM audit_events
    WHERE action IN ('corrections_applied', 'corrections_suggested')
    QUALIFY rank() OVER (
        PARTITION BY aggregate_id, action
        ORDER BY coalesce(CAST(json_extract(event, '$.changes.revision') AS INTEGER), 1) DESC
    ) = 1
),
corrected AS (
    SELECT
        aggregate_id AS validation_id,
        CASE action
            WHEN 'corrections_suggested' THEN 'suggested' ELSE json_extract_string(event, '$.changes.mode')
        END AS mode,
        unnest(
            from_json(
                json_extract(event, '$.changes.by_column'),
                '[{"code": "VARCHAR", "column": "VARCHAR", "confidence": "VARCHAR", "count": "BIGINT"}]'
            ),
            recursive := true
        )
    FROM latest
),
per_column AS (
    SELECT marketplace, code, confidence, mode, "column", sum("count") AS cells
    FROM corrected JOIN uploaded USING (validation_id)
    GROUP BY ALL
),
columns_of AS (
    SELECT
        marketplace, code, confidence, mode,
        list(struct_pack("column" := "column", cells := CAST(cells AS BIGINT)) ORDER BY cells DESC, "column")[:5] AS columns
    FROM per_column
    GROUP BY ALL
),
per_code AS (
    SELECT
        marketplace, code, confidence, mode,
        CAST(sum("count") AS BIGINT) AS cells,
        count(DISTINCT validation_id) AS validations
    FROM corrected JOIN uploaded USING (validation_id)
    GROUP BY ALL
),
totals AS (
    SELECT marketplace, count(DISTINCT validation_id) AS validations
    FROM corrected JOIN uploaded USING (validation_id)
    GROUP BY ALL
)
SELECT
    marketplace,
    code,
    confidence,
    mode,
    cells,
    per_code.validations AS validations,
    CAST(per_code.validations AS DOUBLE) / totals.validations AS share_of_validations,
    columns
FROM per_code
JOIN columns_of USING (marketplace, code, confidence, mode)
JOIN totals USING (marketplace)
ORDER BY marketplace, cells DESC, code, confidence, mode;
