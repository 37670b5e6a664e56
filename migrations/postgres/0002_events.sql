-- What happened, what rules made of it, and the traces both belong to. Times are microseconds since 1970.
create table trigger_instances (
    id text collate "C" not null primary key,
    trigger_ref text collate "C" not null,
    trigger_type text not null,
    payload text not null,
    occurred_us bigint not null,
    status text not null,
    status_reason text,
    trace_id text collate "C" not null,
    trace_tag text not null,
    caused_by text collate "C"
) partition by range (id);
create table trigger_instances_default partition of trigger_instances default;
create index trigger_instances_pending on trigger_instances (id) where status = 'pending';
create index trigger_instances_trace on trigger_instances (trace_id);
create index trigger_instances_trigger on trigger_instances (trigger_ref, id);

create table enforcements (
    id text collate "C" not null primary key,
    trigger_instance_id text collate "C" not null,
    execution_id text collate "C",
    rule_ref text collate "C" not null,
    rule_id text collate "C" not null,
    rule_uid text collate "C" not null,
    enforced_us bigint not null,
    status text not null,
    failure_reason text,
    trace_id text collate "C" not null,
    trace_tag text not null
) partition by range (id);
create table enforcements_default partition of enforcements default;
create index enforcements_trace on enforcements (trace_id);
create index enforcements_rule on enforcements (rule_ref, id);

create table traces (
    id text collate "C" not null primary key,
    tag text collate "C" not null,
    start_us bigint not null
) partition by range (id);
create table traces_default partition of traces default;
create index traces_tag on traces (tag);
