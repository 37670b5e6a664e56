-- What files gave when a pack was last registered: a digest for each definition and, under the kind `folder`, for all
-- files of the pack at once.
create table registrations (
    pack text not null,
    kind text not null,
    reference text not null,
    digest text not null,
    primary key (pack, kind, reference)
) strict;
