/* schema_p.h - the migrations by their numbers, for schema.c only; and what is in both files of a SQLite installation. */
#pragma once

/* ---- schema_tables.c ---- */
extern const char schema_1[], schema_2[], schema_3[], schema_4[], schema_5[];

/* ---- schema_changes.c ---- */
extern const char schema_6[], schema_7[], schema_8[], schema_9[], schema_10[], schema_11[],
    schema_12[], schema_13[], schema_14[], schema_15[], schema_16[], schema_17[], schema_18[],
    schema_19[], schema_20[], schema_21[], schema_22[], schema_23[], schema_24[], schema_25[],
    schema_26[], schema_27[], schema_28[];

/* ---- schema_changes.c and schema_events.c ---- */

/* What webhooks have told (store/hook_event.h). On SQLite its rows lie in a file of their own. */
#define WEBHOOK_EVENT                                                                              \
    "CREATE TABLE webhook_event ("                                                                 \
    " company_id BIGINT NOT NULL,"                                                                 \
    " integration_id BIGINT NOT NULL,"                                                             \
    " digest @TEXT NOT NULL,"                                                                      \
    " name @TEXT,"                                                                                 \
    " source_id @TEXT,"                                                                            \
    " occurred_at BIGINT,"                                                                         \
    " arrived_at BIGINT NOT NULL,"                                                                 \
    " last_at BIGINT NOT NULL,"                                                                    \
    " times BIGINT NOT NULL,"                                                                      \
    " state @TEXT NOT NULL,"                                                                       \
    " wanted_at BIGINT NOT NULL,"                                                                  \
    " run_id BIGINT,"                                                                              \
    " PRIMARY KEY (company_id, integration_id, digest));"                                          \
    "CREATE INDEX webhook_event_open ON webhook_event (company_id, integration_id)"                \
    " WHERE state IN ('new', 'asked', 'again');"                                                   \
    "CREATE INDEX webhook_event_last ON webhook_event (company_id, integration_id, last_at);"

/* How far what is under way is (store/underway.h). On SQLite its rows lie in that other file, too. */
#define UNDERWAY                                                                                   \
    "CREATE TABLE underway ("                                                                      \
    " company_id BIGINT NOT NULL,"                                                                 \
    " subject_id BIGINT NOT NULL,"                                                                 \
    " at_us BIGINT NOT NULL,"                                                                      \
    " phase @TEXT NOT NULL,"                                                                       \
    " line @TEXT NOT NULL,"                                                                        \
    " done BIGINT NOT NULL,"                                                                       \
    " of_n BIGINT NOT NULL,"                                                                       \
    " failed BIGINT NOT NULL,"                                                                     \
    " left_s BIGINT NOT NULL,"                                                                     \
    " per_second BIGINT NOT NULL,"                                                                 \
    " wait_us BIGINT NOT NULL,"                                                                    \
    " PRIMARY KEY (company_id, subject_id));"

/* Single people are looked at on a hint: how often each has been. */
#define WEBHOOK_TRIES "ALTER TABLE webhook_event ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;"
