-- What processes agree on: named leases, and timers that fire once.
create table leases (
    name text not null primary key,
    holder text not null,
    until_us integer not null
) strict;

create table timers (
    trigger_id text not null primary key,
    started_us integer,
    fired_us integer
) strict;
