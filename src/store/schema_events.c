/* The tables in the file beside a SQLite database: what webhooks have told, and how far what is under way is. */
#include "store/schema.h"
#include "store/schema_p.h"

static const char first_events[] = WEBHOOK_EVENT;
static const char second_events[] = UNDERWAY;
static const char third_events[] = WEBHOOK_TRIES;
/* What has arrived a moment ago, by rowid; without an index, so that it is soon durable (store/hook_arrive.c).
 * Only in that other file. */
static const char fourth_events[] = "CREATE TABLE webhook_arrived ("
                                    " company_id BIGINT NOT NULL,"
                                    " integration_id BIGINT NOT NULL,"
                                    " digest @TEXT NOT NULL,"
                                    " repeats BIGINT NOT NULL,"
                                    " name @TEXT,"
                                    " source_id @TEXT,"
                                    " occurred_at BIGINT NOT NULL,"
                                    " first_at BIGINT NOT NULL,"
                                    " last_at BIGINT NOT NULL,"
                                    " times BIGINT NOT NULL);";

const struct db_migration schema_events[] = {
    { 1, first_events }, { 2, second_events }, { 3, third_events }, { 4, fourth_events }
};
const size_t schema_events_n = sizeof schema_events / sizeof *schema_events;
