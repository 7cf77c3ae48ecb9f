#include "show/invited.h"

#include "store/version.h"
#include "sync/accounts.h"

enum { AT_ONCE = 500 };

static void add(struct show_invited *v, int64_t user_id) {
    if (v->n == v->cap) {
        v->cap = v->cap != 0 ? 2 * v->cap : 256;
        v->users = mem_realloc(v->users, v->cap * sizeof *v->users);
    }
    v->users[v->n++] = user_id;
}

void show_invited_done(struct show_invited *v) {
    mem_free(v->users);
    *v = (struct show_invited){ 0 };
}

static enum rc_code add_named(const struct show *s, const struct company *co, const char *who,
                              struct show_invited *v, struct rc_error *err) {
    struct person *people;
    size_t n;
    enum rc_code rc =
        directory_search(s->st, co->company_id, text_of(who), 20, s->arena, &people, &n, err);
    if (rc != RC_OK)
        return rc;
    if (n == 0)
        return rc_fail_as(err, RC_NOT_FOUND, "person.unknown",
                          "the directory has nobody with the id or e-mail \"%.80s\"", who);
    if (n > 1)
        return rc_fail_as(err, RC_INVALID, "person.several",
                          "%zu people are called %.80s: say which by # and the number that people "
                          "show has",
                          n, who);
    add(v, people[0].user_id);
    return RC_OK;
}

/* ---- by team ---- */

struct team {
    const char *called; /* NULL: any */
    int64_t integration_id;
    struct version_team *list; /* of that integration */
    size_t n;
};

static enum rc_code load_teams(const struct show *s, const struct company *co,
                               const struct person *p, struct team *t, struct rc_error *err) {
    if (t->integration_id == p->integration_id)
        return RC_OK;
    t->integration_id = p->integration_id;
    return team_list(s->st, co->company_id, p->integration_id, s->arena, &t->list, &t->n, err);
}

static bool is_in_team(const struct team *t, struct text key) {
    if (text_is(key, t->called))
        return true;
    for (size_t i = 0; i < t->n && key.state == TEXT_SET; i++)
        if (text_equal(t->list[i].key, key))
            return text_is(t->list[i].name, t->called);
    return false;
}

static enum rc_code add_if_in_team(const struct show *s, const struct company *co,
                                   struct show_reader *reader, int64_t user_id, struct team *t,
                                   struct arena *a, struct show_invited *v, struct rc_error *err) {
    struct show_view view;
    struct person p;
    enum rc_code rc = directory_get(s->st, co->company_id, user_id, a, &p, err);
    if (rc != RC_OK || (rc = load_teams(s, co, &p, t, err)) != RC_OK ||
        (rc = show_view(reader, &p, 0, a, &view, err)) != RC_OK)
        return rc;
    if (is_in_team(t, view.user.fields[USER_PRIMARY_TEAM]))
        add(v, user_id);
    return RC_OK;
}

static enum rc_code add_waiting(const struct show *s, const struct company *co,
                                const struct platform *p, const char *called,
                                struct show_invited *v, struct rc_error *err) {
    struct team team = { .called = called };
    struct show_reader reader;
    struct account_row *rows;
    struct arena a;
    int64_t after = 0;
    size_t n = 0;
    enum rc_code rc = show_reader_open(co, clock_now_us(s->clock), &reader, err);
    if (rc != RC_OK)
        return rc;
    arena_init(&a);
    do {
        arena_reset(&a);
        rc = account_list(s->st, co->company_id, p->destination_id, ACCOUNT_ALL, after, AT_ONCE, &a,
                          &rows, &n, err);
        for (size_t i = 0; rc == RC_OK && i < n; i++) {
            after = rows[i].account_id;
            if (rows[i].is.user_id == 0 || !accounts_may_invite(&rows[i]))
                continue;
            if (called == NULL)
                add(v, rows[i].is.user_id);
            else
                rc = add_if_in_team(s, co, &reader, rows[i].is.user_id, &team, &a, v, err);
        }
    } while (rc == RC_OK && n == AT_ONCE);
    arena_done(&a);
    show_reader_close(&reader);
    return rc;
}

/* Nobody of a team waits: is there such a team at all? */
static enum rc_code is_a_team(const struct show *s, const struct company *co,
                              const struct platform *p, const char *called, struct rc_error *err) {
    struct team_row *teams;
    size_t n;
    enum rc_code rc =
        team_link_list(s->st, co->company_id, p->destination_id, s->arena, &teams, &n, err);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (text_is(teams[i].key, called) || text_is(teams[i].name, called))
            return RC_OK;
    return rc != RC_OK ? rc
                       : rc_fail_as(err, RC_NOT_FOUND, "team.unknown",
                                    "HR has no team with the name or key \"%.80s\"", called);
}

enum rc_code show_invited_find(const struct show *s, const struct company *co,
                               const struct platform *p, const char *const *names, size_t names_n,
                               const char *team, struct show_invited *ret, struct rc_error *err) {
    enum rc_code rc = RC_OK;
    *ret = (struct show_invited){ 0 };
    for (size_t i = 0; i < names_n && rc == RC_OK; i++)
        rc = add_named(s, co, names[i], ret, err);
    if (rc == RC_OK && names_n == 0)
        rc = add_waiting(s, co, p, team, ret, err);
    if (rc == RC_OK && ret->n == 0 && team != NULL)
        rc = is_a_team(s, co, p, team, err);
    return rc;
}
