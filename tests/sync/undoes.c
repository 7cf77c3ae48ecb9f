#include "tests/sync/undoes.h"

#include "store/pin.h"
#include "sync/undo.h"

enum rc_code undoes_try(struct delivers *d, int64_t run_id, struct run *r) {
    struct delivery_options o = delivers_options(d);
    clock_fake_move(&d->w->fake, 60 * INT64_C(1000000));
    return undo_run(d->w->bed->st, d->w->bed->key, &d->w->company, run_id, &o, &d->w->bed->a, r,
                    &d->err);
}

struct run undoes_plan(struct delivers *d, int64_t run_id) {
    struct run r;
    unsigned writes = delivers_writes(d);
    if (undoes_try(d, run_id, &r) != RC_OK)
        fail_msg("undoing fails: %s", d->err.text);
    assert_state(&r, RUN_PREVIEWED);
    assert_int_equal(r.kind, RUN_UNDO);
    assert_int_equal(r.other_run_id, run_id);
    assert_int_equal(delivers_writes(d), writes);
    return r;
}

struct run undoes_run(struct delivers *d, int64_t run_id) {
    struct run r = delivers_approve(d, undoes_plan(d, run_id).run_id);
    assert_state(&r, RUN_APPLIED);
    return r;
}

struct run undoes_change(struct delivers *d, const char *person, const char *pair) {
    world_put(d->w, person, pair);
    world_import(d->w);
    struct run r = delivers_run(d);
    assert_state(&r, RUN_APPLIED);
    return r;
}

struct run undoes_linked(struct delivers *d, struct text *ret_id) {
    delivers_begin(d, 3);
    *ret_id = memory_platform_put(
        &d->there, (const char *const[]){ "first_name=First4", "last_name=Last4", "email=p4@x.org",
                                          "job_title=Guest", "mail=sent", NULL });
    world_add(d->w, "4");
    world_import(d->w);
    delivers_day(d, 1);
    return delivers_run(d);
}

bool undoes_stays(struct delivers *d) {
    unsigned writes = delivers_writes(d);
    for (int i = 0; i < 3; i++) {
        delivers_day(d, 1);
        world_import(d->w);
        delivers_run(d);
    }
    return delivers_writes(d) == writes;
}

size_t undoes_pins(struct delivers *d) {
    struct pin *list;
    size_t n;
    OK(pin_list(d->w->bed->st, d->w->bed->company_id, d->destination_id, 0, &d->w->bed->a, &list,
                &n, &why));
    return n;
}

bool undoes_shows(struct delivers *d, const char *person, const char *field, const char *value) {
    return text_is(delivers_shows(d, person, field), value);
}

void undoes_cut(struct delivers *d, int pass) {
    place_exec(d->w->bed->st->db,
               arena_printf(&d->w->bed->a,
                            "UPDATE run SET state = 'passed', preview = 0, sent_pass = %d,"
                            " sent_to = %d WHERE state IN ('previewed', 'passed')",
                            pass, pass > 0 ? 1000 : 0));
}

struct run undoes_cut_off(struct delivers *d, const struct undoes_cut *row) {
    delivers_begin(d, 5);
    world_add(d->w, "6");
    world_put(d->w, "3", "job_title=Foreman");
    world_put(d->w, "4", "status=inactive");
    world_import(d->w);
    struct run r = delivers_preview(d, 0);
    undoes_cut(d, row->sent ? 4 : 0);
    if (row->arrived) {
        memory_platform_find(&d->there, delivers_id(d, "3"))->is.fields[USER_JOB_TITLE].known =
            TEXT_LIT("Foreman");
        memory_platform_find(&d->there, delivers_id(d, "4"))->is.status = ACCOUNT_DEACTIVATED;
        memory_platform_put(&d->there, (const char *const[]){ "external_id=rc:hr:6", "mail=sent",
                                                              "first_name=First6", "email=p6@x.org",
                                                              "last_name=Last6", NULL });
    }
    return world_run(d->w, r.run_id);
}
