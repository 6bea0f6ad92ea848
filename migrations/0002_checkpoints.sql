-- Once a minute a checkpoint names the heads of the chains that have grown. It detects that the end
-- of a chain was removed together with its head, or that a whole session is missing. The log holds
-- each checkpoint's signature and detects that checkpoints were removed.
--
-- The signature is part of the key. So a forged row with the next number cannot keep the bot from
-- writing its own.
create table checkpoints (
    seq       bigint not null,
    at        bigint not null,
    -- number and signature of the checkpoint before it; 0 and null for the first
    previous           bigint not null,
    previous_signature text,
    -- the heads, one a line: chain, number and signature of its newest event
    heads     text   not null,
    -- id of the key that signs the checkpoint
    key       text   not null,
    -- signature of the other columns
    signature text   not null,
    primary key (seq, signature)
);
-- The newest checkpoint under a key, also if there is none.
create index checkpoints_by_key on checkpoints (key, seq, signature);

-- Public halves of the keys that have signed. A writer of the database can add one, so an auditor
-- takes the keys from the operator instead.
create table trail_keys (
    id       text   not null primary key,
    public   text   not null,
    added_at bigint not null
);

-- What the retention has removed: a chain up to a number, and the checkpoints up to one. Also what
-- a removed checkpoint said about the replacement of a key.
create table pruned (
    -- a chain, 'checkpoints', or 'checkpoint:' and the number of a removed one, which named the
    -- chain 'operator'
    chain           text   not null,
    -- the last number that was removed, and its signature
    seq             bigint not null,
    last_signature  text   not null,
    at              bigint not null,
    -- id of the key that signs the row
    key             text   not null,
    signature       text   not null,
    primary key (chain, seq)
);

-- Work that one replica does once a day.
create table daily_work (
    name        text   not null primary key,
    started_at  bigint not null,
    -- null until the work is done
    finished_at bigint,
    -- findings of a verification
    findings    bigint
);
