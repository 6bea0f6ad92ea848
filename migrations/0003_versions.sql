-- The programs that can use this store, in exactly one row.
--
-- A program is named by the newest migration that it knows. Within a minor version migrations only
-- add: tables, indexes, and columns that are null or have a default. So an older program still
-- works. A migration that an older program cannot work with sets "min_reader" to its own number.
create table store_meta (
    id         bigint not null primary key check (id = 1),
    -- the oldest program that can use the store
    min_reader bigint not null
);

insert into store_meta (id, min_reader) values (1, 3);
