-- A copy for searches, in upper case, of the ticket number that "about" seals; null without one,
-- and once the customer's key of the session is destroyed.
alter table sessions add column ticket text;

create index sessions_ticket on sessions (ticket) where ticket is not null;

-- What a session permits, from Start on: 'act' or 'verify'. A copy for queries, because the state
-- decides. Null before Start, without a customer, and in rows of a version without scopes.
alter table sessions add column scope text;

-- Time of the newest report of the customer that counts against the agent. A copy for queries.
alter table sessions add column reported_at bigint;

create index sessions_reported on sessions (agent_id, reported_at) where reported_at is not null;

-- Until when a subject is barred from everything, at most "until", which is the end for codes. Null
-- if only wrong codes locked it out.
alter table lockouts add column barred_until bigint;

-- Why a subject is barred: 'report' or 'lead'.
alter table lockouts add column reason text;

-- Discord id of the lead who barred the subject.
alter table lockouts add column locked_by bigint;

-- When an open session with a customer ends without further activity, for the leads' list. A copy
-- for queries; null once closed.
alter table sessions add column ends_at bigint;

create index sessions_ends on sessions (ends_at, id) where ends_at is not null;

-- Sessions of a day, for the leads' list and search.
create index sessions_opened on sessions (opened_at, id) where customer is not null;

-- How far a session came: copies for signals, figures and lists, because the state decides. Null in
-- rows of a version without them, and all but "started_at" without a customer.

-- Time of Start.
alter table sessions add column started_at bigint;

-- Times of the right codes of the agent and of the customer. With the second, both are verified.
alter table sessions add column agent_at bigint;
alter table sessions add column customer_at bigint;

-- Access links that were handed over or mailed, by target: '{"store":1,"web":2}'; null without one.
-- Their number, and the time of the newest one.
alter table sessions add column opened text;
alter table sessions add column links bigint;
alter table sessions add column linked_at bigint;

-- Time of the newest code that was mailed to the customer, or may have been.
alter table sessions add column mailed_at bigint;

-- Number of codes mailed to the customer, and of wrong ones that were typed.
alter table sessions add column codes bigint;
alter table sessions add column wrong bigint;

-- Time at which the newest mail to the customer with a known result came back; null if it was
-- delivered.
alter table sessions add column bounced_at bigint;

-- Sessions with a customer, and of an agent, newest first.
create index sessions_customer_opened on sessions (customer, opened_at) where customer is not null;
create index sessions_agent_opened on sessions (discord_id, opened_at);

-- Started sessions of some days, for the figures.
create index sessions_started on sessions (started_at, id) where customer is not null;

-- Alerts for the leads, with what is known about their cards in the leads' channel. They go with
-- the retention of the trail.
create table alerts (
    id text primary key,
    -- Kind and subject while open; null once answered.
    open_key text unique,
    kind text not null,
    -- 'session:…', 'discord:…', 'customer:…', 'discord:…+customer:…', 'request:…', 'act:…' with the
    -- interaction of a lead, 'bot' or 'bot:…' with a part of it.
    subject text not null,
    -- 'urgent', 'warning' or 'notice'.
    level text not null,
    session_id text,
    -- Discord id of the agent whom the alert is about.
    agent bigint,
    -- Pseudonym.
    customer text,
    -- Reference of a report, such as R-7K2M9Q.
    reference text,
    -- JSON: numbers and words for the text of the card.
    facts text not null,
    count bigint not null,
    opened_at bigint not null,
    -- Time of the newest repeat, or of the newest event that it rests on.
    last_at bigint not null,
    -- 'open', 'handled', 'false' or 'expired'.
    state text not null,
    -- Discord id of the lead.
    answered_by bigint,
    answered_at bigint,
    version bigint not null,
    -- When a process has to look at the card, or until when one works on it; null if there is
    -- nothing to do.
    due_at bigint,
    -- Discord's id of the card.
    message_id bigint,
    posted_at bigint,
    posts bigint not null,
    -- Version that the card shows.
    drawn bigint not null,
    -- 1 if the card, or a try to post it, pings the leads; 0 if the posted card does not; else
    -- null.
    pings bigint,
    -- Time of the uses that a begun post has counted; null if none is begun.
    counted_at bigint,
    reminders bigint not null,
    -- Messages of the reminders, separated by commas.
    reminder_ids text not null
);

create index alerts_due on alerts (due_at) where due_at is not null;
create index alerts_undelivered on alerts (opened_at) where state = 'open' and posts = 0 and drawn = 0;
create index alerts_opened on alerts (opened_at, id);
create index alerts_answered on alerts (answered_at) where answered_at is not null;
create index alerts_subject on alerts (subject, kind);
create index alerts_session on alerts (session_id) where open_key is not null;
create index alerts_agent on alerts (agent, opened_at) where agent is not null;
create index alerts_reference on alerts (reference) where reference is not null;

-- Wrong codes of a day, for the signal on slow guessing.
create index events_wrong on events (at) where kind = 'code_wrong';

-- Pseudonym of the customer whom the details of an event outside sessions name. A copy for
-- searches, because the signed details decide. Null if "about" begins with the pseudonym.
alter table events add column customer text;

-- The trail as leads read it: by who acted, by session, by customer without a session, and by kind.
create index events_actor on events (actor, at);
create index events_session on events (session_id, at) where session_id is not null;
create index events_customer on events (coalesce(customer, substr(about, 1, 26)))
    where session_id is null and (customer is not null or about is not null);
create index events_kind on events (kind, at);

-- Closes by leads, which share their kind with all others. Written so that no engine prefers the
-- index on all closes.
create index events_by_lead on events (at)
    where kind || '' = 'closed'
    and (details like '%"why":"by_lead"%' or details like '%"why":"taken_over"%');

-- Events of an older version.
update events set customer = substr(details, 14, 26)
    where kind = 'customer_exported' and details like '{"customer":"%';
update events set customer = substr(details, 27, 26)
    where kind = 'customer_erased' and details like '{"again":true,"customer":"%';
update events set customer = substr(details, 28, 26)
    where kind = 'customer_erased' and details like '{"again":false,"customer":"%';
update events set customer = substr(details, 22, 26)
    where kind = 'unlocked' and session_id is null and about is null
    and details like '{"subject":"customer:%';

-- Requests of leads for a copy or an erasure of a customer, which an operator performs.
create table requests (
    -- Such as 'E-7K2M9Q'.
    id text primary key,
    -- 'copy' or 'erasure'.
    kind text not null,
    -- Pseudonym.
    customer text not null,
    -- Discord id of the lead; null for what an operator did without one.
    asked_by bigint,
    asked_at bigint not null,
    -- 'open', 'done' or 'refused'. A refused one can be tried again.
    state text not null,
    answered_at bigint
);
