-- What a task used in its parts, and by which model, so that use can be summed up without reading a state.
ALTER TABLE tasks ADD COLUMN model TEXT;
ALTER TABLE tasks ADD COLUMN input INTEGER;
ALTER TABLE tasks ADD COLUMN cached_input INTEGER;
ALTER TABLE tasks ADD COLUMN cache_write INTEGER;
ALTER TABLE tasks ADD COLUMN output INTEGER;
ALTER TABLE tasks ADD COLUMN reasoning INTEGER;

-- A damaged state or spec says nothing, and stops nothing.
UPDATE tasks SET
    (model, input, cached_input, cache_write, output, reasoning) =
    (SELECT coalesce(iif(json_valid(st.body), json_extract(st.body, '$.model_seen'), NULL),
                     iif(json_valid(sp.body), json_extract(sp.body, '$.model'), NULL)),
            iif(json_valid(st.body), json_extract(st.body, '$.usage.input'), NULL),
            iif(json_valid(st.body), json_extract(st.body, '$.usage.cached_input'), NULL),
            iif(json_valid(st.body), json_extract(st.body, '$.usage.cache_write'), NULL),
            iif(json_valid(st.body), json_extract(st.body, '$.usage.output'), NULL),
            iif(json_valid(st.body), json_extract(st.body, '$.usage.reasoning'), NULL)
     FROM task_states st LEFT JOIN specs sp ON sp.task_key = st.task_key
     WHERE st.task_key = tasks.key);

-- The latest tasks of an agent: its list, its history and its budgets.
CREATE INDEX tasks_by_agent ON tasks (agent, created_at_ms, key, status, group_id, caller);

-- Who cannot take work. One for each pool of an account; the latest refusal counts.
CREATE TABLE holds (
    account  TEXT NOT NULL,
    pool     TEXT NOT NULL,     -- empty: all of the account
    since_ms INTEGER NOT NULL,
    body     TEXT NOT NULL,
    PRIMARY KEY (account, pool)
) STRICT, WITHOUT ROWID;
