-- Creates the two roles of Support Desk's store on PostgreSQL, and grants their rights.
--
--   desk_store_owner  owns the schema and the tables: `support-desk migrate`
--   desk_store_run    runs the bot: it can add to the trail, and cannot change or delete there
--
--   psql -v ON_ERROR_STOP=1 -d desk -f deploy/store/postgres.sql
--
-- Run it in the bot's database:
--
--   1. as a superuser, before the first `support-desk migrate`
--   2. as desk_store_owner or a superuser, after each `support-desk migrate`
--
-- A table that a migration adds has no rights for desk_store_run until the script runs again, so
-- no table is writable by accident. Until then `support-desk run` and `check` say what is missing.
--
-- It is one transaction, so an error changes nothing. It can run again: it keeps the schema, the
-- roles and their passwords, and replaces the rights on tables. A running bot is not disturbed.
--
-- It sets no passwords, because scripts and logs would show them. Until a role has one, it cannot
-- sign in by password. Set both in psql, which sends only hashes:
--
--   \password desk_store_owner
--   \password desk_store_run

begin;

-- 1. The roles and their schema
--
-- PUBLIC has no rights in this schema. As every role, both also have the rights of PUBLIC in the
-- database. By default PUBLIC can create temporary tables and call functions.
-- `revoke temporary on database desk from public` denies the first to all roles.

do $$
declare
    name text;
begin
    if exists (select from pg_catalog.pg_namespace where nspname = 'desk_store') then
        return;
    end if;
    foreach name in array array['desk_store_owner', 'desk_store_run'] loop
        -- The role can exist already, because roles belong to the server, not to a database.
        if not exists (select from pg_catalog.pg_roles where rolname = name) then
            -- A replica of the bot uses 9 connections. Raise the limit for more than three.
            execute format('create role %I login connection limit 30', name);
        end if;
        execute format('grant connect on database %I to %I', current_database(), name);
        execute format(
            'alter role %I in database %I set search_path = desk_store',
            name, current_database()
        );
    end loop;
    create schema desk_store authorization desk_store_owner;
    grant usage on schema desk_store to desk_store_run;
end
$$;

-- 2. The rights of desk_store_run
--
-- One line for each table. The bot adds to the trail, and rewrites only its working data.

do $$
declare
    line record;
    named text[];
    unnamed text;
begin
    -- A right that this script no longer names ends.
    revoke all on all tables in schema desk_store from desk_store_run;
    for line in
        select * from (values
            ('_sqlx_migrations', 'select'),
            ('store_meta',       'select'),
            -- the trail
            ('events',           'select, insert'),
            ('chains',           'select, insert, update'),
            ('checkpoints',      'select, insert'),
            ('trail_keys',       'select, insert'),
            ('pruned',           'select'),
            -- customers and their keys; only the owner erases
            ('subjects',         'select, insert'),
            ('subject_keys',     'select, insert'),
            -- working data
            ('sessions',         'select, insert, update'),
            ('account_links',    'select, insert, update, delete'),
            ('claims',           'select, insert, update, delete'),
            ('limit_uses',       'select, insert, update, delete'),
            ('lockouts',         'select, insert, update, delete'),
            ('daily_work',       'select, insert, update'),
            ('alerts',           'select, insert, update'),
            ('requests',         'select, insert')
        ) as lines (name, rights)
    loop
        named := named || line.name;
        -- Before the first migration there are no tables.
        if to_regclass('desk_store.' || line.name) is not null then
            execute format(
                'grant %s on desk_store.%I to desk_store_run', line.rights, line.name
            );
        end if;
    end loop;
    select string_agg(tablename, ', ') into unnamed
    from pg_catalog.pg_tables
    where schemaname = 'desk_store' and tablename <> all (named);
    if unnamed is not null then
        raise exception 'no line for %: run the script of the version that made it', unnamed;
    end if;
end
$$;

commit;
