#include "sync/hints_people.h"

#include "base/map.h"

enum { SAME_SECOND_TRIES = 3 }; /* after 2 + 6 + 18 seconds */
static const int64_t second_us = 1000000;

const char hinted_names[] = " person.created person.updated person.deleted employment.created"
                            " employment.updated employment.deleted employment.started"
                            " employment.terminated ";

int64_t hinted_next_us(const struct hook_waiting *w, int64_t now_us) {
    int64_t pause_s = HINT_FIRST_PAUSE_S;
    for (int64_t i = 0; i < w->tries && pause_s < HINT_LONGEST_S; i++)
        pause_s *= 3;
    int64_t next_us = now_us + pause_s * second_us;
    bool too_late = next_us > w->arrived_us + HINT_LONGEST_S * second_us;
    return too_late ? 0 : next_us;
}

enum rc_code hinted_load(struct store *events, int64_t company_id, int64_t integration_id,
                         int64_t now_us, struct arena *a, struct hinted *ret,
                         struct rc_error *err) {
    struct map seen;
    enum rc_code rc = hook_event_due(events, company_id, integration_id, now_us, a, &ret->events,
                                     &ret->events_n, err);
    if (rc != RC_OK)
        return rc;
    ret->whose = ARENA_NEW(a, size_t, ret->events_n + 1);
    ret->people = ARENA_NEW(a, struct few_person, ret->events_n + 1);
    ret->people_n = 0;
    map_init(&seen);
    for (size_t i = 0; i < ret->events_n; i++) {
        const struct hook_waiting *w = &ret->events[i];
        struct few_person *p = map_find(&seen, w->source_id.ptr, w->source_id.len);
        if (p == NULL) {
            p = &ret->people[ret->people_n++];
            *p = (struct few_person){ .source_id = w->source_id };
            map_set(&seen, w->source_id.ptr, w->source_id.len, p);
        }
        ret->whose[i] = (size_t)(p - ret->people);
        if (w->occurred_us > p->told_us)
            p->told_us = w->occurred_us;
    }
    map_done(&seen);
    if (ret->people_n <= FEW_MOST)
        return RC_OK;
    ret->people_n = ret->events_n = 0;
    return hook_event_list(events, company_id, integration_id, now_us, true, hinted_names, NULL,
                           err);
}

/* HR tells whole seconds. Within the same one it may have changed twice, and go on showing the first: a few
 * looks are enough then. */
static bool is_shown(const struct hook_waiting *w, const struct few_person *p) {
    int64_t told = p->told_us / second_us, shown = p->shown_us / second_us;
    if (told == 0 || shown == 0)
        return false;
    return shown > told || (shown == told && w->tries >= SAME_SECOND_TRIES);
}

/* It says itself that what it shows is from before. */
static bool is_old(const struct few_person *p) {
    return p->shown_us != 0 && p->shown_us / second_us < p->told_us / second_us;
}

/* p->told_us is that of the newest hint: shown for that one, shown for all. */
static enum hook_end end_of(const struct hook_waiting *w, const struct few_person *p,
                            int64_t now_us, int64_t *ret_wanted) {
    bool had_changed = w->run_id != 0;
    *ret_wanted = 0;
    if (p->end == FEW_LISTING)
        return HOOK_LIST;
    if (is_shown(w, p) || (p->end == FEW_SAME && had_changed && !is_old(p)))
        return HOOK_DONE;
    *ret_wanted = hinted_next_us(w, now_us);
    return *ret_wanted != 0 ? HOOK_AGAIN : HOOK_DONE;
}

enum rc_code hinted_settle(struct store *events, int64_t company_id, int64_t integration_id,
                           const struct hinted *h, int64_t run_id, int64_t now_us,
                           struct rc_error *err) {
    enum rc_code rc = db_begin(events->db, err);
    if (rc != RC_OK)
        return rc;
    for (size_t i = 0; i < h->events_n && rc == RC_OK; i++) {
        const struct hook_waiting *w = &h->events[i];
        const struct few_person *p = &h->people[h->whose[i]];
        int64_t wanted_us = 0;
        enum hook_end end = end_of(w, p, now_us, &wanted_us);
        rc = hook_event_settle(events, company_id, integration_id, w, end, wanted_us,
                               p->end == FEW_CHANGED ? run_id : w->run_id, err);
    }
    if (rc == RC_OK)
        return db_commit(events->db, err);
    db_rollback(events->db);
    return rc;
}
