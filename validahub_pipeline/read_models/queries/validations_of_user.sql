-- A user's validations since a moment, the latest first. Served by validation_summary_of_user.
SELECT
    validation_id, user_id, file_name, size, marketplace, category, pack, pack_version, pack_hash, uploaded_at, state,
    records, quarantined, violations, rows_with_violations, critical_rows, cells_corrected, suggestions,
    remaining_violations, remaining_critical_rows, published, revision, published_revision, refused_because,
    ingest_milliseconds, validate_milliseconds, correct_milliseconds, publish_milliseconds
FROM read_models.validation_summary
WHERE user_id = %(user_id)s AND uploaded_at >= %(since)s
ORDER BY uploaded_at DESC
LIMIT %(limit)s;
