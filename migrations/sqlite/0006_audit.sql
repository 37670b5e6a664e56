create table audit_entries (
    id text not null primary key,
    at_us integer not null,
    user_name text not null,
    action text not null,
    resource_kind text not null,
    resource text not null,
    details text not null
) strict;
