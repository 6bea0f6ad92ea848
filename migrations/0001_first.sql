-- The bot's own store. SQLite and PostgreSQL run the same statements, so there are only text and
-- bigint columns: a boolean is 0 or 1, a time is in milliseconds since the epoch (UTC), and a
-- Discord id fits a signed bigint. No column holds a code, a password, a customer's full address or
-- an unsealed token. Every sealed value, MAC and signature names its key.

-- Customers under their pseudonyms: 26 random letters, which sessions, events, counters and
-- lockouts carry in place of Core's id.
create table subjects (
    pseudonym text   not null primary key,
    -- keyed hash of Core's id, to find the customer; null once erased
    lookup    text   unique,
    -- Core's id, sealed; null once erased
    sealed    text,
    added_at  bigint not null
);

-- Keys that seal what could tell who or what a session or event was about: one for each customer
-- and quarter, sealed with the store's key. Without its row the details are unreadable for ever.
create table subject_keys (
    -- a pseudonym, or 'nobody' for look-ups without a customer
    subject text not null,
    -- '2026Q4'
    quarter text not null,
    sealed  text not null,
    primary key (subject, quarter)
);

create index subject_keys_quarter on subject_keys (quarter);

-- One row for each session. The row is the truth; memory is a cache.
create table sessions (
    id          text   not null primary key,
    -- 'technical', 'successor', 'link' or 'recover'
    kind        text   not null,
    -- the agent: Discord's id, Cognito's "sub" and the name of the account. The last two are in the
    -- state too. Here they suffice to revoke what a session opened whose state cannot be read
    discord_id  bigint not null,
    agent_id    text   not null,
    agent_name  text   not null,
    -- the customer's pseudonym; null without a customer
    customer    text,
    -- the customer's pseudonym from Start to the close, else null; unique, so that only one session
    -- attends a customer
    attending   text   unique,
    generation  bigint not null,
    -- raised and compared by every update, so that an update from an older copy finds no row
    version     bigint not null,
    -- all that is neither secret nor about the customer, as JSON
    state       text   not null,
    -- interaction tokens, proofs and drafts, sealed with the store's key; null once closed
    sealed      text,
    -- who and what the session is about, sealed with the customer's key; kept after the close
    about       text,
    -- time since which effects have no outcome, also after the close; 0 if all have one
    pending_since bigint not null,
    -- time of the next timer; null once closed
    next_at     bigint,
    opened_at   bigint not null,
    closed_at   bigint,
    closed_why  text,
    -- head of the session's chain in the trail; it is here, not in "chains", because each commit
    -- writes this row anyway
    trail_seq       bigint not null,
    trail_signature text,
    -- keyed hash of everything above that decides who may do what
    mac         text   not null
);

-- Partial indexes stay small, because they leave out closed sessions.
create index sessions_due on sessions (next_at, id) where next_at is not null;
create index sessions_pending on sessions (pending_since) where pending_since > 0;
create index sessions_open on sessions (discord_id, opened_at) where closed_at is null;
create index sessions_customer on sessions (customer) where customer is not null;
create index sessions_closed on sessions (closed_at) where closed_at is not null;

-- The process that answers an interaction. Discord may deliver one twice, and to several replicas;
-- the first insert wins.
create table claims (
    interaction bigint not null primary key,
    -- the process that works on it
    owner       text   not null,
    -- another process may take over a claim without an outcome after this time
    lease_until bigint not null,
    -- 'done', 'unanswered' (finished by another process), or null while the owner works on it
    outcome     text,
    claimed_at  bigint not null
);

create index claims_age on claims (claimed_at);

-- Discord accounts and their BackOffice accounts, one to one.
create table account_links (
    discord_id bigint not null primary key,
    -- Cognito's "sub"
    agent_id   text   not null unique,
    name       text   not null,
    -- masked, shown to the agent only
    email      text   not null,
    -- keyed hash of the address without "+tag"; recognizes an agent among customers without the
    -- address itself
    email_mac  text   not null,
    linked_at  bigint not null,
    -- keyed hash of the other columns
    mac        text   not null
);

create index account_links_email_mac on account_links (email_mac);

-- Uses of limits in rolling windows. One row holds all times of a window, because a row can be
-- locked: counting and adding are one step on both engines.
create table limit_uses (
    kind    text   not null,
    subject text   not null,
    -- milliseconds, separated by commas; each new use removes the expired ones
    times   text   not null,
    -- for the purge
    newest  bigint not null,
    primary key (kind, subject)
);

create index limit_uses_age on limit_uses (newest);

-- Subjects that cannot be verified until the given time.
create table lockouts (
    subject text   not null primary key,
    until   bigint not null
);

-- The trail. Rows are only inserted. A chain is a session, or the actor of events outside sessions.
-- Its numbers have no gaps, so that a removed event is detected.
create table events (
    chain      text   not null,
    seq        bigint not null,
    at         bigint not null,
    actor      text   not null,
    session_id text,
    kind       text   not null,
    -- JSON: ids, numbers, words
    details    text   not null,
    -- who and what the event is about, sealed with the customer's key
    about      text,
    -- id of the key that signs the event
    key        text   not null,
    -- signature of the event and of the signature before it
    signature  text,
    primary key (chain, seq)
);

create index events_at on events (at);

-- The heads of the actors' chains. A session's head is in its row.
create table chains (
    chain     text   not null primary key,
    seq       bigint not null,
    signature text
);
