-- Once an hour the heads of all chains that have grown are named, so that the end of a chain cannot be cut off, or a whole session
-- taken away, together with its head. The log has each checkpoint's mac, so that no checkpoint can be taken away either.
create table checkpoints (
    seq   bigint not null primary key,
    at    bigint not null,
    -- how many heads it names
    heads bigint not null,
    -- keyed over the checkpoint before, and the heads in their places
    mac   text   not null
);

create table checkpoint_heads (
    checkpoint bigint not null,
    place      bigint not null,
    chain      text   not null,
    -- the head: its number in the chain, and its mac
    seq        bigint not null,
    mac        text   not null,
    primary key (checkpoint, place)
);

-- Lists of what is due are read in pages.
drop index sessions_due;
create index sessions_due on sessions (next_at, id) where next_at is not null;
