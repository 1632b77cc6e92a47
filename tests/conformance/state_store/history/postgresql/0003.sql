SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.accounts (
    key bigint NOT NULL,
    email text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    password text NOT NULL COLLATE pg_catalog."C",
    created bigint NOT NULL
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.api_keys (
    hash text NOT NULL COLLATE pg_catalog."C",
    workspace bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    created bigint NOT NULL
);
CREATE TABLE public.attempts (
    intent text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    begun bigint NOT NULL,
    ended bigint,
    outcome text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    provider text NOT NULL COLLATE pg_catalog."C",
    reference text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.batches (
    number bigint NOT NULL,
    workspace bigint NOT NULL,
    committed bigint NOT NULL,
    projected bigint,
    activity bytea,
    datapoints bytea,
    profiles bytea
);
CREATE TABLE public.cause_starts (
    workspace bigint NOT NULL,
    root text NOT NULL COLLATE pg_catalog."C",
    starts bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE TABLE public.counters (
    journey bigint NOT NULL,
    version bigint NOT NULL,
    node text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    hour bigint NOT NULL,
    value bigint NOT NULL
);
CREATE TABLE public.dead_letters (
    workspace bigint NOT NULL,
    at bigint NOT NULL,
    journey bigint NOT NULL,
    run text NOT NULL COLLATE pg_catalog."C",
    profile bigint NOT NULL,
    error text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL,
    place bigint NOT NULL
);
ALTER TABLE public.dead_letters ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.dead_letters_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.event_ids (
    workspace bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    expires bigint NOT NULL
);
CREATE TABLE public.identifiers (
    workspace bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    profile bigint NOT NULL,
    since bigint NOT NULL
);
CREATE TABLE public.imports (
    id text NOT NULL COLLATE pg_catalog."C",
    workspace bigint NOT NULL,
    who text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    mapping text NOT NULL COLLATE pg_catalog."C",
    fingerprint text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    received bigint NOT NULL,
    "position" bigint NOT NULL,
    rows bigint NOT NULL,
    stored bigint NOT NULL,
    duplicates bigint NOT NULL,
    rejected bigint NOT NULL,
    left_out bigint NOT NULL,
    slugged text NOT NULL COLLATE pg_catalog."C",
    rejects bigint NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL,
    error text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.inputs (
    "position" bigint NOT NULL,
    workspace bigint NOT NULL,
    instant bigint NOT NULL,
    rank bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.intents (
    id text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL,
    workspace bigint NOT NULL,
    journey bigint NOT NULL,
    node text NOT NULL COLLATE pg_catalog."C",
    profile bigint NOT NULL,
    channel text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    due bigint NOT NULL,
    attempts bigint NOT NULL,
    created bigint NOT NULL,
    result text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL,
    lane text NOT NULL COLLATE pg_catalog."C",
    decision text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.journeys (
    key bigint NOT NULL,
    workspace bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    draft text NOT NULL COLLATE pg_catalog."C",
    revision bigint NOT NULL,
    resumed_at bigint NOT NULL,
    created bigint NOT NULL,
    updated bigint NOT NULL
);
CREATE TABLE public.kept (
    "position" bigint NOT NULL,
    journey bigint NOT NULL,
    profile bigint NOT NULL,
    instant bigint NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.life (
    journey bigint NOT NULL,
    at bigint NOT NULL,
    who text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    before text NOT NULL COLLATE pg_catalog."C",
    after text NOT NULL COLLATE pg_catalog."C",
    why text NOT NULL COLLATE pg_catalog."C",
    place bigint NOT NULL
);
ALTER TABLE public.life ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.life_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.numbers (
    name text NOT NULL COLLATE pg_catalog."C",
    value bigint NOT NULL
);
CREATE TABLE public.profiles (
    key bigint NOT NULL,
    workspace bigint NOT NULL,
    created bigint NOT NULL,
    version bigint NOT NULL,
    body bytea NOT NULL
);
CREATE TABLE public.runs (
    key bigint NOT NULL,
    workspace bigint NOT NULL,
    journey bigint NOT NULL,
    profile bigint NOT NULL,
    due bigint,
    state bytea NOT NULL
);
CREATE TABLE public.sessions (
    hash text NOT NULL COLLATE pg_catalog."C",
    account bigint NOT NULL,
    created bigint NOT NULL,
    seen bigint NOT NULL,
    expires bigint NOT NULL
);
CREATE TABLE public.timers (
    journey bigint NOT NULL,
    version bigint NOT NULL,
    node text NOT NULL COLLATE pg_catalog."C",
    hour bigint NOT NULL,
    number bigint NOT NULL
);
CREATE TABLE public.tracking_changes (
    workspace bigint NOT NULL,
    journey bigint NOT NULL,
    node text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    "on" boolean NOT NULL,
    who text NOT NULL COLLATE pg_catalog."C",
    place bigint NOT NULL
);
ALTER TABLE public.tracking_changes ALTER COLUMN place ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tracking_changes_place_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.versions (
    journey bigint NOT NULL,
    number bigint NOT NULL,
    published bigint NOT NULL,
    definition text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.workspaces (
    key bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    clock text NOT NULL COLLATE pg_catalog."C",
    now bigint NOT NULL,
    run_until bigint,
    timezone text NOT NULL COLLATE pg_catalog."C",
    track_by_default boolean NOT NULL,
    created bigint NOT NULL,
    demo boolean NOT NULL,
    uncertain text NOT NULL COLLATE pg_catalog."C"
);
INSERT INTO public.accounts VALUES (1, 'ada@example.com', 'Ada', 'hash', 6);
INSERT INTO public.alembic_version VALUES ('0003');
INSERT INTO public.attempts VALUES ('a', 1, 61, NULL, '', '', 'smtp', '250 OK');
INSERT INTO public.batches VALUES (1, 1, 70, NULL, '\x6109620a', NULL, '\x700a');
INSERT INTO public.dead_letters OVERRIDING SYSTEM VALUE VALUES (1, 1, 1, 'r1', 1, 'KeyError', '\x6576656e74', 1);
INSERT INTO public.event_ids VALUES (1, 'seen', 7);
INSERT INTO public.identifiers VALUES (1, 'email', 'a@b.c', 1, 0);
INSERT INTO public.imports VALUES ('i', 1, 'anna', 'loans.csv', '{}', 'print', 'running', 9, 8, 7, 6, 2, 3, 1, 0, '{}', 40, 80, 81, '');
INSERT INTO public.inputs VALUES (1, 1, 10, 1, 'events', 1, '\x626f6479');
INSERT INTO public.intents VALUES ('a', 27303072740933632, 1, 1, 'n1', 1, 'email', 'pending', 60, 0, 55, '', '\x6d657373616765', 'email 1', '');
INSERT INTO public.journeys VALUES (1, 1, 'welcome', 'Welcome', 'draft', 0, '{}', 1, 0, 20, 21);
INSERT INTO public.kept VALUES (1, 1, 1, 50, '\x6576656e74');
INSERT INTO public.life OVERRIDING SYSTEM VALUE VALUES (1, 3, 'anna', 'activate', 'draft', 'active', 'because', 1);
INSERT INTO public.numbers VALUES ('position', 0);
INSERT INTO public.numbers VALUES ('profile', 0);
INSERT INTO public.numbers VALUES ('run', 3);
INSERT INTO public.numbers VALUES ('workspace', 1);
INSERT INTO public.numbers VALUES ('journey', 1);
INSERT INTO public.numbers VALUES ('definitions', 4);
INSERT INTO public.numbers VALUES ('batch', 1);
INSERT INTO public.numbers VALUES ('timers', 1);
INSERT INTO public.profiles VALUES (1, 1, 7, 1, '\x7b7d');
INSERT INTO public.runs VALUES (1, 1, 1, 1, 5, '\x7374617465');
INSERT INTO public.sessions VALUES ('s', 1, 7, 7, 9);
INSERT INTO public.timers VALUES (1, 1, 'n1', 1, 1);
INSERT INTO public.tracking_changes OVERRIDING SYSTEM VALUE VALUES (1, 1, 'n1', 40, true, 'anna', 1);
INSERT INTO public.versions VALUES (1, 1, 30, '{"nodes": []}');
INSERT INTO public.workspaces VALUES (1, 'Shop', 'virtual', 9, NULL, 'Europe/Warsaw', true, 5, false, 'ask');
SELECT pg_catalog.setval('public.dead_letters_place_seq', 1, true);
SELECT pg_catalog.setval('public.life_place_seq', 1, true);
SELECT pg_catalog.setval('public.tracking_changes_place_seq', 1, true);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_email_key UNIQUE (email);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (intent, number);
ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.cause_starts
    ADD CONSTRAINT cause_starts_pkey PRIMARY KEY (workspace, root);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT counters_pkey PRIMARY KEY (journey, version, node, kind, hour);
ALTER TABLE ONLY public.event_ids
    ADD CONSTRAINT event_ids_pkey PRIMARY KEY (workspace, id);
ALTER TABLE ONLY public.identifiers
    ADD CONSTRAINT identifiers_pkey PRIMARY KEY (workspace, kind, value);
ALTER TABLE ONLY public.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inputs
    ADD CONSTRAINT inputs_pkey PRIMARY KEY ("position");
ALTER TABLE ONLY public.intents
    ADD CONSTRAINT intents_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.journeys
    ADD CONSTRAINT journeys_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.journeys
    ADD CONSTRAINT journeys_workspace_id_key UNIQUE (workspace, id);
ALTER TABLE ONLY public.kept
    ADD CONSTRAINT kept_journey_position_key UNIQUE (journey, "position");
ALTER TABLE ONLY public.numbers
    ADD CONSTRAINT numbers_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.profiles
    ADD CONSTRAINT profiles_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (hash);
ALTER TABLE ONLY public.timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (journey, version, node, hour);
ALTER TABLE ONLY public.versions
    ADD CONSTRAINT versions_pkey PRIMARY KEY (journey, number);
ALTER TABLE ONLY public.workspaces
    ADD CONSTRAINT workspaces_pkey PRIMARY KEY (key);
CREATE INDEX attempts_accepted_again ON public.attempts USING btree (intent, number) WHERE ((outcome = 'sent'::text) AND (number > 1));
CREATE INDEX attempts_uncertain ON public.attempts USING btree (intent, number) WHERE (outcome = 'uncertain'::text);
CREATE INDEX batches_projected ON public.batches USING btree (projected) WHERE (projected IS NOT NULL);
CREATE INDEX batches_unprojected ON public.batches USING btree (number) WHERE (projected IS NULL);
CREATE INDEX cause_starts_expires ON public.cause_starts USING btree (expires);
CREATE INDEX dead_letters_order ON public.dead_letters USING btree (workspace, at, place);
CREATE INDEX event_ids_expires ON public.event_ids USING btree (expires);
CREATE INDEX identifiers_profile ON public.identifiers USING btree (profile);
CREATE INDEX imports_order ON public.imports USING btree (workspace, created, id);
CREATE INDEX imports_running ON public.imports USING btree (created, id) WHERE (state = 'running'::text);
CREATE INDEX inputs_order ON public.inputs USING btree (workspace, instant, rank, "position");
CREATE INDEX intents_due ON public.intents USING btree (lane, due, "position", channel, state) WHERE (state = 'pending'::text);
CREATE INDEX intents_journey ON public.intents USING btree (journey, created, "position");
CREATE INDEX intents_order ON public.intents USING btree (workspace, created, "position");
CREATE INDEX intents_profile ON public.intents USING btree (profile, created, "position");
CREATE INDEX intents_sending ON public.intents USING btree (due, "position") WHERE (state = 'sending'::text);
CREATE INDEX intents_state ON public.intents USING btree (workspace, state, created, "position");
CREATE INDEX kept_order ON public.kept USING btree (journey, profile, instant, "position");
CREATE INDEX life_order ON public.life USING btree (journey, at, place);
CREATE INDEX profiles_workspace ON public.profiles USING btree (workspace, key);
CREATE INDEX runs_due ON public.runs USING btree (journey, due, profile) WHERE (due IS NOT NULL);
CREATE INDEX runs_journey ON public.runs USING btree (journey, key);
CREATE INDEX runs_profile ON public.runs USING btree (profile);
CREATE INDEX sessions_account ON public.sessions USING btree (account);
CREATE INDEX sessions_expires ON public.sessions USING btree (expires);
CREATE INDEX timers_gone ON public.timers USING btree (number) WHERE (number = 0);
CREATE INDEX tracking_changes_journey ON public.tracking_changes USING btree (journey);
CREATE INDEX tracking_changes_order ON public.tracking_changes USING btree (workspace, journey, node, at, place);
ALTER TABLE ONLY public.tracking_changes
    ADD CONSTRAINT tracking_changes_journey_fkey FOREIGN KEY (journey) REFERENCES public.journeys(key) ON DELETE CASCADE;
ALTER TABLE ONLY public.versions
    ADD CONSTRAINT versions_journey_fkey FOREIGN KEY (journey) REFERENCES public.journeys(key) ON DELETE CASCADE;
