#include <string.h>
#include "base/log.h"
#include "people/stored.h"
#include "store/unsettled.h"
#include "sync/import_p.h"
#include "sync/stopping.h"

/* UNSETTLED_HOURS: silence about a missing person that goes on from one daily listing to the next,
 * give or take. */
enum { MISSING_AT_ONCE = 200, SAMPLE = 3, UNSETTLED_HOURS = 20 };

/* ---- rights ---- */

enum { RIGHTS_BYTES = 1 << 20 };

/* Missing when they are more than can be kept. The labels help whoever writes a mapping; without
 * them it goes as well. */
static struct text rights_json(struct arena *a, const struct source_rights *r, bool with_labels) {
    struct buf b;
    struct json_writer w;
    buf_init(&b, RIGHTS_BYTES);
    json_begin(&w, &b);
    json_object(&w, NULL);
    json_array(&w, "attributes");
    for (size_t i = 0; i < r->attributes_n; i++)
        json_put_text(&w, NULL, r->attributes[i]);
    json_array_end(&w);
    if (with_labels) {
        json_array(&w, "labels");
        for (size_t i = 0; i < r->attributes_n; i++)
            json_put_text(&w, NULL, r->labels[i].state == TEXT_SET ? r->labels[i] : TEXT_NONE);
        json_array_end(&w);
    }
    json_put_text(&w, "scopes", r->scopes);
    json_object_end(&w);
    struct text t = b.full ? (struct text){ 0 } : text_from(arena_copy(a, b.ptr, b.len), b.len);
    buf_done(&b);
    return t;
}

static bool has_attribute(const struct source_rights *r, const char *bytes, size_t len) {
    for (size_t i = 0; i < r->attributes_n; i++)
        if (text_equal(r->attributes[i], text_from(bytes, len)))
            return true;
    return false;
}

/* True when everything readable last time is readable now. Names up to three of those that are not
 * in the log. */
static bool rights_hold(struct import *im, const struct source_rights *now) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    const char *bytes = "";
    size_t len = 0;
    json doc, key, value;
    int lost = 0;
    if (im->in.rights.state != TEXT_SET)
        return true;
    /* what cannot be read is not what it was: nobody can tell */
    if (json_parse_copy(r, im->in.rights.ptr, im->in.rights.len, &doc, NULL) != RC_OK)
        return false;
    for (struct json_iter it = json_iter(json_get(doc, "attributes"));
         json_next(&it, &key, &value);) {
        if (!json_str(value, &bytes, &len) || has_attribute(now, bytes, len))
            continue;
        if (++lost <= 3)
            log_warn(
                "integration=%.*s right=lost attribute=%.*s effect=\"known values stay; nobody is closed for being missing\"",
                TEXT_ARG(im->in.key), (int)len, bytes);
    }
    bool same_scopes = !json_str(json_get(doc, "scopes"), &bytes, &len) ||
                       text_equal(now->scopes, text_from(bytes, len));
    if (!same_scopes)
        log_warn("integration=%.*s right=changed scopes_before=\"%.*s\" scopes_now=\"%.*s\"",
                 TEXT_ARG(im->in.key), (int)len, bytes, TEXT_ARG(now->scopes));
    return lost == 0 && same_scopes;
}

enum rc_code lookup_rights(struct import *im, struct rc_error *err) {
    struct source_rights r = { 0 };
    if ((im->source->ops->caps & SOURCE_RIGHTS) == 0) {
        im->rights_as_before = true;
        return RC_OK;
    }
    enum rc_code rc = im->source->ops->rights(im->source, im->arena, &r, err);
    if (rc != RC_OK)
        return rc_context(err, rc, "asking what may be read");
    im->rights_now = rights_json(im->arena, &r, true);
    if (im->rights_now.state != TEXT_SET)
        im->rights_now = rights_json(im->arena, &r, false);
    if (im->rights_now.state != TEXT_SET)
        return rc_fail(err, RC_INVALID, "%s lists more readable attributes than fit into %d KiB",
                       im->source->ops->name, RIGHTS_BYTES >> 10);
    im->rights_as_before = rights_hold(im, &r);
    if (im->in.listed_us != 0)
        return RC_OK;
    /* Nobody is known yet, so nothing could stand in for what cannot be read. */
    struct source_check check = { 0 };
    if ((rc = im->source->ops->check(im->source, im->arena, &check, err)) != RC_OK)
        return rc;
    for (size_t i = 0; i < check.findings_n; i++)
        if (check.findings[i].level == FINDING_FAIL)
            return rc_fail_as(err, RC_AUTH, check.findings[i].name, "%s", check.findings[i].text);
    return RC_OK;
}

/* ---- who is missing ---- */

static enum rc_code stage_all_missing(struct import *im, struct rc_error *err) {
    const struct roll *roll = stage_roll(im->stage);
    size_t cursor = 0;
    int64_t user_id;
    enum rc_code rc = RC_OK;
    while (rc == RC_OK && roll_next(roll, false, &cursor, &user_id))
        rc = stage_without(im->stage, user_id, PRESENCE_MISSING, err);
    return rc;
}

static enum rc_code forget_settled(struct import *im, struct rc_error *err) {
    return unsettled_forget_others(im->c.store, im->run->company_id, im->run->integration_id,
                                   im->run->run_id, err);
}

enum rc_code lookup_stage_missing(struct import *im, struct rc_error *err) {
    const struct roll *roll = stage_roll(im->stage);
    size_t expected = roll_expected(roll), seen = roll_expected_seen(roll);
    enum rc_code rc;
    if (im->run->kind == RUN_FULL) {
        im->run->counts.missing = (int64_t)(expected - seen);
        if (guard_is_other_account((int64_t)expected, (int64_t)seen))
            return rc_fail_as(
                err, RC_INVALID, "listing.other-account",
                "HR lists only %zu of the %zu people known: this looks like another account, or a credential that "
                "sees only some people. Nothing was changed, and this cannot be approved",
                seen, expected);
        if (roll_seen(roll) == 0) /* and nobody was known: no company has nobody */
            return rc_fail_as(
                err, RC_INVALID, "listing.nobody",
                "HR lists nobody at all, and says that this is everybody: either the credential may see nobody, or this is "
                "an empty account. Nothing was changed. Look at whom the credential may see, and import again");
        if ((rc = stage_all_missing(im, err)) != RC_OK ||
            (seen == expected && (rc = forget_settled(im, err)) != RC_OK))
            return rc;
    }
    im->run->state = RUN_CHECKING;
    return stage_flush(im->stage, true, err);
}

/* ---- asking ---- */

enum outcome { OUTCOME_UNSURE, OUTCOME_GONE, OUTCOME_ENDED, OUTCOME_WORKS };

static enum outcome outcome_of(struct import *im, const struct employee *e, const struct version *v,
                               struct arena *a) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    struct user known, u;
    json doc;
    if (json_parse_copy(r, v->person.ptr, v->person.len, &doc, NULL) != RC_OK ||
        stored_user_read(doc, a, &known, NULL) != RC_OK)
        return OUTCOME_UNSURE;
    mapping_build(im->c.mapping, e, &known, a, &u, NULL);
    struct lifecycle_facts f = lifecycle_facts_of(&u, PRESENCE_LISTED, im->c.today);
    return lifecycle_is_gone(lifecycle_decide(&f, &im->c.policy, im->c.today, NULL))
               ? OUTCOME_ENDED
               : OUTCOME_WORKS;
}

/* Of a run that a process which died has left, nobody knows whom the list brought, but its stage
 * tells whom it did not. */
static enum rc_code is_witness(struct import *im, int64_t user_id, bool *ret,
                               struct rc_error *err) {
    struct version *missing;
    size_t n = 0;
    *ret = true;
    if (roll_seen(stage_roll(im->stage)) > 0)
        return RC_OK;
    enum rc_code rc = version_missing(im->c.store, im->run->company_id, im->run->run_id,
                                      user_id - 1, 1, im->arena, &missing, &n, err);
    *ret = n == 0 || missing[0].user_id != user_id;
    return rc;
}

/* One of those whom this listing did bring. An error is our own database's; what HR answers is in
 * *ret. Who has left is no witness: some remotes do not find anybody who has. */
static enum rc_code ask_witness(struct import *im, int64_t user_id, bool *ret_counts, bool *ret,
                                struct rc_error *err) {
    struct person known;
    struct employee e;
    struct rc_error why = { 0 };
    enum rc_code rc =
        directory_get(im->c.store, im->run->company_id, user_id, im->arena, &known, err);
    *ret_counts = rc == RC_OK && !known.has_left;
    if (!*ret_counts)
        return rc;
    *ret = im->source->ops->get(im->source, known.source_id, im->arena, &e, &why) == RC_OK;
    if (!*ret)
        log_warn("run=%lld lookup=not-believed reason=\"asking for a known person failed: %s\"",
                 (long long)im->run->run_id, why.text);
    return RC_OK;
}

/* A few known people, others each time: if they cannot be got, "not found" means nothing. */
static enum rc_code sample_is_found(struct import *im, int sample, bool *ret,
                                    struct rc_error *err) {
    const struct roll *roll = stage_roll(im->stage);
    bool seen = roll_seen(roll) > 0, is_found = true, is_one = false;
    size_t cursor = (size_t)clock_now_us(im->c.clock) % (roll_expected(roll) + 1);
    int64_t user_id;
    int asked = 0;
    enum rc_code rc = RC_OK;
    for (int round = 0; round < 2 && asked < sample; round++, cursor = 0)
        while (rc == RC_OK && is_found && asked < sample &&
               roll_next(roll, seen, &cursor, &user_id)) {
            if ((rc = is_witness(im, user_id, &is_one, err)) == RC_OK && is_one &&
                (rc = ask_witness(im, user_id, &is_one, &is_found, err)) == RC_OK)
                asked += is_one;
        }
    *ret = is_found && asked > 0;
    return rc;
}

/* 404 confirms only while the rights read as last time and known people can still be got. */
static enum rc_code not_found_counts(struct import *im, bool *ret, struct rc_error *err) {
    struct source_rights r = { 0 };
    bool tells = (im->source->ops->caps & SOURCE_RIGHTS) != 0;
    *ret = false;
    if ((im->source->ops->caps & SOURCE_GET) == 0 || !im->rights_as_before)
        return RC_OK;
    enum rc_code rc = sample_is_found(im, SAMPLE, ret, err);
    if (rc == RC_OK && *ret && tells)
        *ret = im->source->ops->rights(im->source, im->arena, &r, NULL) == RC_OK &&
               rights_hold(im, &r);
    return rc;
}

#ifdef ROLLCALL_WITHOUT_LOOKUP /* negative control: the system tests must find victims with this */
static enum outcome look_up(struct import *im, const struct version *v, struct arena *a,
                            struct employee *e) {
    (void)im, (void)v, (void)a, (void)e, (void)outcome_of;
    return OUTCOME_GONE;
}
#else
static enum outcome look_up(struct import *im, const struct version *v, struct arena *a,
                            struct employee *e) {
    struct rc_error err = { 0 };
    enum rc_code rc = im->source->ops->get(im->source, v->source_id, a, e, &err);
    if (rc == RC_NOT_FOUND)
        return OUTCOME_GONE;
    if (rc == RC_OK)
        return outcome_of(im, e, v, a);
    log_warn("run=%lld lookup=failed user=%lld reason=\"%s\"", (long long)im->run->run_id,
             (long long)v->user_id, err.text);
    return OUTCOME_UNSURE;
}
#endif

/* Somebody works there although the list says otherwise: the listing is disproved, and nobody is
 * absent by it. In one transaction: had a process died half way, the next one would not know that
 * the listing was disproved. */
static enum rc_code drop_all_missing(struct import *im, struct rc_error *err) {
    stage_drop_missing(im->stage);
    return stage_flush(im->stage, true, err);
}

/* Those whom HR does not know: staged as gone only when all have been asked for and "not found"
 * still means something. */
struct gone {
    int64_t *user_ids;
    bool *still; /* asked once more, HR still did not know them */
    size_t n, cap;
    int64_t unsettled_n;
    int64_t open_n; /* of these, not yet silent for so long that it makes them absent */
    bool
        unanswered; /* neither one of the missing nor a witness could be got: asking on would only take long */
};

/* No answer, or one that cannot be believed: the person stays as they are, the run says so, and
 * they are asked for again next time. Only silence that goes on for a day makes them absent; and
 * where nobody can be asked for by id, the list alone speaks. */
static enum rc_code leave_unsettled(struct import *im, int64_t user_id, struct gone *g,
                                    struct rc_error *err) {
    int64_t now = clock_now_us(im->c.clock), since;
    if ((im->source->ops->caps & SOURCE_GET) == 0)
        return RC_OK;
    g->unsettled_n++;
    enum rc_code rc = unsettled_note(im->c.store, im->run->company_id, im->run->integration_id,
                                     user_id, im->run->run_id, now, &since, err);
    if (rc != RC_OK || now - since >= (int64_t)UNSETTLED_HOURS * 3600 * 1000000)
        return rc;
    g->open_n++;
    return stage_replace(im->stage, user_id, err);
}

static void add_gone(struct gone *g, int64_t user_id) {
    if (g->n == g->cap) {
        g->cap = g->cap ? g->cap * 2 : 64;
        g->user_ids = mem_realloc(g->user_ids, g->cap * sizeof *g->user_ids);
        g->still = mem_realloc(g->still, g->cap * sizeof *g->still);
    }
    g->still[g->n] = false;
    g->user_ids[g->n++] = user_id;
}

static enum rc_code restage(struct import *im, int64_t user_id, struct employee *answer,
                            struct rc_error *err) {
    enum rc_code rc = stage_replace(im->stage, user_id, err);
    if (rc != RC_OK)
        return rc;
    return answer != NULL ? stage_person(im->stage, answer, NULL, err)
                          : stage_without(im->stage, user_id, PRESENCE_GONE, err);
}

static enum rc_code settle_one(struct import *im, const struct version *v, struct arena *a,
                               struct gone *gone, bool *ret_disproved, struct rc_error *err) {
    struct employee e;
    enum outcome o = gone->unanswered ? OUTCOME_UNSURE : look_up(im, v, a, &e);
    if (im->progress != NULL)
        atomic_fetch_add(&im->progress->looked_up, 1);
    if (o == OUTCOME_UNSURE && !gone->unanswered) {
        bool answers = false;
        /* a question that was not asked has no answer, and says nothing about anybody */
        enum rc_code rc = stopping_asked(im->c.clock, err);
        if (rc != RC_OK || (rc = sample_is_found(im, 1, &answers, err)) != RC_OK ||
            (rc = stopping_asked(im->c.clock, err)) != RC_OK)
            return rc;
        gone->unanswered = !answers;
    }
    switch (o) {
    case OUTCOME_UNSURE: return leave_unsettled(im, v->user_id, gone, err);
    case OUTCOME_WORKS:
        *ret_disproved = true;
        return restage(im, v->user_id, &e, err); /* who was absent is so no longer */
    case OUTCOME_GONE: add_gone(gone, v->user_id); break;
    case OUTCOME_ENDED: return restage(im, v->user_id, &e, err);
    }
    return RC_OK;
}

static enum rc_code ask_all(struct import *im, struct arena *a, struct gone *gone,
                            bool *ret_disproved, struct rc_error *err) {
    struct version *list;
    size_t n;
    int64_t after = 0;
    enum rc_code rc;
    do {
        arena_reset(a);
        rc = version_missing(im->c.store, im->run->company_id, im->run->run_id, after,
                             MISSING_AT_ONCE, a, &list, &n, err);
        for (size_t i = 0; i < n && rc == RC_OK; i++) {
            after = list[i].user_id;
            if ((rc = settle_one(im, &list[i], a, gone, ret_disproved, err)) == RC_OK)
                rc = stage_beat(im->stage, err);
        }
    } while (rc == RC_OK && n == MISSING_AT_ONCE);
    return rc;
}

/* Asked once more, after the witnesses: a moment in which a remote answers "not found" closes nobody,
 * and whoever works there after all disproves the listing for everybody. */
static enum rc_code ask_again(struct import *im, struct arena *a, struct gone *gone,
                              bool *ret_disproved, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < gone->n && rc == RC_OK; i++) {
        struct person known;
        struct employee e;
        arena_reset(a);
        if ((rc = directory_get(im->c.store, im->run->company_id, gone->user_ids[i], a, &known,
                                err)) != RC_OK)
            return rc;
        struct version v = { .user_id = known.user_id,
                             .source_id = known.source_id,
                             .person = known.user };
        enum outcome o = look_up(im, &v, a, &e);
        if ((rc = stopping_asked(im->c.clock, err)) != RC_OK)
            return rc;
        gone->still[i] = o == OUTCOME_GONE;
        if (o == OUTCOME_WORKS) {
            *ret_disproved = true;
            rc = restage(im, known.user_id, &e, err);
        }
        if (rc == RC_OK)
            rc = stage_beat(im->stage, err);
    }
    return rc;
}

/* Had some of them no answer, the others would pass the guard's limit for people who are gone
 * unannounced as if they were all. */
static enum rc_code ask_all_twice(struct import *im, struct arena *a, struct gone *gone,
                                  bool *ret_disproved, struct rc_error *err) {
    bool believe = false;
    enum rc_code rc = ask_all(im, a, gone, ret_disproved, err);
    if (rc != RC_OK || *ret_disproved || gone->n == 0 || gone->open_n > 0)
        return rc;
    if ((rc = not_found_counts(im, &believe, err)) != RC_OK ||
        (rc = stopping_asked(im->c.clock, err)) != RC_OK || !believe)
        return rc;
    return ask_again(im, a, gone, ret_disproved, err);
}

static enum rc_code disprove(struct import *im, struct rc_error *err) {
    log_warn(
        "run=%lld listing=disproved reason=\"a person whom the list lacks is still employed: nobody is taken for absent\"",
        (long long)im->run->run_id);
    im->run->reason = text_of(
        "the list lacks somebody who is still employed, so nobody is taken for absent by it");
    return drop_all_missing(im, err);
}

static enum rc_code settle(struct import *im, struct gone *gone, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < gone->n && rc == RC_OK; i++) {
        rc = gone->still[i] ? restage(im, gone->user_ids[i], NULL, err)
                            : leave_unsettled(im, gone->user_ids[i], gone, err);
        if (rc == RC_OK)
            rc = stage_beat(im->stage, err);
    }
    if (gone->unsettled_n > 0)
        im->run->reason = text_of(arena_printf(
            im->arena,
            "%lld %s missing from HR's list, and asking by id has not settled why: they stay"
            " as they are, and are asked for again next time",
            (long long)gone->unsettled_n, gone->unsettled_n == 1 ? "person is" : "people are"));
    return rc;
}

static enum rc_code ask_and_settle(struct import *im, struct arena *a, struct rc_error *err) {
    struct gone gone = { 0 };
    bool disproved = false;
    enum rc_code rc = ask_all_twice(im, a, &gone, &disproved, err);
    if (rc == RC_OK)
        rc = disproved ? disprove(im, err) : settle(im, &gone, err);
    mem_free(gone.user_ids);
    mem_free(gone.still);
    return rc != RC_OK ? rc : stage_flush(im->stage, true, err);
}

static enum rc_code drop_still_missing(struct import *im, struct rc_error *err) {
    enum rc_code rc = db_begin(im->c.store->db, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = lease_hold(im->c.store, im->c.lease, clock_now_us(im->c.clock), err)) != RC_OK ||
        (rc = version_drop_still_missing(im->c.store, im->run->company_id, im->run->run_id, err)) !=
            RC_OK) {
        db_rollback(im->c.store->db);
        return rc;
    }
    return db_commit(im->c.store->db, err);
}

enum rc_code lookup_missing(struct import *im, struct rc_error *err) {
    struct version_tally t;
    struct arena a;
    int64_t closed;
    enum rc_code rc =
        version_count(im->c.store, im->run->company_id, im->run->run_id, true, im->arena, &t, err);
    if (rc != RC_OK || t.absent == 0)
        return rc;
    arena_init(&a);
    if (im->run->kind ==
        RUN_PERSON) { /* no list stands behind it, and a credential that sees fewer people answers just so */
        im->run->reason = text_of(
            "HR does not know this id now; who has gone is decided by the whole list: import all");
        rc = drop_all_missing(im, err);
    } else if ((rc = version_count_missing(im->c.store, im->run->company_id, im->run->run_id,
                                           &closed, err)) == RC_OK &&
               !guard_may_look_up(&im->limits, closed, im->run->population)) {
        im->not_looked_up = closed;
    } else if (rc == RC_OK) {
        if (im->progress != NULL)
            atomic_store(&im->progress->to_look_up, t.absent);
        if ((rc = ask_and_settle(im, &a, err)) == RC_OK)
            rc = forget_settled(im, err);
    }
    arena_done(&a);
    return rc != RC_OK ? rc : drop_still_missing(im, err);
}
