-- Tables of an example company, with a few rows, for a trial of postgres.sql. Leave this file out
-- where the company's own tables exist.
--
--   createdb core_example
--   psql -v ON_ERROR_STOP=1 -d core_example -f deploy/core/example_tables.sql
--   psql -v ON_ERROR_STOP=1 -d core_example -f deploy/core/postgres.sql
--
-- It needs an empty database with PostgreSQL 13 or newer. It runs once: a second run fails at the
-- first type and changes nothing. The column types differ from the contract on purpose, because
-- the views must cast them.

begin;

create type public.user_state as enum ('invited', 'active', 'blocked', 'deleted');
create type public.member_role as enum ('owner', 'manager', 'guest');
create type public.subscription_state as enum ('trialing', 'active', 'unpaid', 'cancelled');
create type public.billing_period as enum ('monthly', 'yearly');
create type public.succession_state as enum ('open', 'completed', 'withdrawn');
create type public.step_state as enum ('waiting', 'in_progress', 'approved', 'rejected');

create table public.users (
    id         uuid primary key default gen_random_uuid(),
    email      varchar(320),
    first_name text not null,
    last_name  text,
    state      public.user_state not null default 'invited',
    -- A language tag, such as es-ES.
    language   varchar(35) not null default 'es-ES',
    created_at timestamptz not null default now()
);

create table public.ecosystems (
    id   uuid primary key default gen_random_uuid(),
    name varchar(120) not null
);

create table public.plans (
    id       integer primary key,
    name     text not null,
    features jsonb not null default '[]'
);

create table public.subscriptions (
    id           bigint generated always as identity primary key,
    ecosystem_id uuid not null references public.ecosystems,
    plan_id      integer not null references public.plans,
    state        public.subscription_state not null,
    price        numeric(10, 2) not null,
    currency     char(3) not null,
    period       public.billing_period not null,
    renews_at    timestamptz,
    ended_at     timestamptz
);
-- The view needs one subscription an ecosystem, or none.
create unique index subscriptions_current on public.subscriptions (ecosystem_id)
    where ended_at is null;

create table public.memberships (
    ecosystem_id uuid not null references public.ecosystems,
    user_id      uuid not null references public.users,
    role         public.member_role not null,
    left_at      timestamptz,
    primary key (ecosystem_id, user_id)
);

create table public.successions (
    id           uuid primary key default gen_random_uuid(),
    ecosystem_id uuid not null references public.ecosystems,
    successor_id uuid not null references public.users,
    state        public.succession_state not null default 'open',
    started_at   timestamptz not null default now()
);

create table public.succession_steps (
    succession_id uuid not null references public.successions,
    position      smallint not null,
    title         varchar(80) not null,
    state         public.step_state not null default 'waiting',
    summary       varchar(200) not null,
    instructions  text not null,
    reasons       text[] not null default '{}',
    updated_at    timestamptz,
    primary key (succession_id, position)
);

-- Ana owns one ecosystem and is a guest in another. Bruno is the successor in the second one.
insert into public.users (id, email, first_name, last_name, state, language, created_at) values
    ('0a000000-0000-4000-8000-000000000001', ' Ana.Lopez@Example.com', 'Ana', 'López', 'active',
     'es-ES', '2023-05-04 10:00+00'),
    ('0a000000-0000-4000-8000-000000000002', 'bruno@example.com', 'Bruno', null, 'active',
     'en-GB', '2024-01-15 09:30+00'),
    ('0a000000-0000-4000-8000-000000000003', 'carmen@example.com', 'Carmen', 'Ruiz', 'blocked',
     'es-MX', '2022-11-30 18:45+00');

insert into public.ecosystems (id, name) values
    ('0e000000-0000-4000-8000-000000000001', 'Casa Luz'),
    ('0e000000-0000-4000-8000-000000000002', 'Huerta Norte');

insert into public.plans (id, name, features) values
    (1, 'Free', '[]'),
    (2, 'Community', '["Online store", "Mobile app", "5 seats"]');

insert into public.subscriptions
    (ecosystem_id, plan_id, state, price, currency, period, renews_at, ended_at) values
    ('0e000000-0000-4000-8000-000000000001', 1, 'cancelled', 0, 'EUR', 'monthly', null,
     '2024-02-01 00:00+00'),
    ('0e000000-0000-4000-8000-000000000001', 2, 'active', 49.90, 'EUR', 'monthly',
     '2030-03-01 00:00+00', null),
    ('0e000000-0000-4000-8000-000000000002', 2, 'unpaid', 499.00, 'USD', 'yearly',
     'infinity', null);

insert into public.memberships (ecosystem_id, user_id, role, left_at) values
    ('0e000000-0000-4000-8000-000000000001', '0a000000-0000-4000-8000-000000000001', 'owner', null),
    ('0e000000-0000-4000-8000-000000000002', '0a000000-0000-4000-8000-000000000001', 'guest', null),
    ('0e000000-0000-4000-8000-000000000002', '0a000000-0000-4000-8000-000000000003', 'owner', null),
    ('0e000000-0000-4000-8000-000000000001', '0a000000-0000-4000-8000-000000000002', 'manager',
     '2024-06-30 12:00+00');

insert into public.successions (id, ecosystem_id, successor_id, state, started_at) values
    ('05000000-0000-4000-8000-000000000001', '0e000000-0000-4000-8000-000000000002',
     '0a000000-0000-4000-8000-000000000002', 'open', '2026-06-01 10:00+00'),
    ('05000000-0000-4000-8000-000000000002', '0e000000-0000-4000-8000-000000000001',
     '0a000000-0000-4000-8000-000000000002', 'withdrawn', '2025-02-01 10:00+00');

insert into public.succession_steps
    (succession_id, position, title, state, summary, instructions, reasons, updated_at) values
    ('05000000-0000-4000-8000-000000000001', 1, 'Succession opened', 'approved',
     'The owner named a successor.', 'Nothing is left to do.', '{}', '2026-06-01 10:00+00'),
    ('05000000-0000-4000-8000-000000000001', 2, 'Validation of the successor', 'rejected',
     'The documents were rejected.', E'Take a new photo of the document.\nThen send it again.',
     '{"The document has expired", "The photo is blurred"}', '2026-06-05 10:00+00'),
    ('05000000-0000-4000-8000-000000000001', 3, 'Transfer of the ecosystem', 'waiting',
     'Begins after the validation.', 'The successor becomes the owner.', '{}', null),
    ('05000000-0000-4000-8000-000000000002', 1, 'Succession opened', 'approved',
     'The owner named a successor.', 'Nothing is left to do.', '{}', '2025-02-01 10:00+00');

commit;
