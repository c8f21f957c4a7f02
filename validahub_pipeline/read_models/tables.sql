-- The tables of a schema; partitions are read through what they are part of.
SELECT class.relname
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE namespace.nspname = %(schema)s AND class.relkind IN ('r', 'p') AND NOT class.relispartition
ORDER BY class.relname COLLATE "C";
