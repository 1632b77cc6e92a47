CREATE TABLE accounts (
    key INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    created INTEGER NOT NULL
);

CREATE TABLE api_keys (
    hash TEXT PRIMARY KEY,
    workspace INTEGER NOT NULL,
    name TEXT NOT NULL,
    created INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE attempts (
    intent TEXT NOT NULL,
    number INTEGER NOT NULL,
    begun INTEGER NOT NULL,
    ended INTEGER,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    PRIMARY KEY (intent, number)
) WITHOUT ROWID;

CREATE INDEX attempts_accepted_again ON attempts (intent, number) WHERE outcome = 'sent' AND number > 1;

CREATE INDEX attempts_uncertain ON attempts (intent, number) WHERE outcome = 'uncertain';

CREATE TABLE batches (
    number INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    committed INTEGER NOT NULL,
    projected INTEGER,
    activity BLOB,
    datapoints BLOB,
    profiles BLOB
);

CREATE INDEX batches_projected ON batches (projected) WHERE projected IS NOT NULL;

CREATE INDEX batches_unprojected ON batches (number) WHERE projected IS NULL;

CREATE TABLE cause_starts (
    workspace INTEGER NOT NULL,
    root TEXT NOT NULL,
    starts INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (workspace, root)
) WITHOUT ROWID;

CREATE INDEX cause_starts_expires ON cause_starts (expires);

CREATE TABLE counters (
    journey INTEGER NOT NULL,
    version INTEGER NOT NULL,
    node TEXT NOT NULL,
    kind TEXT NOT NULL,
    hour INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (journey, version, node, kind, hour)
) WITHOUT ROWID;

CREATE TABLE dead_letters (
    workspace INTEGER NOT NULL,
    at INTEGER NOT NULL,
    journey INTEGER NOT NULL,
    run TEXT NOT NULL,
    profile INTEGER NOT NULL,
    error TEXT NOT NULL,
    body BLOB NOT NULL
);

CREATE INDEX dead_letters_order ON dead_letters (workspace, at);

CREATE TABLE event_ids (
    workspace INTEGER NOT NULL,
    id TEXT NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (workspace, id)
) WITHOUT ROWID;

CREATE INDEX event_ids_expires ON event_ids (expires);

CREATE TABLE identifiers (
    workspace INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    profile INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (workspace, kind, value)
) WITHOUT ROWID;

CREATE INDEX identifiers_profile ON identifiers (profile);

CREATE TABLE imports (
    id TEXT PRIMARY KEY NOT NULL,
    workspace INTEGER NOT NULL,
    who TEXT NOT NULL,
    name TEXT NOT NULL,
    mapping TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL,
    size INTEGER NOT NULL,
    received INTEGER NOT NULL,
    position INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    left_out INTEGER NOT NULL,
    slugged TEXT NOT NULL,
    rejects INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    error TEXT NOT NULL
);

CREATE INDEX imports_order ON imports (workspace, created, id);

CREATE INDEX imports_running ON imports (created, id) WHERE state = 'running';

CREATE TABLE inputs (
    position INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    instant INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL
);

CREATE INDEX inputs_order ON inputs (workspace, instant, rank, position);

CREATE TABLE intents (
    id TEXT PRIMARY KEY NOT NULL,
    position INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    journey INTEGER NOT NULL,
    node TEXT NOT NULL,
    profile INTEGER NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    created INTEGER NOT NULL,
    result TEXT NOT NULL,
    body BLOB NOT NULL,
    lane TEXT NOT NULL,
    decision TEXT NOT NULL
);

CREATE INDEX intents_due ON intents (lane, due, position, channel, state) WHERE state = 'pending';

CREATE INDEX intents_journey ON intents (journey, created, position);

CREATE INDEX intents_order ON intents (workspace, created, position);

CREATE INDEX intents_profile ON intents (profile, created, position);

CREATE INDEX intents_sending ON intents (due, position) WHERE state = 'sending';

CREATE INDEX intents_state ON intents (workspace, state, created, position);

CREATE TABLE journeys (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    draft TEXT NOT NULL,
    revision INTEGER NOT NULL,
    resumed_at INTEGER NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    UNIQUE (workspace, id)
);

CREATE TABLE kept (
    position INTEGER NOT NULL,
    journey INTEGER NOT NULL,
    profile INTEGER NOT NULL,
    instant INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (journey, position)
);

CREATE INDEX kept_order ON kept (journey, profile, instant, position);

CREATE TABLE life (
    journey INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    why TEXT NOT NULL
);

CREATE INDEX life_order ON life (journey, at);

CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE profiles (
    key INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    created INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
);

CREATE INDEX profiles_workspace ON profiles (workspace);

CREATE TABLE runs (
    key INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    journey INTEGER NOT NULL,
    profile INTEGER NOT NULL,
    due INTEGER,
    state BLOB NOT NULL
);

CREATE INDEX runs_due ON runs (journey, due, profile) WHERE due IS NOT NULL;

CREATE INDEX runs_journey ON runs (journey);

CREATE INDEX runs_profile ON runs (profile);

CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    account INTEGER NOT NULL,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX sessions_account ON sessions (account);

CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE timers (
    journey INTEGER NOT NULL,
    version INTEGER NOT NULL,
    node TEXT NOT NULL,
    hour INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (journey, version, node, hour)
) WITHOUT ROWID;

CREATE INDEX timers_gone ON timers (number) WHERE number = 0;

CREATE TABLE tracking_changes (
    workspace INTEGER NOT NULL,
    journey INTEGER NOT NULL REFERENCES journeys ON DELETE CASCADE,
    node TEXT NOT NULL,
    at INTEGER NOT NULL,
    "on" INTEGER NOT NULL,
    who TEXT NOT NULL
);

CREATE INDEX tracking_changes_journey ON tracking_changes (journey);

CREATE INDEX tracking_changes_order ON tracking_changes (workspace, journey, node, at);

CREATE TABLE versions (
    journey INTEGER NOT NULL REFERENCES journeys ON DELETE CASCADE,
    number INTEGER NOT NULL,
    published INTEGER NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (journey, number)
);

CREATE TABLE workspaces (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    clock TEXT NOT NULL,
    now INTEGER NOT NULL,
    run_until INTEGER,
    timezone TEXT NOT NULL,
    track_by_default INTEGER NOT NULL,
    created INTEGER NOT NULL,
    demo INTEGER NOT NULL,
    uncertain TEXT NOT NULL
);
