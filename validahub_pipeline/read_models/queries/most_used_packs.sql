-- Packs by the number of validations in a span of days (the last one excluded). Served by the primary key.
SELECT
    pack, version, sum(validations)::bigint AS validations, sum(records)::bigint AS records,
    sum(violations)::bigint AS violations, sum(published)::bigint AS published, sum(refused)::bigint AS refused
FROM read_models.rule_pack_usage
WHERE day >= %(first)s AND day < %(end)s
GROUP BY pack, version
ORDER BY validations DESC, pack, version
LIMIT %(limit)s;
