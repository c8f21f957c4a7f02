-- One validation. Served by the primary key.
SELECT
    validation_id, user_id, file_name, size, marketplace, category, pack, pack_version, pack_hash, uploaded_at, state,
    records, quarantined, violations, rows_with_violations, critical_rows, cells_corrected, suggestions,
    remaining_violations, remaining_critical_rows, published, revision, published_revision, refused_because,
    ingest_milliseconds, validate_milliseconds, correct_milliseconds, publish_milliseconds
FROM read_models.validation_summary
WHERE validation_id = %(validation_id)s;
