-- What files gave when a pack was last registered: a digest for each definition and, under the kind `folder`, for all
-- files of the pack at once.
create table registrations (
    pack text collate "C" not null,
    kind text collate "C" not null,
    reference text collate "C" not null,
    digest text collate "C" not null,
    primary key (pack, kind, reference)
);
