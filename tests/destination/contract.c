/* What every destination promises, over all its members: one in memory, and Learn Amp as the sandbox
 * plays it. */
#include <stdio.h>
#include <stdlib.h>

#include "destination/memory.h"
#include "tests/destination/bed.h"

struct member {
    const char *name;
    struct destination *d;
    struct destination_lane *l;
    const struct destination_ops *ops;
};
static struct member members[] = { { .name = "memory" }, { .name = "learnamp" } };
static struct memory_platform memory;
static char too_long[301];
static struct rc_error err;

static bool is_memory(const struct member *m) {
    return strcmp(m->name, "memory") == 0;
}

/* Both have an owner, who is a stranger, and a field of their own. */
static int set_up(void **state) {
    static const char *const owner[] = { "first_name=Ada", "last_name=Lindqvist",
                                         "email=owner@nordkap.example", "role=owner", NULL };
    struct member *m = *state;
    memset(too_long, 'x', sizeof too_long - 1);
    err = (struct rc_error){ .name = "" };
    bed_fresh(state);
    memory_platform_init(&memory);
    memory.refuses = too_long;
    memory_platform_put(&memory, owner);
    m->d = bed.d;
    m->l = bed.l;
    if (is_memory(m)) {
        struct destination_config config = { .ops = &memory.ops, .clock = &bed.clock };
        assert_int_equal(destination_open(&config, &m->d, &err), RC_OK);
        m->l = destination_lane_new(m->d);
    }
    m->ops = m->d->ops;
    return 0;
}

static int tear_down(void **state) {
    struct member *m = *state;
    if (is_memory(m)) {
        destination_lane_free(m->l);
        destination_close(m->d);
    }
    memory_platform_done(&memory);
    return bed_left(state);
}

#define A (&bed.arena)
#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != RC_OK)                                                                       \
            fail_msg("%s: %s", #call, err.text);                                                   \
    } while (0)
#define FAILS(call, code, stable)                                                                  \
    do {                                                                                           \
        assert_int_equal(call, code);                                                              \
        assert_string_equal(err.name, stable);                                                     \
        assert_true(err.text[0] != '\0');                                                          \
    } while (0)
#define SHOWS(account, field, value)                                                               \
    do {                                                                                           \
        if (!text_is((account).fields[field].known, value))                                        \
            fail_msg("%s is \"%.*s\"", user_field_name(field),                                     \
                     TEXT_ARG((account).fields[field].known));                                     \
    } while (0)

static struct account made(struct member *m, const char *external_id) {
    return sent_made(m->l, A, external_id);
}

static struct account found(struct member *m, enum destination_key by, struct text key) {
    struct account a;
    OK(m->ops->find(m->l, by, key, A, &a, &err));
    return a;
}

static struct account again(struct member *m, const struct account *a) {
    return found(m, DESTINATION_BY_ID, a->remote_id);
}

static unsigned mails(struct member *m, const struct account *a) {
    return is_memory(m) ? memory_platform_mails_to(&memory, a->remote_id) : bed_mails(a->remote_id);
}

static struct destination_outcome updated(struct member *m, struct sent *s,
                                          const struct account *now) {
    struct destination_outcome o;
    OK(m->ops->update(m->l, CHANGE_OF(*s, *now), A, &o, &err));
    return o;
}

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
        { NULL, NULL, NULL, "curator", NULL, true },
        { "okta:1", NULL, NULL, NULL, "external id", false },
        { "okta:2", NULL, NULL, NULL, "external id", true },
        { "okta:3", "okta:3", NULL, NULL, NULL, false },
        { "hr:8", NULL, NULL, NULL, NULL, false }, /* ours already: the answer was lost */
    };
    for (size_t i = 0; i < RC_LEN(rows); i++) {
        struct account a = made(m, rows[i].carries), is;
        struct destination_outcome o = { 0 };
        struct sent s = { 0 };
        if (rows[i].moves != NULL) {
            sent_put(&s, "email", rows[i].moves);
            updated(m, &s, &a);
        }
        s = (struct sent){ 0 };
        sent_put(&s, "last_name", "Tied");
        s.change.external_id = text_of(arena_printf(A, "hr:%zu", i));
        s.change.ties = true;
        s.change.by_hand = rows[i].by_hand;
        a.external_id = text_of(rows[i].known);
        if (rows[i].role != NULL) {
            if (is_memory(m))
                memory_platform_find(&memory, a.remote_id)->is.role = TEXT_LIT("viewer");
            a.role = text_of(rows[i].role);
        }
        enum rc_code rc = m->ops->update(m->l, CHANGE_OF(s, a), A, &o, &err);
        is = again(m, &a);
        if ((rc == RC_OK) != (rows[i].changed == NULL))
            fail_msg("row %zu: %s (%s)", i, rc_code_name(rc), err.text);
        if (rc == RC_OK) {
            SHOWS(is, USER_LAST_NAME, "Tied");
            continue;
        }
        FAILS(rc, RC_CONFLICT, "destination.changed");
        assert_non_null(strstr(err.text, rows[i].changed));
        assert_true(text_equal(o.shows.remote_id, a.remote_id));
        assert_true(text_equal(is.external_id, made(m, NULL).external_id) ||
                    text_is(is.external_id, rows[i].carries));
        SHOWS(is, USER_LAST_NAME, "Łukasz");
    }
}

static void who_was_made_is_found_by_every_key(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:eu/1001");
    assert_int_equal(a.remote_id.state, TEXT_SET);
    assert_true(text_is(a.external_id, "hr:eu/1001"));
    assert_int_equal(a.status, ACCOUNT_ACTIVE);
    struct account by[] = { found(m, DESTINATION_BY_ID, a.remote_id),
                            found(m, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:eu/1001")),
                            found(m, DESTINATION_BY_EMAIL, TEXT_LIT("ZOE.1@example.ORG")) };
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
    struct account silent = made(m, "hr:1");
    struct sent s;
    sent_somebody(&s, "hr:2");
    s.change.mails = true;
    OK(m->ops->create(m->l, &s.change, A, &o, &err));
    assert_int_equal(mails(m, &silent), 0);
    assert_int_equal(mails(m, &o.shows), 1);
    assert_int_equal(again(m, &silent).mail, ACCOUNT_MAIL_UNKNOWN);
    assert_int_equal(again(m, &o.shows).mail, ACCOUNT_MAIL_SENT);
}

static void an_update_changes_what_it_names_and_nothing_else(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "job_title", "Köchin");
    sent_put(&s, "primary_location", "Leeds");
    sent_put(&s, "hire_date", "2026-03-02");
    struct destination_outcome o = updated(m, &s, &a);
    struct account after[] = { o.shows, again(m, &a) };
    assert_int_equal(o.refused, 0);
    for (size_t i = 0; i < RC_LEN(after); i++) {
        SHOWS(after[i], USER_JOB_TITLE, "Köchin");
        SHOWS(after[i], USER_PRIMARY_LOCATION, "Leeds");
        SHOWS(after[i], USER_HIRE_DATE, "2026-03-02");
        SHOWS(after[i], USER_FIRST_NAME, "Zoë");
        SHOWS(after[i], USER_EMAIL, "zoe.1@example.org");
        assert_true(text_is(after[i].external_id, "hr:1"));
    }
    assert_int_equal(mails(m, &a), 0);
}

static void a_value_can_be_emptied(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:1");
    struct sent s = { 0 }, empty = { 0 };
    sent_put(&s, "job_title", "Cook");
    (void)updated(m, &s, &a);
    sent_put(&empty, "job_title", "");
    struct destination_outcome o = updated(m, &empty, &a);
    assert_int_equal(o.refused, 0);
    assert_int_equal(again(m, &a).fields[USER_JOB_TITLE].known.state, TEXT_EMPTY);
}

static void another_address_and_name_keep_the_account(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "email", "married@example.org");
    sent_put(&s, "last_name", "Żółć");
    (void)updated(m, &s, &a);
    struct account after = found(m, DESTINATION_BY_EMAIL, TEXT_LIT("married@example.org"));
    assert_true(text_equal(after.remote_id, a.remote_id));
    SHOWS(after, USER_LAST_NAME, "Żółć");
    assert_int_equal(mails(m, &a), 0);
}

static void what_another_account_has_is_a_conflict_and_nothing_is_changed(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:1"), b = made(m, "hr:2");
    struct destination_outcome o = { .refused = 99 };
    struct sent s = { 0 };
    sent_put(&s, "email", "Zoe.1@Example.org");
    sent_put(&s, "job_title", "Cook");
    FAILS(m->ops->update(m->l, CHANGE_OF(s, b), A, &o, &err), RC_CONFLICT, "destination.taken");
    SHOWS(again(m, &b), USER_EMAIL, "zoe.2@example.org");
    assert_int_equal(again(m, &b).fields[USER_JOB_TITLE].known.state, TEXT_EMPTY);
    sent_somebody(&s, "hr:1");
    FAILS(m->ops->create(m->l, &s.change, A, &o, &err), RC_CONFLICT, "destination.taken");
    sent_somebody(&s, "hr:3");
    s.fields[2].to = TEXT_LIT("zoe.1@example.org");
    FAILS(m->ops->create(m->l, &s.change, A, &o, &err), RC_CONFLICT, "destination.taken");
    assert_int_equal(o.refused, 99);
    assert_true(text_is(again(m, &a).external_id, "hr:1"));
}

static void a_refused_value_is_named_and_the_others_go_through(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:1");
    struct destination_outcome o;
    struct sent s = { 0 };
    sent_put(&s, "primary_location", "Leeds");
    sent_put(&s, "job_title", too_long);
    o = updated(m, &s, &a);
    assert_int_equal(o.refused, 1u << 1);
    assert_int_equal(o.said.state, TEXT_SET);
    SHOWS(again(m, &a), USER_PRIMARY_LOCATION, "Leeds");
    assert_int_equal(again(m, &a).fields[USER_JOB_TITLE].known.state, TEXT_EMPTY);
    sent_somebody(&s, "hr:2"); /* and an account is not withheld for it */
    sent_put(&s, "job_title", too_long);
    OK(m->ops->create(m->l, &s.change, A, &o, &err));
    assert_int_equal(o.refused, 1u << 3);
    assert_true(text_is(again(m, &o.shows).external_id, "hr:2"));
}

static void where_everything_is_refused_nothing_was_done(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:1");
    struct destination_outcome o = { 0 };
    struct sent s = { 0 };
    sent_put(&s, "job_title", too_long);
    FAILS(m->ops->update(m->l, CHANGE_OF(s, a), A, &o, &err), RC_INVALID, "destination.refused");
    assert_int_equal(o.refused, 1);
    assert_int_equal(o.said.state, TEXT_SET);
    sent_somebody(&s, "hr:2");
    s.fields[1].to = text_of(too_long); /* no account without a last name */
    o = (struct destination_outcome){ 0 };
    FAILS(m->ops->create(m->l, &s.change, A, &o, &err), RC_INVALID, "destination.refused");
    assert_int_equal(o.refused, 1u << 1);
    FAILS(m->ops->find(m->l, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:2"), A, &a, &err),
          RC_NOT_FOUND, "destination.unknown");
}

static void a_stranger_is_linked_by_our_external_id(void **state) {
    struct member *m = *state;
    struct account a = found(m, DESTINATION_BY_EMAIL, TEXT_LIT("owner@nordkap.example"));
    struct sent s = { 0 };
    s.change.external_id = TEXT_LIT("hr:77");
    struct destination_outcome o = updated(m, &s, &a);
    assert_true(text_is(o.shows.external_id, "hr:77"));
    struct account after = found(m, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:77"));
    assert_true(text_equal(after.remote_id, a.remote_id));
    assert_true(text_is(after.role, "owner"));
    SHOWS(after, USER_FIRST_NAME, "Ada");
    assert_int_equal(mails(m, &a), 0);
}

static void who_is_let_go_of_has_no_external_id_any_more(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:78");
    struct destination_change c = { .external_id = TEXT_NONE, .now = &a };
    struct destination_outcome o;
    assert_int_equal(m->ops->update(m->l, &c, A, &o, &err), RC_OK);
    assert_int_not_equal(again(m, &a).external_id.state, TEXT_SET);
    assert_int_equal(m->ops->find(m->l, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:78"), A, &a, &err),
                     RC_NOT_FOUND);
}

static void fields_of_its_own_are_set(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "Employee number", "N-17");
    assert_int_equal(updated(m, &s, &a).refused, 0);
    struct account after = again(m, &a);
    assert_true(text_is(account_custom_find(&after, TEXT_LIT("Employee number"))->known, "N-17"));
}

static void managers_are_set_by_their_id(void **state) {
    struct member *m = *state;
    struct account boss = made(m, "hr:1"), a = made(m, "hr:2");
    struct sent s = { 0 };
    sent_put(&s, "manager", arena_str(A, boss.remote_id.ptr, boss.remote_id.len));
    assert_int_equal(updated(m, &s, &a).refused, 0);
    assert_true(text_equal(again(m, &a).fields[USER_MANAGER].known, boss.remote_id));
}

/* ---- states ---- */

static void closing_and_opening_again_may_be_repeated(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:1");
    for (int i = 0; i < 2; i++)
        OK(m->ops->deactivate(m->l, &a, &err));
    assert_int_equal(again(m, &a).status, ACCOUNT_DEACTIVATED);
    assert_int_equal(found(m, DESTINATION_BY_EMAIL, TEXT_LIT("zoe.1@example.org")).status,
                     ACCOUNT_DEACTIVATED);
    assert_int_equal(found(m, DESTINATION_BY_EXTERNAL_ID, TEXT_LIT("hr:1")).status,
                     ACCOUNT_DEACTIVATED);
    for (int i = 0; i < 2; i++)
        OK(m->ops->reactivate(m->l, &a, &err));
    assert_int_equal(again(m, &a).status, ACCOUNT_ACTIVE);
    assert_int_equal(mails(m, &a), 0);
}

static void the_last_owner_is_not_closed(void **state) {
    struct member *m = *state;
    struct account a = found(m, DESTINATION_BY_EMAIL, TEXT_LIT("owner@nordkap.example"));
    FAILS(m->ops->deactivate(m->l, &a, &err), RC_INVALID, "destination.refused");
    assert_int_equal(again(m, &a).status, ACCOUNT_ACTIVE);
}

static void an_invitation_goes_out_once_or_is_refused(void **state) {
    struct member *m = *state;
    struct account a = made(m, "hr:1");
    struct policy_caps caps;
    OK(m->ops->caps(m->l, A, &caps, &err));
    if (!caps.invites) {
        FAILS(m->ops->invite(m->l, &a, &err), RC_INVALID, "destination.refused");
        assert_int_equal(mails(m, &a), 0);
        return;
    }
    for (int i = 0; i < 2; i++)
        OK(m->ops->invite(m->l, &a, &err));
    assert_int_equal(mails(m, &a), 1);
}

/* ---- teams ---- */

static struct destination_team team_made(struct member *m, const char *name, const char *external) {
    struct destination_team t;
    OK(m->ops->team_create(m->l, text_of(name), text_of(external), A, &t, &err));
    return t;
}

static void a_team_is_made_renamed_and_deleted(void **state) {
    struct member *m = *state;
    struct destination_team t = team_made(m, "Works", "hr:team:1"), renamed;
    assert_true(text_is(t.name, "Works"));
    assert_true(text_is(t.external_id, "hr:team:1"));
    OK(m->ops->team_find(m->l, t.remote_id, A, &renamed, &err));
    assert_true(text_equal(renamed.remote_id, t.remote_id) && text_equal(renamed.name, t.name));
    OK(m->ops->team_update(m->l, t.remote_id, TEXT_LIT("Plant"), text_of(NULL), A, &renamed, &err));
    assert_true(text_equal(renamed.remote_id, t.remote_id));
    assert_true(text_is(renamed.name, "Plant"));
    assert_true(text_is(renamed.external_id, "hr:team:1"));
    FAILS(m->ops->team_create(m->l, TEXT_LIT("Other"), TEXT_LIT("hr:team:1"), A, &t, &err),
          RC_CONFLICT, "destination.taken");
    OK(m->ops->team_delete(m->l, renamed.remote_id, &err));
    FAILS(m->ops->team_delete(m->l, renamed.remote_id, &err), RC_NOT_FOUND, "destination.unknown");
    FAILS(m->ops->team_find(m->l, renamed.remote_id, A, &t, &err), RC_NOT_FOUND,
          "destination.unknown");
    FAILS(m->ops->team_update(m->l, renamed.remote_id, TEXT_LIT("X"), text_of(NULL), A, &t, &err),
          RC_NOT_FOUND, "destination.unknown");
}

static struct text both(struct text a, struct text b) {
    struct text ids[] = { a, b }, joined;
    assert_int_equal(user_teams_join(A, ids, 2, &joined), RC_OK);
    return joined;
}

static void secondary_teams_move_from_ours_to_ours_and_leave_others_alone(void **state) {
    struct member *m = *state;
    struct destination_team one = team_made(m, "One", "t:1"), two = team_made(m, "Two", "t:2"),
                            three = team_made(m, "Three", "t:3"),
                            theirs = team_made(m, "By hand", NULL);
    struct account a = made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "secondary_teams", "x");
    s.fields[0].to = both(one.remote_id, theirs.remote_id); /* as if by hand */
    assert_int_equal(updated(m, &s, &a).refused, 0);
    s.fields[0].from = one.remote_id;
    s.fields[0].to = both(two.remote_id, three.remote_id);
    struct destination_outcome o = updated(m, &s, &a);
    struct text ids[] = { two.remote_id, three.remote_id, theirs.remote_id }, want;
    assert_int_equal(user_teams_join(A, ids, 3, &want), RC_OK);
    assert_true(text_equal(o.shows.fields[USER_SECONDARY_TEAMS].known, want));
    assert_true(text_equal(again(m, &a).fields[USER_SECONDARY_TEAMS].known, want));
    for (int i = 0; i < 2; i++)
        OK(m->ops->team_leave(m->l, two.remote_id, a.remote_id, &err));
    assert_true(text_equal(again(m, &a).fields[USER_SECONDARY_TEAMS].known,
                           both(three.remote_id, theirs.remote_id)));
}

static void a_primary_team_is_not_left_for_a_secondary_one(void **state) {
    struct member *m = *state;
    struct destination_team one = team_made(m, "One", "t:1"), two = team_made(m, "Two", "t:2");
    struct account a = made(m, "hr:1");
    struct sent s = { 0 };
    sent_put(&s, "secondary_teams", "x");
    s.fields[0].to = one.remote_id;
    (void)updated(m, &s, &a);
    s = (struct sent){ 0 };
    sent_put(&s, "primary_team", arena_str(A, one.remote_id.ptr, one.remote_id.len));
    sent_put(&s, "secondary_teams", "x");
    s.fields[1].from = one.remote_id;
    s.fields[1].to = two.remote_id;
    (void)updated(m, &s, &a);
    struct account after = again(m, &a);
    assert_true(text_equal(after.fields[USER_PRIMARY_TEAM].known, one.remote_id));
    assert_true(is_memory(m) ||
                text_equal(after.fields[USER_SECONDARY_TEAMS].known, two.remote_id));
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
    struct account open = made(m, "hr:1"), closed = made(m, "hr:2");
    size_t hits, before = listed(m, DESTINATION_ACCOUNTS, open.remote_id, &hits);
    assert_int_equal(hits, 1);
    OK(m->ops->deactivate(m->l, &closed, &err));
    assert_int_equal(listed(m, DESTINATION_ACCOUNTS, closed.remote_id, &hits), before);
    assert_int_equal(hits, 1);
    struct destination_team t = team_made(m, "Works", "t:1");
    assert_true(listed(m, DESTINATION_TEAMS, t.remote_id, &hits) > 0);
    assert_int_equal(hits, 1);
}

static void a_listing_can_be_begun_again_in_the_middle(void **state) {
    struct member *m = *state;
    struct destination_page p;
    size_t hits;
    for (int i = 0; i < 5; i++)
        (void)made(m, arena_printf(A, "hr:%d", i));
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

#undef TEST
#define TEST(f)                                                                                    \
    {                                                                                              \
        .name = #f, .test_func = f, .setup_func = set_up, .teardown_func = tear_down,              \
        .initial_state = m                                                                         \
    }

int main(int argc, char **argv) {
    int failed = 0;
    if (argc < 2)
        return 2;
    bed_start(argv[1], "public");
    for (size_t i = 0; i < RC_LEN(members); i++) {
        struct member *m = &members[i];
        const struct CMUnitTest tests[] = {
            TEST(who_was_made_is_found_by_every_key),
            TEST(somebody_unknown_is_not_found),
            TEST(a_mail_goes_out_only_when_it_is_asked_for),
            TEST(an_update_changes_what_it_names_and_nothing_else),
            TEST(a_value_can_be_emptied),
            TEST(another_address_and_name_keep_the_account),
            TEST(what_another_account_has_is_a_conflict_and_nothing_is_changed),
            TEST(a_refused_value_is_named_and_the_others_go_through),
            TEST(where_everything_is_refused_nothing_was_done),
            TEST(a_stranger_is_linked_by_our_external_id),
            TEST(who_is_another_by_now_is_not_tied),
            TEST(who_is_let_go_of_has_no_external_id_any_more),
            TEST(fields_of_its_own_are_set),
            TEST(managers_are_set_by_their_id),
            TEST(closing_and_opening_again_may_be_repeated),
            TEST(the_last_owner_is_not_closed),
            TEST(an_invitation_goes_out_once_or_is_refused),
            TEST(a_team_is_made_renamed_and_deleted),
            TEST(secondary_teams_move_from_ours_to_ours_and_leave_others_alone),
            TEST(a_primary_team_is_not_left_for_a_secondary_one),
            TEST(everybody_is_listed_deactivated_or_not),
            TEST(a_listing_can_be_begun_again_in_the_middle),
            TEST(what_it_can_do_is_sound),
            TEST(check_says_last_how_many_accounts_there_are),
            TEST(a_required_setting_is_asked_for_by_name),
        };
        printf("# %s\n", m->name);
        failed += _cmocka_run_group_tests(m->name, tests, RC_LEN(tests), NULL, NULL);
    }
    bed_stop();
    return failed;
}
