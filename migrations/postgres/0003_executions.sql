-- Executions. `open` is 1 until the state is final; small results stay in the row.
create table executions (
    id text collate "C" not null primary key,
    action_ref text collate "C" not null,
    pack text collate "C" not null,
    runner text not null,
    snapshot text not null,
    status text not null,
    open smallint not null,
    parameters text not null,
    context text not null,
    start_us bigint not null,
    end_us bigint,
    ready_us bigint not null,
    delay_ms bigint,
    result text,
    result_size bigint,
    log text not null,
    runner_info text,
    notify text not null,
    lease_holder text,
    lease_us bigint,
    user_name text not null,
    rule_name text,
    rule_ref text collate "C",
    rule_id text collate "C",
    trigger_ref text collate "C",
    trigger_type text,
    trigger_instance_id text collate "C",
    enforcement_id text collate "C",
    parent_id text collate "C",
    trace_id text collate "C"
) partition by range (id);
create table executions_default partition of executions default;
create index executions_open on executions (id) where open = 1;
create index executions_action on executions (action_ref, id);
create index executions_trace on executions (trace_id) where trace_id is not null;
create index executions_parent on executions (parent_id) where parent_id is not null;

-- Results too big for their row, compressed with zstd.
create table execution_results (
    execution_id text collate "C" not null primary key,
    body bytea not null
) partition by range (execution_id);
create table execution_results_default partition of execution_results default;

create table execution_output (
    execution_id text collate "C" not null,
    sequence bigint not null,
    stream text not null,
    data bytea not null,
    at_us bigint not null,
    primary key (execution_id, sequence)
) partition by range (execution_id);
create table execution_output_default partition of execution_output default;
