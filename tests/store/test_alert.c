/* What people are told of: alerts, their mails, whom a company has told, and what did not go well. */
#include "tests/store/bed.h"
#include "store/alert.h"
#include "store/platform.h"
#include "store/trouble.h"
#include "store/watch.h"

static struct alert an_alert(const struct bed *b, const char *cause) {
    return (struct alert){ .company_id = b->company_id,
                           .subject_id = b->in.integration_id,
                           .cause = text_of(cause),
                           .since_us = T0 };
}

static struct alert_mail a_mail(const struct bed *b, const char *cause, const char *to) {
    return (struct alert_mail){ .company_id = b->company_id,
                                .subject_id = b->in.integration_id,
                                .cause = text_of(cause),
                                .recipient = text_of(to),
                                .made_us = T0,
                                .try_us = T0 };
}

static size_t alerts(struct bed *b, int64_t company_id, struct alert **ret) {
    size_t n = 99;
    OK(alert_list(b->st, company_id, &b->a, ret, &n, &why));
    return n;
}

static void an_alert_is_one_row_a_cause_and_subject(void **state) {
    struct bed *b = *state;
    struct alert al = an_alert(b, "held"), *list;
    OK(alert_save(b->st, &al, &why));
    al.run_id = 7;
    al.told_us = T0 + 5;
    al.told_n = 2;
    al.over_us = T0 + 9;
    OK(alert_save(b->st, &al, &why));
    assert_int_equal(alerts(b, b->company_id, &list), 1);
    assert_int_equal(list[0].run_id, 7);
    assert_int_equal(list[0].told_us, T0 + 5);
    assert_int_equal(list[0].told_n, 2);
    assert_int_equal(list[0].over_us, T0 + 9);
    assert_int_equal(list[0].since_us, T0);
    al.over_us = al.told_us = 0;
    OK(alert_save(b->st, &al, &why));
    alerts(b, b->company_id, &list);
    assert_int_equal(list[0].over_us + list[0].told_us, 0);
}

static void muting_is_a_persons_word_and_saving_leaves_it(void **state) {
    struct bed *b = *state;
    struct alert al = an_alert(b, "held"), *list;
    assert_int_equal(alert_mute(b->st, b->company_id, al.subject_id, "held", T0, &why),
                     RC_NOT_FOUND);
    OK(alert_save(b->st, &al, &why));
    OK(alert_mute(b->st, b->company_id, al.subject_id, "held", T0 + 9, &why));
    OK(alert_save(b->st, &al, &why));
    alerts(b, b->company_id, &list);
    assert_int_equal(list[0].muted_us, T0 + 9);
}

static void a_mail_is_kept_with_what_became_of_it(void **state) {
    struct bed *b = *state;
    struct alert al = an_alert(b, "held");
    struct alert_mail m = a_mail(b, "held", "ana@acme.example"), *list;
    size_t n = 0;
    OK(alert_save(b->st, &al, &why));
    OK(alert_mail_save(b->st, &m, &why));
    m.state = ALERT_MAIL_REFUSED;
    m.tries = 3;
    m.arrived = true;
    m.to_operator = true;
    m.answer = TEXT_LIT("550 no");
    OK(alert_mail_save(b->st, &m, &why));
    m.kind = ALERT_MAIL_OVER;
    m.state = ALERT_MAIL_WAITING;
    OK(alert_mail_save(b->st, &m, &why));
    OK(alert_mail_list(b->st, b->company_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_int_equal(list[0].kind, ALERT_MAIL_OPEN);
    assert_int_equal(list[0].state, ALERT_MAIL_REFUSED);
    assert_int_equal(list[0].tries, 3);
    assert_true(list[0].arrived && list[0].to_operator);
    assert_true(text_is(list[0].answer, "550 no"));
    assert_int_equal(list[1].kind, ALERT_MAIL_OVER);
}

static void addresses_are_kept_in_their_order_and_replaced(void **state) {
    static const char *const two[] = { "z@acme.example", "a@acme.example" };
    struct bed *b = *state;
    struct text *list;
    size_t n = 0;
    OK(alert_to_set(b->st, b->company_id, two, 2, &why));
    OK(alert_to_list(b->st, b->company_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 2);
    assert_true(text_is(list[0], two[0]) && text_is(list[1], two[1]));
    OK(alert_to_set(b->st, b->company_id, two + 1, 1, &why));
    OK(alert_to_list(b->st, b->company_id, &b->a, &list, &n, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(list[0], two[1]));
}

static void trouble_is_counted_until_it_goes_well(void **state) {
    struct bed *b = *state;
    struct rc_error first = { RC_RETRY, 0, "http.timeout", "slow" },
                    last = { RC_AUTH, 0, "http.forbidden", "no" };
    struct trouble t;
    int64_t c = b->company_id, s = b->in.integration_id;
    OK(trouble_over(b->st, c, s, &why));
    OK(trouble_get(b->st, c, s, &b->a, &t, &why));
    assert_int_equal(t.attempts, 0);
    OK(trouble_note(b->st, c, s, T0, &first, &why));
    OK(trouble_note(b->st, c, s, T0 + 7, &last, &why));
    OK(trouble_get(b->st, c, s, &b->a, &t, &why));
    assert_int_equal(t.attempts, 2);
    assert_int_equal(t.since_us, T0);
    assert_int_equal(t.last_us, T0 + 7);
    assert_int_equal(t.code, RC_AUTH);
    assert_true(text_is(t.name, "http.forbidden") && text_is(t.sentence, "no"));
    OK(trouble_over(b->st, c, s, &why));
    OK(trouble_get(b->st, c, s, &b->a, &t, &why));
    assert_int_equal(t.attempts, 0);
}

static void what_is_open_can_be_counted(void **state) {
    struct bed *b = *state;
    struct alert al = an_alert(b, "held"), over = an_alert(b, "failing");
    struct alert_mail m = a_mail(b, "held", "ana@acme.example");
    struct watch_alerts *list;
    size_t n = 0;
    int64_t mails = 0;
    over.over_us = T0;
    OK(alert_save(b->st, &al, &why));
    OK(alert_save(b->st, &over, &why));
    OK(alert_mail_save(b->st, &m, &why));
    OK(watch_alerts(b->st, 10, &b->a, &list, &n, &mails, &why));
    assert_int_equal(n, 1);
    assert_true(text_is(list[0].cause, "held") && list[0].n == 1);
    assert_int_equal(mails, 1);
}

/* Tenants are walls, and what is removed is told of no more. */
static void another_companys_stay_and_a_removed_integrations_go(void **state) {
    static const char *const to[] = { "a@acme.example" };
    struct bed *b = *state;
    struct rc_error bad = { RC_AUTH, 0, "http.forbidden", "no" };
    struct alert al = an_alert(b, "held"), theirs, *list;
    struct alert_mail m = a_mail(b, "held", "ana@acme.example"), *mails;
    struct trouble t;
    struct text *none;
    int64_t second = 0;
    size_t n = 0;
    OK(company_add(b->st, "second", "Second", "UTC", T0, &second, &why));
    struct integration other = bed_integration(b, second, "hr");
    assert_int_equal(other.integration_id, b->in.integration_id);
    theirs = al;
    theirs.company_id = second;
    OK(alert_save(b->st, &al, &why));
    OK(alert_save(b->st, &theirs, &why));
    OK(alert_mail_save(b->st, &m, &why));
    OK(trouble_note(b->st, b->company_id, al.subject_id, T0, &bad, &why));
    OK(trouble_note(b->st, second, al.subject_id, T0, &bad, &why));
    OK(alert_to_set(b->st, b->company_id, to, 1, &why));
    OK(alert_to_list(b->st, second, &b->a, &none, &n, &why));
    assert_int_equal(n, 0);
    OK(alert_mail_list(b->st, second, &b->a, &mails, &n, &why));
    assert_int_equal(n, 0);
    OK(alert_mute(b->st, b->company_id, al.subject_id, "held", T0 + 9, &why));
    OK(integration_remove(b->st, b->company_id, al.subject_id, &why));
    assert_int_equal(alerts(b, b->company_id, &list), 0);
    OK(alert_mail_list(b->st, b->company_id, &b->a, &mails, &n, &why));
    assert_int_equal(n, 0);
    OK(trouble_get(b->st, b->company_id, al.subject_id, &b->a, &t, &why));
    assert_int_equal(t.attempts, 0);
    assert_int_equal(alerts(b, second, &list), 1);
    assert_int_equal(list[0].muted_us, 0);
    OK(trouble_get(b->st, second, al.subject_id, &b->a, &t, &why));
    assert_int_equal(t.attempts, 1);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BED_TEST(an_alert_is_one_row_a_cause_and_subject),
        BED_TEST(muting_is_a_persons_word_and_saving_leaves_it),
        BED_TEST(a_mail_is_kept_with_what_became_of_it),
        BED_TEST(addresses_are_kept_in_their_order_and_replaced),
        BED_TEST(trouble_is_counted_until_it_goes_well),
        BED_TEST(what_is_open_can_be_counted),
        BED_TEST(another_companys_stay_and_a_removed_integrations_go),
    };
    return PLACE_RUN(tests, argc, argv);
}
