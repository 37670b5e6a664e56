-- What executions must be admitted by before they may run. Both columns are null where nothing limits an execution;
-- `admitted` is 0 until the scheduler has admitted it, and 1 from then on.
alter table executions add column gates text;
alter table executions add column admitted integer;

-- The gates of executions that have not ended: `place` is 0 while an execution waits, 1 once it counts, 2 where it
-- passes without being counted, and 3 once it has passed so. `seen` is 0 until the scheduler has looked at it.
create table execution_gates (
    execution_id text not null,
    policy text not null,
    gate_key text not null,
    threshold integer not null,
    when_full text not null,
    place integer not null,
    seen integer not null,
    ready_us integer,
    parent_id text,
    primary key (execution_id, policy)
) strict, without rowid;
create index execution_gates_places on execution_gates (gate_key, place, execution_id);
create index execution_gates_new on execution_gates (gate_key, execution_id) where seen = 0;
create index execution_gates_waiting on execution_gates (place, gate_key) where place in (0, 2);
