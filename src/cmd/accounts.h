/* accounts.h - an account opened for showing: shared by accounts.c and calendar.c. */
#pragma once
#include "cmd/destination.h"

struct cmd_account {
    struct text person; /* the id in HR; missing: nobody's */
    struct text name, email;
};
enum rc_code cmd_account_about(struct cmd *c, const struct company *co, struct json_reader *r,
                               const struct account_row *row, struct arena *a,
                               struct cmd_account *ret);
void cmd_account_json(struct json_writer *w, const struct account_row *row,
                      const struct cmd_account *about);
/* Exactly one, by the id in HR or the address. */
enum rc_code cmd_person_of(struct cmd *c, const struct company *co, const char *what,
                           struct person *ret);
