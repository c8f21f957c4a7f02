INSERT INTO rule_pack_history
SELECT
    changes ->> 'name', coalesce(changes ->> 'category', ''), seq, coalesce(changes ->> 'version', ''),
    coalesce(changes ->> 'hash', ''), changes ->> 'previous', at, user_id,
    jsonb_array_length(changes #> '{difference,rules,added}'),
    jsonb_array_length(changes #> '{difference,rules,removed}'),
    CASE WHEN changes #> '{difference,rules}' IS NOT NULL THEN (
        SELECT count(DISTINCT changed ->> 'name')
        FROM jsonb_array_elements(changes #> '{difference,rules,changed}') AS changed
    ) END,
    nullif(changes -> 'difference', 'null')
FROM batch
WHERE action = 'rule_pack_published' AND changes ->> 'name' IS NOT NULL;
