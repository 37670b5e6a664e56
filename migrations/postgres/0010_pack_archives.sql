-- The content of packs that were installed (not: registered from a folder), so that every node can have it. `body` is a
-- gzipped tar; `hash` is what tells contents apart; `pins` are the versions that a virtualenv was built with first (null
-- until one was).
create table pack_archives (
    pack text collate "C" not null,
    hash text collate "C" not null,
    source text not null,
    body bytea not null,
    pins text,
    added_us bigint not null,
    primary key (pack, hash)
);

-- Which content of a pack is in force, and where it lies on every node.
create table pack_installs (
    pack text collate "C" not null primary key,
    hash text collate "C" not null,
    path text not null
);
