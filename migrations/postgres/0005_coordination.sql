-- What processes agree on: named leases, and timers that fire once.
create table leases (
    name text collate "C" not null primary key,
    holder text not null,
    until_us bigint not null
);

create table timers (
    trigger_id text collate "C" not null primary key,
    started_us bigint,
    fired_us bigint
);
