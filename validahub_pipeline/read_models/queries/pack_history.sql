-- The states of a pack for every category, or for one, the latest first. Served by the primary key.
SELECT category, version, hash, previous, at, user_id, rules_added, rules_removed, rules_changed, difference
FROM read_models.rule_pack_history
WHERE pack = %(pack)s AND (%(category)s::text IS NULL OR category = %(category)s)
ORDER BY seq DESC
LIMIT %(limit)s;
