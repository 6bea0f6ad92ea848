-- Gives Support Desk its access to Core on PostgreSQL: five views, two roles and seven indexes.
--
-- This is a filled-in example over the tables of example_tables.sql. Adapt the views and the
-- indexes to the company's tables. docs/core-database.md describes each column.
--
--   psql -v ON_ERROR_STOP=1 -d core -f deploy/core/postgres.sql
--
-- Run it as the owner of the tables, with the right to create schemas and roles. PostgreSQL reads
-- the tables with the rights of the views' owner, so the two roles need no rights on them.
--
-- It is one transaction, so an error changes nothing. It can run again: it replaces the views and
-- keeps roles, passwords and indexes. A view that loses, renames or retypes a column cannot be
-- replaced. Drop it first.
--
-- It sets no passwords, because scripts and logs would show them. Until a role has one, it cannot
-- sign in by password. Set both in psql, which sends only hashes:
--
--   \password support_desk
--   \password support_desk_functions

begin;

-- 1. The views
--
-- Do not set security_barrier, because it hides the index on the folded address: `lower` is not
-- leakproof. Do not set security_invoker, because then the roles would need rights on the tables.

create schema if not exists support;

create or replace view support.support_users as
select cast(u.id as text)                                      as user_id,
       -- The indexes below repeat this expression.
       lower(trim(u.email))                                    as email,
       -- concat_ws skips a missing last name. With ||, the whole name would be null.
       concat_ws(' ', u.first_name, u.last_name)               as full_name,
       case u.state
           when 'invited' then 'pending'
           when 'blocked' then 'suspended'
           when 'deleted' then 'closed'
           -- The bot shows a state that the company adds later as unknown, and logs it.
           else cast(u.state as text)
       end                                                     as status,
       left(u.language, 2)                                     as locale,
       cast(extract(epoch from u.created_at) * 1000 as bigint) as created_at
from public.users u
where u.email is not null;

create or replace view support.support_ecosystems as
select cast(e.id as text)                                      as ecosystem_id,
       e.name                                                  as name,
       p.name                                                  as plan_name,
       case s.state
           when 'trialing' then 'trial'
           when 'unpaid' then 'past_due'
           else cast(s.state as text)
       end                                                     as plan_status,
       cast(round(s.price * 100) as bigint)                    as plan_price_cents,
       cast(s.currency as text)                                as plan_currency,
       case s.period
           when 'monthly' then 'month'
           when 'yearly' then 'year'
           else cast(s.period as text)
       end                                                     as plan_period,
       -- 'infinity' cannot be cast to bigint, so it would fail the look-up.
       cast(extract(epoch from nullif(s.renews_at, 'infinity')) * 1000 as bigint)
                                                               as plan_renews_at,
       cast(p.features as text)                                as plan_features
from public.ecosystems e
left join public.subscriptions s on s.ecosystem_id = e.id and s.ended_at is null
left join public.plans p on p.id = s.plan_id;

create or replace view support.support_memberships as
select cast(m.ecosystem_id as text) as ecosystem_id,
       cast(m.user_id as text)      as user_id,
       -- There is no `else`, because a role that the company adds later must grant nothing.
       case m.role
           when 'owner' then 'owner'
           when 'manager' then 'member'
           when 'guest' then 'member'
       end                          as role
from public.memberships m
where m.left_at is null;

create or replace view support.support_successions as
select cast(s.id as text)                                      as succession_id,
       cast(s.ecosystem_id as text)                            as ecosystem_id,
       cast(s.successor_id as text)                            as successor_user_id,
       cast(extract(epoch from s.started_at) * 1000 as bigint) as started_at
from public.successions s
where s.state = 'open';

create or replace view support.support_succession_steps as
select cast(t.succession_id as text)                           as succession_id,
       cast(t.position as integer)                             as position,
       t.title                                                 as title,
       case t.state
           when 'approved' then 'done'
           when 'in_progress' then 'current'
           else cast(t.state as text)
       end                                                     as status,
       t.summary                                               as summary,
       t.instructions                                          as detail,
       cast(to_jsonb(t.reasons) as text)                       as reasons,
       cast(extract(epoch from t.updated_at) * 1000 as bigint) as updated_at
from public.succession_steps t
join public.successions s on s.id = t.succession_id
where s.state = 'open';

-- 2. The roles
--
-- The bot signs in as support_desk. The Lambda functions sign in as support_desk_functions to read
-- the customers' addresses. Remove that role here if the functions read them elsewhere.
--
-- Both roles also have the rights of PUBLIC, as every role has. By default PUBLIC can create
-- temporary tables and call functions. `revoke temporary on database core from public` denies the
-- first to all roles.

do $$
declare
    name text;
begin
    foreach name in array array['support_desk', 'support_desk_functions'] loop
        -- The role can exist already, because roles belong to the server, not to a database.
        if not exists (select from pg_catalog.pg_roles where rolname = name) then
            execute format('create role %I', name);
        end if;
        -- A replica of the bot uses 4 connections, and 2 more for a moment at its first look-up.
        -- Raise the limit for more than three replicas, or for more instances of the functions.
        execute format('alter role %I login connection limit 20', name);
        execute format('alter role %I set search_path = support', name);
        -- A client can change the next two. The missing rights are what prevents a write.
        execute format('alter role %I set default_transaction_read_only = on', name);
        execute format('alter role %I set statement_timeout = %L', name, '5s');
        execute format('grant connect on database %I to %I', current_database(), name);
    end loop;
end
$$;

grant usage on schema support to support_desk, support_desk_functions;
grant select on
    support.support_users,
    support.support_ecosystems,
    support.support_memberships,
    support.support_successions,
    support.support_succession_steps
to support_desk;
grant select on support.support_users to support_desk_functions;

-- 3. The indexes
--
-- A look-up compares the columns of the views. A cast or `lower` in a view hides an index on the
-- plain column, so each index repeats the expression of the view. A column that is already text or
-- varchar, and is not changed in the view, needs only its plain index.
--
-- Do not add a `where` clause. PostgreSQL does not use the statistics of such an index. It then
-- expects 0.5 % of all memberships for one customer, and reads all ecosystems for the join.
--
-- Each statement blocks writers of its table until the commit. On a large table in use, create the
-- index before, under the same name, with `create index concurrently`. This script then skips it.
-- It also skips an index of that name with another expression. Drop that one first.

create index if not exists support_users_id on public.users (cast(id as text));
create index if not exists support_users_email on public.users (lower(trim(email)));
-- The bot also searches for `lower(trim(email))` of the view.
create index if not exists support_users_folded_email
    on public.users (lower(trim(lower(trim(email)))));
create index if not exists support_ecosystems_id on public.ecosystems (cast(id as text));
create index if not exists support_memberships_user
    on public.memberships (cast(user_id as text));
create index if not exists support_successions_successor
    on public.successions (cast(successor_id as text));
create index if not exists support_succession_steps_succession
    on public.succession_steps (cast(succession_id as text));

-- Without statistics of the new expressions, PostgreSQL reads whole tables in spite of the indexes.
analyze public.users;
analyze public.ecosystems;
analyze public.memberships;
analyze public.successions;
analyze public.succession_steps;

commit;
