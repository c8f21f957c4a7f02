-- The latest events, optionally of one action, user or month, and before a number (for the next page). Literals are
-- bound before planning, so an absent filter costs nothing. Served by audit_log_by_user_and_action, audit_log_by_user,
-- audit_log_by_action and the primary key; a month prunes the other partitions.
SELECT seq, at, user_id, action, aggregate_id, resource_type, resource_id, resource_name, changes
FROM read_models.audit_log
WHERE (%(action)s::text IS NULL OR action = %(action)s)
    AND (%(user_id)s::text IS NULL OR user_id = %(user_id)s)
    AND (
        %(action)s::text IS NULL OR %(user_id)s::text IS NULL
        OR user_id || ' ' || action = %(user_id)s || ' ' || %(action)s
    )
    AND (%(month)s::text IS NULL OR month = %(month)s)
    AND (%(before)s::bigint IS NULL OR seq < %(before)s)
ORDER BY seq DESC
LIMIT %(limit)s;
