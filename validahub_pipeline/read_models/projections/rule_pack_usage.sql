-- Runs after validation_summary, which knows the pack a publication was judged by.
INSERT INTO rule_pack_usage (day, pack, version, hash, validations, records, violations)
SELECT
    day, changes #>> '{pack,name}', coalesce(changes #>> '{pack,version}', ''), coalesce(changes #>> '{pack,hash}', ''),
    count(*), coalesce(sum((changes ->> 'records')::bigint), 0), coalesce(sum(found.violations), 0)
FROM batch
CROSS JOIN LATERAL (
    SELECT sum(code.value::bigint) AS violations FROM jsonb_each_text(changes -> 'violations') AS code
) AS found
WHERE action = 'validation_completed' AND changes #>> '{pack,name}' IS NOT NULL
GROUP BY 1, 2, 3, 4
ON CONFLICT (day, pack, version, hash) DO UPDATE SET
    validations = rule_pack_usage.validations + excluded.validations,
    records = rule_pack_usage.records + excluded.records,
    violations = rule_pack_usage.violations + excluded.violations;

INSERT INTO rule_pack_usage (day, pack, version, hash, published, refused)
SELECT
    batch.day, summary.pack, coalesce(summary.pack_version, ''), coalesce(summary.pack_hash, ''),
    count(*) FILTER (WHERE batch.action = 'file_published'), count(*) FILTER (WHERE batch.action = 'publication_refused')
FROM batch
JOIN validation_summary AS summary ON summary.validation_id = batch.aggregate_id
WHERE batch.action IN ('file_published', 'publication_refused') AND summary.pack IS NOT NULL
GROUP BY 1, 2, 3, 4
ON CONFLICT (day, pack, version, hash) DO UPDATE SET
    published = rule_pack_usage.published + excluded.published,
    refused = rule_pack_usage.refused + excluded.refused;
