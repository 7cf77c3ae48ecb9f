/* Whether this machine's clock and the platform's agree: while they do not, no date counts. */
#include "sync/delivery_p.h"
#include "sync/plan.h"

enum { CLOCKS_APART_S = 600 }; /* more, and nothing happens by date alone */

/* By the platform's last answer; before there was one, nothing speaks against our clock. */
static int64_t clock_apart_s(const struct delivery *d) {
    if (d->destination == NULL || d->destination->remote_date_us == 0)
        return 0;
    return (d->destination->remote_date_us - d->destination->remote_seen_us) / 1000000;
}

bool delivery_clocks_are_apart(const struct delivery *d) {
    int64_t apart_s = clock_apart_s(d);
    return apart_s > CLOCKS_APART_S || -apart_s > CLOCKS_APART_S;
}

/* Nobody of them is looked at as long as that lasts: whoever looks after the machine is to be told. */
void delivery_note_clock(struct delivery *d, const struct plan *p) {
    d->progress->clock_apart_s = clock_apart_s(d);
    d->progress->waits_for_clock_n = p->waits_for_clock;
}
