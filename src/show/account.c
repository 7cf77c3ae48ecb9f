#include "show/account.h"

#include "store/version.h"

enum rc_code show_about(struct store *st, const struct account_row *row, int64_t company_id,
                        struct json_reader *r, struct arena *a, struct show_about *ret,
                        struct rc_error *err) {
    const struct account *is = &row->is;
    struct person p;
    *ret = (struct show_about){ .email = account_shows(&is->fields[USER_EMAIL]) };
    struct text first = account_shows(&is->fields[USER_FIRST_NAME]),
                last = account_shows(&is->fields[USER_LAST_NAME]);
    if (first.state == TEXT_SET || last.state == TEXT_SET)
        ret->name = text_of(arena_printf(a, "%.*s%s%.*s", TEXT_ARG(first),
                                         first.state == last.state ? " " : "", TEXT_ARG(last)));
    if (is->user_id == 0)
        return RC_OK;
    enum rc_code rc = directory_get(st, company_id, is->user_id, a, &p, err);
    if (rc == RC_NOT_FOUND) /* forgotten meanwhile */
        return RC_OK;
    if (rc != RC_OK)
        return rc;
    ret->person = p.source_id;
    struct text name = version_name_of(r, a, p.user);
    if (name.state == TEXT_SET)
        ret->name = name;
    return RC_OK;
}

enum rc_code show_about_asked(struct store *st, const struct account_row *row, int64_t company_id,
                              int64_t destination_id, struct json_reader *r, struct arena *a,
                              struct show_about *ret, struct rc_error *err) {
    enum rc_code rc = show_about(st, row, company_id, r, a, ret, err);
    if (rc != RC_OK || row->approval != ACCOUNT_APPROVAL_ADOPT || row->approves.state != TEXT_SET)
        return rc;
    struct account_row *other = ARENA_NEW(a, struct account_row, 1);
    struct show_about *about = ARENA_NEW(a, struct show_about, 1);
    rc = account_by_remote(st, company_id, destination_id, row->approves, a, other, err);
    if (rc != RC_OK) /* it is there no more: the next delivery asks something else */
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    if ((rc = show_about(st, other, company_id, r, a, about, err)) != RC_OK)
        return rc;
    about->is = &other->is;
    ret->in_question = about;
    return RC_OK;
}

static void put_in_question(struct json_writer *w, const struct show_about *about) {
    if (about == NULL) {
        json_put_null(w, "in_question");
        return;
    }
    json_object(w, "in_question");
    show_put_text(w, "account", about->is->remote_id);
    show_put_text(w, "person", about->person);
    show_put_text(w, "name", about->name);
    show_put_text(w, "email", about->email);
    json_put_cstr(w, "status", account_status_name(about->is->status));
    show_put_text(w, "role", about->is->role);
    json_object_end(w);
}

void show_account(struct json_writer *w, const struct account_row *row,
                  const struct show_about *about) {
    bool asks = row->approval != ACCOUNT_APPROVAL_NONE;
    json_object(w, NULL);
    show_put_text(w, "account", row->is.remote_id);
    show_put_text(w, "person", about->person);
    show_put_text(w, "name", about->name);
    show_put_text(w, "email", about->email);
    json_put_cstr(w, "tie", account_tie_name(row->is.tie));
    json_put_cstr(w, "status", account_status_name(row->is.status));
    show_put_text(w, "role", row->is.role);
    show_put_text(w, "code", row->code);
    show_put_text(w, "text", row->sentence);
    show_put_text(w, "waits", row->waits);
    show_put_text(w, "remedy", row->remedy);
    show_put_day(w, "due_on", row->due_on);
    json_put_cstr(w, "asks", asks ? account_approval_name(row->approval) : NULL);
    show_put_text(w, "asks_for", row->approves);
    put_in_question(w, about->in_question);
    json_object_end(w);
}

enum rc_code show_account_row(struct store *st, struct json_writer *w, int64_t company_id,
                              int64_t destination_id, const struct account_row *row,
                              struct json_reader *r, struct arena *a, struct rc_error *err) {
    struct show_about about;
    enum rc_code rc = show_about_asked(st, row, company_id, destination_id, r, a, &about, err);
    if (rc == RC_OK)
        show_account(w, row, &about);
    return rc;
}

void show_tie(struct json_writer *w, const struct accounts_tie *t) {
    show_put_text(w, "account", t->account);
    show_put_text(w, "account_name", t->account_name);
    show_put_text(w, "account_email", t->account_email);
    show_put_text(w, "person", t->person);
    show_put_text(w, "person_name", t->person_name);
}

/* ---- teams ---- */

struct text show_lost_team_says(const struct team_lost *t, struct arena *a) {
    return text_of(
        arena_printf(a,
                     "team %.*s was deleted on the platform, and HR states it for %lld "
                     "%s: is it to be made again? One of that name that somebody makes "
                     "there is linked",
                     TEXT_ARG(t->is.name.state == TEXT_SET ? t->is.name : t->is.remote_name),
                     (long long)t->people_n, t->people_n == 1 ? "person" : "people"));
}

void show_lost_team(struct json_writer *w, const struct team_lost *t, struct arena *a) {
    json_object(w, NULL);
    json_put_text(w, "team", t->is.key);
    show_put_text(w, "name", t->is.name.state == TEXT_SET ? t->is.name : t->is.remote_name);
    json_put_int(w, "people", t->people_n);
    json_put_cstr(w, "code", "team-deleted-there");
    json_put_text(w, "text", show_lost_team_says(t, a));
    json_put_cstr(w, "asks", account_approval_name(ACCOUNT_APPROVAL_RECREATE));
    json_put_int(w, "there", 0);
    json_array(w, "candidates");
    json_array_end(w);
    json_object_end(w);
}

struct text show_waiting_team_says(const struct accounts_team_wait *t, struct arena *a) {
    bool one = t->people_n == 1;
    if (accounts_team_is_ignored(t))
        return text_of(arena_printf(a, "%.*s; HR states it for %lld %s. What takes that back: %.*s",
                                    TEXT_ARG(t->decision.sentence), (long long)t->people_n,
                                    one ? "person" : "people", TEXT_ARG(t->decision.remedy)));
    return text_of(arena_printf(
        a, "%.*s; %lld %s, for whom HR states it, %s for it. What helps: %.*s",
        TEXT_ARG(t->decision.sentence), (long long)t->people_n, one ? "person" : "people",
        one ? "waits" : "wait", TEXT_ARG(t->decision.remedy)));
}

/* there: how many have the name, of which some ten are kept. */
static void put_candidates(struct json_writer *w, const struct accounts_team_wait *t) {
    json_put_int(w, "there", text_equal(t->is.sought.name, t->is.name) ? t->is.sought.found : 0);
    json_array(w, "candidates");
    for (size_t i = 0; i < t->candidates_n; i++) {
        const struct team_candidate *c = &t->candidates[i];
        json_object(w, NULL);
        json_put_text(w, "id", c->id);
        json_put_text(w, "name", t->is.name);
        if (c->members_n >= 0)
            json_put_int(w, "members", c->members_n);
        else
            json_put_null(w, "members");
        show_put_text(w, "external_id", c->external_id);
        json_object_end(w);
    }
    json_array_end(w);
}

void show_waiting_team(struct json_writer *w, const struct accounts_team_wait *t, struct arena *a) {
    json_object(w, NULL);
    json_put_text(w, "team", t->is.key);
    show_put_text(w, "name", t->is.name);
    json_put_int(w, "people", t->people_n);
    json_put_cstr(w, "code", t->decision.code);
    json_put_text(w, "text", show_waiting_team_says(t, a));
    json_put_null(w, "asks");
    put_candidates(w, t);
    json_object_end(w);
}

/* ---- pins ---- */

enum rc_code show_pin_load(const struct show *s, const struct pin *pin, int64_t company_id,
                           int64_t destination_id, const struct team_row *teams, size_t teams_n,
                           struct show_pin *ret, struct rc_error *err) {
    RC_CLEANUP(json_reader_freep) struct json_reader *r = json_reader_new(1 << 20);
    struct account_row row;
    struct show_about about;
    *ret = (struct show_pin){ .pin = pin, .is_team = text_is(pin->field, PIN_TEAM_NAME) };
    for (size_t i = 0; i < teams_n; i++)
        if (teams[i].team_id == pin->subject_id) {
            ret->whose = teams[i].key;
            ret->name = teams[i].remote_name;
            return RC_OK;
        }
    enum rc_code rc =
        account_of_user(s->st, company_id, destination_id, pin->subject_id, s->arena, &row, err);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    if (rc != RC_OK ||
        (rc = show_about(s->st, &row, company_id, r, s->arena, &about, err)) != RC_OK)
        return rc;
    ret->whose = about.person;
    ret->name = about.name;
    return RC_OK;
}

void show_pin(struct json_writer *w, const struct show_pin *of) {
    json_object(w, NULL);
    show_put_text(w, of->is_team ? "team" : "person", of->whose);
    show_put_text(w, "name", of->name);
    json_put_text(w, "field", of->pin->field);
    json_put_text(w, "value", of->pin->value);
    json_put_int(w, "run", of->pin->run_id);
    json_object_end(w);
}

enum rc_code show_team_find(const struct show *s, int64_t company_id, int64_t destination_id,
                            const char *what, int64_t *ret_team_id, struct rc_error *err) {
    struct team_row *teams;
    int64_t found = 0;
    size_t n;
    enum rc_code rc = team_link_list(s->st, company_id, destination_id, s->arena, &teams, &n, err);
    for (size_t i = 0; rc == RC_OK && i < n; i++)
        if (text_is(teams[i].key, what) || text_is(teams[i].remote_name, what) ||
            (teams[i].origin == TEAM_NOT_LINKED && text_is(teams[i].name, what)))
            found = found == 0 ? teams[i].team_id : -1;
    if (rc == RC_OK && found <= 0)
        return rc_fail_as(err, RC_NOT_FOUND, "team.unknown",
                          found == 0 ? "no team is called \"%.60s\" there"
                                     : "several teams are called \"%.60s\": name it by its key",
                          what);
    if (rc == RC_OK)
        *ret_team_id = found;
    return rc;
}
