-- The events about to be applied, gone at the end of the transaction.
CREATE TEMP TABLE IF NOT EXISTS batch (
    seq            bigint PRIMARY KEY,
    at             timestamptz NOT NULL,
    day            date NOT NULL,
    month          text NOT NULL,
    event_id       text NOT NULL,
    user_id        text NOT NULL,
    action         text NOT NULL,
    aggregate_id   text NOT NULL,
    resource       jsonb NOT NULL,
    changes        jsonb NOT NULL,
    metadata       jsonb NOT NULL,
    schema_version integer NOT NULL
) ON COMMIT DELETE ROWS;

INSERT INTO batch
SELECT
    seq, at, (at AT TIME ZONE 'UTC')::date, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM'),
    event_id, user_id, action, aggregate_id, resource, changes, metadata, schema_version
FROM jsonb_to_recordset(%(events)s::jsonb) AS event(
    seq bigint, at timestamptz, event_id text, user_id text, action text, aggregate_id text,
    resource jsonb, changes jsonb, metadata jsonb, schema_version integer
);
