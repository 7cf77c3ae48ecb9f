/* sheet.h - rows for a spreadsheet, written so that no spreadsheet runs what a cell says.
 *
 * Format: RFC 4180: commas between cells, CR LF behind rows; a cell with a comma, a quote or a line
 *         end stands in quotes, quotes within doubled. UTF-8, with a byte order mark when asked
 *         (Excel takes a file without one for its own code page).
 *         A spreadsheet runs a cell that begins with = + - @ (or their full-width forms), and reads
 *         past a tab or a line end in front of them. Such a cell gets an apostrophe in front, which
 *         means "text". Where the spreadsheet's language separates cells by semicolons, as German
 *         does, the same could begin behind a semicolon, tab or line end within a cell: there an
 *         apostrophe is put, too.
 * Memory: what is written gathers in the caller's buffer; look at buf.full when done. */
#pragma once
#include "base/buf.h"
#include "base/text.h"

struct sheet {
    struct buf *out;
    bool in_row; /* a cell of this row has been written */
};
void sheet_begin(struct sheet *s, struct buf *out, bool with_mark);
void sheet_cell(struct sheet *s, struct text t); /* empty and missing: an empty cell */
void sheet_cstr(struct sheet *s, const char *t); /* NULL: an empty cell */
void sheet_row_end(struct sheet *s);
