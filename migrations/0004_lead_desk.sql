-- A copy for searches, in upper case, of the ticket number that "about" seals; null without one,
-- and once the customer's key of the session is destroyed.
alter table sessions add column ticket text;

create index sessions_ticket on sessions (ticket) where ticket is not null;

-- What a session permits, from Start on: 'act' or 'verify'. A copy for queries, because the state
-- decides. Null before Start, without a customer, and in rows of a version without scopes.
alter table sessions add column scope text;
