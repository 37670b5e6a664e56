-- Definitions are looked for by name in all packs.
create index definitions_name on definitions (kind, name);
