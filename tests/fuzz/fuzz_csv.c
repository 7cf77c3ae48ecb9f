/* Records out of bytes that come in pieces: the pieces make no difference, and every cell lies
 * within what was read. The first byte says how large the pieces are and which delimiter is given.
 * */
#include <string.h>
#include "base/arena.h"
#include "base/buf.h"
#include "source/csv_p.h"
#include "tests/fuzz/must.h"

struct pieces {
    const uint8_t *data;
    size_t size, at, piece;
};

static enum rc_code next_piece(void *self, char *to, size_t most, size_t *ret_n,
                               struct rc_error *err) {
    struct pieces *p = self;
    size_t n = p->size - p->at;
    (void)err;
    n = n > p->piece ? p->piece : n;
    n = n > most ? most : n;
    if (n > 0)
        memcpy(to, p->data + p->at, n);
    p->at += n;
    *ret_n = n;
    return RC_OK;
}

/* All records as one line of text, and how it ended. */
static enum rc_code read_all(const uint8_t *data, size_t size, size_t piece, char delimiter,
                             struct buf *ret) {
    struct pieces p = { data, size, 0, piece };
    struct csv_reader r;
    struct csv_record record;
    struct rc_error err = { 0 };
    enum rc_code rc;
    uint64_t number = 0;
    csv_reader_init(&r, delimiter, next_piece, &p);
    while ((rc = csv_next(&r, &record, &err)) == RC_OK && record.cells_n > 0) {
        MUST(record.number == ++number && record.cells_n <= CSV_CELLS_MOST);
        for (size_t i = 0; i < record.cells_n; i++) {
            MUST(record.cells[i].ptr >= r.window &&
                 record.cells[i].len <= CSV_RECORD_BYTES + 65536);
            buf_append(ret, record.cells[i].ptr, record.cells[i].len);
            buf_char(ret, '\x1f');
        }
        buf_char(ret, record.odd ? '!' : '\x1e');
    }
    MUST(rc == RC_OK || (rc == RC_INVALID && err.text[0] != '\0'));
    csv_reader_done(&r);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char delimiters[] = { '\0', ',', ';', '\t' };
    struct buf whole, pieces;
    if (size == 0)
        return 0;
    char delimiter = delimiters[data[0] & 3];
    size_t piece = 1 + (data[0] >> 2);
    buf_init(&whole, (size_t)8 << 20);
    buf_init(&pieces, (size_t)8 << 20);
    enum rc_code rc = read_all(data + 1, size - 1, SIZE_MAX, delimiter, &whole);
    MUST(read_all(data + 1, size - 1, piece, delimiter, &pieces) == rc);
    MUST(whole.len == pieces.len &&
         (whole.len == 0 || memcmp(whole.ptr, pieces.ptr, whole.len) == 0));
    buf_done(&whole);
    buf_done(&pieces);
    return 0;
}
