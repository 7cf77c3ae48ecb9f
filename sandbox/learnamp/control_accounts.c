/* control_accounts.c - the truth about accounts, edits by hand, mails and the trail:
 * /_control/truth, /accounts, /mails, /trail, /login. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

static const char *const text_names[ACCOUNT_TEXTS] = {
    "firstName", "lastName",   "jobTitle", "email", "integrationExternalId",
    "location",  "department", "avatar"
};

/* ---- truth ---- */

static void put_date(struct json_writer *w, const char *key, date_days day) {
    char text[DATE_TEXT_BYTES];
    json_put_cstr(w, key, day == DATE_NONE ? NULL : date_format(day, text));
}

static void put_instant(struct json_writer *w, const char *key, int64_t at_us) {
    char text[32];
    json_put_cstr(w, key, at_us == 0 ? NULL : date_format_instant(at_us, text));
}

static void put_account_id(struct json_writer *w, const struct platform *p, const char *key,
                           uint32_t index) {
    if (index == NONE)
        json_put_null(w, key);
    else
        json_put_int(w, key, p->accounts[index].id);
}

static void put_team_ids(struct json_writer *w, const struct platform *p, const struct account *a) {
    if (a->primary == NONE)
        json_put_null(w, "primaryTeam");
    else
        json_put_int(w, "primaryTeam", p->teams[a->primary].id);
    json_array(w, "secondaryTeams");
    for (size_t i = 0; i < a->secondary.n; i++)
        json_put_int(w, NULL, p->teams[a->secondary.all[i]].id);
    json_array_end(w);
}

static void write_truth(struct json_writer *w, const struct platform *p, const struct account *a) {
    const char *why_not = NULL;
    json_object(w, NULL);
    json_put_int(w, "id", a->id);
    json_put_bool(w, "exists", a->exists);
    json_put_cstr(w, "status", status_names[a->status]);
    for (size_t i = 0; i < ACCOUNT_TEXTS; i++)
        json_put_cstr(w, text_names[i], a->texts[i]);
    json_put_cstr(w, "role", role_names[a->role]);
    json_put_cstr(w, "language", language_codes[a->language]);
    json_put_cstr(w, "timeZone", time_zones[a->time_zone]);
    json_put_cstr(w, "occupationRole",
                  a->occupation == NONE ? NULL : p->occupations[a->occupation]);
    put_date(w, "hireDate", a->hire);
    put_date(w, "leaveDate", a->leave);
    put_date(w, "inviteOn", a->invite_on);
    put_account_id(w, p, "manager", a->manager);
    put_team_ids(w, p, a);
    json_object(w, "customFields");
    for (size_t i = 0; i < p->fields_n; i++)
        json_put_cstr(w, p->fields[i].name, a->fields ? a->fields[i] : NULL);
    json_object_end(w);
    put_instant(w, "createdAt", a->created_us);
    put_instant(w, "updatedAt", a->updated_us);
    put_instant(w, "invitedAt", a->invited_us);
    put_instant(w, "confirmedAt", a->confirmed_us);
    put_instant(w, "deactivatedAt", a->deactivated_us);
    json_put_int(w, "tasks", a->tasks_n);
    json_put_int(w, "enrolments", a->enrolments_n);
    json_put_int(w, "objectives", a->objectives_n);
    json_put_bool(w, "mayLogIn", a->exists && life_may_log_in(a, &why_not));
    json_object_end(w);
}

static bool name_has(const struct account *a, const char *part) {
    for (size_t i = 0; i < ACCOUNT_TEXTS; i++)
        if (a->texts[i] != NULL && strcasestr(a->texts[i], part) != NULL)
            return true;
    return false;
}

static void truth_of_all(struct call *c) {
    const struct platform *p = platform_of(c);
    const char *part = server_argument(c->q, "search", 0);
    uint64_t first = control_number(c, "from", 0), left = control_number(c, "limit", UINT64_MAX);
    size_t total = 0;
    struct json_answer o;
    answer_begin(&o);
    json_object(&o.w, NULL);
    json_array(&o.w, "accounts");
    for (size_t i = 0; i < p->accounts_n && !o.buf.full; i++) {
        if (part != NULL && *part != '\0' && !name_has(&p->accounts[i], part))
            continue;
        if (total++ < first || left == 0)
            continue;
        left--;
        write_truth(&o.w, p, &p->accounts[i]);
    }
    json_array_end(&o.w);
    json_put_int(&o.w, "total", (int64_t)total);
    json_object_end(&o.w);
    answer_end(&o, c, 200);
}

static void answer_account(struct call *c, int status, uint32_t index) {
    struct json_answer o;
    answer_begin(&o);
    write_truth(&o.w, platform_of(c), &platform_of(c)->accounts[index]);
    answer_end(&o, c, status);
}

/* ---- edits ---- */

static enum rc_code edit_status(struct call *c, uint32_t index, const char *word, size_t len,
                                struct rc_error *err) {
    const struct happening h = happening_of(c);
    struct account *a = &platform_of(c)->accounts[index];
    int status = word_find(status_names, STATUSES, word, len);
    if (status < 0)
        return rc_fail(err, RC_INVALID, "status: '%.40s' is none", word);
    if (status == a->status)
        return RC_OK;
    if (status == STATUS_DEACTIVATED)
        life_deactivate(&h, index);
    else if (status == STATUS_ANONYMISED)
        life_anonymise(&h, index);
    else if (status == STATUS_CONFIRMED)
        life_accept(&h, index);
    else
        account_set_status(platform_of(c), index, (enum account_status)status);
    if (status == STATUS_INVITE_PENDING)
        a->invited_us = h.now_us; /* as if invited; no mail, for nobody asked for one */
    return RC_OK;
}

static enum rc_code edit_date(date_days *ret, struct text t, const char *key,
                              struct rc_error *err) {
    date_days day = DATE_NONE;
    if (t.state == TEXT_SET && date_parse(t.ptr, t.len, &day, NULL) != RC_OK)
        return rc_fail(err, RC_INVALID, "%s: a date like 2026-11-23, or null", key);
    *ret = day;
    return RC_OK;
}

static enum rc_code edit_text(struct call *c, uint32_t index, enum account_text which,
                              struct text t, struct rc_error *err) {
    struct platform *p = platform_of(c);
    uint32_t holder = NONE;
    if (t.len > 4 * ACCOUNT_TEXT_MAX || (t.len > 0 && memchr(t.ptr, '\0', t.len) != NULL))
        return rc_fail(err, RC_INVALID, "%s: too long, or with a NUL in it", text_names[which]);
    if (t.state == TEXT_SET && which == ACCOUNT_EMAIL)
        holder = account_by_email(p, t.ptr, t.len);
    if (t.state == TEXT_SET && which == ACCOUNT_EXTERNAL_ID)
        holder = account_by_external_id(p, t.ptr, t.len, false);
    if (holder != NONE && holder != index)
        return rc_fail(err, RC_INVALID, "%s: account %u has it", text_names[which],
                       p->accounts[holder].id);
    account_set_text(p, index, which, t);
    return RC_OK;
}

static enum rc_code edit_reference(struct call *c, uint32_t index, const char *key, json value,
                                   struct rc_error *err) {
    struct platform *p = platform_of(c);
    int64_t id = 0;
    bool is_team = strcmp(key, "primaryTeam") == 0;
    uint32_t found = NONE;
    if (json_type(value) != JSON_NULL) {
        if (!json_int(value, &id) || id < 0 ||
            (found = is_team ? team_by_id(p, (uint64_t)id) : account_by_id(p, (uint64_t)id)) ==
                NONE)
            return rc_fail(err, RC_NOT_FOUND, "%s: there is none with this id", key);
    }
    if (is_team)
        account_set_primary(p, index, found);
    else
        account_set_manager(p, index, found);
    return RC_OK;
}

static enum rc_code edit_word(uint8_t *ret, const char *const *words, size_t n, struct text t,
                              const char *key, struct rc_error *err) {
    int which = t.state == TEXT_SET ? word_find(words, n, t.ptr, t.len) : -1;
    if (which < 0)
        return rc_fail(err, RC_INVALID, "%s: '%.*s' is none", key, TEXT_ARG(t));
    *ret = (uint8_t)which;
    return RC_OK;
}

static enum rc_code edit_fields(struct call *c, uint32_t index, json fields, struct rc_error *err) {
    struct platform *p = platform_of(c);
    json name, value;
    const char *key;
    size_t len;
    for (struct json_iter it = json_iter(fields); json_next(&it, &name, &value);) {
        size_t field = 0;
        if (name == NULL || !json_str(name, &key, &len))
            return rc_fail(err, RC_INVALID, "customFields: an object of names and values");
        while (field < p->fields_n && strcmp(p->fields[field].name, key) != 0)
            field++;
        if (field == p->fields_n)
            return rc_fail(err, RC_NOT_FOUND, "customFields: there is no '%s'", key);
        account_set_field(p, index, field, control_text(c->q->arena, value));
    }
    return RC_OK;
}

static enum rc_code edit_one(struct call *c, uint32_t index, const char *key, json value,
                             struct rc_error *err) {
    struct platform *p = platform_of(c);
    struct account *a = &p->accounts[index];
    struct text t = control_text(c->q->arena, value);
    uint8_t role = 0;
    int which = word_find(text_names, ACCOUNT_TEXTS, key, strlen(key));
    if (which >= 0)
        return edit_text(c, index, (enum account_text)which, t, err);
    if (strcmp(key, "status") == 0)
        return edit_status(c, index, t.ptr ? t.ptr : "", t.len, err);
    if (strcmp(key, "manager") == 0 || strcmp(key, "primaryTeam") == 0)
        return edit_reference(c, index, key, value, err);
    if (strcmp(key, "hireDate") == 0)
        return edit_date(&a->hire, t, key, err);
    if (strcmp(key, "leaveDate") == 0)
        return edit_date(&a->leave, t, key, err);
    if (strcmp(key, "inviteOn") == 0)
        return edit_date(&a->invite_on, t, key, err);
    if (strcmp(key, "customFields") == 0)
        return edit_fields(c, index, value, err);
    if (strcmp(key, "language") == 0)
        return edit_word(&a->language, language_codes, languages_count(), t, key, err);
    if (strcmp(key, "timeZone") == 0)
        return edit_word(&a->time_zone, time_zones, time_zones_count(), t, key, err);
    if (strcmp(key, "role") == 0) {
        enum rc_code rc = edit_word(&role, role_names, ROLES, t, key, err);
        if (rc == RC_OK)
            account_set_role(p, index, (enum account_role)role);
        return rc;
    }
    return rc_fail(err, RC_INVALID, "there is no '%s'", key);
}

/* What stands before a wrong value is set. */
static enum rc_code edit_all(struct call *c, uint32_t index, json body, struct rc_error *err) {
    const struct happening h = happening_of(c);
    enum rc_code rc = RC_OK;
    json name, value;
    const char *key;
    size_t len;
    if (body != NULL && json_type(body) != JSON_OBJECT)
        return rc_fail(err, RC_INVALID, "an object of names and values");
    for (struct json_iter it = json_iter(body); rc == RC_OK && json_next(&it, &name, &value);)
        if (json_str(name, &key, &len))
            rc = edit_one(c, index, key, value, err);
    life_touch(&h, index);
    trail_add(&learnamp_of(c->sb)->trail, h.now_us, h.by, "edited",
              platform_of(c)->accounts[index].id, "%s", "");
    return rc;
}

static void edit(struct call *c, uint32_t index, json body) {
    struct rc_error err;
    enum rc_code rc = edit_all(c, index, body, &err);
    if (rc != RC_OK)
        control_refused(c, rc, &err);
    else
        answer_account(c, 200, index);
}

static void add(struct call *c, json body) {
    struct platform *p = platform_of(c);
    struct rc_error err;
    if (p->accounts_n >= ACCOUNTS_MAX) {
        answer_json(c, 400, "{\"error\":\"there are too many accounts\"}");
        return;
    }
    uint32_t index = account_add(p, vclock_now_us(&c->sb->clock));
    enum rc_code rc = edit_all(c, index, body, &err);
    if (rc != RC_OK) {
        account_remove(p, index); /* its id is one of the gaps then */
        control_refused(c, rc, &err);
    } else {
        answer_account(c, 201, index);
    }
}

/* ---- one account ---- */

static void act(struct call *c, uint32_t index, const char *what, json body) {
    const struct happening h = happening_of(c);
    struct account *a = &platform_of(c)->accounts[index];
    const char *text;
    size_t len;
    date_days day;
    if (strcmp(what, "deactivate") == 0)
        life_deactivate(&h, index);
    else if (strcmp(what, "reactivate") == 0 && a->status == STATUS_DEACTIVATED)
        life_reactivate(&h, index);
    else if (strcmp(what, "anonymise") == 0)
        life_anonymise(&h, index);
    else if (strcmp(what, "accept") == 0 && a->status == STATUS_INVITE_PENDING)
        life_accept(&h, index);
    else if (strcmp(what, "invite") == 0 && a->status <= STATUS_INVITE_PENDING &&
             json_str(json_get(body, "on"), &text, &len) &&
             date_parse(text, len, &day, NULL) == RC_OK)
        life_schedule(&h, index, day);
    else if (strcmp(what, "invite") == 0 && a->status <= STATUS_INVITE_PENDING)
        life_invite(&h, index, "sent by hand");
    else {
        answer_json(c, 400,
                    "{\"error\":\"deactivate, reactivate, anonymise, accept or invite; and "
                    "this account is %s\"}",
                    status_names[a->status]);
        return;
    }
    answer_account(c, 200, index);
}

uint32_t control_index(struct call *c, const char *path, bool team) {
    const struct platform *p = platform_of(c);
    uint64_t id = strtoull(strchr(path, '/') + 1, NULL, 10);
    uint32_t index = team ? team_by_id(p, id) : account_by_id(p, id);
    if (index == NONE)
        answer_json(c, 404, "{\"error\":\"there is no %s with this id\"}",
                    team ? "team" : "account");
    return index;
}

static void one_account(struct call *c, const char *path, json body) {
    const struct happening h = happening_of(c);
    const char *method = c->q->method, *what = strchr(strchr(path, '/') + 1, '/');
    uint32_t index = control_index(c, path, false);
    if (index == NONE)
        return;
    if (strcmp(method, "GET") == 0) {
        answer_account(c, 200, index);
    } else if (strcmp(method, "PATCH") == 0) {
        edit(c, index, body);
    } else if (strcmp(method, "DELETE") == 0) {
        life_delete(&h, index);
        answer_json(c, 200, "{}");
    } else {
        act(c, index, what ? what + 1 : "", body);
    }
}

static void log_in(struct call *c, json body) {
    const struct platform *p = platform_of(c);
    const char *email = "", *why_not = "nobody has this address";
    size_t len = 0;
    json_str(json_get(body, "email"), &email, &len);
    uint32_t index = account_by_email(p, email, len);
    bool may = index != NONE && life_may_log_in(&p->accounts[index], &why_not);
    answer_json(c, 200, "{\"may\":%s,\"why_not\":\"%s\"}", may ? "true" : "false",
                may ? "" : why_not);
}

static void write_log(struct call *c, bool mails) {
    struct buf b;
    uint64_t from = control_number(c, "from", 0), limit = control_number(c, "limit", UINT64_MAX);
    buf_init(&b, ANSWER_BYTES_MAX);
    if (mails)
        mails_write(&learnamp_of(c->sb)->mails, from, limit, control_number(c, "account", 0), &b);
    else
        trail_write(&learnamp_of(c->sb)->trail, from, limit, &b);
    answer_buf(c, 200, "application/json", &b);
    buf_done(&b);
}

bool control_accounts(struct call *c, const char *path, json body) {
    if (control_is(c, "GET", path, "truth"))
        truth_of_all(c);
    else if (control_is(c, "POST", path, "accounts"))
        add(c, body);
    else if (control_is(c, "GET", path, "truth/") || control_is(c, "PATCH", path, "accounts/") ||
             control_is(c, "DELETE", path, "accounts/") || control_is(c, "POST", path, "accounts/"))
        one_account(c, path, body);
    else if (control_is(c, "POST", path, "login"))
        log_in(c, body);
    else if (control_is(c, "GET", path, "mails") || control_is(c, "GET", path, "trail"))
        write_log(c, *path == 'm');
    else if (control_is(c, "DELETE", path, "mails")) {
        mails_clear(&learnamp_of(c->sb)->mails);
        answer_json(c, 200, "{}");
    } else
        return false;
    return true;
}
