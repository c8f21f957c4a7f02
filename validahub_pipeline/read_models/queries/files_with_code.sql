-- Files in which a code was found between two moments, the latest first. A code is named in full (missing_sku) or by one
-- of its words (sku). Served by validation_errors_by_code, both for hopping from one known code to the next and for
-- the rows of those that match.
WITH RECURSIVE known (code) AS (
    (SELECT code FROM read_models.validation_errors ORDER BY code LIMIT 1)
    UNION ALL
    SELECT (
        SELECT error.code FROM read_models.validation_errors AS error
        WHERE error.code > known.code ORDER BY error.code LIMIT 1
    )
    FROM known WHERE known.code IS NOT NULL
),
wanted AS MATERIALIZED (
    SELECT code FROM known WHERE code = %(code)s OR %(code)s = ANY (string_to_array(code, '_'))
),
found AS (
    SELECT error.validation_id, error.code, error.column_name, error.severity, error.count, error.validated_at
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT * FROM read_models.validation_errors AS candidate
        WHERE candidate.code = wanted.code
            AND candidate.validated_at >= %(since)s
            AND (%(until)s::timestamptz IS NULL OR candidate.validated_at < %(until)s)
        ORDER BY candidate.validated_at DESC
        LIMIT %(limit)s
    ) AS error
    ORDER BY error.validated_at DESC, error.validation_id, error.code, error.column_name
    LIMIT %(limit)s
)
SELECT
    found.validation_id, summary.user_id, summary.file_name, summary.marketplace, summary.state,
    found.code, found.column_name, found.severity, found.count, found.validated_at
FROM found
CROSS JOIN LATERAL (
    SELECT * FROM read_models.validation_summary AS candidate WHERE candidate.validation_id = found.validation_id
) AS summary
ORDER BY found.validated_at DESC, found.validation_id, found.code, found.column_name;
