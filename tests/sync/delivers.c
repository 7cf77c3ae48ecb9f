#include "tests/sync/delivers.h"

#include "base/log.h"

#define NO_LIMITS                                                                                  \
    "{\"joins\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                       \
    "\"invitations\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                  \
    "\"leavers\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                      \
    "\"manager\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                      \
    "\"team\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                         \
    "\"email\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                        \
    "\"excluded\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]},"                     \
    "\"adoptions\":{\"run\":[1000,100],\"24h\":[1000,100],\"30d\":[1000,100]}}"

int delivers_make(void **state) {
    struct delivers *d = mem_zalloc(sizeof *d);
    void *w = NULL;
    d->row = *state;
    if (world_make(&w) != 0)
        return -1;
    d->w = w;
    memory_platform_init(&d->there);
    d->owner = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=Olga", "last_name=Owner",
                                          "email=owner@elsewhere.org", "role=owner", NULL });
    struct platform p = { .company_id = d->w->bed->company_id,
                          .key = TEXT_LIT("la"),
                          .adapter = TEXT_LIT("learnamp"),
                          .prefix = TEXT_LIT("rc"),
                          .settings = TEXT_LIT("{}"),
                          .limits = TEXT_LIT(NO_LIMITS),
                          .feeds = &d->w->bed->in.integration_id,
                          .feeds_n = 1,
                          .created_us = T0 };
    OK(platform_add(d->w->bed->st, d->w->bed->key, &p, &why));
    d->destination_id = p.destination_id;
    world_limits(d->w, WORLD_NO_LIMITS);
    *state = d;
    return 0;
}

int delivers_remove(void **state) {
    struct delivers *d = *state;
    void *w = d->w;
    memory_platform_done(&d->there);
    mem_free(d);
    return world_remove(&w);
}

struct platform delivers_platform(struct delivers *d) {
    struct platform p;
    OK(platform_get(d->w->bed->st, d->w->bed->company_id, d->destination_id, d->w->bed->key,
                    &d->w->bed->a, &p, &why));
    return p;
}

void delivers_policy(struct delivers *d, const char *settings) {
    struct platform p = delivers_platform(d);
    p.policy = text_of(settings);
    OK(platform_save(d->w->bed->st, d->w->bed->key, &p, &why));
}

void delivers_limits(struct delivers *d, const char *settings) {
    struct platform p = delivers_platform(d);
    p.limits = settings != NULL ? text_of(settings) : TEXT_LIT("{}");
    OK(platform_save(d->w->bed->st, d->w->bed->key, &p, &why));
}

void delivers_day(struct delivers *d, int days) {
    clock_fake_move(&d->w->fake, days * DAY_US);
}

struct delivery_options delivers_options(struct delivers *d) {
    return (struct delivery_options){
        .who = "a test", .clock = &d->w->clock, .progress = &d->progress, .adapter = &d->there.ops
    };
}

static enum rc_code deliver(struct delivers *d, const struct delivery_options *o, struct run *r) {
    struct platform p = delivers_platform(d);
    clock_fake_move(&d->w->fake, 60 * INT64_C(1000000));
    return delivery_run(d->w->bed->st, d->w->bed->key, &d->w->company, &p, o, &d->w->bed->a, r,
                        &d->err);
}

struct run delivers_run(struct delivers *d) {
    struct delivery_options o = delivers_options(d);
    struct run r;
    enum rc_code rc = deliver(d, &o, &r);
    if (rc != RC_OK)
        fail_msg("the delivery fails: %s", d->err.text);
    return r;
}

struct run delivers_fails(struct delivers *d, enum rc_code want) {
    struct delivery_options o = delivers_options(d);
    struct run r;
    assert_int_equal(deliver(d, &o, &r), want);
    return r;
}

struct run delivers_preview(struct delivers *d, int64_t overlay_run_id) {
    struct delivery_options o = delivers_options(d);
    struct run r;
    o.preview = true;
    o.overlay_run_id = overlay_run_id;
    enum rc_code rc = deliver(d, &o, &r);
    if (rc != RC_OK)
        fail_msg("the preview fails: %s", d->err.text);
    return r;
}

struct run delivers_approve(struct delivers *d, int64_t run_id) {
    struct delivery_options o = delivers_options(d);
    struct run r;
    enum rc_code rc = delivery_approve(d->w->bed->st, d->w->bed->key, &d->w->company, run_id,
                                       "it is right", &o, &d->w->bed->a, &r, &d->err);
    if (rc != RC_OK)
        fail_msg("approving fails: %s", d->err.text);
    return r;
}

struct run delivers_reject(struct delivers *d, int64_t run_id) {
    struct delivery_options o = delivers_options(d);
    struct run r;
    OK(delivery_reject(d->w->bed->st, &d->w->company, run_id, "it is wrong", &o, &d->w->bed->a, &r,
                       &why));
    return r;
}

void delivers_begin(struct delivers *d, size_t n) {
    world_begin(d->w, n);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_HELD); /* a first one always is */
    r = delivers_approve(d, r.run_id);
    assert_state(&r, RUN_APPLIED);
}

void delivers_leave_in_doubt(struct delivers *d) {
    struct memory_platform_fault faults[] = {
        { MEMORY_PLATFORM_CREATE, 0, RC_UNSURE, NULL, true },
        { MEMORY_PLATFORM_FIND, 3, RC_RETRY, NULL, false }, /* the third: behind the creation */
    };
    faults[1].nth += d->there.calls_n[MEMORY_PLATFORM_FIND];
    d->there.faults = faults;
    d->there.faults_n = RC_LEN(faults);
    world_add(d->w, "4");
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_string_equal(delivers_effects(d, r.run_id), "create 4 unsure\n");
    d->there.faults_n = 0;
}

/* ---- looking ---- */

struct text delivers_id(struct delivers *d, const char *person) {
    const char *external = arena_printf(&d->w->bed->a, "rc:hr:%s", person);
    for (size_t i = 0; i < d->there.accounts_n; i++)
        if (d->there.accounts[i].exists && text_is(d->there.accounts[i].is.external_id, external))
            return d->there.accounts[i].is.remote_id;
    return (struct text){ 0 };
}

struct text delivers_shows(struct delivers *d, const char *person, const char *field) {
    return memory_platform_field(&d->there, delivers_id(d, person), field);
}

enum account_status delivers_status(struct delivers *d, const char *person) {
    const struct memory_platform_account *a =
        memory_platform_find(&d->there, delivers_id(d, person));
    return a != NULL ? a->is.status : ACCOUNT_DELETED;
}

unsigned delivers_writes(const struct delivers *d) {
    unsigned n = 0;
    for (int c = MEMORY_PLATFORM_CREATE; c < MEMORY_PLATFORM_CALLS_N; c++)
        n += d->there.calls_n[c];
    return n;
}

static struct person person_of(struct delivers *d, const char *id) {
    struct person p;
    OK(directory_find(d->w->bed->st, d->w->bed->company_id, d->w->bed->in.integration_id,
                      text_of(id), &d->w->bed->a, &p, &why));
    return p;
}

struct account_row delivers_row(struct delivers *d, const char *person) {
    struct bed *b = d->w->bed;
    struct account_row row;
    OK(account_of_user(b->st, b->company_id, d->destination_id, person_of(d, person).user_id, &b->a,
                       &row, &why));
    return row;
}

const char *delivers_code(struct delivers *d, const char *person) {
    struct account_row row;
    if (account_of_user(d->w->bed->st, d->w->bed->company_id, d->destination_id,
                        person_of(d, person).user_id, &d->w->bed->a, &row, NULL) != RC_OK)
        return "no row";
    return arena_printf(&d->w->bed->a, "%.*s", TEXT_ARG(row.code));
}

char *delivers_effects(struct delivers *d, int64_t run_id) {
    struct effect *list;
    size_t n;
    struct buf b;
    int64_t import = world_run(d->w, run_id).other_run_id;
    OK(effect_list(d->w->bed->st, d->w->bed->company_id, run_id, 0, 1000, &d->w->bed->a, &list, &n,
                   &why));
    buf_init(&b, 1 << 20);
    for (size_t i = 0; i < n; i++) {
        struct person p;
        if (list[i].user_id == 0)
            buf_printf(&b, "team %.*s %s\n", TEXT_ARG(list[i].verb),
                       effect_state_name(list[i].state));
        else if (directory_get(d->w->bed->st, d->w->bed->company_id, list[i].user_id, &d->w->bed->a,
                               &p, NULL) == RC_OK ||
                 directory_staged(d->w->bed->st, d->w->bed->company_id, import, list[i].user_id,
                                  &d->w->bed->a, &p, NULL) == RC_OK)
            buf_printf(&b, "%.*s%s %.*s %s\n", TEXT_ARG(list[i].verb),
                       list[i].pass == EFFECT_REFERENCES ? "+" : "", TEXT_ARG(p.source_id),
                       effect_state_name(list[i].state));
    }
    char *s = arena_str(&d->w->bed->a, b.len > 0 ? b.ptr : "", b.len);
    buf_done(&b);
    return s;
}
