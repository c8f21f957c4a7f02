INSERT INTO file_metadata (
    validation_id, user_id, inbox_key, version, file_name, size, sha256, marketplace, category, lang, uploaded_at
)
SELECT DISTINCT ON (aggregate_id)
    aggregate_id, user_id, changes ->> 'key', changes ->> 'version', changes ->> 'file_name',
    (changes ->> 'size')::bigint, changes ->> 'sha256', changes ->> 'marketplace', changes ->> 'category',
    changes ->> 'lang', at
FROM batch
WHERE action = 'file_uploaded'
ORDER BY aggregate_id, seq
ON CONFLICT (validation_id) DO NOTHING;

UPDATE file_metadata AS file SET
    encoding = ingested.changes ->> 'encoding',
    delimiter = ingested.changes ->> 'delimiter',
    header_lines = ingested.changes -> 'header_lines',
    columns = ingested.changes -> 'columns',
    records = (ingested.changes ->> 'records')::bigint,
    quarantined = (ingested.changes ->> 'quarantined')::bigint,
    repairs = ingested.changes -> 'repairs'
FROM (
    SELECT DISTINCT ON (aggregate_id) aggregate_id, changes
    FROM batch
    WHERE action = 'file_ingested'
    ORDER BY aggregate_id, seq DESC
) AS ingested
WHERE file.validation_id = ingested.aggregate_id;

-- Of several objects under one name the latest stands.
UPDATE file_metadata AS file SET objects = file.objects || named.objects
FROM (
    SELECT aggregate_id, jsonb_object_agg(object.key, object.value ORDER BY seq) AS objects
    FROM batch CROSS JOIN LATERAL jsonb_each(
        CASE jsonb_typeof(changes -> 'objects') WHEN 'object' THEN changes -> 'objects' ELSE '{}' END
    ) AS object
    GROUP BY aggregate_id
) AS named
WHERE file.validation_id = named.aggregate_id;
