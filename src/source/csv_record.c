#include "source/csv_p.h"

#include <string.h>

#include "base/arena.h"

enum { WINDOW_BYTES = CSV_RECORD_BYTES + 65536 };

void csv_reader_init(struct csv_reader *r, char delimiter,
                     enum rc_code (*read)(void *, char *, size_t, size_t *, struct rc_error *),
                     void *self) {
    *r = (struct csv_reader){ .read = read, .self = self, .delimiter = delimiter };
    r->window = mem_alloc(WINDOW_BYTES);
    r->cells = mem_alloc(CSV_CELLS_MOST * sizeof *r->cells);
}

void csv_reader_done(struct csv_reader *r) {
    mem_free(r->window);
    mem_free(r->cells);
    *r = (struct csv_reader){ 0 };
}

/* Moves what is not used to the front and reads more behind it. */
static enum rc_code fill(struct csv_reader *r, struct rc_error *err) {
    size_t n = 0;
    if (r->begin > 0) {
        memmove(r->window, r->window + r->begin, r->end - r->begin);
        r->end -= r->begin;
        r->begin = 0;
    }
    if (r->end >= CSV_RECORD_BYTES)
        return rc_fail_as(err, RC_INVALID, "csv.too-long",
                          "row %llu is longer than %d bytes: is a quote missing?",
                          (unsigned long long)r->number + 1, CSV_RECORD_BYTES);
    enum rc_code rc = r->read(r->self, r->window + r->end, WINDOW_BYTES - r->end, &n, err);
    if (rc != RC_OK)
        return rc;
    r->end += n;
    r->ended = n == 0;
    return RC_OK;
}

/* ---- the first bytes ---- */

/* The candidate that the first line has most of, outside quotes. */
static char delimiter_of(const char *p, const char *end) {
    static const char candidates[] = { ',', ';', '\t', '|' };
    size_t counts[sizeof candidates] = { 0 }, best = 0;
    bool quoted = false;
    for (; p < end && (quoted || (*p != '\n' && *p != '\r')); p++) {
        if (*p == '"')
            quoted = !quoted;
        for (size_t i = 0; i < sizeof candidates; i++)
            counts[i] += !quoted && *p == candidates[i];
    }
    for (size_t i = 1; i < sizeof candidates; i++)
        if (counts[i] > counts[best])
            best = i;
    return candidates[best];
}

static enum rc_code begin(struct csv_reader *r, struct rc_error *err) {
    r->begun = true;
    while (!r->ended && r->end < 65536) {
        enum rc_code rc = fill(r, err);
        if (rc != RC_OK)
            return rc;
    }
    const char *w = r->window;
    if (r->end >= 2 && (memcmp(w, "\xff\xfe", 2) == 0 || memcmp(w, "\xfe\xff", 2) == 0))
        return rc_fail_as(err, RC_INVALID, "csv.encoding",
                          "the file is UTF-16: save it as UTF-8, or as latin-1 and say so");
    if (r->end >= 3 && memcmp(w, "\xef\xbb\xbf", 3) == 0)
        r->begin = 3;
    if (r->delimiter == '\0')
        r->delimiter = delimiter_of(w + r->begin, w + r->end);
    return RC_OK;
}

/* ---- one record ---- */

enum cell_state {
    CELL_START,
    CELL_PLAIN,
    CELL_QUOTED,
    CELL_QUOTE /* the last byte was a quote within quotes */
};
enum scan_end { SCAN_DONE, SCAN_MORE, SCAN_UNCLOSED, SCAN_WIDE };

struct scan {
    size_t cells_n, next;
    enum cell_state state;
    bool odd;
};

static bool cell_add(struct csv_reader *r, struct scan *s, size_t from, size_t to) {
    if (s->cells_n == CSV_CELLS_MOST)
        return false;
    r->cells[s->cells_n++] = (struct csv_cell){ r->window + from, to - from };
    s->state = CELL_START;
    return true;
}

/* From r->begin to the end of the record; cells come as they stand, quotes included. Nothing is
 * changed, because a record that does not end within the window is scanned again when there is
 * more. */
static enum scan_end scan(struct csv_reader *r, struct scan *s) {
    const char *w = r->window;
    size_t from = r->begin, i = r->begin;
    *s = (struct scan){ 0 };
    for (; i < r->end; i++) {
        char c = w[i];
        if (s->state == CELL_QUOTED) {
            if (c == '"')
                s->state = CELL_QUOTE;
        } else if (c == r->delimiter) {
            if (!cell_add(r, s, from, i))
                return SCAN_WIDE;
            from = i + 1;
        } else if (c == '\n' || c == '\r') {
            if (c == '\r' && i + 1 == r->end && !r->ended)
                return SCAN_MORE;
            s->next = i + 1 + (c == '\r' && i + 1 < r->end && w[i + 1] == '\n');
            return cell_add(r, s, from, i) ? SCAN_DONE : SCAN_WIDE;
        } else if (c == '"' && s->state != CELL_PLAIN) {
            s->state = CELL_QUOTED; /* the first of a cell, or the second of two in quotes */
        } else {
            s->odd = s->odd || s->state == CELL_QUOTE;
            s->state = CELL_PLAIN;
        }
    }
    if (!r->ended)
        return SCAN_MORE;
    if (s->state == CELL_QUOTED)
        return SCAN_UNCLOSED;
    s->next = r->end;
    if (r->begin == r->end)
        return SCAN_DONE; /* nothing left: no cells */
    return cell_add(r, s, from, i) ? SCAN_DONE : SCAN_WIDE;
}

/* "a ""b""" to a "b", in place. */
static void unquote(struct csv_cell *cell, char *p) {
    char *to = p, *end = p + cell->len - 1;
    for (char *from = p + 1; from < end; from++) {
        *to++ = *from;
        from += *from == '"';
    }
    *cell = (struct csv_cell){ p, (size_t)(to - p) };
}

static enum rc_code scan_failed(const struct csv_reader *r, enum scan_end end,
                                struct rc_error *err) {
    if (end == SCAN_UNCLOSED)
        return rc_fail_as(err, RC_INVALID, "csv.quote",
                          "row %llu begins a quote that is never closed: was the file cut off?",
                          (unsigned long long)r->number + 1);
    return rc_fail_as(err, RC_INVALID, "csv.too-long", "row %llu has more than %d columns",
                      (unsigned long long)r->number + 1, CSV_CELLS_MOST);
}

enum rc_code csv_next(struct csv_reader *r, struct csv_record *ret, struct rc_error *err) {
    struct scan s;
    enum rc_code rc = r->begun ? RC_OK : begin(r, err);
    for (;;) {
        enum scan_end end;
        while (rc == RC_OK && (end = scan(r, &s)) == SCAN_MORE)
            rc = fill(r, err);
        if (rc != RC_OK)
            return rc;
        if (end != SCAN_DONE)
            return scan_failed(r, end, err);
        r->begin = s.next;
        if (s.cells_n != 1 || r->cells[0].len > 0)
            break;
    }
    r->number += s.cells_n > 0;
    for (size_t i = 0; i < s.cells_n && !s.odd; i++)
        if (r->cells[i].len > 1 && r->cells[i].ptr[0] == '"')
            unquote(&r->cells[i], r->window + (r->cells[i].ptr - r->window));
    *ret = (struct csv_record){ r->cells, s.cells_n, r->number, s.odd };
    return RC_OK;
}
