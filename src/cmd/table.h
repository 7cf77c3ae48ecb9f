/* table.h - a table for a spreadsheet (base/sheet.h), to a file or to standard output.
 *
 * Shape:  cmd_table_open(), rows of cells, cmd_table_close(). A file is readable for its owner only
 *         and appears under its name when it is whole. Where it is, "" and "-" are standard output.
 * Errors: "output.file". */
#pragma once
#include "base/sheet.h"
#include "cmd/cmd.h"

struct cmd_table {
    struct cmd *c;
    struct sheet sheet;
    struct buf buf;
    FILE *to;
    const char *path, *draft; /* NULL: standard output; no draft: what is there is no file */
    int64_t rows;
};
/* The options that every command with tables has, for its own table of options. */
struct cmd_table_options {
    const char *csv, *mark; /* csv NULL: no table is asked for */
};
#define CMD_TABLE_OPTIONS(o)                                                                       \
    { "csv", "[FILE|-]", "as a table for a spreadsheet, to a file or standard output",             \
      .value = &(o).csv },                                                                         \
    {                                                                                              \
        "bom", NULL, "with a byte order mark in front, which Excel wants", .value = &(o).mark      \
    }
/* False: misused (--json beside it, or --bom without it), and it has been said. */
bool cmd_table_is_well(struct cmd *c, const struct cmd_table_options *o);

enum rc_code cmd_table_open(struct cmd *c, const char *where, bool with_mark,
                            const char *const *heads, struct cmd_table *ret);
void cmd_table_cell(struct cmd_table *t, struct text value);
void cmd_table_cstr(struct cmd_table *t, const char *value);
void cmd_table_row_end(struct cmd_table *t);
/* Ends it well, and says on standard error how many rows a file got. */
enum rc_code cmd_table_close(struct cmd_table *t);
/* Ends it after a failure: no file appears. */
void cmd_table_drop(struct cmd_table *t);
