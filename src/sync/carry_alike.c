/* When nobody gets an account for one cause, as no seats are left, it is not their values that the
 * platform would not take, although each refusal alone reads so: what was written down of them is taken
 * back when the run ends for it. */
#include <string.h>
#include "sync/carry_p.h"

struct alike {
    struct alike *next;
    int64_t account_id;
};

void alike_note(struct carrying *c, const struct task *t) {
    const struct decision *x = &t->sends;
    struct arena *a = &c->alike_arena;
    if (x->verb != DECIDE_CREATE || !t->values_refused || t->outcome.refused != 0)
        return;
    struct alike *one = ARENA_NEW(a, struct alike, 1);
    *one = (struct alike){ c->alike, t->row.account_id };
    c->alike = one;
}

void alike_forget(struct carrying *c) {
    arena_reset(&c->alike_arena);
    c->alike = NULL;
}

static enum rc_code take_back(struct carrying *c, const struct alike *one, struct arena *a,
                              struct rc_error *err) {
    struct delivery *d = c->d;
    struct account_row row;
    enum rc_code rc = account_get(d->st, d->company->company_id, d->p.destination_id,
                                  one->account_id, a, &row, err);
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    row.is.declined_n = 0;
    return carry_save_row(c, &row, err);
}

enum rc_code alike_take_back(struct carrying *c, struct rc_error *err) {
    bool is_alike =
        c->stop == RC_INVALID && c->why.name != NULL && strcmp(c->why.name, "delivery.alike") == 0;
    struct arena a;
    enum rc_code rc = RC_OK;
    if (is_alike && c->alike != NULL) {
        arena_init(&a);
        rc = delivery_begin(c->d, err);
        for (const struct alike *one = c->alike; one != NULL && rc == RC_OK; one = one->next)
            rc = take_back(c, one, &a, err);
        rc = delivery_ended(c->d, rc, err);
        arena_done(&a);
    }
    alike_forget(c);
    return rc;
}
