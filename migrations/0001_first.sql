-- The bot's own store. One set of statements for SQLite and PostgreSQL, so only text and bigint columns: a boolean is 0 or 1, a
-- time is milliseconds since the epoch (UTC), a Discord id fits a signed bigint. No column holds a code, a password, a customer's
-- full address or, unsealed, a token.

-- One row a session: the truth of which the map in memory is a cache.
create table sessions (
    id          text   not null primary key,
    -- 'technical' or 'link'
    kind        text   not null,
    -- the agent
    discord_id  bigint not null,
    -- Core's id of the customer; null while an account is linked
    customer_id text,
    -- the same id from Start to the close, else null: unique, so that the database decides who of two agents gets the customer
    attending   text   unique,
    generation  bigint not null,
    -- raised by every update and compared by it: an update from an older copy finds no row
    version     bigint not null,
    -- everything that is no secret, as JSON
    state       text   not null,
    -- interaction tokens, proofs and drafts, sealed with the store's key; null once closed
    sealed      text,
    -- whether an effect was decided and has no outcome yet: somebody has to finish it, even after the close
    pending     bigint not null,
    -- when a clock next acts; null once closed
    next_at     bigint,
    opened_at   bigint not null,
    closed_at   bigint,
    closed_why  text,
    -- the head of the session's chain in the trail stands here, not in "chains": the row is written anyway
    trail_seq   bigint not null,
    trail_mac   text
);

-- Each index covers the few rows that are looked for; closed sessions pile up outside of them.
create index sessions_due on sessions (next_at) where next_at is not null;
create index sessions_pending on sessions (opened_at) where pending = 1;
create index sessions_open on sessions (discord_id, opened_at) where closed_at is null;

-- Who answers an interaction. Discord may deliver one twice, and to several replicas; the first insert wins.
create table claims (
    interaction bigint not null primary key,
    -- the process that works on it
    owner       text   not null,
    -- from then on, without an outcome, another process may take it over
    lease_until bigint not null,
    -- 'done', or null while somebody is at it
    outcome     text,
    claimed_at  bigint not null
);

create index claims_age on claims (claimed_at);

-- Which Discord account belongs to which BackOffice account. One to one.
create table account_links (
    discord_id bigint not null primary key,
    -- Cognito's "sub"
    agent_id   text   not null unique,
    name       text   not null,
    -- masked, for the agent's own eyes
    email      text   not null,
    -- keyed hash of the address: recognises an agent among customers without keeping the address
    email_mac  text   not null,
    linked_at  bigint not null
);

create index account_links_email_mac on account_links (email_mac);

-- What is limited in a rolling window. One row holds all times of the window, because a row can be locked and rows that are not
-- there yet cannot: counting and adding are one step on both engines.
create table limit_uses (
    kind    text   not null,
    subject text   not null,
    -- milliseconds, comma-separated, none older than the window after a touch
    times   text   not null,
    -- for the purge
    newest  bigint not null,
    primary key (kind, subject)
);

create index limit_uses_age on limit_uses (newest);

-- Subjects for whom nothing is verified for a while.
create table lockouts (
    subject text   not null primary key,
    until   bigint not null
);

-- The trail. Rows are only ever added. A chain is a session, or whoever acted outside of any; its numbers have no gaps, so that a
-- missing event shows. "mac" is there for a keyed chain over the events; null: not keyed.
create table events (
    chain      text   not null,
    seq        bigint not null,
    at         bigint not null,
    actor      text   not null,
    session_id text,
    kind       text   not null,
    -- JSON: ids, numbers, masked values
    details    text   not null,
    mac        text,
    primary key (chain, seq)
);

create index events_at on events (at);

-- The heads of the chains that are no sessions.
create table chains (
    chain text   not null primary key,
    seq   bigint not null,
    mac   text
);
