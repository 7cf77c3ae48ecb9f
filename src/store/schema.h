/* schema.h - the tables as numbered migrations, forward only: schema_tables.c, schema_changes.c, schema_events.c. A
 * migration that has been released is never changed. */
#pragma once
#include "db/db.h"

extern const struct db_migration schema_migrations[];
extern const size_t schema_migrations_n;
/* Of the file beside a SQLite database that has what webhooks told. */
extern const struct db_migration schema_events[];
extern const size_t schema_events_n;
