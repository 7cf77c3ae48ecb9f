#include "people/stored_account.h"

#include <string.h>
#include "base/cleanup.h"

static const char account_where[] = "stored account", decision_where[] = "stored decision";

/* ---- reading, for both ---- */

struct source {
    const char *where;
    struct arena *a;
    struct rc_error *err;
};

static enum rc_code damaged(const struct source *s, const char *key, const char *what) {
    return rc_fail(s->err, RC_FATAL, "%s: %s is %s", s->where, key, what);
}

static bool is_called(const char *name, const char *s, size_t len) {
    size_t i = 0;
    while (i < len && name[i] != '\0' && name[i] == s[i])
        i++;
    return i == len && name[i] == '\0';
}

/* The members of an object by their keys, each the first of its name; NULL: missing. They are written in
 * the order of the keys: the search goes on where the last one was found, so that all of them cost one
 * walk. */
static void members(json object, const char *const *keys, int n, json *ret) {
    json key, value;
    int at = 0;
    memset(ret, 0, (size_t)n * sizeof *ret);
    for (struct json_iter it = json_iter(object); json_next(&it, &key, &value);) {
        const char *s = "";
        size_t len = 0;
        (void)json_str(key, &s, &len);
        for (int tried = 0; tried < n; tried++) {
            int i = at + tried < n ? at + tried : at + tried - n;
            if (!is_called(keys[i], s, len))
                continue;
            if (ret[i] == NULL)
                ret[i] = value;
            at = i + 1 < n ? i + 1 : 0;
            break;
        }
    }
}

static enum rc_code read_text(const struct source *s, const char *key, json v, struct text *ret) {
    const char *bytes = NULL;
    size_t len = 0;
    if (json_str(v, &bytes, &len))
        *ret = text_copy(s->a, text_from(bytes, len));
    else if (v == NULL || json_type(v) == JSON_NULL)
        *ret = v == NULL ? (struct text){ 0 } : TEXT_NONE;
    else
        return damaged(s, key, "no text");
    return RC_OK;
}

/* One of n names; no key is the first. */
static enum rc_code read_name(const struct source *s, const char *key, json v,
                              const char *(*name)(int), int n, int *ret) {
    const char *word = NULL;
    size_t len = 0;
    *ret = 0;
    if (v == NULL)
        return RC_OK;
    if (json_str(v, &word, &len))
        for (int i = 0; i < n; i++)
            if (name(i) != NULL && is_called(name(i), word, len)) {
                *ret = i;
                return RC_OK;
            }
    return damaged(s, key, "a word that means nothing");
}

static enum rc_code read_int(const struct source *s, const char *key, json v, int64_t least,
                             int64_t most, int64_t fallback, int64_t *ret) {
    *ret = fallback;
    if (v == NULL)
        return RC_OK;
    if (json_type(v) != JSON_INT || !json_int(v, ret) || *ret < least || *ret > most)
        return damaged(s, key, "no number, or out of range");
    return RC_OK;
}

static enum rc_code read_day(const struct source *s, const char *key, json v, date_days *ret) {
    int64_t day;
    enum rc_code rc = read_int(s, key, v, INT32_MIN + 1, INT32_MAX, DATE_NONE, &day);
    if (rc == RC_OK)
        *ret = (date_days)day;
    return rc;
}

static enum rc_code read_bool(const struct source *s, const char *key, json v, bool *ret) {
    *ret = false;
    if (v != NULL && !json_bool(v, ret))
        return damaged(s, key, "neither true nor false");
    return RC_OK;
}

static enum rc_code check_container(const struct source *s, const char *key, json v,
                                    enum json_type type) {
    if (v != NULL && json_type(v) != type)
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

/* ---- a field that is to be set ---- */

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

/* A word of ours that ends with NUL; no key is NULL. */
static enum rc_code read_word(const struct source *s, const char *key, json v, const char **ret) {
    const char *bytes = NULL;
    size_t len = 0;
    if (json_str(v, &bytes, &len))
        *ret = arena_str(s->a, bytes, len);
    else if (v == NULL || json_type(v) == JSON_NULL)
        *ret = v == NULL ? NULL : "";
    else
        return damaged(s, key, "no text");
    return RC_OK;
}

static enum rc_code read_field(const struct source *s, json v, struct decide_field *ret) {
    enum { FIELD, NAME, DOES, WAITS, FROM, TO, CODE, SENTENCE, N };
    static const char *const keys[N] = { "field", "name", "does", "waits",
                                         "from",  "to",   "code", "sentence" };
    int field = USER_FIELDS_N, does = 0, waits = 0;
    json of[N];
    enum rc_code rc;
    if (json_type(v) != JSON_OBJECT)
        return damaged(s, "fields", "a list of something else");
    members(v, keys, N, of);
    if (of[FIELD] != NULL) {
        if ((rc = read_name(s, keys[FIELD], of[FIELD], user_name, USER_FIELDS_N, &field)) != RC_OK)
            return rc;
        ret->name = text_of(user_name(field));
    } else if ((rc = read_text(s, keys[NAME], of[NAME], &ret->name)) != RC_OK) {
        return rc;
    }
    if ((rc = read_name(s, keys[DOES], of[DOES], does_name, DECIDE_FIELD_SENDS + 1, &does)) !=
            RC_OK ||
        (rc = read_name(s, keys[WAITS], of[WAITS], wait_name, DECIDE_WAITS_N, &waits)) != RC_OK ||
        (rc = read_text(s, keys[FROM], of[FROM], &ret->from)) != RC_OK ||
        (rc = read_text(s, keys[TO], of[TO], &ret->to)) != RC_OK ||
        (rc = read_word(s, keys[CODE], of[CODE], &ret->code)) != RC_OK ||
        (rc = read_text(s, keys[SENTENCE], of[SENTENCE], &ret->sentence)) != RC_OK)
        return rc;
    ret->field = (enum user_field)field;
    if (ret->sentence.state == TEXT_MISSING && ret->code != NULL)
        ret->sentence = decide_field_says(ret, s->a);
    ret->does = (enum decide_field_does)does;
    ret->waits = (enum decide_wait)waits;
    return RC_OK;
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

static void write_declined(struct json_writer *w, const struct account *account) {
    if (account->declined_n == 0)
        return;
    json_put_text(w, "declined_said", account->declined_said);
    json_array(w, "declined");
    for (size_t i = 0; i < account->declined_n; i++) {
        const struct account_sent *one = &account->declined[i];
        write_field(w, &(const struct decide_field){
                           .field = one->field, .name = one->name, .to = one->value });
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

static void write_gone(struct json_writer *w, const struct account_gone *gone) {
    if (!gone->is_kept)
        return;
    json_object(w, "gone");
    put_day(w, "inactive_on", gone->inactive_on);
    put_day(w, "unknown_on", gone->unknown_on);
    put_day(w, "absent_on", gone->absent_on);
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
    write_declined(&w, account);
    write_gone(&w, &account->gone);
    json_object_end(&w);
}

enum { KNOWN, DELIVERED, REFUSED, VALUES_N };
static const char *const value_keys[VALUES_N] = { "known", "delivered", "refused" };

/* v: as members() gives them. */
static enum rc_code read_values(const struct source *s, const json *v, struct account_field *ret) {
    enum rc_code rc;
    if ((rc = read_text(s, value_keys[KNOWN], v[KNOWN], &ret->known)) == RC_OK &&
        (rc = read_text(s, value_keys[DELIVERED], v[DELIVERED], &ret->delivered)) == RC_OK)
        rc = read_text(s, value_keys[REFUSED], v[REFUSED], &ret->refused);
    return rc;
}

static enum rc_code read_fields(const struct source *s, json fields, struct account *ret) {
    const char *keys[USER_FIELDS_N];
    json of[USER_FIELDS_N], v[VALUES_N];
    enum rc_code rc = check_container(s, "fields", fields, JSON_OBJECT);
    if (rc != RC_OK || fields == NULL)
        return rc;
    for (int i = 0; i < USER_FIELDS_N; i++)
        keys[i] = user_name(i);
    members(fields, keys, USER_FIELDS_N, of);
    for (int i = 0; i < USER_FIELDS_N && rc == RC_OK; i++) {
        if (of[i] == NULL)
            continue;
        if ((rc = check_container(s, keys[i], of[i], JSON_OBJECT)) != RC_OK)
            break;
        members(of[i], value_keys, VALUES_N, v);
        rc = read_values(s, v, &ret->fields[i]);
    }
    return rc;
}

static enum rc_code read_customs(const struct source *s, json list, struct account *ret) {
    static const char *const keys[VALUES_N + 1] = { "known", "delivered", "refused", "name" };
    json key, one, v[VALUES_N + 1];
    size_t n = 0;
    enum rc_code rc = check_container(s, "custom", list, JSON_ARRAY);
    if (rc != RC_OK || list == NULL)
        return rc;
    struct account_custom *custom = ARENA_NEW(s->a, struct account_custom, json_size(list) + 1);
    for (struct json_iter it = json_iter(list); json_next(&it, &key, &one); n++) {
        if (json_type(one) != JSON_OBJECT)
            return damaged(s, "custom", "a list of something else");
        members(one, keys, VALUES_N + 1, v);
        if ((rc = read_text(s, "name", v[VALUES_N], &custom[n].name)) != RC_OK ||
            (rc = read_values(s, v, &custom[n].field)) != RC_OK)
            return rc;
    }
    ret->custom = custom;
    ret->custom_n = n;
    return RC_OK;
}

static enum rc_code read_approvals(const struct source *s, json approved, struct account *ret) {
    enum rc_code rc = check_container(s, "approved", approved, JSON_OBJECT);
    if (approved == NULL)
        return rc;
    for (int i = ACCOUNT_APPROVAL_NONE + 1; i < ACCOUNT_APPROVALS_N && rc == RC_OK; i++)
        rc =
            read_text(s, approval_name(i), json_get(approved, approval_name(i)), &ret->approved[i]);
    return rc;
}

static enum rc_code read_declined(const struct source *s, json list, struct account *ret) {
    json key, v;
    enum rc_code rc = check_container(s, "declined", list, JSON_ARRAY);
    if (rc != RC_OK || list == NULL)
        return rc;
    struct account_sent *sent = ARENA_NEW(s->a, struct account_sent, json_size(list) + 1);
    for (struct json_iter it = json_iter(list); json_next(&it, &key, &v); ret->declined_n++) {
        struct decide_field one = { 0 };
        if ((rc = read_field(s, v, &one)) != RC_OK)
            return rc;
        sent[ret->declined_n] = (struct account_sent){ one.field, one.name, one.to };
    }
    ret->declined = sent;
    return RC_OK;
}

static enum rc_code read_gone(const struct source *s, json v, struct account_gone *ret) {
    enum { INACTIVE_ON, UNKNOWN_ON, ABSENT_ON, N };
    static const char *const keys[N] = { "inactive_on", "unknown_on", "absent_on" };
    json of[N];
    enum rc_code rc = check_container(s, "gone", v, JSON_OBJECT);
    if (rc != RC_OK || v == NULL)
        return rc;
    members(v, keys, N, of);
    ret->is_kept = true;
    if ((rc = read_day(s, keys[INACTIVE_ON], of[INACTIVE_ON], &ret->inactive_on)) == RC_OK &&
        (rc = read_day(s, keys[UNKNOWN_ON], of[UNKNOWN_ON], &ret->unknown_on)) == RC_OK)
        rc = read_day(s, keys[ABSENT_ON], of[ABSENT_ON], &ret->absent_on);
    return rc;
}

enum rc_code stored_account_read(json v, struct arena *a, struct account *ret,
                                 struct rc_error *err) {
    enum { ROLE, LEFT_AS, STICKY, MAIL, INVITED_ON, INVITE_ON, RUN };
    enum { FIELDS = RUN + 1, CUSTOM, APPROVED, SAID, DECLINED, GONE, N };
    static const char *const keys[N] = { "role",       "left_as",   "sticky",        "mail",
                                         "invited_on", "invite_on", "run",           "fields",
                                         "custom",     "approved",  "declined_said", "declined",
                                         "gone" };
    struct source s = { account_where, a, err };
    struct account read = { .user_id = ret->user_id,
                            .remote_id = ret->remote_id,
                            .external_id = ret->external_id,
                            .tie = ret->tie,
                            .status = ret->status };
    int left_as = 0, sticky = 0, mail = 0;
    json of[N];
    enum rc_code rc;
    if (json_type(v) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "%s: no object", account_where);
    members(v, keys, N, of);
    if ((rc = read_text(&s, keys[ROLE], of[ROLE], &read.role)) != RC_OK ||
        (rc = read_name(&s, keys[LEFT_AS], of[LEFT_AS], status_name, ACCOUNT_STATUSES_N,
                        &left_as)) != RC_OK ||
        (rc = read_name(&s, keys[STICKY], of[STICKY], sticky_name, ACCOUNT_STICKIES_N, &sticky)) !=
            RC_OK ||
        (rc = read_name(&s, keys[MAIL], of[MAIL], mail_name, ACCOUNT_MAILS_N, &mail)) != RC_OK ||
        (rc = read_day(&s, keys[INVITED_ON], of[INVITED_ON], &read.invited_on)) != RC_OK ||
        (rc = read_day(&s, keys[INVITE_ON], of[INVITE_ON], &read.invite_on)) != RC_OK ||
        (rc = read_int(&s, keys[RUN], of[RUN], 0, INT64_MAX, 0, &read.delivered_run_id)) != RC_OK ||
        (rc = read_fields(&s, of[FIELDS], &read)) != RC_OK ||
        (rc = read_customs(&s, of[CUSTOM], &read)) != RC_OK ||
        (rc = read_approvals(&s, of[APPROVED], &read)) != RC_OK ||
        (rc = read_text(&s, keys[SAID], of[SAID], &read.declined_said)) != RC_OK ||
        (rc = read_declined(&s, of[DECLINED], &read)) != RC_OK ||
        (rc = read_gone(&s, of[GONE], &read.gone)) != RC_OK)
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

static enum rc_code read_decided_fields(const struct source *s, json list, struct decision *ret) {
    json key, one;
    enum rc_code rc = check_container(s, "fields", list, JSON_ARRAY);
    if (rc != RC_OK)
        return rc;
    ret->fields = ARENA_NEW(s->a, struct decide_field, json_size(list) + 1);
    for (struct json_iter it = json_iter(list); json_next(&it, &key, &one); ret->fields_n++)
        if ((rc = read_field(s, one, &ret->fields[ret->fields_n])) != RC_OK)
            return rc;
    return RC_OK;
}

/* The members of a decision, in the order in which they are written. */
enum {
    VERB,
    CODE,
    SENTENCE,
    MAILS,
    MAIL,
    REACTIVATES,
    LINKS,
    LEAVES_TEAM,
    FIELDS,
    WAITS,
    DUE_ON,
    DUE_VERB,
    DUE_CODE,
    REMEDY,
    APPROVAL,
    APPROVES,
    LEFT_AS,
    STICKY,
    LIFECYCLE,
    LIFECYCLE_RULE,
    DECISION_N
};
static const char *const decision_keys[DECISION_N] = {
    "verb",        "code",     "sentence", "mails",  "mail",      "reactivates",   "links",
    "leaves_team", "fields",   "waits",    "due_on", "due_verb",  "due_code",      "remedy",
    "approval",    "approves", "left_as",  "sticky", "lifecycle", "lifecycle_rule"
};
#define AT(member) decision_keys[member], of[member]

/* What the decision does: verb and everything that is sent. */
static enum rc_code read_act(const struct source *s, const json *of, struct decision *ret) {
    int verb = 0, mail = 0, left_as = 0, sticky = 0;
    enum rc_code rc;
    if ((rc = read_name(s, AT(VERB), verb_name, DECIDE_VERBS_N, &verb)) != RC_OK ||
        (rc = read_bool(s, AT(MAILS), &ret->mails)) != RC_OK ||
        (rc = read_name(s, AT(MAIL), mail_name, ACCOUNT_MAILS_N, &mail)) != RC_OK ||
        (rc = read_bool(s, AT(REACTIVATES), &ret->reactivates)) != RC_OK ||
        (rc = read_text(s, AT(LINKS), &ret->links)) != RC_OK ||
        (rc = read_text(s, AT(LEAVES_TEAM), &ret->leaves_team)) != RC_OK ||
        (rc = read_decided_fields(s, of[FIELDS], ret)) != RC_OK ||
        (rc = read_name(s, AT(LEFT_AS), status_name, ACCOUNT_STATUSES_N, &left_as)) != RC_OK ||
        (rc = read_name(s, AT(STICKY), sticky_name, ACCOUNT_STICKIES_N, &sticky)) != RC_OK)
        return rc;
    ret->verb = (enum decide_verb)verb;
    ret->mail = (enum account_mail)mail;
    ret->left_as = (enum account_status)left_as;
    ret->sticky = (enum account_sticky)sticky;
    return RC_OK;
}

/* Why, and what it waits for. */
static enum rc_code read_reason(const struct source *s, const json *of, struct decision *ret) {
    int waits = 0, due_verb = 0, approval = 0, stage = 0;
    enum rc_code rc;
    if ((rc = read_word(s, AT(CODE), &ret->code)) != RC_OK ||
        (rc = read_text(s, AT(SENTENCE), &ret->sentence)) != RC_OK ||
        (rc = read_name(s, AT(WAITS), wait_name, DECIDE_WAITS_N, &waits)) != RC_OK ||
        (rc = read_day(s, AT(DUE_ON), &ret->due_on)) != RC_OK ||
        (rc = read_name(s, AT(DUE_VERB), verb_name, DECIDE_VERBS_N, &due_verb)) != RC_OK ||
        (rc = read_word(s, AT(DUE_CODE), &ret->due_code)) != RC_OK ||
        (rc = read_text(s, AT(REMEDY), &ret->remedy)) != RC_OK ||
        (rc = read_name(s, AT(APPROVAL), approval_name, ACCOUNT_APPROVALS_N, &approval)) != RC_OK ||
        (rc = read_text(s, AT(APPROVES), &ret->approves)) != RC_OK ||
        (rc = read_name(s, AT(LIFECYCLE), stage_name, LIFECYCLES_N, &stage)) != RC_OK ||
        (rc = read_word(s, AT(LIFECYCLE_RULE), &ret->lifecycle_rule)) != RC_OK)
        return rc;
    ret->waits = (enum decide_wait)waits;
    ret->due_verb = (enum decide_verb)due_verb;
    ret->approval = (enum account_approval)approval;
    ret->lifecycle = (enum lifecycle)stage;
    return RC_OK;
}
#undef AT

enum rc_code stored_decision_read(json v, struct arena *a, struct decision *ret,
                                  struct rc_error *err) {
    struct source s = { decision_where, a, err };
    struct decision read = { 0 };
    json of[DECISION_N];
    enum rc_code rc;
    if (json_type(v) != JSON_OBJECT)
        return rc_fail(err, RC_FATAL, "%s: no object", decision_where);
    members(v, decision_keys, DECISION_N, of);
    if ((rc = read_act(&s, of, &read)) != RC_OK || (rc = read_reason(&s, of, &read)) != RC_OK)
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
