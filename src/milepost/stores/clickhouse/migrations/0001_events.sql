-- The log that the card reads, what Analytics may see, and a copy of the profiles for questions.
-- Times are milliseconds since 1970, UTC, as UInt64: windowFunnel and plain arithmetic refuse or hide milliseconds otherwise.
-- No partitions: one batch must stay one part, so that it is there whole or not at all.

CREATE TABLE IF NOT EXISTS activity
(
    workspace   UInt32,
    profile     UInt64,
    time        UInt64 CODEC(Delta, ZSTD),
    position    UInt64 CODEC(Delta, ZSTD),
    received_at UInt64 CODEC(Delta, ZSTD),
    id          String CODEC(ZSTD),
    action      LowCardinality(String),
    label       String CODEC(ZSTD),
    source      LowCardinality(String),
    journey     LowCardinality(String),
    node        LowCardinality(String),
    run         String CODEC(ZSTD),
    tracked     Bool,
    params      String CODEC(ZSTD),
    why         String CODEC(ZSTD),
    batch       UInt64 CODEC(Delta, ZSTD),
    INDEX batches batch TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (workspace, profile, time, position)
SETTINGS index_granularity = 1024;

CREATE TABLE IF NOT EXISTS datapoints
(
    workspace   UInt32,
    profile     UInt64,
    time        UInt64 CODEC(Delta, ZSTD),
    position    UInt64 CODEC(Delta, ZSTD),
    received_at UInt64 CODEC(Delta, ZSTD),
    id          String CODEC(ZSTD),
    action      LowCardinality(String),
    label       String CODEC(ZSTD),
    source      LowCardinality(String),
    journey     LowCardinality(String),
    node        LowCardinality(String),
    run         String CODEC(ZSTD),
    params      JSON,
    batch       UInt64 CODEC(Delta, ZSTD),
    INDEX batches batch TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (workspace, action, time, profile);

CREATE TABLE IF NOT EXISTS profiles
(
    workspace  UInt32,
    profile    UInt64,
    version    UInt64,
    attributes JSON,
    tags       String CODEC(ZSTD),
    batch      UInt64 CODEC(Delta, ZSTD),
    INDEX batches batch TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (workspace, profile);
