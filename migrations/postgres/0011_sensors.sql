-- Where each sensor runs and what has become of it, as the process that runs it last said.
create table sensor_statuses (
    sensor_ref text collate "C" not null primary key,
    holder text not null,
    hostname text not null,
    pid bigint,
    state text not null,
    since_us bigint not null,
    dispatches bigint not null,
    rejected bigint not null,
    restarts bigint not null,
    last_dispatch_us bigint,
    last_error text,
    last_error_us bigint
);
