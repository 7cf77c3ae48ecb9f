/* csv_p.h - records out of a stream of bytes, one at a time, in little memory.
 *
 * Shape:  RFC 4180 with what is met in practice: any delimiter, LF, CRLF or CR, a byte order mark, a last line without an end. Quotes
 *         inside a cell that does not begin with one are taken as they are. Text behind a closing quote makes the record odd: nobody
 *         knows where its cells end. Blank lines are no records.
 * Memory: a record's cells are borrowed until the next csv_next(). A record is at most CSV_RECORD_BYTES long.
 * Errors: RC_INVALID "csv.quote" (never closed), "csv.too-long", "csv.encoding" (UTF-16); what read() returned.
 * Source: RFC 4180, section 2. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/error.h"

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
    enum rc_code (*read)(void *self, char *to, size_t most, size_t *ret_n, struct rc_error *err); /* 0 bytes: the end */
    void *self;
    char delimiter; /* 0: found out from the first record */
    char *window;
    size_t begin, end; /* what is read and not used */
    bool ended, begun;
    uint64_t number;
    struct csv_cell *cells;
};
void csv_reader_init(struct csv_reader *r, char delimiter,
                     enum rc_code (*read)(void *, char *, size_t, size_t *, struct rc_error *), void *self);
void csv_reader_done(struct csv_reader *r);
enum rc_code csv_next(struct csv_reader *r, struct csv_record *ret, struct rc_error *err);
