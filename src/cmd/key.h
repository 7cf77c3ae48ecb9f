/* key.h - where the installation's key comes from.
 *
 * Shape:  ROLLCALL_KEY_FILE, a file; ROLLCALL_KEY, its digits; a credential "rollcall.key" of systemd's;
 *         else, with SQLite, the database's name with .key behind it. Two of the first that are both
 *         there are an error: which one counts must not depend on who looks.
 * Threads: cmd_key_read() from any. */
#pragma once
#include "cmd/cmd.h"

enum cmd_key_kind { CMD_KEY_FILE = 1, CMD_KEY_CREDENTIAL, CMD_KEY_ENVIRONMENT };
struct cmd_key_source {
    enum cmd_key_kind kind;
    char path[4096]; /* of the first two */
};
enum rc_code cmd_key_source(struct cmd *c, struct cmd_key_source *ret);
/* The key, if it is this database's. What `key rotate` was cut short in is brought to its end. Out of the
 * environment it can be read once. */
enum rc_code cmd_key_read(const struct cmd_key_source *from, struct store *st,
                          struct secret_key **ret, struct rc_error *err);
