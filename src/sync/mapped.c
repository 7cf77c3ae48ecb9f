#include "sync/mapped.h"

#include <stdio.h>
#include <string.h>
#include "store/directory.h"
#include "store/mapping_text.h"
#include "sync/import_p.h"
#include "sync/through.h"

static enum rc_code by_default(const struct integration *in, struct arena *a,
                               const struct mapping **ret, struct rc_error *err) {
    return mapping_of_team(arena_str(a, in->team_from.ptr, in->team_from.len), a, ret, err);
}

/* What was saved was checked; a mapping that this program cannot read was made by a newer one. */
static enum rc_code parsed(const struct mapping_text *t, struct arena *a,
                           const struct mapping **ret, struct rc_error *err) {
    enum rc_code rc = mapping_parse(t->source, NULL, a, ret, NULL, err);
    return rc == RC_OK
               ? rc
               : rc_context(err, rc, "mapping %lld of the integration", (long long)t->mapping_id);
}

enum rc_code mapped_get(struct store *st, const struct integration *in, int64_t mapping_id,
                        struct arena *a, const struct mapping **ret, struct rc_error *err) {
    struct mapping_text t;
    if (mapping_id == 0)
        return by_default(in, a, ret, err);
    enum rc_code rc =
        mapping_text_get(st, in->company_id, in->integration_id, mapping_id, a, &t, err);
    return rc != RC_OK ? rc : parsed(&t, a, ret, err);
}

enum rc_code mapped_current(struct store *st, const struct integration *in, struct arena *a,
                            const struct mapping **ret, struct rc_error *err) {
    struct mapping_text t;
    enum rc_code rc = mapping_text_active(st, in->company_id, in->integration_id, a, &t, err);
    if (rc == RC_NOT_FOUND)
        return by_default(in, a, ret, err);
    return rc != RC_OK ? rc : parsed(&t, a, ret, err);
}

static bool has_custom(const struct employee_reads *r, const char *key) {
    for (size_t i = 0; i < r->custom_n; i++)
        if (strcmp(r->custom[i], key) == 0)
            return true;
    return false;
}

bool mapped_is_stored(const struct mapping *current, const struct mapping *m, struct arena *a,
                      const char **ret_first) {
    struct employee_reads has = mapping_reads(current), wants = mapping_reads(m);
    /* Of any other group the name is stored with the person, whoever reads it. */
    uint32_t more =
        (wants.fields & ~has.fields) | (wants.names & ~has.names & EMPLOYEE_TEAM_GROUPS);
    const char *first =
        more != 0 ? employee_field_name((enum employee_field)__builtin_ctz(more)) : NULL;
    for (size_t i = 0; i < wants.custom_n && first == NULL; i++)
        if (!has_custom(&has, wants.custom[i]))
            first = arena_printf(a, "custom(\"%s\")", wants.custom[i]);
    if (ret_first != NULL)
        *ret_first = first;
    return first == NULL;
}

bool mapped_is_seen(const struct integration *in, const struct mapping *current) {
    return (int64_t)mapping_fingerprint(current) == in->mapping_fingerprint;
}

/* ---- the run ---- */

/* Runs that a dead process has left: a remap goes on or away; an import is finished by the next
 * import, which can ask HR. */
static enum rc_code clear_the_way(struct import *im, struct rc_error *err) {
    static const enum run_state states[] = { RUN_LISTING, RUN_CHECKING, RUN_PASSED };
    for (size_t i = 0; i < RC_LEN(states); i++) {
        struct run left;
        enum rc_code rc = run_in_state(im->c.store, im->in.company_id, im->in.integration_id,
                                       states[i], im->arena, &left, err);
        if (rc == RC_NOT_FOUND)
            continue;
        if (rc != RC_OK)
            return rc;
        if (states[i] != RUN_LISTING)
            return rc_fail_as(err, RC_CONFLICT, "run.unfinished",
                              "run %lld was interrupted: import first, which finishes it",
                              (long long)left.run_id);
        if ((rc = settle_fail(im->c.store, &left, im->c.clock,
                              "the process was interrupted while listing", err)) != RC_OK)
            return rc;
    }
    return RC_OK;
}

struct remapping {
    struct import *im;
    bool drops;
};

static enum rc_code stage_page(void *self, const struct through_person *people, size_t n,
                               struct rc_error *err) {
    struct remapping *r = self;
    struct stage *s = r->im->stage;
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        const struct through_person *p = &people[i];
        if (!p->differs && !p->less && p->problems == p->row->problems)
            stage_unchanged(s, p->teams, p->teams_n);
        else
            rc = stage_known(s, p->row, r->drops, err);
    }
    return rc == RC_OK ? stage_beat(s, err) : rc;
}

static enum rc_code stage_everybody(struct import *im, bool drops, struct rc_error *err) {
    struct remapping r = { im, drops };
    unsigned wants = THROUGH_TEAMS | (drops ? THROUGH_LESS : 0u);
    enum rc_code rc =
        through_everybody(im->c.store, im->run->company_id, im->run->integration_id, im->c.mapping,
                          wants, stage_page, &r, &im->run->population, err);
    if (rc != RC_OK)
        return rc;
    im->run->state = RUN_CHECKING;
    return stage_flush(im->stage, true, err);
}

static enum rc_code remap(struct import *im, const struct mapping *current, bool preview,
                          struct rc_error *err) {
    bool drops = !mapped_is_stored(im->c.mapping, current, im->arena, NULL);
    enum rc_code rc = clear_the_way(im, err);
    if (rc != RC_OK || (rc = import_begin(im, RUN_REMAP, preview, err)) != RC_OK)
        return rc;
    im->c.before = current;
    if ((rc = stage_open(&im->c, im->run, &im->stage, err)) == RC_OK &&
        (rc = stage_everybody(im, drops, err)) == RC_OK)
        rc = settle_run(im, err);
    if (rc != RC_OK && rc != RC_CONFLICT && im->run->state == RUN_LISTING)
        settle_fail(im->c.store, im->run, im->c.clock, err->text, NULL);
    stage_close(im->stage);
    return rc;
}

static enum rc_code activate_at_once(struct import *im, int64_t mapping_id, struct rc_error *err) {
    enum rc_code rc = db_begin(im->c.store->db, err);
    if (rc != RC_OK)
        return rc;
    int64_t now = clock_now_us(im->c.clock);
    if ((rc = lease_hold(im->c.store, im->c.lease, now, err)) != RC_OK ||
        (rc = mapping_text_activate(im->c.store, im->in.company_id, im->in.integration_id,
                                    mapping_id, now, err)) != RC_OK) {
        db_rollback(im->c.store->db);
        return rc;
    }
    return db_commit(im->c.store->db, err);
}

/* Under the lease. */
static enum rc_code activate(struct import *im, const struct mapped_options *o,
                             struct rc_error *err) {
    const struct mapping *current;
    const char *missing;
    struct mapping_text active = { 0 };
    bool known;
    enum rc_code rc = mapped_current(im->c.store, &im->in, im->arena, &current, err);
    if (rc != RC_OK || (rc = directory_has_any(im->c.store, im->in.company_id,
                                               im->in.integration_id, &known, err)) != RC_OK)
        return rc;
    (void)mapping_text_active(im->c.store, im->in.company_id, im->in.integration_id, im->arena,
                              &active, NULL);
    if (active.mapping_id == o->mapping_id)
        return rc_fail_as(err, RC_CONFLICT, "mapping.active", "this mapping is active already");
    if (o->mapping_id != 0 && (rc = mapped_team_agrees(&im->in, im->c.mapping, err)) != RC_OK)
        return rc;
    if (!known && !o->preview)
        return activate_at_once(im, o->mapping_id, err);
    if (!mapped_is_stored(current, im->c.mapping, im->arena, &missing))
        return rc_fail_as(err, RC_CONFLICT, "mapping.reads-more",
                          "the mapping reads %s, which has not been read yet: everybody has to be "
                          "listed first",
                          missing);
    if (!mapped_is_seen(&im->in, current))
        return rc_fail_as(err, RC_CONFLICT, "mapping.reads-more",
                          "not everybody has been read through the mapping that counts now: "
                          "everybody has to be listed first");
    return remap(im, current, o->preview, err);
}

enum rc_code mapped_activate(struct store *st, const struct secret_key *k,
                             const struct company *company, const struct integration *in,
                             const struct mapped_options *o, struct arena *a, struct run *ret,
                             struct rc_error *err) {
    struct import im = { .run = ret };
    struct rc_error own;
    struct lease lease;
    if (err == NULL)
        err = &own;
    *ret = (struct run){ .activates = true, .mapping_id = o->mapping_id };
    enum rc_code rc = import_prepare(&im, st, k, company, in, o->clock, &lease, a, err);
    if (rc != RC_OK)
        return rc;
    rc = activate(&im, o, err);
    db_rollback(st->db); /* harmless when nothing is open */
    lease_release(st, &lease);
    return rc;
}
