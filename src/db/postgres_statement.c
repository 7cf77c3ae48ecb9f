/* Statements on PostgreSQL. The first run sends text and values in one go; a second one shows that
 * the statement is worth preparing. So what runs once costs one round trip, and what runs often is
 * parsed and planned once.
 *
 * Values and columns travel in binary. A value's type is that of what was bound, null saying
 * nothing; should a later run bind another type, the statement is made anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "db/postgres_p.h"

struct statement {
    struct db_statement base;
    char *sql; /* owned */
    enum postgres_doing doing;
    int number; /* of the prepared statement, 0: none */
    int generation;
    int runs_n;
    PGresult *res;
    int row; /* the current one; -1 before the first */
    bool has_numeric;
    /* one each per value */
    Oid *types; /* 0 until something other than null was bound */
    const char **ptrs;
    int *lengths, *formats;
    unsigned char (*ints)[8];
};

enum rc_code postgres_prepare(struct db *db, const char *sql, int params_n,
                              struct db_statement **ret, struct rc_error *err) {
    struct statement *st = mem_zalloc(sizeof *st);
    size_t n = params_n > 0 ? (size_t)params_n : 1;
    (void)db, (void)err; /* what is wrong with it shows at the first step */
    st->sql = mem_str(sql);
    st->doing = postgres_doing_of(sql);
    st->types = mem_zalloc(n * sizeof *st->types);
    st->ptrs = mem_zalloc(n * sizeof *st->ptrs);
    st->lengths = mem_zalloc(n * sizeof *st->lengths);
    st->formats = mem_zalloc(n * sizeof *st->formats);
    st->ints = mem_zalloc(n * sizeof *st->ints);
    *ret = &st->base;
    return RC_OK;
}

static void forget_prepared(struct statement *st) {
    struct postgres *pg = (struct postgres *)st->base.db;
    if (st->number != 0 && st->generation == pg->generation)
        postgres_drop(pg, st->number);
    st->number = 0;
}

void postgres_statement_close(struct db_statement *base) {
    struct statement *st = (struct statement *)base;
    forget_prepared(st);
    mem_free(st->ints);
    mem_free(st->formats);
    mem_free(st->lengths);
    mem_free(st->ptrs);
    mem_free(st->types);
    mem_free(st->sql);
    mem_free(st);
}

static Oid oid_of(char type) {
    switch (type) {
    case 'i': return POSTGRES_INT8;
    case 't': return POSTGRES_TEXT;
    case 'b': return POSTGRES_BYTEA;
    default: return 0;
    }
}

static void take_values(struct statement *st) {
    for (int i = 0; i < st->base.values_n; i++) {
        const struct db_value *v = &st->base.values[i];
        Oid type = oid_of(v->type);
        if (type != 0 && type != st->types[i]) {
            st->types[i] = type;
            forget_prepared(st);
        }
        if (v->type == 'i')
            postgres_put(st->ints[i], (uint64_t)v->i, 8);
        st->ptrs[i] = v->type == 'i' ? (const char *)st->ints[i] : v->type == 0 ? NULL : v->ptr;
        st->lengths[i] = v->type == 'i' ? 8 : (int)v->len;
        st->formats[i] = 1;
    }
}

static enum rc_code prepare_now(struct statement *st, struct rc_error *err) {
    struct postgres *pg = (struct postgres *)st->base.db;
    char name[24];
    snprintf(name, sizeof name, "rc%d", ++pg->names_n);
    PGresult *res = PQprepare(pg->conn, name, st->sql, st->base.values_n, st->types);
    enum rc_code code = RC_OK;
    if (PQresultStatus(res) == PGRES_COMMAND_OK) {
        st->number = pg->names_n;
        st->generation = pg->generation;
    } else {
        code = postgres_fail(pg, res, POSTGRES_READS, err);
    }
    PQclear(res);
    return code;
}

/* A column of another type would be read as garbage, so it is refused before anybody reads it. */
static enum rc_code check_columns(struct statement *st, struct rc_error *err) {
    st->has_numeric = false;
    for (int i = 0; i < PQnfields(st->res); i++) {
        switch (PQftype(st->res, i)) {
        case 16: /* bool, int8, int2, int4 */
        case POSTGRES_INT8:
        case 21:
        case 23: break;
        case POSTGRES_BYTEA:
        case POSTGRES_TEXT: /* text, name, unknown, bpchar, varchar */
        case 19:
        case 705:
        case 1042:
        case 1043: break;
        case 1700: st->has_numeric = true; break; /* the sum of bigints */
        default:
            return rc_fail(err, RC_FATAL,
                           "column %s is of a type (%u) that SQLite does not share: cast it",
                           PQfname(st->res, i), PQftype(st->res, i));
        }
    }
    return RC_OK;
}

static enum rc_code execute(struct statement *st, struct rc_error *err) {
    struct postgres *pg = (struct postgres *)st->base.db;
    int n = st->base.values_n;
    char name[24];
    enum rc_code code = postgres_ready(pg, err);
    if (st->number != 0 && st->generation != pg->generation)
        st->number = 0;
    if (code == RC_OK && st->number == 0 && st->runs_n > 0)
        code = prepare_now(st, err);
    if (code != RC_OK)
        return code;
    snprintf(name, sizeof name, "rc%d", st->number);
    st->runs_n = 1;
    st->row = -1;
    st->res =
        st->number != 0
            ? PQexecPrepared(pg->conn, name, n, st->ptrs, st->lengths, st->formats, 1)
            : PQexecParams(pg->conn, st->sql, n, st->types, st->ptrs, st->lengths, st->formats, 1);
    ExecStatusType status = PQresultStatus(st->res);
    if (status == PGRES_TUPLES_OK)
        return check_columns(st, err);
    return status == PGRES_COMMAND_OK ? RC_OK : postgres_fail(pg, st->res, st->doing, err);
}

static uint64_t get(const char *from, size_t bytes) {
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | (unsigned char)from[i];
    return v;
}

/* numeric in binary: how many digits to base 10000, the power of the first, sign, scale, the
 * digits. False when it is no whole number of 64 bits. Summed below zero, where there is room for
 * one more. */
static bool numeric_to_int(const char *p, size_t len, int64_t *ret) {
    size_t digits_n = len >= 8 ? (size_t)get(p, 2) : 0;
    int weight = (int16_t)(len >= 8 ? get(p + 2, 2) : 0);
    uint64_t sign = len >= 8 ? get(p + 4, 2) : 0xC000;
    int64_t v = 0;
    if ((sign != 0 && sign != 0x4000) || len != 8 + 2 * digits_n)
        return false;
    for (int i = 0; i <= weight || i < (int)digits_n; i++) {
        int64_t digit = i < (int)digits_n ? (int64_t)get(p + 8 + 2 * i, 2) : 0;
        if (i > weight && digit != 0)
            return false;
        if (i <= weight &&
            (__builtin_mul_overflow(v, 10000, &v) || __builtin_sub_overflow(v, digit, &v)))
            return false;
    }
    if (sign == 0 && v == INT64_MIN)
        return false;
    *ret = sign == 0 ? -v : v;
    return true;
}

static enum rc_code check_numerics(const struct statement *st, struct rc_error *err) {
    int64_t v;
    for (int i = 0; i < PQnfields(st->res); i++)
        if (PQftype(st->res, i) == 1700 && !PQgetisnull(st->res, st->row, i) &&
            !numeric_to_int(PQgetvalue(st->res, st->row, i),
                            (size_t)PQgetlength(st->res, st->row, i), &v))
            return rc_fail(err, RC_FATAL, "column %s is no whole number of 64 bits",
                           PQfname(st->res, i));
    return RC_OK;
}

enum rc_code postgres_step(struct db_statement *base, bool *ret_row, struct rc_error *err) {
    struct statement *st = (struct statement *)base;
    enum rc_code code = RC_OK;
    if (st->res == NULL) {
        take_values(st);
        code = execute(st, err);
    }
    if (code != RC_OK)
        return code;
    st->row++;
    *ret_row = st->row < PQntuples(st->res);
    return *ret_row && st->has_numeric ? check_numerics(st, err) : RC_OK;
}

int64_t postgres_changed(const struct db_statement *base) {
    const struct statement *st = (const struct statement *)base;
    if (strncmp(PQcmdStatus(st->res), "SELECT", 6) == 0) /* counts what it found */
        return 0;
    return strtoll(PQcmdTuples(st->res), NULL, 10);
}

void postgres_reset(struct db_statement *base) {
    struct statement *st = (struct statement *)base;
    PQclear(st->res);
    st->res = NULL;
}

void postgres_column(const struct db_statement *base, int n, struct db_value *ret) {
    const struct statement *st = (const struct statement *)base;
    if (n < 0 || n >= PQnfields(st->res))
        rc_die("db: column %d of %d is read", n, PQnfields(st->res));
    const char *p = PQgetvalue(st->res, st->row, n);
    size_t len = (size_t)PQgetlength(st->res, st->row, n);
    *ret = (struct db_value){ .type = 'i' };
    if (PQgetisnull(st->res, st->row, n)) {
        ret->type = 0;
        return;
    }
    switch (PQftype(st->res, n)) {
    case 16: ret->i = (int64_t)get(p, 1); break;
    case 21: ret->i = (int16_t)get(p, 2); break;
    case 23: ret->i = (int32_t)get(p, 4); break;
    case POSTGRES_INT8: ret->i = (int64_t)get(p, 8); break;
    case 1700: (void)numeric_to_int(p, len, &ret->i); break; /* checked at the step */
    case POSTGRES_BYTEA: *ret = (struct db_value){ .type = 'b', .ptr = p, .len = len }; break;
    default: *ret = (struct db_value){ .type = 't', .ptr = p, .len = len };
    }
}
