-- %(rows)s validations over the year 2026, of a thousand users and fifty codes, without going through events.
INSERT INTO validation_summary (validation_id, user_id, uploaded_at, state)
SELECT
    'validation ' || number, 'user ' || number %% 1000,
    timestamptz '2026-01-01Z' + number * interval '365 days' / %(rows)s, 'published'
FROM generate_series(1, %(rows)s) AS number;

INSERT INTO validation_errors
SELECT
    validation_id, (ARRAY['missing', 'bad', 'duplicate', 'long', 'odd'])[1 + number %% 5] || '_'
        || (ARRAY['sku', 'gtin', 'title', 'price', 'brand', 'stock', 'ncm', 'image', 'weight', 'color'])[1 + number / 5 %% 10],
    'column', 'critical', 1, uploaded_at
FROM (SELECT *, row_number() OVER () AS number FROM validation_summary) AS numbered;

INSERT INTO rule_pack_usage (day, pack, version, hash, validations)
SELECT date '2026-01-01' + day, 'pack ' || pack, 'v1', 'hash ' || category, 1
FROM generate_series(0, 364) AS day, generate_series(1, 20) AS pack, generate_series(1, 20) AS category;

INSERT INTO rule_pack_history (pack, category, seq, version, hash, at, user_id)
SELECT
    'pack ' || number %% 200, 'category ' || number %% 7, number, 'v' || number, 'hash ' || number,
    timestamptz '2026-01-01Z', 'system'
FROM generate_series(1, 20000) AS number;

DO $$
DECLARE
    partition text;
BEGIN
    FOR month IN 1..12 LOOP
        partition := 'audit_log_2026_' || lpad(month::text, 2, '0');
        EXECUTE format('CREATE TABLE %%I (LIKE audit_log INCLUDING ALL)', partition);
        EXECUTE format(
            'ALTER TABLE audit_log ATTACH PARTITION %%I FOR VALUES IN (%%L)', partition, '2026-' || right(partition, 2)
        );
    END LOOP;
END
$$;

INSERT INTO audit_log
SELECT
    seq, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM'), 'event ' || seq, at,
    CASE WHEN seq %% 2 = 1 OR seq %% 20000 = 2 THEN 'system' ELSE 'user ' || seq / 2 %% 1000 END,
    CASE WHEN seq %% 20000 = 1 THEN 'rare_action' WHEN seq %% 2 = 0 THEN 'file_uploaded' ELSE 'file_published' END,
    'validation ' || seq / 2, 'upload', '', '', '{}', '{}', 1
FROM (
    SELECT seq, timestamptz '2026-01-01Z' + seq * interval '365 days' / (2 * %(rows)s + 1) AS at
    FROM generate_series(1, 2 * %(rows)s) AS seq
) AS numbered;
