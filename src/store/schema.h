/* schema.h - the tables as numbered migrations, forward only. A migration that has been released is
 * never changed. */
#pragma once
#include "db/db.h"

extern const struct db_migration schema_migrations[];
extern const size_t schema_migrations_n;
