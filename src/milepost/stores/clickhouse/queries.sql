-- migrations --
-- The table that records which migrations were applied.
CREATE TABLE IF NOT EXISTS migrations (number UInt32, name String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC'))
ENGINE = MergeTree ORDER BY number

-- applied --
-- Numbers of the migrations that are in place.
SELECT number FROM migrations ORDER BY number

-- record_migration --
-- One migration is in place.
INSERT INTO migrations (number, name) SELECT {number:UInt32}, {name:String}

-- batches --
-- Which batch numbers from the first one on a table holds: the question after a crash.
SELECT DISTINCT batch FROM {table:Identifier} WHERE batch >= {first:UInt64}

-- delete_workspace --
-- Everything of a workspace in a table; answers when it is done.
ALTER TABLE {table:Identifier} DELETE WHERE workspace = {workspace:UInt32} SETTINGS mutations_sync = 2

-- count_events --
-- Events of a workspace in a table.
SELECT count() FROM {table:Identifier} WHERE workspace = {workspace:UInt32}

-- count_profiles --
-- Profiles of a workspace; older versions of a row may still be there.
SELECT uniqExact(profile) FROM profiles WHERE workspace = {workspace:UInt32}

-- newest --
-- The newest place in the log that a datapoint of the workspace has: an answer is as of then.
SELECT max(position) FROM datapoints WHERE workspace = {workspace:UInt32}

-- activity --
-- One page of the card, newest first. The bounds are always given; an empty list of actions and an empty run mean all.
SELECT profile, time, position, received_at, id, action, label, source, journey, node, run, tracked, params, why
FROM activity
WHERE workspace = {workspace:UInt32} AND profile = {profile:UInt64}
    AND time >= {since:UInt64} AND time <= {until:UInt64}
    AND (time < {before_time:UInt64} OR (time = {before_time:UInt64} AND position < {before_position:UInt64}))
    AND (empty({actions:Array(String)}) OR has({actions:Array(String)}, action))
    AND ({run:String} = '' OR run = {run:String})
ORDER BY time DESC, position DESC
LIMIT {limit:UInt32}

-- arrivals_total --
-- Show in CRM: how many profiles have an arrival at the node among the datapoints.
SELECT uniqExact(profile) FROM datapoints
WHERE workspace = {workspace:UInt32} AND journey = {journey:String} AND node = {node:String}
    AND action IN ('automation.clientStartPath', 'automation.clientPathStep', 'automation.clientEndPath')

-- arrivals --
-- Show in CRM: a page of those profiles, in order of key.
SELECT profile, uniqExact(id), min(time), max(time) FROM datapoints
WHERE workspace = {workspace:UInt32} AND journey = {journey:String} AND node = {node:String}
    AND action IN ('automation.clientStartPath', 'automation.clientPathStep', 'automation.clientEndPath')
    AND profile > {after:UInt64}
GROUP BY profile ORDER BY profile LIMIT {limit:UInt32}

-- actions --
-- The catalogue: every action among the datapoints.
SELECT action, count(), max(time) FROM datapoints WHERE workspace = {workspace:UInt32} GROUP BY action ORDER BY action

-- samples --
-- The catalogue: params of an action's newest datapoints.
SELECT toJSONString(params) FROM datapoints WHERE workspace = {workspace:UInt32} AND action = {action:String}
ORDER BY time DESC, position DESC LIMIT {limit:UInt32}

-- home --
-- Where the parts of a table are.
SELECT data_paths[1] FROM system.tables WHERE database = currentDatabase() AND name = {table:String}

-- check --
-- Compares every part with its checksums: name, whether it is whole, what is wrong.
CHECK TABLE {table:Identifier} SETTINGS check_query_single_value_result = 0

-- moves --
-- The moves on the cards, by journey, version, node, action, edge and reason; and how many different ids they have.
SELECT journey, JSONExtractUInt(params, 'journeyVersion') AS version, node, action,
    JSONExtractString(params, 'fromNodeId') AS from_node, JSONExtractString(params, 'outlet') AS outlet,
    JSONExtractString(params, 'reason') AS reason, count(), uniqExact(id)
FROM activity
WHERE workspace = {workspace:UInt32} AND batch <= {up_to:UInt64} AND NOT has({without:Array(UInt64)}, batch)
    AND action IN ('automation.clientStartPath', 'automation.clientPathStep', 'automation.clientEndPath',
        'automation.clientPathExit')
GROUP BY journey, version, node, action, from_node, outlet, reason

-- untracked --
-- Moves at a node that are datapoints though their time lies in no tracked interval.
SELECT countIf(NOT arrayExists((begin, end) -> time >= begin AND time < end, {on:Array(UInt64)}, {off:Array(UInt64)}))
FROM datapoints
WHERE workspace = {workspace:UInt32} AND journey = {journey:String} AND node = {node:String}
    AND batch <= {up_to:UInt64}
    AND action IN ('automation.clientStartPath', 'automation.clientPathStep', 'automation.clientEndPath',
        'automation.clientPathExit')
