#include "store/schema.h"
#include "store/schema_p.h"

const struct db_migration schema_migrations[] = {
    { 1, schema_1 },   { 2, schema_2 },   { 3, schema_3 },   { 4, schema_4 },   { 5, schema_5 },
    { 6, schema_6 },   { 7, schema_7 },   { 8, schema_8 },   { 9, schema_9 },   { 10, schema_10 },
    { 11, schema_11 }, { 12, schema_12 }, { 13, schema_13 }, { 14, schema_14 }, { 15, schema_15 },
    { 16, schema_16 }, { 17, schema_17 }, { 18, schema_18 }, { 19, schema_19 }, { 20, schema_20 },
    { 21, schema_21 }, { 22, schema_22 }, { 23, schema_23 }, { 24, schema_24 }, { 25, schema_25 },
    { 26, schema_26 }, { 27, schema_27 }, { 28, schema_28 },
};
const size_t schema_migrations_n = sizeof schema_migrations / sizeof *schema_migrations;
