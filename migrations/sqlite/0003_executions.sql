-- Executions. `open` is 1 until the state is final; small results stay in the row.
create table executions (
    id text not null primary key,
    action_ref text not null,
    pack text not null,
    runner text not null,
    snapshot text not null,
    status text not null,
    open integer not null,
    parameters text not null,
    context text not null,
    start_us integer not null,
    end_us integer,
    ready_us integer not null,
    delay_ms integer,
    result text,
    result_size integer,
    log text not null,
    runner_info text,
    notify text not null,
    lease_holder text,
    lease_us integer,
    user_name text not null,
    rule_name text,
    rule_ref text,
    rule_id text,
    trigger_ref text,
    trigger_type text,
    trigger_instance_id text,
    enforcement_id text,
    parent_id text,
    trace_id text
) strict;
create index executions_open on executions (id) where open = 1;
create index executions_action on executions (action_ref, id);
create index executions_trace on executions (trace_id) where trace_id is not null;
create index executions_parent on executions (parent_id) where parent_id is not null;

-- Results too big for their row, compressed with zstd.
create table execution_results (
    execution_id text not null primary key,
    body blob not null
) strict;

create table execution_output (
    execution_id text not null,
    sequence integer not null,
    stream text not null,
    data blob not null,
    at_us integer not null,
    primary key (execution_id, sequence)
) strict, without rowid;
