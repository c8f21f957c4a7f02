SELECT attribute.attname
FROM pg_index AS index
CROSS JOIN LATERAL unnest(index.indkey::smallint[]) WITH ORDINALITY AS key (attnum, place)
JOIN pg_attribute AS attribute ON attribute.attrelid = index.indrelid AND attribute.attnum = key.attnum
WHERE index.indrelid = %(table)s::regclass AND index.indisprimary
ORDER BY key.place;
