/* A person on the platforms: what was decided about their account, what it waits for, and what was
 * done lately. */
#include "cmd/accounts.h"
#include "cmd/people.h"
#include "sync/delivery.h"

static void print_there(struct cmd *c, const struct company *co, const struct person *p,
                        const struct show_there_of *t) {
    const struct account_row *row = &t->row;
    const char *again = cmd_invite_again(c, co, t->platform, p->source_id, row);
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
    if (again != NULL)
        printf("  to ask again:  %s\n", again);
    else if (row->approval != ACCOUNT_APPROVAL_NONE)
        printf("  a person is asked:  rollcall conflict list %s/%s\n", cmd_str(c, co->key),
               cmd_str(c, t->platform->key));
    for (size_t i = 0; i < t->effects_n; i++) {
        const struct effect *e = &t->effects[i];
        printf("  %s  run %lld  %s: %s%s%s\n", cmd_when(c, e->at_us), (long long)e->run_id,
               cmd_str(c, e->verb), effect_state_name(e->state),
               e->answer.state == TEXT_SET ? ", " : "", cmd_str(c, e->answer));
    }
}

enum rc_code people_there(struct cmd *c, const struct company *co, const struct person *p,
                          struct show_there_of **ret, size_t *ret_n) {
    const struct show s = cmd_show(c);
    struct platform *platforms;
    size_t n;
    enum rc_code rc = platform_list(c->store, co->company_id, &c->arena, &platforms, &n, &c->err);
    if (rc != RC_OK)
        return rc;
    *ret = ARENA_NEW(&c->arena, struct show_there_of, n + 1);
    *ret_n = 0;
    for (size_t i = 0; i < n && rc == RC_OK; i++) {
        struct show_there_of *t = &(*ret)[*ret_n];
        bool has;
        rc = show_there_of_load(&s, co, &platforms[i], p->user_id, t, &has, &c->err);
        if (!has)
            t->row.due_on = DATE_NONE;
        *ret_n += has || platform_is_fed(&platforms[i], p->integration_id);
    }
    return rc;
}

void people_accounts(struct cmd *c, const struct company *co, const struct person *p,
                     const struct show_there_of *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        print_there(c, co, p, &list[i]);
}

/* The next one that is not refused. */
static struct text next_delivery(struct cmd *c, const struct platform *p) {
    struct text key;
    if (delivery_reads_first(c->store, p, &c->words, &key, NULL) != RC_OK || key.state != TEXT_SET)
        return TEXT_LIT("the next delivery");
    return text_of(arena_printf(&c->words,
                                "the next delivery, which is refused until everybody has been read "
                                "from integration %.*s once more: the database was put back from a "
                                "backup",
                                TEXT_ARG(key)));
}

struct text people_waits(struct cmd *c, const struct person *p, const struct show_there_of *t) {
    const struct account_row *row = &t->row;
    char day[DATE_TEXT_BYTES];
    bool waits = row->verb.state == TEXT_SET && text_is(row->verb, "nothing");
    if (!platform_is_fed(t->platform, p->integration_id)) /* no delivery looks at them */
        return TEXT_LIT("what they are in does not feed it: nothing is done about their account");
    if ((row->dirty && !waits) || row->sentence.state != TEXT_SET)
        return next_delivery(c, t->platform);
    if (row->remedy.state != TEXT_SET)
        return (struct text){ 0 };
    if (!text_is(row->waits, "day") || row->due_on == DATE_NONE)
        return row->remedy;
    return text_of(
        arena_printf(&c->words, "%.*s: %s", TEXT_ARG(row->remedy), date_format(row->due_on, day)));
}
