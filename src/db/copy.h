/* copy.h - a database of SQLite as one file: copied while others write, and put in another's place.
 *
 * Shape:  a copy is of one moment: what was committed by then, whole. It is one file (no log beside it),
 *         0600, checked, and on the disk when the call returns; before that it has another name, and a
 *         copy that fails leaves nothing behind.
 * Errors: RC_INVALID  "copy.database": the address is one of PostgreSQL, or of no file
 *         RC_NOT_FOUND "copy.missing": there is nothing to be copied
 *         RC_CONFLICT "copy.exists": there is something under the new name
 *                     "copy.in-use": another process has it open
 *         the others as db/db.h, "db.full" and "db.corrupt" above all. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/error.h"

/* A backup is marked as one (application_id), and db_open() refuses it ("db.backup"): who puts an old
 * state in the place of the present one has to say so, and a copy by hand does not. */
enum db_copy_as { DB_COPY_BACKUP = 1, DB_COPY_DATABASE };
enum { DB_BACKUP_MARK = 0x526c4263 }; /* "RlBc" */
/* replaces: what is there already goes in the moment in which the copy is whole; but not the database
 * itself, nor one that has a log beside it, which is one in use. ret_bytes: of the copy. */
enum rc_code db_copy(const char *from, const char *to, enum db_copy_as as, bool replaces,
                     int64_t *ret_bytes, struct rc_error *err);
/* Gives a database that nobody has open another name, which must be free. What its log has is in it
 * then. */
enum rc_code db_set_aside(const char *file, const char *as, struct rc_error *err);
/* Both are files of one folder; `to` must be free. After a power cut it is one or the other. */
enum rc_code db_put_in_place(const char *file, const char *to, struct rc_error *err);
