/* A person on the platforms: what was decided about their account, what it waits for, and what was
 * done lately. */
#include <string.h>
#include "cmd/accounts.h"
#include "cmd/people.h"
#include "people/decide.h"
#include "store/effect.h"

enum { EFFECTS_SHOWN = 5 };

struct there {
    struct platform platform;
    struct account_row row;
    struct effect *effects;
    size_t effects_n;
};

/* *ret_has false: nobody has looked at their account yet, or nothing of theirs feeds the platform. */
static enum rc_code load(struct cmd *c, const struct company *co, const struct platform *p,
                         int64_t user_id, struct there *ret, bool *ret_has) {
    ret->platform = *p;
    enum rc_code rc = account_of_user(c->store, co->company_id, p->destination_id, user_id,
                                      &c->arena, &ret->row, &c->err);
    *ret_has = rc == RC_OK;
    if (rc != RC_OK)
        return rc == RC_NOT_FOUND ? RC_OK : rc;
    return effect_of_user(c->store, co->company_id, p->destination_id, user_id, EFFECTS_SHOWN,
                          &c->arena, &ret->effects, &ret->effects_n, &c->err);
}

static void print_there(struct cmd *c, const struct company *co, const struct there *t) {
    const struct account_row *row = &t->row;
    char day[DATE_TEXT_BYTES];
    printf("\non %s/%s\n", cmd_str(c, co->key), cmd_str(c, t->platform.key));
    if (account_exists(&row->is))
        printf("  account %s, %s\n", cmd_str(c, row->is.remote_id),
               account_status_name(row->is.status));
    else
        puts("  no account");
    if (row->sentence.state == TEXT_SET)
        cmd_wrap(c, "  ", row->sentence);
    else
        puts("  nothing was decided yet: the next delivery does");
    if (row->remedy.state == TEXT_SET)
        printf("  what would change it: %s\n", cmd_str(c, row->remedy));
    if (row->due_on != DATE_NONE)
        printf("  looked at again on %s\n", date_format(row->due_on, day));
    if (row->approval != ACCOUNT_APPROVAL_NONE)
        printf("  a person is asked:  rollcall conflict list %s/%s\n", cmd_str(c, co->key),
               cmd_str(c, t->platform.key));
    for (size_t i = 0; i < t->effects_n; i++) {
        const struct effect *e = &t->effects[i];
        printf("  %s  run %lld  %s: %s%s%s\n", cmd_when(c, e->at_us), (long long)e->run_id,
               cmd_str(c, e->verb), effect_state_name(e->state),
               e->answer.state == TEXT_SET ? ", " : "", cmd_str(c, e->answer));
    }
}

static void json_there(struct cmd *c, struct json_writer *w, const struct there *t) {
    char at[32];
    json_object(w, NULL);
    json_put_text(w, "destination", t->platform.key);
    json_put_text(w, "account",
                  t->row.is.remote_id.state == TEXT_SET ? t->row.is.remote_id : TEXT_NONE);
    json_put_cstr(w, "status", account_status_name(t->row.is.status));
    json_put_text(w, "code", t->row.code.state == TEXT_SET ? t->row.code : TEXT_NONE);
    json_put_text(w, "text", t->row.sentence.state == TEXT_SET ? t->row.sentence : TEXT_NONE);
    json_put_text(w, "waits", t->row.waits.state == TEXT_SET ? t->row.waits : TEXT_NONE);
    json_put_text(w, "remedy", t->row.remedy.state == TEXT_SET ? t->row.remedy : TEXT_NONE);
    json_put_cstr(w, "due_on", t->row.due_on != DATE_NONE ? date_format(t->row.due_on, at) : NULL);
    json_put_cstr(w, "asks",
                  t->row.approval != ACCOUNT_APPROVAL_NONE ? account_approval_name(t->row.approval)
                                                           : NULL);
    json_array(w, "calls");
    for (size_t i = 0; i < t->effects_n; i++) {
        const struct effect *e = &t->effects[i];
        json_object(w, NULL);
        json_put_int(w, "run", e->run_id);
        json_put_cstr(w, "at", date_format_instant(e->at_us, at));
        json_put_text(w, "verb", e->verb);
        json_put_text(w, "text", e->sentence);
        json_put_cstr(w, "state", effect_state_name(e->state));
        json_put_text(w, "answer", e->answer.state == TEXT_SET ? e->answer : TEXT_NONE);
        json_object_end(w);
    }
    json_array_end(w);
    json_object_end(w);
    (void)c;
}

enum rc_code people_accounts(struct cmd *c, const struct company *co, int64_t user_id,
                             struct json_writer *w) {
    struct platform *platforms;
    size_t n;
    enum rc_code rc = platform_list(c->store, co->company_id, &c->arena, &platforms, &n, &c->err);
    if (rc != RC_OK)
        return rc;
    if (w != NULL)
        json_array(w, "accounts");
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct there t;
        bool has;
        if ((rc = load(c, co, &platforms[i], user_id, &t, &has)) != RC_OK || !has)
            continue;
        w != NULL ? json_there(c, w, &t) : print_there(c, co, &t);
    }
    if (w != NULL)
        json_array_end(w);
    return rc;
}
