/* hints_people.h - the people whom hints name, for one job: whose turn it is, and what became of each
 * hint once they have been looked at.
 *
 * Shape:  HR systems may go on showing the old state after they have told. Whoever shows nothing new is
 *         looked at again, HINT_FIRST_PAUSE_S later, then after three times as long each time, for
 *         HINT_LONGEST_S since the hint came; then it is left to the next listing. Whoever showed
 *         something new without saying how new is looked at once more, too: two changes may have been
 *         told, and one shown. Where HR says when it changed somebody last, that decides (within the same second:
 *         at the fourth look).
 * Memory: in the arena.
 * Errors: of the database. */
#pragma once
#include "store/hook_event.h"
#include "sync/few.h"

enum { HINT_FIRST_PAUSE_S = 2, HINT_LONGEST_S = 600 };

struct hinted {
    struct hook_waiting *events;
    size_t *whose; /* beside them: which of the people */
    size_t events_n;
    struct few_person *people;
    size_t people_n;
};
/* Names of events, with blanks between and around, that say that one person may have changed. */
extern const char hinted_names[];

/* More than FEW_MOST people: all their hints are left to a listing, and nobody is returned. */
enum rc_code hinted_load(struct store *events, int64_t company_id, int64_t integration_id,
                         int64_t now_us, struct arena *a, struct hinted *ret, struct rc_error *err);
enum rc_code hinted_settle(struct store *events, int64_t company_id, int64_t integration_id,
                           const struct hinted *h, int64_t run_id, int64_t now_us,
                           struct rc_error *err);
/* When a hint that was looked at so often in vain is to be looked at again; 0: no more. */
int64_t hinted_next_us(const struct hook_waiting *w, int64_t now_us);
