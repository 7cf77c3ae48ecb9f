/* csv_p.h - csv_record.c: records out of a stream of bytes, one at a time, in little memory;
 * csv_file.c: the file that they come from.
 *
 * Shape:  RFC 4180 with what is met in practice: any delimiter, LF, CRLF or CR, a byte order mark,
 *         a last line without an end. Quotes inside a cell that does not begin with one are taken
 *         as they are. Text behind a closing quote makes the record odd: nobody knows where its
 *         cells end. Blank lines are no records.
 * Memory: a record's cells are borrowed until the next csv_next(). A record is at most
 *         CSV_RECORD_BYTES long.
 * Errors: RC_INVALID "csv.quote" (never closed), "csv.too-long", "csv.encoding" (UTF-16); what
 *         read() returned.
 * Source: RFC 4180, section 2. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"

enum { CSV_RECORD_BYTES = 1 << 20, CSV_CELLS_MOST = 1000 };

struct csv_cell {
    const char *ptr;
    size_t len;
};
struct csv_record {
    struct csv_cell *cells;
    size_t cells_n;  /* 0: no more records */
    uint64_t number; /* from 1, the header included */
    bool odd;
};

struct csv_reader {
    enum rc_code (*read)(void *self, char *to, size_t most, size_t *ret_n,
                         struct rc_error *err); /* 0 bytes: the end */
    void *self;
    char delimiter; /* 0: found out from the first record */
    char *window;
    size_t begin, end; /* what is read and not used */
    bool ended, begun;
    uint64_t number;
    struct csv_cell *cells;
};
void csv_reader_init(struct csv_reader *r, char delimiter,
                     enum rc_code (*read)(void *, char *, size_t, size_t *, struct rc_error *),
                     void *self);
void csv_reader_done(struct csv_reader *r);
enum rc_code csv_next(struct csv_reader *r, struct csv_record *ret, struct rc_error *err);

/* ---- csv_file.c ---- */

/* How a file is written, by the settings. */
struct csv_form {
    char *path;
    char delimiter; /* 0: found out */
    bool latin1, trailer;
    int64_t rows_declared; /* -1: not by the setting */
};
struct csv_file {
    int fd;
    struct stat at_open;
    struct csv_reader reader;
    uint64_t read_bytes;
    size_t columns_n;
    size_t *column; /* owned here, made by csv.c: of each slot; columns_n: the file has none */
    int64_t declared;
    bool trailer_seen;
};

/* Opens, reads the header, and finds the trailer where there must be one. Names of columns, clean,
 * in the arena. RC_RETRY: not there, unreadable or without its trailer. */
enum rc_code csv_file_open(const struct csv_form *c, struct arena *a, struct text **ret_names,
                           struct csv_file **ret, struct rc_error *err);
void csv_file_close(struct csv_file *f);
RC_CLEANUP_FN(struct csv_file, csv_file_close)
/* The next row, its cells borrowed until the next call. RC_OK with cells_n 0: the file is over, and
 * did not change. */
enum rc_code csv_file_next(const struct csv_form *c, struct csv_file *f, struct csv_record *ret,
                           struct rc_error *err);
/* A cell as UTF-8 in the arena, never NULL. */
struct csv_cell csv_cell_keep(const struct csv_form *c, struct arena *a, struct csv_cell cell);
/* n: no column has this name. */
size_t csv_column_find(const struct text *names, size_t n, const char *wanted, bool by_case);
