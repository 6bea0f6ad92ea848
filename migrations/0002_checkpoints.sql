-- Once an hour a checkpoint names the heads of all chains that have grown. It detects that the end
-- of a chain was removed together with its head, or that a whole session is missing. The log holds
-- each checkpoint's mac and detects that checkpoints were removed.
create table checkpoints (
    seq   bigint not null primary key,
    at    bigint not null,
    -- number of heads that it names
    heads bigint not null,
    -- keyed hash of the previous checkpoint's mac and of the heads in their order
    mac   text   not null
);

create table checkpoint_heads (
    checkpoint bigint not null,
    -- order of the heads within the checkpoint, from 1
    position   bigint not null,
    chain      text   not null,
    -- number and mac of the chain's newest event
    seq        bigint not null,
    mac        text   not null,
    primary key (checkpoint, position)
);
