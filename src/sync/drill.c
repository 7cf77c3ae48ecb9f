#include "sync/drill.h"

#include <string.h>
#include "base/map.h"
#include "people/stored.h"
#include "source/drill.h"
#include "store/copy.h"
#include "store/directory.h"
#include "store/version.h"

const char *drill_by_name(enum drill_by by) {
    static const char *const names[] = { "nothing", "proof",     "half-known", "look-up",
                                         "limit",   "no-effect", "not-tried" };
    return names[by];
}

/* ---- with whom it is played ---- */

struct someone {
    struct employee employee; /* as HR states it today */
    struct text team;         /* key; missing: none */
    bool has_left;
};
struct stage_play {
    struct store *real, *copy;
    const struct secret_key *key;
    const struct company *company;
    struct integration in; /* of the copy */
    const struct source_ops *like;
    const struct clock_source *clock;
    struct arena *a;            /* of the answer */
    struct arena scene;         /* of one disaster */
    struct json_reader *reader; /* while everybody is read */
    struct someone *everybody;
    size_t n;
    struct source_rights rights;
    bool has_rights;
    struct text largest_team; /* missing: nobody has one */
    size_t largest_team_n;
    const struct someone *of_largest; /* one of them */
    /* this disaster's */
    struct employee *employees;
    struct drill_person *people;
    struct drill_source source;
    int64_t concerned;
};

/* Everybody whom HR listed last time; who was missing then is not in the copy either. */
static enum rc_code read_one(void *self, const struct person *row, struct arena *page,
                             struct rc_error *err) {
    struct stage_play *p = self;
    struct someone *who = &p->everybody[p->n];
    struct user u;
    json doc;
    if (row->presence != PRESENCE_LISTED)
        return RC_OK;
    enum rc_code rc = json_parse_copy(p->reader, row->employee.ptr, row->employee.len, &doc, err);
    if (rc != RC_OK || (rc = stored_employee_read(doc, p->a, &who->employee, err)) != RC_OK)
        return rc;
    employee_keep(&who->employee, p->a);
    if ((rc = json_parse_copy(p->reader, row->user.ptr, row->user.len, &doc, err)) != RC_OK ||
        (rc = stored_user_read(doc, page, &u, err)) != RC_OK)
        return rc;
    who->team = text_copy(p->a, u.fields[USER_PRIMARY_TEAM]);
    who->has_left = row->has_left;
    p->n++;
    return RC_OK;
}

static enum rc_code read_everybody(struct stage_play *p, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    int64_t known;
    enum rc_code rc = directory_count(p->copy, p->in.company_id, p->in.integration_id, &known, err);
    if (rc != RC_OK)
        return rc;
    p->everybody = ARENA_NEW(p->a, struct someone, (size_t)known + 1);
    p->reader = reader;
    rc = directory_each(p->copy, p->in.company_id, p->in.integration_id, read_one, p, err);
    p->reader = NULL;
    return rc;
}

static void find_largest_team(struct stage_play *p) {
    struct map sizes;
    map_init(&sizes);
    for (size_t i = 0; i < p->n; i++) {
        struct text team = p->everybody[i].team;
        if (team.state != TEXT_SET || p->everybody[i].has_left)
            continue;
        size_t *size = map_find(&sizes, team.ptr, team.len);
        if (size == NULL) {
            size = ARENA_NEW(&p->scene, size_t, 1);
            map_set(&sizes, team.ptr, team.len, size);
        }
        if (++*size > p->largest_team_n) {
            p->largest_team_n = *size;
            p->largest_team = team;
            p->of_largest = &p->everybody[i];
        }
    }
    map_done(&sizes);
}

/* What the credential could read at the last listing: then "not found" is believed. */
static void read_rights(struct stage_play *p) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    json doc, key, value;
    const char *s;
    size_t len;
    if ((p->like->caps & SOURCE_RIGHTS) == 0 || p->in.rights.state != TEXT_SET ||
        json_parse_copy(reader, p->in.rights.ptr, p->in.rights.len, &doc, NULL) != RC_OK)
        return;
    json attributes = json_get(doc, "attributes");
    p->rights.attributes = ARENA_NEW(p->a, struct text, json_size(attributes) + 1);
    p->rights.labels = ARENA_NEW(p->a, struct text, json_size(attributes) + 1);
    for (struct json_iter it = json_iter(attributes); json_next(&it, &key, &value);)
        if (json_str(value, &s, &len)) {
            p->rights.labels[p->rights.attributes_n] = TEXT_NONE;
            p->rights.attributes[p->rights.attributes_n++] = text_copy(p->a, text_from(s, len));
        }
    if (json_str(json_get(doc, "scopes"), &s, &len))
        p->rights.scopes = text_copy(p->a, text_from(s, len));
    p->has_rights = p->rights.attributes_n > 0;
}

/* ---- disasters ---- */

/* Everybody as they are, listed and found. */
static void begin_scene(struct stage_play *p) {
    arena_reset(&p->scene);
    p->employees = ARENA_NEW(&p->scene, struct employee, p->n + 1);
    p->people = ARENA_NEW(&p->scene, struct drill_person, p->n + 1);
    for (size_t i = 0; i < p->n; i++) {
        p->employees[i] = p->everybody[i].employee;
        p->people[i] = (struct drill_person){ &p->employees[i], true, true };
    }
    p->source = (struct drill_source){ .people = p->people,
                                       .people_n = p->n,
                                       .rights = p->has_rights ? &p->rights : NULL };
    drill_source_init(&p->source, p->like);
    p->concerned = 0;
}

static void drop(struct stage_play *p, size_t i, bool is_found) {
    p->concerned += p->people[i].is_listed;
    p->people[i].is_listed = false;
    p->people[i].is_found = is_found;
}

static void lists_nobody(struct stage_play *p) {
    for (size_t i = 0; i < p->n; i++)
        drop(p, i, true);
}

static void lists_half(struct stage_play *p) {
    for (size_t i = 0; i < p->n / 2; i++)
        drop(p, i * 2 + 1, true);
    p->source.declared = (int64_t)p->n;
}

static void lists_half_as_all(struct stage_play *p) {
    lists_half(p);
    p->source.declared = -1;
}

/* A few who work, spread over the directory: 3 %, and two at least. */
static void narrow(struct stage_play *p) {
    size_t wanted = (p->n * 3 + 99) / 100, taken = 0;
    wanted = wanted < 2 ? 2 : wanted;
    size_t step = p->n / wanted > 0 ? p->n / wanted : 1;
    for (size_t i = 0; i < p->n && taken < wanted; i += step)
        for (size_t k = i; k < i + step && k < p->n; k++)
            if (!p->everybody[k].has_left) {
                drop(p, k, false);
                taken++;
                break;
            }
}

static void shrink_rights(struct stage_play *p) {
    struct source_rights *less = ARENA_NEW(&p->scene, struct source_rights, 1);
    *less = p->rights;
    less->attributes++;
    less->labels++;
    less->attributes_n--;
    p->source.rights = less;
    for (size_t i = 0; i < p->n; i++)
        p->employees[i].fields[EMPLOYEE_EMAIL] = (struct employee_value){ { 0 }, { 0 } };
    narrow(p);
}

static void change_addresses(struct stage_play *p) {
    for (size_t i = 0; i < p->n; i++) {
        p->employees[i].fields[EMPLOYEE_EMAIL].text =
            text_of(arena_printf(&p->scene, "drill-%zu@example.invalid", i));
        p->concerned++;
    }
}

static void end_all(struct stage_play *p) {
    for (size_t i = 0; i < p->n; i++) {
        p->concerned += !p->everybody[i].has_left;
        p->employees[i].fields[EMPLOYEE_STATUS].text =
            text_of(employment_status_name(EMPLOYMENT_INACTIVE));
    }
}

static bool in_largest(const struct stage_play *p, size_t i) {
    return p->largest_team.state == TEXT_SET && !p->everybody[i].has_left &&
           text_equal(p->everybody[i].team, p->largest_team);
}

static void lose_team(struct stage_play *p) {
    for (size_t i = 0; i < p->n; i++)
        if (in_largest(p, i))
            drop(p, i, false);
}

/* Whatever the mapping makes a team of: all that one person of it has. */
static void move_all(struct stage_play *p) {
    static const enum employee_field groups[] = { EMPLOYEE_DEPARTMENT, EMPLOYEE_TEAM,
                                                  EMPLOYEE_LEGAL_ENTITY, EMPLOYEE_COST_CENTRE };
    for (size_t i = 0; i < p->n && p->of_largest != NULL; i++) {
        p->concerned += !text_equal(p->everybody[i].team, p->largest_team);
        for (size_t g = 0; g < RC_LEN(groups); g++)
            p->employees[i].fields[groups[g]] = p->of_largest->employee.fields[groups[g]];
        p->employees[i].custom = p->of_largest->employee.custom;
        p->employees[i].custom_n = p->of_largest->employee.custom_n;
    }
}

static const struct disaster {
    const char *name, *title;
    void (*make)(struct stage_play *p);
    bool needs_rights, needs_team;
} disasters[] = {
    { "empty-list", "HR lists nobody", lists_nobody, false, false },
    { "half-list", "half of the list is lost; the number of people that HR declares is right",
      lists_half, false, false },
    { "half-list-as-all", "half of the list is lost, and HR declares that this is everybody",
      lists_half_as_all, false, false },
    { "all-emails", "everybody has another e-mail address", change_addresses, false, false },
    { "all-inactive", "everybody's status is inactive", end_all, false, false },
    { "rights-shrank",
      "the credential's rights shrink: no addresses, and 3 % of the people out of sight",
      shrink_rights, true, false },
    { "narrowed", "the credential sees 3 % fewer people, and its rights read as before", narrow,
      false, false },
    { "team-gone", "everybody of the largest team is gone from HR", lose_team, false, true },
    { "one-team", "everybody is moved to the largest team", move_all, false, true },
};

/* ---- what would have stopped it ---- */

static void say(struct stage_play *p, struct drill_result *r, enum drill_by by, struct text t) {
    r->by = by;
    r->texts = ARENA_NEW(p->a, struct text, 1);
    r->texts[0] = text_copy(p->a, t);
    r->texts_n = 1;
}

static bool is_named(const struct rc_error *err, const char *name) {
    return err->name != NULL && strcmp(err->name, name) == 0;
}

/* The guard's own sentences. */
static void say_reasons(struct stage_play *p, const struct run *run, struct drill_result *r) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    json doc = NULL, key, value;
    const char *s;
    size_t len;
    if (json_parse_copy(reader, run->verdict.ptr, run->verdict.len, &doc, NULL) != RC_OK)
        doc = NULL;
    json reasons = json_get(doc, "reasons");
    r->by = DRILL_BY_LIMIT;
    r->texts = ARENA_NEW(p->a, struct text, json_size(reasons) + 1);
    for (struct json_iter it = json_iter(reasons); json_next(&it, &key, &value);)
        if (json_str(value, &s, &len))
            r->texts[r->texts_n++] = text_copy(p->a, text_from(s, len));
    if (r->texts_n == 0)
        r->texts[r->texts_n++] = text_copy(p->a, run->reason);
}

static bool verdict_holds(const struct run *run) {
    RC_CLEANUP(json_reader_freep) struct json_reader *reader = json_reader_new(1 << 20);
    json doc;
    bool held = false;
    return run->verdict.state == TEXT_SET &&
           json_parse_copy(reader, run->verdict.ptr, run->verdict.len, &doc, NULL) == RC_OK &&
           json_bool(json_get(doc, "held"), &held) && held;
}

/* "12 people leaving, 3 name changes"; empty when nothing that has a limit would happen. */
static struct text what_happens(struct stage_play *p, const struct run *run) {
    struct buf b;
    buf_init(&b, 4000);
    for (int c = 0; c < CHANGE_OTHER; c++)
        if (run->counts.classes[c] > 0)
            buf_printf(&b, "%s%lld %s", b.len > 0 ? ", " : "", (long long)run->counts.classes[c],
                       change_class_title((enum change_class)c));
    struct text t = b.len > 0 ? text_copy(p->a, text_from(b.ptr, b.len)) : TEXT_NONE;
    buf_done(&b);
    return t;
}

static void judge(struct stage_play *p, const struct run *run, struct drill_result *r) {
    struct text happens = what_happens(p, run);
    bool someone_was_missing = run->counts.missing > 0;
    if (verdict_holds(run)) {
        say_reasons(p, run, r);
    } else if (happens.state == TEXT_SET) {
        say(p, r, DRILL_BY_NOTHING, happens);
    } else if (someone_was_missing) {
        say(p, r, DRILL_BY_LOOK_UP,
            run->reason.state == TEXT_SET
                ? run->reason
                : TEXT_LIT(
                      "asking for the missing people by id settles it: nobody is taken for gone"));
    } else {
        say(p, r, DRILL_NO_EFFECT, TEXT_LIT("such a list would change nobody"));
    }
}

static enum rc_code play(struct stage_play *p, struct drill_result *r, struct run *ret_run,
                         struct rc_error *err) {
    struct rc_error why = { 0 };
    struct import_options o = {
        .preview = true, .who = "drill", .clock = p->clock, .source = &p->source.ops
    };
    enum rc_code rc =
        store_copy_unsettled(p->real, p->copy, p->in.company_id, p->in.integration_id, err);
    if (rc != RC_OK)
        return rc;
    rc = import_run(p->copy, p->key, p->company, &p->in, &o, &p->scene, ret_run, &why);
    r->people = p->concerned;
    if (rc == RC_OK)
        judge(p, ret_run, r);
    else if (is_named(&why, "listing.incomplete"))
        say(p, r, DRILL_BY_PROOF, text_of(why.text));
    else if (is_named(&why, "listing.other-account") || is_named(&why, "listing.nobody"))
        say(p, r, DRILL_BY_HALF_KNOWN, text_of(why.text));
    else {
        if (err != NULL)
            *err = why;
        return rc;
    }
    /* the stage goes, so that the copy does not grow with every disaster */
    return ret_run->run_id == 0 ? RC_OK
                                : version_drop_all(p->copy, p->in.company_id, ret_run->run_id, err);
}

/* HR repeats what the directory has: nothing may happen, or the drill would show that. */
static enum rc_code rehearse(struct stage_play *p, struct rc_error *err) {
    struct drill_result r = { 0 };
    struct run run;
    begin_scene(p);
    enum rc_code rc = play(p, &r, &run, err);
    if (rc != RC_OK || r.by == DRILL_NO_EFFECT)
        return rc;
    return rc_fail_as(err, RC_CONFLICT, "drill.changes",
                      "the directory would change even if HR repeated it (%.*s): import first, and "
                      "drill then",
                      TEXT_ARG(r.texts[0]));
}

static enum rc_code play_all(struct stage_play *p, struct drill *ret, struct rc_error *err) {
    enum rc_code rc = rehearse(p, err);
    ret->results = ARENA_NEW(p->a, struct drill_result, RC_LEN(disasters));
    for (size_t i = 0; i < RC_LEN(disasters) && rc == RC_OK; i++) {
        const struct disaster *d = &disasters[i];
        struct drill_result *r = &ret->results[ret->results_n++];
        struct run run;
        *r = (struct drill_result){ .name = d->name, .title = d->title };
        if (d->needs_rights && !p->has_rights) {
            say(p, r, DRILL_NOT_TRIED, TEXT_LIT("this source has no rights that could shrink"));
            continue;
        }
        if (d->needs_team && p->largest_team.state != TEXT_SET) {
            say(p, r, DRILL_NOT_TRIED, TEXT_LIT("nobody has a team"));
            continue;
        }
        begin_scene(p);
        d->make(p);
        rc = play(p, r, &run, err);
        ret->through_n += rc == RC_OK && r->by == DRILL_BY_NOTHING;
    }
    return rc;
}

static enum rc_code set_up(struct stage_play *p, const struct integration *in,
                           struct rc_error *err) {
    enum rc_code rc = store_open(":memory:", &p->copy, err);
    int64_t since_us = clock_now_us(p->clock) - (GUARD_DAYS + 1) * INT64_C(86400000000);
    char name[64];
    size_t len = in->source.len < sizeof name - 1 ? in->source.len : sizeof name - 1;
    memcpy(name, in->source.ptr, len);
    name[len] = '\0';
    p->like = source_find(name);
    if (rc == RC_OK && p->like == NULL)
        rc = rc_fail(err, RC_FATAL, "this program has no source \"%s\"", name);
    if (rc != RC_OK ||
        (rc = store_copy_integration(p->real, p->copy, in->company_id, in->integration_id, since_us,
                                     err)) != RC_OK ||
        (rc = integration_get(p->copy, in->company_id, in->integration_id, NULL, p->a, &p->in,
                              err)) != RC_OK ||
        (rc = read_everybody(p, err)) != RC_OK)
        return rc;
    if (p->n == 0)
        return rc_fail_as(
            err, RC_INVALID, "drill.nobody",
            "nobody is known yet: a drill is played with the people of the directory");
    find_largest_team(p);
    read_rights(p);
    return RC_OK;
}

enum rc_code drill_run(struct store *st, const struct secret_key *k, const struct company *company,
                       const struct integration *in, const struct clock_source *clock,
                       struct arena *a, struct drill *ret, struct rc_error *err) {
    struct stage_play p = { .real = st, .key = k, .company = company, .clock = clock, .a = a };
    memset(ret, 0, sizeof *ret);
    arena_init(&p.scene);
    enum rc_code rc = set_up(&p, in, err);
    if (rc == RC_OK) {
        ret->people = (int64_t)p.n;
        rc = play_all(&p, ret, err);
    }
    arena_done(&p.scene);
    store_close(p.copy);
    return rc;
}
