CREATE TABLE accounts (
    key BIGINT PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    password TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE api_keys (
    hash TEXT COLLATE "C" PRIMARY KEY,
    workspace BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE attempts (
    intent TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    begun BIGINT NOT NULL,
    ended BIGINT,
    outcome TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (intent, number)
);

CREATE INDEX attempts_accepted_again ON attempts (intent, number) WHERE outcome = 'sent' AND number > 1;

CREATE INDEX attempts_uncertain ON attempts (intent, number) WHERE outcome = 'uncertain';

CREATE TABLE batches (
    number BIGINT PRIMARY KEY,
    workspace BIGINT NOT NULL,
    committed BIGINT NOT NULL,
    projected BIGINT,
    activity BYTEA,
    datapoints BYTEA,
    profiles BYTEA
);

CREATE INDEX batches_projected ON batches (projected) WHERE projected IS NOT NULL;

CREATE INDEX batches_unprojected ON batches (number) WHERE projected IS NULL;

CREATE TABLE cause_starts (
    workspace BIGINT NOT NULL,
    root TEXT COLLATE "C" NOT NULL,
    starts BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (workspace, root)
);

CREATE INDEX cause_starts_expires ON cause_starts (expires);

CREATE TABLE counters (
    journey BIGINT NOT NULL,
    version BIGINT NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    hour BIGINT NOT NULL,
    value BIGINT NOT NULL,
    PRIMARY KEY (journey, version, node, kind, hour)
);

CREATE TABLE dead_letters (
    workspace BIGINT NOT NULL,
    at BIGINT NOT NULL,
    journey BIGINT NOT NULL,
    run TEXT COLLATE "C" NOT NULL,
    profile BIGINT NOT NULL,
    error TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    place BIGINT GENERATED ALWAYS AS IDENTITY
);

CREATE INDEX dead_letters_order ON dead_letters (workspace, at, place);

CREATE TABLE event_ids (
    workspace BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (workspace, id)
);

CREATE INDEX event_ids_expires ON event_ids (expires);

CREATE TABLE identifiers (
    workspace BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    profile BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (workspace, kind, value)
);

CREATE INDEX identifiers_profile ON identifiers (profile);

CREATE TABLE imports (
    id TEXT COLLATE "C" PRIMARY KEY,
    workspace BIGINT NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    mapping TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    received BIGINT NOT NULL,
    position BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    duplicates BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    left_out BIGINT NOT NULL,
    slugged TEXT COLLATE "C" NOT NULL,
    rejects BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    error TEXT COLLATE "C" NOT NULL
);

CREATE INDEX imports_order ON imports (workspace, created, id);

CREATE INDEX imports_running ON imports (created, id) WHERE state = 'running';

CREATE TABLE inputs (
    position BIGINT PRIMARY KEY,
    workspace BIGINT NOT NULL,
    instant BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX inputs_order ON inputs (workspace, instant, rank, position);

CREATE TABLE intents (
    id TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL,
    workspace BIGINT NOT NULL,
    journey BIGINT NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    profile BIGINT NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    due BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    created BIGINT NOT NULL,
    result TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    lane TEXT COLLATE "C" NOT NULL,
    decision TEXT COLLATE "C" NOT NULL
);

CREATE INDEX intents_due ON intents (lane, due, position, channel, state) WHERE state = 'pending';

CREATE INDEX intents_journey ON intents (journey, created, position);

CREATE INDEX intents_order ON intents (workspace, created, position);

CREATE INDEX intents_profile ON intents (profile, created, position);

CREATE INDEX intents_sending ON intents (due, position) WHERE state = 'sending';

CREATE INDEX intents_state ON intents (workspace, state, created, position);

CREATE TABLE journeys (
    key BIGINT PRIMARY KEY,
    workspace BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    draft TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    resumed_at BIGINT NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    UNIQUE (workspace, id)
);

CREATE TABLE kept (
    position BIGINT NOT NULL,
    journey BIGINT NOT NULL,
    profile BIGINT NOT NULL,
    instant BIGINT NOT NULL,
    body BYTEA NOT NULL,
    UNIQUE (journey, position)
);

CREATE INDEX kept_order ON kept (journey, profile, instant, position);

CREATE TABLE life (
    journey BIGINT NOT NULL,
    at BIGINT NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    before TEXT COLLATE "C" NOT NULL,
    after TEXT COLLATE "C" NOT NULL,
    why TEXT COLLATE "C" NOT NULL,
    place BIGINT GENERATED ALWAYS AS IDENTITY
);

CREATE INDEX life_order ON life (journey, at, place);

CREATE TABLE numbers (
    name TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE profiles (
    key BIGINT PRIMARY KEY,
    workspace BIGINT NOT NULL,
    created BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE INDEX profiles_workspace ON profiles (workspace, key);

CREATE TABLE runs (
    key BIGINT PRIMARY KEY,
    workspace BIGINT NOT NULL,
    journey BIGINT NOT NULL,
    profile BIGINT NOT NULL,
    due BIGINT,
    state BYTEA NOT NULL
);

CREATE INDEX runs_due ON runs (journey, due, profile) WHERE due IS NOT NULL;

CREATE INDEX runs_journey ON runs (journey, key);

CREATE INDEX runs_profile ON runs (profile);

CREATE TABLE sessions (
    hash TEXT COLLATE "C" PRIMARY KEY,
    account BIGINT NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX sessions_account ON sessions (account);

CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE timers (
    journey BIGINT NOT NULL,
    version BIGINT NOT NULL,
    node TEXT COLLATE "C" NOT NULL,
    hour BIGINT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (journey, version, node, hour)
);

CREATE INDEX timers_gone ON timers (number) WHERE number = 0;

CREATE TABLE tracking_changes (
    workspace BIGINT NOT NULL,
    journey BIGINT NOT NULL REFERENCES journeys ON DELETE CASCADE,
    node TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    "on" BOOLEAN NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    place BIGINT GENERATED ALWAYS AS IDENTITY
);

CREATE INDEX tracking_changes_journey ON tracking_changes (journey);

CREATE INDEX tracking_changes_order ON tracking_changes (workspace, journey, node, at, place);

CREATE TABLE versions (
    journey BIGINT NOT NULL REFERENCES journeys ON DELETE CASCADE,
    number BIGINT NOT NULL,
    published BIGINT NOT NULL,
    definition TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (journey, number)
);

CREATE TABLE workspaces (
    key BIGINT PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    clock TEXT COLLATE "C" NOT NULL,
    now BIGINT NOT NULL,
    run_until BIGINT,
    timezone TEXT COLLATE "C" NOT NULL,
    track_by_default BOOLEAN NOT NULL,
    created BIGINT NOT NULL,
    demo BOOLEAN NOT NULL,
    uncertain TEXT COLLATE "C" NOT NULL
);
