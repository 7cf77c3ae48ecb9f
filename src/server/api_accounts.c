/* Accounts: whose they are and what is decided about them, and what people decide by hand. */
#include <string.h>

#include "server/api_p.h"
#include "show/invited.h"
#include "show/subject.h"
#include "sync/accounts.h"
#include "sync/calendar.h"
#include "sync/left.h"

enum { AT_ONCE = 500, NAME_BYTES = 200, FOR_BYTES = 1000, NAMED_MOST = 100, PEOPLE_MOST = 1000 };

static struct accounts_context context(const struct api_call *c, const struct platform *p) {
    return (struct accounts_context){
        .st = c->st, .company = &c->company, .platform = p, .clock = c->show.clock, .who = c->who
    };
}

static enum rc_code done(struct api_call *c, enum rc_code rc, const char *what) {
    if (rc == RC_OK)
        json_put_cstr(&c->w, "done", what);
    return rc;
}

/* ---- lists ---- */

/* On every page: they are few. */
static enum rc_code put_teams(struct api_call *c, const struct platform *p, struct rc_error *err) {
    struct team_lost *lost;
    struct accounts_team_wait *waits;
    size_t lost_n = 0, waits_n = 0;
    enum rc_code rc = accounts_lost_teams(c->st, p, c->arena, &lost, &lost_n, err);
    if (rc == RC_OK)
        rc = accounts_waiting_teams(c->st, p, c->arena, &waits, &waits_n, err);
    json_array(&c->w, "teams");
    for (size_t i = 0; i < lost_n && rc == RC_OK; i++)
        show_lost_team(&c->w, &lost[i], c->arena);
    for (size_t i = 0; i < waits_n && rc == RC_OK; i++)
        show_waiting_team(&c->w, &waits[i], c->arena);
    json_array_end(&c->w);
    return rc;
}

/* The rows that are there, in pages of the request. */
static enum rc_code put_list(struct api_call *c, const char *key, enum account_filter which,
                             struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    int64_t company = c->company.company_id, total, most, after;
    struct account_row *rows;
    struct platform p;
    size_t n;
    enum rc_code rc = api_limit(c, &most, err);
    if (rc != RC_OK || (rc = api_cursor(c, &after, err)) != RC_OK ||
        (rc = api_destination(c, &p, err)) != RC_OK ||
        (rc = account_count(c->st, company, p.destination_id, which, &total, err)) != RC_OK ||
        (rc = account_list(c->st, company, p.destination_id, which, after, (size_t)most + 1,
                           c->arena, &rows, &n, err)) != RC_OK)
        return rc;
    size_t shown = n > (size_t)most ? (size_t)most : n;
    json_put_int(&c->w, "total", total);
    json_array(&c->w, key);
    for (size_t i = 0; i < shown && rc == RC_OK; i++)
        rc = show_account_row(c->st, &c->w, company, p.destination_id, &rows[i], r, c->arena, err);
    json_array_end(&c->w);
    if (rc == RC_OK && which == ACCOUNT_ASKS && strcmp(key, "conflicts") == 0)
        rc = put_teams(c, &p, err);
    api_put_next(c, n > shown ? rows[shown - 1].account_id : 0);
    return rc;
}

/* Found all at once, of which the request's page is shown. */
static enum rc_code put_left(struct api_call *c, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    int64_t total = 0, most, after;
    struct account_row *rows;
    struct platform p;
    size_t n = 0;
    enum rc_code rc = api_limit(c, &most, err);
    if (rc != RC_OK || (rc = api_cursor(c, &after, err)) != RC_OK ||
        (rc = api_destination(c, &p, err)) != RC_OK ||
        (rc = left_find(c->st, &c->company, &p, c->now_us, after, (size_t)most + 1, c->arena, &rows,
                        &n, &total, err)) != RC_OK)
        return rc;
    size_t shown = n > (size_t)most ? (size_t)most : n;
    json_put_int(&c->w, "total", total);
    json_array(&c->w, "accounts");
    for (size_t i = 0; i < shown && rc == RC_OK; i++)
        rc = show_account_row(c->st, &c->w, c->company.company_id, p.destination_id, &rows[i], r,
                              c->arena, err);
    json_array_end(&c->w);
    api_put_next(c, n > shown ? rows[shown - 1].account_id : 0);
    return rc;
}

enum rc_code api_account_list(struct api_call *c, struct rc_error *err) {
    static const char *const words[] = { [ACCOUNT_ALL] = "all",
                                         [ACCOUNT_UNMATCHED] = "unmatched",
                                         [ACCOUNT_ASKS] = "asks",
                                         [ACCOUNT_WAITS] = "waits" };
    const char *which = server_argument(c->q, "which", 0);
    for (size_t i = 0; i < RC_LEN(words); i++)
        if (which == NULL || strcmp(which, words[i]) == 0)
            return put_list(c, "accounts", (enum account_filter)i, err);
    if (strcmp(which, "left") == 0)
        return put_left(c, err);
    return rc_fail_as(err, RC_INVALID, "request.argument",
                      "which is one of all, unmatched, asks, waits, left");
}

enum rc_code api_conflict_list(struct api_call *c, struct rc_error *err) {
    return put_list(c, "conflicts", ACCOUNT_ASKS, err);
}

/* ---- the calendar ---- */

static enum rc_code put_days(struct api_call *c, const struct platform *p,
                             const struct account_row *rows, size_t n, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    date_days day = DATE_NONE;
    enum rc_code rc = RC_OK;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        if (rows[i].due_on != day) {
            if (day != DATE_NONE) {
                json_array_end(&c->w);
                json_object_end(&c->w);
            }
            day = rows[i].due_on;
            json_object(&c->w, NULL);
            show_put_day(&c->w, "day", day);
            json_array(&c->w, "accounts");
        }
        rc = show_account_row(c->st, &c->w, c->company.company_id, p->destination_id, &rows[i], r,
                              c->arena, err);
    }
    if (day != DATE_NONE) {
        json_array_end(&c->w);
        json_object_end(&c->w);
    }
    return rc;
}

enum rc_code api_calendar(struct api_call *c, struct rc_error *err) {
    enum { DAYS_USUAL = 30, DAYS_MOST = 730, ROWS_MOST = 10000 };
    struct account_row *rows;
    struct platform p;
    int64_t days;
    size_t n;
    enum rc_code rc = api_argument(c, "days", 0, DAYS_MOST, DAYS_USUAL, &days, err);
    if (rc != RC_OK || (rc = api_destination(c, &p, err)) != RC_OK ||
        (rc = calendar(c->st, &c->company, &p, c->now_us, (int)days, ROWS_MOST, c->arena, &rows, &n,
                       err)) != RC_OK)
        return rc;
    json_array(&c->w, "days");
    rc = put_days(c, &p, rows, n, err);
    json_array_end(&c->w);
    return rc;
}

/* ---- by hand ---- the next delivery goes by it */

static enum rc_code tied(struct api_call *c, enum rc_code rc, const char *what,
                         const struct accounts_tie *t) {
    if (done(c, rc, what) == RC_OK)
        show_tie(&c->w, t);
    return rc;
}

enum rc_code api_account_link(struct api_call *c, struct rc_error *err) {
    const char *account, *person;
    struct accounts_tie tie;
    struct platform p;
    struct person who;
    bool confirmed;
    enum rc_code rc = api_text(c, "account", true, NAME_BYTES, &account, err);
    if (rc != RC_OK || (rc = api_text(c, "person", true, NAME_BYTES, &person, err)) != RC_OK ||
        (rc = api_flag(c, "confirm", &confirmed, err)) != RC_OK ||
        (rc = api_destination(c, &p, err)) != RC_OK ||
        (rc = show_person_find(&c->show, c->company.company_id, person, &who, err)) != RC_OK)
        return rc;
    const struct accounts_context x = context(c, &p);
    rc = accounts_link(&x, text_of(account), who.user_id, confirmed, c->arena, &tie, err);
    return tied(c, rc, "link", &tie);
}

enum rc_code api_account_unlink(struct api_call *c, struct rc_error *err) {
    const char *account;
    struct accounts_tie tie;
    struct platform p;
    enum rc_code rc = api_text(c, "account", true, NAME_BYTES, &account, err);
    if (rc != RC_OK || (rc = api_destination(c, &p, err)) != RC_OK)
        return rc;
    const struct accounts_context x = context(c, &p);
    rc = accounts_unlink(&x, text_of(account), c->arena, &tie, err);
    return tied(c, rc, "unlink", &tie);
}

enum rc_code api_account_ignore(struct api_call *c, struct rc_error *err) {
    const char *named[NAMED_MOST];
    struct text ids[NAMED_MOST];
    struct platform p;
    bool no_longer;
    size_t n;
    enum rc_code rc = api_texts(c, "accounts", NAME_BYTES, named, NAMED_MOST, &n, err);
    if (rc != RC_OK || (rc = api_flag(c, "no_longer", &no_longer, err)) != RC_OK ||
        (rc = api_destination(c, &p, err)) != RC_OK)
        return rc;
    if (n == 0)
        return rc_fail_as(err, RC_INVALID, "request.body", "accounts is missing");
    for (size_t i = 0; i < n; i++)
        ids[i] = text_of(named[i]);
    const struct accounts_context x = context(c, &p);
    return done(c, accounts_ignore(&x, ids, n, !no_longer, err), "ignore");
}

/* As the list gave it: what is asked may have become something else since. */
static enum rc_code read_question(const struct api_call *c, struct accounts_question *ret,
                                  struct rc_error *err) {
    const char *asks, *asks_for;
    enum rc_code rc = api_text(c, "asks", true, NAME_BYTES, &asks, err);
    if (rc != RC_OK || (rc = api_text(c, "asks_for", false, FOR_BYTES, &asks_for, err)) != RC_OK)
        return rc;
    *ret = (struct accounts_question){ account_approval_parse(text_of(asks)), text_of(asks_for) };
    return ret->asks != ACCOUNT_APPROVAL_NONE
               ? RC_OK
               : rc_fail_as(err, RC_INVALID, "request.body",
                            "asks is what the account asks, as the list of conflicts says it");
}

static enum rc_code read_answer(const struct api_call *c, enum accounts_answer *ret,
                                struct rc_error *err) {
    const char *word;
    int answer = 0;
    enum rc_code rc = api_text(c, "answer", true, NAME_BYTES, &word, err);
    if (rc != RC_OK)
        return rc;
    while (answer < ACCOUNTS_ANSWERS_N &&
           strcmp(word, accounts_answer_name((enum accounts_answer)answer)) != 0)
        answer++;
    *ret = (enum accounts_answer)answer;
    return answer < ACCOUNTS_ANSWERS_N
               ? RC_OK
               : rc_fail_as(err, RC_INVALID, "request.body",
                            "answer is one of approve, link, create, ignore");
}

/* By its key in HR, or its name there. */
enum rc_code api_team_resolve(struct api_call *c, struct rc_error *err) {
    enum accounts_answer answer;
    struct platform p;
    const char *team, *id;
    int64_t team_id;
    enum rc_code rc = read_answer(c, &answer, err);
    if (rc != RC_OK || (rc = api_text(c, "team", true, NAME_BYTES, &team, err)) != RC_OK ||
        (rc = api_text(c, "id", false, NAME_BYTES, &id, err)) != RC_OK)
        return rc;
    if (id != NULL && answer != ACCOUNTS_LINK)
        return rc_fail_as(err, RC_INVALID, "request.body", "id is said with link alone");
    if ((rc = api_destination(c, &p, err)) != RC_OK ||
        (rc = show_team_find(&c->show, c->company.company_id, p.destination_id, team, &team_id,
                             err)) != RC_OK)
        return rc;
    const struct accounts_context x = context(c, &p);
    rc = id != NULL ? accounts_link_team(&x, team_id, text_of(id), c->arena, NULL, err)
                    : accounts_resolve_team(&x, team_id, answer, err);
    return done(c, rc, accounts_answer_name(answer));
}

enum rc_code api_conflict_resolve(struct api_call *c, struct rc_error *err) {
    enum accounts_answer answer;
    struct accounts_question asked;
    struct platform p;
    struct person who;
    enum rc_code rc = read_answer(c, &answer, err);
    if (rc != RC_OK || (rc = read_question(c, &asked, err)) != RC_OK ||
        (rc = api_destination(c, &p, err)) != RC_OK ||
        (rc = show_person_find(&c->show, c->company.company_id, c->parts[2], &who, err)) != RC_OK)
        return rc;
    const struct accounts_context x = context(c, &p);
    rc = accounts_resolve(&x, who.user_id, answer, &asked, err);
    return done(c, rc, accounts_answer_name(answer));
}

/* ---- invitations ---- */

struct invitation {
    const char *people[PEOPLE_MOST], *team, *on;
    size_t people_n;
    bool all, preview;
    int64_t confirm; /* -1: not said */
    date_days day;
};

static enum rc_code read_invitation(const struct api_call *c, struct invitation *ret,
                                    struct rc_error *err) {
    enum rc_code rc =
        api_texts(c, "people", NAME_BYTES, ret->people, PEOPLE_MOST, &ret->people_n, err);
    if (rc != RC_OK || (rc = api_text(c, "team", false, NAME_BYTES, &ret->team, err)) != RC_OK ||
        (rc = api_flag(c, "all", &ret->all, err)) != RC_OK ||
        (rc = api_flag(c, "preview", &ret->preview, err)) != RC_OK ||
        (rc = api_whole(c, "confirm", 0, INT32_MAX, -1, &ret->confirm, err)) != RC_OK ||
        (rc = api_text(c, "on", false, NAME_BYTES, &ret->on, err)) != RC_OK)
        return rc;
    if ((ret->people_n > 0) + (ret->team != NULL) + ret->all != 1)
        return rc_fail_as(err, RC_INVALID, "request.body", "say whom: one of people, team and all");
    ret->day = DATE_NONE;
    if (ret->on != NULL && date_parse(ret->on, strlen(ret->on), &ret->day, NULL) != RC_OK)
        return rc_fail_as(err, RC_INVALID, "request.body", "on is a day like 2026-11-30");
    return RC_OK;
}

/* Who waits for an invitation changes: whoever means all of them, or a team, says how many those are. */
static enum rc_code check_number(const struct invitation *of, size_t n, struct rc_error *err) {
    bool may_be_left_out = of->preview || of->people_n > 0;
    if (of->confirm < 0 ? may_be_left_out : of->confirm == (int64_t)n)
        return RC_OK;
    return rc_fail_as(err, RC_INVALID, "account.confirm",
                      "this invites %zu people; look whom with preview, and if that is meant, say "
                      "confirm %zu",
                      n, n);
}

static enum rc_code put_invited(struct api_call *c, const struct platform *p,
                                const struct show_invited *v, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    struct account_row row;
    struct arena one;
    enum rc_code rc = RC_OK;
    arena_init(&one);
    json_array(&c->w, "people");
    for (size_t i = 0; i < v->n && rc == RC_OK; i++, arena_reset(&one))
        if ((rc = account_of_user(c->st, c->company.company_id, p->destination_id, v->users[i],
                                  &one, &row, err)) == RC_OK)
            rc = show_account_row(c->st, &c->w, c->company.company_id, p->destination_id, &row, r,
                                  &one, err);
    json_array_end(&c->w);
    arena_done(&one);
    return rc;
}

enum rc_code api_invite(struct api_call *c, struct rc_error *err) {
    struct invitation *of = ARENA_NEW(c->arena, struct invitation, 1);
    struct show_invited v;
    struct platform p;
    enum rc_code rc = read_invitation(c, of, err);
    if (rc != RC_OK || (rc = api_destination(c, &p, err)) != RC_OK)
        return rc;
    rc = show_invited_find(&c->show, &c->company, &p, of->people, of->people_n, of->team, &v, err);
    const struct accounts_context x = context(c, &p);
    if (rc == RC_OK)
        rc = check_number(of, v.n, err);
    if (rc == RC_OK && v.n > 0)
        rc = of->preview ? accounts_would_invite(&x, v.users, v.n, err)
                         : accounts_invite(&x, v.users, v.n, of->day, err);
    if (rc == RC_OK) {
        json_put_bool(&c->w, "preview", of->preview);
        json_put_cstr(&c->w, "on", of->on);
        rc = put_invited(c, &p, &v, err);
    }
    show_invited_done(&v);
    return rc;
}

/* ---- pins ---- */

enum rc_code api_pin_list(struct api_call *c, struct rc_error *err) {
    struct platform p;
    struct team_row *teams;
    struct pin *list;
    struct show_pin of;
    size_t n = 0, teams_n = 0;
    int64_t company = c->company.company_id;
    enum rc_code rc = api_destination(c, &p, err);
    if (rc != RC_OK ||
        (rc = pin_list(c->st, company, p.destination_id, 0, c->arena, &list, &n, err)) != RC_OK ||
        (rc = team_link_list(c->st, company, p.destination_id, c->arena, &teams, &teams_n, err)) !=
            RC_OK)
        return rc;
    json_array(&c->w, "pins");
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        if ((rc = show_pin_load(&c->show, &list[i], company, p.destination_id, teams, teams_n, &of,
                                err)) == RC_OK)
            show_pin(&c->w, &of);
    json_array_end(&c->w);
    return rc;
}

/* Of a person, or of a team by its key in HR or its name there. */
static enum rc_code pinned_of(struct api_call *c, const struct platform *p, int64_t *ret,
                              struct rc_error *err) {
    const char *person, *team;
    struct person who;
    enum rc_code rc = api_text(c, "person", false, NAME_BYTES, &person, err);
    if (rc != RC_OK || (rc = api_text(c, "team", false, NAME_BYTES, &team, err)) != RC_OK)
        return rc;
    if ((person != NULL) == (team != NULL))
        return rc_fail_as(err, RC_INVALID, "request.body", "say whose: one of person and team");
    if (team != NULL)
        return show_team_find(&c->show, c->company.company_id, p->destination_id, team, ret, err);
    rc = show_person_find(&c->show, c->company.company_id, person, &who, err);
    if (rc == RC_OK)
        *ret = who.user_id;
    return rc;
}

enum rc_code api_pin_release(struct api_call *c, struct rc_error *err) {
    const char *field;
    struct platform p;
    int64_t subject_id;
    size_t n = 0;
    enum rc_code rc = api_text(c, "field", false, NAME_BYTES, &field, err);
    if (rc != RC_OK || (rc = api_destination(c, &p, err)) != RC_OK ||
        (rc = pinned_of(c, &p, &subject_id, err)) != RC_OK)
        return rc;
    const struct accounts_context x = context(c, &p);
    if ((rc = accounts_release(&x, subject_id, text_of(field), &n, err)) == RC_OK)
        json_put_int(&c->w, "released", (int64_t)n);
    return rc;
}
