/* people.h - a database with companies and people, for the contract of db.h. */
#pragma once
#include "tests/db/place.h"

#define PEOPLE                                                                                     \
    "CREATE TABLE company (id BIGINT NOT NULL PRIMARY KEY) @CLUSTERED;"                            \
    "INSERT INTO company VALUES (1);"                                                              \
    "CREATE TABLE \"user\" (id BIGINT NOT NULL PRIMARY KEY, company_id BIGINT REFERENCES company," \
    " name @TEXT, photo BYTEA, age BIGINT CHECK (age >= 0), email @TEXT UNIQUE);"

static inline struct db *people(void **state) {
    struct place *p = *state;
    place_exec(p->db, PEOPLE);
    return p->db;
}

static inline struct db_statement *prepared(struct db *db, const char *sql) {
    struct db_statement *st = NULL;
    OK(db_prepare(db, sql, &st, &why));
    return st;
}

static inline void insert_user(struct db *db, int64_t id) {
    struct db_statement *st = prepared(db, "INSERT INTO \"user\" (id) VALUES ($1)");
    db_bind_int(st, 1, id);
    OK(db_run(st, NULL, &why));
    db_statement_close(st);
}

static inline int64_t users(struct db *db) {
    return place_int(db, "SELECT COUNT(*) FROM \"user\"");
}

static inline bool step(struct db_statement *st) {
    bool has_row = false;
    OK(db_step(st, &has_row, &why));
    return has_row;
}
