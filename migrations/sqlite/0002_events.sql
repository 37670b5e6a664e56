-- What happened, what rules made of it, and the traces both belong to. Times are microseconds since 1970.
create table trigger_instances (
    id text not null primary key,
    trigger_ref text not null,
    trigger_type text not null,
    payload text not null,
    occurred_us integer not null,
    status text not null,
    status_reason text,
    trace_id text not null,
    trace_tag text not null,
    caused_by text
) strict;
create index trigger_instances_pending on trigger_instances (id) where status = 'pending';
create index trigger_instances_trace on trigger_instances (trace_id);
create index trigger_instances_trigger on trigger_instances (trigger_ref, id);

create table enforcements (
    id text not null primary key,
    trigger_instance_id text not null,
    execution_id text,
    rule_ref text not null,
    rule_id text not null,
    rule_uid text not null,
    enforced_us integer not null,
    status text not null,
    failure_reason text,
    trace_id text not null,
    trace_tag text not null
) strict;
create index enforcements_trace on enforcements (trace_id);
create index enforcements_rule on enforcements (rule_ref, id);

create table traces (
    id text not null primary key,
    tag text not null,
    start_us integer not null
) strict;
create index traces_tag on traces (tag);
