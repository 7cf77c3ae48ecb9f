#include "tests/sync/academy.h"

struct platform academy;
struct company acme;
struct accounts_context academy_by_hand;

int academy_make(void **state) {
    static int64_t feed;
    if (bed_make(state) != 0)
        return -1;
    struct bed *b = *state;
    feed = b->in.integration_id;
    academy = (struct platform){ .company_id = b->company_id,
                                 .key = TEXT_LIT("academy"),
                                 .adapter = TEXT_LIT("nowhere"),
                                 .settings = TEXT_LIT("{}"),
                                 .feeds = &feed,
                                 .feeds_n = 1 };
    OK(platform_add(b->st, b->key, &academy, &why));
    OK(company_find(b->st, "acme", &b->a, &acme, &why));
    academy_by_hand =
        (struct accounts_context){ b->st, b->key, &acme, &academy, &clock_system, "ann" };
    return 0;
}

struct account_row academy_add(struct bed *b, int64_t user_id, const char *remote_id) {
    struct account_row row = {
        .is = { .user_id = user_id,
                .remote_id = text_of(remote_id),
                .tie = user_id != 0 && remote_id != NULL ? ACCOUNT_LINKED : ACCOUNT_STRANGER,
                .status = remote_id != NULL ? ACCOUNT_ACTIVE : ACCOUNT_UNKNOWN,
                .invited_on = DATE_NONE },
        .due_on = DATE_NONE,
        .gone_on = DATE_NONE,
        .excluded_on = DATE_NONE,
        .decided_on = DATE_NONE
    };
    OK(db_begin(b->st->db, &why));
    OK(account_save(b->st, b->company_id, academy.destination_id, &row, &why));
    OK(db_commit(b->st->db, &why));
    return row;
}

int64_t academy_audited(struct bed *b) {
    return bed_number(b, "SELECT COUNT(*) FROM audit");
}
