/* HR's side, the platform's by hand, and the order of it all. */
#include "tests/sync/life.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "tests/sync/life_p.h"

#define PICK HISTORY_PICK

const char *const life_ids[] = { "1", "2", "3", "4", "5", "6", "7" };
static const char *const addresses[] = { "p2@x.org",  "p3@x.org", "p4@x.org", "p5@x.org",
                                         "new@x.org", "bad",      "" };

void life_broken(struct life *l, const char *promise, const char *fmt, ...) {
    va_list args;
    if (l->wrong != NULL)
        return;
    l->wrong = promise;
    va_start(args, fmt);
    vsnprintf(l->how, sizeof l->how, fmt, args);
    va_end(args);
}

/* ---- HR ---- */

const char *life_states(struct life *l, int n, const char *key) {
    struct world *w = l->d->w;
    size_t len = strlen(key);
    for (size_t i = 0; i < w->hr.people_n; i++) {
        if (strcmp(w->people[i].id, life_ids[n - 1]) != 0)
            continue;
        for (const char *const *v = w->people[i].values; *v != NULL; v++)
            if (strncmp(*v, key, len) == 0 && (*v)[len] == '=')
                return *v + len + 1;
    }
    return "";
}

const char *life_day(struct life *l, int from_today) {
    struct arena *a = &l->d->w->bed->a;
    char s[DATE_TEXT_BYTES];
    date_format((date_days)(clock_now_us(&l->d->w->clock) / DAY_US) + from_today, s);
    return arena_str(a, s, strlen(s));
}

bool life_has_left(struct life *l, int n) {
    const struct life_read *s = &l->read[n];
    return s->is_listed &&
           (s->is_inactive || (s->end[0] != '\0' && strcmp(s->end, life_day(l, 0)) < 0));
}

bool life_works(struct life *l, int n) {
    const struct life_read *s = &l->read[n];
    return s->is_listed && !s->is_inactive &&
           (s->end[0] == '\0' || strcmp(s->end, life_day(l, 1)) > 0);
}

static void take_down(struct life *l) {
    for (int n = 1; n <= LIFE_PEOPLE; n++) {
        struct life_read *s = &l->read[n];
        const char *end = life_states(l, n, "termination_date");
        s->is_listed = l->in_hr[n];
        s->is_inactive = strcmp(life_states(l, n, "status"), "inactive") == 0;
        snprintf(s->email, sizeof s->email, "%s", life_states(l, n, "email"));
        /* one before the start is of an earlier time */
        snprintf(s->end, sizeof s->end, "%s",
                 strcmp(end, life_states(l, n, "hire_date")) < 0 ? "" : end);
    }
}

void life_import(struct life *l) {
    struct run r = world_import(l->d->w);
    take_down(l);
    if (r.state == RUN_HELD)
        world_approve(l->d->w, r.run_id);
    LIFE_TELL(l, "    import %lld: %s\n", (long long)r.run_id, run_state_name(r.state));
}

/* ... or is there again. */
static void join(struct life *l, const struct history_op *op, int n) {
    static const int days[] = { -30, -2, 0, 1, 5, 12 };
    struct world *w = l->d->w;
    world_add(w, life_ids[n - 1]);
    if (op->value % 3 == 0)
        world_put(w, life_ids[n - 1],
                  arena_printf(&w->bed->a, "hire_date=%s", life_day(l, PICK(days, op->what))));
    l->in_hr[n] = true;
}

static void in_hr(struct life *l, const struct history_op *op, int n) {
    static const char *const pairs[] = { "first_name=Ana",   "last_name=Meyer", "job_title=Cook",
                                         "job_title=Baker",  "job_title=",      "department=Dock#9",
                                         "department=Hall#8" };
    static const char *const statuses[] = { "active", "inactive", "inactive", "leave",
                                            "onboarding" };
    static const int days[] = { -30, -2, 0, 1, 5, 12 };
    struct world *w = l->d->w;
    struct arena *a = &w->bed->a;
    const char *id = life_ids[n - 1];
    const char *pair = "last_name=Meyer";
    switch (op->kind) {
    case LIFE_FIELD: pair = PICK(pairs, op->value); break;
    case LIFE_EMAIL:
        pair = op->value % 3 == 0 ? arena_printf(a, "email=P%s@x.org", id)
                                  : arena_printf(a, "email=%s", PICK(addresses, op->what));
        break;
    case LIFE_STATUS: pair = arena_printf(a, "status=%s", PICK(statuses, op->value)); break;
    case LIFE_END_DATE:
        pair = op->value % 3 == 0
                   ? "termination_date="
                   : arena_printf(a, "termination_date=%s", life_day(l, PICK(days, op->what)));
        break;
    case LIFE_DROPPED:
        if (n == 1 || w->hr.people_n < 4) /* else it looks like another account */
            break;
        world_drop(w, id);
        l->in_hr[n] = false;
        return;
    case LIFE_MANAGER:
        if (n != 1)
            pair = arena_printf(a, "supervisor=%s", PICK(life_ids, op->value));
        break;
    default: return;
    }
    world_put(w, id, pair);
}

/* ---- the platform ---- */

struct memory_platform_account *life_account(struct life *l, size_t i) {
    return &l->d->there.accounts[i];
}

size_t life_index(struct life *l, struct text remote_id) {
    for (size_t i = 0; i < l->d->there.accounts_n; i++)
        if (text_equal(life_account(l, i)->is.remote_id, remote_id))
            return i;
    return LIFE_ACCOUNTS;
}

int life_person(struct text external_id) {
    static const char ours[] = "rc:hr:";
    size_t len = sizeof ours - 1;
    return external_id.state == TEXT_SET && external_id.len == len + 1 &&
                   memcmp(external_id.ptr, ours, len) == 0
               ? external_id.ptr[len] - '0'
               : 0;
}

static struct text kept(struct life *l, const char *s) {
    struct arena *a = &l->d->there.arena;
    return text_of(arena_str(a, s, strlen(s)));
}

static bool is_taken(struct life *l, const char *email) {
    for (size_t i = 0; i < l->d->there.accounts_n; i++) {
        struct text has = life_account(l, i)->is.fields[USER_EMAIL].known;
        if (life_account(l, i)->exists && has.state == TEXT_SET && has.len == strlen(email) &&
            strncasecmp(has.ptr, email, has.len) == 0)
            return true;
    }
    return false;
}

/* Somebody whom HR does not know, or one of its people who had an account before. */
static void put_stranger(struct life *l, const struct history_op *op, int n) {
    struct arena *a = &l->d->w->bed->a;
    struct memory_platform *m = &l->d->there;
    bool alike = op->value % 2 == 0;
    const char *id = life_ids[n - 1], *email = op->value % 5 == 0
                                                   ? PICK(addresses, op->what)
                                                   : arena_printf(a, "p%s@x.org", id);
    if (*email == '\0' || is_taken(l, email) || m->accounts_n + LIFE_PEOPLE >= LIFE_ACCOUNTS)
        return;
    l->there[m->accounts_n] = (struct life_account){ .alike = alike ? n : 0 };
    memory_platform_put(m,
                        (const char *const[]){
                            alike ? arena_printf(a, "first_name=First%s", id) : "first_name=Gus",
                            alike ? arena_printf(a, "last_name=Last%s", id) : "last_name=Guest",
                            arena_printf(a, "email=%s", email), "mail=sent",
                            op->value % 7 == 0 ? "external_id=other:9" : "job_title=There", NULL });
    l->there_n = m->accounts_n;
}

/* Our id is taken away, and somebody else gets it. */
static void give_to_guest(struct life *l, size_t i) {
    static const enum user_field names[] = { USER_FIRST_NAME, USER_LAST_NAME };
    struct account *is = &life_account(l, i)->is;
    struct life_account *t = &l->there[i];
    const char *email = arena_printf(&l->d->w->bed->a, "guest%.*s@x.org", TEXT_ARG(is->remote_id));
    if (is_taken(l, email) || t->guest || life_person(is->external_id) != t->holder)
        return;
    is->external_id = TEXT_NONE;
    is->fields[USER_EMAIL].known = kept(l, email);
    for (size_t f = 0; f < RC_LEN(names); f++)
        is->fields[names[f]].known = TEXT_LIT("Guest");
    l->words
        [t->holder]++; /* whose it was may get another one, should what is known of it here go */
    *t = (struct life_account){ .ignored = t->ignored, .apart = t->apart, .guest = true };
}

static void on_platform(struct life *l, const struct history_op *op) {
    static const enum account_status becomes[] = { ACCOUNT_ACTIVE, ACCOUNT_DEACTIVATED,
                                                   ACCOUNT_DEACTIVATED };
    size_t i = 1 + op->what % 11; /* the owner stays as he is */
    if (i >= l->there_n || !life_account(l, i)->exists)
        return;
    struct account *is = &life_account(l, i)->is;
    const char *email = arena_printf(&l->d->w->bed->a, "hand%u@x.org", op->value % 3u);
    switch (op->kind) {
    case LIFE_THERE_EMAIL:
        if (!l->unsettled && !is_taken(l, email))
            is->fields[USER_EMAIL].known = kept(l, email);
        break;
    case LIFE_THERE_ID:
        if (!l->unsettled)
            is->external_id = TEXT_NONE;
        break;
    case LIFE_THERE_STATUS: is->status = PICK(becomes, op->value); break;
    case LIFE_THERE_DELETED:
        if (l->unsettled || op->value % 3 != 0)
            break;
        life_account(l, i)->exists = false;
        if (l->there[i].loose)
            l->words[l->there[i].holder]++;
        else
            l->deleted[l->there[i].holder] = i;
        break;
    case LIFE_THERE_ROLE: is->role = kept(l, op->value % 3 == 0 ? "admin" : "viewer"); break;
    case LIFE_THERE_TITLE: is->fields[USER_JOB_TITLE].known = kept(l, "By hand"); break;
    case LIFE_THERE_HIDDEN: life_account(l, i)->unlisted = !life_account(l, i)->unlisted; break;
    case LIFE_THERE_GUEST:
        if (!l->unsettled)
            give_to_guest(l, i);
        break;
    default: break;
    }
}

/* ---- all of it ---- */

static void happen(struct life *l, const struct history_op *op) {
    int n = 1 + op->who % LIFE_PEOPLE;
    LIFE_TELL(l, "  %d, person %d, what %d, value %d\n", op->kind, n, op->what, op->value);
    if (op->kind < LIFE_STRANGER)
        l->in_hr[n] ? in_hr(l, op, n) : join(l, op, n);
    else if (op->kind == LIFE_STRANGER)
        put_stranger(l, op, n);
    else if (op->kind < LIFE_ANSWER)
        on_platform(l, op);
    else if (op->kind < LIFE_FAULT)
        life_by_hand(l, op, n);
    else if (op->kind < LIFE_DAYS)
        life_befall(l, op);
    else if (op->kind == LIFE_DAYS)
        delivers_day(l->d, 1 + op->value % 5);
    if (op->kind == LIFE_IMPORT || op->value % 2 == 0)
        life_import(l);
    if (op->kind == LIFE_IMPORT || op->kind == LIFE_DELIVERY || op->value % 3 == 0)
        life_deliver(l, op->value % 4 == 0);
}

static bool goes_on(const struct life *l) {
    return l->wrong == NULL && !l->is_over;
}

/* Calm, until all that depends on a day has come. */
static void end(struct life *l) {
    LIFE_TELL(l, "  the end\n");
    life_calm(l);
    for (size_t i = 0; i < l->there_n; i++)
        life_account(l, i)->unlisted = false;
    for (int i = 0; i < 6 && goes_on(l); i++) {
        delivers_day(l->d, i == 2 ? 40 : 1);
        life_import(l);
        life_deliver(l, true);
    }
    unsigned writes = delivers_writes(l->d);
    if (goes_on(l))
        life_deliver(l, true);
    if (goes_on(l) && delivers_writes(l->d) != writes)
        life_broken(l, "restless", "%.*s",
                    TEXT_ARG(l->d->there.requests[l->d->there.requests_n - 1].text));
    if (goes_on(l))
        life_judge_the_end(l);
}

const char *life_live(const struct history *h, bool tells, char *ret) {
    static struct life l;
    enum { BEGIN = 4 };
    void *state = NULL;
    l = (struct life){ .tells = tells };
    assert_int_equal(delivers_make(&state), 0);
    l.d = state;
    delivers_begin(l.d, BEGIN);
    for (int n = 1; n <= BEGIN; n++)
        l.in_hr[n] = true;
    take_down(&l);
    l.there_n = 1; /* the owner */
    life_judge(&l);
    for (size_t i = 0; i < h->n && goes_on(&l); i++)
        happen(&l, &h->ops[i]);
    if (goes_on(&l))
        end(&l);
    life_forget_copy(&l);
    delivers_remove(&state);
    strcpy(ret, l.how);
    return l.wrong;
}
