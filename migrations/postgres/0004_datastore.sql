create table keys (
    id text collate "C" not null primary key,
    scope text collate "C" not null,
    owner text collate "C" not null,
    name text collate "C" not null,
    value text not null,
    is_secret boolean not null,
    expires_us bigint,
    updated_us bigint not null
);
create unique index keys_name on keys (name, scope, owner);
create index keys_expiry on keys (expires_us) where expires_us is not null;
