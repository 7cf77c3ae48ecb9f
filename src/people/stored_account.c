#include "people/stored_account.h"

#include <string.h>
#include "base/cleanup.h"

static const char account_where[] = "stored account", decision_where[] = "stored decision";

/* ---- reading, for both ---- */

struct source {
    json v;
    const char *where;
    struct arena *a;
    struct rc_error *err;
};

static enum rc_code damaged(const struct source *s, const char *key, const char *what) {
    return rc_fail(s->err, RC_FATAL, "%s: %s is %s", s->where, key, what);
}

static enum rc_code read_text(const struct source *s, const char *key, struct text *ret) {
    struct text t;
    if (json_text(s->v, key, s->where, &t, s->err) != RC_OK)
        return damaged(s, key, "no text");
    *ret = text_copy(s->a, t);
    return RC_OK;
}

/* One of n names; no key is the first. */
static enum rc_code read_name(const struct source *s, const char *key, const char *(*name)(int),
                              int n, int *ret) {
    const char *word = NULL;
    size_t len = 0;
    json v = json_get(s->v, key);
    *ret = 0;
    if (json_type(v) == JSON_MISSING)
        return RC_OK;
    if (json_str(v, &word, &len))
        for (int i = 0; i < n; i++)
            if (name(i) != NULL && text_is(text_from(word, len), name(i))) {
                *ret = i;
                return RC_OK;
            }
    return damaged(s, key, "a word that means nothing");
}

static enum rc_code read_int(const struct source *s, const char *key, int64_t least, int64_t most,
                             int64_t fallback, int64_t *ret) {
    json v = json_get(s->v, key);
    *ret = fallback;
    if (json_type(v) == JSON_MISSING)
        return RC_OK;
    if (json_type(v) != JSON_INT || !json_int(v, ret) || *ret < least || *ret > most)
        return damaged(s, key, "no number, or out of range");
    return RC_OK;
}

static enum rc_code read_day(const struct source *s, const char *key, date_days *ret) {
    int64_t day;
    enum rc_code rc = read_int(s, key, INT32_MIN + 1, INT32_MAX, DATE_NONE, &day);
    if (rc == RC_OK)
        *ret = (date_days)day;
    return rc;
}

static enum rc_code read_bool(const struct source *s, const char *key, bool *ret) {
    json v = json_get(s->v, key);
    *ret = false;
    if (json_type(v) != JSON_MISSING && !json_bool(v, ret))
        return damaged(s, key, "neither true nor false");
    return RC_OK;
}

static enum rc_code read_container(const struct source *s, const char *key, enum json_type type,
                                   struct source *ret) {
    *ret = *s;
    ret->v = json_get(s->v, key);
    if (json_type(ret->v) != JSON_MISSING && json_type(ret->v) != type)
        return damaged(s, key, type == JSON_ARRAY ? "no list" : "no object");
    return RC_OK;
}

/* The enums by number, for read_name(). */
static const char *status_name(int i) {
    return account_status_name((enum account_status)i);
}
static const char *sticky_name(int i) {
    return account_sticky_name((enum account_sticky)i);
}
static const char *mail_name(int i) {
    return account_mail_name((enum account_mail)i);
}
static const char *approval_name(int i) {
    return account_approval_name((enum account_approval)i);
}
static const char *verb_name(int i) {
    return decide_verb_name((enum decide_verb)i);
}
static const char *wait_name(int i) {
    return decide_wait_name((enum decide_wait)i);
}
static const char *user_name(int i) {
    return user_field_name((enum user_field)i);
}
static const char *stage_name(int i) {
    return i == 0 ? NULL : lifecycle_name((enum lifecycle)i);
}
static const char *does_name(int i) {
    static const char *const names[] = {
        [DECIDE_FIELD_STAYS] = "stays",
        [DECIDE_FIELD_AWAITS] = "awaits",
        [DECIDE_FIELD_SENDS] = "sends",
    };
    return names[i];
}

static void put_name(struct json_writer *w, const char *key, const char *(*name)(int), int i) {
    if (i != 0)
        json_put_cstr(w, key, name(i));
}

static void put_day(struct json_writer *w, const char *key, date_days day) {
    if (day != DATE_NONE)
        json_put_int(w, key, day);
}

static void put_true(struct json_writer *w, const char *key, bool is) {
    if (is)
        json_put_bool(w, key, true);
}

/* ---- accounts ---- */

static void write_values(struct json_writer *w, const struct account_field *f) {
    json_put_text(w, "known", f->known);
    json_put_text(w, "delivered", f->delivered);
    json_put_text(w, "refused", f->refused);
}

static bool is_known(const struct account_field *f) {
    return f->known.state != TEXT_MISSING || f->delivered.state != TEXT_MISSING ||
           f->refused.state != TEXT_MISSING;
}

static void write_fields(struct json_writer *w, const struct account *account) {
    bool any = false;
    for (int i = 0; i < USER_FIELDS_N; i++) {
        const struct account_field *f = &account->fields[i];
        if (!is_known(f))
            continue;
        if (!any)
            json_object(w, "fields");
        any = true;
        json_object(w, user_name(i));
        write_values(w, f);
        json_object_end(w);
    }
    if (any)
        json_object_end(w);
}

static void write_customs(struct json_writer *w, const struct account *account) {
    if (account->custom_n == 0)
        return;
    json_array(w, "custom");
    for (size_t i = 0; i < account->custom_n; i++) {
        json_object(w, NULL);
        json_put_text(w, "name", account->custom[i].name);
        write_values(w, &account->custom[i].field);
        json_object_end(w);
    }
    json_array_end(w);
}

static void write_approvals(struct json_writer *w, const struct account *account) {
    bool any = false;
    for (int i = ACCOUNT_APPROVAL_NONE + 1; i < ACCOUNT_APPROVALS_N; i++) {
        if (account->approved[i].state == TEXT_MISSING)
            continue;
        if (!any)
            json_object(w, "approved");
        any = true;
        json_put_text(w, approval_name(i), account->approved[i]);
    }
    if (any)
        json_object_end(w);
}

void stored_account_write(const struct account *account, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_text(&w, "role", account->role);
    put_name(&w, "left_as", status_name, (int)account->left_as);
    put_name(&w, "sticky", sticky_name, (int)account->sticky);
    put_name(&w, "mail", mail_name, (int)account->mail);
    put_day(&w, "invited_on", account->invited_on);
    put_day(&w, "invite_on", account->invite_on != 0 ? account->invite_on : DATE_NONE);
    if (account->delivered_run_id != 0)
        json_put_int(&w, "run", account->delivered_run_id);
    write_fields(&w, account);
    write_customs(&w, account);
    write_approvals(&w, account);
    json_object_end(&w);
}

static enum rc_code read_values(const struct source *s, struct account_field *ret) {
    enum rc_code rc;
    if ((rc = read_text(s, "known", &ret->known)) == RC_OK &&
        (rc = read_text(s, "delivered", &ret->delivered)) == RC_OK)
        rc = read_text(s, "refused", &ret->refused);
    return rc;
}

static enum rc_code read_fields(const struct source *s, struct account *ret) {
    struct source fields, one;
    enum rc_code rc = read_container(s, "fields", JSON_OBJECT, &fields);
    memset(ret->fields, 0, sizeof ret->fields);
    for (int i = 0; i < USER_FIELDS_N && rc == RC_OK; i++)
        if ((rc = read_container(&fields, user_name(i), JSON_OBJECT, &one)) == RC_OK)
            rc = read_values(&one, &ret->fields[i]);
    return rc;
}

static enum rc_code read_customs(const struct source *s, struct account *ret) {
    struct source list, one = *s;
    json key;
    size_t n = 0;
    enum rc_code rc = read_container(s, "custom", JSON_ARRAY, &list);
    if (rc != RC_OK)
        return rc;
    struct account_custom *custom = ARENA_NEW(s->a, struct account_custom, json_size(list.v) + 1);
    for (struct json_iter it = json_iter(list.v); json_next(&it, &key, &one.v); n++) {
        if (json_type(one.v) != JSON_OBJECT)
            return damaged(s, "custom", "a list of something else");
        if ((rc = read_text(&one, "name", &custom[n].name)) != RC_OK ||
            (rc = read_values(&one, &custom[n].field)) != RC_OK)
            return rc;
    }
    ret->custom = custom;
    ret->custom_n = n;
    return RC_OK;
}

static enum rc_code read_approvals(const struct source *s, struct account *ret) {
    struct source approved;
    enum rc_code rc = read_container(s, "approved", JSON_OBJECT, &approved);
    memset(ret->approved, 0, sizeof ret->approved);
    for (int i = ACCOUNT_APPROVAL_NONE + 1; i < ACCOUNT_APPROVALS_N && rc == RC_OK; i++)
        rc = read_text(&approved, approval_name(i), &ret->approved[i]);
    return rc;
}

enum rc_code stored_account_read(json v, struct arena *a, struct account *ret,
                                 struct rc_error *err) {
    struct source s = { v, account_where, a, err };
    struct account read = { .user_id = ret->user_id,
                            .remote_id = ret->remote_id,
                            .external_id = ret->external_id,
                            .tie = ret->tie,
                            .status = ret->status };
    int left_as = 0, sticky = 0, mail = 0;
    enum rc_code rc;
    if (json_type(v) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "%s: no object", account_where);
    if ((rc = read_text(&s, "role", &read.role)) != RC_OK ||
        (rc = read_name(&s, "left_as", status_name, ACCOUNT_STATUSES_N, &left_as)) != RC_OK ||
        (rc = read_name(&s, "sticky", sticky_name, ACCOUNT_STICKIES_N, &sticky)) != RC_OK ||
        (rc = read_name(&s, "mail", mail_name, ACCOUNT_MAILS_N, &mail)) != RC_OK ||
        (rc = read_day(&s, "invited_on", &read.invited_on)) != RC_OK ||
        (rc = read_day(&s, "invite_on", &read.invite_on)) != RC_OK ||
        (rc = read_int(&s, "run", 0, INT64_MAX, 0, &read.delivered_run_id)) != RC_OK ||
        (rc = read_fields(&s, &read)) != RC_OK || (rc = read_customs(&s, &read)) != RC_OK ||
        (rc = read_approvals(&s, &read)) != RC_OK)
        return rc;
    if (read.invite_on == DATE_NONE)
        read.invite_on = 0;
    read.left_as = (enum account_status)left_as;
    read.sticky = (enum account_sticky)sticky;
    read.mail = (enum account_mail)mail;
    *ret = read;
    return RC_OK;
}

/* ---- decisions ---- */

static void write_field(struct json_writer *w, const struct decide_field *f) {
    json_object(w, NULL);
    if (f->field < USER_FIELDS_N)
        json_put_cstr(w, "field", user_field_name(f->field));
    else
        json_put_text(w, "name", f->name);
    put_name(w, "does", does_name, (int)f->does);
    put_name(w, "waits", wait_name, (int)f->waits);
    json_put_text(w, "from", f->from);
    json_put_text(w, "to", f->to);
    json_put_text(w, "code", text_of(f->code));
    if (f->code == NULL || strcmp(f->code, DECIDE_HR_STATES) != 0) /* else: decide_field_says() */
        json_put_text(w, "sentence", f->sentence);
    json_object_end(w);
}

void stored_decision_write(const struct decision *d, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    put_name(&w, "verb", verb_name, (int)d->verb);
    json_put_text(&w, "code", text_of(d->code));
    json_put_text(&w, "sentence", d->sentence);
    put_true(&w, "mails", d->mails);
    put_name(&w, "mail", mail_name, (int)d->mail);
    put_true(&w, "reactivates", d->reactivates);
    json_put_text(&w, "links", d->links);
    json_put_text(&w, "leaves_team", d->leaves_team);
    if (d->fields_n > 0) {
        json_array(&w, "fields");
        for (size_t i = 0; i < d->fields_n; i++)
            write_field(&w, &d->fields[i]);
        json_array_end(&w);
    }
    put_name(&w, "waits", wait_name, (int)d->waits);
    put_day(&w, "due_on", d->due_on);
    put_name(&w, "due_verb", verb_name, (int)d->due_verb);
    json_put_text(&w, "due_code", text_of(d->due_code));
    json_put_text(&w, "remedy", d->remedy);
    put_name(&w, "approval", approval_name, (int)d->approval);
    json_put_text(&w, "approves", d->approves);
    put_name(&w, "left_as", status_name, (int)d->left_as);
    put_name(&w, "sticky", sticky_name, (int)d->sticky);
    put_name(&w, "lifecycle", stage_name, (int)d->lifecycle);
    json_put_text(&w, "lifecycle_rule", text_of(d->lifecycle_rule));
    json_object_end(&w);
}

/* A word of ours that ends with NUL; no key is NULL. */
static enum rc_code read_word(const struct source *s, const char *key, const char **ret) {
    struct text t;
    enum rc_code rc = read_text(s, key, &t);
    if (rc == RC_OK)
        *ret = t.state == TEXT_MISSING ? NULL : arena_str(s->a, t.ptr, t.len);
    return rc;
}

static enum rc_code read_field(const struct source *s, struct decide_field *ret) {
    int field = USER_FIELDS_N, does = 0, waits = 0;
    enum rc_code rc;
    if (json_type(s->v) != JSON_OBJECT)
        return damaged(s, "fields", "a list of something else");
    if (json_get(s->v, "field") != NULL) {
        if ((rc = read_name(s, "field", user_name, USER_FIELDS_N, &field)) != RC_OK)
            return rc;
        ret->name = text_of(user_name(field));
    } else if ((rc = read_text(s, "name", &ret->name)) != RC_OK) {
        return rc;
    }
    if ((rc = read_name(s, "does", does_name, DECIDE_FIELD_SENDS + 1, &does)) != RC_OK ||
        (rc = read_name(s, "waits", wait_name, DECIDE_WAITS_N, &waits)) != RC_OK ||
        (rc = read_text(s, "from", &ret->from)) != RC_OK ||
        (rc = read_text(s, "to", &ret->to)) != RC_OK ||
        (rc = read_word(s, "code", &ret->code)) != RC_OK ||
        (rc = read_text(s, "sentence", &ret->sentence)) != RC_OK)
        return rc;
    ret->field = (enum user_field)field;
    if (ret->sentence.state == TEXT_MISSING && ret->code != NULL)
        ret->sentence = decide_field_says(ret, s->a);
    ret->does = (enum decide_field_does)does;
    ret->waits = (enum decide_wait)waits;
    return RC_OK;
}

static enum rc_code read_decided_fields(const struct source *s, struct decision *ret) {
    struct source list, one = *s;
    json key;
    enum rc_code rc = read_container(s, "fields", JSON_ARRAY, &list);
    if (rc != RC_OK)
        return rc;
    ret->fields = ARENA_NEW(s->a, struct decide_field, json_size(list.v) + 1);
    for (struct json_iter it = json_iter(list.v); json_next(&it, &key, &one.v); ret->fields_n++)
        if ((rc = read_field(&one, &ret->fields[ret->fields_n])) != RC_OK)
            return rc;
    return RC_OK;
}

/* What the decision does: verb and everything that is sent. */
static enum rc_code read_act(const struct source *s, struct decision *ret) {
    int verb = 0, mail = 0, left_as = 0, sticky = 0;
    enum rc_code rc;
    if ((rc = read_name(s, "verb", verb_name, DECIDE_VERBS_N, &verb)) != RC_OK ||
        (rc = read_bool(s, "mails", &ret->mails)) != RC_OK ||
        (rc = read_name(s, "mail", mail_name, ACCOUNT_MAILS_N, &mail)) != RC_OK ||
        (rc = read_bool(s, "reactivates", &ret->reactivates)) != RC_OK ||
        (rc = read_text(s, "links", &ret->links)) != RC_OK ||
        (rc = read_text(s, "leaves_team", &ret->leaves_team)) != RC_OK ||
        (rc = read_decided_fields(s, ret)) != RC_OK ||
        (rc = read_name(s, "left_as", status_name, ACCOUNT_STATUSES_N, &left_as)) != RC_OK ||
        (rc = read_name(s, "sticky", sticky_name, ACCOUNT_STICKIES_N, &sticky)) != RC_OK)
        return rc;
    ret->verb = (enum decide_verb)verb;
    ret->mail = (enum account_mail)mail;
    ret->left_as = (enum account_status)left_as;
    ret->sticky = (enum account_sticky)sticky;
    return RC_OK;
}

/* Why, and what it waits for. */
static enum rc_code read_reason(const struct source *s, struct decision *ret) {
    int waits = 0, due_verb = 0, approval = 0, stage = 0;
    enum rc_code rc;
    if ((rc = read_word(s, "code", &ret->code)) != RC_OK ||
        (rc = read_text(s, "sentence", &ret->sentence)) != RC_OK ||
        (rc = read_name(s, "waits", wait_name, DECIDE_WAITS_N, &waits)) != RC_OK ||
        (rc = read_day(s, "due_on", &ret->due_on)) != RC_OK ||
        (rc = read_name(s, "due_verb", verb_name, DECIDE_VERBS_N, &due_verb)) != RC_OK ||
        (rc = read_word(s, "due_code", &ret->due_code)) != RC_OK ||
        (rc = read_text(s, "remedy", &ret->remedy)) != RC_OK ||
        (rc = read_name(s, "approval", approval_name, ACCOUNT_APPROVALS_N, &approval)) != RC_OK ||
        (rc = read_text(s, "approves", &ret->approves)) != RC_OK ||
        (rc = read_name(s, "lifecycle", stage_name, LIFECYCLES_N, &stage)) != RC_OK ||
        (rc = read_word(s, "lifecycle_rule", &ret->lifecycle_rule)) != RC_OK)
        return rc;
    ret->waits = (enum decide_wait)waits;
    ret->due_verb = (enum decide_verb)due_verb;
    ret->approval = (enum account_approval)approval;
    ret->lifecycle = (enum lifecycle)stage;
    return RC_OK;
}

enum rc_code stored_decision_read(json v, struct arena *a, struct decision *ret,
                                  struct rc_error *err) {
    struct source s = { v, decision_where, a, err };
    struct decision read = { 0 };
    enum rc_code rc;
    if (json_type(v) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "%s: no object", decision_where);
    if ((rc = read_act(&s, &read)) != RC_OK || (rc = read_reason(&s, &read)) != RC_OK)
        return rc;
    *ret = read;
    return RC_OK;
}

/* ---- comparing ---- */

static bool acts(const struct decide_field *f) {
    return f->does != DECIDE_FIELD_STAYS;
}

static bool acts_on(const struct decision *d, const struct decide_field *f) {
    for (size_t i = 0; i < d->fields_n; i++) {
        const struct decide_field *g = &d->fields[i];
        if (g->does == f->does && g->field == f->field && text_equal(g->to, f->to) &&
            (f->field < USER_FIELDS_N || text_equal(g->name, f->name)))
            return true;
    }
    return false;
}

static bool acts_on_all(const struct decision *d, const struct decision *of) {
    for (size_t i = 0; i < of->fields_n; i++)
        if (acts(&of->fields[i]) && !acts_on(d, &of->fields[i]))
            return false;
    return true;
}

bool decision_is_same(const struct decision *a, const struct decision *b) {
    return a->verb == b->verb && a->mails == b->mails && a->reactivates == b->reactivates &&
           text_equal(a->links, b->links) && text_equal(a->leaves_team, b->leaves_team) &&
           acts_on_all(a, b) && acts_on_all(b, a);
}
