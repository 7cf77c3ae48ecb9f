/* users.c - users that are read, and what is done to one of them without a body.
 * Source: docs/wire-learnamp.md, users. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sandbox/learnamp/learnamp.h"

static const struct endpoint *endpoint_of(const struct call *c) {
    return c->endpoint;
}

uint32_t users_named(struct call *c) {
    const struct platform *p = platform_of(c);
    const struct value v = { .kind = VALUE_TEXT, .text = c->rest, .len = strlen(c->rest) };
    uint32_t index = NONE;
    uint64_t id;
    if (la(c, LA_GET_WRONG_404)) {
        refuse_not_found(c);
        return NONE;
    }
    if (!endpoint_of(c)->by_external_id)
        index = value_number(&v, &id) ? account_by_id(p, id) : NONE;
    else if (la(c, LA_EXTERNAL_KNOWN))
        index = account_by_external_id(p, v.text, v.len, la(c, LA_EXTERNAL_CASE));
    if (index == NONE)
        refuse_not_found(c);
    return index;
}

void users_list(struct call *c, const struct value *params) {
    struct filter filter;
    struct paging paging;
    const struct value *v = value_get(params, "expanded");
    const uint32_t *rows;
    size_t rows_n;
    bool expanded = false;
    if (v != NULL && !value_bool(v, &expanded)) {
        refuse_one(c, 400, "", "expanded", "expanded", "is invalid");
        return;
    }
    if (!paging_read(c, params, &paging) || !filter_read(c, params, &filter))
        return;
    bool cut = paging_cut(c, &paging, rows_of_users(c, &filter), &rows, &rows_n);
    rows_end(c);
    if (cut)
        shape_answer(c, 200, "users", rows, rows_n, shape_user,
                     expanded ? SHAPE_DETAILED : SHAPE_SIMPLE);
}

uint32_t users_other(const struct platform *p, uint32_t index) {
    for (uint32_t i = 0; i < p->accounts_n; i++)
        if (i != index && p->accounts[i].exists)
            return i;
    return index;
}

void users_get(struct call *c, const struct value *params) {
    const struct platform *p = platform_of(c);
    uint32_t index = users_named(c);
    (void)params;
    if (index == NONE)
        return;
    if (la(c, LA_GET_DEACTIVATED) && p->accounts[index].status >= STATUS_DEACTIVATED) {
        refuse_not_found(c);
        return;
    }
    if (la(c, LA_GET_OTHER))
        index = users_other(p, index);
    atomic_fetch_add(&c->sb->rows_served, 1);
    shape_answer(c, 200, NULL, &index, 1, shape_user, SHAPE_DETAILED);
}

/* ---- progress ---- */

/* Three channels, and how far somebody is through them: the same for the same id, also after
 * deactivation. Somebody who never could log in has done nothing. */
static void put_progress(struct call *c, struct json_writer *w, const char *key, uint32_t index,
                         enum shape channel) {
    static const char *const channels[] = { "Safety at work", "Welcome to Nordkap",
                                            "Data protection" };
    const struct account *a = &platform_of(c)->accounts[index];
    unsigned n = (unsigned)channel, percent = (a->id * 37 + n * 53) % 11 * 10;
    char at[32];
    if (a->confirmed_us == 0)
        percent = 0;
    json_object(w, key);
    json_put_int(w, "user_id", a->id);
    json_put_cstr(w, "first_name", a->texts[ACCOUNT_FIRST_NAME]);
    json_put_cstr(w, "last_name", a->texts[ACCOUNT_LAST_NAME]);
    json_put_cstr(w, "email", a->texts[ACCOUNT_EMAIL]);
    json_put_cstr(w, "content_name", channels[n]);
    json_put_cstr(w, "content_type", "Channel");
    json_put_int(w, "content_id", 301 + (int64_t)n);
    json_put_bool(w, "completed", percent == 100);
    json_put_int(w, "completion_percent", percent);
    json_put_cstr(w, "completed_at",
                  percent == 100 ? date_format_instant(a->confirmed_us, at) : NULL);
    json_object_end(w);
}

void users_progress(struct call *c, const struct value *params) {
    uint32_t index = users_named(c), channels[] = { 0, 1, 2 };
    const struct rows all = { .all = channels, .n = RC_LEN(channels) };
    const uint32_t *rows;
    struct paging paging;
    struct json_answer o;
    size_t rows_n;
    if (index == NONE || !paging_read(c, params, &paging) ||
        !paging_cut(c, &paging, &all, &rows, &rows_n))
        return;
    answer_begin(&o);
    json_array(&o.w, NULL);
    for (size_t i = 0; i < rows_n; i++)
        put_progress(c, &o.w, NULL, index, (enum shape)rows[i]);
    json_array_end(&o.w);
    answer_end(&o, c, 200);
}

/* ---- without a body ---- */

static void answer_empty(struct call *c, int status) {
    if (status >= 400)
        refuse(c, status, "The user is already in that state");
    else
        answer_text(c, status, NULL, "");
}

/* True: it is the last Owner, and refused. */
static bool last_owner_refused(struct call *c, uint32_t index) {
    int status = (int)la(c, LA_LAST_OWNER);
    if (status < 300 || !life_is_last_owner(platform_of(c), index))
        return false;
    refuse(c, status, "The last owner of the account cannot be deactivated");
    return true;
}

void users_deactivate(struct call *c, const struct value *params) {
    uint32_t index = users_named(c);
    const struct happening h = happening_of(c);
    (void)params;
    if (index == NONE)
        return;
    if (platform_of(c)->accounts[index].status >= STATUS_DEACTIVATED) {
        answer_empty(c, (int)la(c, LA_DEACTIVATE_AGAIN));
        return;
    }
    if (last_owner_refused(c, index))
        return;
    life_deactivate(&h, index);
    answer_text(c, 204, NULL, "");
}

void users_reactivate(struct call *c, const struct value *params) {
    uint32_t index = users_named(c);
    const struct happening h = happening_of(c);
    (void)params;
    if (index == NONE)
        return;
    if (platform_of(c)->accounts[index].status != STATUS_DEACTIVATED) {
        answer_empty(c, (int)la(c, LA_REACTIVATE_AGAIN));
        return;
    }
    life_reactivate(&h, index);
    answer_text(c, 204, NULL, "");
}

void users_delete(struct call *c, const struct value *params) {
    uint32_t index = users_named(c);
    const struct happening h = happening_of(c);
    (void)params;
    if (index == NONE || last_owner_refused(c, index))
        return;
    life_delete(&h, index);
    answer_text(c, 204, NULL, "");
}

/* Of the profile full: sends the invitation now, or on the day `on`. */
void users_invite(struct call *c, const struct value *params) {
    uint32_t index = users_named(c);
    const struct happening h = happening_of(c);
    const struct value *on = value_get(params, "on");
    date_days day = DATE_NONE;
    if (index == NONE)
        return;
    if (!value_is_empty(on) && !value_date(on, &day)) {
        refuse_one(c, 400, "", "on", "on", "is invalid");
        return;
    }
    if (platform_of(c)->accounts[index].status > STATUS_INVITE_PENDING) {
        refuse(c, 400, "The user cannot be invited");
        return;
    }
    if (day != DATE_NONE && day > vclock_today(&c->sb->clock))
        life_schedule(&h, index, day);
    else
        life_invite(&h, index, "POST .../invite");
    answer_text(c, 204, NULL, "");
}
