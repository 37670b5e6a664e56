-- What conducting workflows remembers. A body stands as text where it is small, else compressed with zstd.
create table workflow_definitions (
    key text not null primary key,
    body text,
    packed blob
) strict;

-- Workflows that have begun. `updated_us` is the time of the last step that changed their execution's row.
create table workflows (
    execution_id text not null primary key,
    definition text not null,
    updated_us integer not null
) strict;

create table workflow_records (
    execution_id text not null,
    key text not null,
    body text,
    packed blob,
    primary key (execution_id, key)
) strict;

-- Sweeps look for workflows among millions of executions, and for children that ended lately.
create index executions_conducted on executions (id) where open = 1 and runner in ('orquesta', 'action-chain');
drop index executions_parent;
create index executions_children on executions (parent_id, end_us) where parent_id is not null;
