#include "sync/calendar.h"

#include <stdlib.h>
#include "sync/deciding.h"

static int by_day(const void *a, const void *b) {
    const struct account_row *r = a, *s = b;
    if (r->due_on != s->due_on)
        return r->due_on < s->due_on ? -1 : 1;
    return r->account_id < s->account_id ? -1 : r->account_id > s->account_id;
}

/* On the row, what is done and when; DATE_NONE: nothing, or they are nobody's any more. */
static enum rc_code look_at(struct deciding *d, struct account_row *row, date_days until,
                            struct arena *scratch, struct arena *a, struct rc_error *err) {
    struct deciding_answer *answer = ARENA_NEW(scratch, struct deciding_answer, 1);
    enum rc_code rc = deciding_ask_ahead(d, row, until, scratch, answer, &row->due_on, err);
    if (rc == RC_NOT_FOUND)
        row->due_on = DATE_NONE;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    row->verb = text_of(decide_verb_name(answer->decision.verb));
    row->code = text_of(answer->decision.code);
    row->sentence = text_copy(a, answer->decision.sentence);
    return RC_OK;
}

/* Whom something has changed for since they were decided about: an invitation that was asked for, a setting. */
static enum rc_code add_changed(struct deciding *d, date_days until, struct arena *scratch,
                                struct arena *a, struct account_row **rows, size_t *n,
                                struct rc_error *err) {
    enum { AT_ONCE = 500 };
    int64_t c = d->company->company_id, to = d->platform->destination_id, after = 0;
    struct account_row *page, row;
    size_t page_n, cap = *n;
    enum rc_code rc;
    do {
        arena_reset(scratch);
        rc = account_candidates(d->st, c, to, d->today, false, after, AT_ONCE, scratch, &page,
                                &page_n, err);
        for (size_t i = 0; i < page_n && rc == RC_OK; i++) {
            after = page[i].account_id;
            if (!page[i].dirty || (page[i].due_on != DATE_NONE && page[i].due_on <= until))
                continue; /* the others are known to be due */
            if ((rc = look_at(d, &page[i], until, scratch, a, err)) != RC_OK ||
                page[i].due_on == DATE_NONE)
                continue;
            if ((rc = account_get(d->st, c, to, after, a, &row, err)) != RC_OK) {
                rc = rc == RC_NOT_FOUND ? RC_OK : rc;
                continue;
            }
            row.due_on = page[i].due_on;
            row.verb = page[i].verb;
            row.code = page[i].code;
            row.sentence = page[i].sentence;
            if (*n == cap) {
                struct account_row *more = ARENA_NEW(a, struct account_row, cap = 2 * cap + 16);
                for (size_t k = 0; k < *n; k++)
                    more[k] = (*rows)[k];
                *rows = more;
            }
            (*rows)[(*n)++] = row;
        }
    } while (rc == RC_OK && page_n == AT_ONCE);
    return rc;
}

enum rc_code calendar(struct store *st, const struct company *company, const struct platform *p,
                      int64_t now_us, int days_ahead, size_t most, struct arena *a,
                      struct account_row **ret, size_t *ret_n, struct rc_error *err) {
    struct deciding d = { 0 };
    struct arena scratch;
    size_t n = 0, kept = 0;
    enum rc_code rc = deciding_open(&d, st, company, p, now_us, err);
    date_days until = d.today + (date_days)days_ahead;
    arena_init(&scratch);
    if (rc == RC_OK) /* a step is never before the day on which another decision is made */
        rc = account_calendar(st, company->company_id, p->destination_id, until, most, a, ret, &n,
                              err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        arena_reset(&scratch);
        rc = look_at(&d, &(*ret)[i], until, &scratch, a, err);
        if (rc == RC_OK && (*ret)[i].due_on != DATE_NONE)
            (*ret)[kept++] = (*ret)[i];
    }
    if (rc == RC_OK)
        rc = add_changed(&d, until, &scratch, a, ret, &kept, err);
    if (rc == RC_OK && kept > 0)
        qsort(*ret, kept, sizeof **ret, by_day);
    *ret_n = kept < most ? kept : most;
    deciding_close(&d);
    arena_done(&scratch);
    return rc;
}
