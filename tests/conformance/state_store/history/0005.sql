BEGIN TRANSACTION;
CREATE TABLE accounts (
    key INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password TEXT NOT NULL,
    created INTEGER NOT NULL
);
INSERT INTO "accounts" VALUES(1,'ada@example.com','Ada','hash',6);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
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
INSERT INTO "attempts" VALUES('a',1,61,NULL,'','','smtp','250 OK');
CREATE TABLE batches (
    number INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    committed INTEGER NOT NULL,
    projected INTEGER,
    activity BLOB,
    datapoints BLOB,
    profiles BLOB
);
INSERT INTO "batches" VALUES(1,1,70,NULL,X'6109620A',NULL,X'700A');
CREATE TABLE cause_starts (
    workspace INTEGER NOT NULL,
    root TEXT NOT NULL,
    starts INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (workspace, root)
) WITHOUT ROWID;
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
INSERT INTO "dead_letters" VALUES(1,1,1,'r1',1,'KeyError',X'6576656E74');
CREATE TABLE event_ids (
    workspace INTEGER NOT NULL,
    id TEXT NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (workspace, id)
) WITHOUT ROWID;
INSERT INTO "event_ids" VALUES(1,'id',99);
CREATE TABLE identifiers (
    workspace INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    profile INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (workspace, kind, value)
) WITHOUT ROWID;
INSERT INTO "identifiers" VALUES(1,'email','a@b.c',1,0);
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
INSERT INTO "imports" VALUES('i',1,'anna','loans.csv','{}','print','running',9,8,7,6,2,3,1,0,'{}',40,80,81,'');
CREATE TABLE inputs (
    position INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    instant INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL
);
INSERT INTO "inputs" VALUES(1,1,10,1,'events',1,X'626F6479');
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
INSERT INTO "intents" VALUES('a',27303072740933632,1,1,'n1',1,'email','pending',60,0,55,'',X'6D657373616765','email 1','');
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
INSERT INTO "journeys" VALUES(1,1,'welcome','Welcome','draft',0,'{}',1,0,20,21);
CREATE TABLE kept (
    position INTEGER NOT NULL,
    journey INTEGER NOT NULL,
    profile INTEGER NOT NULL,
    instant INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (journey, position)
);
INSERT INTO "kept" VALUES(1,1,1,50,X'6576656E74');
CREATE TABLE life (
    journey INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    why TEXT NOT NULL
);
INSERT INTO "life" VALUES(1,3,'anna','activate','draft','active','because');
CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "numbers" VALUES('batch',1);
INSERT INTO "numbers" VALUES('definitions',4);
INSERT INTO "numbers" VALUES('position',0);
INSERT INTO "numbers" VALUES('profile',0);
INSERT INTO "numbers" VALUES('run',3);
INSERT INTO "numbers" VALUES('timers',1);
INSERT INTO "numbers" VALUES('workspace',1);
CREATE TABLE profiles (
    key INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    created INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body BLOB NOT NULL
);
INSERT INTO "profiles" VALUES(1,1,7,1,X'7B7D');
CREATE TABLE runs (
    key INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL,
    journey INTEGER NOT NULL,
    profile INTEGER NOT NULL,
    due INTEGER,
    state BLOB NOT NULL
);
INSERT INTO "runs" VALUES(1,1,1,1,5,X'7374617465');
CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    account INTEGER NOT NULL,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "sessions" VALUES('s',1,7,7,9);
CREATE TABLE timers (
    journey INTEGER NOT NULL,
    version INTEGER NOT NULL,
    node TEXT NOT NULL,
    hour INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (journey, version, node, hour)
) WITHOUT ROWID;
INSERT INTO "timers" VALUES(1,1,'n1',1,1);
CREATE TABLE tracking_changes (
    workspace INTEGER NOT NULL,
    journey INTEGER NOT NULL REFERENCES journeys ON DELETE CASCADE,
    node TEXT NOT NULL,
    at INTEGER NOT NULL,
    "on" INTEGER NOT NULL,
    who TEXT NOT NULL
);
INSERT INTO "tracking_changes" VALUES(1,1,'n1',40,1,'anna');
CREATE TABLE versions (
    journey INTEGER NOT NULL REFERENCES journeys ON DELETE CASCADE,
    number INTEGER NOT NULL,
    published INTEGER NOT NULL,
    definition TEXT NOT NULL,
    PRIMARY KEY (journey, number)
);
INSERT INTO "versions" VALUES(1,1,30,'{"nodes": []}');
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
INSERT INTO "workspaces" VALUES(1,'Shop','virtual',9,NULL,'Europe/Warsaw',1,5,0,'ask');
CREATE INDEX inputs_order ON inputs (workspace, instant, rank, position);
CREATE INDEX event_ids_expires ON event_ids (expires);
CREATE INDEX profiles_workspace ON profiles (workspace);
CREATE INDEX identifiers_profile ON identifiers (profile);
CREATE INDEX life_order ON life (journey, at);
CREATE INDEX tracking_changes_order ON tracking_changes (workspace, journey, node, at);
CREATE INDEX tracking_changes_journey ON tracking_changes (journey);
CREATE INDEX runs_profile ON runs (profile);
CREATE INDEX runs_journey ON runs (journey);
CREATE INDEX runs_due ON runs (journey, due, profile) WHERE due IS NOT NULL;
CREATE INDEX kept_order ON kept (journey, profile, instant, position);
CREATE INDEX cause_starts_expires ON cause_starts (expires);
CREATE INDEX dead_letters_order ON dead_letters (workspace, at);
CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_expires ON sessions (expires);
CREATE INDEX batches_unprojected ON batches (number) WHERE projected IS NULL;
CREATE INDEX batches_projected ON batches (projected) WHERE projected IS NOT NULL;
CREATE INDEX intents_due ON intents (lane, due, position, channel, state) WHERE state = 'pending';
CREATE INDEX intents_sending ON intents (due, position) WHERE state = 'sending';
CREATE INDEX intents_order ON intents (workspace, created, position);
CREATE INDEX intents_state ON intents (workspace, state, created, position);
CREATE INDEX intents_journey ON intents (journey, created, position);
CREATE INDEX intents_profile ON intents (profile, created, position);
CREATE INDEX attempts_accepted_again ON attempts (intent, number) WHERE outcome = 'sent' AND number > 1;
CREATE INDEX attempts_uncertain ON attempts (intent, number) WHERE outcome = 'uncertain';
CREATE INDEX timers_gone ON timers (number) WHERE number = 0;
CREATE INDEX imports_order ON imports (workspace, created, id);
CREATE INDEX imports_running ON imports (created, id) WHERE state = 'running';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('journeys',1);
COMMIT;
