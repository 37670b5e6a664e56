create table audit_entries (
    id text collate "C" not null primary key,
    at_us bigint not null,
    user_name text not null,
    action text not null,
    resource_kind text not null,
    resource text not null,
    details text not null
) partition by range (id);
create table audit_entries_default partition of audit_entries default;
