#include "tests/sync/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void desk_write(const struct desk *d, const char *bytes) {
    FILE *f = fopen(d->file, "wb");
    assert_non_null(f);
    assert_true(fputs(bytes, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

int desk_make(void **state) {
    struct desk *d = mem_zalloc(sizeof *d);
    void *bed = NULL;
    d->row = *state;
    if (bed_make(&bed) != 0)
        return -1;
    d->bed = bed;
    OK(company_find(d->bed->st, "acme", &d->bed->a, &d->company, &why));
    d->fake.now_us = T0;
    d->clock = clock_fake_source(&d->fake);
    d->work = (struct work){ .st = d->bed->st, .key = d->bed->key, .clock = &d->clock };
    snprintf(d->file, sizeof d->file, "/tmp/test-workers-XXXXXX");
    assert_int_equal(close(mkstemp(d->file)), 0);
    desk_write(d, "id,first_name,last_name,email,status\n"
                  "1,Ana,Alt,ana@x.org,active\n2,Bo,Berg,bo@x.org,active\n#count=2\n");
    *state = d;
    return 0;
}

int desk_remove(void **state) {
    struct desk *d = *state;
    void *bed = d->bed;
    unlink(d->file);
    mem_free(d);
    return bed_remove(&bed);
}

void desk_schedule(struct desk *d, struct integration *in, const char *words) {
    in->settings =
        text_of(arena_printf(&d->bed->a, "{\"file\":\"%s\",\"complete\":\"trailer\"}", d->file));
    in->schedule = words != NULL ? text_of(words) : (struct text){ 0 };
    OK(integration_save(d->bed->st, d->bed->key, in, &why));
    OK(timetable_changed(d->bed->st, &d->company, in, d->fake.now_us, &why));
}

struct job_state desk_look(struct desk *d, enum job_kind k, int64_t subject_id) {
    struct job_state s;
    OK(job_look(d->bed->st, k, d->bed->company_id, subject_id, d->fake.now_us, &s, &why));
    return s;
}

int64_t desk_due(struct desk *d) {
    return desk_look(d, JOB_SYNC, d->bed->in.integration_id).run_at_us;
}

struct job desk_claim(struct desk *d) {
    struct job j;
    bool found = false;
    OK(job_claim(d->bed->st, d->fake.now_us, 9, &j, &found, &why));
    assert_true(found);
    return j;
}

struct work_result desk_do_next(struct desk *d) {
    struct work_result r;
    struct job j = desk_claim(d);
    work_do(&d->work, &j, &r);
    OK(work_end(&d->work, &j, &r, &why));
    return r;
}

int64_t desk_runs(struct desk *d, const char *state) {
    const char *sql = strcmp(state, "held") == 0
                          ? "SELECT COUNT(*) FROM run WHERE state = 'held'"
                          : "SELECT COUNT(*) FROM run WHERE state = 'failed'";
    return bed_number(d->bed, sql);
}

struct platform desk_platform(struct desk *d) {
    struct platform p = { .company_id = d->bed->company_id,
                          .key = TEXT_LIT("la"),
                          .adapter = TEXT_LIT("memory"),
                          .prefix = TEXT_LIT("rc"),
                          .settings = TEXT_LIT("{}"),
                          .feeds = &d->bed->in.integration_id,
                          .feeds_n = 1 };
    OK(platform_add(d->bed->st, d->bed->key, &p, &why));
    return p;
}
