#include "people/stored_account.h"

#include "base/cleanup.h"
#include "people/stored_p.h"

static const char account_where[] = "stored account";

/* ---- writing ---- */

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
        json_object(w, stored_user_name(i));
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
        stored_field_write(w, &(const struct decide_field){
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
        json_put_text(w, stored_approval(i), account->approved[i]);
    }
    if (any)
        json_object_end(w);
}

static void write_gone(struct json_writer *w, const struct account_gone *gone) {
    if (!gone->is_kept)
        return;
    json_object(w, "gone");
    stored_put_day(w, "inactive_on", gone->inactive_on);
    stored_put_day(w, "unknown_on", gone->unknown_on);
    stored_put_day(w, "absent_on", gone->absent_on);
    json_object_end(w);
}

void stored_account_write(const struct account *account, struct buf *ret) {
    struct json_writer w;
    json_begin(&w, ret);
    json_object(&w, NULL);
    json_put_text(&w, "role", account->role);
    json_put_text(&w, "email_with_id", account->email_with_id);
    stored_put_name(&w, "left_as", stored_status, (int)account->left_as);
    stored_put_name(&w, "sticky", stored_sticky, (int)account->sticky);
    stored_put_name(&w, "mail", stored_mail, (int)account->mail);
    stored_put_day(&w, "invited_on", account->invited_on);
    stored_put_day(&w, "invite_on", account->invite_on != 0 ? account->invite_on : DATE_NONE);
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

/* v: as stored_members() gives them. */
static enum rc_code read_values(const struct stored_source *s, const json *v,
                                struct account_field *ret) {
    enum rc_code rc;
    if ((rc = stored_text(s, value_keys[KNOWN], v[KNOWN], &ret->known)) == RC_OK &&
        (rc = stored_text(s, value_keys[DELIVERED], v[DELIVERED], &ret->delivered)) == RC_OK)
        rc = stored_text(s, value_keys[REFUSED], v[REFUSED], &ret->refused);
    return rc;
}

static enum rc_code read_fields(const struct stored_source *s, json fields, struct account *ret) {
    const char *keys[USER_FIELDS_N];
    json of[USER_FIELDS_N], v[VALUES_N];
    enum rc_code rc = stored_container(s, "fields", fields, JSON_OBJECT);
    if (rc != RC_OK || fields == NULL)
        return rc;
    for (int i = 0; i < USER_FIELDS_N; i++)
        keys[i] = stored_user_name(i);
    stored_members(fields, keys, USER_FIELDS_N, of);
    for (int i = 0; i < USER_FIELDS_N && rc == RC_OK; i++) {
        if (of[i] == NULL)
            continue;
        if ((rc = stored_container(s, keys[i], of[i], JSON_OBJECT)) != RC_OK)
            break;
        stored_members(of[i], value_keys, VALUES_N, v);
        rc = read_values(s, v, &ret->fields[i]);
    }
    return rc;
}

static enum rc_code read_customs(const struct stored_source *s, json list, struct account *ret) {
    static const char *const keys[VALUES_N + 1] = { "known", "delivered", "refused", "name" };
    json key, one, v[VALUES_N + 1];
    size_t n = 0;
    enum rc_code rc = stored_container(s, "custom", list, JSON_ARRAY);
    if (rc != RC_OK || list == NULL)
        return rc;
    struct account_custom *custom = ARENA_NEW(s->a, struct account_custom, json_size(list) + 1);
    for (struct json_iter it = json_iter(list); json_next(&it, &key, &one); n++) {
        if (json_type(one) != JSON_OBJECT)
            return stored_damaged(s, "custom", "a list of something else");
        stored_members(one, keys, VALUES_N + 1, v);
        if ((rc = stored_text(s, "name", v[VALUES_N], &custom[n].name)) != RC_OK ||
            (rc = read_values(s, v, &custom[n].field)) != RC_OK)
            return rc;
    }
    ret->custom = custom;
    ret->custom_n = n;
    return RC_OK;
}

static enum rc_code read_approvals(const struct stored_source *s, json approved,
                                   struct account *ret) {
    enum rc_code rc = stored_container(s, "approved", approved, JSON_OBJECT);
    if (approved == NULL)
        return rc;
    for (int i = ACCOUNT_APPROVAL_NONE + 1; i < ACCOUNT_APPROVALS_N && rc == RC_OK; i++)
        rc = stored_text(s, stored_approval(i), json_get(approved, stored_approval(i)),
                         &ret->approved[i]);
    return rc;
}

static enum rc_code read_declined(const struct stored_source *s, json list, struct account *ret) {
    json key, v;
    enum rc_code rc = stored_container(s, "declined", list, JSON_ARRAY);
    if (rc != RC_OK || list == NULL)
        return rc;
    struct account_sent *sent = ARENA_NEW(s->a, struct account_sent, json_size(list) + 1);
    for (struct json_iter it = json_iter(list); json_next(&it, &key, &v); ret->declined_n++) {
        struct decide_field one = { 0 };
        if ((rc = stored_field_read(s, v, &one)) != RC_OK)
            return rc;
        sent[ret->declined_n] = (struct account_sent){ one.field, one.name, one.to };
    }
    ret->declined = sent;
    return RC_OK;
}

static enum rc_code read_gone(const struct stored_source *s, json v, struct account_gone *ret) {
    enum { INACTIVE_ON, UNKNOWN_ON, ABSENT_ON, N };
    static const char *const keys[N] = { "inactive_on", "unknown_on", "absent_on" };
    json of[N];
    enum rc_code rc = stored_container(s, "gone", v, JSON_OBJECT);
    if (rc != RC_OK || v == NULL)
        return rc;
    stored_members(v, keys, N, of);
    ret->is_kept = true;
    if ((rc = stored_day(s, keys[INACTIVE_ON], of[INACTIVE_ON], &ret->inactive_on)) == RC_OK &&
        (rc = stored_day(s, keys[UNKNOWN_ON], of[UNKNOWN_ON], &ret->unknown_on)) == RC_OK)
        rc = stored_day(s, keys[ABSENT_ON], of[ABSENT_ON], &ret->absent_on);
    return rc;
}

enum rc_code stored_account_read(json v, struct arena *a, struct account *ret,
                                 struct rc_error *err) {
    enum { ROLE, LEFT_AS, STICKY, MAIL, INVITED_ON, INVITE_ON, RUN };
    enum { FIELDS = RUN + 1, CUSTOM, APPROVED, SAID, DECLINED, GONE, EMAIL_WITH_ID, N };
    static const char *const keys[N] = { "role",       "left_as",      "sticky",        "mail",
                                         "invited_on", "invite_on",    "run",           "fields",
                                         "custom",     "approved",     "declined_said", "declined",
                                         "gone",       "email_with_id" };
    struct stored_source s = { account_where, a, err };
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
    stored_members(v, keys, N, of);
    if ((rc = stored_text(&s, keys[ROLE], of[ROLE], &read.role)) != RC_OK ||
        (rc = stored_name(&s, keys[LEFT_AS], of[LEFT_AS], stored_status, ACCOUNT_STATUSES_N,
                          &left_as)) != RC_OK ||
        (rc = stored_name(&s, keys[STICKY], of[STICKY], stored_sticky, ACCOUNT_STICKIES_N,
                          &sticky)) != RC_OK ||
        (rc = stored_name(&s, keys[MAIL], of[MAIL], stored_mail, ACCOUNT_MAILS_N, &mail)) !=
            RC_OK ||
        (rc = stored_day(&s, keys[INVITED_ON], of[INVITED_ON], &read.invited_on)) != RC_OK ||
        (rc = stored_day(&s, keys[INVITE_ON], of[INVITE_ON], &read.invite_on)) != RC_OK ||
        (rc = stored_int(&s, keys[RUN], of[RUN], 0, INT64_MAX, 0, &read.delivered_run_id)) !=
            RC_OK ||
        (rc = read_fields(&s, of[FIELDS], &read)) != RC_OK ||
        (rc = read_customs(&s, of[CUSTOM], &read)) != RC_OK ||
        (rc = read_approvals(&s, of[APPROVED], &read)) != RC_OK ||
        (rc = stored_text(&s, keys[SAID], of[SAID], &read.declined_said)) != RC_OK ||
        (rc = read_declined(&s, of[DECLINED], &read)) != RC_OK ||
        (rc = read_gone(&s, of[GONE], &read.gone)) != RC_OK ||
        (rc = stored_text(&s, keys[EMAIL_WITH_ID], of[EMAIL_WITH_ID], &read.email_with_id)) !=
            RC_OK)
        return rc;
    if (read.invite_on == DATE_NONE)
        read.invite_on = 0;
    read.left_as = (enum account_status)left_as;
    read.sticky = (enum account_sticky)sticky;
    read.mail = (enum account_mail)mail;
    *ret = read;
    return RC_OK;
}
