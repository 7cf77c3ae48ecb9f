#include "tests/sync/hands.h"

#include "store/directory.h"
#include "sync/left.h"

static struct platform academy;

struct accounts_context hands_context(struct delivers *d) {
    academy = delivers_platform(d);
    return (struct accounts_context){ d->w->bed->st, d->w->bed->key, &d->w->company,
                                      &academy,      &d->w->clock,   "a test" };
}

int64_t hands_user(struct delivers *d, const char *person) {
    struct person who;
    OK(directory_find(d->w->bed->st, d->w->company.company_id, d->w->bed->in.integration_id,
                      text_of(person), &d->w->bed->a, &who, &d->err));
    return who.user_id;
}

/* ---- what they say ---- */

enum rc_code hands_try_link(struct delivers *d, struct text id, const char *person,
                            bool confirmed) {
    struct accounts_context x = hands_context(d);
    d->err = (struct rc_error){ 0 };
    return accounts_link(&x, id, hands_user(d, person), confirmed, &d->w->bed->a, NULL, &d->err);
}

void hands_link(struct delivers *d, struct text id, const char *person) {
    if (hands_try_link(d, id, person, true) != RC_OK)
        fail_msg("not linked: %s", d->err.text);
}

void hands_unlink(struct delivers *d, struct text id) {
    struct accounts_context x = hands_context(d);
    struct accounts_tie tie;
    OK(accounts_unlink(&x, id, &d->w->bed->a, &tie, &d->err));
}

void hands_ignore(struct delivers *d, struct text id, bool is) {
    struct accounts_context x = hands_context(d);
    OK(accounts_ignore(&x, &id, 1, is, &d->err));
}

enum rc_code hands_try_answer(struct delivers *d, const char *person, enum accounts_answer answer) {
    struct accounts_context x = hands_context(d);
    d->err = (struct rc_error){ 0 };
    return accounts_resolve(&x, hands_user(d, person), answer, NULL, &d->err);
}

void hands_answer(struct delivers *d, const char *person, enum accounts_answer answer) {
    if (hands_try_answer(d, person, answer) != RC_OK)
        fail_msg("%s: %s", accounts_answer_name(answer), d->err.text);
}

/* ---- looking ---- */

struct text hands_id(struct delivers *d, const char *person) {
    return text_copy(&d->w->bed->a, delivers_id(d, person));
}

const struct account *hands_there(struct delivers *d, struct text id) {
    return &memory_platform_find(&d->there, id)->is;
}

struct text hands_stranger(struct delivers *d, const char *first_name, const char *last_name,
                           const char *email) {
    struct arena *a = &d->w->bed->a;
    return text_copy(
        a, memory_platform_put(&d->there,
                               (const char *const[]){ arena_printf(a, "first_name=%s", first_name),
                                                      arena_printf(a, "last_name=%s", last_name),
                                                      arena_printf(a, "email=%s", email),
                                                      "mail=sent", NULL }));
}

struct text hands_two_for_8(struct delivers *d, struct text *ret_other) {
    world_add(d->w, "8");
    world_import(d->w);
    struct text with_id = hands_stranger(d, "Some", "Body", "some@x.org");
    *ret_other = hands_stranger(d, "First8", "Last8", "other8@x.org");
    memory_platform_find(&d->there, with_id)->is.external_id = TEXT_LIT("rc:hr:8");
    delivers_day(d, 1);
    delivers_run(d);
    return with_id;
}

void hands_code_is(struct delivers *d, const char *person, const char *code) {
    assert_string_equal(delivers_code(d, person), code);
}

const char *hands_left(struct delivers *d) {
    struct arena *a = &d->w->bed->a;
    struct account_row *rows;
    size_t n = 0;
    int64_t all = 0;
    const char *s = "";
    (void)hands_context(d);
    OK(left_find(d->w->bed->st, &d->w->company, &academy, clock_now_us(&d->w->clock), 0, 10, a,
                 &rows, &n, &all, &d->err));
    assert_int_equal(n, all);
    for (size_t i = 0; i < n; i++) {
        struct person who;
        OK(directory_get(d->w->bed->st, d->w->company.company_id, rows[i].is.user_id, a, &who,
                         &d->err));
        s = arena_printf(a, "%s%s%.*s %.*s", s, *s != '\0' ? ", " : "", TEXT_ARG(who.source_id),
                         TEXT_ARG(rows[i].code));
    }
    return s;
}

/* ---- time goes on ---- */

void hands_put_back(struct delivers *d, struct account_row *row) {
    struct bed *b = d->w->bed;
    OK(db_begin(b->st->db, &why));
    OK(account_save(b->st, b->company_id, d->destination_id, row, &why));
    OK(db_commit(b->st->db, &why));
    place_exec(b->st->db,
               arena_printf(&b->a, "UPDATE destination SET listed_at = NULL, restored_at = %lld",
                            (long long)clock_now_us(&d->w->clock)));
}

struct run hands_hour(struct delivers *d) {
    clock_fake_move(&d->w->fake, HOUR_S * INT64_C(1000000));
    return delivers_run(d);
}

struct run hands_day(struct delivers *d) {
    delivers_day(d, 1);
    world_import(d->w);
    return delivers_run(d);
}
