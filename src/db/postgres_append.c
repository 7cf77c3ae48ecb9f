/* Appending rows on PostgreSQL: COPY in its binary format, which begins with a signature of 11
 * bytes, four of flags and four for the length of an extension; each row is its number of fields (2
 * bytes) and for each field its length (4, -1: null) and bytes; -1 for the number of fields ends
 * it. All in network byte order. */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "db/postgres_p.h"

#define FLUSH_BYTES      (1u << 20)
#define BUFFER_BYTES_MAX (64u << 20) /* a row must fit */

struct append {
    struct db_append base;
    struct buf b;
    bool is_ended; /* COPY is over on the server */
};

/* The server answers at once, or when the time for locks is over. A libpq that finds no memory for
 * this answer waits for another one that never comes (seen with 15.18), so that we do not wait with
 * it: NULL or an error, with the connection closed. */
static PGresult *begin_copy(struct postgres *pg, const char *sql) {
    enum { GRACE_MS = 10000, TURN_MS = 1000 };
    if (PQsendQuery(pg->conn, sql) != 1)
        return NULL;
    struct pollfd p = { PQsocket(pg->conn), POLLIN, 0 };
    for (int left_ms = pg->wait_ms + GRACE_MS; PQisBusy(pg->conn); left_ms -= TURN_MS) {
        if (left_ms <= 0)
            shutdown(p.fd, SHUT_RDWR);
        if (poll(&p, 1, TURN_MS) > 0)
            left_ms += TURN_MS; /* something came: it is no silence */
        if (PQconsumeInput(pg->conn) != 1)
            break;
    }
    PGresult *res = PQgetResult(pg->conn), *more;
    while (PQresultStatus(res) != PGRES_COPY_IN && (more = PQgetResult(pg->conn)) != NULL)
        PQclear(more);
    return res;
}

enum rc_code postgres_append_open(struct db *db, const char *table, const char *const *columns,
                                  size_t columns_n, struct db_append **ret, struct rc_error *err) {
    static const char head[19] =
        "PGCOPY\n\377\r\n"; /* and NULs: the end of the signature, no flags, no extension */
    struct postgres *pg = (struct postgres *)db;
    struct buf sql;
    enum rc_code code = RC_OK;
    buf_init(&sql, DB_SQL_BYTES_MAX);
    buf_printf(&sql, "COPY \"%s\" (", table);
    for (size_t i = 0; i < columns_n; i++)
        buf_printf(&sql, "%s\"%s\"", i > 0 ? ", " : "", columns[i]);
    buf_str(&sql, ") FROM STDIN (FORMAT binary)");
    PGresult *res = begin_copy(pg, sql.ptr);
    if (PQresultStatus(res) != PGRES_COPY_IN)
        code = postgres_fail(pg, res, POSTGRES_WRITES, err);
    PQclear(res);
    buf_done(&sql);
    if (code != RC_OK)
        return code;
    struct append *ap = mem_zalloc(sizeof *ap);
    buf_init(&ap->b, BUFFER_BYTES_MAX);
    buf_append(&ap->b, head, sizeof head);
    *ret = &ap->base;
    return RC_OK;
}

static void put(struct buf *b, uint64_t v, size_t bytes) {
    unsigned char be[8];
    postgres_put(be, v, bytes);
    buf_append(b, be, bytes);
}

static enum rc_code flush(struct append *ap, struct rc_error *err) {
    struct postgres *pg = (struct postgres *)ap->base.db;
    int sent = PQputCopyData(pg->conn, ap->b.ptr, (int)ap->b.len);
    buf_clear(&ap->b);
    return sent == 1 ? RC_OK : postgres_fail(pg, NULL, POSTGRES_WRITES, err);
}

enum rc_code postgres_append_row(struct db_append *base, struct rc_error *err) {
    struct append *ap = (struct append *)base;
    put(&ap->b, base->columns_n, 2);
    for (size_t i = 0; i < base->columns_n; i++) {
        const struct db_value *v = &base->values[i];
        if (v->type == 0) {
            put(&ap->b, UINT32_MAX, 4);
        } else if (v->type == 'i') {
            put(&ap->b, 8, 4);
            put(&ap->b, (uint64_t)v->i, 8);
        } else {
            put(&ap->b, v->len, 4);
            buf_append(&ap->b, v->ptr, v->len);
        }
    }
    if (ap->b.full)
        return rc_fail(err, RC_INVALID, "row %lld is larger than %u MB", (long long)base->rows_n,
                       BUFFER_BYTES_MAX >> 20);
    return ap->b.len >= FLUSH_BYTES ? flush(ap, err) : RC_OK;
}

/* Reads what the server has to say about the COPY until it listens again; the first result is the
 * verdict. */
static enum rc_code verdict(struct postgres *pg, struct rc_error *err) {
    PGresult *res = PQgetResult(pg->conn);
    enum rc_code code = RC_OK;
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        code = postgres_fail(pg, res, POSTGRES_WRITES, err);
    while (res != NULL) {
        PQclear(res);
        res = PQgetResult(pg->conn);
    }
    return code;
}

void postgres_append_abandon(struct db_append *base) {
    struct append *ap = (struct append *)base;
    struct postgres *pg = (struct postgres *)base->db;
    if (ap->is_ended)
        return;
    ap->is_ended = true;
    if (PQputCopyEnd(pg->conn, "abandoned") == 1)
        (void)verdict(pg, NULL);
}

enum rc_code postgres_append_close(struct db_append *base, bool abort, struct rc_error *err) {
    struct append *ap = (struct append *)base;
    struct postgres *pg = (struct postgres *)base->db;
    enum rc_code code = RC_OK;
    if (abort) {
        postgres_append_abandon(base);
    } else {
        put(&ap->b, UINT16_MAX, 2);
        code = flush(ap, err);
        if (code == RC_OK && PQputCopyEnd(pg->conn, NULL) != 1)
            code = postgres_fail(pg, NULL, POSTGRES_WRITES, err);
        if (code == RC_OK)
            code = verdict(pg, err);
    }
    buf_done(&ap->b);
    mem_free(ap);
    return code;
}
