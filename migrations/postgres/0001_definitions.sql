-- What packs define, one document a row, and how often each kind has changed.
create table definitions (
    kind text collate "C" not null,
    id text collate "C" not null,
    reference text collate "C" not null,
    pack text collate "C" not null,
    name text collate "C" not null,
    enabled boolean not null,
    selector text collate "C" not null,
    digest text collate "C" not null,
    body text not null,
    primary key (kind, id)
);
create unique index definitions_reference on definitions (kind, reference);
create index definitions_pack on definitions (pack, kind);
create index definitions_selector on definitions (kind, selector);
create index definitions_digest on definitions (kind, digest) where digest <> '';

create table revisions (
    kind text collate "C" not null primary key,
    revision bigint not null
);

-- Actions and runners as they were when executions were requested.
create table action_snapshots (
    key text collate "C" not null primary key,
    body text not null
);
