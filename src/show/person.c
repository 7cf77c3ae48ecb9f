#include <stdio.h>
#include <string.h>

#include "people/problem.h"
#include "people/stored.h"
#include "show/show.h"

const struct integration *show_integration_of(const struct show_subjects *all,
                                              int64_t integration_id) {
    for (size_t i = 0; i < all->integrations_n; i++)
        if (all->integrations[i].integration_id == integration_id)
            return &all->integrations[i];
    return NULL;
}

int64_t show_listed_of(const struct show_subjects *all, int64_t integration_id) {
    const struct integration *in = show_integration_of(all, integration_id);
    return in != NULL ? in->listed_us : 0;
}

bool show_has_problem(const struct person *p, const char *word) {
    if (strcmp(word, "any") == 0)
        return p->problems != 0;
    for (int i = 0; i < PROBLEMS_N; i++)
        if (p->problems >> i & 1 && strcmp(word, problem_name((enum problem)i)) == 0)
            return true;
    return false;
}

bool show_is_problem(const char *word) {
    const struct person all = { .problems = ~UINT64_C(0) };
    return show_has_problem(&all, word);
}

struct text show_name(const struct user *u, struct arena *a) {
    struct text first = u->fields[USER_FIRST_NAME], last = u->fields[USER_LAST_NAME];
    bool both = first.state == TEXT_SET && last.state == TEXT_SET;
    return text_of(arena_printf(a, "%.*s%s%.*s", TEXT_ARG(first), both ? " " : "", TEXT_ARG(last)));
}

struct text show_plain(struct text t, struct arena *a) {
    struct text one;
    size_t cursor = 0;
    struct buf b;
    if (t.state != TEXT_SET || memchr(t.ptr, USER_TEAMS_BETWEEN, t.len) == NULL)
        return t;
    buf_init(&b, 1 << 20);
    while (user_teams_next(t, &cursor, &one))
        buf_printf(&b, "%s%.*s", b.len > 0 ? ", " : "", TEXT_ARG(one));
    struct text plain = text_copy(a, text_from(b.ptr, b.len));
    buf_done(&b);
    return plain;
}

enum rc_code show_reader_open(const struct company *co, int64_t now_us, struct show_reader *ret,
                              struct rc_error *err) {
    char zone[80];
    snprintf(zone, sizeof zone, "%.*s", TEXT_ARG(co->zone));
    *ret = (struct show_reader){ .now_us = now_us };
    enum rc_code rc = zone_open(zone, &ret->zone, err);
    if (rc != RC_OK)
        return rc;
    ret->today = zone_today(ret->zone, ret->now_us);
    ret->json = json_reader_new(1 << 20);
    return RC_OK;
}

void show_reader_close(struct show_reader *r) {
    json_reader_free(r->json);
    zone_close(r->zone);
}

enum rc_code show_view(struct show_reader *r, const struct person *p, int64_t listed_us,
                       struct arena *a, struct show_view *ret, struct rc_error *err) {
    json doc;
    enum rc_code rc = json_parse_copy(r->json, p->user.ptr, p->user.len, &doc, err);
    if (rc != RC_OK || (rc = stored_user_read(doc, a, &ret->user, err)) != RC_OK)
        return rc_context(err, RC_FATAL, "user %lld", (long long)p->user_id);
    int64_t read = listed_us > p->read_us ? listed_us : p->read_us;
    ret->facts = lifecycle_facts_of(&ret->user, p->presence, zone_today(r->zone, read));
    ret->lifecycle = lifecycle_decide(&ret->facts, &lifecycle_policy_default, r->today, &ret->rule);
    return RC_OK;
}

static void put_problems(struct json_writer *w, uint64_t problems) {
    json_array(w, "problems");
    for (int p = 0; p < PROBLEMS_N; p++)
        if (problems >> p & 1)
            json_put_cstr(w, NULL, problem_name((enum problem)p));
    json_array_end(w);
}

void show_user(struct json_writer *w, const struct user *u) {
    for (int f = 0; f < USER_FIELDS_N; f++) {
        struct text one;
        size_t cursor = 0;
        if (f != USER_SECONDARY_TEAMS || u->fields[f].state != TEXT_SET) {
            json_put_text(w, user_field_name((enum user_field)f), u->fields[f]);
            continue;
        }
        json_array(w, user_field_name((enum user_field)f));
        while (user_teams_next(u->fields[f], &cursor, &one))
            json_put_text(w, NULL, one);
        json_array_end(w);
    }
    for (size_t i = 0; i < u->custom_n; i++)
        json_put_text(w, u->custom[i].name, u->custom[i].value);
}

void show_person(struct json_writer *w, const char *key, const struct person *p,
                 const struct show_view *v) {
    json_object(w, key);
    json_put_text(w, "person", p->source_id);
    json_put_int(w, "user_id", p->user_id);
    json_put_int(w, "run", p->run_id);
    json_put_cstr(w, "lifecycle", lifecycle_name(v->lifecycle));
    json_put_cstr(w, "rule", v->rule);
    json_put_cstr(w, "presence", presence_name(p->presence));
    json_object(w, "user");
    show_user(w, &v->user);
    json_object_end(w);
    put_problems(w, p->problems);
    json_object_end(w);
}
