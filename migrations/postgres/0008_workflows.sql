-- What conducting workflows remembers. A body stands as text where it is small, else compressed with zstd.
create table workflow_definitions (
    key text collate "C" not null primary key,
    body text,
    packed bytea
);

-- Workflows that have begun. `updated_us` is the time of the last step that changed their execution's row.
create table workflows (
    execution_id text collate "C" not null primary key,
    definition text collate "C" not null,
    updated_us bigint not null
) partition by range (execution_id);
create table workflows_default partition of workflows default;

create table workflow_records (
    execution_id text collate "C" not null,
    key text collate "C" not null,
    body text,
    packed bytea,
    primary key (execution_id, key)
) partition by range (execution_id);
create table workflow_records_default partition of workflow_records default;

-- Sweeps look for workflows among millions of executions, and for children that ended lately.
create index executions_conducted on executions (id) where open = 1 and runner in ('orquesta', 'action-chain');
drop index executions_parent;
create index executions_children on executions (parent_id, end_us) where parent_id is not null;
