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
