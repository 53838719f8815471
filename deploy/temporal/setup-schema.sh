#!/bin/sh
# Creates and updates Temporal's two databases, then exits. Every step does nothing when it is already done, so it may run
# at each start, and it is also the upgrade: a newer admin-tools image brings newer schema folders.
# Reads SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD and SQL_PLUGIN, which temporal-sql-tool knows by these names.
set -eu

schema="${SCHEMA_DIR:-/etc/temporal/schema/postgresql/v12}"

prepare() {
  database="$1"
  versions="$2"
  temporal-sql-tool --db "$database" create-database
  temporal-sql-tool --db "$database" setup-schema --version 0.0
  temporal-sql-tool --db "$database" update-schema --schema-dir "$versions"
}

prepare "$TEMPORAL_DATABASE" "$schema/temporal/versioned"
prepare "$TEMPORAL_VISIBILITY_DATABASE" "$schema/visibility/versioned"
