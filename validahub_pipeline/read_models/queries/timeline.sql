-- Everything that was done to one validation, in order. Served by audit_log_of_aggregate.
SELECT seq, at, user_id, action, aggregate_id, resource_type, resource_id, resource_name, changes
FROM read_models.audit_log
WHERE aggregate_id = %(validation_id)s
ORDER BY seq;
