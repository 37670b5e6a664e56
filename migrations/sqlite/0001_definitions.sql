-- What packs define, one document a row, and how often each kind has changed.
create table definitions (
    kind text not null,
    id text not null,
    reference text not null,
    pack text not null,
    name text not null,
    enabled integer not null,
    selector text not null,
    digest text not null,
    body text not null,
    primary key (kind, id)
) strict;
create unique index definitions_reference on definitions (kind, reference);
create index definitions_pack on definitions (pack, kind);
create index definitions_selector on definitions (kind, selector);
create index definitions_digest on definitions (kind, digest) where digest <> '';

create table revisions (
    kind text not null primary key,
    revision integer not null
) strict;

-- Actions and runners as they were when executions were requested.
create table action_snapshots (
    key text not null primary key,
    body text not null
) strict;
