/* Accounts that people close by hand. No adapter is called: who gets that far may be closed. 88 is of nobody,
 * "old@x.org". */
#include <string.h>
#include "tests/sync/academy.h"
#include "store/effect.h"
#include "store/pin.h"
#include "sync/accounts.h"

static const struct accounts_context *const x = &academy_by_hand;

static const char no_adapter[] = "no destination \"nowhere\"";

/* People: 101 ann works here; 102 bob has left; 103 cid, of an import that is held. */
static void make_people(struct bed *b) {
    struct run r = bed_run(b, b->company_id, b->in.integration_id, RUN_PASSED);
    struct version v[] = { bed_version(b, 101, 0, "1", "ann"), bed_version(b, 102, 0, "2", "bob") };
    v[1].has_left = true;
    bed_stage(b, &r, v, 2);
    bed_apply(b, &r);
    r = bed_run(b, b->company_id, b->in.integration_id, RUN_HELD);
    v[0] = bed_version(b, 103, 0, "3", "cid");
    bed_stage(b, &r, v, 1);
}

static const struct closing_row {
    const char *name, *sql, *error, *says;
} closing_rows[] = {
    { "an account of nobody may be closed", NULL, NULL, no_adapter },
    { "also one with the address of somebody who has left",
      "UPDATE account SET state = '{\"fields\":{\"email\":{\"known\":\"bob@x.org\"}}}'", NULL,
      no_adapter },
    { "not before the first delivery", "UPDATE destination SET delivered_at = NULL",
      "destination.undelivered", "approve the first delivery" },
    { "not while it may be another platform", "UPDATE destination SET listed_at = NULL",
      "destination.another", "address or key" },
    { "not while the platform is paused", "UPDATE destination SET paused_by = 'eve', paused_at = 1",
      "destination.paused", "paused by eve" },
    { "not on the word of a backup", "UPDATE destination SET restored_at = 1",
      "destination.restored", "put back from a backup" },
    { "not while the company is suspended",
      "UPDATE company SET suspended_at = 1, suspended_by = 'eve', suspended_why = 'so'",
      "company.suspended", "suspended" },
    { "not one with the address of somebody who works here",
      "UPDATE account SET state = '{\"fields\":{\"email\":{\"known\":\"ann@x.org\"}}}'",
      "account.answer", "the address of somebody who works here" },
    { "nor of somebody whom HR does not list, which is not settled",
      "UPDATE \"user\" SET presence = 'missing' WHERE user_id = 102;"
      "UPDATE account SET state = '{\"fields\":{\"email\":{\"known\":\"bob@x.org\"}}}'",
      "account.answer", "the address of somebody who works here" },
    { "not one with the address of somebody who waits for approval",
      "UPDATE account SET state = '{\"fields\":{\"email\":{\"known\":\"cid@x.org\"}}}'",
      "account.answer", "whom an import brings that has not ended" },
    { "not one without an address", "UPDATE account SET state = '{}'", "account.answer",
      "shows no address" },
    { "not one with the id of somebody who works here",
      "UPDATE account SET external_id = 'us:hr:1'", "account.answer", "has the id of somebody" },
    { "not one with the id of somebody who has left", "UPDATE account SET external_id = 'us:hr:2'",
      "account.answer", "the next delivery decides" },
    { "not one with the id of somebody who waits for approval",
      "UPDATE account SET external_id = 'us:hr:3'", "account.answer", "approve or reject" },
    { "but one with an id of ours of nobody", "UPDATE account SET external_id = 'us:hr:4'", NULL,
      no_adapter },
    { "and of an integration that has gone", "UPDATE account SET external_id = 'us:gone:1'", NULL,
      no_adapter },
    { "but one with another's", "UPDATE account SET external_id = 'us2:hr:1'", NULL, no_adapter },
    { "not one that is asked about",
      "INSERT INTO account (company_id, account_id, destination_id, user_id, tie, status, state,"
      " dirty, approval, approves) SELECT company_id, 1, destination_id, 101, 'stranger',"
      " 'unknown', '{}', 0, 'adopt', '88' FROM account",
      "account.answer", "that is asked" },
    { "not one of a person", "UPDATE account SET user_id = 102", "account.answer",
      "is somebody's: HR decides about it" },
    { "not one with a protected role", "UPDATE account SET state = '{\"role\":\"owner\"}'",
      "account.answer", "is protected" },
    { "not one that is left alone", "UPDATE account SET tie = 'ignored'", "account.answer",
      "is left alone" },
    { "but one that was unlinked, and of which no more was said",
      "UPDATE account SET tie = 'ignored', state = '{\"fields\":{\"email\":{\"known\":\"old@x.org\"}},"
      "\"approved\":{\"apart\":\"88\"}}'",
      NULL, no_adapter },
};

static void make_closable(struct bed *b) {
    struct account_row row = academy_add(b, 0, "88");
    row.is.fields[USER_EMAIL].known = TEXT_LIT("old@x.org");
    OK(account_save(b->st, b->company_id, academy.destination_id, &row, &why));
    OK(db_exec(b->st->db, "UPDATE destination SET delivered_at = 1, listed_at = 1, prefix = 'us'",
               &why));
    make_people(b);
}

/* All are looked at before anything is asked of the platform. */
static void cannot_be_closed(struct bed *b, const char *name, const char *says) {
    struct text ids[] = { TEXT_LIT("88"), TEXT_LIT("88") };
    struct rc_error err = { 0 };
    int64_t closed = -1;
    (void)accounts_close(x, ids, 1, &closed, &err);
    if (name != NULL)
        assert_string_equal(err.name, name);
    if (strstr(err.text, says) == NULL)
        fail_msg("%s", err.text);
    assert_int_equal(closed, 0);
    assert_int_equal(academy_audited(b), 0);
}

static void an_account_is_closed_only_where_it_can_be_nobodys(void **state) {
    struct bed *b = *state;
    const struct closing_row *r = b->row;
    make_closable(b);
    if (r->sql != NULL)
        OK(db_exec(b->st->db, r->sql, &why));
    cannot_be_closed(b, r->error, r->says);
}

static void an_account_that_a_held_delivery_links_is_not_closed(void **state) {
    struct bed *b = *state;
    struct run r = { .company_id = b->company_id,
                     .destination_id = academy.destination_id,
                     .kind = RUN_DELIVERY,
                     .state = RUN_HELD,
                     .started_us = T0 };
    make_closable(b);
    OK(db_begin(b->st->db, &why));
    OK(run_add(b->st, &r, &why));
    struct effect e = { .run_id = r.run_id,
                        .effect_id = 1,
                        .pass = EFFECT_PEOPLE,
                        .account_id = 1,
                        .user_id = 101,
                        .verb = TEXT_LIT("adopt"),
                        .code = TEXT_LIT("adopt"),
                        .sentence = TEXT_LIT("it is ann's"),
                        .plan = TEXT_LIT("{\"verb\":\"adopt\",\"links\":\"88\"}"),
                        .classes = TEXT_LIT("adoptions"),
                        .state = EFFECT_PLANNED };
    OK(effect_add(b->st, b->company_id, &e, 1, &why));
    OK(db_commit(b->st->db, &why));
    cannot_be_closed(b, "account.answer", "a delivery that has not ended links");
    r.state = RUN_REJECTED;
    OK(run_save(b->st, &r, &why));
    cannot_be_closed(b, NULL, no_adapter);
}

static void one_that_may_not_be_closed_stops_all(void **state) {
    struct bed *b = *state;
    struct text mixed[] = { TEXT_LIT("88"), TEXT_LIT("89") };
    struct rc_error err;
    int64_t closed;
    make_closable(b);
    academy_add(b, 101, "89");
    assert_int_equal(accounts_close(x, mixed, 2, &closed, &err), RC_INVALID);
    assert_string_equal(err.name, "account.answer");
    assert_int_equal(closed, 0);
    assert_int_equal(academy_audited(b), 0);
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[2 + RC_LEN(closing_rows)] = {
        ACADEMY_TEST(an_account_that_a_held_delivery_links_is_not_closed),
        ACADEMY_TEST(one_that_may_not_be_closed_stops_all),
    };
    for (size_t i = 0; i < RC_LEN(closing_rows); i++)
        tests[2 + i] = (struct CMUnitTest){
            .name = closing_rows[i].name,
            .test_func = an_account_is_closed_only_where_it_can_be_nobodys,
            .setup_func = academy_make,
            .teardown_func = bed_remove,
            .initial_state = (void *)(uintptr_t)&closing_rows[i],
        };
    return PLACE_RUN(tests, argc, argv);
}
