-- A month is attached rather than created in place: ATTACH lets readers of the other months go on.
DO $$
DECLARE
    new_month text;
    partition text;
BEGIN
    FOR new_month IN SELECT DISTINCT month FROM batch ORDER BY month LOOP
        partition := 'audit_log_' || replace(new_month, '-', '_');
        IF to_regclass(current_schema() || '.' || partition) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE audit_log INCLUDING ALL)', partition);
            EXECUTE format('ALTER TABLE audit_log ATTACH PARTITION %I FOR VALUES IN (%L)', partition, new_month);
        END IF;
    END LOOP;
END
$$;

INSERT INTO audit_log
SELECT
    seq, month, event_id, at, user_id, action, aggregate_id,
    coalesce(resource ->> 'type', ''), coalesce(resource ->> 'id', ''), coalesce(resource ->> 'name', ''),
    changes, metadata, schema_version
FROM batch;
