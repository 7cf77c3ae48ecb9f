#include "sync/few.h"

#include <stdio.h>
#include <string.h>
#include "base/map.h"
#include "store/staged.h"
#include "sync/few_known.h"
#include "sync/setting_values.h"
#include "sync/stopping.h"

/* One of them as read; `known` when the directory has them. */
struct read {
    struct few_person *person;
    struct employee employee;
    struct person known;
    bool is_read, is_known, differs;
};
struct few {
    struct import im;
    struct read *people;
    size_t n;
    struct map teams, held; /* key -> name of a team; ids in HR of whom a held run holds */
};

/* ---- what only a listing may decide ---- */

static void leave(struct read *p, const char *why) {
    p->person->end = FEW_LISTING;
    p->person->why = why;
    p->is_read = false;
}

static void leave_all(struct few *f, const char *why) {
    for (size_t i = 0; i < f->n; i++)
        leave(&f->people[i], why);
}

static enum rc_code unfinished(struct few *f, bool *ret, struct rc_error *err) {
    static const enum run_state states[] = { RUN_LISTING, RUN_CHECKING, RUN_PASSED };
    const struct import *im = &f->im;
    enum rc_code rc = RC_OK;
    struct run left;
    *ret = false;
    for (size_t i = 0; i < RC_LEN(states) && rc == RC_OK && !*ret; i++) {
        rc = run_in_state(im->c.store, im->in.company_id, im->in.integration_id, states[i],
                          im->arena, &left, err);
        *ret = rc == RC_OK;
        rc = rc == RC_NOT_FOUND ? RC_OK : rc;
    }
    return rc;
}

/* NULL: single people may be read at all. */
static enum rc_code in_the_way(struct few *f, const char **ret, struct rc_error *err) {
    const struct integration *in = &f->im.in;
    bool left = false;
    enum rc_code rc = unfinished(f, &left, err);
    *ret = in->listed_us == 0 ? "nobody has been listed yet"
           : !text_equal(in->pinned, in->settings)
               ? "the settings have changed since everybody was listed"
           : (int64_t)mapping_fingerprint(f->im.c.mapping) != in->mapping_fingerprint
               ? "the mapping has changed since everybody was listed"
           : left ? "a run that was interrupted comes first"
                  : NULL;
    return rc;
}

/* ---- what is known ---- */

static enum rc_code load_teams(struct few *f, struct rc_error *err) {
    struct version_team *list;
    size_t n = 0;
    enum rc_code rc = team_list(f->im.c.store, f->im.in.company_id, f->im.in.integration_id,
                                f->im.arena, &list, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        map_set(&f->teams, list[i].key.ptr, list[i].key.len, &list[i]);
    return rc;
}

#ifdef ROLLCALL_WITHOUT_FEW /* negative control: what a person is asked about is not waited for */
static enum rc_code load_held(struct few *f, struct rc_error *err) {
    (void)f, (void)err;
    return RC_OK;
}
#else
static enum rc_code load_held(struct few *f, struct rc_error *err) {
    static char is_held;
    struct run held;
    struct text *ids;
    size_t n = 0;
    const struct import *im = &f->im;
    enum rc_code rc = run_in_state(im->c.store, im->in.company_id, im->in.integration_id, RUN_HELD,
                                   im->arena, &held, err);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc == RC_OK)
        rc = staged_ids(im->c.store, im->in.company_id, held.run_id, im->arena, &ids, &n, err);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        map_set(&f->held, ids[i].ptr, ids[i].len, &is_held);
    return rc;
}
#endif

/* ---- reading ---- */

/* HR does not have them. Whoever has gone is decided by the whole list. */
static void not_there(struct read *p) {
    if (!p->is_known)
        p->person->end = FEW_UNKNOWN;
    else if (p->known.presence == PRESENCE_GONE)
        p->person->end = FEW_SAME;
    else
        leave(p, "HR does not know this id now");
}

static enum rc_code read_one(struct few *f, struct read *p, struct rc_error *err) {
    struct import *im = &f->im;
    struct text id = p->person->source_id;
    enum rc_code rc = directory_find(im->c.store, im->in.company_id, im->in.integration_id, id,
                                     im->arena, &p->known, err);
    p->is_known = rc == RC_OK;
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    rc = im->source->ops->get(im->source, id, im->arena, &p->employee, err);
    if (rc == RC_NOT_FOUND) {
        not_there(p);
        return RC_OK;
    }
    if (rc == RC_INVALID) { /* an id that is none, an answer that cannot be used */
        leave(p, "HR's answer about this id cannot be used");
        return RC_OK;
    }
    if (rc != RC_OK)
        return rc;
    p->is_read = true;
    p->person->shown_us = p->employee.modified_us;
    return RC_OK;
}

static enum rc_code read_all(struct few *f, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < f->n && rc == RC_OK; i++)
        if ((rc = stopping_asked(f->im.c.clock, err)) == RC_OK)
            rc = read_one(f, &f->people[i], err);
    return rc;
}

/* ---- looking at what was read ---- */

/* HR's clock, as far as it has said what it is. */
static int64_t ahead_us(const struct source *s) {
    int64_t date_us = s->remote_date_us;
    return date_us != 0 ? date_us - s->remote_seen_us : 0;
}

/* A reading that is the older one is looked at again, and changes nothing. */
static void doubt(struct few *f, struct read *p, bool comes_back) {
    int64_t ahead = ahead_us(f->im.source), known = p->known.read_us;
    struct few_times t = {
        .told_us = p->person->told_us,
        .shown_us = p->person->shown_us,
        .known_us = (known > f->im.in.listed_us ? known : f->im.in.listed_us) + ahead,
        .now_us = clock_now_us(f->im.c.clock) + ahead,
    };
    enum few_age age = few_age(&t, comes_back);
    if (age == FEW_UNSURE)
        leave(p, comes_back ? "somebody who has left comes back, and HR does not say since when"
                            : "what HR shows may be older than what is known");
    if (age == FEW_OLDER) {
        p->person->end = FEW_SAME;
        p->is_read = false;
    }
}

/* Whoever states the same as the directory says. A preview that has staged them says otherwise, from an
 * older reading: then they get a version of their own, and are left out of that one. */
static enum rc_code compare(struct few *f, struct read *p, struct rc_error *err) {
    struct few_known is = { 0 };
    bool waits = false;
    p->differs = true;
    if (!p->is_known)
        return RC_OK;
    enum rc_code rc = few_known_compare(&f->im, &p->known, &p->employee, &is, err);
    if (rc != RC_OK)
        return rc;
    p->differs = is.differs;
    /* An HR system that calls everybody gone shows itself in a list of everybody, not here. */
    if (is.differs && is.leaves_undated)
        leave(p, "HR calls them gone, and names no last day that is over");
    else if (is.differs)
        doubt(f, p, is.comes_back);
    else if ((rc = version_waits(f->im.c.store, f->im.in.company_id, p->known.user_id, &waits,
                                 err)) == RC_OK)
        p->differs = waits;
    return rc;
}

static bool knows_teams(struct few *f, const struct employee *e) {
    struct mapping_team teams[MAPPING_TEAMS_MAX];
    size_t n = mapping_teams(f->im.c.mapping, e, f->im.arena, teams);
    for (size_t i = 0; i < n; i++) {
        const struct version_team *t =
            teams[i].name.state != TEXT_SET
                ? NULL /* the id alone: a listing would learn no more */
                : map_find(&f->teams, teams[i].key.ptr, teams[i].key.len);
        if (teams[i].name.state == TEXT_SET && (t == NULL || !text_equal(t->name, teams[i].name)))
            return false;
    }
    return true;
}

static bool is_accepted(const struct few *f, struct text id) {
    for (size_t i = 0; i < f->n; i++)
        if (f->people[i].is_read && text_equal(f->people[i].person->source_id, id))
            return true;
    return false;
}

/* A manager whom the directory has, who comes along, or who was stated before already. */
static enum rc_code knows_manager(struct few *f, const struct read *p, bool *ret,
                                  struct rc_error *err) {
    struct import *im = &f->im;
    struct text before = { 0 }, theirs;
    struct mapping_outcome outcome;
    struct user u;
    int64_t user_id = 0;
    enum rc_code rc = RC_OK;
    mapping_build(im->c.mapping, &p->employee, NULL, im->arena, &u, &outcome);
    struct text boss = u.fields[USER_MANAGER];
    *ret = boss.state != TEXT_SET || is_accepted(f, boss);
    if (*ret)
        return rc;
    if ((rc = directory_manager(im->c.store, im->in.company_id, im->in.integration_id, boss,
                                im->arena, &user_id, &theirs, err)) != RC_OK)
        return rc;
    *ret = user_id != 0;
    if (*ret || !p->is_known)
        return rc;
    rc = directory_manager(im->c.store, im->in.company_id, im->in.integration_id,
                           p->person->source_id, im->arena, &user_id, &before, err);
    *ret = rc == RC_OK && text_equal(before, boss);
    return rc;
}

static enum rc_code look_at(struct few *f, struct read *p, struct rc_error *err) {
    struct text id = p->person->source_id;
    if (map_find(&f->held, id.ptr, id.len) != NULL) {
        leave(p, "a run that is held holds this person");
        return RC_OK;
    }
    enum rc_code rc = compare(f, p, err);
    if (rc == RC_OK && p->is_read && p->differs && !knows_teams(f, &p->employee))
        leave(p, "a team is new, or has another name");
    return rc;
}

/* Whoever is left to a listing may be somebody's manager here: until nobody is left any more. */
static enum rc_code look_at_all(struct few *f, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    bool again = true, known = false;
    for (size_t i = 0; i < f->n && rc == RC_OK; i++)
        if (f->people[i].is_read)
            rc = look_at(f, &f->people[i], err);
    while (again && rc == RC_OK) {
        again = false;
        for (size_t i = 0; i < f->n && rc == RC_OK; i++) {
            struct read *p = &f->people[i];
            if (!p->is_read || !p->differs || (rc = knows_manager(f, p, &known, err)) != RC_OK ||
                known)
                continue;
            leave(p, "the manager is not known");
            again = true;
        }
    }
    return rc;
}

/* ---- the run ---- */

static size_t differing(const struct few *f) {
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        n += f->people[i].is_read && f->people[i].differs;
    return n;
}

static enum rc_code stage_them(struct few *f, struct rc_error *err) {
    struct import *im = &f->im;
    struct person *known = ARENA_NEW(im->arena, struct person, f->n + 1);
    size_t known_n = 0;
    enum rc_code rc = stage_open(&im->c, im->run, &im->stage, err);
    for (size_t i = 0; i < f->n; i++)
        if (f->people[i].is_known)
            known[known_n++] = f->people[i].known;
    if (rc != RC_OK)
        return rc;
    stage_load_few(im->stage, known, known_n);
    for (size_t i = 0; i < f->n && rc == RC_OK; i++)
        if (f->people[i].is_read && f->people[i].differs)
            rc = stage_person(im->stage, &f->people[i].employee, NULL, err);
    if (rc != RC_OK)
        return rc;
    im->run->state = RUN_CHECKING;
    return stage_flush(im->stage, true, err);
}

static enum rc_code run_them(struct few *f, struct rc_error *err) {
    struct import *im = &f->im;
    char because[400];
    enum rc_code rc = import_begin(im, RUN_PERSON, false, err);
    if (rc != RC_OK)
        return rc;
    if ((rc = stage_them(f, err)) == RC_OK)
        rc = settle_run(im, err);
    if (rc != RC_OK && rc != RC_CONFLICT && im->run->state == RUN_LISTING) {
        snprintf(because, sizeof because, "%s", err->text);
        settle_fail(im->c.store, im->run, im->c.clock,
                    arena_str(im->arena, because, strlen(because)), NULL);
    }
    for (size_t i = 0; i < f->n && rc == RC_OK; i++) {
        struct read *p = &f->people[i];
        if (!p->is_read || !p->differs)
            continue;
        if (im->run->state == RUN_APPLIED)
            p->person->end = FEW_CHANGED;
        else
            leave(p, "more than the guard lets a few people do at once");
    }
    return rc;
}

/* As import_connect(), but every few seconds. */
static enum rc_code connect_often(struct import *im, struct rc_error *err) {
    const char *values[SETTING_VALUES_MAX];
    char name[64];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(im->in.source));
    const struct source_ops *ops = im->o->source != NULL ? im->o->source : source_find(name);
    if (ops == NULL)
        return rc_fail(err, RC_FATAL, "this program has no source \"%s\"", name);
    setting_values(ops->settings, im->in.settings, im->in.secrets, im->arena, values);
    struct source_config config = { .ops = ops,
                                    .values = values,
                                    .reads = mapping_reads(im->c.mapping),
                                    .clock = im->c.clock,
                                    .often = true };
    return source_open(&config, &im->source, err);
}

static enum rc_code do_all(struct few *f, struct rc_error *err) {
    struct import *im = &f->im;
    const char *why = NULL;
    enum rc_code rc = in_the_way(f, &why, err);
    if (rc == RC_OK && why == NULL)
        rc = connect_often(im, err);
    if (rc == RC_OK && why == NULL && (im->source->ops->caps & SOURCE_GET) == 0)
        why = "people cannot be asked for by id there";
    if (rc != RC_OK || why != NULL) {
        if (rc == RC_OK)
            leave_all(f, why);
        return rc;
    }
    if ((rc = load_teams(f, err)) != RC_OK || (rc = load_held(f, err)) != RC_OK ||
        (rc = read_all(f, err)) != RC_OK || (rc = look_at_all(f, err)) != RC_OK)
        return rc;
    return differing(f) > 0 ? run_them(f, err) : RC_OK;
}

enum rc_code few_run(struct store *st, const struct secret_key *k, const struct company *company,
                     const struct integration *in, const struct few_options *o,
                     struct few_person *people, size_t n, struct arena *a, struct run *ret,
                     struct rc_error *err) {
    struct import_options options = { .who = o->who, .clock = o->clock, .source = o->source };
    struct few f = { .im = { .o = &options, .run = ret, .few = true },
                     .people = ARENA_NEW(a, struct read, n + 1),
                     .n = n };
    struct rc_error own;
    struct lease lease;
    *ret = (struct run){ 0 };
    if (err == NULL)
        err = &own;
    for (size_t i = 0; i < n; i++)
        f.people[i].person = &people[i];
    enum rc_code rc = import_prepare(&f.im, st, k, company, in, o->clock, &lease, a, err);
    if (rc != RC_OK)
        return rc;
    map_init(&f.teams);
    map_init(&f.held);
    rc = do_all(&f, err);
    map_done(&f.teams);
    map_done(&f.held);
    stage_close(f.im.stage);
    source_close(f.im.source);
    db_rollback(st->db); /* harmless when nothing is open */
    lease_release(st, &lease);
    return rc;
}
