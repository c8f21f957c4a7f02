-- The revisions of one validation, in order. Served by the primary key.
SELECT
    revision, user_id, kind, codes, column_name, based_on, state, started_at, ended_at, cells, cells_by_people,
    remaining, refused_because, sha256
FROM read_models.revision_history
WHERE validation_id = %(validation_id)s
ORDER BY revision;
