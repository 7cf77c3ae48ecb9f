/* A person on the platforms: what was decided about their account, what it waits for, and what was
 * done lately. */
#include "cmd/people.h"
#include "show/why.h"

static void print_there(struct cmd *c, const struct company *co, const struct show_there_of *t) {
    const struct account_row *row = &t->row;
    char day[DATE_TEXT_BYTES];
    printf("\non %s/%s\n", cmd_str(c, co->key), cmd_str(c, t->platform->key));
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
               cmd_str(c, t->platform->key));
    for (size_t i = 0; i < t->effects_n; i++) {
        const struct effect *e = &t->effects[i];
        printf("  %s  run %lld  %s: %s%s%s\n", cmd_when(c, e->at_us), (long long)e->run_id,
               cmd_str(c, e->verb), effect_state_name(e->state),
               e->answer.state == TEXT_SET ? ", " : "", cmd_str(c, e->answer));
    }
}

enum rc_code people_accounts(struct cmd *c, const struct company *co, int64_t user_id) {
    const struct show s = cmd_show(c);
    struct platform *platforms;
    size_t n;
    enum rc_code rc = platform_list(c->store, co->company_id, &c->arena, &platforms, &n, &c->err);
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_there_of t;
        bool has;
        rc = show_there_of_load(&s, &platforms[i], user_id, &t, &has, &c->err);
        if (rc == RC_OK && has)
            print_there(c, co, &t);
    }
    return rc;
}
