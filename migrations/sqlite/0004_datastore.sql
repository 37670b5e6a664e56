create table keys (
    id text not null primary key,
    scope text not null,
    owner text not null,
    name text not null,
    value text not null,
    is_secret integer not null,
    expires_us integer,
    updated_us integer not null
) strict;
create unique index keys_name on keys (name, scope, owner);
create index keys_expiry on keys (expires_us) where expires_us is not null;
