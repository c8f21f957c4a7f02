-- The persons behind the ledger's opaque ids. No projection: it cannot be rebuilt, and belongs into no long-lived backup.
CREATE SCHEMA IF NOT EXISTS subjects;

-- `erasure` is set when somebody has asked for it: from then on nobody is given the key, and once the event is in the
-- ledger it is destroyed together with the name. What is left of an erased person is the id, which says nothing.
CREATE TABLE IF NOT EXISTS subjects.subject (
    id         text PRIMARY KEY,
    name       text UNIQUE,
    key        bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    erasure    jsonb,
    erased_at  timestamptz,
    CHECK ((name IS NULL) = (key IS NULL)),
    CHECK ((key IS NULL) = (erased_at IS NOT NULL)),
    CHECK (erased_at IS NULL OR erasure IS NOT NULL)
);
