-- Where each sensor runs and what has become of it, as the process that runs it last said.
create table sensor_statuses (
    sensor_ref text not null primary key,
    holder text not null,
    hostname text not null,
    pid integer,
    state text not null,
    since_us integer not null,
    dispatches integer not null,
    rejected integer not null,
    restarts integer not null,
    last_dispatch_us integer,
    last_error text,
    last_error_us integer
) strict;
