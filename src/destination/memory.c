#include "destination/memory_p.h"

struct memory_opened {
    struct destination base;
    struct memory_platform *platform;
};
struct memory_lane {
    struct destination_lane base;
    struct memory_platform *platform;
    bool listing;
    enum destination_list what;
    unsigned pass;
    size_t next; /* index into accounts or teams */
};

struct memory_platform *memory_platform_of(struct destination_lane *l) {
    return ((struct memory_lane *)l)->platform;
}

const char *memory_platform_call_name(enum memory_platform_call c) {
    static const char *const names[MEMORY_PLATFORM_CALLS_N] = {
        "any",         "caps",        "check",       "list",       "find",
        "create",      "update",      "deactivate",  "reactivate", "invite",
        "team-create", "team-update", "team-delete", "team-leave"
    };
    return names[c];
}

/* ---- one call: written down, and failed where the script says so ---- */

static const struct memory_platform_fault *fault_of(const struct memory_platform *m,
                                                    enum memory_platform_call call) {
    for (size_t i = 0; i < m->faults_n; i++) {
        const struct memory_platform_fault *f = &m->faults[i];
        bool kind = f->call == MEMORY_PLATFORM_ANY || f->call == call;
        unsigned n = m->calls_n[f->call];
        if (kind && f->code != RC_OK && (f->nth == 0 || f->nth == n))
            return f;
    }
    return NULL;
}

static enum rc_code fail(const struct memory_platform_fault *f, struct rc_error *err) {
    return rc_fail_as(err, f->code, f->name != NULL ? f->name : "memory.fault",
                      "memory: scripted fault");
}

enum rc_code memory_deed_begin(struct memory_deed *d, struct memory_platform *m,
                               enum memory_platform_call call, const char *text,
                               struct rc_error *err) {
    pthread_mutex_lock(&m->lock);
    MEMORY_GROW(m, requests);
    d->m = m;
    d->request = m->requests_n;
    m->requests[m->requests_n++] = (struct memory_platform_request){
        call,
        text_of(arena_printf(&m->arena, "%s%s%s", memory_platform_call_name(call),
                             text[0] != '\0' ? " " : "", text)),
        RC_OK
    };
    m->calls_n[MEMORY_PLATFORM_ANY]++;
    m->calls_n[call]++;
    const struct memory_platform_fault *f = fault_of(m, call);
    d->after = f != NULL && f->after ? f : NULL;
    return f != NULL && !f->after ? fail(f, err) : RC_OK;
}

enum rc_code memory_deed_end(struct memory_deed *d, enum rc_code rc, struct rc_error *err) {
    if (rc == RC_OK && d->after != NULL)
        rc = fail(d->after, err);
    d->m->requests[d->request].code = rc;
    pthread_mutex_unlock(&d->m->lock);
    return rc;
}

/* ---- open, caps, check ---- */

static enum rc_code memory_open(const struct destination_config *config, struct destination **ret,
                                struct rc_error *err) {
    struct memory_opened *d = mem_zalloc(sizeof *d);
    (void)err;
    d->base.ops = config->ops;
    d->base.first_pause_us = 1000000;
    d->platform = (struct memory_platform *)(uintptr_t)config->ops; /* ops is its first member */
    *ret = &d->base;
    return RC_OK;
}

static void memory_close(struct destination *d) {
    mem_free(d);
}

static struct destination_lane *memory_lane_new(struct destination *d) {
    struct memory_lane *l = mem_zalloc(sizeof *l);
    l->base.destination = d;
    l->platform = ((struct memory_opened *)d)->platform;
    return &l->base;
}

static void memory_lane_free(struct destination_lane *l) {
    mem_free(l);
}

static struct text memory_shown_as(enum user_field f, struct text value) {
    (void)f;
    return value;
}

static enum rc_code memory_caps(struct destination_lane *l, struct arena *a,
                                struct policy_caps *ret, struct rc_error *err) {
    struct memory_deed d;
    enum rc_code rc = memory_deed_begin(&d, memory_platform_of(l), MEMORY_PLATFORM_CAPS, "", err);
    (void)a;
    if (rc == RC_OK)
        *ret = d.m->caps;
    if (d.m->clock_apart_s != 0) {
        l->destination->remote_seen_us = 1000000;
        l->destination->remote_date_us = 1000000 * (1 + d.m->clock_apart_s);
    }
    return memory_deed_end(&d, rc, err);
}

static bool is_listed(const struct memory_platform_account *a) {
    return a->exists && !a->unlisted;
}

static int64_t total_of(const struct memory_platform *m, enum destination_list what) {
    int64_t n = 0;
    if (m->total_scripted)
        return m->total;
    for (size_t i = 0; i < m->accounts_n && what == DESTINATION_ACCOUNTS; i++)
        n += is_listed(&m->accounts[i]);
    for (size_t i = 0; i < m->teams_n && what == DESTINATION_TEAMS; i++)
        n += m->teams[i].exists && !m->teams[i].unlisted;
    return n;
}

static enum rc_code memory_check(struct destination_lane *l, const struct text *custom,
                                 size_t custom_n, struct arena *a, struct destination_check *ret,
                                 struct rc_error *err) {
    struct memory_deed d;
    struct destination_check c = { 0 };
    enum rc_code rc = memory_deed_begin(&d, memory_platform_of(l), MEMORY_PLATFORM_CHECK, "", err);
    (void)custom, (void)custom_n;
    if (rc == RC_OK) {
        c.accounts_n = total_of(d.m, DESTINATION_ACCOUNTS);
        destination_find_add(&c, a, FINDING_OK, "accounts", "%lld accounts",
                             (long long)c.accounts_n);
        *ret = c;
    }
    return memory_deed_end(&d, rc, err);
}

/* ---- listing: one pass with everybody ---- */

static enum rc_code memory_list_begin(struct destination_lane *base, enum destination_list what,
                                      struct rc_error *err) {
    struct memory_lane *l = (struct memory_lane *)base;
    (void)err;
    l->listing = true;
    l->what = what;
    l->next = 0;
    return RC_OK;
}

static void list_page(struct memory_lane *l, struct arena *a, struct destination_page *p) {
    struct memory_platform *m = l->platform;
    size_t per_page = m->per_page != 0 ? m->per_page : 2;
    bool accounts = l->what == DESTINATION_ACCOUNTS;
    size_t n = accounts ? m->accounts_n : m->teams_n;
    p->accounts = ARENA_NEW(a, struct account, per_page);
    p->teams = ARENA_NEW(a, struct destination_team, per_page);
    for (; l->next < n && p->accounts_n + p->teams_n < per_page; l->next++) {
        if (accounts && is_listed(&m->accounts[l->next]))
            memory_show(&m->accounts[l->next].is, a, &p->accounts[p->accounts_n++]);
        else if (!accounts && m->teams[l->next].exists && !m->teams[l->next].unlisted)
            memory_show_team(m, &m->teams[l->next].is, a, &p->teams[p->teams_n++]);
    }
    p->declared_total = total_of(m, l->what);
    p->ends = l->next >= n;
    l->listing = !p->ends;
}

static enum rc_code memory_list_next(struct destination_lane *base, struct arena *a,
                                     struct destination_page *ret, struct rc_error *err) {
    struct memory_lane *l = (struct memory_lane *)base;
    struct destination_page page = { 0 };
    struct memory_deed d;
    if (!l->listing)
        return rc_fail(err, RC_FATAL, "memory: no listing has begun, or it is over");
    enum rc_code rc =
        memory_deed_begin(&d, l->platform, MEMORY_PLATFORM_LIST,
                          l->what == DESTINATION_ACCOUNTS ? "accounts" : "teams", err);
    if (rc == RC_OK) {
        list_page(l, a, &page);
        *ret = page;
    }
    return memory_deed_end(&d, rc, err);
}

static bool fits(const struct account *a, enum destination_key by, struct text key) {
    switch (by) {
    case DESTINATION_BY_ID: return text_equal(a->remote_id, key);
    case DESTINATION_BY_EXTERNAL_ID: return text_equal(a->external_id, key);
    case DESTINATION_BY_EMAIL: return memory_same_address(a->fields[USER_EMAIL].known, key);
    }
    return false;
}

static enum rc_code memory_find(struct destination_lane *l, enum destination_key by,
                                struct text key, struct arena *a, struct account *ret,
                                struct rc_error *err) {
    static const char *const names[] = { "id", "external_id", "email" };
    struct memory_deed d;
    const struct account *found = NULL;
    size_t n = 0;
    char *text = arena_printf(a, "%s=%.*s", names[by], TEXT_ARG(key));
    enum rc_code rc = memory_deed_begin(&d, memory_platform_of(l), MEMORY_PLATFORM_FIND, text, err);
    for (size_t i = 0; rc == RC_OK && i < d.m->accounts_n; i++)
        if (d.m->accounts[i].exists && fits(&d.m->accounts[i].is, by, key)) {
            found = &d.m->accounts[i].is;
            n++;
        }
    if (rc == RC_OK && n > 1)
        rc = rc_fail_as(err, RC_CONFLICT, "destination.several", "memory: several have this %s",
                        names[by]);
    else if (rc == RC_OK && n == 0)
        rc = rc_fail_as(err, RC_NOT_FOUND, "destination.unknown", "memory: no such account");
    else if (rc == RC_OK)
        memory_show(found, a, ret);
    return memory_deed_end(&d, rc, err);
}

static enum rc_code memory_team_find(struct destination_lane *l, struct text remote_id,
                                     struct arena *a, struct destination_team *ret,
                                     struct rc_error *err) {
    struct memory_deed d;
    enum rc_code rc = memory_deed_begin(&d, memory_platform_of(l), MEMORY_PLATFORM_FIND,
                                        arena_printf(a, "team %.*s", TEXT_ARG(remote_id)), err);
    const struct memory_platform_team *t = rc == RC_OK ? memory_team_at(d.m, remote_id) : NULL;
    if (rc == RC_OK && t == NULL)
        rc = rc_fail_as(err, RC_NOT_FOUND, "destination.unknown", "memory: no such team");
    else if (rc == RC_OK)
        memory_show_team(d.m, &t->is, a, ret);
    return memory_deed_end(&d, rc, err);
}

/* ---- */

void memory_platform_init(struct memory_platform *m) {
    static const struct setting settings[] = { { 0 } };
    const uint32_t needs = 1u << USER_FIRST_NAME | 1u << USER_LAST_NAME | 1u << USER_EMAIL;
    const uint32_t all = ((1u << USER_FIELDS_N) - 1) & ~(1u << USER_STATUS | 1u << USER_EXCLUDED);
    *m = (struct memory_platform){
        .ops = { .name = "memory",
                 .title = "Memory",
                 .settings = settings,
                 .open = memory_open,
                 .close = memory_close,
                 .lane_new = memory_lane_new,
                 .lane_free = memory_lane_free,
                 .shown_as = memory_shown_as,
                 .caps = memory_caps,
                 .check = memory_check,
                 .list_begin = memory_list_begin,
                 .list_next = memory_list_next,
                 .find = memory_find,
                 .create = memory_create,
                 .update = memory_update,
                 .deactivate = memory_deactivate,
                 .reactivate = memory_reactivate,
                 .invite = memory_invite,
                 .team_create = memory_team_create,
                 .team_find = memory_team_find,
                 .team_update = memory_team_update,
                 .team_delete = memory_team_delete,
                 .team_leave = memory_team_leave },
        .caps = { .takes = all,
                  .needs = needs,
                  .empties = all & ~needs,
                  .creates_silently = true,
                  .invites = true,
                  .customs = true,
                  .owner_role = TEXT_LIT("owner") },
        .last_id = 1000,
    };
    arena_init(&m->arena);
    pthread_mutex_init(&m->lock, NULL);
}

void memory_platform_done(struct memory_platform *m) {
    pthread_mutex_destroy(&m->lock);
    arena_done(&m->arena);
    mem_free(m->accounts);
    mem_free(m->teams);
    mem_free(m->requests);
    mem_free(m->mails);
}
