/* What every destination promises, over all its members; contract_teams.c has what it promises of teams. */
#include "tests/destination/member.h"

/* ---- accounts ---- */

/* What was decided about may be long ago. A person's word stands whatever address and role it has. */
static void who_is_another_by_now_is_not_tied(void **state) {
    struct member *m = *state;
    static const struct {
        const char *carries, *known, *moves, *role, *changed; /* NULL: it is tied */
        bool by_hand;
    } rows[] = {
        { NULL, NULL, NULL, NULL, NULL, false },
        { NULL, NULL, "moved.1@example.org", NULL, "address", false },
        { NULL, NULL, "moved.2@example.org", NULL, NULL, true },
        { NULL, NULL, NULL, "curator", "role", false },
        { NULL, NULL, NULL, "curator", "role", true },
        { "okta:1", NULL, NULL, NULL, "external id", false },
        { "okta:2", NULL, NULL, NULL, "external id", true },
        { "okta:3", "okta:3", NULL, NULL, NULL, false },
        { "hr:8", NULL, NULL, NULL, NULL, false }, /* ours already: the answer was lost */
    };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct account a = member_made(m, rows[i].carries), is;
        struct destination_outcome o = { 0 };
        struct sent s = { 0 };
        if (rows[i].moves != NULL) {
            sent_put(&s, "email", rows[i].moves);
            member_updated(m, &s, &a);
        }
        s = (struct sent){ 0 };
        sent_put(&s, "last_name", "Tied");
        s.change.external_id = text_of(arena_printf(A, "hr:%zu", i));
        s.change.ties = true;
        s.change.by_hand = rows[i].by_hand;
        a.external_id = text_of(rows[i].known);
        if (rows[i].role != NULL) {
            if (member_is_memory(m))
                memory_platform_find(&member_memory, a.remote_id)->is.role = TEXT_LIT("viewer");
            a.role = text_of(rows[i].role);
        }
        enum rc_code rc = m->ops->update(m->l, CHANGE_OF(s, a), A, &o, &err);
        is = member_again(m, &a);
        if ((rc == RC_OK) != (rows[i].changed == NULL))
            fail_msg("row %zu: %s (%s)", i, rc_code_name(rc), err.text);
        if (rc == RC_OK) {
            SHOWS(is, USER_LAST_NAME, "Tied");
            continue;
        }
        FAILS(rc, RC_CONFLICT, "destination.changed");
        assert_non_null(strstr(err.text, rows[i].changed));
        assert_true(text_equal(o.shows.remote_id, a.remote_id));
        assert_true(text_equal(is.external_id, member_made(m, NULL).external_id) ||
                    text_is(is.external_id, rows[i].carries));
        SHOWS(is, USER_LAST_NAME, "Łukasz");
    }
}

static void who_was_made_is_found_by_every_key(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:eu/1001");
    assert_int_equal(a.remote_id.state, TEXT_SET);
    assert_true(text_is(a.external_id, "hr:eu/1001"));
    assert_int_equal(a.status, ACCOUNT_ACTIVE);
    struct account by[] = { member_found(m, DESTINATION_BY_ID, a.remote_id),
                            member_found(m, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:eu/1001")),
                            member_found(m, DESTINATION_BY_EMAIL, TEXT_LIT("ZOE.1@example.ORG")) };
    for (size_t i = 0; i < RC_LEN(by); i++) {
        assert_true(text_equal(by[i].remote_id, a.remote_id));
        assert_true(text_is(by[i].external_id, "hr:eu/1001"));
        assert_int_equal(by[i].user_id, 0);
        assert_int_equal(by[i].tie, ACCOUNT_STRANGER);
        SHOWS(by[i], USER_FIRST_NAME, "Zoë");
        SHOWS(by[i], USER_LAST_NAME, "Łukasz");
        SHOWS(by[i], USER_EMAIL, "zoe.1@example.org");
    }
}

static void somebody_unknown_is_not_found(void **state) {
    struct member *m = *state;
    struct account a = { .user_id = 99 };
    struct sent s = { 0 };
    struct destination_outcome o;
    FAILS(m->ops->find(m->l, DESTINATION_BY_ID, TEXT_LIT("424242"), A, &a, &err), RC_NOT_FOUND,
          "destination.unknown");
    FAILS(m->ops->find(m->l, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:nobody"), A, &a, &err),
          RC_NOT_FOUND, "destination.unknown");
    FAILS(m->ops->find(m->l, DESTINATION_BY_EMAIL, TEXT_LIT("nobody@example.org"), A, &a, &err),
          RC_NOT_FOUND, "destination.unknown");
    assert_int_equal(a.user_id, 99);
    a = (struct account){ .remote_id = TEXT_LIT("424242"), .status = ACCOUNT_ACTIVE };
    sent_put(&s, "job_title", "Cook");
    FAILS(m->ops->update(m->l, CHANGE_OF(s, a), A, &o, &err), RC_NOT_FOUND, "destination.unknown");
    FAILS(m->ops->deactivate(m->l, &a, &err), RC_NOT_FOUND, "destination.unknown");
    FAILS(m->ops->reactivate(m->l, &a, &err), RC_NOT_FOUND, "destination.unknown");
}

static void a_mail_goes_out_only_when_it_is_asked_for(void **state) {
    struct member *m = *state;
    struct destination_outcome o;
    struct account silent = member_made(m, "hr:1");
    struct sent s;
    sent_somebody(&s, "hr:2");
    s.change.mails = true;
    OK(m->ops->create(m->l, &s.change, A, &o, &err));
    assert_int_equal(member_mails(m, &silent), 0);
    assert_int_equal(member_mails(m, &o.shows), 1);
    assert_int_equal(member_again(m, &silent).mail, ACCOUNT_MAIL_UNKNOWN);
    assert_int_equal(member_again(m, &o.shows).mail, ACCOUNT_MAIL_SENT);
}

static void an_update_changes_what_it_names_and_nothing_else(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "job_title", "Köchin");
    sent_put(&s, "primary_location", "Leeds");
    sent_put(&s, "hire_date", "2026-03-02");
    struct destination_outcome o = member_updated(m, &s, &a);
    struct account after[] = { o.shows, member_again(m, &a) };
    assert_int_equal(o.refused, 0);
    for (size_t i = 0; i < RC_LEN(after); i++) {
        SHOWS(after[i], USER_JOB_TITLE, "Köchin");
        SHOWS(after[i], USER_PRIMARY_LOCATION, "Leeds");
        SHOWS(after[i], USER_HIRE_DATE, "2026-03-02");
        SHOWS(after[i], USER_FIRST_NAME, "Zoë");
        SHOWS(after[i], USER_EMAIL, "zoe.1@example.org");
        assert_true(text_is(after[i].external_id, "hr:1"));
    }
    assert_int_equal(member_mails(m, &a), 0);
}

static void a_value_can_be_emptied(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:1");
    struct sent s = { 0 }, empty = { 0 };
    sent_put(&s, "job_title", "Cook");
    (void)member_updated(m, &s, &a);
    sent_put(&empty, "job_title", "");
    struct destination_outcome o = member_updated(m, &empty, &a);
    assert_int_equal(o.refused, 0);
    assert_int_equal(member_again(m, &a).fields[USER_JOB_TITLE].known.state, TEXT_EMPTY);
}

static void another_address_and_name_keep_the_account(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "email", "married@example.org");
    sent_put(&s, "last_name", "Żółć");
    (void)member_updated(m, &s, &a);
    struct account after = member_found(m, DESTINATION_BY_EMAIL, TEXT_LIT("married@example.org"));
    assert_true(text_equal(after.remote_id, a.remote_id));
    SHOWS(after, USER_LAST_NAME, "Żółć");
    assert_int_equal(member_mails(m, &a), 0);
}

static void what_another_account_has_is_a_conflict_and_nothing_is_changed(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:1"), b = member_made(m, "hr:2");
    struct destination_outcome o = { .refused = 99 };
    struct sent s = { 0 };
    sent_put(&s, "email", "Zoe.1@Example.org");
    sent_put(&s, "job_title", "Cook");
    FAILS(m->ops->update(m->l, CHANGE_OF(s, b), A, &o, &err), RC_CONFLICT, "destination.taken");
    SHOWS(member_again(m, &b), USER_EMAIL, "zoe.2@example.org");
    assert_int_equal(member_again(m, &b).fields[USER_JOB_TITLE].known.state, TEXT_EMPTY);
    sent_somebody(&s, "hr:1");
    FAILS(m->ops->create(m->l, &s.change, A, &o, &err), RC_CONFLICT, "destination.taken");
    sent_somebody(&s, "hr:3");
    s.fields[2].to = TEXT_LIT("zoe.1@example.org");
    FAILS(m->ops->create(m->l, &s.change, A, &o, &err), RC_CONFLICT, "destination.taken");
    assert_int_equal(o.refused, 99);
    assert_true(text_is(member_again(m, &a).external_id, "hr:1"));
}

static void a_refused_value_is_named_and_the_others_go_through(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:1");
    struct destination_outcome o;
    struct sent s = { 0 };
    sent_put(&s, "primary_location", "Leeds");
    sent_put(&s, "job_title", member_too_long);
    o = member_updated(m, &s, &a);
    assert_int_equal(o.refused, 1u << 1);
    assert_int_equal(o.said.state, TEXT_SET);
    SHOWS(member_again(m, &a), USER_PRIMARY_LOCATION, "Leeds");
    assert_int_equal(member_again(m, &a).fields[USER_JOB_TITLE].known.state, TEXT_EMPTY);
    sent_somebody(&s, "hr:2"); /* and an account is not withheld for it */
    sent_put(&s, "job_title", member_too_long);
    OK(m->ops->create(m->l, &s.change, A, &o, &err));
    assert_int_equal(o.refused, 1u << 3);
    assert_true(text_is(member_again(m, &o.shows).external_id, "hr:2"));
}

static void where_everything_is_refused_nothing_was_done(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:1");
    struct destination_outcome o = { 0 };
    struct sent s = { 0 };
    sent_put(&s, "job_title", member_too_long);
    FAILS(m->ops->update(m->l, CHANGE_OF(s, a), A, &o, &err), RC_INVALID, "destination.refused");
    assert_int_equal(o.refused, 1);
    assert_int_equal(o.said.state, TEXT_SET);
    sent_somebody(&s, "hr:2");
    s.fields[1].to = text_of(member_too_long); /* no account without a last name */
    o = (struct destination_outcome){ 0 };
    FAILS(m->ops->create(m->l, &s.change, A, &o, &err), RC_INVALID, "destination.refused");
    assert_int_equal(o.refused, 1u << 1);
    FAILS(m->ops->find(m->l, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:2"), A, &a, &err),
          RC_NOT_FOUND, "destination.unknown");
}

static void a_stranger_is_linked_by_our_external_id(void **state) {
    struct member *m = *state;
    struct account a = member_found(m, DESTINATION_BY_EMAIL, TEXT_LIT("owner@nordkap.example"));
    struct sent s = { 0 };
    s.change.external_id = TEXT_LIT("hr:77");
    struct destination_outcome o = member_updated(m, &s, &a);
    assert_true(text_is(o.shows.external_id, "hr:77"));
    struct account after = member_found(m, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:77"));
    assert_true(text_equal(after.remote_id, a.remote_id));
    assert_true(text_is(after.role, "owner"));
    SHOWS(after, USER_FIRST_NAME, "Ada");
    assert_int_equal(member_mails(m, &a), 0);
}

static void who_is_let_go_of_has_no_external_id_any_more(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:78");
    struct destination_change c = { .external_id = TEXT_NONE, .now = &a };
    struct destination_outcome o;
    assert_int_equal(m->ops->update(m->l, &c, A, &o, &err), RC_OK);
    assert_int_not_equal(member_again(m, &a).external_id.state, TEXT_SET);
    assert_int_equal(m->ops->find(m->l, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:78"), A, &a, &err),
                     RC_NOT_FOUND);
}

static void fields_of_its_own_are_set(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "Employee number", "N-17");
    assert_int_equal(member_updated(m, &s, &a).refused, 0);
    struct account after = member_again(m, &a);
    assert_true(text_is(account_custom_find(&after, TEXT_LIT("Employee number"))->known, "N-17"));
}

static void managers_are_set_by_their_id(void **state) {
    struct member *m = *state;
    struct account boss = member_made(m, "hr:1"), a = member_made(m, "hr:2");
    struct sent s = { 0 };
    sent_put(&s, "manager", arena_str(A, boss.remote_id.ptr, boss.remote_id.len));
    assert_int_equal(member_updated(m, &s, &a).refused, 0);
    assert_true(text_equal(member_again(m, &a).fields[USER_MANAGER].known, boss.remote_id));
}

/* ---- states ---- */

static void closing_and_opening_again_may_be_repeated(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:1");
    for (int i = 0; i < 2; i++)
        OK(m->ops->deactivate(m->l, &a, &err));
    assert_int_equal(member_again(m, &a).status, ACCOUNT_DEACTIVATED);
    assert_int_equal(member_found(m, DESTINATION_BY_EMAIL, TEXT_LIT("zoe.1@example.org")).status,
                     ACCOUNT_DEACTIVATED);
    assert_int_equal(member_found(m, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:1")).status,
                     ACCOUNT_DEACTIVATED);
    for (int i = 0; i < 2; i++)
        OK(m->ops->reactivate(m->l, &a, &err));
    assert_int_equal(member_again(m, &a).status, ACCOUNT_ACTIVE);
    assert_int_equal(member_mails(m, &a), 0);
}

static void the_last_owner_is_not_closed(void **state) {
    struct member *m = *state;
    struct account a = member_found(m, DESTINATION_BY_EMAIL, TEXT_LIT("owner@nordkap.example"));
    FAILS(m->ops->deactivate(m->l, &a, &err), RC_INVALID, "destination.refused");
    assert_int_equal(member_again(m, &a).status, ACCOUNT_ACTIVE);
}

static void an_invitation_goes_out_once_or_is_refused(void **state) {
    struct member *m = *state;
    struct account a = member_made(m, "hr:1");
    struct policy_caps caps;
    OK(m->ops->caps(m->l, A, &caps, &err));
    if (!caps.invites) {
        FAILS(m->ops->invite(m->l, &a, &err), RC_INVALID, "destination.refused");
        assert_int_equal(member_mails(m, &a), 0);
        return;
    }
    for (int i = 0; i < 2; i++)
        OK(m->ops->invite(m->l, &a, &err));
    assert_int_equal(member_mails(m, &a), 1);
}

/* ---- lists ---- */

static size_t listed(struct member *m, enum destination_list what, struct text wanted,
                     size_t *ret_hits) {
    struct destination_page p = { 0 };
    int64_t declared[4] = { 0 };
    size_t rows = 0, in_pass[4] = { 0 };
    *ret_hits = 0;
    OK(m->ops->list_begin(m->l, what, &err));
    for (int pages = 0; !p.ends; pages++) {
        assert_true(pages < 100);
        OK(m->ops->list_next(m->l, A, &p, &err));
        assert_true(p.pass < RC_LEN(in_pass));
        declared[p.pass] = p.declared_total;
        in_pass[p.pass] += p.accounts_n + p.teams_n;
        rows += p.accounts_n + p.teams_n;
        for (size_t i = 0; i < p.accounts_n; i++)
            *ret_hits += text_equal(p.accounts[i].remote_id, wanted);
        for (size_t i = 0; i < p.teams_n; i++)
            *ret_hits += text_equal(p.teams[i].remote_id, wanted);
    }
    for (size_t i = 0; i < RC_LEN(in_pass); i++)
        assert_int_equal(in_pass[i], declared[i]);
    return rows;
}

static void everybody_is_listed_deactivated_or_not(void **state) {
    struct member *m = *state;
    struct account open = member_made(m, "hr:1"), closed = member_made(m, "hr:2");
    size_t hits, before = listed(m, DESTINATION_ACCOUNTS, open.remote_id, &hits);
    assert_int_equal(hits, 1);
    OK(m->ops->deactivate(m->l, &closed, &err));
    assert_int_equal(listed(m, DESTINATION_ACCOUNTS, closed.remote_id, &hits), before);
    assert_int_equal(hits, 1);
    struct destination_team t = member_team(m, "Works", "t:1");
    assert_true(listed(m, DESTINATION_TEAMS, t.remote_id, &hits) > 0);
    assert_int_equal(hits, 1);
}

static void a_listing_can_be_begun_again_in_the_middle(void **state) {
    struct member *m = *state;
    struct destination_page p;
    size_t hits;
    for (int i = 0; i < 5; i++)
        (void)member_made(m, arena_printf(A, "hr:%d", i));
    size_t all = listed(m, DESTINATION_ACCOUNTS, TEXT_NONE, &hits);
    OK(m->ops->list_begin(m->l, DESTINATION_ACCOUNTS, &err));
    OK(m->ops->list_next(m->l, A, &p, &err));
    assert_false(p.ends);
    assert_int_equal(listed(m, DESTINATION_ACCOUNTS, TEXT_NONE, &hits), all);
    assert_int_equal(m->ops->list_next(m->l, A, &p, &err), RC_FATAL); /* it is over */
}

/* ---- what it can ---- */

static void what_it_can_do_is_sound(void **state) {
    struct member *m = *state;
    struct policy_caps caps;
    OK(m->ops->caps(m->l, A, &caps, &err));
    assert_int_equal(caps.needs & ~caps.takes, 0);
    assert_int_equal(caps.empties & ~caps.takes, 0);
    assert_int_equal(caps.empties & caps.needs, 0);
    assert_true((caps.needs & 1u << USER_EMAIL) != 0);
    assert_int_equal(caps.owner_role.state, TEXT_SET);
    assert_true(text_is(m->ops->shown_as(USER_JOB_TITLE, TEXT_LIT("Cook")), "Cook"));
}

static void check_says_last_how_many_accounts_there_are(void **state) {
    struct member *m = *state;
    struct destination_check c;
    OK(m->ops->check(m->l, NULL, 0, A, &c, &err));
    assert_true(c.accounts_n > 0);
    assert_true(c.findings_n > 0);
    assert_string_equal(c.findings[c.findings_n - 1].name, "accounts");
    for (size_t i = 0; i < c.findings_n; i++) {
        assert_true(c.findings[i].name[0] != '\0' && c.findings[i].text[0] != '\0');
        assert_int_not_equal(c.findings[i].level, FINDING_FAIL);
    }
}

static void a_required_setting_is_asked_for_by_name(void **state) {
    struct member *m = *state;
    for (size_t i = 0; m->ops->settings[i].key != NULL; i++) {
        const char *extra[] = { m->ops->settings[i].key, "", NULL };
        struct destination *d = NULL;
        if (!m->ops->settings[i].required)
            continue;
        FAILS(bed_try_open(extra, &d, &err), RC_INVALID, "setting");
        assert_non_null(strstr(err.text, m->ops->settings[i].key));
        assert_null(d);
    }
}

int main(int argc, char **argv) {
    struct CMUnitTest tests[] = {
        MEMBER_TEST(who_was_made_is_found_by_every_key),
        MEMBER_TEST(somebody_unknown_is_not_found),
        MEMBER_TEST(a_mail_goes_out_only_when_it_is_asked_for),
        MEMBER_TEST(an_update_changes_what_it_names_and_nothing_else),
        MEMBER_TEST(a_value_can_be_emptied),
        MEMBER_TEST(another_address_and_name_keep_the_account),
        MEMBER_TEST(what_another_account_has_is_a_conflict_and_nothing_is_changed),
        MEMBER_TEST(a_refused_value_is_named_and_the_others_go_through),
        MEMBER_TEST(where_everything_is_refused_nothing_was_done),
        MEMBER_TEST(a_stranger_is_linked_by_our_external_id),
        MEMBER_TEST(who_is_another_by_now_is_not_tied),
        MEMBER_TEST(who_is_let_go_of_has_no_external_id_any_more),
        MEMBER_TEST(fields_of_its_own_are_set),
        MEMBER_TEST(managers_are_set_by_their_id),
        MEMBER_TEST(closing_and_opening_again_may_be_repeated),
        MEMBER_TEST(the_last_owner_is_not_closed),
        MEMBER_TEST(an_invitation_goes_out_once_or_is_refused),
        MEMBER_TEST(everybody_is_listed_deactivated_or_not),
        MEMBER_TEST(a_listing_can_be_begun_again_in_the_middle),
        MEMBER_TEST(what_it_can_do_is_sound),
        MEMBER_TEST(check_says_last_how_many_accounts_there_are),
        MEMBER_TEST(a_required_setting_is_asked_for_by_name),
    };
    return member_run(tests, RC_LEN(tests), argc, argv);
}
