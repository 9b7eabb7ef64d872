-- Times are milliseconds since the Unix epoch. NULL is unknown. A migration that was released is never edited.

-- One narrow row per task: what lists are filtered, sorted and summed by. Everything long lives in the tables below.
CREATE TABLE tasks (
    key            INTEGER PRIMARY KEY,   -- short, because every event carries it
    id             TEXT NOT NULL UNIQUE,  -- inserting it claims it
    created_at_ms  INTEGER NOT NULL,
    ended_at_ms    INTEGER,               -- set exactly when the task is final
    status         TEXT NOT NULL,
    agent          TEXT NOT NULL,
    group_id       TEXT,
    caller         TEXT,
    parent         TEXT,
    session        TEXT,                  -- the agent's own
    tokens         INTEGER,
    cost_micro_usd INTEGER
) STRICT;

-- Newest first under any filter, without touching the table.
CREATE INDEX tasks_by_time ON tasks (created_at_ms, key, status, agent, group_id, caller);
-- One state, newest first; and totals under any filter without touching the table and without sorting.
CREATE INDEX tasks_by_status
    ON tasks (status, created_at_ms, key, agent, group_id, caller, tokens, cost_micro_usd);
-- Holds no row when nothing is under way.
CREATE INDEX tasks_unsettled ON tasks (created_at_ms, key) WHERE ended_at_ms IS NULL;
-- The earlier runs of an agent's session.
CREATE INDEX tasks_by_session ON tasks (agent, session, ended_at_ms) WHERE session IS NOT NULL;

-- What was asked for: written once.
CREATE TABLE specs (
    task_key INTEGER PRIMARY KEY REFERENCES tasks (key) ON DELETE CASCADE,
    body     TEXT NOT NULL
) STRICT;

-- The fold of a task's events, and how far its agent's logs were read when the last of them was written.
CREATE TABLE task_states (
    task_key   INTEGER PRIMARY KEY REFERENCES tasks (key) ON DELETE CASCADE,
    body       TEXT NOT NULL,
    out_offset INTEGER NOT NULL DEFAULT 0,
    err_offset INTEGER NOT NULL DEFAULT 0,
    out_events INTEGER NOT NULL DEFAULT 0,
    err_events INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The truth.
CREATE TABLE events (
    task_key INTEGER NOT NULL REFERENCES tasks (key) ON DELETE CASCADE,
    seq      INTEGER NOT NULL,            -- from 1, without gaps
    at_ms    INTEGER NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (task_key, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE answers (
    task_key INTEGER PRIMARY KEY REFERENCES tasks (key) ON DELETE CASCADE,
    body     TEXT NOT NULL
) STRICT;
