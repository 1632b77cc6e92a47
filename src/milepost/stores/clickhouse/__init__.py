"""The event store in ClickHouse's SQL: embedded (chDB) by default. One dialect, one file per driver."""
