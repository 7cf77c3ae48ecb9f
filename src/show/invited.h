/* invited.h - who waits for an invitation: by name, by team, or all of them; and who they are, to be told.
 *
 * Memory: the list is the caller's to free: show_invited_done(). */
#pragma once
#include "show/account.h"

struct show_invited {
    int64_t *users;
    size_t n, cap;
};
/* names: by the id in HR or the address; names_n 0: whoever waits, of the team with that name or key, NULL:
 * of any. RC_NOT_FOUND "person.unknown", "team.unknown", RC_INVALID "person.several". */
enum rc_code show_invited_find(const struct show *s, const struct company *co,
                               const struct platform *p, const char *const *names, size_t names_n,
                               const char *team, struct show_invited *ret, struct rc_error *err);
void show_invited_done(struct show_invited *v);
