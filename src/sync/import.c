#include "sync/import.h"

#include <stdio.h>
#include <string.h>
#include "base/log.h"
#include "people/stored.h"
#include "sync/import_p.h"
#include "sync/setting_values.h"
#include "sync/mapped.h"

const char *import_phase_name(enum import_phase p) {
    static const char *const names[] = { "starting",
                                         "asking for rights",
                                         "reading the list",
                                         "asking for the missing",
                                         "checking",
                                         "applying",
                                         "done" };
    return names[p];
}

void import_phase(struct import *im, enum import_phase p) {
    if (im->progress != NULL)
        atomic_store(&im->progress->phase, (int)p);
}

/* ---- connecting ---- */

enum rc_code import_connect_to(const struct source_ops *ops, const struct integration *in,
                               const struct mapping *m, const struct clock_source *clock,
                               struct source **ret, struct rc_error *err) {
    const char *values[SETTING_VALUES_MAX];
    struct arena a;
    arena_init(&a);
    setting_values(ops->settings, in->settings, in->secrets, &a, values);
    struct source_config config = { ops, values, mapping_reads(m), clock, false };
    enum rc_code rc = source_open(&config, ret, err);
    arena_done(&a);
    return rc;
}

enum rc_code import_connect(const struct integration *in, const struct mapping *m,
                            const struct clock_source *clock, struct source **ret,
                            struct rc_error *err) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(in->source));
    const struct source_ops *ops = source_find(name);
    if (ops == NULL)
        return rc_fail(err, RC_FATAL, "this program has no source \"%s\"", name);
    return import_connect_to(ops, in, m, clock, ret, err);
}

/* ---- one person ---- */

static enum rc_code read_person(struct import *im, struct rc_error *err) {
    struct text id = text_of(im->o->person);
    struct employee e;
    struct person known;
    /* Other settings may mean another account, where the same id is somebody else: there, everybody
     * is listed first. */
    if (im->in.listed_us != 0 && !text_equal(im->in.pinned, im->in.settings))
        return rc_fail_as(
            err, RC_CONFLICT, "integration.changed",
            "the settings have changed since everybody was listed: import all first, then single people");
    /* Under another mapping than everybody else this person would stay so: nobody would look. */
    if (im->in.listed_us != 0 &&
        (int64_t)mapping_fingerprint(im->c.mapping) != im->in.mapping_fingerprint)
        return rc_fail_as(
            err, RC_CONFLICT, "integration.changed",
            "the mapping has changed since everybody was listed: import all first, then single people");
    enum rc_code rc = stage_load_roll(im->stage, err);
    if (rc != RC_OK)
        return rc;
    rc = im->source->ops->get(im->source, id, im->arena, &e, err);
    if (rc == RC_OK)
        return stage_person(im->stage, &e, NULL, err);
    if (rc != RC_NOT_FOUND)
        return rc;
    rc = directory_find(im->c.store, im->run->company_id, im->run->integration_id, id, im->arena,
                        &known, err);
    if (rc == RC_NOT_FOUND)
        return rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                          "neither HR nor the directory has a person with that id");
    if (rc != RC_OK)
        return rc;
    return known.presence == PRESENCE_GONE
               ? RC_OK
               : stage_without(im->stage, known.user_id, PRESENCE_MISSING, err);
}

/* ---- a run ---- */

/* The integration as it is under the lease: between the caller's reading and ours another process
 * may have applied a listing, or somebody may have set other limits. */
static enum rc_code read_integration(struct import *im, struct rc_error *err) {
    RC_CLEANUP(zone_closep) struct zone *zone = NULL;
    enum rc_code rc = integration_get(im->c.store, im->in.company_id, im->in.integration_id,
                                      im->c.key, im->arena, &im->in, err);
    if (rc != RC_OK)
        return rc;
    rc = im->run->activates
             ? mapped_get(im->c.store, &im->in, im->run->mapping_id, im->arena, &im->c.mapping, err)
             : mapped_current(im->c.store, &im->in, im->arena, &im->c.mapping, err);
    if (rc != RC_OK || (rc = guard_limits_read(im->in.limits, &im->limits, err)) != RC_OK)
        return rc;
    if ((rc = company_zone(im->company, &zone, err)) != RC_OK)
        return rc;
    im->c.today = zone_today(zone, clock_now_us(im->c.clock));
    im->c.listed_on = im->in.listed_us != 0 ? zone_today(zone, im->in.listed_us) : DATE_NONE;
    return RC_OK;
}

enum rc_code import_prepare(struct import *im, struct store *st, const struct secret_key *k,
                            const struct company *company, const struct integration *in,
                            const struct clock_source *clock, struct lease *lease, struct arena *a,
                            struct rc_error *err) {
    char subject[64];
    enum rc_code rc;
    im->company = company;
    im->in = *in;
    im->arena = a;
    im->c = (struct stage_context){ .store = st,
                                    .key = k,
                                    .clock = clock,
                                    .integration = &im->in,
                                    .policy = lifecycle_policy_default,
                                    .listed_on = DATE_NONE,
                                    .lease = lease };
    snprintf(subject, sizeof subject, "%lld/%lld", (long long)in->company_id,
             (long long)in->integration_id);
    if ((rc = lease_take(st, "import", subject, clock_now_us(clock), lease, err)) != RC_OK)
        return rc;
    if ((rc = company_is_open(st, in->company_id, err)) != RC_OK ||
        (rc = read_integration(im, err)) != RC_OK)
        lease_release(st, lease);
    return rc;
}

/* What a process that died has left: a listing is thrown away; what was being checked goes on from
 * there. */
static enum rc_code recover(struct import *im, struct rc_error *err) {
    static const enum run_state states[] = { RUN_LISTING, RUN_CHECKING, RUN_PASSED };
    struct run left, *mine = im->run;
    enum rc_code rc;
    for (size_t i = 0; i < RC_LEN(states); i++) {
        rc = run_in_state(im->c.store, im->in.company_id, im->in.integration_id, states[i],
                          im->arena, &left, err);
        if (rc == RC_NOT_FOUND)
            continue;
        if (rc != RC_OK)
            return rc;
        log_warn("run=%lld state=%s recovery=%s", (long long)left.run_id,
                 run_state_name(left.state), states[i] == RUN_LISTING ? "thrown-away" : "resumed");
        if (states[i] == RUN_LISTING) {
            if ((rc = settle_fail(im->c.store, &left, im->c.clock,
                                  "the process was interrupted while listing", err)) != RC_OK)
                return rc;
            continue;
        }
        im->run = &left;
        if ((rc = read_integration(im, err)) == RC_OK) /* the mapping that it activates */
            rc = stage_open(&im->c, &left, &im->stage, err);
        if (rc == RC_OK && left.state == RUN_CHECKING && left.kind != RUN_REMAP &&
            (rc = stage_load_roll(im->stage, err)) == RC_OK &&
            (rc = lookup_missing(im, err)) == RC_OK)
            rc = stage_flush(im->stage, true, err);
        if (rc == RC_OK)
            rc = settle_run(im, err);
        stage_close(im->stage);
        im->stage = NULL;
        im->run = mine;
        im->not_looked_up = 0; /* was that one's */
        /* it may have been applied: rights and dates of the integration have moved with it */
        if (rc != RC_OK || (rc = read_integration(im, err)) != RC_OK)
            return rc;
    }
    return RC_OK;
}

enum rc_code import_begin(struct import *im, enum run_kind kind, bool preview,
                          struct rc_error *err) {
    struct run *r = im->run;
    enum rc_code rc;
    r->company_id = im->in.company_id;
    r->integration_id = im->in.integration_id;
    r->kind = kind;
    r->state = RUN_LISTING;
    r->preview = preview;
    r->started_us = clock_now_us(im->c.clock);
    r->rights = im->rights_now;
    /* Who looks at everybody counts them then: a listing while pages come. */
    if (kind == RUN_PERSON &&
        (rc = directory_population(im->c.store, r->company_id, r->integration_id, &r->population,
                                   err)) != RC_OK)
        return rc;
    if ((rc = db_begin(im->c.store->db, err)) != RC_OK)
        return rc;
    if ((rc = lease_hold(im->c.store, im->c.lease, r->started_us, err)) != RC_OK ||
        (rc = run_add(im->c.store, r, err)) != RC_OK) {
        db_rollback(im->c.store->db);
        return rc;
    }
    return db_commit(im->c.store->db, err);
}

static enum rc_code begin_run(struct import *im, struct rc_error *err) {
    return import_begin(im, im->o->person != NULL ? RUN_PERSON : RUN_FULL, im->o->preview, err);
}

static enum rc_code read_people(struct import *im, struct rc_error *err) {
    enum rc_code rc;
    bool bulk = import_is_first(im); /* nobody else's work is in the log */
    import_phase(im, IMPORT_LISTING);
    if (im->o->person != NULL)
        rc = read_person(im, err);
    else if ((rc = db_set_bulk(im->c.store->db, bulk, err)) == RC_OK)
        rc = import_list(im, err);
    if (rc == RC_OK)
        rc = lookup_stage_missing(im, err);
    if (rc == RC_OK && (im->run->counts.missing > 0 || im->o->person != NULL)) {
        import_phase(im, IMPORT_LOOKING_UP);
        if ((rc = lookup_missing(im, err)) == RC_OK)
            rc = stage_flush(im->stage, true, err);
    }
    if (bulk && im->o->person == NULL) {
        enum rc_code off = db_set_bulk(im->c.store->db, false, rc == RC_OK ? err : NULL);
        rc = rc != RC_OK ? rc : off;
    }
    return rc;
}

static void fail_run(struct import *im, const struct rc_error *why) {
    char because[400];
    snprintf(because, sizeof because, "%s", why->text);
    settle_fail(im->c.store, im->run, im->c.clock, arena_str(im->arena, because, strlen(because)),
                NULL);
}

static enum rc_code connect_and_ask(struct import *im, struct rc_error *err) {
    import_phase(im, IMPORT_RIGHTS);
    enum rc_code rc = im->o->source != NULL
                          ? import_connect_to(im->o->source, &im->in, im->c.mapping, im->c.clock,
                                              &im->source, err)
                          : import_connect(&im->in, im->c.mapping, im->c.clock, &im->source, err);
    if (rc == RC_OK && (rc = lookup_rights(im, err)) == RC_OK)
        return rc;
    /* Without a run that has failed, `status` would call it well that HR refuses us night after
     * night. */
    if (!clock_is_ending(im->c.clock) &&
        directory_population(im->c.store, im->in.company_id, im->in.integration_id,
                             &im->run->population, NULL) == RC_OK &&
        begin_run(im, NULL) == RC_OK)
        fail_run(im, err);
    return rc;
}

static enum rc_code run_all(struct import *im, struct rc_error *err) {
    enum rc_code rc = connect_and_ask(im, err);
    if (rc != RC_OK || (rc = recover(im, err)) != RC_OK || (rc = begin_run(im, err)) != RC_OK)
        return rc;
    if ((rc = stage_open(&im->c, im->run, &im->stage, err)) == RC_OK &&
        (rc = read_people(im, err)) == RC_OK)
        rc = settle_run(im, err);
    /* From checking on the run survives: the next import goes on with it. */
    if (rc != RC_OK && rc != RC_CONFLICT && im->run->state == RUN_LISTING)
        fail_run(im, err);
    return rc;
}

enum rc_code import_run(struct store *st, const struct secret_key *k, const struct company *company,
                        const struct integration *in, const struct import_options *o,
                        struct arena *a, struct run *ret, struct rc_error *err) {
    struct import im = { .o = o, .run = ret, .progress = o->progress };
    struct rc_error own;
    struct lease lease;
    *ret = (struct run){ .activates = o->activates, .mapping_id = o->mapping_id };
    if (err == NULL)
        err = &own;
    enum rc_code rc = import_prepare(&im, st, k, company, in, o->clock, &lease, a, err);
    if (rc != RC_OK)
        return rc;
    rc = run_all(&im, err);
    stage_close(im.stage);
    source_close(im.source);
    db_rollback(st->db); /* harmless when nothing is open */
    lease_release(st, &lease);
    import_phase(&im, IMPORT_DONE);
    return rc;
}
